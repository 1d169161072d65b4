package camera

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"cheval/internal/latest"
)

// Times of the supervision.
const (
	// silence is how long frames may fail to come before a person is told.
	silence = 2 * time.Second
	// patience is how long a silent or hanging source is given before it is
	// opened anew.
	patience = 6 * time.Second
	// openPatience is the same for opening: FFmpeg and USB cameras take seconds.
	openPatience = 20 * time.Second
	// grace is how long a source is given to stop.
	grace = 3 * time.Second

	firstRetry = 500 * time.Millisecond
	lastRetry  = 5 * time.Second
	watchEvery = 200 * time.Millisecond
	// maxStuck is how many readers may hang in a driver at once; no more are
	// started until one of them returns.
	maxStuck = 2
)

// Live keeps a source running: it opens it away from the caller's goroutine,
// publishes its frames, says how it stands, and opens it again by itself when
// it is busy, unplugged or silent. A driver that hangs does not hang Live.
type Live struct {
	open     func(context.Context) (Source, error)
	frames   *latest.Box[*Frame]
	onChange func(Status)

	cancel context.CancelFunc
	done   chan struct{}
	stuck  atomic.Int32

	mu     sync.Mutex
	status Status
}

// StartLive opens a source with open, again and again if need be, and puts its
// frames into frames, whose owner takes and releases them. onChange, which may
// be nil, hears of every change of state, one after the other on Live's own
// goroutine; it must not call Close.
func StartLive(open func(context.Context) (Source, error), frames *latest.Box[*Frame], onChange func(Status)) *Live {
	ctx, cancel := context.WithCancel(context.Background())
	if onChange == nil {
		onChange = func(Status) {}
	}
	l := &Live{open: open, frames: frames, onChange: onChange, cancel: cancel, done: make(chan struct{})}
	l.status = Status{State: Opening, Text: "Opening the camera.", Since: time.Now(), Attempt: 1}
	go l.supervise(ctx)
	return l
}

// Status says how the source stands now.
func (l *Live) Status() Status {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.status
}

// Close stops the source and waits for it; where a driver hangs, at most for
// 3 seconds, after which the driver's goroutine frees the device whenever the
// driver returns. No frame is published afterwards. It may be called twice.
func (l *Live) Close() error {
	l.cancel()
	<-l.done
	return nil
}

func (l *Live) supervise(ctx context.Context) {
	defer close(l.done)
	l.onChange(l.Status())
	retry := firstRetry
	for attempt := 1; ; attempt++ {
		ended, delivered := l.session(ctx, attempt)
		if ctx.Err() != nil {
			break
		}
		if delivered {
			attempt, retry = 0, firstRetry
		}
		ended.Attempt = attempt + 1
		l.set(ended)
		if ended.State == Ended {
			<-ctx.Done()
			break
		}
		if !sleep(ctx, retry) {
			break
		}
		retry = min(2*retry, lastRetry)
	}
	l.set(Status{State: Closed, Text: "The camera is off."})
}

// session opens the source once and watches it until it ends or is given up.
func (l *Live) session(ctx context.Context, attempt int) (Status, bool) {
	if l.stuck.Load() >= maxStuck {
		return Status{State: Silent, Text: "The camera's driver hangs; unplug the camera and plug it in again."}, false
	}
	r := newReader(ctx, l)
	go r.run()
	status := l.watch(ctx, r, attempt)
	r.stop()
	return status, r.count.Load() > 0
}

// watch tells what becomes of a reader until it ends, answers nothing for too
// long, or ctx ends.
func (l *Live) watch(ctx context.Context, r *reader, attempt int) Status {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return Status{}
		case <-r.done:
			if r.count.Load() > 0 {
				l.set(ready(attempt))
			}
			return statusOf(r.err)
		case <-r.first:
			r.first = nil // closed: heard once
			l.set(ready(attempt))
		case <-tick.C:
			if status, over := l.judge(r, attempt); over {
				return status
			}
		}
	}
}

// judge looks at how long the reader has been quiet.
func (l *Live) judge(r *reader, attempt int) (Status, bool) {
	quiet := time.Since(time.Unix(0, r.beat.Load()))
	silent := Status{State: Silent, Text: "The camera sends no picture; check its shutter, or unplug it and plug it in again.", Attempt: attempt}
	switch {
	case !r.opened.Load():
		return Status{State: Silent, Text: "The camera does not answer; unplug it and plug it in again."}, quiet > openPatience
	case quiet > patience:
		return silent, true
	case quiet > silence:
		l.set(silent)
	case r.count.Load() > 0:
		l.set(ready(attempt))
	}
	return Status{}, false
}

func ready(attempt int) Status {
	return Status{State: Ready, Text: "The camera is on.", Attempt: attempt}
}

// statusOf words the end of a session.
func statusOf(err error) Status {
	var p *Problem
	switch {
	case errors.As(err, &p):
		return Status{State: p.State, Text: p.Text}
	case errors.Is(err, io.EOF):
		return Status{State: Ended, Text: endText(err)}
	}
	return Status{State: Failed, Text: err.Error()}
}

func endText(err error) string {
	if early := (*EndsEarly)(nil); errors.As(err, &early) {
		return early.Error()
	}
	return "The clip has ended."
}

// set publishes a status if its state or text is new.
func (l *Live) set(s Status) {
	l.mu.Lock()
	same := s.State == l.status.State && s.Text == l.status.Text
	s.Since = time.Now()
	if same {
		s.Since = l.status.Since
	}
	l.status = s
	l.mu.Unlock()
	if !same {
		l.onChange(s)
	}
}

// sleep waits, and says whether ctx still runs.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
