package anchor

import "math"

// star is a closed outline about a middle: at ray k of n, counted from the
// temple's side over the upper edge (v down), it lies at r[k] times (a, b).
type star struct {
	mid  point // front coordinates; mid.x > 0 on the right
	a, b float64
	r    []float64
}

// dir is the direction of ray k of n on the given side: temples lie outside.
func dir(k, n int, side float64) point {
	s, c := math.Sincos(2 * math.Pi * float64(k) / float64(n))
	return point{side * c, -s}
}

// at is the outline's point on ray k in front coordinates.
func (s *star) at(k int) point { return s.along(k, s.r[k]) }

func (s *star) along(k int, r float64) point {
	d := dir(k, len(s.r), math.Copysign(1, s.mid.x))
	return point{s.mid.x + d.x*s.a*r, s.mid.y + d.y*s.b*r}
}

// box is the outline's extent.
func (s *star) box() (lo, hi point) {
	lo, hi = point{math.Inf(1), math.Inf(1)}, point{math.Inf(-1), math.Inf(-1)}
	for k := range s.r {
		p := s.at(k)
		lo = point{min(lo.x, p.x), min(lo.y, p.y)}
		hi = point{max(hi.x, p.x), max(hi.y, p.y)}
	}
	return lo, hi
}

// rays is a search about a middle: places from lo to hi times (a, b).
type rays struct {
	mid    point
	a, b   float64
	n      int
	lo, hi float64
	steps  int
	base   []float64 // what places of each ray are times of; nil: 1
	// to maps front coordinates to the view.
	to func(point) point
}

// place is how far out place j of ray k lies.
func (r *rays) place(k int, j float64) float64 {
	t := r.lo + (r.hi-r.lo)*j/float64(r.steps-1)
	if r.base != nil {
		t *= r.base[k]
	}
	return t
}

// sample is what lies at one place of a ray.
type sample struct {
	c     [3]float32
	alpha float32
	rim   float32
	like  float32 // to what is seen through the lens near by
}

// pad is how many samples a ray has beyond each end, for what lies before and
// behind a place.
const pad = 4

// look fills one ray's samples.
func (v *view) look(r *rays, k int, out []sample) {
	d := dir(k, r.n, math.Copysign(1, r.mid.x))
	for j := range out {
		t := r.place(k, float64(j-pad))
		q := r.to(point{r.mid.x + d.x*r.a*t, r.mid.y + d.y*r.b*t})
		s := &out[j]
		for c := range s.c {
			s.c[c] = v.lab[c].at(q.x, q.y)
		}
		s.alpha, s.rim = v.alpha.at(q.x, q.y), v.rim.at(q.x, q.y)
		if !v.alpha.inside(q.x, q.y) {
			s.alpha, s.rim = 0, 0
		}
	}
}

// apart is how different two colours are, L* counting less.
func apart(a, b *sample) float32 {
	l, x, y := (a.c[0]-b.c[0])*lightness, a.c[1]-b.c[1], a.c[2]-b.c[2]
	return float32(math.Sqrt(float64(l*l + x*x + y*y)))
}

// opening scores how well a place on a ray is an opening's edge: a change of
// colour, behind which the frame begins.
func (v *view) opening(r *rays) polar {
	p := polar{r.n, r.steps, make([]float32, r.n*r.steps)}
	line := make([]sample, r.steps+2*pad)
	for k := range r.n {
		v.look(r, k, line)
		v.likeInside(r, k, line)
		for j := range r.steps {
			p.score[k*r.steps+j] = edgeAt(line, j+pad)
		}
	}
	return p
}

func edgeAt(line []sample, j int) float32 {
	d := max(apart(&line[j-1], &line[j+1]), 0.8*apart(&line[j-2], &line[j+2]))
	edge := d / (d + 9)
	var frame, lens, like float32
	for i := 1; i <= 3; i++ {
		frame += line[j+i].rim * (0.25 + 0.75*line[j+i].alpha) / 3
		lens += line[j-i].rim / 3
		like += line[j-i].like / 3
	}
	return edge * (0.25 + 0.75*frame) * (1 - 0.55*lens) * (0.35 + 0.65*like)
}

