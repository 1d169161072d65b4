package search

import (
	"image/color"
	"math"

	"cheval/catalog"
	"cheval/internal/cielab"
)

// Lab is a colour in CIE 1976 L*a*b* under D65: L 0..100, a and b about
// -128..127.
type Lab struct{ L, A, B float64 }

// LabOf converts an sRGB colour, its alpha left out.
func LabOf(c color.NRGBA) Lab {
	l, a, b := cielab.Of(c.R, c.G, c.B)
	return Lab{l, a, b}
}

// Difference is ΔE between two colours (CIE94, for graphic arts): about 2 can
// just be told apart side by side, from 20 on they are different colours.
func (a Lab) Difference(b Lab) float64 {
	dL := a.L - b.L
	c1, c2 := math.Hypot(a.A, a.B), math.Hypot(b.A, b.B)
	dC := c1 - c2
	dH2 := max(0, (a.A-b.A)*(a.A-b.A)+(a.B-b.B)*(a.B-b.B)-dC*dC)
	c := math.Sqrt(c1 * c2) // symmetrical
	sC, sH := 1+0.045*c, 1+0.015*c
	return math.Sqrt(dL*dL + dC*dC/(sC*sC) + dH2/(sH*sH))
}

// Alike is a product by how much it differs from what was asked; 0 is the same.
type Alike struct {
	Product    *catalog.Product
	Variant    int
	Difference float64 // ΔE by colour; about 1 a shape's step by shape
}

// ByColour returns the k variants, at most one a product, that are nearest to a
// colour, the nearest first, of those that the filter lets through.
func ByColour(c *catalog.Catalogue, want color.NRGBA, f catalog.Filter, k int) []Alike {
	d := differences{LabOf(want), map[color.NRGBA]float64{}}
	return nearest(c, k, func(p *catalog.Product, least float64) (int, float64) {
		best := -1
		for i := range p.Variants {
			v := &p.Variants[i]
			if x, ok := d.of(v); ok && x < least && f.AllowsVariant(v) {
				best, least = i, x
			}
		}
		if best >= 0 && f.Variant(p) < 0 {
			best = -1
		}
		return best, least
	})
}

// differences are those of colours from one, each computed once.
type differences struct {
	want Lab
	from map[color.NRGBA]float64
}

func (d *differences) colour(c color.NRGBA) float64 {
	x, ok := d.from[c]
	if !ok {
		x = LabOf(c).Difference(d.want)
		d.from[c] = x
	}
	return x
}

// of compares with the frame's colours: its base and, half as much, the second
// one of a pattern; without a surface, with what the variant is filed under. A
// variant that says no colour is not compared.
func (d *differences) of(v *catalog.Variant) (float64, bool) {
	if v.Frame == (catalog.Surface{}) {
		c, ok := catalog.Nominal(v.Colour)
		return d.colour(c), ok
	}
	x := d.colour(v.Frame.Base)
	if v.Frame.Pattern != catalog.Plain {
		second := d.colour(v.Frame.Second)
		x = min((2*x+second)/3, (x+2*second)/3)
	}
	return x, true
}

// ByShape returns the k products whose frames are nearest in form and size to
// one, the nearest first, of those that the filter lets through. It compares
// eyewear whose measures are known.
func ByShape(c *catalog.Catalogue, want *catalog.Eyewear, f catalog.Filter, k int) []Alike {
	return nearest(c, k, func(p *catalog.Product, least float64) (int, float64) {
		if p.Category != catalog.Worn || p.Eyewear.LensWidth == 0 {
			return -1, 0
		}
		d := ShapeDifference(want, &p.Eyewear)
		if d >= least {
			return -1, 0
		}
		return f.Variant(p), d
	})
}

// ShapeDifference is how much two frames differ: 0 not at all, about 1 for
// neighbouring shapes of one size or one shape 4 mm wider.
func ShapeDifference(a, b *catalog.Eyewear) float64 {
	x, y := forms[a.Shape], forms[b.Shape]
	sum := square(x[0]-y[0]) + square(x[1]-y[1]) + square(x[2]-y[2])
	for _, d := range [...]struct{ a, b, step float32 }{
		{a.LensWidth, b.LensWidth, 4}, {a.LensHeight, b.LensHeight, 4}, {a.Bridge, b.Bridge, 4},
		{a.Overall(), b.Overall(), 8}, {a.Rim, b.Rim, 2}, {a.Wrap, b.Wrap, 6},
	} {
		sum += square(float64(d.a-d.b) / float64(d.step))
	}
	if a.Material != b.Material {
		sum += 0.5
	}
	if a.HalfRim != b.HalfRim {
		sum += 0.5
	}
	return math.Sqrt(sum)
}

func square(x float64) float64 { return x * x }

// forms places the shapes by how angular they are, how much their upper outer
// corner rises, and how much wider they are above than below; 1 is a step that
// is seen at once.
var forms = map[catalog.Shape][3]float64{
	catalog.Round: {0, 0, 0}, catalog.Panto: {0.5, 0.2, 0.7}, catalog.Oval: {0.4, 0, 0}, catalog.Aviator: {0.8, 0, 1.6},
	catalog.Browline: {1.3, 0.4, 1}, catalog.Square: {2, 0.1, 0.2}, catalog.Rectangle: {2.3, 0, 0.2},
	catalog.Geometric: {1.6, 0, 0}, catalog.CatEye: {1.5, 1.8, 0.9}, catalog.Sport: {1.8, 0.4, 0.8},
}

// nearest keeps the k products of the least difference. compare is told what a
// difference must be under to be kept, and leaves a product out with variant -1.
func nearest(c *catalog.Catalogue, k int, compare func(p *catalog.Product, least float64) (variant int, difference float64)) []Alike {
	if k <= 0 {
		return nil
	}
	products := c.All()
	t, variants := newTop(k), map[int]int{}
	for i, p := range products {
		if v, d := compare(p, float64(-t.least())); v >= 0 && float32(-d) > t.least() {
			t.add(i, float32(-d))
			variants[i] = v
		}
	}
	out := make([]Alike, 0, len(t.items))
	for _, it := range t.sorted() {
		out = append(out, Alike{products[it.index], variants[it.index], float64(-it.score)})
	}
	return out
}
