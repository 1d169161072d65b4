package anchor

import (
	"image"
	"image/color"
	"math"
	"slices"

	"cheval/catalog"
	"cheval/internal/cielab"
	"cheval/studio/internal/pixels"
)

// flatPerMM is how fine a flat front is kept at most, in pixels a millimetre:
// a face that fills a 4K mirror shows about ten.
const flatPerMM = 7

// look takes the colours of front and lenses from the photo, and the front
// itself.
func (s *sized) look(img *image.RGBA, alpha *image.Alpha, m catalog.Material) (catalog.Variant, error) {
	var v catalog.Variant
	front, err := s.flatPhoto(img)
	if err != nil {
		return v, err
	}
	v.Front = front
	v.Frame = frameSurface(front, m)
	temples := v.Frame
	v.Temples = &temples
	v.Lens = s.lens(img, alpha)
	v.Colour = colourName(v.Frame)
	return v, nil
}

// frameSurface is what the front's pixels say of its material.
func frameSurface(front *catalog.FrontPhoto, m catalog.Material) catalog.Surface {
	points, heights := insidePixels(front.Image)
	s := catalog.Surface{Roughness: 0.18}
	if len(points) == 0 {
		s.Base = color.NRGBA{40, 40, 40, 255}
		return s
	}
	tones := make([][3]float64, len(points))
	var light []float64
	for i, p := range points {
		l, a, b := pixels.Lab(p.R, p.G, p.B)
		tones[i] = [3]float64{float64(l), float64(a), float64(b)}
		light = append(light, float64(l))
	}
	slices.Sort(light)
	base := middleColour(points, tones, light[len(light)/4], light[len(light)*3/4])
	if m == catalog.Metal {
		base = middleColour(points, tones, light[len(light)/2], light[len(light)*9/10])
		s.Base, s.Roughness, s.Metallic = base, 0.25, 1
		if l, _, _ := pixels.Lab(base.R, base.G, base.B); l < 30 { // lacquered
			s.Metallic, s.Roughness = 0, 0.4
		}
		return s
	}
	s.Base = base
	pattern(&s, points, tones, heights)
	return s
}

// pattern finds whether two colours share the front: above and below, or in
// blotches.
func pattern(s *catalog.Surface, points []color.NRGBA, tones [][3]float64, heights []float64) {
	two := halves(tones)
	if d := tonesApart(two[0], two[1]); d < 16 {
		return
	}
	var upper, lower, high []float64 // heights of the two tones
	var first, second []color.NRGBA
	for i, t := range tones {
		if tonesApart(t, two[0]) < tonesApart(t, two[1]) {
			first, upper = append(first, points[i]), append(upper, heights[i])
		} else {
			second, lower = append(second, points[i]), append(lower, heights[i])
		}
		high = append(high, heights[i])
	}
	if len(first) < len(tones)/7 || len(second) < len(tones)/7 {
		return
	}
	slices.Sort(high)
	span := high[len(high)*9/10] - high[len(high)/10]
	a, b := meanColour(first), meanColour(second)
	apart := (mean(upper) - mean(lower)) / math.Max(span, 1)
	switch {
	case apart < -0.38: // heights run down
		s.Pattern, s.Base, s.Second = catalog.Gradient, a, b
	case apart > 0.38:
		s.Pattern, s.Base, s.Second = catalog.Gradient, b, a
	default:
		la, _, _ := pixels.Lab(a.R, a.G, a.B)
		lb, _, _ := pixels.Lab(b.R, b.G, b.B)
		if la < lb {
			a, b = b, a
		}
		s.Pattern, s.Base, s.Second, s.PatternScale = catalog.Tortoise, a, b, 10
	}
}

