package app

import (
	"math"
	"slices"

	"cheval/catalog"
	"cheval/studio/anchor"
)

// The handles that an outline is dragged by.
const (
	lensHandles    = 12
	contourHandles = 20
)

// anchorHandle is a point that is dragged: a part of an outline, which follows
// it softly, or one point.
type anchorHandle struct {
	name  catalog.AnchorName
	index int // of the outline's point; -1: a point of its own
	reach int // how many points to either side follow
}

// handlesOf are the points that a frame's anchors are dragged by.
func handlesOf(a *catalog.Anchors) (out []anchorHandle) {
	along := func(name catalog.AnchorName, n, handles int) {
		for k := range min(handles, n) {
			out = append(out, anchorHandle{name, k * n / handles, n / handles})
		}
	}
	along(catalog.AnchorLeftLens, len(a.Outlines[0]), lensHandles)
	along(catalog.AnchorRightLens, len(a.Outlines[1]), lensHandles)
	along(catalog.AnchorContour, len(a.Contour), contourHandles)
	for _, name := range []catalog.AnchorName{catalog.AnchorBridge, catalog.AnchorLeftHinge, catalog.AnchorRightHinge} {
		out = append(out, anchorHandle{name, -1, 0})
	}
	return out
}

// points is the outline, or the one point, that a handle is of.
func (h anchorHandle) points(a *catalog.Anchors) [][2]float32 {
	switch h.name {
	case catalog.AnchorLeftLens:
		return a.Outlines[0]
	case catalog.AnchorRightLens:
		return a.Outlines[1]
	case catalog.AnchorContour:
		return a.Contour
	}
	return nil
}

// single is the point that a handle of no outline stands for.
func (h anchorHandle) single(a *catalog.Anchors) *[2]float32 {
	switch h.name {
	case catalog.AnchorLeftHinge:
		return &a.Hinges[0]
	case catalog.AnchorRightHinge:
		return &a.Hinges[1]
	}
	return &a.Bridge
}

// at is where a handle stands.
func (h anchorHandle) at(a *catalog.Anchors) [2]float32 {
	if h.index >= 0 {
		return h.points(a)[h.index]
	}
	return *h.single(a)
}

// drag moves a handle by so many pixels. Its neighbours on the outline follow,
// the less the farther they are, so that a rim stays smooth; dragging the
// bridge or a hinge takes the outer edge there along.
func (h anchorHandle) drag(a *catalog.Anchors, dx, dy float32) {
	if h.index >= 0 {
		bend(h.points(a), h.index, h.reach, dx, dy)
	} else {
		p := h.single(a)
		if i := nearest(a.Contour, *p); i >= 0 {
			bend(a.Contour, i, len(a.Contour)/contourHandles, dx, dy)
		}
		p[0], p[1] = p[0]+dx, p[1]+dy
	}
	if !slices.Contains(a.Dragged, h.name) {
		a.Dragged = append(a.Dragged, h.name)
	}
}

// bend moves a point of a closed outline, and with it those within reach.
func bend(c [][2]float32, index, reach int, dx, dy float32) {
	n := len(c)
	for k := -reach; k <= reach; k++ {
		w := float32(0.5 + 0.5*math.Cos(math.Pi*float64(k)/float64(reach+1)))
		p := &c[((index+k)%n+n)%n]
		p[0], p[1] = p[0]+w*dx, p[1]+w*dy
	}
}

// nearest is the index of the point of c that is nearest; -1 if there is none.
func nearest(c [][2]float32, p [2]float32) int {
	best, at := math.Inf(1), -1
	for i, q := range c {
		if d := math.Hypot(float64(q[0]-p[0]), float64(q[1]-p[1])); d < best {
			best, at = d, i
		}
	}
	return at
}

// handleNear is the handle nearest to a place, within reach pixels; ok is
// false where none is.
func handleNear(a *catalog.Anchors, x, y, reach float32) (h anchorHandle, ok bool) {
	best := float64(reach)
	for _, o := range handlesOf(a) {
		p := o.at(a)
		if d := math.Hypot(float64(p[0]-x), float64(p[1]-y)); d < best {
			best, h, ok = d, o, true
		}
	}
	return h, ok
}

// settleAnchors measures dragged anchors again and lets go of doubts about what a
// person has set.
func settleAnchors(a *catalog.Anchors, hint anchor.Hint) {
	a.Doubts = slices.DeleteFunc(a.Doubts, func(d catalog.Doubt) bool {
		return slices.Contains(a.Dragged, catalog.AnchorName(d.What))
	})
	anchor.Measure(a, hint)
}

// confirmAnchors says that a person has looked and found every outline right:
// what remains is doubtful by its figures alone.
func confirmAnchors(a *catalog.Anchors, hint anchor.Hint) {
	for _, name := range []catalog.AnchorName{catalog.AnchorLeftLens, catalog.AnchorRightLens, catalog.AnchorContour} {
		if !slices.Contains(a.Dragged, name) {
			a.Dragged = append(a.Dragged, name)
		}
	}
	a.Doubts = nil
	anchor.Measure(a, hint)
}

// ofOutlines says whether a person's look settles a doubt; the others are
// settled by the right size.
func ofOutlines(d catalog.Doubt) bool {
	return d.What != "scale" && d.What != "width" && d.What != "lens-width"
}
