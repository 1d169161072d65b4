package rules

import (
	"image/color"
	"math"
)

// Harmony says how well two colours go together, 0..1: a neutral with
// anything, near hues with each other, and opposite ones (Itten's analogous
// and complementary schemes).
func Harmony(a, b color.NRGBA) float64 {
	ha, ca := hue(a)
	hb, cb := hue(b)
	neutral := 1 - min(ca, cb)/neutralChroma
	if neutral < 0 {
		neutral = 0
	}
	d := math.Abs(ha - hb)
	if d > 180 {
		d = 360 - d
	}
	bell := func(at, width float64) float64 { x := (d - at) / width; return math.Exp(-x * x) }
	scheme := max(bell(0, 30), 0.9*bell(180, 25), 0.7*bell(120, 20))
	return max(scheme, 0.85*neutral)
}

// neutralChroma is the chroma, 0..1 of HSV's cone, from which a colour is
// seen as coloured.
const neutralChroma = 0.25

// hue in degrees and chroma, max-min, 0..1.
func hue(c color.NRGBA) (degrees, chroma float64) {
	r, g, b := float64(c.R)/255, float64(c.G)/255, float64(c.B)/255
	hi, lo := max(r, g, b), min(r, g, b)
	chroma = hi - lo
	switch {
	case chroma == 0:
		return 0, 0
	case hi == r:
		degrees = 60 * math.Mod((g-b)/chroma+6, 6)
	case hi == g:
		degrees = 60 * ((b-r)/chroma + 2)
	default:
		degrees = 60 * ((r-g)/chroma + 4)
	}
	return degrees, chroma
}
