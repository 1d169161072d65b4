package tryon

import (
	"image"
	"sync"

	"cheval/camera"
	"cheval/tryon/perceive"
	"cheval/tryon/refine"
)

// pool keeps results and pictures that nobody holds any more. Results come
// back from whichever goroutine released them last.
type pool struct {
	faces *perceive.Perceiver // takes faces back

	mu      sync.Mutex
	size    image.Point // of the pictures kept; others are left to the garbage collector
	images  []*image.RGBA
	results []*Result
}

// mostKept is more than the mirror's stages hold at once of results, and of
// pictures with two looks each, drawn and refined.
const mostKept = 12

// result returns an empty result for f, whose hold it takes over.
func (p *pool) result(f *camera.Frame) *Result {
	p.mu.Lock()
	var r *Result
	if n := len(p.results); n > 0 {
		r, p.results = p.results[n-1], p.results[:n-1]
	}
	p.mu.Unlock()
	if r == nil {
		return NewResult(f, p.recycle)
	}
	r.Frame = f
	r.refs.Store(1)
	return r
}

// image returns a picture of that size, its pixels undefined.
func (p *pool) image(size image.Point) *image.RGBA {
	p.mu.Lock()
	defer p.mu.Unlock()
	if size != p.size {
		p.size, p.images = size, nil
	}
	if n := len(p.images); n > 0 {
		img := p.images[n-1]
		p.images = p.images[:n-1]
		return img
	}
	return image.NewRGBA(image.Rectangle{Max: size})
}

// recycle takes back all that a result holds.
func (p *pool) recycle(r *Result) {
	r.Frame.Release()
	p.faces.Recycle(r.Faces)
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, img := range r.Looks {
		p.put(img)
	}
	for _, img := range r.Plain {
		p.put(img)
	}
	clear(r.Looks)
	clear(r.Plain)
	clear(r.Worn)
	r.Frame, r.Faces, r.Fit, r.Triangles = nil, nil, nil, nil
	r.Looks, r.Plain, r.Worn, r.Drawn = r.Looks[:0], r.Plain[:0], r.Worn[:0], r.Drawn[:0]
	r.Refined = refine.Size{}
	if len(p.results) < mostKept {
		p.results = append(p.results, r)
	}
}

func (p *pool) put(img *image.RGBA) {
	if img.Rect.Size() == p.size && len(p.images) < mostKept {
		p.images = append(p.images, img)
	}
}

// giveBack takes one picture back.
func (p *pool) giveBack(img *image.RGBA) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.put(img)
}
