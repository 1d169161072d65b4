package generate

import (
	"image"
	"math"
	"slices"

	"cheval/internal/cielab"
)

// Lab is a colour in CIE L*a*b*, D65.
type Lab [3]float64

// toLab converts 8-bit sRGB.
func toLab(r, g, b uint8) Lab {
	l, a, bb := cielab.Of(r, g, b)
	return Lab{l, a, bb}
}

// rgb converts to 8-bit sRGB; what lies outside is brought to the border.
func (c Lab) rgb() [3]uint8 {
	y := (c[0] + 16) / 116
	lx, ly, lz := cielab.Uncurve(y+c[1]/500)*cielab.WhiteX, cielab.Uncurve(y), cielab.Uncurve(y-c[2]/200)*cielab.WhiteZ
	return [3]uint8{
		cielab.Byte(3.2404541621*lx - 1.5371385128*ly - 0.4985314096*lz),
		cielab.Byte(-0.9692660305*lx + 1.8760108454*ly + 0.0415560175*lz),
		cielab.Byte(0.0556434310*lx - 0.2040259135*ly + 1.0572251882*lz),
	}
}

// Dominant is the colour of a cut-out: the median of L*, of a* and of b* over
// the pixels whose alpha is at least one half. It is white where there is none.
func Dominant(m *image.NRGBA) Lab {
	var channel [3][]float64
	for y := m.Rect.Min.Y; y < m.Rect.Max.Y; y++ {
		for x := m.Rect.Min.X; x < m.Rect.Max.X; x++ {
			p := m.Pix[m.PixOffset(x, y):]
			if p[3] < 128 {
				continue
			}
			for c, v := range toLab(p[0], p[1], p[2]) {
				channel[c] = append(channel[c], v)
			}
		}
	}
	if channel[0] == nil {
		return Lab{100, 0, 0}
	}
	return Lab{median(channel[0]), median(channel[1]), median(channel[2])}
}

// median sorts v.
func median(v []float64) float64 {
	slices.Sort(v)
	n := len(v)
	return (v[(n-1)/2] + v[n/2]) / 2
}

// ColourName is the word for a colour. The rule is that of
// models/training/cheval_training/colour.py: lightness, chroma and hue angle.
func ColourName(c Lab) string {
	chroma := math.Hypot(c[1], c[2])
	hue := math.Mod(math.Atan2(c[2], c[1])*180/math.Pi+360, 360)
	switch {
	case chroma < 8 || (c[0] < 22 && chroma < 16):
		return grey(c[0])
	case hue >= 338 || hue < 48:
		return reddish(c[0], chroma, hue)
	case hue < 112:
		return yellowish(c[0], chroma, hue)
	case hue < 195:
		return "green"
	case hue < 312:
		return "blue"
	}
	return "purple"
}

func grey(lightness float64) string {
	switch {
	case lightness < 30:
		return "black"
	case lightness < 75:
		return "grey"
	}
	return "white"
}

func reddish(lightness, chroma, hue float64) string {
	switch {
	case lightness >= 62 || (hue >= 338 && lightness >= 45):
		return "pink"
	case hue >= 338 && lightness < 30:
		return "purple"
	case hue >= 20 && hue < 48 && lightness < 50 && chroma < 25:
		return "brown"
	}
	return "red"
}

func yellowish(lightness, chroma, hue float64) string {
	switch {
	case chroma < 32 && lightness >= 62:
		return "beige"
	case hue < 92 && lightness < 58 && chroma < 60:
		return "brown"
	case hue >= 95 && lightness < 58:
		return "green"
	case hue < 75:
		return "orange"
	}
	return "yellow"
}
