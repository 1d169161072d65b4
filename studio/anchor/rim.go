package anchor

import (
	"math"
	"slices"
)

// rimColours is how many colours a frame is described by: tortoise, a fade or a
// glossy black need a few.
const rimColours = 6

type tone struct {
	c      [3]float64
	spread float64
}

// findRim fills v.rim from the colours along the cut-out's edge, which is
// nearly everywhere that of the front.
func (v *view) findRim() {
	var ring []([3]float64)
	soft := v.alpha.blurred(3)
	for y := 2; y < v.h-2; y++ {
		for x := 2; x < v.w-2; x++ {
			i := y*v.w + x
			if v.alpha.v[i] > 0.8 && soft.v[i] > 0.62 && soft.v[i] < 0.93 && (x+y)%2 == 0 {
				ring = append(ring, v.colour(i))
			}
		}
	}
	tones := cluster(ring)
	v.rim = newField(v.w, v.h)
	for i := range v.rim.v {
		v.rim.v[i] = float32(likeness(tones, v.colour(i)))
	}
}

func (v *view) colour(i int) [3]float64 {
	return [3]float64{float64(v.lab[0].v[i]), float64(v.lab[1].v[i]), float64(v.lab[2].v[i])}
}

// lightness weighs L* against the colours: light and shade change it most.
const lightness = 0.7

func tonesApart(a, b [3]float64) float64 {
	l := (a[0] - b[0]) * lightness
	return math.Sqrt(l*l + (a[1]-b[1])*(a[1]-b[1]) + (a[2]-b[2])*(a[2]-b[2]))
}

// cluster is k-means from seeds that lie far from each other.
func cluster(points [][3]float64) []tone {
	if len(points) == 0 {
		return nil
	}
	var mean [3]float64
	for _, p := range points {
		for c := range mean {
			mean[c] += p[c] / float64(len(points))
		}
	}
	tones := []tone{{c: mean}}
	for len(tones) < rimColours {
		far, at := 0.0, 0
		for i := 0; i < len(points); i += 1 + len(points)/2000 {
			d := math.Inf(1)
			for _, t := range tones {
				d = math.Min(d, tonesApart(points[i], t.c))
			}
			if d > far {
				far, at = d, i
			}
		}
		tones = append(tones, tone{c: points[at]})
	}
	count := make([]float64, len(tones))
	for range 12 {
		sum := make([][3]float64, len(tones))
		dist := make([]float64, len(tones))
		clear(count)
		for _, p := range points {
			k, d := nearest(tones, p)
			count[k]++
			dist[k] += d * d
			for c := range p {
				sum[k][c] += p[c]
			}
		}
		for k := range tones {
			if count[k] == 0 {
				continue
			}
			for c := range mean {
				tones[k].c[c] = sum[k][c] / count[k]
			}
			tones[k].spread = math.Sqrt(dist[k] / count[k])
		}
	}
	var kept []tone
	for k, t := range tones {
		if count[k] >= 0.03*float64(len(points)) {
			kept = append(kept, t)
		}
	}
	return kept
}

func nearest(tones []tone, p [3]float64) (best int, d float64) {
	d = math.Inf(1)
	for k, t := range tones {
		if a := tonesApart(p, t.c); a < d {
			best, d = k, a
		}
	}
	return best, d
}

// likeness is 1 on one of the tones, 0 far from all.
func likeness(tones []tone, p [3]float64) float64 {
	best := 0.0
	for _, t := range tones {
		s := min(max(1.3*t.spread, 5), 10)
		d := tonesApart(p, t.c) / s
		best = math.Max(best, math.Exp(-d*d/2))
	}
	return best
}

// learn replaces v.rim by what the pair shows: how much likelier a pixel's
// colour is that of the rims around the openings than of what is seen in them.
func (v *view) learn(p *pair) {
	var rims, lenses [][3]float64
	for side := range p.own {
		s, to := &p.own[side], p.to(side)
		width := v.rimWidth(s, to)
		for k := range s.r {
			take := func(r float64, into *[][3]float64, least float32) {
				q := to(s.along(k, r))
				x, y := int(q.x+0.5), int(q.y+0.5)
				if x < 0 || y < 0 || x >= v.w || y >= v.h || v.alpha.v[y*v.w+x] < least {
					return
				}
				*into = append(*into, v.colour(y*v.w+x))
			}
			for _, t := range []float64{0.3, 0.45, 0.6, 0.7, 0.8, 0.86, 0.92} {
				take(s.r[k]*t, &lenses, -1)
			}
			for t := 0.25; t < 0.9; t += 0.1 {
				take(s.r[k]+t*width/((s.a+s.b)/2), &rims, 0.5)
			}
		}
	}
	frame, lens := cluster(rims), cluster(lenses)
	for i := range v.rim.v {
		c := v.colour(i)
		a, b := likeness(frame, c), likeness(lens, c)
		v.rim.v[i] = float32((a + 0.02) / (a + b + 0.04))
	}
}

// rimWidth is about how wide the rim is around an outline, in view pixels: the
// median way from the opening to where the cut-out ends.
func (v *view) rimWidth(s *star, to func(point) point) float64 {
	var widths []float64
	for k := range s.r {
		unit := (s.a + s.b) / 2
		for d := 2.0; d < 0.35*unit; d++ {
			q := to(s.along(k, s.r[k]+d/unit))
			if v.alpha.at(q.x, q.y) < 0.5 || !v.alpha.inside(q.x, q.y) {
				widths = append(widths, d)
				break
			}
		}
	}
	if len(widths) < len(s.r)/5 {
		return 0.1 * s.a
	}
	slices.Sort(widths)
	return max(widths[len(widths)/2], 3)
}
