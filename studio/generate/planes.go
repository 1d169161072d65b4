package generate

import (
	"image"

	"cheval/studio/embed"
)

// Planes are pictures as the designer's networks know them: L*, a*, b* less
// the dominant colour, over labScale, times alpha; and alpha from -1 to 1.
const labScale = 40

const pixels = embed.Edge * embed.Edge

// fromPlanes makes the cut-out of planes in that colour: the median offset of
// the product's pixels is taken off, so that the dominant colour is the asked.
func fromPlanes(planes []float32, colour Lab) *image.NRGBA {
	offset := make([]Lab, pixels)
	alpha := make([]float64, pixels)
	var inside [3][]float64
	for i := range pixels {
		alpha[i] = min(max((float64(planes[3*pixels+i])+1)/2, 0), 1)
		for c := range 3 {
			offset[i][c] = float64(planes[c*pixels+i]) / max(alpha[i], 0.05) * labScale
			if alpha[i] >= 0.5 {
				inside[c] = append(inside[c], offset[i][c])
			}
		}
	}
	for c := range 3 {
		if len(inside[c]) > 0 {
			colour[c] -= median(inside[c])
		}
	}
	m := image.NewNRGBA(image.Rect(0, 0, embed.Edge, embed.Edge))
	for i := range pixels {
		p := m.Pix[4*i:]
		p[0], p[1], p[2] = 255, 255, 255
		if alpha[i] > 0.02 {
			v := Lab{offset[i][0] + colour[0], offset[i][1] + colour[1], offset[i][2] + colour[2]}.rgb()
			copy(p, v[:])
		}
		p[3] = uint8(alpha[i]*255 + 0.5)
	}
	return m
}

// toPlanes writes a normalised cut-out as planes and returns its dominant
// colour.
func toPlanes(dst []float32, m *image.NRGBA) Lab {
	colour := Dominant(m)
	for i := range pixels {
		p := m.Pix[4*i:]
		a := float64(p[3]) / 255
		for c, v := range toLab(p[0], p[1], p[2]) {
			dst[c*pixels+i] = float32((v - colour[c]) / labScale * a)
		}
		dst[3*pixels+i] = float32(2*a - 1)
	}
	return colour
}
