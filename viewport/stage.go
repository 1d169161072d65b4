package viewport

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hajimehoshi/ebiten/v2"
)

// stage is Ebitengine's game loop as a service: it runs jobs, one after the
// other, where images may be drawn and read. There is one a process, because
// Ebitengine's RunGame must not be called twice; it starts when first asked
// for and is parked between jobs, its window tiny and invisible. All that
// knows of RunGame stands in this file, so that a child process could take its
// place on a platform that wants RunGame on the main thread.
type stage struct {
	jobs   chan job
	done   chan struct{} // one token for each finished job
	ready  chan struct{} // closed when the loop runs or failed
	failed chan struct{} // closed when the loop has ended
	err    error         // why, set before failed is closed
	once   sync.Once     // closes ready
	mu     sync.Mutex    // one caller of do at a time

	// What the window should be: the number of a monitor, or noMonitor.
	wanted atomic.Int32
	// shown is where the window is full-screen now; it belongs to the loop.
	shown int32
	timer *time.Timer // of Draw
}

// job is work on the game loop. screen is what the full-screen window shows,
// or nil where there is none.
type job interface {
	run(screen *ebiten.Image)
}

const noMonitor = -1

// parkedWindow is the side of the window while it is invisible: presenting
// the screen is what costs, so it has hardly any.
const parkedWindow = 16

// idle is how long the loop waits for a job before it looks after its window.
const idle = 200 * time.Millisecond

// ErrNoDriver means that Ebitengine could not start; the mirror is drawn on
// the CPU instead.
var ErrNoDriver = errors.New("no graphics driver")

// theStage starts the stage at the first call.
var theStage = sync.OnceValue(func() *stage {
	s := &stage{jobs: make(chan job), done: make(chan struct{}), ready: make(chan struct{}), failed: make(chan struct{}), shown: noMonitor, timer: time.NewTimer(idle)}
	s.wanted.Store(noMonitor)
	go s.loop()
	return s
})

// loop is Ebitengine's, from start to the end of the process.
func (s *stage) loop() {
	runtime.LockOSThread()
	ebiten.SetWindowTitle("Cheval")
	ebiten.SetWindowSize(parkedWindow, parkedWindow)
	ebiten.SetWindowVisible(false)
	ebiten.SetWindowDecorated(false)
	ebiten.SetWindowClosingHandled(true)
	ebiten.SetRunnableOnUnfocused(true)
	ebiten.SetScreenClearedEveryFrame(false)
	ebiten.SetVsyncEnabled(false)
	ebiten.SetTPS(ebiten.SyncWithFPS)
	err := ebiten.RunGameWithOptions(s, &ebiten.RunGameOptions{InitUnfocused: true, X11ClassName: "cheval", X11InstanceName: "cheval-mirror"})
	if err == nil {
		err = errors.New("its loop ended")
	}
	s.err = fmt.Errorf("viewport: Ebitengine: %w: %w", ErrNoDriver, err)
	close(s.failed)
	s.once.Do(func() { close(s.ready) })
}

// wait returns when the loop runs, with an error when it never will.
func (s *stage) wait(ctx context.Context) error {
	select {
	case <-s.ready:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-s.failed:
		return s.err
	default:
		return nil
	}
}

// do runs j on the loop and returns when it is done.
func (s *stage) do(j job) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case s.jobs <- j:
		<-s.done
		return nil
	case <-s.failed:
		return s.err
	}
}

// Update is called by Ebitengine before every Draw.
func (s *stage) Update() error {
	s.once.Do(func() { close(s.ready) })
	if s.shown != noMonitor && (ebiten.IsWindowBeingClosed() || ebiten.IsKeyPressed(ebiten.KeyEscape)) {
		s.wanted.Store(noMonitor)
	}
	if want := s.wanted.Load(); want != s.shown {
		s.move(want)
	}
	return nil
}

// move shows the window full-screen on a monitor, or parks it.
func (s *stage) move(to int32) {
	monitors := ebiten.AppendMonitors(nil)
	if to < 0 || int(to) >= len(monitors) {
		s.wanted.CompareAndSwap(to, noMonitor)
		ebiten.SetFullscreen(false)
		ebiten.SetWindowVisible(false)
		ebiten.SetWindowSize(parkedWindow, parkedWindow)
		s.shown = noMonitor
		return
	}
	ebiten.SetWindowVisible(true)
	ebiten.SetMonitor(monitors[to])
	ebiten.SetFullscreen(true)
	s.shown = to
}

// Layout is called by Ebitengine; the screen has the window's own pixels.
func (s *stage) Layout(w, h int) (int, int) {
	f := 1.0
	if m := ebiten.Monitor(); m != nil {
		f = m.DeviceScaleFactor()
	}
	return max(int(float64(w)*f), 1), max(int(float64(h)*f), 1)
}

// Draw is called by Ebitengine. It runs one job, or none when none comes soon.
func (s *stage) Draw(screen *ebiten.Image) {
	if s.shown == noMonitor {
		screen = nil
	}
	s.timer.Reset(idle)
	select {
	case j := <-s.jobs:
		j.run(screen)
		s.done <- struct{}{}
	case <-s.timer.C:
	}
}

// monitorsJob names the displays, in the order of their numbers.
type monitorsJob struct{ names []string }

func (j *monitorsJob) run(*ebiten.Image) {
	for _, m := range ebiten.AppendMonitors(nil) {
		w, h := m.Size()
		j.names = append(j.names, fmt.Sprintf("%s (%d×%d)", m.Name(), w, h))
	}
}