// halves splits tones into the two that part them best.
func halves(tones [][3]float64) (c [2][3]float64) {
	lo, hi := tones[0], tones[0]
	for _, t := range tones {
		if t[0] < lo[0] {
			lo = t
		}
		if t[0] > hi[0] {
			hi = t
		}
	}
	c = [2][3]float64{lo, hi}
	for range 12 {
		var sum [2][3]float64
		var n [2]float64
		for _, t := range tones {
			k := 0
			if tonesApart(t, c[1]) < tonesApart(t, c[0]) {
				k = 1
			}
			n[k]++
			for i := range t {
				sum[k][i] += t[i]
			}
		}
		for k := range c {
			for i := range c[k] {
				if n[k] > 0 {
					c[k][i] = sum[k][i] / n[k]
				}
			}
		}
	}
	return c
}

// insidePixels are some thousand pixels of the front and their heights.
func insidePixels(m *image.NRGBA) (out []color.NRGBA, heights []float64) {
	n := m.Rect.Dx() * m.Rect.Dy()
	step := max(n/24000, 1)
	for i := 0; i < n; i += step {
		p := m.Pix[4*i : 4*i+4]
		if p[3] > 250 {
			out = append(out, color.NRGBA{p[0], p[1], p[2], 255})
			heights = append(heights, float64(i/m.Rect.Dx()))
		}
	}
	return out, heights
}

// middleColour is the mean of the points between two lightnesses.
func middleColour(points []color.NRGBA, tones [][3]float64, lo, hi float64) color.NRGBA {
	var kept []color.NRGBA
	for i, t := range tones {
		if t[0] >= lo && t[0] <= hi {
			kept = append(kept, points[i])
		}
	}
	return meanColour(kept)
}

// meanColour averages in linear light.
func meanColour(points []color.NRGBA) color.NRGBA {
	var sum [3]float64
	for _, p := range points {
		for c, b := range [3]uint8{p.R, p.G, p.B} {
			sum[c] += cielab.Linear(b) / float64(max(len(points), 1))
		}
	}
	return color.NRGBA{cielab.Byte(sum[0]), cielab.Byte(sum[1]), cielab.Byte(sum[2]), 255}
}

func mean(v []float64) (m float64) {
	for _, x := range v {
		m += x / float64(len(v))
	}
	return m
}

func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}

// lens estimates tint and transmission: what is seen through the openings
// against the background beside the product at the same heights.
func (s *sized) lens(img *image.RGBA, alpha *image.Alpha) catalog.Lens {
	lo, hi := bounds(s.shape)
	mid := lo.mix(hi, 0.5)
	var upper, lower [3][]float64
	for i := -8; i <= 8; i++ {
		y := mid.y + float64(i)/10*(hi.y-lo.y)/2
		beside, ok := s.beside(img, alpha, y)
		if !ok {
			continue
		}
		for side := -1.0; side <= 1; side += 2 {
			for k := -5; k <= 5; k++ {
				x := side * (mid.x + float64(k)/10*(hi.x-lo.x)/2)
				if outside(s.shape, mid, point{x * side, y}) > -2 {
					continue
				}
				c, ok := colourOf(img, s.photo(point{x, y}))
				if !ok {
					continue
				}
				for j := range c {
					r := c[j] / math.Max(beside[j], 0.01)
					if i < 0 {
						lower[j] = append(lower[j], r)
					} else {
						upper[j] = append(upper[j], r)
					}
				}
			}
		}
	}
	return lensOf(ratios(upper), ratios(lower))
}

// ratios are the lighter half's medians: what darkens a part of a lens is a
// temple or a shadow behind it.
func ratios(v [3][]float64) (out [3]float64) {
	for j := range v {
		if len(v[j]) == 0 {
			return [3]float64{0.92, 0.92, 0.92}
		}
		sorted := slices.Sorted(slices.Values(v[j]))
		out[j] = min(sorted[len(sorted)*6/10], 1)
	}
	return out
}

// clearFrom is the share of light from which a lens counts as clear: what it
// takes from a photo's background is within what light and shade do there.
const clearFrom = 0.66

