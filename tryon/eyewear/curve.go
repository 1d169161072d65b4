package eyewear

import (
	"math"

	"github.com/go-gl/mathgl/mgl64"
)

type (
	vec2 = mgl64.Vec2
	vec3 = mgl64.Vec3
)

// curve is a closed polygon of the plane, counter-clockwise, its last point
// joined to its first.
type curve []vec2

// at returns the point of index i, taken around.
func (c curve) at(i int) vec2 {
	n := len(c)
	return c[((i%n)+n)%n]
}

// bounds returns the box around c.
func (c curve) bounds() (lo, hi vec2) {
	lo, hi = c[0], c[0]
	for _, p := range c {
		for k := range p {
			lo[k], hi[k] = math.Min(lo[k], p[k]), math.Max(hi[k], p[k])
		}
	}
	return lo, hi
}

// area is positive when c runs counter-clockwise.
func (c curve) area() float64 {
	a := 0.0
	for i, p := range c {
		q := c.at(i + 1)
		a += p[0]*q[1] - p[1]*q[0]
	}
	return a / 2
}

// fit scales and moves c so that its box is that of centre ± half.
func (c curve) fit(centre, half vec2) curve {
	lo, hi := c.bounds()
	out := make(curve, len(c))
	for i, p := range c {
		for k := range p {
			out[i][k] = centre[k] + ((p[k]-lo[k])/(hi[k]-lo[k])*2-1)*half[k]
		}
	}
	return out
}

// resample returns n points that stand evenly along c, starting at its first.
func (c curve) resample(n int) curve {
	return c.resampleBy(n, func(int) float64 { return 1 })
}

// resampleBy returns n points along c, denser where weight of a segment (by
// index) is larger, starting at the first point of c.
func (c curve) resampleBy(n int, weight func(i int) float64) curve {
	run := make([]float64, len(c)+1)
	for i, p := range c {
		run[i+1] = run[i] + c.at(i+1).Sub(p).Len()*weight(i)
	}
	out := make(curve, n)
	seg := 0
	for k := range out {
		want := run[len(c)] * float64(k) / float64(n)
		for run[seg+1] < want {
			seg++
		}
		f := 0.0
		if d := run[seg+1] - run[seg]; d > 0 {
			f = (want - run[seg]) / d
		}
		out[k] = mix2(c[seg], c.at(seg+1), f)
	}
	return out
}

// smooth replaces each point by the mean of its neighbours, n times.
func (c curve) smooth(n int) curve {
	for range n {
		next := make(curve, len(c))
		for i := range c {
			next[i] = c[i].Mul(0.5).Add(c.at(i - 1).Add(c.at(i + 1)).Mul(0.25))
		}
		c = next
	}
	return c
}

// normals returns the outward unit normal at each point.
func (c curve) normals() []vec2 {
	out := make([]vec2, len(c))
	for i := range c {
		t := c.at(i + 1).Sub(c.at(i - 1)).Normalize()
		out[i] = vec2{t[1], -t[0]}
	}
	return out
}

// offset moves each point outwards by d of its index.
func (c curve) offset(d func(i int) float64) curve {
	out := make(curve, len(c))
	for i, n := range c.normals() {
		out[i] = c[i].Add(n.Mul(d(i)))
	}
	return out
}

// mirrored returns c with x negated, still counter-clockwise, its first point
// still first.
func (c curve) mirrored() curve {
	out := make(curve, len(c))
	for i, p := range c {
		out[(len(c)-i)%len(c)] = vec2{-p[0], p[1]}
	}
	return out
}

// simple says whether no two edges of c cross.
func (c curve) simple() bool {
	n := len(c)
	for i := range c {
		a, b := c[i], c.at(i+1)
		for j := i + 2; j < n; j++ {
			if (j+1)%n != i && crosses(a, b, c[j], c.at(j+1)) {
				return false
			}
		}
	}
	return true
}

// crosses says whether the segments ab and cd cross.
func crosses(a, b, c, d vec2) bool {
	return side(a, b, c)*side(a, b, d) < 0 && side(c, d, a)*side(c, d, b) < 0
}

func side(a, b, p vec2) float64 {
	return (b[0]-a[0])*(p[1]-a[1]) - (b[1]-a[1])*(p[0]-a[0])
}

// locator finds the nearest point of a curve, many times.
type locator struct {
	c     curve
	edges []vec2
	over  []float64 // 1 / length² of the edges
}

func newLocator(c curve) *locator {
	l := &locator{c: c}
	for i, p := range c {
		e := c.at(i + 1).Sub(p)
		l.edges = append(l.edges, e)
		l.over = append(l.over, 1/e.LenSqr())
	}
	return l
}

// nearest returns the distance from p to the curve, positive outside, the edge
// and the place on it (0..1) where it is nearest.
func (l *locator) nearest(p vec2) (dist float64, seg int, f float64) {
	best := math.Inf(1)
	for i, e := range l.edges {
		dx, dy := p[0]-l.c[i][0], p[1]-l.c[i][1]
		t := (dx*e[0] + dy*e[1]) * l.over[i]
		t = min(max(t, 0), 1)
		dx, dy = dx-t*e[0], dy-t*e[1]
		if d := dx*dx + dy*dy; d < best {
			best, seg, f = d, i, t
		}
	}
	dist = math.Sqrt(best)
	if side(l.c[seg], l.c.at(seg+1), p) > 0 {
		dist = -dist
	}
	return dist, seg, f
}

func mix2(a, b vec2, f float64) vec2 { return a.Mul(1 - f).Add(b.Mul(f)) }
func mix3(a, b vec3, f float64) vec3 { return a.Mul(1 - f).Add(b.Mul(f)) }
func mix(a, b, f float64) float64    { return a + (b-a)*f }

// smoothstep goes from 0 at lo to 1 at hi without a corner; hi may be the lower.
func smoothstep(lo, hi, x float64) float64 {
	f := mgl64.Clamp((x-lo)/(hi-lo), 0, 1)
	return f * f * (3 - 2*f)
}

func radians(deg float64) float64 { return deg * math.Pi / 180 }
