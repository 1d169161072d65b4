package render

import (
	"image"
	"math"

	"cheval/tryon/perceive"
)

// Wearer is a person with what they wear and the light on them.
type Wearer struct {
	Face  *perceive.Face
	Light Light
	Items []Item
	Guide *Guide // filled if it is not nil
}

// Draw draws items onto the face in dst, which already holds the frame's
// pixels, opaque, and returns the rectangle that it may have changed; pixels
// outside are untouched. Nothing of the arguments is kept.
func (r *Renderer) Draw(dst *image.RGBA, face *perceive.Face, light Light, items ...Item) image.Rectangle {
	r.setHeads(face)
	return r.drawOn(dst, 0, &Wearer{Face: face, Light: light, Items: items})
}

// DrawAll draws several people, the farthest first; each head hides what lies
// behind it, whoever wears it.
func (r *Renderer) DrawAll(dst *image.RGBA, wearers ...Wearer) image.Rectangle {
	r.heads = grow(r.heads, len(wearers))
	r.order = r.order[:0]
	for i, w := range wearers {
		if r.model != nil {
			r.heads[i].set(r.model, w.Face)
		}
		r.order = append(r.order, i)
		for j := i; j > 0 && distance(wearers[r.order[j]].Face) > distance(wearers[r.order[j-1]].Face); j-- {
			r.order[j], r.order[j-1] = r.order[j-1], r.order[j]
		}
	}
	var touched image.Rectangle
	for _, i := range r.order {
		w := &wearers[i]
		touched = touched.Union(r.drawOn(dst, i, w))
	}
	return touched
}

func distance(f *perceive.Face) float32 { return -f.Pose.Head.Col(3)[2] }

func (r *Renderer) setHeads(face *perceive.Face) {
	r.heads = grow(r.heads, 1)
	if r.model != nil {
		r.heads[0].set(r.model, face)
	}
}

// shadowReach is how far, in mm, shadows fall beyond the product's outline.
const shadowReach = 16

func (r *Renderer) drawOn(dst *image.RGBA, own int, w *Wearer) image.Rectangle {
	s, face, light := &r.scene, w.Face, w.Light.orDefault()
	s.reset(face.Camera, shopEnvironment(), newLighting(light, 0.4))
	for _, it := range w.Items {
		if it.Mesh != nil && it.Variant != nil {
			s.addItem(it, r)
		}
	}
	if r.model != nil {
		r.hideTemples(&r.heads[own], r.watchHair(dst, face, &r.heads[own]))
	}
	region := r.region(dst, face)
	if w.Guide != nil {
		w.Guide.aim(s)
		w.Guide.Drawn = w.Guide.Drawn && !region.Empty()
	}
	if region.Empty() {
		return image.Rectangle{}
	}
	zoom := 1
	if r.model != nil {
		zoom = zoomFor(r.pxPerMM(own))
	}
	s.setRegion(region, zoom)
	if r.model != nil {
		r.setDepth(own, region)
		s.shade.reset(s.rw, s.rh, r.pxPerMM(own))
		s.setBlocks(r.pxPerMM(own) * s.zoom)
		for i := range s.origins {
			s.castShadows(i)
		}
	}
	s.collect()
	if w.Guide != nil && w.Guide.Drawn {
		w.Guide.draw(s)
	}
	return r.paint(dst, light)
}

// region is what the product and its shadow may touch.
func (r *Renderer) region(dst *image.RGBA, face *perceive.Face) image.Rectangle {
	if len(r.scene.groups) == 0 {
		return image.Rectangle{}
	}
	reach := 0
	if r.model != nil {
		reach = int(math.Ceil(float64(shadowReach * face.Camera.F / max(distance(face), minDepth))))
	}
	return r.scene.bounds().Inset(-reach).Intersect(dst.Bounds())
}

// setDepth draws the heads: the wearer's own, and others that may stand before it.
func (r *Renderer) setDepth(own int, region image.Rectangle) {
	s := &r.scene
	r.depth.reset(region.Dx(), region.Dy(), r.pxPerMM(own))
	for i := range r.heads {
		h := &r.heads[i]
		r.points = grow(r.points, len(h.p))
		for k := range r.points {
			r.points[k].key, r.points[k].around = 0, 0
		}
		if i == own {
			s.weighShadows(h, r.points)
		}
		r.depth.draw(h, s.cam, region.Min, r.points)
	}
	s.head = &r.depth
}

// pxPerMM at the face.
func (r *Renderer) pxPerMM(own int) float32 {
	return r.scene.cam.F / max(-r.heads[own].p[0][2], minDepth)
}

// setBlocks chooses how many pixels share one shading: between the corners of
// a lens's blocks, one or two millimetres wide, it is blended; planes of the
// frame take it in blocks half a millimetre wide.
func (s *scene) setBlocks(pxPerMM float32) {
	switch {
	case pxPerMM < 1.4:
		s.lensBlock, s.solidBlock = 1, 0
	case pxPerMM < 3.2:
		s.lensBlock, s.solidBlock = 2, 0
	default:
		s.lensBlock, s.solidBlock = 2, 1
	}
}

// zoomFor is how many times finer than the picture a small face's product is
// drawn, then averaged: wires of a pixel's width need more than four samples.
func zoomFor(pxPerMM float32) int {
	switch {
	case pxPerMM < 0.8:
		return 3
	case pxPerMM < 1.6:
		return 2
	}
	return 1
}
