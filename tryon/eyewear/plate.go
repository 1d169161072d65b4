package eyewear

import (
	"math"
	"sort"
)

// matched returns for each point of outer the place on inner (in points of
// inner, fractional) that it is joined to: the nearest, spread out so that the
// columns of a plate neither cross nor crowd.
func matched(inner curve, outer []vec2) []float64 {
	n := float64(len(inner))
	want := make([]float64, len(outer))
	near := newLocator(inner)
	for j, p := range outer {
		_, seg, f := near.nearest(p)
		want[j] = float64(seg) + f
		if j > 0 { // unwrap
			for want[j] < want[j-1]-n/2 {
				want[j] += n
			}
			for want[j] > want[j-1]+n/2 {
				want[j] -= n
			}
		}
	}
	got := append([]float64(nil), want...)
	turn := n // over the whole ring
	at := func(i int) float64 {
		m := len(got)
		return got[((i%m)+m)%m] + turn*math.Floor(float64(i)/float64(m))
	}
	for range 400 {
		next := make([]float64, len(got))
		for j := range got {
			next[j] = 0.06*want[j] + 0.94*(at(j-1)+at(j+1))/2
		}
		got = next
	}
	sort.Float64s(got) // they are in order already, but for rounding
	return got
}

// sample returns the points and normals of c at fractional places.
func (c curve) sample(places []float64) (pts, normals []vec2) {
	ns := c.normals()
	m := len(c)
	for _, x := range places {
		i := int(math.Floor(x))
		f := x - float64(i)
		i = ((i % m) + m) % m
		pts = append(pts, mix2(c[i], c.at(i+1), f))
		normals = append(normals, mix2(ns[i], ns[(i+1)%m], f).Normalize())
	}
	return pts, normals
}

// thin drops points of an open contour so that n are left, denser where it
// bends. The ends stay.
func thin(c []vec2, n int) []vec2 {
	run := make([]float64, len(c))
	for i := 1; i < len(c); i++ {
		bend := 0.0
		for k := max(1, i-2); k <= min(len(c)-2, i+2); k++ {
			a, b := c[k].Sub(c[k-1]), c[k+1].Sub(c[k])
			bend = max(bend, math.Abs(math.Atan2(a[0]*b[1]-a[1]*b[0], a.Dot(b)))/max(b.Len(), 0.05))
		}
		run[i] = run[i-1] + c[i].Sub(c[i-1]).Len()*(1+5*min(bend, 0.6))
	}
	out := []vec2{c[0]}
	for k := 1; k < n-1; k++ {
		want := run[len(c)-1] * float64(k) / float64(n-1)
		i := sort.SearchFloat64s(run, want)
		out = append(out, mix2(c[i-1], c[i], (want-run[i-1])/max(run[i]-run[i-1], 1e-9)))
	}
	return append(out, c[len(c)-1])
}

// normalsOf returns the normals into the plate of an open contour that runs
// counter-clockwise around it; at its ends on x = 0 they stand upright.
func normalsOf(c []vec2) []vec2 {
	out := make([]vec2, len(c))
	last := len(c) - 1
	for i := range c {
		t := c[min(i+1, last)].Sub(c[max(i-1, 0)]).Normalize()
		out[i] = vec2{-t[1], t[0]}
	}
	out[0], out[last] = vec2{0, 1}, vec2{0, -1}
	return out
}
