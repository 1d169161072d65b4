package viewport

import (
	"image"
	"sync"
	"sync/atomic"
	"time"
)

// Picture is the mirror as it is to be shown. It is immutable; each holder
// calls Release exactly once, and keeps nothing of Image after that.
type Picture struct {
	// Image is opaque. It may have fewer pixels than the mirror, whose shape it
	// has: whoever shows it stretches it.
	Image *image.RGBA
	// Seq and Captured are the camera frame's.
	Seq      uint64
	Captured time.Time
	// Again says that this frame was shown before and only the view changed.
	Again bool

	refs atomic.Int32
	pool *picturePool
}

// Retain adds a holder, who must Release too. It returns p.
func (p *Picture) Retain() *Picture {
	p.refs.Add(1)
	return p
}

// Release gives up one hold; after the last the pixels are reused.
func (p *Picture) Release() {
	switch n := p.refs.Add(-1); {
	case n < 0:
		panic("viewport: picture released more often than held")
	case n == 0:
		p.pool.put(p)
	}
}

// picturePool keeps the pictures that nobody holds. Those of an older size are
// left to the garbage collector.
type picturePool struct {
	mu   sync.Mutex
	size image.Point
	free []*Picture
}

// get returns a picture of that size, held once, its pixels undefined.
func (o *picturePool) get(size image.Point) *Picture {
	p := o.take(size)
	if p == nil {
		p = &Picture{Image: image.NewRGBA(image.Rectangle{Max: size}), pool: o}
	}
	p.refs.Store(1)
	p.Again = false
	return p
}

func (o *picturePool) take(size image.Point) *Picture {
	o.mu.Lock()
	defer o.mu.Unlock()
	if size != o.size {
		o.size, o.free = size, o.free[:0]
	}
	n := len(o.free)
	if n == 0 {
		return nil
	}
	p := o.free[n-1]
	o.free = o.free[:n-1]
	return p
}

func (o *picturePool) put(p *Picture) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if p.Image.Rect.Size() == o.size {
		o.free = append(o.free, p)
	}
}
