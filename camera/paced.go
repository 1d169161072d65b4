package camera

import (
	"context"
	"sync"
	"time"
)

// paced holds frames back until they are due by their Offset, as a camera
// would deliver them. It never skips: whoever takes too long loses frames at
// the next hop, where they are counted.
type paced struct {
	src   Source
	done  chan struct{}
	close sync.Once

	start   time.Time
	started bool
	timer   *time.Timer
	offset  time.Duration // of the last frame
	period  time.Duration // between the last two
	cost    time.Duration // of making a frame, at most, lately
}

// spareTime is kept between making a frame and its being due.
const spareTime = time.Millisecond

// maxLag is how far a slow source may fall behind its own clock before the
// clock is set again, so that it does not rush afterwards.
const maxLag = 250 * time.Millisecond

func newPaced(src Source) *paced {
	p := &paced{src: src, done: make(chan struct{}), timer: time.NewTimer(time.Hour)}
	p.timer.Stop()
	return p
}

func (p *paced) Next(ctx context.Context) (*Frame, error) {
	f, err := p.make(ctx)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	if !p.started {
		p.start, p.started = now.Add(-f.Offset), true
	}
	wait := p.start.Add(f.Offset).Sub(now)
	if wait < -maxLag {
		p.start = now.Add(-f.Offset)
	}
	if wait > 0 {
		if err := p.sleep(ctx, wait); err != nil {
			f.Release()
			return nil, err
		}
	}
	f.Captured = time.Now()
	return f, nil
}

// make has the source make the next frame, as late as it may: a frame that is
// made early takes the processor from those who work on the one before. A
// camera does not hinder them at that moment either.
func (p *paced) make(ctx context.Context) (*Frame, error) {
	due := p.start.Add(p.offset + p.period)
	if wait := time.Until(due) - p.cost - spareTime; p.period > 0 && wait > 0 {
		if err := p.sleep(ctx, min(wait, time.Second)); err != nil {
			return nil, err
		}
	}
	began := time.Now()
	f, err := p.src.Next(ctx)
	if err != nil {
		return nil, err
	}
	if p.started {
		p.period = f.Offset - p.offset
	}
	p.offset = f.Offset
	p.cost = max(time.Since(began), p.cost-p.cost/16) // quick to grow, slow to forget
	return f, nil
}

func (p *paced) sleep(ctx context.Context, d time.Duration) error {
	p.timer.Reset(d)
	defer p.timer.Stop()
	select {
	case <-p.timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-p.done:
		return errClosed
	}
}

// Close ends a wait and closes the source.
func (p *paced) Close() error {
	p.close.Do(func() { close(p.done) })
	return p.src.Close()
}

// periodOf is the time between frames at fps, 30 where it makes no sense.
func periodOf(fps float64) time.Duration {
	if !(fps > 0.1 && fps <= 1000) {
		fps = 30
	}
	return time.Duration(float64(time.Second) / fps)
}
