package camera

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cheval/internal/latest"
)

// These tests run on synctest's clock: seconds of waiting cost nothing, and
// no time is measured.

// part is one thing that a rehearsed device does.
type part struct {
	frames int           // delivers so many, one every 33 ms
	pause  time.Duration // then waits, as a driver would: deaf to ctx
	hang   chan struct{} // then hangs until this closes
	err    error         // then fails
}

// rehearsed is a device that plays one list of parts at each opening.
type rehearsed struct {
	mu     sync.Mutex
	plays  [][]part
	opened int
	closed int
}

func (r *rehearsed) open(context.Context) (Source, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	play := r.plays[min(r.opened, len(r.plays)-1)]
	r.opened++
	if len(play) == 1 && play[0].frames == 0 && play[0].err != nil {
		return nil, play[0].err
	}
	return &playing{device: r, parts: slices.Clone(play)}, nil
}

func (r *rehearsed) counts() (opened, closed int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.opened, r.closed
}

type playing struct {
	device *rehearsed
	parts  []part
	pool   framePool
}

func (p *playing) Next(ctx context.Context) (*Frame, error) {
	for len(p.parts) > 0 {
		now := &p.parts[0]
		if now.frames > 0 {
			now.frames--
			if !sleep(ctx, 33*time.Millisecond) {
				return nil, ctx.Err()
			}
			return p.pool.get(64, 48), nil
		}
		time.Sleep(now.pause)
		if now.hang != nil {
			<-now.hang
		}
		if now.err != nil {
			return nil, now.err
		}
		p.parts = p.parts[1:]
	}
	<-ctx.Done()
	return nil, ctx.Err()
}

func (p *playing) Close() error {
	p.device.mu.Lock()
	defer p.device.mu.Unlock()
	p.device.closed++
	return nil
}

// watched is a Live with what it said.
type watched struct {
	*Live
	box  *latest.Box[*Frame]
	mu   sync.Mutex
	said []Status
}

func watchLive(device *rehearsed) *watched {
	w := &watched{box: latest.New((*Frame).Release)}
	w.Live = StartLive(device.open, w.box, func(s Status) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.said = append(w.said, s)
	})
	return w
}

func (w *watched) states() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var names []string
	for _, s := range w.said {
		names = append(names, string(s.State))
	}
	return strings.Join(names, " ")
}

func (w *watched) want(t *testing.T, states string) {
	t.Helper()
	synctest.Wait()
	if got := w.states(); got != states {
		t.Errorf("states: %s\nwant:   %s", got, states)
	}
}

func TestReadyOnlyAfterARealFrame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watchLive(&rehearsed{plays: [][]part{{{pause: time.Second}, {frames: 1000}}}})
		time.Sleep(900 * time.Millisecond)
		w.want(t, "opening")
		time.Sleep(200 * time.Millisecond)
		w.want(t, "opening ready")
		f, ok := w.box.TryTake()
		if !ok {
			t.Fatal("ready without a frame")
		}
		f.Release()
		w.Close()
		w.want(t, "opening ready closed")
	})
}

func TestBusyCameraComesBackByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		busy := []part{{err: &Problem{Busy, "another program is using the camera; close it there"}}}
		device := &rehearsed{plays: [][]part{busy, busy, busy, {{frames: 1000}}}}
		w := watchLive(device)
		time.Sleep(time.Second)
		w.want(t, "opening busy")
		if s := w.Status(); !strings.Contains(s.Text, "close it there") {
			t.Errorf("says %q", s.Text)
		}
		time.Sleep(5 * time.Second)
		w.want(t, "opening busy ready")
		w.Close()
	})
}

func TestUnpluggedCameraComesBackByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone := &Problem{Unplugged, "the camera was unplugged; plug it in again"}
		device := &rehearsed{plays: [][]part{{{frames: 30}, {err: gone}}, {{err: gone}}, {{frames: 1000}}}}
		w := watchLive(device)
		time.Sleep(5 * time.Second)
		w.want(t, "opening ready unplugged ready")
		w.Close()
		if opened, closed := device.counts(); opened != 3 || closed != 2 {
			t.Errorf("opened %d times, closed %d of the 2 that opened", opened, closed)
		}
	})
}

func TestShortSilenceIsSaidAndForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		device := &rehearsed{plays: [][]part{{{frames: 30}, {pause: 3 * time.Second}, {frames: 1000}}}}
		w := watchLive(device)
		time.Sleep(8 * time.Second)
		w.want(t, "opening ready silent ready")
		w.Close()
		if opened, _ := device.counts(); opened != 1 {
			t.Errorf("opened %d times", opened)
		}
	})
}

func TestHangingDriverIsLeftAndTheCameraOpenedAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stuck := make(chan struct{})
		device := &rehearsed{plays: [][]part{{{frames: 30}, {hang: stuck}}, {{frames: 1000}}}}
		w := watchLive(device)
		time.Sleep(15 * time.Second)
		w.want(t, "opening ready silent ready")
		w.Close()
		close(stuck)
		synctest.Wait()
		if opened, closed := device.counts(); opened != 2 || closed != 2 {
			t.Errorf("opened %d, closed %d", opened, closed)
		}
	})
}

func TestDriversThatHangForeverAreNotPiledUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stuck := make(chan struct{})
		device := &rehearsed{plays: [][]part{{{hang: stuck}}}}
		w := watchLive(device)
		time.Sleep(10 * time.Minute)
		if opened, _ := device.counts(); opened != maxStuck {
			t.Errorf("%d readers hang", opened)
		}
		if s := w.Status(); s.State != Silent || !strings.Contains(s.Text, "unplug") {
			t.Errorf("says %+v", s)
		}
		w.Close()
		close(stuck)
	})
}

func TestCloseDoesNotWaitForAHangingDriver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stuck := make(chan struct{})
		w := watchLive(&rehearsed{plays: [][]part{{{frames: 3}, {hang: stuck}, {frames: 3}}}})
		time.Sleep(time.Second)
		w.Close()
		w.Close()
		for {
			f, ok := w.box.TryTake()
			if !ok {
				break
			}
			f.Release()
		}
		close(stuck)
		synctest.Wait()
		if _, ok := w.box.TryTake(); ok {
			t.Error("a frame was published after Close")
		}
	})
}

func TestClipEndsAndIsNotOpenedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		early := &EndsEarly{Name: "a.mp4", Read: 30, Announced: 90}
		for want, err := range map[string]error{"The clip has ended.": io.EOF, "30 of its 90 frames": early} {
			device := &rehearsed{plays: [][]part{{{frames: 30}, {err: err}}}}
			w := watchLive(device)
			time.Sleep(time.Minute)
			w.want(t, "opening ready ended")
			if opened, _ := device.counts(); opened != 1 || !strings.Contains(w.Status().Text, want) {
				t.Errorf("opened %d times, says %q", opened, w.Status().Text)
			}
			w.Close()
		}
	})
}

func TestRetriesSlowDownAndStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		device := &rehearsed{plays: [][]part{{{err: errors.New("camera: no luck")}}}}
		w := watchLive(device)
		time.Sleep(60 * time.Second)
		w.want(t, "opening failed")
		// 0.5 + 1 + 2 + 4, then one every 5 seconds.
		if opened, _ := device.counts(); opened != 15 {
			t.Errorf("tried %d times in a minute", opened)
		}
		if s := w.Status(); s.Attempt != 16 || s.Text != "camera: no luck" {
			t.Errorf("says %+v", s)
		}
		w.Close()
	})
}

func TestFramesThatNobodyTakesAreDroppedAndReused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watchLive(&rehearsed{plays: [][]part{{{frames: 300}}}})
		time.Sleep(5 * time.Second)
		if d := w.box.Dropped(); d == 0 {
			t.Error("nothing was dropped")
		}
		w.Close()
		w.box.Close()
	})
}

func ExampleLive() {
	frames := latest.New((*Frame).Release)
	defer frames.Close()
	open := func(context.Context) (Source, error) { return OpenStill("testdata/scene.webp") }
	ended := make(chan struct{})
	live := StartLive(open, frames, func(s Status) {
		fmt.Println(s.State, "-", s.Text)
		if s.State == Ended {
			close(ended)
		}
	})
	<-ended
	live.Close()
	// Output:
	// opening - Opening the camera.
	// ready - The camera is on.
	// ended - The clip has ended.
	// closed - The camera is off.
}
