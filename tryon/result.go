// Package tryon puts products on people: one frame in, one frame with what is
// worn out. Engine runs its stages in order: perceive → fit → render → refine. It needs
// no window and no GPU, so recorded frames test it.
//
// It leaves to others where frames come from (camera) and how the mirror
// presents them (viewport).
package tryon

import (
	"image"
	"sync/atomic"
	"time"

	"cheval/camera"
	"cheval/catalog"
	"cheval/tryon/fit"
	"cheval/tryon/perceive"
	"cheval/tryon/refine"
)

// Worn is what one look consists of.
type Worn struct {
	Product *catalog.Product
	Variant int // of Product.Variants
}

// Result is one frame seen through the mirror. It is immutable; Release gives
// its buffers back.
type Result struct {
	// Frame is the input, held until Release.
	Frame *camera.Frame
	// Looks are the frame with each look drawn, one for each Worn that the
	// engine was asked for (none: no entry), same size as the frame.
	Looks []*image.RGBA
	// Worn is what each of Looks wears, and Drawn where it differs from Frame:
	// outside of that rectangle, which is empty without a face, they are equal.
	Worn  []Worn
	Drawn []image.Rectangle
	// Plain are Looks as they were drawn, before they were refined: one for each
	// look while Engine.KeepPlain asks for them, else none.
	Plain []*image.RGBA
	// Refined is the size at which the looks were refined; zero: they were not.
	Refined refine.Size
	// Faces in the frame, the active one first.
	Faces []*perceive.Face
	// Fit of the first look on the active face; nil without a face or a look.
	Fit *fit.Report
	// Triangles join the first 468 points of a face; shared by all results and
	// never written, for whoever draws the mesh.
	Triangles [][3]uint16
	// Times of the stages.
	Times Times
	// Provider is what ran the models: "CPU" or "CUDA".
	Provider string

	report  fit.Report // behind Fit
	refs    atomic.Int32
	recycle func(*Result)
}

// Times are wall times of one frame's stages.
type Times struct {
	Detect, Mesh, Iris, Perceive, Render, Refine, Total time.Duration
}

// Retain adds a holder, who must Release too. It returns r.
func (r *Result) Retain() *Result {
	r.refs.Add(1)
	return r
}

// Release gives up one hold; after the last the buffers are reused. One
// Release too many panics: the buffers would already belong to another frame.
func (r *Result) Release() {
	switch n := r.refs.Add(-1); {
	case n < 0:
		panic("tryon: result released more often than held")
	case n == 0 && r.recycle != nil:
		r.recycle(r)
	}
}

// NewResult returns a result for f that is held once. It takes over one hold
// of f. recycle, which may be nil, is called after the last Release, on the
// goroutine that released last; it releases Frame.
func NewResult(f *camera.Frame, recycle func(*Result)) *Result {
	r := &Result{Frame: f, recycle: recycle}
	r.refs.Store(1)
	return r
}
