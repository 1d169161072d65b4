package photo

import (
	"fmt"
	"image"
	"math"
	"sync"

	"cheval/studio/internal/pixels"
)

// Kind is what is wrong with a photo.
type Kind string

// Kinds of problems.
const (
	Blurred     Kind = "blurred"
	Dark        Kind = "dark"
	Overexposed Kind = "overexposed"
	Cropped     Kind = "cropped"
	TooSmall    Kind = "too-small"
	Animated    Kind = "animated"
	NoProduct   Kind = "no-product"
	// NoCorrection says that the network that corrects colours cannot.
	NoCorrection Kind = "no-correction"
)

// Problem is why a photo is unfit, with what was measured and the bound.
type Problem struct {
	Kind    Kind    `json:"kind"`
	Measure float64 `json:"measure"`
	Limit   float64 `json:"limit"`
	Text    string  `json:"text"` // a sentence for a merchant, in English
}

// The bounds, each in its measure's unit. docs/studio.md shows the clothing
// photos' distributions that they were chosen on.
const (
	// BlurLimit is of the blur metric (0 sharp .. 1 blurred).
	BlurLimit = 0.6
	// DarkLimit is of the 90th percentile of luma, 0..255, over the photo and
	// over the product: a black bag on a lit table is not dark.
	DarkLimit = 80
	// OverexposedLimit is the part of the product without any drawing left.
	OverexposedLimit = 0.25
	// CroppedLimit is the part of an edge of the photo that product covers.
	CroppedLimit = 0.06
	// SmallLimit is the longer side in pixels: what marketplaces ask at least.
	SmallLimit = 500
)

// judged is the longer side at which sharpness is judged: what a shop shows.
const judged = 800

// Judge measures a photo. alpha is the product's coverage at the photo's size;
// without it
// (nil) nothing is said of overexposure (a white table is none) and cropping.
func Judge(img *image.RGBA, alpha *image.Alpha) (problems []Problem, err error) {
	say := func(bad bool, kind Kind, measure, limit float64, format string, args ...any) {
		if bad {
			problems = append(problems, Problem{kind, math.Round(measure*1000) / 1000, limit, fmt.Sprintf(format, args...)})
		}
	}
	size := float64(max(img.Rect.Dx(), img.Rect.Dy()))
	say(size < SmallLimit, TooSmall, size, SmallLimit, "it is %d×%d pixels: shops ask for at least %d on the longer side", img.Rect.Dx(), img.Rect.Dy(), SmallLimit)
	luma, cover, err := scaled(img, alpha)
	if err != nil {
		return nil, err
	}
	blur := Blur(luma)
	say(blur > BlurLimit, Blurred, blur, BlurLimit, "it is blurred (%.2f of 1, at most %.2f): take it again with more light or a steadier hand", blur, float64(BlurLimit))
	light, bright := lightOf(luma, cover), lightOf(luma, nil).p90
	bright = max(bright, light.p90)
	say(bright < DarkLimit, Dark, bright, DarkLimit, "it is dark (brightest tenth from %.0f of 255, at least %d): take it again with more light", bright, DarkLimit)
	say(alpha != nil && light.blank > OverexposedLimit, Overexposed, light.blank, OverexposedLimit, "%.0f %% of it is overexposed (at most %.0f %%): take it again with less light", 100*light.blank, 100*float64(OverexposedLimit))
	if alpha != nil {
		part, side := croppedPart(alpha)
		say(part > CroppedLimit, Cropped, part, CroppedLimit, "the product is cut off at the photo's %s edge (over %.0f %% of it): step back and take it whole", side, 100*part)
	}
	return problems, nil
}

// scaled returns luma and coverage at the size at which photos are judged;
// coverage is nil where alpha is.
func scaled(img *image.RGBA, alpha *image.Alpha) (*image.Gray, *image.Alpha, error) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	if long := max(w, h); long > judged {
		w, h = max(1, w*judged/long), max(1, h*judged/long)
	}
	small := img
	if w != img.Rect.Dx() {
		small = image.NewRGBA(image.Rect(0, 0, w, h))
		if err := pixels.Scale(img, small); err != nil {
			return nil, nil, err
		}
	}
	luma := image.NewGray(small.Rect)
	for i := range luma.Pix {
		p := small.Pix[4*i:]
		luma.Pix[i] = uint8((19595*uint32(p[0]) + 38470*uint32(p[1]) + 7471*uint32(p[2]) + 1<<15) >> 16)
	}
	if alpha == nil {
		return luma, nil, nil
	}
	cover := image.NewAlpha(luma.Rect)
	for y := range h {
		for x := range w {
			cover.Pix[y*w+x] = alpha.Pix[y*alpha.Rect.Dy()/h*alpha.Stride+x*alpha.Rect.Dx()/w]
		}
	}
	return luma, cover, nil
}

