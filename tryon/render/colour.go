package render

import (
	"image/color"
	"math"
	"sync"

	"cheval/internal/cielab"
)

// rgb is linear light, 1 being the picture's white.
type rgb struct{ r, g, b float32 }

func toRGB(c [3]float32) rgb    { return rgb{c[0], c[1], c[2]} }
func (a rgb) array() [3]float32 { return [3]float32{a.r, a.g, a.b} }

func (a rgb) mul(b rgb) rgb       { return rgb{a.r * b.r, a.g * b.g, a.b * b.b} }
func (a rgb) add(b rgb) rgb       { return rgb{a.r + b.r, a.g + b.g, a.b + b.b} }
func (a rgb) scale(s float32) rgb { return rgb{a.r * s, a.g * s, a.b * s} }
func (a rgb) mix(b rgb, t float32) rgb {
	return rgb{a.r + (b.r-a.r)*t, a.g + (b.g-a.g)*t, a.b + (b.b-a.b)*t}
}

// luminance by Rec. 709, whose primaries sRGB shares.
func (a rgb) luminance() float32 { return 0.2126*a.r + 0.7152*a.g + 0.0722*a.b }

// encodeSteps is fine enough that every 8-bit value survives decoding and
// encoding: the curve's steepest part takes 5 steps a value.
const encodeSteps = 1 << 14

// curves are the sRGB transfer function (IEC 61966-2-1) as tables.
type curves struct {
	linear [256]float32       // 8-bit to linear
	srgb   [encodeSteps]uint8 // linear·(encodeSteps-1) to 8-bit
}

var sharedCurves = sync.OnceValue(func() *curves {
	c := &curves{}
	for i := range c.linear {
		c.linear[i] = float32(decodeSRGB(float64(i) / 255))
	}
	for i := range c.srgb {
		c.srgb[i] = uint8(cielab.Gamma(float64(i)/(encodeSteps-1))*255 + 0.5)
	}
	return c
})

// encode takes linear light to 8 bits, clipping.
func (c *curves) encode(v float32) uint8 {
	i := int32(v*(encodeSteps-1) + 0.5)
	if uint32(i) >= encodeSteps {
		if i < 0 {
			return 0
		}
		return 255
	}
	return c.srgb[i]
}

func decodeSRGB(v float64) float64 {
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

// linearOf takes a catalogue colour to linear light, its alpha aside.
func linearOf(c color.NRGBA) rgb {
	t := sharedCurves()
	return rgb{t.linear[c.R], t.linear[c.G], t.linear[c.B]}
}

func clamp(v, lo, hi float32) float32 { return max(lo, min(v, hi)) }

// ease is t from 0 to 1, smooth at both ends.
func ease(t float32) float32 {
	if t <= 0 {
		return 0
	}
	if t >= 1 {
		return 1
	}
	return t * t * (3 - 2*t)
}

// smoothstep is 0 at a, 1 at b, and smooth between; a may exceed b.
func smoothstep(a, b, v float32) float32 {
	t := clamp((v-a)/(b-a), 0, 1)
	return t * t * (3 - 2*t)
}

func sqrt(v float32) float32   { return float32(math.Sqrt(float64(v))) }
func pow(v, p float32) float32 { return float32(math.Pow(float64(v), float64(p))) }
