package anchor

import (
	"slices"

	"gonum.org/v1/gonum/mat"
)

// warp is how one side's outline lies against the shape that both share: an
// affine map about the middle of the outline, in front coordinates.
type warp struct {
	mid            point
	xx, xy, yx, yy float64
	dx, dy         float64
}

func noWarp(mid point) warp { return warp{mid: mid, xx: 1, yy: 1} }

func (w *warp) apply(p point) point {
	d := p.sub(w.mid)
	return point{w.mid.x + w.xx*d.x + w.xy*d.y + w.dx, w.mid.y + w.yx*d.x + w.yy*d.y + w.dy}
}

// pair is both openings: a shape that they share, right as it stands and left
// mirrored, each through its own warp, and what each departs from it.
type pair struct {
	f     frame
	shape star // mid.x > 0
	warps [2]warp
	own   [2]star // as found, in the sides' own rays: left mid.x < 0
	sure  [2][]float64
	score float64
}

func (p *pair) star(side int) star {
	s := p.shape
	if side == 0 {
		s.mid.x = -s.mid.x
	}
	return s
}

// to maps front coordinates of a side to the view.
func (p *pair) to(side int) func(point) point {
	w := p.warps[side]
	return func(q point) point { return p.f.place(w.apply(q)) }
}

// settle finds the shared shape and the two warps in turns, then each side's
// own outline near them.
func (v *view) settle(f frame, s star, score float64) *pair {
	p := &pair{f: f, shape: s, score: score}
	for side := range p.warps {
		p.warps[side] = noWarp(p.star(side).mid)
	}
	v.turns(p, 0.16, 0.12, 0.09)
	return p
}

// resettle does so again from where the pair lies.
func (v *view) resettle(p *pair) *pair {
	v.turns(p, 0.12, 0.08)
	return p
}

func (v *view) turns(p *pair, bands ...float64) {
	for _, band := range bands {
		for side := range p.warps {
			v.own(p, side, band, 0.4)
			p.fit(side)
		}
		v.share(p, band)
	}
	for side := range p.warps {
		v.own(p, side, 0.07, 6)
		p.own[side].soften()
	}
}

// soften evens an outline's steps of a pixel, and lets single points that
// stand apart follow their neighbours; corners stay.
func (s *star) soften() {
	n := len(s.r)
	even := make([]float64, n)
	for k := range s.r {
		near := [5]float64{}
		for i := range near {
			near[i] = s.r[(k+i-2+n)%n]
		}
		slices.Sort(near[:])
		even[k] = near[2]
	}
	for k := range s.r {
		s.r[k] = 0.5*even[k] + 0.25*(even[(k+1)%n]+even[(k+n-1)%n])
	}
}

// band is the search about the shared shape, a share to either side.
func (p *pair) band(side int, share float64) *rays {
	s := p.star(side)
	r := &rays{mid: s.mid, a: s.a, b: s.b, n: len(s.r), lo: 1 - share, hi: 1 + share, base: s.r, to: p.to(side)}
	r.steps = max(int(share*(s.a+s.b)*1.6), 9)
	return r
}

// own finds one side's outline near the shared shape, to which it is held by
// the square of what it departs from it, the more the larger hold.
func (v *view) own(p *pair, side int, share, hold float64) {
	r := p.band(side, share)
	q := v.opening(r)
	held := polar{q.rays, q.steps, append([]float32(nil), q.score...)}
	for k := range q.rays {
		for j := range q.steps {
			d := (r.lo + (r.hi-r.lo)*float64(j)/float64(r.steps-1) - 1) / 0.1
			held.score[k*q.steps+j] -= float32(hold * 0.05 * d * d)
		}
	}
	path, _ := held.closed(0.004, 4)
	p.own[side] = r.outlineOf(&held, path)
	p.sure[side] = make([]float64, q.rays)
	for k, j := range path {
		p.sure[side][k] = float64(q.at(k, j))
	}
}

// share finds the shape that suits both sides.
func (v *view) share(p *pair, share float64) {
	q := v.both(p.band(1, share), p.band(0, share))
	r := p.band(1, share)
	path, mean := q.closed(0.004, 4)
	s := r.outlineOf(&q, path)
	p.shape.r, p.score = s.r, mean
}

// fit improves a side's warp so that the shared shape falls on the side's own
// outline: least squares along the outline's normals, strong edges counting
// more and strays less, held to no warp.
func (p *pair) fit(side int) {
	own, shape := p.own[side], p.star(side)
	w := &p.warps[side]
	n := len(own.r)
	weight := append([]float64(nil), p.sure[side]...)
	a0 := [6]float64{}
	for range 4 {
		m, rhs := mat.NewSymDense(6, nil), mat.NewVecDense(6, nil)
		for k := range n {
			// own lies in the same warped coordinates as the shape.
			q, at := shape.at(k), own.at(k)
			t := shape.at((k + 1) % n).sub(shape.at((k + n - 1) % n))
			l := t.len()
			if l == 0 {
				continue
			}
			nx, ny := t.y/l, -t.x/l
			d := q.sub(w.mid)
			row := [6]float64{nx * d.x / shape.a, nx * d.y / shape.a, ny * d.x / shape.a, ny * d.y / shape.a, nx, ny}
			miss := nx*(at.x-q.x) + ny*(at.y-q.y)
			rest := miss
			for i, x := range row {
				rest -= x * a0[i]
			}
			wk := weight[k] / (1 + (rest/3)*(rest/3))
			for i := range row {
				rhs.SetVec(i, rhs.AtVec(i)+wk*row[i]*miss)
				for j := i; j < 6; j++ {
					m.SetSym(i, j, m.At(i, j)+wk*row[i]*row[j])
				}
			}
		}
		for i := range 6 {
			m.SetSym(i, i, m.At(i, i)+0.02*float64(n))
		}
		var chol mat.Cholesky
		if !chol.Factorize(m) {
			return
		}
		var x mat.VecDense
		if chol.SolveVecTo(&x, rhs) != nil {
			return
		}
		for i := range a0 {
			a0[i] = x.AtVec(i)
		}
	}
	w.follow(a0, shape.a)
}

// follow adds a small further warp, found in coordinates of half width a.
func (w *warp) follow(x [6]float64, a float64) {
	c := warp{xx: 1 + x[0]/a, xy: x[1] / a, yx: x[2] / a, yy: 1 + x[3]/a, dx: x[4], dy: x[5]}
	o := *w
	w.xx, w.xy = o.xx*c.xx+o.xy*c.yx, o.xx*c.xy+o.xy*c.yy
	w.yx, w.yy = o.yx*c.xx+o.yy*c.yx, o.yx*c.xy+o.yy*c.yy
	w.dx, w.dy = o.dx+o.xx*c.dx+o.xy*c.dy, o.dy+o.yx*c.dx+o.yy*c.dy
}

// outline is one side's outline in front coordinates.
func (p *pair) outline(side int) []point {
	out := make([]point, len(p.own[side].r))
	for k := range out {
		out[k] = p.warps[side].apply(p.own[side].at(k))
	}
	return out
}
