// Package refine makes what was drawn look photographed: a small network of the
// project's own sees a crop around the product and answers with a gain and an
// offset for each colour, which are laid over the crop at its own pixels.
// docs/mirror.md explains it.
//
// It leaves to others the drawing (render) and the training (models/training).
package refine

import (
	"image"

	"cheval/tryon/perceive"
	"cheval/tryon/render"
)

// The network's input, [1, Planes, H, W]: the frame without the product (3,
// sRGB 0..1), the composite (3, sRGB 0..1), coverage, depth and normal (3).
const (
	Planes     = 11
	planeFrame = 0
	planeDrawn = 3
	planeCover = 6
	planeDepth = 7
	planeNorm  = 8
)

// Input is what the network sees of one frame, and where its answer counts.
// Training and product make it by this code alone. It keeps its buffers.
type Input struct {
	W, H int
	// Data is the network's input, Planes·H·W, row-major. Coverage is what the
	// product holds back of the light behind it, in luminance: 1 where the
	// frame is opaque, a lens by its tint and coating. Depth is the distance
	// behind the product's nearest point, in units of 100 mm. Normals are in
	// camera space: x to the picture's right, y up, z to the viewer. Depth and
	// normals are 0 outside and means over the cell. Set writes into it where it is
	// large enough.
	Data []float32
	// Fade is what the answer is multiplied with, H·W, 0..1: 1 on the product
	// and where its shadow falls, 0 from there to the crop's border, and 0 at the
	// eyes as far as they are seen through what is worn.
	Fade []float32

	sampler  sampler
	distance []float32
}

// Set makes the input for what was drawn with guide g, which must be Drawn:
// frame is the picture before it, composite after it, of the same size.
func (p *Input) Set(frame, composite *image.RGBA, g *render.Guide, face *perceive.Face) {
	p.W, p.H = g.W, g.H
	n := g.W * g.H
	p.Data, p.Fade, p.distance = grow(p.Data, Planes*n), grow(p.Fade, n), grow(p.distance, n)
	p.sampler.sample(p.Data[planeFrame*n:planeDrawn*n], frame, g)
	p.sampler.sample(p.Data[planeDrawn*n:planeCover*n], composite, g)
	for i, pass := range g.Pass {
		p.Data[planeCover*n+i] = 1 - pass
	}
	copy(p.Data[planeDepth*n:], g.Depth)
	for c := range g.Normal {
		copy(p.Data[(planeNorm+c)*n:], g.Normal[c])
	}
	p.fade(g)
	p.spareEyes(g, face)
}

// Sample writes the means of a picture's colours over the cells of g's crop to
// dst: three planes of H·W, sRGB 0..1. Beyond the picture its border goes on.
// It is how the pictures among the input are made, and a target of training.
func Sample(dst []float32, img *image.RGBA, g *render.Guide) {
	var s sampler
	s.sample(dst, img, g)
}

// grow returns s with length n; what it holds is undefined.
func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
