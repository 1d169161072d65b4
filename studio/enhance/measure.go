package enhance

import (
	"image"
	"math"

	"cheval/studio/internal/pixels"
)

// Estimate is what a photo tells of its light and its noise. It is measured on
// the whole photo, before the product is cut out of it: of a red dress alone
// nobody can say whether the light was red.
type Estimate struct {
	// Gain by which red, green and blue (of 0..255 as stored) are multiplied to
	// make what is neutral grey, within neutralMost; 1 where nothing is known.
	Gain [3]float64
	// Neutral is the part of the photo, 0..1, that Gain was found on.
	Neutral float64
	// Black and White are the ends of the photo's luma, 0..255.
	Black, White float64
	// Noise is the standard deviation of luma's noise, 0..255.
	Noise float64
	// Correction is what the network says the photo needs; nil where it was not
	// asked, or is not there.
	Correction *Correction
}

const (
	// neutralMost bounds the cast that is believed: light of 3000 K on a camera
	// set for daylight is about that, beyond it is paint.
	neutralMost = 1.3
	// neutralSpread is how far channels of a grey thing may be apart, as a
	// ratio, before the cast is known.
	neutralSpread = 1.5
	measured      = 512 // longer side at which a photo is measured
)

// Measure looks at a photo, opaque and with bounds from (0,0).
func Measure(photo *image.RGBA) Estimate {
	e := Estimate{Gain: [3]float64{1, 1, 1}, White: 255}
	step := max(1, max(photo.Rect.Dx(), photo.Rect.Dy())/measured)
	var luma [256]int
	var grey [3][256]int
	n, neutral := 0, 0
	for y := 0; y < photo.Rect.Dy(); y += step {
		for x := 0; x < photo.Rect.Dx(); x += step {
			p := photo.Pix[y*photo.Stride+4*x:]
			luma[lumaOf(p[0], p[1], p[2])]++
			n++
			if isNeutral(p) {
				neutral++
				for c := range grey {
					grey[c][p[c]]++
				}
			}
		}
	}
	e.Neutral = float64(neutral) / float64(n)
	e.Black, e.White = percentile(&luma, n, 0.005), percentile(&luma, n, 0.99)
	if neutral > 0 {
		e.Gain = castGain(&grey, neutral)
	}
	e.Noise = noise(photo)
	return e
}

// isNeutral says whether a pixel could be of something grey under some lamp:
// its channels alike, neither dark nor blown out.
func isNeutral(p []uint8) bool {
	low, high := min(p[0], p[1], p[2]), max(p[0], p[1], p[2])
	return low >= 60 && high <= 250 && float64(high) <= neutralSpread*float64(low)
}

// castGain brings the grey pixels' medians together at their mean.
func castGain(grey *[3][256]int, n int) (gain [3]float64) {
	var middle [3]float64
	for c := range middle {
		middle[c] = percentile(&grey[c], n, 0.5)
	}
	mean := (middle[0] + middle[1] + middle[2]) / 3
	for c := range gain {
		gain[c] = max(1/neutralMost, min(neutralMost, mean/max(1, middle[c])))
	}
	return gain
}

func percentile(histogram *[256]int, n int, p float64) float64 {
	below := 0
	for v, count := range histogram {
		if below += count; float64(below) >= p*float64(n) {
			return float64(v)
		}
	}
	return 255
}

func lumaOf(r, g, b uint8) uint8 {
	return uint8((19595*uint32(r) + 38470*uint32(g) + 7471*uint32(b) + 1<<15) >> 16)
}

// noise is Immerkær's estimate (1996), the response to a mask that neither
// planes nor edges of one direction pass, taken at its lower quartile over
// blocks, because cloth is not noise.
func noise(m *image.RGBA) float64 {
	const block = 16
	w, h := m.Rect.Dx(), m.Rect.Dy()
	columns, rows := (w-2)/block, (h-2)/block
	if columns < 1 || rows < 1 {
		return 0
	}
	sums := make([]float64, columns*rows)
	pixels.Rows(rows, func(from, to int) {
		var line [3][block + 2]int
		for by := from; by < to; by++ {
			for bx := range columns {
				sums[by*columns+bx] = blockNoise(m, 1+bx*block, 1+by*block, &line)
			}
		}
	})
	return quartile(sums) * math.Sqrt(math.Pi/2) / 6
}

// blockNoise is the mean magnitude of the response in the block at (x0, y0).
func blockNoise(m *image.RGBA, x0, y0 int, line *[3][18]int) float64 {
	load := func(y int) {
		row := m.Pix[(y0+y)*m.Stride+4*(x0-1):]
		l := &line[(y+3)%3]
		for x := range l {
			l[x] = int(lumaOf(row[4*x], row[4*x+1], row[4*x+2]))
		}
	}
	load(-1)
	load(0)
	sum := 0
	for y := range 16 {
		load(y + 1)
		a, b, c := &line[(y+2)%3], &line[y%3], &line[(y+1)%3]
		for x := 1; x <= 16; x++ {
			v := a[x-1] - 2*a[x] + a[x+1] - 2*b[x-1] + 4*b[x] - 2*b[x+1] + c[x-1] - 2*c[x] + c[x+1]
			sum += max(v, -v)
		}
	}
	return float64(sum) / 256
}
