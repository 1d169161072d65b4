package viewport

import (
	"image"
	"math"
	"time"
)

// Mode is how a mirror shares its space.
type Mode uint8

const (
	// Single shows the first look, or the frame as it is without one.
	Single Mode = iota
	// Wipe shows View.Before on the left of View.WipeAt and the first look on the
	// right of it.
	Wipe
	// SideBySide shows the first look on the left and the second on the right;
	// with one look, View.Before stands on the left.
	SideBySide
)

// Before is what a look is compared with.
type Before uint8

const (
	// BeforeWorn is the frame as the camera sees it, nothing worn.
	BeforeWorn Before = iota
	// BeforeRefined is the first look as it was drawn, before it was refined; the
	// look itself where it was not.
	BeforeRefined
)

// Limits of a View.
const (
	MaxZoom = 8
	// MaxTransition is the longest change of one product for another, so that
	// the mirror never shows for long what is not there.
	MaxTransition = 200 * time.Millisecond
)

// View says what a mirror shows and how. The zero View is one look, as the
// camera sees it, at zoom 1, without transitions.
type View struct {
	// Flip shows left as right, as a mirror does.
	Flip bool
	Mode Mode
	// Before is what the first look is compared with.
	Before Before
	// WipeAt is where the wipe stands, 0..1 across the mirror as it is seen.
	WipeAt float32
	// Zoom is 1 (fill the space) to MaxZoom; 0 counts as 1.
	Zoom float32
	// Pan moves the middle of the view, in parts of what is visible, as it is
	// seen: positive x to the right, positive y downwards.
	Pan [2]float32
	// ShadeFrom is the height (0 the top, 1 the foot) below which the mirror
	// darkens evenly, to ShadeBy at its foot (0 not at all, 1 black), so that what
	// floats over it can be read. Snapshots and the full-screen window have none.
	ShadeFrom, ShadeBy float32
	// Debug draws the mesh, the head's axes and the times over the mirror.
	Debug bool
	// Transition is how long one product fades into another; 0 switches at
	// once, and more than MaxTransition counts as that.
	Transition time.Duration
}

// ComparesRefined says whether looks are needed as they were drawn.
func (v View) ComparesRefined() bool { return v.Mode != Single && v.Before == BeforeRefined }

// plain returns v without what is drawn over the picture.
func (v View) plain() View {
	v.Debug, v.ShadeBy = false, 0
	return v
}

// clamped returns v with every field within its limits.
func (v View) clamped() View {
	v.WipeAt = clamp(v.WipeAt, 0, 1)
	v.Zoom = clamp(v.Zoom, 1, MaxZoom)
	v.ShadeFrom, v.ShadeBy = clamp(v.ShadeFrom, 0, 1), clamp(v.ShadeBy, 0, 1)
	v.Pan = [2]float32{clamp(v.Pan[0], -1, 1), clamp(v.Pan[1], -1, 1)}
	v.Transition = min(max(v.Transition, 0), MaxTransition)
	return v
}

func clamp(x, lo, hi float32) float32 {
	if x != x { // NaN
		return lo
	}
	return min(max(x, lo), hi)
}

// rect is a rectangle between pixels.
type rect struct{ x0, y0, x1, y1 float32 }

func (r rect) w() float32 { return r.x1 - r.x0 }
func (r rect) h() float32 { return r.y1 - r.y0 }

func rectOf(r image.Rectangle) rect {
	return rect{float32(r.Min.X), float32(r.Min.Y), float32(r.Max.X), float32(r.Max.Y)}
}

func (r rect) intersect(s rect) rect {
	r = rect{max(r.x0, s.x0), max(r.y0, s.y0), min(r.x1, s.x1), min(r.y1, s.y1)}
	if r.x1 <= r.x0 || r.y1 <= r.y0 {
		return rect{}
	}
	return r
}

func (r rect) empty() bool { return r.x1 <= r.x0 || r.y1 <= r.y0 }

