package embed

import (
	"image"
	"math"
)

// Sizes of a normalised product, those of models/training.
const (
	Edge = 128 // of the picture, pixels
	Fill = 116 // the product's longer side
)

const white = 245 // a pixel whose channels all reach this is white ground

// Normalise brings a product to Edge x Edge: a cut-out is centred with its
// longer side Fill; so is a product on white; any other photo is stretched
// over the whole. Where the result is transparent it is white.
func Normalise(m *image.NRGBA) *image.NRGBA {
	s := source{m: m, onWhite: isOnWhite(m)}
	if box := s.box(); !box.Empty() {
		return s.into(box, fitted(box.Dx(), box.Dy()))
	}
	s.whole = true
	return s.into(image.Rect(0, 0, m.Rect.Dx(), m.Rect.Dy()), image.Pt(Edge, Edge))
}

// fitted is the size of a w x h product in a normalised picture.
func fitted(w, h int) image.Point {
	scale := Fill / float64(max(w, h))
	return image.Pt(max(1, int(math.RoundToEven(float64(w)*scale))), max(1, int(math.RoundToEven(float64(h)*scale))))
}

// source is a picture that is read as the encoder wants it.
type source struct {
	m       *image.NRGBA
	onWhite bool // white is no part of the product
	whole   bool // a photo: opaque, composed on white
}

// at is a pixel's colours times alpha (0 to 255) and alpha (0 to 1).
func (s *source) at(x, y int) (v [4]float32) {
	p := s.m.Pix[s.m.PixOffset(s.m.Rect.Min.X+x, s.m.Rect.Min.Y+y):]
	a := float32(p[3]) / 255
	if s.onWhite && !s.whole && min(p[0], p[1], p[2]) >= white {
		a = 0
	}
	for c := range 3 {
		v[c] = float32(p[c]) * a
		if s.whole {
			v[c] += 255 * (1 - a)
		}
	}
	if v[3] = a; s.whole {
		v[3] = 1
	}
	return v
}

// isOnWhite tells whether an opaque picture's border is white.
func isOnWhite(m *image.NRGBA) bool {
	r, all, pale := m.Rect, 0, 0
	count := func(x, y int) {
		p := m.Pix[m.PixOffset(x, y):]
		all++
		if p[3] == 255 && min(p[0], p[1], p[2]) >= white {
			pale++
		}
	}
	for x := r.Min.X; x < r.Max.X; x++ {
		count(x, r.Min.Y)
		count(x, r.Max.Y-1)
	}
	for y := r.Min.Y; y < r.Max.Y; y++ {
		count(r.Min.X, y)
		count(r.Max.X-1, y)
	}
	return pale*100 >= all*95
}

// box is where alpha is above one half; empty where all is opaque, as in a
// photo, or nothing is.
func (s *source) box() (box image.Rectangle) {
	opaque := true
	for y := range s.m.Rect.Dy() {
		for x := range s.m.Rect.Dx() {
			a := s.at(x, y)[3]
			opaque = opaque && a == 1
			if a > 0.5 {
				box = box.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	if opaque {
		return image.Rectangle{}
	}
	return box
}

// into resizes the part box to size, centred on transparent white.
func (s *source) into(box image.Rectangle, size image.Point) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, Edge, Edge))
	for i := range out.Pix {
		out.Pix[i] = 255
		if i%4 == 3 {
			out.Pix[i] = 0
		}
	}
	across := newFilter(box.Min.X, box.Dx(), size.X, s.m.Rect.Dx())
	down := newFilter(box.Min.Y, box.Dy(), size.Y, s.m.Rect.Dy())
	x0, y0 := (Edge-size.X)/2, (Edge-size.Y)/2
	for y := range size.Y {
		for x := range size.X {
			put(out.Pix[out.PixOffset(x0+x, y0+y):], s.mean(across[x], down[y]))
		}
	}
	return out
}

// put writes a mean of premultiplied colours.
func put(dst []uint8, v [4]float32) {
	if a := v[3]; a > 0.02 {
		for c := range 3 {
			dst[c] = byteOf(v[c] / a)
		}
	}
	dst[3] = byteOf(v[3] * 255)
}

func byteOf(v float32) uint8 { return uint8(min(max(v+0.5, 0), 255)) }

func (s *source) mean(across, down taps) (sum [4]float32) {
	for j, wy := range down.weight {
		var line [4]float32
		for i, wx := range across.weight {
			for c, v := range s.at(across.from+i, down.from+j) {
				line[c] += wx * v
			}
		}
		for c := range sum {
			sum[c] += wy * line[c]
		}
	}
	return sum
}

// taps are the pixels from from on that make one pixel, with their weights.
type taps struct {
	from   int
	weight []float32
}

// newFilter is a box filter where the part is made smaller and a triangle
// where it is made larger, as Pillow's resize does, which made the training
// data.
func newFilter(start, length, size, limit int) []taps {
	scale := float64(length) / float64(size)
	support, shape := 0.5*scale, flat
	if scale < 1 {
		support, shape = 1, triangle
	}
	width := max(scale, 1)
	out := make([]taps, size)
	for i := range out {
		centre := float64(start) + (float64(i)+0.5)*scale
		from, to := max(int(centre-support+0.5), 0), min(int(centre+support+0.5), limit)
		t := taps{from: from}
		var sum float32
		for x := from; x < to; x++ {
			w := float32(shape((float64(x) - centre + 0.5) / width))
			t.weight, sum = append(t.weight, w), sum+w
		}
		for k := range t.weight {
			t.weight[k] /= sum
		}
		out[i] = t
	}
	return out
}

func flat(x float64) float64 {
	if x > -0.5 && x <= 0.5 {
		return 1
	}
	return 0
}

func triangle(x float64) float64 { return max(0, 1-math.Abs(x)) }
