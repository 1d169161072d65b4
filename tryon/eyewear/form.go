package eyewear

import (
	"math"

	"cheval/catalog"
)

// form bends the flat front into its place: each lens on its sphere, turned by
// the face form angle about the nasal edge of its box, the bridge running
// smoothly between them, all tilted by the pantoscopic angle.
//
// Flat coordinates are millimetres of the front laid out: x from the middle, y
// from the boxes' middle height, t in front of the lens's front surface. Within
// a lens they are exactly those of the lens's box, so that the boxing measures
// of the mesh are the product's.
type form struct {
	half     float64 // of the bridge
	centre   float64 // of a lens's box, flat
	width    float64 // of a lens's box
	wrap     float64 // radians
	tiltSin  float64
	tiltCos  float64
	radius   float64 // of the lens's front sphere
	forwards float64 // shifts the front's front plane to z = 0
}

// BaseCurve returns the dioptres of a lens's front: flat demonstration lenses
// are base 4 to 6, wrapped sport lenses base 8. A frame is bent to its lenses,
// so the curve follows from its face form.
func BaseCurve(e *catalog.Eyewear) float32 {
	return min(max(2.6+0.34*e.Wrap, 3.5), 8)
}

func newForm(e *catalog.Eyewear, front float64) *form {
	a, dbl := float64(e.LensWidth), float64(e.Bridge)
	f := &form{
		half: dbl / 2, centre: dbl/2 + a/2, width: a,
		wrap:    radians(float64(e.Wrap)),
		tiltSin: math.Sin(radians(float64(e.Tilt))),
		tiltCos: math.Cos(radians(float64(e.Tilt))),
		// Lens curves are marked for an index of 1.53: r = 530 mm / dioptres.
		radius:   530 / float64(BaseCurve(e)),
		forwards: -front,
	}
	return f
}

// sag is the lens surface's place before the plane of its box, zero at the
// nasal edge; u and v are from the box's middle.
func (f *form) sag(u, v float64) float64 {
	r2 := f.radius * f.radius
	low := 0.15 * r2 // beyond the sphere (never within a frame) it stays flat
	return math.Sqrt(max(r2-u*u-v*v, low)) - math.Sqrt(max(r2-f.width*f.width/4, low))
}

// flat maps flat coordinates to the front without tilt.
func (f *form) flat(x, y, t float64) vec3 {
	side := 1.0
	if x < 0 {
		side = -1
	}
	r, odd := math.Abs(x), 1.0
	if r < f.half { // an even curve that meets |x| with its slope and curvature
		s := r / f.half
		r = f.half * (0.375 + s*s*(0.75-0.125*s*s))
		odd = s * (3 - s*s) / 2
	}
	sin, cos := math.Sincos(f.wrap)
	w := f.sag(r-f.centre, y)
	run := r - f.half
	dx := run*(cos-1) + w*sin
	z := -run*sin + w*cos
	turn := f.wrap * odd
	return vec3{
		x + side*odd*dx + side*t*math.Sin(turn),
		y,
		z + t*math.Cos(turn) + f.forwards,
	}
}

// tilt turns a point of the untilted front by the pantoscopic angle.
func (f *form) tilt(p vec3) vec3 {
	return vec3{p[0], p[1]*f.tiltCos - p[2]*f.tiltSin, p[2]*f.tiltCos + p[1]*f.tiltSin}
}

// place maps flat coordinates to the frame's space.
func (f *form) place(x, y, t float64) vec3 { return f.tilt(f.flat(x, y, t)) }

// lensFrame returns the middle and the outward normal of the box at x > 0.
func (f *form) lensFrame() (centre, normal vec3) {
	sin, cos := math.Sincos(f.wrap)
	c := vec3{f.half + f.width/2*cos, 0, -f.width/2*sin + f.forwards}
	return f.tilt(c), f.tilt(vec3{sin, 0, cos})
}
