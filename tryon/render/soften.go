package render

import "math"

// softener blurs the product's layer as the picture is blurred, row by row: it
// keeps the last rows, blurred across, and blends them downwards.
type softener struct {
	radius int        // 0: nothing to do
	k      [3]float32 // weights by distance
	lines  [5][]float32
	spans  [5]span
	out    []float32
}

// sampleBlur is the σ that four samples over a pixel already have.
const sampleBlur = 0.3

func (f *softener) set(w int, blur float32) {
	s := sqrt(max(blur*blur-sampleBlur*sampleBlur, 0))
	s = min(s, 1.5)
	f.k = [3]float32{1, 0, 0}
	f.radius = 0
	if s > 0.15 {
		g := func(x float64) float32 { return float32(math.Exp(-x * x / (2 * float64(s*s)))) }
		// Integrated over pixels rather than sampled, so that small σ hold.
		at := func(x float64) float32 { return (g(x-0.33) + g(x) + g(x+0.33)) / 3 }
		f.k = [3]float32{at(0), at(1), at(2)}
		f.radius = 2
		if f.k[2] < 0.02*f.k[0] {
			f.radius, f.k[2] = 1, 0
		}
		sum := f.k[0] + 2*f.k[1] + 2*f.k[2]
		for i := range f.k {
			f.k[i] /= sum
		}
	}
	for i := range f.lines {
		f.lines[i] = grow(f.lines[i], 6*w)
	}
	f.out = grow(f.out, 6*w)
}

// clearLine makes floats from x0 to x1 of a line let everything through.
func clearLine(line []float32, x0, x1 int) {
	for i := 6 * x0; i < 6*x1; i += 6 {
		p := line[i : i+6 : i+6]
		p[0], p[1], p[2], p[3], p[4], p[5] = 0, 0, 0, 1, 1, 1
	}
}

// start prepares the rows above the first.
func (f *softener) start(p *planes, w, h int) {
	for y := -f.radius; y < f.radius; y++ {
		f.load(p, y, w, h)
	}
}

// load blurs row y of the planes across into its line.
func (f *softener) load(p *planes, y, w, h int) {
	slot := (y + 5) % 5
	f.spans[slot] = span{w, 0}
	if y < 0 || y >= h || p.rows[y].x0 >= p.rows[y].x1 {
		return
	}
	r := f.radius
	row := span{max(p.rows[y].x0-r, 0), min(p.rows[y].x1+r, w)}
	f.spans[slot] = row
	src, dst := p.px[6*y*w:6*(y+1)*w], f.lines[slot]
	for x := row.x0; x < row.x1; x++ {
		if x < r || x >= w-r {
			copy(dst[6*x:6*x+6], src[6*x:6*x+6])
		}
	}
	lo, hi := 6*max(row.x0, r), 6*min(row.x1, w-r)
	if lo >= hi {
		return
	}
	k0, k1, k2 := f.k[0], f.k[1], f.k[2]
	n := hi - lo
	d, c := dst[lo:hi], src[lo:hi]
	a, b := src[lo-6:][:n], src[lo+6:][:n]
	if r == 1 {
		for i := range d {
			d[i] = k0*c[i] + k1*(a[i]+b[i])
		}
		return
	}
	aa, bb := src[lo-12:][:n], src[lo+12:][:n]
	for i := range d {
		d[i] = k0*c[i] + k1*(a[i]+b[i]) + k2*(aa[i]+bb[i])
	}
}

// row returns the layer's row y, blurred, and what of it counts. Rows must be
// asked for in order, after start.
func (f *softener) row(p *planes, y, w, h int) ([]float32, span) {
	if f.radius == 0 {
		return p.px[6*y*w : 6*(y+1)*w], p.rows[y]
	}
	f.load(p, y+f.radius, w, h)
	all := span{w, 0}
	for d := -f.radius; d <= f.radius; d++ {
		s := f.spans[(y+d+5)%5]
		if s.x0 < s.x1 {
			all = span{min(all.x0, s.x0), max(all.x1, s.x1)}
		}
	}
	if all.x0 >= all.x1 {
		return nil, all
	}
	for d := -f.radius; d <= f.radius; d++ {
		slot := (y + d + 5) % 5
		f.widen(slot, all)
	}
	lo, hi := 6*all.x0, 6*all.x1
	line := func(d int) []float32 { return f.lines[(y+d+5)%5][lo:hi] }
	k0, k1, k2 := f.k[0], f.k[1], f.k[2]
	o := f.out[lo:hi]
	c, a, b := line(0)[:len(o)], line(-1)[:len(o)], line(1)[:len(o)]
	if f.radius == 1 {
		for i := range o {
			o[i] = k0*c[i] + k1*(a[i]+b[i])
		}
		return f.out, all
	}
	aa, bb := line(-2)[:len(o)], line(2)[:len(o)]
	for i := range o {
		o[i] = k0*c[i] + k1*(a[i]+b[i]) + k2*(aa[i]+bb[i])
	}
	return f.out, all
}

// widen fills a line with nothing where it does not reach the span.
func (f *softener) widen(slot int, to span) {
	s := &f.spans[slot]
	if s.x0 >= s.x1 {
		clearLine(f.lines[slot], to.x0, to.x1)
		*s = to
		return
	}
	if s.x0 > to.x0 {
		clearLine(f.lines[slot], to.x0, s.x0)
		s.x0 = to.x0
	}
	if s.x1 < to.x1 {
		clearLine(f.lines[slot], s.x1, to.x1)
		s.x1 = to.x1
	}
}
