package eyewear

import "math"

// ring is a cross-section of a lofted body: a superellipse of half-sizes w and
// h along the unit axes side and up (2: an ellipse, 4: a rounded rectangle).
type ring struct {
	centre, side, up vec3
	w, h, square     float64
}

// point returns the ring's surface point at an angle, and the angle's step.
func (r ring) point(a float64) vec3 {
	s, c := math.Sincos(a)
	return r.centre.
		Add(r.side.Mul(r.w * math.Copysign(math.Pow(math.Abs(c), 2/r.square), c))).
		Add(r.up.Mul(r.h * math.Copysign(math.Pow(math.Abs(s), 2/r.square), s)))
}

// angles spreads n points around a superellipse; square ones get more of them
// in their corners.
func angles(n int, square float64) []float64 {
	out := make([]float64, n)
	const fine = 720
	probe := ring{side: vec3{1, 0, 0}, up: vec3{0, 1, 0}, w: 1, h: 1, square: square}
	run := make([]float64, fine+1)
	angleAt := func(i int) float64 { return (float64(i) + 0.5) * 2 * math.Pi / fine }
	for i := range fine {
		a, b, c := probe.point(angleAt(i-1)), probe.point(angleAt(i)), probe.point(angleAt(i+1))
		u, v := b.Sub(a), c.Sub(b)
		bend := math.Atan2(u.Cross(v).Len(), u.Dot(v))
		run[i+1] = run[i] + v.Len()*0.35 + bend
	}
	i := 0
	for k := range out {
		want := run[fine] * (float64(k) + 0.5) / float64(n)
		for run[i+1] < want {
			i++
		}
		out[k] = angleAt(i)
	}
	return out
}

// loft joins rings to a closed body; its ends are flat, or round where the
// rings there shrink. The result faces outwards.
func loft(rings []ring, sides int) soup {
	as := angles(sides, rings[len(rings)/2].square)
	var out soup
	row := func(i int, along float64) []corner {
		cs := make([]corner, sides+1)
		around := 0.0
		for k := range cs {
			p := rings[i].point(as[k%sides])
			if k > 0 {
				around += p.Sub(cs[k-1].p).Len()
			}
			cs[k] = corner{p, vec2{along, around}}
		}
		return cs
	}
	along := 0.0
	prev := row(0, 0)
	end(&out, prev[:sides], rings[0], true)
	for i := 1; i < len(rings); i++ {
		along += rings[i].centre.Sub(rings[i-1].centre).Len()
		next := row(i, along)
		for k := range sides {
			out.quad(prev[k], prev[k+1], next[k+1], next[k])
		}
		prev = next
	}
	end(&out, prev[:sides], rings[len(rings)-1], false)
	if out.volume() < 0 {
		out.flip()
	}
	return out
}

// end closes a row of corners with a fan.
func end(out *soup, row []corner, r ring, first bool) {
	mid := corner{r.centre, row[0].uv}
	for k := range row {
		a, b := row[k], row[(k+1)%len(row)]
		a.uv = vec2{a.p.Sub(r.centre).Dot(r.side), a.p.Sub(r.centre).Dot(r.up)}
		b.uv = vec2{b.p.Sub(r.centre).Dot(r.side), b.p.Sub(r.centre).Dot(r.up)}
		mid.uv = vec2{}
		if first {
			a, b = b, a
		}
		out.triangle(mid, a, b)
	}
}

// tube lofts a constant section along a path. up is about the direction of the
// section's height; taper (or nil) scales the section along the path, 0..1.
func tube(path []vec3, up vec3, w, h, square float64, sides int, taper func(f float64) float64) soup {
	rings := make([]ring, len(path))
	for i := range path {
		t := path[min(i+1, len(path)-1)].Sub(path[max(i-1, 0)]).Normalize()
		side := t.Cross(up).Normalize()
		k := 1.0
		if taper != nil {
			k = taper(float64(i) / float64(len(path)-1))
		}
		rings[i] = ring{path[i], side, side.Cross(t), w * k, h * k, square}
	}
	return loft(rings, sides)
}

// bezier returns n points of a cubic curve.
func bezier(a, b, c, d vec3, n int) []vec3 {
	out := make([]vec3, n)
	for i := range out {
		f := float64(i) / float64(n-1)
		ab, bc, cd := mix3(a, b, f), mix3(b, c, f), mix3(c, d, f)
		out[i] = mix3(mix3(ab, bc, f), mix3(bc, cd, f), f)
	}
	return out
}

// drop is an ellipsoid with the given half-axes.
func drop(centre, x, y, z vec3, sides, rows int) soup {
	var rings []ring
	for i := range rows + 1 {
		s, c := math.Sincos(math.Pi * (float64(i)/float64(rows) - 0.5))
		rings = append(rings, ring{centre.Add(y.Mul(s)), x.Normalize(), z.Normalize(),
			max(c, 1e-3) * x.Len(), max(c, 1e-3) * z.Len(), 2})
	}
	return loft(rings, sides)
}

// barrel is a cylinder between two points with slightly rounded ends.
func barrel(a, b vec3, r float64) soup {
	axis := b.Sub(a)
	dir := axis.Normalize()
	side := dir.Cross(vec3{0.3, 0.2, 1}).Normalize()
	up := side.Cross(dir)
	lip := min(r*0.3, axis.Len()/4)
	var rings []ring
	for _, s := range [][2]float64{{0, r - lip}, {lip, r}, {axis.Len() - lip, r}, {axis.Len(), r - lip}} {
		rings = append(rings, ring{a.Add(dir.Mul(s[0])), side, up, s[1], s[1], 2})
	}
	return loft(rings, 9)
}
