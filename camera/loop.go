package camera

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"
)

// loop begins a clip again at its end; Seq and Offset run on.
type loop struct {
	reopen func() (Source, error)
	period time.Duration

	seq    uint64
	base   time.Duration // where this round began
	last   time.Duration
	inside bool // this round has delivered

	mu     sync.Mutex // over src and closed, which Close touches
	src    Source
	closed bool
}

func (l *loop) Next(ctx context.Context) (*Frame, error) {
	f, err := l.current().Next(ctx)
	if errors.Is(err, io.EOF) && l.inside {
		if err := l.again(); err != nil {
			return nil, err
		}
		f, err = l.current().Next(ctx)
	}
	if err != nil {
		return nil, err
	}
	l.inside = true
	f.Seq, f.Offset = l.seq, l.base+f.Offset
	l.seq, l.last = l.seq+1, f.Offset
	return f, nil
}

func (l *loop) current() Source {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.src
}

func (l *loop) again() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return errClosed
	}
	l.src.Close()
	src, err := l.reopen()
	if err != nil {
		return err
	}
	l.src, l.inside, l.base = src, false, l.last+l.period
	return nil
}

func (l *loop) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	return l.src.Close()
}
