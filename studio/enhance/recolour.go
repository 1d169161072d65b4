package enhance

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"
	"strconv"
	"strings"

	"cheval/studio/internal/pixels"
)

// Colours are the product colours that a recolouring is asked for by name,
// with an sRGB value that is usual for cloth and acetate.
var colours = []struct {
	name string
	rgb  color.NRGBA
}{
	{"black", color.NRGBA{28, 28, 30, 255}}, {"white", color.NRGBA{240, 239, 235, 255}},
	{"grey", color.NRGBA{128, 130, 132, 255}}, {"silver", color.NRGBA{186, 188, 192, 255}},
	{"brown", color.NRGBA{98, 64, 42, 255}}, {"beige", color.NRGBA{214, 196, 166, 255}},
	{"gold", color.NRGBA{196, 158, 84, 255}}, {"red", color.NRGBA{178, 30, 42, 255}},
	{"burgundy", color.NRGBA{102, 22, 40, 255}}, {"pink", color.NRGBA{226, 150, 172, 255}},
	{"orange", color.NRGBA{218, 112, 38, 255}}, {"yellow", color.NRGBA{232, 196, 62, 255}},
	{"green", color.NRGBA{52, 110, 68, 255}}, {"olive", color.NRGBA{104, 102, 62, 255}},
	{"turquoise", color.NRGBA{56, 156, 158, 255}}, {"blue", color.NRGBA{44, 84, 158, 255}},
	{"navy", color.NRGBA{30, 40, 76, 255}}, {"gunmetal", color.NRGBA{82, 86, 92, 255}}, {"purple", color.NRGBA{98, 58, 128, 255}},
}

// ColourNames lists the names that ParseColour knows.
func ColourNames() (names []string) {
	for _, c := range colours {
		names = append(names, c.name)
	}
	return names
}

// ParseColour reads a colour's name or #rrggbb.
func ParseColour(s string) (color.NRGBA, error) {
	s = strings.ToLower(strings.TrimSpace(s))
	for _, c := range colours {
		if c.name == s {
			return c.rgb, nil
		}
	}
	if hex, ok := strings.CutPrefix(s, "#"); ok && len(hex) == 6 {
		if v, err := strconv.ParseUint(hex, 16, 32); err == nil {
			return color.NRGBA{uint8(v >> 16), uint8(v >> 8), uint8(v), 255}, nil
		}
	}
	return color.NRGBA{}, fmt.Errorf("enhance: a colour %q is not known: give #rrggbb or one of %s", s, strings.Join(ColourNames(), ", "))
}

// Recolour gives a cut-out's main colour another one, in CIE Lab. Folds and
// texture stay, because lightness keeps its ratios and hue its deviations;
// prints, labels and buttons stay, because what differs in hue or chroma from
// the main colour is left as it is.
func Recolour(cut *image.NRGBA, target color.NRGBA) *image.NRGBA {
	conv := newLabTables()
	main := mainColour(cut, conv)
	to := conv.lab(target.R, target.G, target.B)
	r := recolouring{main: main, to: to, contrast: contrast(main[0], to[0])}
	out := image.NewNRGBA(cut.Rect)
	w := cut.Rect.Dx()
	pixels.Rows(cut.Rect.Dy(), func(from, upTo int) {
		for i := 4 * from * w; i < 4*upTo*w; i += 4 {
			p := cut.Pix[i : i+4]
			if p[3] == 0 {
				continue
			}
			lab := conv.lab(p[0], p[1], p[2])
			k := r.share(lab)
			red, green, blue := conv.rgb(r.apply(lab))
			d := out.Pix[i : i+4]
			d[0], d[1], d[2], d[3] = mixByte(p[0], red, k), mixByte(p[1], green, k), mixByte(p[2], blue, k), p[3]
		}
	})
	return out
}

type recolouring struct {
	main, to [3]float64
	contrast float64
}

