package live

import (
	"context"
	"errors"
	"fmt"
	"image"
	"slices"
	"time"

	"cheval/camera"
	"cheval/tryon"
)

// work takes the newest frame, has products drawn on it and shows it, until
// ctx ends.
func (p *Pipeline) work(ctx context.Context) {
	var dresser dresser
	var counted counted
	for {
		f, ok := p.frames.Take(ctx)
		if !ok {
			return
		}
		counted.add(&p.source, f)
		p.see(f, &dresser)
		f.Release()
	}
}

// counted counts what the camera gave, dropped frames included, by the gaps in
// the frames' numbers.
type counted struct {
	next    uint64
	started bool
}

// mostMissed bounds the frames that are counted at once: a source that begins
// anew numbers from 0.
const mostMissed = 30

func (c *counted) add(m *meter, f *camera.Frame) {
	n := uint64(1)
	if c.started && f.Seq >= c.next && f.Seq-c.next < mostMissed {
		n += f.Seq - c.next
	}
	c.next, c.started = f.Seq+1, true
	for range n {
		m.add(f.Captured, 0)
	}
}

// see processes one frame.
func (p *Pipeline) see(f *camera.Frame, d *dresser) {
	p.using.Lock()
	defer p.using.Unlock()
	d.photos = p.ordered(d.photos[:0]) // before the looks are read: a photo shows what was chosen
	r := p.process(f, d)
	p.seen.setResult(r)
	if p.opt.OnResult != nil {
		p.opt.OnResult(r)
	}
	for _, to := range d.photos {
		to <- photoOf(r)
	}
	p.mirror.Show(r)
}

// process returns the frame with what is worn; as it is while there is no
// engine, or where that fails, which is told.
func (p *Pipeline) process(f *camera.Frame, d *dresser) *tryon.Result {
	e := p.engine.Load()
	if e == nil {
		return bare(f)
	}
	looks, trouble := d.dress(e, *p.looks.Load())
	r, err := e.Process(f, looks)
	if err != nil {
		p.seen.setTrouble(err)
		return bare(f)
	}
	p.seen.setTrouble(trouble)
	return r
}

// bare is a frame as it is.
func bare(f *camera.Frame) *tryon.Result {
	return tryon.NewResult(f.Retain(), func(r *tryon.Result) { r.Frame.Release() })
}

// swapEngine puts e in the place of the engine in use, which it returns when
// nobody works with it any more.
func (p *Pipeline) swapEngine(e *tryon.Engine) *tryon.Engine {
	p.using.Lock()
	defer p.using.Unlock()
	return p.engine.Swap(e)
}

// choice is what a person chose to wear; choices are numbered from 1.
type choice struct {
	number uint64
	looks  []tryon.Worn
}

// build builds what was chosen, so that it does not hold up a frame, and puts
// it on, until ctx ends. What is wrong with a look, work finds out.
func (p *Pipeline) build(ctx context.Context) {
	for {
		c, ok := p.chosen.Take(ctx)
		if !ok {
			return
		}
		if e := p.engine.Load(); e != nil {
			for _, w := range c.looks {
				e.Prepare(w) // fails again where it is worn, and is told there
			}
		}
		p.looks.Store(&c.looks)
		p.built.Store(c.number)
	}
}

// dresser belongs to work: it keeps the looks that can be built, and who waits
// for a photo of the frame in hand.
type dresser struct {
	photos  []chan *image.RGBA
	engine  *tryon.Engine
	asked   []tryon.Worn
	fit     []tryon.Worn
	trouble error
}

// dress returns those of looks that can be built, and what is wrong with the
// others. It does so anew only when something changed.
func (d *dresser) dress(e *tryon.Engine, looks []tryon.Worn) ([]tryon.Worn, error) {
	if d.engine == e && slices.Equal(d.asked, looks) {
		return d.fit, d.trouble
	}
	d.engine, d.asked, d.fit, d.trouble = e, append(d.asked[:0], looks...), d.fit[:0], nil
	for _, w := range looks {
		if err := e.Prepare(w); err != nil {
			d.trouble = errors.Join(d.trouble, err)
			continue
		}
		d.fit = append(d.fit, w)
	}
	return d.fit, d.trouble
}

// Photo returns the next frame with the first look, as the camera saw it: not
// mirrored, not cropped. It blocks until such a frame was drawn, or ctx ends.
func (p *Pipeline) Photo(ctx context.Context) (*image.RGBA, error) {
	to := make(chan *image.RGBA, 1)
	select {
	case p.photos <- to:
	case <-ctx.Done():
		return nil, noPhoto(ctx)
	}
	select {
	case img := <-to:
		return img, nil
	case <-ctx.Done():
		return nil, noPhoto(ctx)
	}
}

func noPhoto(ctx context.Context) error {
	return fmt.Errorf("take a photo: no picture came from the camera (%w); see that it is on", ctx.Err())
}

// ordered adds to list where the next frame's picture is waited for; nothing
// while what was chosen is still being built.
func (p *Pipeline) ordered(list []chan *image.RGBA) []chan *image.RGBA {
	for p.built.Load() == p.asked.Load() {
		select {
		case to := <-p.photos:
			list = append(list, to)
		default:
			return list
		}
	}
	return list
}

// photoOf returns a copy of the first look, or of the frame.
func photoOf(r *tryon.Result) *image.RGBA {
	src := r.Frame.Image
	if len(r.Looks) > 0 {
		src = r.Looks[0]
	}
	out := image.NewRGBA(src.Rect)
	copy(out.Pix, src.Pix)
	return out
}

// tick adapts the resolution and tells the status, until ctx ends.
func (p *Pipeline) tick(ctx context.Context) {
	t := time.NewTicker(statusEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-t.C:
			p.mirror.SetPart(p.adapter.part(now, p.delays.rate(now), p.source.rate(now)))
			p.telling.send()
		}
	}
}
