package anchor

import (
	"errors"
	"math"
)

// edge is the front's outer edge of the half u >= 0 in flat coordinates, from
// the bridge's lower edge on u = 0 around to its upper edge on u = 0.
type edge struct {
	points []point
	sure   float64 // how well it is seen, 0..1
}

// How far the front may reach beyond an opening, in half distances between the
// openings' middles (about 35 mm): around, and at the end pieces.
const (
	rimLeast = 0.02
	rimMost  = 0.30
	endMost  = 0.52
)

// findEdge searches the front's outer edge: the rims about the openings, the
// bridge between them, and end pieces that stick out.
func (v *view) findEdge(h *plane, s *star) (edge, error) {
	rim, sure := v.rims(h, s)
	bars := v.bridge(h, s, rim)
	if len(bars) == 0 {
		return edge{}, errBridge
	}
	parts := append([][]point{rim}, bars...)
	if end := v.endPiece(h, s, rim); end != nil {
		parts = append(parts, end)
	}
	points, err := unite(parts)
	e := edge{points: points, sure: sure}
	e.smooth(3)
	return e, err
}

// rims is the outer edge of the right rim, and how well it is seen.
func (v *view) rims(h *plane, s *star) ([]point, float64) {
	r := rays{mid: s.mid, a: s.a, b: s.b, n: len(s.r), to: h.place}
	unit := (s.a + s.b) / 2
	r.steps = int(endMost * s.mid.x)
	p := polar{r.n, r.steps, make([]float32, r.n*r.steps)}
	for k := range r.n {
		for side := -1.0; side <= 1; side += 2 {
			v.outer(&r, s, k, side, p.score[k*r.steps:(k+1)*r.steps])
		}
	}
	path, mean := p.closed(0.006, 5)
	out := make([]point, r.n)
	for k := range out {
		out[k] = s.along(k, s.r[k]+(p.fine(k, path[k])+1)/unit)
	}
	return out, mean
}

// outer adds, to each place of a ray beyond the opening, how well the front
// ends there on one side.
func (v *view) outer(r *rays, s *star, k int, side float64, score []float32) {
	d := dir(k, r.n, 1)
	unit := (s.a + s.b) / 2
	most := rimMost
	if d.x > 0.3 && d.y < 0.5 {
		most = rimMost + (endMost-rimMost)*min((d.x-0.3)/0.3, 1)
	}
	line := make([]sample, len(score)+2*pad)
	for j := range line {
		t := s.r[k] + float64(j-pad+1)/unit
		q := point{s.mid.x + d.x*s.a*t, s.mid.y + d.y*s.b*t}
		crossed := q.x < 0
		q.x *= side
		at := r.to(q)
		sm := &line[j]
		for c := range sm.c {
			sm.c[c] = v.lab[c].at(at.x, at.y)
		}
		if v.alpha.inside(at.x, at.y) {
			sm.alpha = v.alpha.at(at.x, at.y)
		}
		if crossed {
			sm.like = 1
		}
	}
	for j := range score {
		i := j + pad
		way := float64(j+1) / s.mid.x
		a, b := &line[i-1], &line[i+1]
		diff := apart(a, b)
		drop := max(line[i-2].alpha-line[i+2].alpha, 0)
		gain := 0.5*drop + 0.5*diff/(diff+12)*(0.2+0.8*drop)
		if line[i].like > 0 && line[i].alpha > 0.5 { // over the middle within the bridge: it ends there
			gain = 0.4
		}
		if way < rimLeast || way > most {
			gain -= 0.6
		}
		score[j] += gain / 2
	}
}

// endRuns are the runs of a column by the side that is seen better: ISNet
// often loses one of two thin end pieces.
func (v *view) endRuns(h *plane, u, top, bottom float64) [][2]float64 {
	return v.runsOf(func(p point) float64 {
		return math.Max(v.coverAt(h, p), v.coverAt(h, point{-p.x, p.y}))
	}, u, top, bottom)
}

func (v *view) coverAt(h *plane, p point) float64 {
	q := h.place(p)
	if !v.alpha.inside(q.x, q.y) {
		return 0
	}
	return float64(v.alpha.at(q.x, q.y))
}

// covered is how much of the cut-out lies at a flat point and its mirror image.
func (v *view) covered(h *plane, p point) float64 {
	return (v.coverAt(h, p) + v.coverAt(h, point{-p.x, p.y})) / 2
}

// runs are the stretches of a column u that are covered, from top to bottom.
func (v *view) runs(h *plane, u, top, bottom float64) [][2]float64 {
	return v.runsOf(func(p point) float64 { return v.covered(h, p) }, u, top, bottom)
}

func (v *view) runsOf(cover func(point) float64, u, top, bottom float64) (out [][2]float64) {
	start, in := 0.0, false
	for y := top; y <= bottom; y += 0.5 {
		switch c := cover(point{u, y}) > 0.5; {
		case c && !in:
			start, in = y, true
		case !c && in:
			out, in = append(out, [2]float64{start, y}), false
		}
	}
	if in {
		out = append(out, [2]float64{start, bottom})
	}
	return out
}