// contrast is the exponent of lightness's ratio to the main colour's: folds of
// black cloth are narrow in lightness and would be coarse in white, those of
// white cloth would vanish in black.
func contrast(from, to float64) float64 {
	return max(0.4, min(1.25, math.Pow((to+12)/(from+12), -0.5)))
}

// apply gives one pixel its new colour.
func (r *recolouring) apply(lab [3]float64) [3]float64 {
	ratio := (lab[0] + 4) / (r.main[0] + 4)
	l := (r.to[0]+4)*math.Pow(ratio, r.contrast) - 4
	if l > r.to[0] { // lights go to white and not beyond
		room := 100 - r.to[0]
		l = r.to[0] + room*(1-math.Exp(-(l-r.to[0])/room))
	}
	// A shade of a colour has less chroma, and so has a highlight.
	chroma := max(0, min(1.1, (l+8)/(r.to[0]+8)))
	if l > r.to[0] {
		chroma = max(0, 1-0.6*(l-r.to[0])/max(1, 100-r.to[0]))
	}
	return [3]float64{
		max(0, l),
		r.to[1]*chroma + 0.35*(lab[1]-r.main[1]),
		r.to[2]*chroma + 0.35*(lab[2]-r.main[2]),
	}
}

// share is how much of a pixel is of the main colour, 0..1: by its distance in
// a and b, where lightness counts little because folds change it.
func (r *recolouring) share(lab [3]float64) float64 {
	const near, far = 20, 36
	da, db := lab[1]-r.main[1], lab[2]-r.main[2]
	// Chroma falls with lightness: dark folds of red cloth are nearly grey.
	dl := max(0, r.main[0]-lab[0])
	d := math.Hypot(da, db) - 0.5*dl
	if grey := math.Hypot(r.main[1], r.main[2]) < 12; !grey {
		// White and black of a print on coloured cloth.
		own := math.Hypot(r.main[1], r.main[2])
		if lost := own - math.Hypot(lab[1], lab[2]); lab[0] > r.main[0]+18 && lost > 0.6*own {
			d = max(d, far)
		}
	} else if apart := math.Abs(lab[0] - r.main[0]); apart > 55 {
		d = max(d, near+(apart-55))
	}
	return max(0, min(1, (far-d)/(far-near)))
}

// mainColour is the middle of the most usual colours: of the fullest bin of a
// coarse histogram over a and b and its neighbours, the medians.
func mainColour(cut *image.NRGBA, conv *labTables) [3]float64 {
	const bin = 12
	step := max(1, int(math.Sqrt(float64(cut.Rect.Dx()*cut.Rect.Dy())/40_000)))
	var labs [][3]float64
	bins := map[[2]int]int{}
	for y := 0; y < cut.Rect.Dy(); y += step {
		for x := 0; x < cut.Rect.Dx(); x += step {
			p := cut.Pix[y*cut.Stride+4*x:]
			if p[3] < 200 {
				continue
			}
			lab := conv.lab(p[0], p[1], p[2])
			labs = append(labs, lab)
			bins[[2]int{int(math.Floor(lab[1] / bin)), int(math.Floor(lab[2] / bin))}]++
		}
	}
	if len(labs) == 0 {
		return [3]float64{50, 0, 0}
	}
	var best [2]int
	most := -1
	for at, n := range bins {
		if n > most || n == most && (at[0] < best[0] || at[0] == best[0] && at[1] < best[1]) {
			best, most = at, n
		}
	}
	var parts [3][]float64
	for _, lab := range labs {
		if math.Abs(lab[1]-bin*(float64(best[0])+0.5)) <= bin && math.Abs(lab[2]-bin*(float64(best[1])+0.5)) <= bin {
			for c := range parts {
				parts[c] = append(parts[c], lab[c])
			}
		}
	}
	var middle [3]float64
	for c := range parts {
		slices.Sort(parts[c])
		middle[c] = parts[c][len(parts[c])/2]
	}
	return middle
}

func mixByte(a, b uint8, k float64) uint8 {
	return uint8(float64(a) + k*(float64(b)-float64(a)) + 0.5)
}
