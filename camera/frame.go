// Package camera turns a camera, a clip, a still, a network stream or the
// synthetic demo into frames: pixels with a sequence number, a capture time
// and a release. It finds cameras by name, opens them away from the caller's
// thread, says plainly what is wrong with them and brings them back. It also
// writes pictures and clips, whole or not at all.
//
// It leaves to others what is in the picture (tryon) and how it is shown
// (viewport).
package camera

import (
	"image"
	"sync/atomic"
	"time"
)

// Frame is one picture from a source. It is immutable once published: whoever
// wants to draw copies. Each holder of a Frame calls Release exactly once;
// after the last release the pixels are reused, so nothing may keep Image.
type Frame struct {
	// Seq counts the frames that the source produced, from 0. Dropped frames
	// leave gaps.
	Seq uint64
	// Captured is when the pixels left the lens (or the decoder, for files).
	// Lens-to-screen delay is measured from it.
	Captured time.Time
	// Offset is the position in the clip; for a live camera the time since it opened.
	Offset time.Duration
	// Image is opaque (alpha 255), unmirrored, rotated upright, with its
	// bounds starting at (0,0) and a stride of 4*width.
	Image *image.RGBA
	// FocalPx is the focal length in pixels where the source knows it, else 0.
	FocalPx float32
	// Truth is what a synthetic source knows about the frame it made, else nil.
	Truth *Truth

	refs    atomic.Int32
	recycle func(*Frame)
}

// Truth is the known head pose of a synthetic frame, in degrees: yaw is
// positive towards the picture's right, pitch upwards, roll clockwise.
type Truth struct {
	Yaw, Pitch, Roll float32
	// Landmarks are the pixels of the landmarks that the source drew, in the
	// order of the mesh it was given.
	Landmarks [][2]float32
}

// NewFrame wraps img as a frame held once. recycle, which may be nil, is
// called after the last Release, on the goroutine that released last.
func NewFrame(img *image.RGBA, recycle func(*Frame)) *Frame {
	f := &Frame{Image: img, recycle: recycle}
	f.refs.Store(1)
	return f
}

// Retain adds a holder, who must Release too. It returns f.
func (f *Frame) Retain() *Frame {
	f.refs.Add(1)
	return f
}

// Release gives up one hold. One Release too many panics: the pixels would
// already belong to another frame.
func (f *Frame) Release() {
	switch n := f.refs.Add(-1); {
	case n < 0:
		panic("camera: frame released more often than held")
	case n == 0 && f.recycle != nil:
		f.recycle(f)
	}
}
