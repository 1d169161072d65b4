package eyewear

import (
	"math"

	"cheval/catalog"
)

// Temple figures, in millimetres and radians.
const (
	// earpiece is what a temple has behind the bend. Temples of 135 to 145 mm
	// are usually made with a drop of about a third of their length.
	earpiece = 43
	// bendArc is the length over which a temple bends.
	bendArc = 26
	// tipCover is how far an acetate tip reaches before the bend.
	tipCover = 22
)

// bendAngle is how far the earpiece drops below the temple's line.
var bendAngle = radians(42)

// temple is one temple of the half x > 0, its hinge end at start.
type temple struct {
	start   vec3 // middle of the hinge end, in the frame's space
	length  float64
	bend    float64 // length to the bend
	metal   bool
	height  float64 // at the hinge
	thick   float64 // at the hinge
	overlap float64 // how far it reaches into the front
	shear   float64 // z that the hinge end's face moves by per y, to lie on the front
}

// bendLength is the length from the hinge to the bend over the ear.
func bendLength(e *catalog.Eyewear) float64 { return float64(e.Temple) - earpiece }

// path returns the middle line at s along the temple and its direction there.
func (t *temple) path(s float64) (p, dir vec3) {
	const step = 1.0
	p = t.start
	at := func(s float64) vec3 {
		down := bendAngle * smoothstep(t.bend-bendArc/2, t.bend+bendArc/2, s)
		in := radians(1.0)*smoothstep(0, 30, s) + radians(7)*smoothstep(t.bend-5, t.bend+30, s)
		return vec3{-math.Sin(in) * math.Cos(down), -math.Sin(down), -math.Cos(in) * math.Cos(down)}
	}
	if s < 0 {
		return p.Add(vec3{0, 0, -s}), at(0)
	}
	for x := 0.0; x < s; x += step {
		d := min(step, s-x)
		p = p.Add(at(x + d/2).Mul(d))
	}
	return p, at(s)
}

// profile is a temple's half height and half thickness at f of its length to
// the bend (and beyond).
type profile struct{ at, height, thick float64 }

func lerpProfile(ps []profile, s float64) (h, w float64) {
	for i := 1; i < len(ps); i++ {
		if s <= ps[i].at {
			f := smoothstep(ps[i-1].at, ps[i].at, s)
			return mix(ps[i-1].height, ps[i].height, f) / 2, mix(ps[i-1].thick, ps[i].thick, f) / 2
		}
	}
	l := ps[len(ps)-1]
	return l.height / 2, l.thick / 2
}

func (t *temple) acetateProfile() []profile {
	h, w := t.height, t.thick
	waist := min(h, 5.6)
	return []profile{
		{-5, h, w}, {4, h, w}, {t.bend * 0.42, mix(h, waist, 0.62), w * 0.92},
		{t.bend * 0.8, waist, w * 0.86}, {t.bend + 8, max(waist, 6.2), w * 0.84},
		{t.length - 12, 8.2, w * 0.82}, {t.length, 7.4, w * 0.78},
	}
}

func (t *temple) metalProfile() []profile {
	h, w := t.height, t.thick
	return []profile{
		{-5, h, w}, {6, h, w}, {t.bend * 0.5, mix(h, min(h, 2.2), 0.6), w * 0.95},
		{t.bend, min(h, 2.0), w * 0.9}, {t.length, 1.6, w * 0.9},
	}
}

func tipProfile(bend, length float64) []profile {
	return []profile{
		{bend - tipCover, 3.4, 2.7}, {bend, 4.2, 3.0},
		{length - 14, 6.2, 3.1}, {length, 5.6, 2.9},
	}
}

// body lofts the temple from s to its end with a round tip; square is that of
// its section, sides its points.
func (t *temple) body(from, to float64, ps []profile, square float64, sides int, blunt bool) soup {
	var at []float64
	for s := from; s < to-0.01; {
		at = append(at, s)
		step := 11.0
		if s > t.bend-bendArc && s < t.bend+bendArc {
			step = 5
		}
		if s < 6 {
			step = 3.5
		}
		s += step
	}
	at = append(at, to)
	var rings []ring
	add := func(s, k float64) {
		p, dir := t.path(s)
		side := vec3{0, 1, 0}.Cross(dir).Normalize()
		up := dir.Cross(side)
		h, w := lerpProfile(ps, s)
		if !blunt {
			p[1] += t.lift(ps, s)
		}
		if s < 8 { // the hinge end lies on the tilted front
			up = up.Add(vec3{0, 0, t.shear * (1 - max(s, 0)/8)})
		}
		rings = append(rings, ring{p, side, up, w * math.Pow(k, 0.45), h * k, square})
	}
	if blunt {
		rounding(from, 1, add)
	}
	for _, s := range at[:len(at)-1] {
		if s < to-4.2 && (!blunt || s > from+1) {
			add(s, 1)
		}
	}
	rounding(to, -1, add)
	return loft(rings, sides)
}

// lift raises the middle line where the temple tapers: it tapers from below,
// its upper edge stays level.
func (t *temple) lift(ps []profile, s float64) float64 {
	h0, _ := lerpProfile(ps, 0)
	hs, _ := lerpProfile(ps, min(s, t.bend))
	return (h0 - hs) * 0.55
}

// restPoint is on the inner lower edge just before the bend.
func (t *temple) restPoint() vec3 {
	s := t.bend - bendArc/2
	p, _ := t.path(s)
	ps, lift := tipProfile(t.bend, t.length), 0.0
	if !t.metal {
		ps = t.acetateProfile()
		lift = t.lift(ps, s)
	}
	h, w := lerpProfile(ps, s)
	return p.Add(vec3{-w, lift - h, 0})
}

// rounding adds shrinking rings at an end: dir is into the body. A start (dir
// 1) is bluntly rounded, the tip fully.
func rounding(end, dir float64, add func(s, k float64)) {
	span, steps := 4.0, []float64{1, 0.96, 0.85, 0.66, 0.4, 0.04}
	if dir > 0 {
		span, steps = 1, []float64{0.5, 0.8, 1}
	}
	tip := math.Sqrt(1 - sq(min(steps[0], steps[len(steps)-1])))
	for _, k := range steps {
		add(end+dir*span*(tip-math.Sqrt(1-k*k)), k)
	}
}

func sq(x float64) float64 { return x * x }
