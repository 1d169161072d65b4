package anchor

import (
	"errors"
	"math"

	"cheval/catalog"
)

// laid is a front laid flat from its anchors: everything symmetrical about
// u = 0, in photo pixels at the middle of the front, v down.
type laid struct {
	h     plane   // flat to photo
	shape []point // the right opening, raysAround points, from the temple's side over the top
	edge  []point // the right half's outer edge, from the bridge's lower edge to its upper
}

var errAnchors = errors.New("anchor: the anchors are no frame: they need two lens outlines beside each other, and an outer edge around them")

// lay lays the anchors flat. The openings alone decide about the perspective:
// it is that in which one is the mirror image of the other.
func lay(a *catalog.Anchors) (*laid, error) {
	if len(a.Outlines[0]) < 8 || len(a.Outlines[1]) < 8 || len(a.Contour) < 12 {
		return nil, errAnchors
	}
	left, right := pointsOf(a.Outlines[0]), pointsOf(a.Outlines[1])
	cl, cr := centroid(left), centroid(right)
	across := cr.sub(cl)
	if across.len() < 20 || across.x <= 0 {
		return nil, errAnchors
	}
	l := &laid{}
	f := newFrame(cl.mix(cr, 0.5), math.Atan2(across.y, across.x))
	back := func(p point) point { return f.flat(p) }
	for range 3 {
		if !l.fit(left, right, back) {
			return nil, errAnchors
		}
		inverse := l.h.inverse()
		back = inverse.place
	}
	l.layEdge(pointsOf(a.Contour), back)
	if len(l.edge) < 8 {
		return nil, errAnchors
	}
	return l, nil
}

// fit takes the mean of both openings as they are flat by back, and fits the
// plane anew so that it falls on them.
func (l *laid) fit(left, right []point, back func(point) point) bool {
	flat := func(c []point, side float64) []point {
		out := make([]point, len(c))
		for i, p := range c {
			q := back(p)
			out[i] = point{q.x * side, q.y}
		}
		return out
	}
	a, b := rayed(flat(left, -1)), rayed(flat(right, 1))
	if a == nil || b == nil {
		return false
	}
	l.shape = make([]point, raysAround)
	var pairs [][2]point
	for k := range l.shape {
		l.shape[k] = a[k].mix(b[k], 0.5)
	}
	// Where each ray's point lies in the photo.
	pl, pr := rayedWith(flat(left, -1), left), rayedWith(flat(right, 1), right)
	for k, q := range l.shape {
		pairs = append(pairs, [2]point{{-q.x, q.y}, pl[k]}, [2]point{q, pr[k]})
	}
	h, ok := fitPlane(pairs)
	l.h = h
	return ok
}

// layEdge is the mean of both halves of the contour.
func (l *laid) layEdge(contour []point, back func(point) point) {
	var halves [2][]point
	for side := range halves {
		sign := float64(2*side - 1)
		flat := make([]point, len(contour))
		for i, p := range contour {
			q := back(p)
			flat[i] = point{q.x * sign, q.y}
		}
		halves[side] = halfOf(flat)
	}
	switch {
	case halves[0] == nil:
		l.edge = halves[1]
	case halves[1] == nil:
		l.edge = halves[0]
	default:
		l.edge = meanOf(halves[0], halves[1])
	}
}

// halfOf cuts a closed contour at u = 0 and returns its part with u > 0, from
// its lower end on the axis to its upper one.
func halfOf(c []point) []point {
	n := len(c)
	var best []point
	for i := range c {
		p, q := c[i], c[(i+1)%n]
		if p.x > 0 || q.x <= 0 {
			continue
		}
		part := []point{crossing(p, q)}
		k := (i + 1) % n
		for ; c[k].x > 0 && len(part) <= n; k = (k + 1) % n {
			part = append(part, c[k])
		}
		part = append(part, crossing(c[(k+n-1)%n], c[k]))
		if len(part) > len(best) {
			best = part
		}
	}
	if len(best) > 1 && best[0].y < best[len(best)-1].y {
		for i, j := 0, len(best)-1; i < j; i, j = i+1, j-1 {
			best[i], best[j] = best[j], best[i]
		}
	}
	return best
}

func crossing(p, q point) point {
	t := p.x / (p.x - q.x)
	return point{0, p.y + (q.y-p.y)*t}
}

// meanOf is the mean of two paths at equal shares of their lengths.
func meanOf(a, b []point) []point {
	n := max(len(a), len(b))
	x, y := evenly(a, n), evenly(b, n)
	for i := range x {
		x[i] = x[i].mix(y[i], 0.5)
	}
	return x
}

// evenly is a path of n points, evenly along c.
func evenly(c []point, n int) []point {
	run := make([]float64, len(c))
	for i := 1; i < len(c); i++ {
		run[i] = run[i-1] + c[i].sub(c[i-1]).len()
	}
	out := make([]point, n)
	seg := 0
	for k := range out {
		want := run[len(run)-1] * float64(k) / float64(n-1)
		for seg+2 < len(c) && run[seg+1] < want {
			seg++
		}
		t := 0.0
		if d := run[seg+1] - run[seg]; d > 0 {
			t = min(max((want-run[seg])/d, 0), 1)
		}
		out[k] = c[seg].mix(c[seg+1], t)
	}
	return out
}

// rayed is where raysAround rays from the middle of a closed outline's box
// leave it, from the right over the top; nil where they do not.
func rayed(c []point) []point { return rayedWith(c, c) }

// rayedWith is the same of a second outline whose points belong to c's.
func rayedWith(c, with []point) []point {
	lo, hi := bounds(c)
	mid := lo.mix(hi, 0.5)
	out := make([]point, raysAround)
	a, b := (hi.x-lo.x)/2, (hi.y-lo.y)/2
	if a <= 0 || b <= 0 {
		return nil
	}
	for k := range out {
		d := dir(k, raysAround, 1)
		d = point{d.x * a, d.y * b}
		far := 0.0
		for i := range c {
			p, q := c[i].sub(mid), c[(i+1)%len(c)].sub(mid)
			s, t := d.x*p.y-d.y*p.x, d.x*q.y-d.y*q.x
			if (s > 0) == (t > 0) {
				continue
			}
			f := s / (s - t)
			at := p.mix(q, f)
			if r := at.dot(d) / d.dot(d); r > far {
				far = r
				out[k] = with[i].mix(with[(i+1)%len(with)], f)
			}
		}
		if far == 0 {
			return nil
		}
	}
	return out
}

func bounds(c []point) (lo, hi point) {
	lo, hi = c[0], c[0]
	for _, p := range c {
		lo = point{min(lo.x, p.x), min(lo.y, p.y)}
		hi = point{max(hi.x, p.x), max(hi.y, p.y)}
	}
	return lo, hi
}

func pointsOf(c [][2]float32) []point {
	out := make([]point, len(c))
	for i, p := range c {
		out[i] = point{float64(p[0]), float64(p[1])}
	}
	return out
}

func centroid(c []point) (m point) {
	lo, hi := bounds(c)
	return lo.mix(hi, 0.5)
}
