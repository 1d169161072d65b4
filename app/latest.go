package app

import "context"

// latest does work in the background, one piece at a time. What is asked for
// while it is at work waits; of several that wait only the newest is done, so
// that a slider that moves is followed as fast as the work goes and no faster.
// Its methods are called on the UI goroutine.
type latest struct {
	a      *App
	busy   bool
	cancel context.CancelFunc
	next   func()
	stood  int // how often it was stopped: what is older than that is not told
}

// do has work done, and then done on the UI goroutine.
func (w *latest) do(work func(context.Context) error, done func(error)) {
	if w.busy {
		w.next = func() { w.do(work, done) }
		return
	}
	ctx, cancel := context.WithCancel(w.a.ctx)
	w.busy, w.cancel = true, cancel
	at := w.stood
	w.a.inBackground(func(context.Context) error { return work(ctx) }, func(err error) {
		cancel()
		w.busy = false
		if at == w.stood {
			done(err)
		}
		if next := w.next; next != nil && !w.busy {
			w.next = nil
			next()
		}
	})
}

// stop gives up what is at work and what waits.
func (w *latest) stop() {
	w.next = nil
	w.stood++
	if w.cancel != nil {
		w.cancel()
	}
}
