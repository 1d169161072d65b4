package perceive

import (
	"image"
	"math"
)

const (
	sidePoints = 40 // places along a side where its edge is looked for
	// edgeAgree is how many of them must lie on one line.
	edgeAgree = 0.45
	// fineReach is how far, in pixels, an edge is looked for once it is known
	// to a pixel.
	fineReach = 2.5
)

// sharpenQuad moves a quadrilateral's sides onto the edges in the picture that
// lie within reach pixels, to a fraction of a pixel. False where a side has no
// edge.
func sharpenQuad(img *image.RGBA, quad [4]vec2, reach float64) ([4]vec2, bool) {
	start := quad
	for round := range 3 {
		var sides [4]line
		for i := range sides {
			var ok bool
			if sides[i], ok = edgeLine(img, quad[i], quad[(i+1)%4], reach); !ok {
				return quad, false
			}
		}
		var ok bool
		if quad, ok = corners(&sides); !ok {
			return quad, false
		}
		if round == 0 {
			reach = min(reach, fineReach)
		}
	}
	for i := range quad {
		if quad[i].sub(start[i]).norm() > 4*max(reach, 4) {
			return quad, false
		}
	}
	return quad, true
}

// corners are where neighbouring sides meet; side i runs from corner i.
func corners(sides *[4]line) (quad [4]vec2, ok bool) {
	for i := range quad {
		if quad[i], ok = sides[(i+3)%4].meet(sides[i]); !ok {
			return quad, false
		}
	}
	return quad, true
}

// maxRivals is how many edges a side is tried on.
const maxRivals = 4

// rivals are the edges that run along a side, near it: a card's own print (a
// magnetic stripe, above all) has straight edges too. reach is in pixels.
func rivals(img *image.RGBA, a, b vec2, reach float64, out []line) []line {
	along := b.sub(a)
	normal := vec2{-along[1], along[0]}.mul(1 / along.norm())
	for step := -3.0; step <= 3; step++ {
		off := normal.mul(step * reach / 3)
		l, ok := edgeLine(img, a.add(off), b.add(off), reach/3)
		if ok {
			// Once more, closely, where it lies.
			l, ok = edgeLine(img, l.foot(a), l.foot(b), fineReach)
		}
		if ok && len(out) < maxRivals && !near(out, l, a, b) {
			out = append(out, l)
		}
	}
	return out
}

// near says whether one of lines is l, as seen at a and b.
func near(lines []line, l line, a, b vec2) bool {
	for _, o := range lines {
		if l.foot(a).sub(o.foot(a)).norm() < 1.2 && l.foot(b).sub(o.foot(b)).norm() < 1.2 {
			return true
		}
	}
	return false
}

// line is n·p = d with n of length 1.
type line struct {
	n vec2
	d float64
}

// foot is the point of the line that is nearest to p.
func (l line) foot(p vec2) vec2 { return p.sub(l.n.mul(l.n[0]*p[0] + l.n[1]*p[1] - l.d)) }

func (l line) meet(o line) (vec2, bool) {
	det := l.n.cross(o.n)
	if math.Abs(det) < 0.2 {
		return vec2{}, false
	}
	return vec2{(l.d*o.n[1] - o.d*l.n[1]) / det, (o.d*l.n[0] - l.d*o.n[0]) / det}, true
}

// edgeLine fits a line to the edge near the side from a to b.
func edgeLine(img *image.RGBA, a, b vec2, reach float64) (line, bool) {
	along := b.sub(a)
	length := along.norm()
	if length < 12 {
		return line{}, false
	}
	dir := along.mul(1 / length)
	normal := vec2{-dir[1], dir[0]}
	var at, weight [sidePoints]float64 // offset of the edge, and its strength
	for i := range at {
		at[i], weight[i] = edgeAcross(img, a.add(along.mul(place(i))), normal, reach)
	}
	c0, c1, ok := fitOffsets(&at, &weight, reach)
	if !ok {
		return line{}, false
	}
	p := a.add(along.mul(0.5)).add(normal.mul(c0))
	d := dir.add(normal.mul(c1 / length))
	n := vec2{-d[1], d[0]}.mul(1 / d.norm())
	return line{n, n[0]*p[0] + n[1]*p[1]}, true
}