func lensOf(upper, lower [3]float64) catalog.Lens {
	lum := func(c [3]float64) float64 { return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2] }
	up, low := lum(upper), lum(lower)
	all := [3]float64{(upper[0] + lower[0]) / 2, (upper[1] + lower[1]) / 2, (upper[2] + lower[2]) / 2}
	most, least := slices.Max(all[:]), slices.Min(all[:])
	clear := catalog.Lens{Tint: color.NRGBA{243, 248, 244, 255}, Transmission: 0.92, Coating: color.NRGBA{111, 181, 140, 255}}
	if (up+low)/2 > clearFrom && least > 0.8*most {
		return clear
	}
	l := catalog.Lens{Transmission: float32(min(max(math.Max(up, 0.05), 0.05), 0.92))}
	if low > 1.6*up && low > 0.2 {
		l.Bottom = float32(min(low, 0.9))
	} else {
		l.Transmission = float32(min(max((up+low)/2, 0.05), 0.92))
	}
	// The tint is the colour alone, its brightest channel full.
	l.Tint = color.NRGBA{cielab.Byte(all[0] / most), cielab.Byte(all[1] / most), cielab.Byte(all[2] / most), 255}
	return l
}

// beside is the background's colour left and right of the product at height y.
func (s *sized) beside(img *image.RGBA, alpha *image.Alpha, y float64) (out [3]float64, ok bool) {
	reach := 0.0
	for _, p := range s.edge {
		reach = math.Max(reach, p.x)
	}
	n := 0.0
	for side := -1.0; side <= 1; side += 2 {
		for d := 4.0; d <= 16; d += 3 {
			q := s.photo(point{side * (reach + d), y})
			c, in := colourOf(img, q)
			if !in || alpha.AlphaAt(int(q.x), int(q.y)).A > 20 {
				continue
			}
			for j := range c {
				out[j] += c[j]
			}
			n++
		}
	}
	for j := range out {
		out[j] /= math.Max(n, 1)
	}
	return out, n > 0
}

// colourOf is the photo's linear colour at a point.
func colourOf(img *image.RGBA, p point) (c [3]float64, ok bool) {
	x, y := int(p.x), int(p.y)
	if p.x < 0 || p.y < 0 || x >= img.Rect.Dx() || y >= img.Rect.Dy() {
		return c, false
	}
	i := img.PixOffset(x, y)
	return [3]float64{cielab.Linear(img.Pix[i]), cielab.Linear(img.Pix[i+1]), cielab.Linear(img.Pix[i+2])}, true
}

// colourName files a surface under one of the catalogue's colours.
func colourName(s catalog.Surface) string {
	if s.Pattern == catalog.Tortoise {
		return "tortoise"
	}
	l, a, b := pixels.Lab(s.Base.R, s.Base.G, s.Base.B)
	chroma := math.Hypot(float64(a), float64(b))
	hue := math.Mod(math.Atan2(float64(b), float64(a))*180/math.Pi+360, 360)
	if s.Metallic > 0.5 {
		switch {
		case chroma > 12 && hue > 62 && hue < 110:
			return "gold"
		case chroma > 12 && (hue <= 62 || hue > 330):
			return "pink" // rose gold
		case l < 52:
			return "gunmetal"
		}
		return "silver"
	}
	if chroma < 9 {
		switch {
		case l < 30:
			return "black"
		case l < 78:
			return "grey"
		}
		return "white"
	}
	return hueName(float64(l), chroma, hue)
}

func hueName(l, chroma, hue float64) string {
	switch {
	case hue < 20 || hue >= 340:
		if l < 32 {
			return "burgundy"
		}
		if l > 58 {
			return "pink"
		}
		return "red"
	case hue < 48:
		if l < 50 && chroma < 45 {
			return "brown"
		}
		if l > 62 && chroma < 30 {
			return "pink"
		}
		if l < 55 {
			return "red"
		}
		return "orange"
	case hue < 82:
		if l < 58 {
			return "brown"
		}
		if chroma < 34 {
			return "beige"
		}
		return "orange"
	case hue < 110:
		if l < 45 {
			return "brown"
		}
		if chroma < 28 {
			return "beige"
		}
		return "yellow"
	case hue < 200:
		return "green"
	case hue < 300:
		if l < 28 {
			return "navy"
		}
		return "blue"
	}
	return "purple"
}
