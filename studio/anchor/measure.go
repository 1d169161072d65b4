package anchor

import (
	"fmt"
	"math"
	"slices"

	"cheval/catalog"
)

// How deep a lens sits in its rim, in millimetres: by that an opening is seen
// smaller on each side than its lens's box.
const (
	acetateGroove = 0.95 // with the rounding of the rim's edge
	metalGroove   = 0.45
)

// widthAgrees is how far a typed total width may lie from the measured one.
const widthAgrees = 2

// lensAgrees is how far an opening may lie from the lens that the notation
// says, after the grooves.
const lensAgrees = 1.6

// Measure sets the anchors' scale and what they show in millimetres, and the
// doubts that follow from it; doubts about the scale that were there go.
//
// The scale comes from the middles of the two boxes: they are a lens and a
// bridge apart, however deep the lenses sit in their grooves.
func Measure(a *catalog.Anchors, hint Hint) {
	a.Doubts = slices.DeleteFunc(a.Doubts, func(d catalog.Doubt) bool {
		return d.What == "scale" || d.What == "width" || d.What == "lens-width"
	})
	a.Scale, a.MMPerPixel, a.Measured = catalog.NoScale, 0, catalog.Measured{}
	l, err := lay(a)
	if err != nil {
		a.Doubts = append(a.Doubts, catalog.Doubt{What: "scale", Why: err.Error()})
		return
	}
	var s *sized
	switch {
	case hint.Notation.Lens > 0:
		a.Scale = catalog.FromNotation
		want := float64(hint.Notation.Lens + hint.Notation.Bridge)
		s = l.scaled(func(s *sized) float64 { lo, hi := bounds(s.shape); return want / (hi.x + lo.x + s.wall(hi.x)) })
	case hint.FrontWidth > 0:
		a.Scale = catalog.FromWidth
		s = l.scaled(func(s *sized) float64 { return float64(hint.FrontWidth) / s.width() })
	default:
		a.Doubts = append(a.Doubts, catalog.Doubt{What: "scale", Why: "no size is known: give the notation (such as 52□18-145) or the total width"})
		return
	}
	a.MMPerPixel = float32(s.mm)
	lo, hi := bounds(s.shape)
	a.Measured = catalog.Measured{
		Opening: float32(hi.x - lo.x + s.wall(hi.x)), Height: float32(hi.y - lo.y), Between: float32(2 * lo.x),
		FrontWidth: float32(s.width()), Rim: float32(l.rim() * s.mm),
	}
	a.Doubts = append(a.Doubts, doubtSizes(a, hint)...)
}

// doubtSizes says where what is measured and what is said do not agree.
func doubtSizes(a *catalog.Anchors, hint Hint) (out []catalog.Doubt) {
	m := &a.Measured
	if typed := hint.FrontWidth; a.Scale == catalog.FromNotation && typed > 0 {
		if miss := abs(m.FrontWidth - typed); miss > widthAgrees {
			out = append(out, catalog.Doubt{What: "width", Measure: miss, Limit: widthAgrees,
				Why: fmt.Sprintf("the front measures %.1f mm by its notation, but its total width is given as %.1f; which one is right?", m.FrontWidth, typed)})
		}
	}
	if least := 2*(m.Opening+m.Rim+leastEnd) + m.Between; hint.FrontWidth == 0 && m.Rim <= thinRim && m.FrontWidth < least {
		out = append(out, catalog.Doubt{What: "width", Measure: m.FrontWidth, Limit: least,
			Why: "the end pieces that hold the temples are not seen, so the total width is not known; give it, or drag the hinges"})
	}
	if lens := hint.Notation.Lens; a.Scale == catalog.FromNotation {
		material := hint.Material
		if material == "" && m.Rim <= thinRim {
			material = catalog.Metal
		}
		groove := 2 * grooveOf(material)
		if miss := abs(m.Opening + groove - lens); miss > lensAgrees {
			out = append(out, catalog.Doubt{What: "lens-width", Measure: miss, Limit: lensAgrees,
				Why: fmt.Sprintf("the lens measures %.1f mm, but its notation says %g; check the outlines and the notation", m.Opening+groove, lens)})
		}
	}
	return out
}

// leastEnd is what a metal front has at least beyond its rim, in millimetres:
// the end piece with its hinge.
const leastEnd = 1.5

// thinRim is the width of a rim in millimetres up to which it is metal.
const thinRim = 2.6

func grooveOf(m catalog.Material) float32 {
	if m == catalog.Metal {
		return metalGroove
	}
	return acetateGroove
}

func abs(x float32) float32 { return max(x, -x) }

// scaled finds the scale at which miss, what is wanted by what is there, is 1.
func (l *laid) scaled(miss func(*sized) float64) *sized {
	lo, hi := bounds(l.shape)
	s := l.sized(70 / (lo.x + hi.x)) // about a frame's, to begin with
	for range 4 {
		s = l.sized(s.mm * miss(s))
	}
	return s
}

// wall is how much of an opening's width the rim's own thickness hides on the
// temple's side, x mm from the axis: from the middle, the wall behind the lens
// is seen there, and its back edge taken for the opening's.
func (s *sized) wall(x float64) float64 {
	if s.laid.rim()*s.mm <= thinRim {
		return 0
	}
	const behind = 2.4 // mm of a usual acetate front lie behind the lens's front
	return behind * x / usualDistance
}

// width is the front's, in millimetres.
func (s *sized) width() float64 {
	w := 0.0
	for _, p := range s.edge {
		w = math.Max(w, p.x)
	}
	return 2 * w
}

// rim is the median width of the rim beside the opening, of a half rim only
// above it.
func (l *laid) rim() float64 {
	lo, hi := bounds(l.shape)
	mid := lo.mix(hi, 0.5)
	var ways, upper, lower []float64
	for k, p := range l.shape {
		d := dir(k, len(l.shape), 1)
		if d.x < -0.5 || d.x > 0.55 && d.y < 0.3 { // the bridge, the end piece
			continue
		}
		if way, ok := exit(mid, p, l.edge); ok {
			ways = append(ways, way)
			if d.y < -0.5 {
				upper = append(upper, way)
			} else if d.y > 0.5 {
				lower = append(lower, way)
			}
		}
	}
	if above := median(upper); median(lower) < bareShare*above {
		return above
	}
	return median(ways)
}

// bareShare is how much of the rim above may be seen below a half rim's lens.
const bareShare = 0.55

// exit is how far beyond p a ray from mid through p meets an edge.
func exit(mid, p point, edge []point) (float64, bool) {
	d := p.sub(mid)
	reach := d.len()
	best := math.Inf(1)
	for i := 0; i+1 < len(edge); i++ {
		a, b := edge[i].sub(mid), edge[i+1].sub(mid)
		s, t := d.x*a.y-d.y*a.x, d.x*b.y-d.y*b.x
		if (s > 0) == (t > 0) {
			continue
		}
		at := a.mix(b, s/(s-t))
		if w := at.dot(d)/reach - reach; w > -0.2*reach && w < best {
			best = w
		}
	}
	return best, !math.IsInf(best, 1)
}