// follow traces a bar from the run that it starts with at column u, step by
// step to column end, and returns it as a polygon; nil where it is lost.
func (v *view) follow(runs func(h *plane, u, top, bottom float64) [][2]float64, h *plane, run [2]float64, u, end float64) []point {
	step := math.Copysign(1, end-u)
	upper, lower := []point{{u, run[0]}}, []point{{u, run[1]}}
	reach := 2 + 0.25*(run[1]-run[0])
	for x := u + step; (end-x)*step > 0; x += step {
		var best [2]float64
		over := 0.0
		for _, r := range runs(h, x, run[0]-reach, run[1]+reach) {
			if o := math.Min(r[1], run[1]) - math.Max(r[0], run[0]); o > over {
				over, best = o, r
			}
		}
		if over <= 0 {
			return nil
		}
		// A rim or a temple that joins the bar widens the run: the bar goes on as
		// it was, bent by what the other edge does.
		const jump = 1.5
		if best[0] < run[0]-jump {
			best[0] = run[0] - 0.3
		}
		if best[1] > run[1]+jump {
			best[1] = run[1] + 0.3
		}
		run = best
		upper, lower = append(upper, point{x, run[0]}), append(lower, point{x, run[1]})
	}
	for i := len(lower) - 1; i >= 0; i-- {
		upper = append(upper, lower[i])
	}
	return upper
}

var errBridge = errors.New("anchor: the bridge between the lenses is not seen in the cut-out; correct the mask there, or drag the anchors")

// bridge finds the bar over the nose, and a second one above it.
func (v *view) bridge(h *plane, s *star, rim []point) (bars [][]point) {
	lo, hi := s.box()
	tall := hi.y - lo.y
	runs := v.runs(h, 0, lo.y-0.35*tall, lo.y+0.8*tall)
	for i := len(runs) - 1; i >= 0; i-- {
		run := runs[i]
		if run[1]-run[0] < 0.015*s.mid.x {
			continue
		}
		run[0] = v.bridgeTop(h, s, run)
		if len(bars) > 0 && v.behind(h, s, run) {
			continue
		}
		if bar := v.follow(v.runs, h, run, 0, nasalEdge(rim, (run[0]+run[1])/2)+4); bar != nil {
			bars = append(bars, bar)
		}
	}
	return bars
}

// bridgeTop is where the bridge ends above within a run that is too high for
// one: a folded temple that touches it makes an edge there.
func (v *view) bridgeTop(h *plane, s *star, run [2]float64) float64 {
	if run[1]-run[0] < 0.2*s.mid.x {
		return run[0]
	}
	best, at := 9.0, run[0]
	for y := run[0] + 4; y < run[1]-0.08*s.mid.x; y++ {
		diff := 0.0
		for x := -4.0; x <= 4; x += 2 {
			diff += tonesApart(v.colourAt(h, point{x, y - 2}), v.colourAt(h, point{x, y + 2})) / 5
		}
		if diff > best {
			best, at = diff, y
		}
	}
	return at
}

// behind says whether what crosses the axis at run goes on behind the lenses,
// as a folded temple does.
func (v *view) behind(h *plane, s *star, run [2]float64) bool {
	mid, far := (run[0]+run[1])/2, run[1]-run[0]
	seen := 0
	for side := -1.0; side <= 1; side += 2 {
		diff := 0.0
		for _, share := range []float64{0.5, 0.62, 0.74} {
			x := side * (s.mid.x - s.a*share)
			bar, above, below := v.colourAt(h, point{x, mid}), v.colourAt(h, point{x, mid - far - 4}), v.colourAt(h, point{x, mid + far + 4})
			diff += math.Max(tonesApart(bar, above), tonesApart(bar, below)) / 3
		}
		if diff > 9 {
			seen++
		}
	}
	return seen > 0
}

func (v *view) colourAt(h *plane, p point) (c [3]float64) {
	q := h.place(p)
	for i := range c {
		c[i] = float64(v.lab[i].at(q.x, q.y))
	}
	return c
}

// nasalEdge is where the rim's outer edge lies on the nose's side at height y.
func nasalEdge(rim []point, y float64) float64 {
	x := math.Inf(1)
	for i, p := range rim {
		q := rim[(i+1)%len(rim)]
		if (p.y > y) != (q.y > y) {
			x = math.Min(x, p.x+(q.x-p.x)*(y-p.y)/(q.y-p.y))
		}
	}
	if math.IsInf(x, 1) { // above or below the rim: its nearest point
		near := math.Inf(1)
		for _, p := range rim {
			if d := math.Abs(p.y-y) + 0.2*p.x; d < near {
				near, x = d, p.x
			}
		}
	}
	return x
}

// endPiece finds what sticks out from the rim towards the hinge; nil where the
// rim's own edge reaches as far.
func (v *view) endPiece(h *plane, s *star, rim []point) []point {
	lo, hi := s.box()
	tall := hi.y - lo.y
	edge := 0.0
	for _, p := range rim {
		edge = math.Max(edge, p.x)
	}
	far := edge + 0.02*s.mid.x
	for x := far; x < hi.x+endMost*s.mid.x; x++ {
		runs := v.endRuns(h, x, lo.y-0.1*tall, lo.y+0.55*tall)
		if len(runs) == 0 {
			break
		}
		far = x
	}
	if far < edge+0.035*s.mid.x {
		return nil
	}
	var best []point
	for _, run := range v.endRuns(h, far-1.5, lo.y-0.1*tall, lo.y+0.55*tall) {
		if run[1]-run[0] > 0.4*s.mid.x {
			continue
		}
		if bar := v.follow(v.endRuns, h, run, far-1.5, edge-0.35*s.a); bar != nil {
			best = bar
		}
	}
	return best
}

// halfWidth is how far the front reaches from the axis.
func (e *edge) halfWidth() (w float64, at point) {
	for _, p := range e.points {
		if p.x > w {
			w, at = p.x, p
		}
	}
	return w, at
}

// smooth evens the edge's steps of a pixel, its ends fixed.
func (e *edge) smooth(times int) {
	for range times {
		next := append([]point(nil), e.points...)
		for i := 1; i+1 < len(next); i++ {
			next[i] = e.points[i].scale(0.5).add(e.points[i-1].add(e.points[i+1]).scale(0.25))
			next[i].x = math.Max(next[i].x, 0.01)
		}
		e.points = next
	}
}
