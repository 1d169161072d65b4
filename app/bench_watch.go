package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"cheval/app/live"
	"cheval/camera"
	"cheval/tryon"
)

// benchWatch gathers what the pipeline tells while it is measured. It keeps
// room for an hour, so that watching allocates nothing.
type benchWatch struct {
	mu       sync.Mutex
	running  bool
	last     live.Status
	worn     uint64 // number of the first frame with a product
	seenWorn bool
	first    time.Time     // when it was painted
	came     chan struct{} // closed then
	frames   int
	span     benchSpan
}

// benchSpan is what was seen from begin to end.
type benchSpan struct {
	delays, perceive, render []time.Duration
	refine                   []time.Duration // of the frames that were refined
	status                   live.Status
}

func newBenchWatch() *benchWatch { return &benchWatch{came: make(chan struct{})} }

// result hears of every frame that the engine has done.
func (w *benchWatch) result(r *tryon.Result) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.seenWorn && len(r.Drawn) > 0 && !r.Drawn[0].Empty() {
		w.worn, w.seenWorn = r.Frame.Seq, true
	}
	if w.running && r.Provider != "" {
		w.span.perceive = append(w.span.perceive, r.Times.Perceive)
		w.span.render = append(w.span.render, r.Times.Render)
		if r.Refined.W > 0 {
			w.span.refine = append(w.span.refine, r.Times.Refine)
		}
	}
}

// painted hears of every frame that was painted.
func (w *benchWatch) painted(p live.Painted) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.frames++
	if w.seenWorn && w.first.IsZero() && p.Seq >= w.worn {
		w.first = p.At
		close(w.came)
	}
	if w.running {
		w.span.delays = append(w.span.delays, p.At.Sub(p.Captured))
	}
}

func (w *benchWatch) status(s live.Status) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last = s
}

// firstFrame waits for the first painted frame with a product on it. It gives
// up where products cannot be drawn, or after patience.
func (w *benchWatch) firstFrame(ctx context.Context, patience time.Duration) (time.Time, error) {
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); ; {
		select {
		case <-w.came:
			w.mu.Lock()
			defer w.mu.Unlock()
			return w.first, nil
		case <-ctx.Done():
			return time.Time{}, errors.New("the window was closed before a product was seen")
		case now := <-tick.C:
			if why := w.trouble(); why != "" || now.After(end) {
				return time.Time{}, fmt.Errorf("no product was drawn: %s", cmp.Or(why, "no face was found for "+patience.String()))
			}
		}
	}
}

// trouble says what keeps products from being drawn, "" where nothing does.
func (w *benchWatch) trouble() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch w.last.Camera.State {
	case camera.Failed, camera.Unplugged, camera.Busy, camera.Ended:
		return w.last.Camera.Text
	}
	return w.last.Problem
}

// begin starts a span and returns the status before it.
func (w *benchWatch) begin() live.Status {
	w.mu.Lock()
	defer w.mu.Unlock()
	const room = 3600 * 60
	w.span = benchSpan{delays: make([]time.Duration, 0, room), perceive: make([]time.Duration, 0, room), render: make([]time.Duration, 0, room), refine: make([]time.Duration, 0, room)}
	w.running = true
	return w.last
}

func (w *benchWatch) end() benchSpan {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.running = false
	w.span.status = w.last
	return w.span
}

// count is how many frames were painted so far.
func (w *benchWatch) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.frames
}

// quantile is the duration that a share q of d keeps to, 0 of none.
func quantile(d []time.Duration, q float64) time.Duration {
	if len(d) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(d))
	return s[min(int(q*float64(len(s))), len(s)-1)]
}