// Blur is the blur metric of Crété-Roffet and others (2007): how little a
// picture changes when it is blurred once more. 0 sharp .. 1 blurred.
func Blur(m *image.Gray) float64 {
	var across, down float64
	var wg sync.WaitGroup
	wg.Go(func() { across = lostAcross(m) })
	down = lostDown(m)
	wg.Wait()
	return max(across, down)
}

// blurReach is half the width of the box that a picture is blurred by.
const blurReach = 4

// loss sums neighbouring differences, and what of them the box leaves.
type loss struct{ all, lost int }

// part is 1 − the part of the differences that the box takes away.
func (l loss) part() float64 {
	const width = 2*blurReach + 1
	if l.all == 0 {
		return 1
	}
	return float64(l.all*width-l.lost) / float64(l.all*width)
}

// add takes one difference, and the box's sum's, which is width times it.
func (l *loss) add(sharp, soft int) {
	const width = 2*blurReach + 1
	sharp, soft = max(sharp, -sharp), max(soft, -soft)
	l.all += sharp
	l.lost += max(0, width*sharp-soft)
}

func lostAcross(m *image.Gray) float64 {
	var l loss
	w := m.Rect.Dx()
	for y := range m.Rect.Dy() {
		row := m.Pix[y*m.Stride : y*m.Stride+w]
		for x := blurReach + 1; x+blurReach < w; x++ {
			l.add(int(row[x])-int(row[x-1]), int(row[x+blurReach])-int(row[x-blurReach-1]))
		}
	}
	return l.part()
}

func lostDown(m *image.Gray) float64 {
	var l loss
	w := m.Rect.Dx()
	for y := blurReach + 1; y+blurReach < m.Rect.Dy(); y++ {
		row := func(dy int) []uint8 { return m.Pix[(y+dy)*m.Stride : (y+dy)*m.Stride+w] }
		here, above, far, back := row(0), row(-1), row(blurReach), row(-blurReach-1)
		for x := range here {
			l.add(int(here[x])-int(above[x]), int(far[x])-int(back[x]))
		}
	}
	return l.part()
}

// light is how bright a product is.
type light struct {
	p90   float64 // 90th percentile of luma
	blank float64 // part at the upper end, 0..1
}

func lightOf(luma *image.Gray, cover *image.Alpha) light {
	var histogram [256]int
	n := 0
	for i, v := range luma.Pix {
		if cover == nil || cover.Pix[i] > 127 {
			histogram[v]++
			n++
		}
	}
	if n == 0 {
		return light{p90: 255}
	}
	l := light{}
	for v, below := 0, 0; v < 256; v++ {
		below += histogram[v]
		if float64(below) >= 0.9*float64(n) {
			l.p90 = float64(v)
			break
		}
	}
	for v := 252; v < 256; v++ {
		l.blank += float64(histogram[v]) / float64(n)
	}
	return l
}

// croppedPart is the largest part of one edge of the photo that product
// covers, and which edge.
func croppedPart(m *image.Alpha) (part float64, side string) {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	edges := []struct {
		name string
		n    int
		at   func(i int) uint8
	}{
		{"upper", w, func(i int) uint8 { return m.Pix[i] }},
		{"lower", w, func(i int) uint8 { return m.Pix[(h-1)*m.Stride+i] }},
		{"left", h, func(i int) uint8 { return m.Pix[i*m.Stride] }},
		{"right", h, func(i int) uint8 { return m.Pix[i*m.Stride+w-1] }},
	}
	for _, e := range edges {
		n := 0
		for i := range e.n {
			if e.at(i) > 127 {
				n++
			}
		}
		if p := float64(n) / float64(e.n); p > part {
			part, side = p, e.name
		}
	}
	return part, side
}