// likeInside fills how much a sample's colour is one that is seen further
// inside on the same ray, once an outline is known.
func (v *view) likeInside(r *rays, k int, line []sample) {
	if r.base == nil {
		for j := range line {
			line[j].like = 1
		}
		return
	}
	var inside [5]sample
	d := dir(k, r.n, math.Copysign(1, r.mid.x))
	for i, t := range [len(inside)]float64{0.68, 0.75, 0.81, 0.86, 0.9} {
		t *= r.base[k]
		q := r.to(point{r.mid.x + d.x*r.a*t, r.mid.y + d.y*r.b*t})
		for c := range inside[i].c {
			inside[i].c[c] = v.lab[c].at(q.x, q.y)
		}
	}
	for j := range line {
		least := float32(math.Inf(1))
		for i := range inside {
			least = min(least, apart(&line[j], &inside[i]))
		}
		x := least / 6
		line[j].like = 1 / (1 + x*x)
	}
}

// sum adds the scores of both sides.
func (p *polar) sum(q *polar) polar {
	out := polar{p.rays, p.steps, make([]float32, len(p.score))}
	for i := range out.score {
		out.score[i] = (p.score[i] + q.score[i]) / 2
	}
	return out
}

// both scores a mirrored pair of rays.
func (v *view) both(right, left *rays) polar {
	a, b := v.opening(right), v.opening(left)
	return a.sum(&b)
}

// mirrored is the same search on the other side.
func (r rays) mirrored(to func(point) point) *rays {
	r.mid.x = -r.mid.x
	r.to = to
	return &r
}

// outlineOf turns a path into an outline.
func (r *rays) outlineOf(p *polar, path []int) star {
	s := star{mid: r.mid, a: r.a, b: r.b, r: make([]float64, r.n)}
	for k, j := range path {
		s.r[k] = r.place(k, p.fine(k, j))
	}
	return s
}

// raysAround is how many points an outline has.
const raysAround = 144

// findPair searches for the mirrored pair of openings: it tries middles, takes
// the best closed outline, and looks again about its own middle.
func (v *view) findPair(f *frame) (star, float64) {
	left, right, _ := extent(&v.alpha)
	w := right - left
	best, at := math.Inf(-1), star{}
	top, low := v.rows(f, w)
	for _, share := range []float64{0.20, 0.215, 0.23, 0.245, 0.26, 0.275, 0.29} {
		d := share * w
		for y := top; y <= low; y += w * 0.022 {
			for _, tall := range []float64{0.68, 0.88} {
				r := rays{mid: point{d, y}, a: 0.73 * d, b: 0.73 * d * tall, n: 64, lo: 0.6, hi: 1.42, steps: 44, to: f.place}
				p := v.both(&r, r.mirrored(f.place))
				path, mean := p.closed(0.004, 3)
				s := r.outlineOf(&p, path)
				if mean += s.prior(); mean > best {
					best, at = mean, s
				}
			}
		}
	}
	for range 3 {
		at, best = v.again(f, &at)
	}
	return at, best
}

// rows are the heights between which openings' middles may lie.
func (v *view) rows(f *frame, w float64) (top, low float64) {
	lo, hi := math.Inf(1), math.Inf(-1)
	for y := 0; y < v.h; y += 2 {
		for x := 0; x < v.w; x += 2 {
			if v.alpha.v[y*v.w+x] > 0.5 {
				p := f.flat(point{float64(x), float64(y)})
				lo, hi = min(lo, p.y), max(hi, p.y)
			}
		}
	}
	return lo + 0.08*w, hi - 0.06*w
}

// prior is what is known of frames before looking: how wide an opening is
// against the distance of the two, and how high against its width.
func (s *star) prior() float64 {
	lo, hi := s.box()
	wide := (hi.x - lo.x) / (hi.x + lo.x) // lens by lens and bridge
	tall := (hi.y - lo.y) / (hi.x - lo.x)
	out := func(x, a, b float64) float64 { return max(a-x, x-b, 0) }
	return -3*out(wide, 0.66, 0.80) - 1.5*out(tall, 0.55, 0.98)
}

// again searches about the middle of an outline, finely.
func (v *view) again(f *frame, s *star) (star, float64) {
	lo, hi := s.box()
	r := rays{
		mid: lo.mix(hi, 0.5), a: (hi.x - lo.x) / 2, b: (hi.y - lo.y) / 2,
		n: raysAround, lo: 0.7, hi: 1.4, to: f.place,
	}
	r.steps = int((r.hi - r.lo) * (r.a + r.b) / 2)
	p := v.both(&r, r.mirrored(f.place))
	path, mean := p.closed(0.003, 6)
	return r.outlineOf(&p, path), mean
}