// whole returns the smallest rectangle of whole pixels that holds r.
func (r rect) whole() image.Rectangle {
	return image.Rect(int(math.Floor(float64(r.x0))), int(math.Floor(float64(r.y0))),
		int(math.Ceil(float64(r.x1))), int(math.Ceil(float64(r.y1))))
}

// Where less than followBelow of a frame's side is visible the view follows the
// face along that side; where more than centreAbove of it is, the view
// stays in the middle; between, a mixture, so
// that zooming does not jump. A landscape frame in a landscape window loses
// too little for a face to leave it, and a background that wanders would only
// disturb.
const (
	followBelow = 0.65
	centreAbove = 0.85
)

// faceAbove is how far above the middle of the view the face stands, in parts of
// the view's height, where there is a choice: controls float over its lower third.
const faceAbove = 0.08

// crop returns the part of a frame that a panel of the given size shows: the
// panel is covered, focus (pixels of the frame) is where the view should stand
// where it has a choice, and pan moves it from there. It never leaves the frame.
func crop(frame, panel image.Point, v View, focus [2]float32) rect {
	fw, fh := float32(frame.X), float32(frame.Y)
	scale := max(float32(panel.X)/fw, float32(panel.Y)/fh) * v.Zoom
	w, h := float32(panel.X)/scale, float32(panel.Y)/scale
	pan := v.Pan
	if v.Flip {
		pan[0] = -pan[0]
	}
	x := stand(fw, w, focus[0], pan[0])
	y := stand(fh, h, focus[1]+faceAbove*h, pan[1])
	return rect{x, y, x + w, y + h}
}

// stand returns where a view of length part begins on a side of length whole.
func stand(whole, part, focus, pan float32) float32 {
	follow := clamp((centreAbove-part/whole)/(centreAbove-followBelow), 0, 1)
	middle := whole/2 + follow*(focus-whole/2) + pan*part
	return clamp(middle-part/2, 0, max(whole-part, 0))
}

// snapped returns c moved to whole pixels where it is drawn pixel for pixel, or
// two by two as one, so that nothing is resampled.
func (c rect) snapped(panel image.Point) rect {
	w, h := float64(panel.X), float64(panel.Y)
	for _, k := range [...]float64{1, 2} {
		if math.Abs(float64(c.w())-k*w) < 0.51*k && math.Abs(float64(c.h())-k*h) < 0.51*k {
			x, y := float32(math.Round(float64(c.x0))), float32(math.Round(float64(c.y0)))
			return rect{x, y, x + float32(k*w), y + float32(k*h)}
		}
	}
	return c
}

// minDrawn is the least part of the mirror's own pixels along a side that is
// drawn however far it is zoomed, so that lines and text stay readable.
const minDrawn = 0.5

// drawnSize returns how many pixels are drawn for a mirror of the given size:
// as many as it has, unless the camera gives fewer (whoever shows the picture
// stretches it just as well), times part, the adaptive share.
func drawnSize(frame, mirror image.Point, v View, part float32) image.Point {
	return scaled(mirror, clamp(1/v.scale(frame, mirror), minDrawn, 1)*part)
}

// nativeSize returns the size at which the mirror has the camera's pixels.
func nativeSize(frame, mirror image.Point, v View) image.Point {
	return scaled(mirror, 1/v.scale(frame, mirror))
}

// scale returns how much a frame is enlarged in a mirror of the given size.
func (v View) scale(frame, mirror image.Point) float32 {
	w, h := float32(mirror.X), float32(mirror.Y)
	if v.Mode == SideBySide {
		half := pairArea(mirror)
		w, h = half.w(), half.h()
	}
	return max(w/float32(frame.X), h/float32(frame.Y)) * v.Zoom
}

// scaled returns size times k in even numbers, so that two panels are alike.
func scaled(size image.Point, k float32) image.Point {
	even := func(n int) int { return max(int(math.Round(float64(n)*float64(k)/2))*2, 2) }
	return image.Pt(even(size.X), even(size.Y))
}
