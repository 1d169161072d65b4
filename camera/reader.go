package camera

import (
	"context"
	"sync/atomic"
	"time"
)

// reader is one life of a source, on a goroutine that may hang in a driver.
type reader struct {
	live   *Live
	ctx    context.Context
	cancel context.CancelFunc

	opened atomic.Bool
	beat   atomic.Int64 // when the last sign of life came, Unix nanoseconds
	count  atomic.Uint64
	first  chan struct{} // closed at the first frame; the watcher's field
	done   chan struct{} // closed after the source
	err    error         // why it ended; read after done
}

func newReader(ctx context.Context, live *Live) *reader {
	r := &reader{live: live, first: make(chan struct{}), done: make(chan struct{})}
	r.ctx, r.cancel = context.WithCancel(ctx)
	r.sign()
	return r
}

func (r *reader) sign() { r.beat.Store(time.Now().UnixNano()) }

// run opens, reads until an error and closes.
func (r *reader) run() {
	first := r.first
	defer close(r.done)
	src, err := r.live.open(r.ctx)
	if err != nil {
		r.err = err
		return
	}
	defer src.Close()
	r.opened.Store(true)
	r.sign()
	for {
		f, err := src.Next(r.ctx)
		if err != nil {
			r.err = err
			return
		}
		if r.ctx.Err() != nil { // given up meanwhile
			f.Release()
			r.err = r.ctx.Err()
			return
		}
		r.sign()
		r.live.frames.Put(f)
		if r.count.Add(1) == 1 {
			close(first)
		}
	}
}

// stop ends the reader. One that hangs in its driver is left to free the
// device itself when the driver returns, and counted as stuck until then.
func (r *reader) stop() {
	r.cancel()
	t := time.NewTimer(grace)
	defer t.Stop()
	select {
	case <-r.done:
	case <-t.C:
		r.live.stuck.Add(1)
		go func() {
			<-r.done
			r.live.stuck.Add(-1)
		}()
	}
}
