package eyewear

import (
	"errors"
	"math"

	"github.com/go-gl/mathgl/mgl64"
)

// silhouette is the outer contour of half an acetate front (x >= 0) as a
// signed distance: the rim around the lens, the bridge and the end piece,
// melted into each other.
type silhouette struct {
	lens    *locator     // at its place in the front
	rim     []float64    // width at each point of the lens
	bridge  *bridgeShape // nil: the rim stands alone (brow pieces)
	end     *endShape
	melt    float64 // how softly bridge and rim join, mm
	meltEnd float64
}

// bridgeShape is a bar across the nose in flat millimetres.
type bridgeShape struct {
	half       float64 // half of the distance between lenses
	y, arch    float64 // the bar's middle at the rims, and how much it rises
	halfHeight float64
	key        float64 // radius of a keyhole's notch, 0: none
	keyY       float64
}

// endShape is the end piece: a bar from the rim outwards.
type endShape struct {
	fromX, fromY, toX, toY float64
	halfHeight             float64
}

// blend is the smaller of a and b with a soft corner of size k (polynomial
// smooth minimum after Quilez).
func blend(a, b, k float64) float64 {
	h := math.Max(k-math.Abs(a-b), 0)
	return math.Min(a, b) - h*h/(4*k)
}

// distance is negative inside.
func (s *silhouette) distance(p vec2) float64 {
	d := s.rimDistance(p)
	if b := s.bridge; b != nil && p[0] < b.half+6 {
		// The other rim melts in too, so that the contour crosses the middle level.
		d = blend(d, s.rimDistance(vec2{-p[0], p[1]}), s.melt)
		d = blend(d, b.distance(p), s.melt)
		if b.key > 0 {
			hole := p.Sub(vec2{0, b.keyY}).Len() - b.key
			d = -blend(-d, hole, 2)
		}
	}
	if e := s.end; e != nil && p[0] > e.fromX-20 {
		d = blend(d, e.distance(p), s.meltEnd)
	}
	return d
}

func (s *silhouette) rimDistance(p vec2) float64 {
	d, seg, f := s.lens.nearest(p)
	return d - mix(s.rim[seg], s.rim[(seg+1)%len(s.rim)], f)
}

func (b *bridgeShape) distance(p vec2) float64 {
	x := p[0] / b.half
	mid := b.y + b.arch*(1-math.Min(x*x, 1))
	return math.Max(math.Abs(p[1]-mid)-b.halfHeight, math.Abs(p[0])-b.half-1)
}

func (e *endShape) distance(p vec2) float64 {
	a, ab := vec2{e.fromX, e.fromY}, vec2{e.toX - e.fromX, e.toY - e.fromY}
	const corner = 1.6
	// A rounded box along ab.
	l := ab.Len()
	dir := ab.Mul(1 / l)
	q := p.Sub(a)
	along, across := q.Dot(dir), math.Abs(q[0]*dir[1]-q[1]*dir[0])
	dx, dy := math.Abs(along-l/2)-l/2+corner, across-e.halfHeight+corner
	return math.Hypot(math.Max(dx, 0), math.Max(dy, 0)) + math.Min(math.Max(dx, dy), 0) - corner
}

// slope returns the distance at p and how it grows.
func (s *silhouette) slope(p vec2) (d float64, g vec2) {
	const h = 1e-5
	d = s.distance(p)
	return d, vec2{
		(s.distance(vec2{p[0] + h, p[1]}) - d) / h,
		(s.distance(vec2{p[0], p[1] + h}) - d) / h,
	}
}

var errContour = errors.New("eyewear: the front's outline does not close; make the rim thinner or the bridge wider")

// contour follows the zero of the distance counter-clockwise, in steps of about
// half a millimetre. With a bridge it starts at the middle below and ends
// at the middle above, both exactly on x = 0; else it is a closed curve.
func (s *silhouette) contour() (curve, error) {
	start, err := s.start()
	if err != nil {
		return nil, err
	}
	const step = 0.45
	out := curve{start}
	p := start
	for range 3000 {
		_, g := s.slope(p)
		if g.Len() < 1e-6 {
			return nil, errContour
		}
		dir := vec2{-g[1], g[0]}.Normalize() // counter-clockwise about the inside
		next := s.onto(p.Add(dir.Mul(step)))
		if s.bridge != nil && next[0] < 0 && len(out) > 20 {
			end := s.onto(vec2{0, next[1]})
			end[0] = 0
			return append(out, end), nil
		}
		if s.bridge == nil && len(out) > 20 && next.Sub(start).Len() < step {
			return out, nil
		}
		if s.bridge != nil && next[0] < 0 {
			next[0] = 0.01
		}
		out = append(out, next)
		p = next
	}
	return nil, errContour
}

// onto moves p along the gradient to the contour.
func (s *silhouette) onto(p vec2) vec2 {
	for range 6 {
		d, g := s.slope(p)
		if math.Abs(d) < 1e-6 {
			break
		}
		p = p.Sub(g.Mul(mgl64.Clamp(d, -1, 1) / math.Max(g.LenSqr(), 0.05)))
	}
	return p
}

// start is the contour's first point: the bridge's lower edge on x = 0, or the
// rim's lowest point.
func (s *silhouette) start() (vec2, error) {
	if s.bridge == nil {
		low := s.lens.c[0]
		for i, p := range s.lens.c {
			if p[1] < low[1] {
				low = vec2{p[0], p[1] - s.rim[i]}
			}
		}
		return s.onto(low), nil
	}
	inside := vec2{0, s.bridge.y + s.bridge.arch + s.bridge.halfHeight*0.8}
	if s.distance(inside) > 0 {
		return vec2{}, errContour
	}
	hi, lo := inside[1], inside[1]
	for s.distance(vec2{0, lo}) < 0 {
		if lo -= 0.5; lo < -60 {
			return vec2{}, errContour
		}
	}
	for range 50 {
		if mid := (hi + lo) / 2; s.distance(vec2{0, mid}) < 0 {
			hi = mid
		} else {
			lo = mid
		}
	}
	return vec2{0, hi}, nil
}
