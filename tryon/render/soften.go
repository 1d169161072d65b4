package render

import (
	"math"
	"math/bits"
)

// softener blurs the product's layer as the picture is blurred, where it has
// detail: a row at a time, downwards and then across.
type softener struct {
	radius  int        // 0: nothing to do
	k       [3]float32 // weights by distance
	mask    []uint64   // detail of the row, spread by the radius
	down    []float32
	out     []float32
	regions []segment
}

// segment is a piece of a row, taken from the planes or from the blurred line.
type segment struct {
	span
	blurred bool
}

// softReach is the largest radius, pixels.
const softReach = 2

// sampleBlur is the σ that four samples over a pixel already have.
const sampleBlur = 0.3

func (f *softener) set(w int, blur float32) {
	s := sqrt(max(blur*blur-sampleBlur*sampleBlur, 0))
	s = min(s, 1.5)
	f.k = [3]float32{1, 0, 0}
	f.radius = 0
	if s > 0.15 {
		g := func(x float64) float32 { return float32(math.Exp(-x * x / (2 * float64(s*s)))) }
		// Averaged over pixels rather than sampled, so that a small σ holds.
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
	f.down, f.out = grow(f.down, 6*w), grow(f.out, 6*w)
	f.mask = grow(f.mask, (w+63)/64)
}

// row softens row y of the planes. It returns what of the row is touched, cut
// into segments.
func (f *softener) row(p *planes, y int) (span, []segment) {
	f.regions = f.regions[:0]
	r := f.radius
	all := span{p.w, 0}
	for d := -r; d <= r; d++ {
		if j := y + d; j >= 0 && j < p.h && !p.rows[j].empty() {
			all = all.join(p.rows[j])
		}
	}
	if all.empty() {
		return all, f.regions
	}
	all = span{max(all.x0-r, 0), min(all.x1+r, p.w)}
	if r == 0 {
		f.regions = append(f.regions, segment{all, false})
		return all, f.regions
	}
	f.spreadMask(p, y)
	for x := all.x0; x < all.x1; {
		end := min(f.next(x, p.words, 0), all.x1)
		if end > x {
			f.regions = append(f.regions, segment{span{x, end}, false})
		}
		if x = end; x >= all.x1 {
			break
		}
		end = min(f.next(x, p.words, ^uint64(0)), all.x1)
		f.blur(p, y, x, end)
		f.regions = append(f.regions, segment{span{x, end}, true})
		x = end
	}
	return all, f.regions
}

// spreadMask collects the rows' detail within the radius, and widens it.
func (f *softener) spreadMask(p *planes, y int) {
	r := f.radius
	clear(f.mask)
	for j := max(y-r, 0); j <= min(y+r, p.h-1); j++ {
		for i, b := range p.fine[j*p.words : (j+1)*p.words] {
			f.mask[i] |= b
		}
	}
	var before uint64
	for i, b := range f.mask {
		wide := b | b<<1 | b>>1 | before>>63
		if r == 2 {
			wide |= b<<2 | b>>2 | before>>62
		}
		if i+1 < len(f.mask) {
			after := f.mask[i+1]
			wide |= after << 63
			if r == 2 {
				wide |= after << 62
			}
		}
		f.mask[i], before = wide, b
	}
}

// next is the first pixel from x on whose bit differs from flip's: the next set
// one with 0, the next clear one with all ones.
func (f *softener) next(x, words int, flip uint64) int {
	for i := x / 64; i < words; i++ {
		b := f.mask[i] ^ flip
		if i == x/64 {
			b &= ^uint64(0) << (x & 63)
		}
		if b != 0 {
			return i*64 + bits.TrailingZeros64(b)
		}
	}
	return words * 64
}

// blur writes pixels x0 to x1 of row y, blurred, to the line out.
func (f *softener) blur(p *planes, y, x0, x1 int) {
	r := f.radius
	lo, hi := 6*max(x0-r, 0), 6*min(x1+r, p.w)
	line := func(d int) []float32 {
		return p.line(min(max(y+d, 0), p.h-1))[lo:hi]
	}
	k0, k1, k2 := f.k[0], f.k[1], f.k[2]
	d, c := f.down[lo:hi], line(0)
	a, b := line(-1)[:len(d)], line(1)[:len(d)]
	c = c[:len(d)]
	if r == 1 {
		for i := range d {
			d[i] = k0*c[i] + k1*(a[i]+b[i])
		}
	} else {
		aa, bb := line(-2)[:len(d)], line(2)[:len(d)]
		for i := range d {
			d[i] = k0*c[i] + k1*(a[i]+b[i]) + k2*(aa[i]+bb[i])
		}
	}
	for x := x0; x < x1; x++ { // at the picture's border as it is
		if x < r || x >= p.w-r {
			copy(f.out[6*x:6*x+6], f.down[6*x:6*x+6])
		}
	}
	lo, hi = 6*max(x0, r), 6*min(x1, p.w-r)
	if lo >= hi {
		return
	}
	o := f.out[lo:hi]
	c, a, b = f.down[lo:][:len(o)], f.down[lo-6:][:len(o)], f.down[lo+6:][:len(o)]
	if r == 1 {
		for i := range o {
			o[i] = k0*c[i] + k1*(a[i]+b[i])
		}
		return
	}
	aa, bb := f.down[lo-12:][:len(o)], f.down[lo+12:][:len(o)]
	for i := range o {
		o[i] = k0*c[i] + k1*(a[i]+b[i]) + k2*(aa[i]+bb[i])
	}
}
