package enhance

import (
	"image"
	"math"
	"slices"

	"cheval/studio/internal/pixels"

	"gocv.io/x/gocv"
)

func quartile(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/4]
}

// Adjust holds the sliders, each 0 (leaves the picture as it is) to 1 (all that
// is sensible).
type Adjust struct {
	Learned       float64 // the network's correction of colour and light, where there is one
	WhiteBalance  float64 // takes the light's cast away
	Exposure      float64 // stretches to the ends of the range
	LocalContrast float64 // brings out folds and texture
	Denoise       float64
	Sharpness     float64
}

// darkWhite is the white, of 255, below which a photo is evenly dark, and
// stretching its ends is better than the learned correction. Chosen on training
// photos (docs/studio.md).
const darkWhite = 140

// Auto is what a merchant would leave alone: the learned correction where there
// is one and the photo is not dark all over, else half of a cast that enough of
// the photo agrees on and the whole stretch; a little contrast, noise only where
// there is some, and sharpness that does not bring noise out.
func Auto(e Estimate) Adjust {
	quiet := 1 - max(0, min(1, (e.Noise-2)/6))
	a := Adjust{
		WhiteBalance:  0.6 * max(0, min(1, (e.Neutral-0.03)/0.12)),
		Exposure:      0.9,
		LocalContrast: 0.15 + 0.1*quiet,
		Denoise:       0.6 * (1 - quiet),
		Sharpness:     0.1 + 0.25*quiet,
	}
	if e.Correction != nil && e.White >= darkWhite {
		a.Learned, a.WhiteBalance, a.Exposure = 1, 0, 0
	}
	return a
}

// Apply adjusts a cut-out (or, opaque, a whole photo) by what was estimated on
// its photo. cut is not changed; colours under no coverage are none.
func Apply(cut *image.NRGBA, e Estimate, a Adjust) (*image.NRGBA, error) {
	out := image.NewNRGBA(cut.Rect)
	covered(out, cut)
	if a.Learned > 0 && e.Correction != nil {
		e.Correction.correct(out, a.Learned)
	}
	if a.WhiteBalance > 0 || a.Exposure > 0 {
		tones(out, curves(e, a))
	}
	if a.Denoise > 0 {
		if err := denoise(out, e, a.Denoise); err != nil {
			return nil, err
		}
	}
	if a.LocalContrast > 0 || a.Sharpness > 0 {
		if err := detail(out, e, a); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// curves are the three channels' new values: balanced, then stretched so that
// the photo's luma reaches from black to a white of 246.
func curves(e Estimate, a Adjust) (lut [3][256]uint8) {
	const white, mostBlack, mostGain = 246, 14, 1.7
	black := a.Exposure * min(e.Black, mostBlack)
	gain := 1 + a.Exposure*(max(1, min(mostGain, (white-black)/max(1, e.White-black)))-1)
	for c := range lut {
		balance := math.Pow(e.Gain[c], a.WhiteBalance)
		for v := range lut[c] {
			x := (float64(v)*balance - black*float64(255-v)/255) * gain
			lut[c][v] = uint8(math.Round(max(0, shoulder(x))))
		}
	}
	return lut
}

// shoulder keeps drawing in the lights: from 224 on, values approach 255
// instead of being cut off there.
func shoulder(x float64) float64 {
	const from, room = 224, 31
	if x <= from {
		return x
	}
	return from + room*(1-math.Exp(-(x-from)/room))
}

// covered copies what is covered.
func covered(out, cut *image.NRGBA) {
	pixels.Rows(cut.Rect.Dy(), func(from, to int) {
		for y := from; y < to; y++ {
			src := cut.Pix[y*cut.Stride : y*cut.Stride+4*cut.Rect.Dx()]
			dst := out.Pix[y*out.Stride : y*out.Stride+4*cut.Rect.Dx()]
			for i := 0; i+3 < len(src); i += 4 {
				if src[i+3] != 0 {
					copy(dst[i:i+4], src[i:])
				}
			}
		}
	})
}

// tones applies the curves to all that is covered.
func tones(m *image.NRGBA, lut [3][256]uint8) {
	pixels.Rows(m.Rect.Dy(), func(from, to int) {
		for y := from; y < to; y++ {
			row := m.Pix[y*m.Stride : y*m.Stride+4*m.Rect.Dx()]
			for i := 0; i+3 < len(row); i += 4 {
				if row[i+3] != 0 {
					row[i], row[i+1], row[i+2] = lut[0][row[i]], lut[1][row[i+1]], lut[2][row[i+2]]
				}
			}
		}
	})
}

// denoise smooths what differs by no more than the noise (a bilateral filter,
// Tomasi and Manduchi 1998) and mixes it in by strength.
func denoise(m *image.NRGBA, e Estimate, strength float64) error {
	lent, err := pixels.NRGBA(m)
	if err != nil {
		return err
	}
	defer lent.Close()
	colours := gocv.NewMat()
	defer colours.Close()
	gocv.CvtColor(lent, &colours, gocv.ColorBGRAToBGR)
	smooth := gocv.NewMat()
	defer smooth.Close()
	spread := 4 * max(2, e.Noise)
	gocv.BilateralFilter(colours, &smooth, 5, spread, 2)
	pix, err := smooth.DataPtrUint8()
	if err != nil {
		return err
	}
	k := int(math.Round(256 * min(1, strength)))
	w := m.Rect.Dx()
	pixels.Rows(m.Rect.Dy(), func(from, to int) {
		for i := from * w; i < to*w; i++ {
			if m.Pix[4*i+3] != 0 {
				for c := range 3 {
					v := int(m.Pix[4*i+c])
					m.Pix[4*i+c] = uint8(v + (k*(int(pix[3*i+c])-v)+128)>>8)
				}
			}
		}
	})
	return nil
}
