package camera

import (
	"image"
	"sync"
)

// framePool lends frames with their pixels and takes them back, so that a
// running source allocates nothing. Frames may come back after the source has
// closed.
type framePool struct {
	mu   sync.Mutex
	free []*Frame
	size image.Point
}

// poolDepth is how many idle frames a pool keeps: those of the pipeline's hops
// (source, engine, viewport, screen) and a few that a slow holder keeps.
const poolDepth = 8

// get returns a frame held once, opaque pixels undefined.
func (p *framePool) get(w, h int) *Frame {
	p.mu.Lock()
	if p.size.X != w || p.size.Y != h {
		p.size, p.free = image.Pt(w, h), nil
	}
	var f *Frame
	if n := len(p.free); n > 0 {
		f, p.free = p.free[n-1], p.free[:n-1]
	}
	p.mu.Unlock()
	if f == nil {
		return NewFrame(image.NewRGBA(image.Rect(0, 0, w, h)), p.put)
	}
	f.refs.Store(1)
	return f
}

func (p *framePool) put(f *Frame) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if f.Image.Rect.Max == p.size && len(p.free) < poolDepth {
		p.free = append(p.free, f)
	}
}