// fitOffsets fits a line to offsets against places, c0 at the middle and c1
// more from end to end; points that stray lose their weight. False where too
// few agree.
func fitOffsets(at, weight *[sidePoints]float64, reach float64) (c0, c1 float64, ok bool) {
	scale := reach / 2
	for range 8 {
		var s, su, suu, sv, suv float64
		for i := range at {
			u := place(i) - 0.5
			e := (at[i] - c0 - c1*u) / scale
			w := weight[i] / (1 + e*e*e*e)
			s, su, suu, sv, suv = s+w, su+w*u, suu+w*u*u, sv+w*at[i], suv+w*u*at[i]
		}
		det := s*suu - su*su
		if !(det > 1e-12) {
			return 0, 0, false
		}
		c0, c1 = (sv*suu-su*suv)/det, (s*suv-su*sv)/det
		scale = max(0.3, reach/15, scale*0.7)
	}
	agree := 0
	for i := range at {
		if weight[i] > 0 && math.Abs(at[i]-c0-c1*(place(i)-0.5)) < max(0.6, reach/8) {
			agree++
		}
	}
	return c0, c1, float64(agree) >= edgeAgree*sidePoints
}

// place is where along a side the i-th point lies: clear of round corners.
func place(i int) float64 { return 0.1 + 0.8*float64(i)/(sidePoints-1) }

// edgeLeast is the squared step of colour that counts as an edge.
const edgeLeast = 0.0012

// edgeAcross finds the edge on a line through p along n, which points into the
// card: the centroid of the
// squared slope about its strongest place. The weight is 0 where none is.
func edgeAcross(img *image.RGBA, p, n vec2, reach float64) (at, weight float64) {
	const count = 21
	step := 2 * reach / (count - 1)
	var slopes [count]float64
	best := -1
	before := colourAt(img, p.add(n.mul(-reach-step)))
	mid := colourAt(img, p.add(n.mul(-reach)))
	for i := range count {
		t := -reach + float64(i)*step
		next := colourAt(img, p.add(n.mul(t+step)))
		d := next.sub(before)
		slopes[i] = d.dot(d)
		before, mid = mid, next
		if best < 0 || slopes[i] > slopes[best] {
			best = i
		}
	}
	if slopes[best] < edgeLeast {
		return 0, 0
	}
	// The card throws a shadow, whose outer edge may be the stronger: the first
	// clear edge from within is the card's.
	for i := count - 2; i > best; i-- {
		if slopes[i] > innerShare*slopes[best] && slopes[i] >= slopes[i-1] && slopes[i] > slopes[i+1] {
			best = i
			break
		}
	}
	if best < 1 || best >= count-1 {
		return 0, 0
	}
	var sum, total float64
	for i := max(0, best-3); i <= min(count-1, best+3); i++ {
		sum, total = sum+slopes[i]*(float64(i)*step-reach), total+slopes[i]
	}
	return sum / total, math.Sqrt(slopes[best])
}

// innerShare is the squared slope, against the strongest, of a clear edge.
const innerShare = 0.25

// colourAt is the picture's colour between its pixels, 0..1.
func colourAt(img *image.RGBA, p vec2) vec3 {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	x, y := max(0, min(p[0], float64(w)-1.001)), max(0, min(p[1], float64(h)-1.001))
	i, j := int(x), int(y)
	if i+1 >= w || j+1 >= h {
		return vec3{}
	}
	fx, fy := x-float64(i), y-float64(j)
	at := j*img.Stride + 4*i
	up, low := img.Pix[at:at+8], img.Pix[at+img.Stride:at+img.Stride+8]
	var c vec3
	for k := range c {
		top := float64(up[k])*(1-fx) + float64(up[k+4])*fx
		bottom := float64(low[k])*(1-fx) + float64(low[k+4])*fx
		c[k] = (top*(1-fy) + bottom*fy) / 255
	}
	return c
}
