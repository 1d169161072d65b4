package anchor

import "math"

// frame maps the front's own coordinates to the view: u across from the axis
// of symmetry, positive to the picture's right, v down, in view pixels at the
// axis. yaw is the perspective of a front that is turned a little away: what
// lies at u is 1/(1+yaw·u) as large.
type frame struct {
	origin point // of u = v = 0 in the view
	ex, ey point // unit
	yaw    float64
}

func newFrame(origin point, roll float64) frame {
	s, c := math.Sincos(roll)
	return frame{origin: origin, ex: point{c, s}, ey: point{-s, c}}
}

// place maps front coordinates to the view.
func (f *frame) place(p point) point {
	k := 1 / (1 + f.yaw*p.x)
	return f.origin.add(f.ex.scale(p.x * k)).add(f.ey.scale(p.y * k))
}

// flat is the reverse of place.
func (f *frame) flat(q point) point {
	d := q.sub(f.origin)
	x, y := d.dot(f.ex), d.dot(f.ey)
	u := x / (1 - f.yaw*x)
	return point{u, y * (1 + f.yaw*u)}
}

// findAxis finds the line about which the view is most symmetrical: edges and
// cut-out mirrored about it fall on each other.
func (v *view) findAxis() frame {
	edges := v.edges()
	cover := v.alpha
	for range 2 {
		edges, cover = edges.halved(), cover.halved()
	}
	const small = 4.0
	soft, mask := edges.blurred(1.2), cover.blurred(1)
	lo, hi, mid := extent(&mask)
	best, at := math.Inf(-1), frame{}
	try := func(x, roll float64) {
		f := newFrame(point{x, mid}, roll)
		if s := symmetry(&soft, &mask, &f); s > best {
			best, at = s, f
			at.origin = f.origin
		}
	}
	for roll := -8.0; roll <= 8; roll++ {
		for x := lo + 0.33*(hi-lo); x <= lo+0.67*(hi-lo); x += 2 {
			try(x, roll*math.Pi/180)
		}
	}
	rough := at
	for dr := -0.75; dr <= 0.75; dr += 0.25 {
		for dx := -1.5; dx <= 1.5; dx += 0.5 {
			try(rough.origin.x+dx, math.Atan2(rough.ex.y, rough.ex.x)+dr*math.Pi/180)
		}
	}
	at.origin = at.origin.scale(small).add(point{small/2 - 0.5, small/2 - 0.5})
	return at
}

// edges is how much the colour changes at a pixel, 0..1 and soon near 1.
func (v *view) edges() field {
	out := newField(v.w, v.h)
	for y := 1; y < v.h-1; y++ {
		for x := 1; x < v.w-1; x++ {
			i := y*v.w + x
			var g float32
			for c := range v.lab {
				dx, dy := v.lab[c].v[i+1]-v.lab[c].v[i-1], v.lab[c].v[i+v.w]-v.lab[c].v[i-v.w]
				g += dx*dx + dy*dy
			}
			g = float32(math.Sqrt(float64(g)))
			out.v[i] = g / (g + 14)
		}
	}
	return out
}

// extent is the first and last column, and the middle row, of what is covered.
func extent(mask *field) (lo, hi, mid float64) {
	lo, hi = float64(mask.w), 0
	var sum, rows float64
	for y := range mask.h {
		for x := range mask.w {
			if a := mask.v[y*mask.w+x]; a > 0.5 {
				lo, hi = min(lo, float64(x)), max(hi, float64(x))
				sum, rows = sum+float64(y), rows+1
			}
		}
	}
	return lo, hi, sum / max(rows, 1)
}

// symmetry is how well the two halves about f's axis agree, as a correlation.
func symmetry(edges, mask *field, f *frame) float64 {
	var ab, aa, bb, same, all float64
	reach := float64(edges.w) * 0.5
	for u := 2.0; u < reach; u += 1.5 {
		for y := -f.origin.y; y < float64(edges.h)-f.origin.y; y += 1.5 {
			p, q := f.place(point{-u, y}), f.place(point{u, y})
			if !edges.inside(p.x, p.y) && !edges.inside(q.x, q.y) {
				continue
			}
			var a, b, m, n float64
			if edges.inside(p.x, p.y) {
				a, m = float64(edges.at(p.x, p.y)), float64(mask.at(p.x, p.y))
			}
			if edges.inside(q.x, q.y) {
				b, n = float64(edges.at(q.x, q.y)), float64(mask.at(q.x, q.y))
			}
			ab, aa, bb = ab+a*b, aa+a*a, bb+b*b
			same, all = same+min(m, n), all+max(m, n)
		}
	}
	if aa*bb == 0 || all == 0 {
		return 0
	}
	return ab/math.Sqrt(aa*bb) + 0.5*same/all
}
