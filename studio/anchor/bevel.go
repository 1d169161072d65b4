package anchor

import "slices"

// mostBevel is how far beyond its outline a bare lens may go on, by half the
// distance between the lenses: about 2 mm. An acetate rim is wider.
const mostBevel = 0.065

// leastBrow is how much of the cut-out an acetate half rim has above its lens,
// in the same measure: about 3.5 mm. Below thin metal a wire may follow.
const leastBrow = 0.1

// takeBevels moves the outlines of half rims out to where the cut-out ends. The
// bevel of a bare lens is seen as a band as wide as a wire, whose inner edge
// looks like an opening's.
func (v *view) takeBevels(p *pair) {
	for side := range p.own {
		if top, low := v.margins(p, side); low >= bareMargin || top < leastBrow {
			return // a rim below, or no brow
		}
	}
	p.shape.r = slices.Clone(p.shape.r)
	for side := range p.own {
		s := &p.own[side]
		for k, by := range eased(v.bevels(p, side)) {
			s.r[k] += by
			p.shape.r[k] += by / 2
		}
	}
}

// bevels is by how much each ray of a side's outline falls short of the end of
// the cut-out, in the outline's measure; 0 where something wider follows.
func (v *view) bevels(p *pair, side int) []float64 {
	s, to := &p.own[side], p.to(side)
	unit := (s.a + s.b) / 2
	most := mostBevel * p.shape.mid.x
	out := make([]float64, len(s.r))
	const step = 0.25 // view pixels
	for k := range out {
		for way := 0.0; way < most; way += step {
			q := to(s.along(k, s.r[k]+way/unit))
			if v.alpha.at(q.x, q.y) < 0.5 {
				out[k] = way / unit
				break
			}
		}
	}
	return out
}

// eased drops what single rays say, and evens the rest.
func eased(by []float64) []float64 {
	n := len(by)
	even, out := make([]float64, n), make([]float64, n)
	for k := range by {
		near := make([]float64, 7)
		for i := range near {
			near[i] = by[(k+i-3+n)%n]
		}
		slices.Sort(near)
		even[k] = near[3]
	}
	for k := range even {
		out[k] = 0.5*even[k] + 0.25*(even[(k+1)%n]+even[(k+n-1)%n])
	}
	return out
}
