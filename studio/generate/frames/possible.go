package frames

import (
	"fmt"
	"math"

	"cheval/catalog"
)

// trade are the ranges in which frames for teenagers and adults are made and
// ordered, mm. What the mesh builder takes is wider (catalog.Eyewear.Validate).
var trade = []struct {
	name   string
	of     func(*catalog.Eyewear) float64
	lo, hi float64
}{
	{"lens width", func(e *catalog.Eyewear) float64 { return float64(e.LensWidth) }, 38, 62},
	{"lens height", func(e *catalog.Eyewear) float64 { return float64(e.LensHeight) }, 22, 58},
	{"bridge", func(e *catalog.Eyewear) float64 { return float64(e.Bridge) }, 14, 24},
	{"temple", func(e *catalog.Eyewear) float64 { return float64(e.Temple) }, 120, 155},
	{"total width", func(e *catalog.Eyewear) float64 { return float64(e.FrontWidth) }, 112, 156},
	{"end piece", endPiece, 2, 13},
	{"temple over total width", func(e *catalog.Eyewear) float64 { return float64(e.Temple / e.FrontWidth) }, 0.84, 1.18},
	{"lens height over width", func(e *catalog.Eyewear) float64 { return float64(e.LensHeight / e.LensWidth) }, 0.5, 1.06},
	{"hinge over lens's middle", func(e *catalog.Eyewear) float64 { return float64(e.TempleDrop / e.LensHeight) }, 0, 0.5},
}

// Possible says in one sentence why a frame with these measures is not made
// and sold, or returns nil: a measure outside of what the trade has, parts that
// do not add up, or a lens that no edger cuts.
func Possible(e *catalog.Eyewear) error {
	if err := e.Validate(); err != nil {
		return err
	}
	for _, b := range trade {
		if v := b.of(e); !(v >= b.lo && v <= b.hi) {
			return fmt.Errorf("frames: the %s is %.4g, but the trade has %g to %g", b.name, v, b.lo, b.hi)
		}
	}
	if turn := sharpest(e.Outline); turn < mostHollow {
		return fmt.Errorf("frames: the lens is hollow (it turns by %.2f rad at a point); lenses bulge", turn)
	}
	return nil
}

// mostHollow is the turn, in radians at one of an outline's points, beyond which
// a lens is hollow; aviators and butterflies have straight sides.
const mostHollow = -0.02

// sharpest is the least turn of a closed line that runs counter-clockwise.
func sharpest(outline [][2]float32) float64 {
	least, n := 0.0, len(outline)
	for i := range outline {
		a, b, c := outline[(i+n-1)%n], outline[i], outline[(i+1)%n]
		ux, uy := float64(b[0]-a[0]), float64(b[1]-a[1])
		vx, vy := float64(c[0]-b[0]), float64(c[1]-b[1])
		least = min(least, math.Atan2(ux*vy-uy*vx, ux*vx+uy*vy))
	}
	return least
}

// Difference is how far two frames lie apart, mm: the root mean square distance
// of their lenses' outlines where they stand in the front, together with what
// differs in half the front's width, rim, thickness and, a quarter of it,
// temple. Frames within 1 mm look the same.
func Difference(a, b *catalog.Eyewear) (float64, error) {
	x, err := seen(a)
	if err != nil {
		return 0, err
	}
	y, err := seen(b)
	if err != nil {
		return 0, err
	}
	return x.apart(y), nil
}

// looks is what a frame's Difference is taken of.
type looks struct {
	lens  [rays][2]float64 // mm from the front's middle
	plain [4]float64       // mm
}

func seen(e *catalog.Eyewear) (*looks, error) {
	radii, err := outlineOf(e)
	if err != nil {
		return nil, err
	}
	return lookOf(e, radii), nil
}

func lookOf(e *catalog.Eyewear, radii []float64) *looks {
	l := &looks{plain: [4]float64{float64(e.Overall()) / 2, float64(e.Rim), float64(e.Thickness), float64(e.Temple) / 4}}
	width, height := float64(e.LensWidth)/2, float64(e.LensHeight)/2
	centre := float64(e.Bridge)/2 + width
	for k := range l.lens {
		sin, cos := math.Sincos(2 * math.Pi * float64(k) / rays)
		r := math.Exp(radii[k] * math.Sqrt(rays))
		l.lens[k] = [2]float64{r*cos*width - centre, r * sin * height}
	}
	return l
}

func (l *looks) apart(o *looks) float64 {
	sum := 0.0
	for k, p := range l.lens {
		q := o.lens[k]
		sum += (p[0]-q[0])*(p[0]-q[0]) + (p[1]-q[1])*(p[1]-q[1])
	}
	sum /= rays
	for k, v := range l.plain {
		sum += (v - o.plain[k]) * (v - o.plain[k])
	}
	return math.Sqrt(sum)
}
