package eyewear

import (
	"fmt"
	"math"

	"cheval/catalog"
)

// dense is how many points an outline has while it is worked on.
const dense = 480

// quad is an outline of four quarters of superellipses: where its lowest,
// highest, nasal and temporal points stand in a box of -1..1, and how square
// each corner is (2: an ellipse). x is positive towards the nose.
type quad struct {
	topX, bottomX   float64
	nasalY, templeY float64
	nasalTop, templeTop, templeBottom,
	nasalBottom float64
	sweep float64 // how much the temple side stands higher than the nose's
}

// quadOf returns the outline of a shape that is made of four quarters.
func quadOf(s catalog.Shape) quad {
	switch s {
	case catalog.Panto:
		return quad{0.04, 0.02, 0.30, 0.36, 2.4, 2.55, 2.08, 2.02, 0.02}
	case catalog.Oval:
		return quad{0, 0, 0.04, 0.08, 2.1, 2.2, 2.15, 2.05, 0.02}
	case catalog.Square:
		return quad{0.04, -0.04, 0.44, 0.52, 3.1, 3.9, 2.6, 2.35, 0.04}
	case catalog.Rectangle:
		return quad{0.02, -0.04, 0.34, 0.36, 3.4, 4.4, 3.3, 2.6, 0.03}
	case catalog.Aviator:
		return quad{0.1, -0.24, 0.52, 0.28, 2.8, 2.9, 2.2, 1.8, 0.03}
	case catalog.CatEye:
		return quad{-0.2, 0.04, 0.3, 0.7, 2.5, 3.0, 2.02, 2.15, 0.19}
	case catalog.Browline:
		return quad{0.05, -0.02, 0.44, 0.52, 3.1, 3.4, 2.25, 2.1, 0.06}
	case catalog.Sport:
		return quad{-0.1, 0.2, 0.3, 0.5, 3.2, 3.3, 1.9, 2.3, 0.08}
	}
	return quad{0, 0, 0, 0, 2, 2, 2, 2, 0} // round
}

// curve traces q, starting at the nose.
func (q quad) curve() curve {
	corners := []struct{ side, y, apexX, apexY, n float64 }{
		{1, q.nasalY, q.topX, 1, q.nasalTop},
		{-1, q.templeY, q.topX, 1, q.templeTop},
		{-1, q.templeY, q.bottomX, -1, q.templeBottom},
		{1, q.nasalY, q.bottomX, -1, q.nasalBottom},
	}
	const steps = 240
	var out curve
	for k, c := range corners {
		for i := range steps {
			a := math.Pi / 2 * float64(i) / steps
			if k%2 == 1 { // from the apex to the side
				a = math.Pi/2 - a
			}
			out = append(out, vec2{
				c.apexX + (c.side-c.apexX)*math.Pow(math.Cos(a), 2/c.n),
				c.y + (c.apexY-c.y)*math.Pow(math.Sin(a), 2/c.n),
			})
		}
	}
	for i, p := range out {
		out[i][1] += q.sweep * -p[0]
	}
	return out
}

// hexagon is the control polygon of the geometric shape, from the nose.
func hexagon() curve {
	return rounded([][2]float32{
		{1, 0.12}, {0.62, 0.98}, {-0.5, 1}, {-1, 0.2}, {-0.56, -0.98}, {0.46, -1},
	}, 0.16)
}

// rounded cuts the corners of a polygon at a part of each side, with a
// quadratic curve in each corner.
func rounded(pts [][2]float32, cut float64) curve {
	var out curve
	n := len(pts)
	at := func(i int) vec2 { p := pts[(i+n)%n]; return vec2{float64(p[0]), float64(p[1])} }
	for i := range pts {
		a, b, c := mix2(at(i), at(i-1), cut), at(i), mix2(at(i), at(i+1), cut)
		for k := range 16 {
			f := float64(k) / 15
			out = append(out, mix2(mix2(a, b, f), mix2(b, c, f), f))
		}
	}
	return out
}

// through runs a closed Catmull-Rom curve through the points of an Outline.
func through(pts [][2]float32) curve {
	n := len(pts)
	at := func(i int) vec2 { p := pts[(i+n)%n]; return vec2{float64(p[0]), float64(p[1])} }
	per := max(4, 2*dense/n)
	var out curve
	for i := range pts {
		p0, p1, p2, p3 := at(i-1), at(i), at(i+1), at(i+2)
		for k := range per {
			t := float64(k) / float64(per)
			a := p1.Mul(2)
			b := p2.Sub(p0).Mul(t)
			c := p0.Mul(2).Sub(p1.Mul(5)).Add(p2.Mul(4)).Sub(p3).Mul(t * t)
			d := p1.Mul(3).Sub(p0).Sub(p2.Mul(3)).Add(p3).Mul(t * t * t)
			out = append(out, a.Add(b).Add(c).Add(d).Mul(0.5))
		}
	}
	return out
}

// lensOutline returns the wearer's left lens (at the right of the picture) as
// it lies in the plane of its box, in millimetres about the box's middle,
// counter-clockwise, filling the box exactly.
func lensOutline(e *catalog.Eyewear) (curve, error) {
	c, err := rightOutline(e)
	if err != nil {
		return nil, err
	}
	return c.mirrored(), nil
}

// Outline returns a frame's lens as catalog.Eyewear's Outline is given: points
// around the wearer's right lens from the nasal side, counter-clockwise, in a
// box of -1..1; that of its Shape where it has no Outline of its own.
func Outline(e *catalog.Eyewear) ([][2]float64, error) {
	if err := e.Validate(); err != nil {
		return nil, err
	}
	c, err := rightOutline(e)
	if err != nil {
		return nil, err
	}
	out := make([][2]float64, len(c))
	for i, p := range c.fit(vec2{}, vec2{1, 1}) {
		out[i] = p
	}
	return out, nil
}

// rightOutline is the wearer's right lens, as lensOutline gives the left.
func rightOutline(e *catalog.Eyewear) (curve, error) {
	half := vec2{float64(e.LensWidth) / 2, float64(e.LensHeight) / 2}
	var c curve
	switch {
	case len(e.Outline) > 0:
		c = through(e.Outline)
	case e.Shape == catalog.Geometric:
		c = hexagon()
	default:
		c = quadOf(e.Shape).curve()
	}
	if a := c.area(); !(math.Abs(a) > 0.5) {
		return nil, fmt.Errorf("eyewear: the Outline encloses too little (%.2f of its box of 4); give its points in order around the lens", a)
	}
	if c.area() < 0 {
		return nil, fmt.Errorf("eyewear: the Outline runs clockwise; give its points counter-clockwise as the wearer's right lens is seen")
	}
	c = c.fit(vec2{}, half).resample(dense).smooth(6).fit(vec2{}, half)
	if !c.resample(120).simple() {
		return nil, fmt.Errorf("eyewear: the Outline crosses itself; give its points in order around the lens")
	}
	return c, nil
}
