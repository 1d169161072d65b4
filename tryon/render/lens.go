package render

import (
	"cheval/catalog"
)

const (
	// lensF0 is what a bare surface of CR-39 (n = 1.498) reflects head-on.
	lensF0 = 0.0397
	// coatedF0 is what is left with an anti-reflex coating, both surfaces
	// together (makers state 0.5 to 1.5 %).
	coatedF0  = 0.011
	lensSteps = 64
)

// lensMaterial is a Lens made ready for shading. It is immutable.
type lensMaterial struct {
	// through is what passes straight through, by height in the lens's box:
	// [0] its lower edge, [lensSteps] its upper.
	through [lensSteps + 1]rgb
	reflect rgb // head-on; towards grazing it grows to 1 (Schlick)
	clear   bool
}

func newLens(l catalog.Lens) *lensMaterial {
	m := &lensMaterial{}
	top := clamp(l.Transmission, 0.01, 1)
	bottom := top
	if l.Bottom > 0 {
		bottom = clamp(l.Bottom, 0.01, 1)
	}
	tint := linearOf(l.Tint)
	if tint.luminance() < 1e-4 {
		tint = rgb{1, 1, 1}
	}
	for i := range m.through {
		// Dye is dipped: density runs linearly down the lens (Beer-Lambert).
		s := smoothstep(0.18, 0.86, float32(i)/lensSteps)
		m.through[i] = tinted(tint, pow(bottom, 1-s)*pow(top, s))
	}
	m.clear = top > 0.8 && bottom > 0.8
	switch {
	case l.Mirror > 0:
		c := linearOf(l.MirrorColour)
		m.reflect = c.scale(clamp(l.Mirror, 0, 1) / max(c.r, c.g, c.b, 1e-3))
	case l.Coating.A > 0 && l.Coating.R|l.Coating.G|l.Coating.B > 0:
		c := linearOf(l.Coating)
		m.reflect = c.scale(coatedF0/max(c.luminance(), 1e-3)).mix(rgb{coatedF0, coatedF0, coatedF0}, 0.3)
	default:
		back := lensF0 * top * top
		m.reflect = rgb{lensF0 + back, lensF0 + back, lensF0 + back}
	}
	return m
}

// tinted returns the transmission of luminance t through a dye whose colour is
// tint where it is as dense as that colour is dark: tint^k, as dense as it takes
// (Beer-Lambert), found by bisection. A denser dye than that is taken as partly
// neutral, as sunglasses are; a colourless tint passes all channels alike.
func tinted(tint rgb, t float32) rgb {
	c := rgb{max(tint.r, 0.003), max(tint.g, 0.003), max(tint.b, 0.003)}
	if min(c.r, c.g, c.b) > 0.97*max(c.r, c.g, c.b) || t > 0.995 {
		return rgb{t, t, t}
	}
	const mostDense = 1.25
	lo, hi := float32(0), float32(mostDense)
	if powRGB(c, hi).luminance() >= t {
		d := powRGB(c, hi)
		return d.scale(t / d.luminance())
	}
	for range 24 {
		if k := (lo + hi) / 2; powRGB(c, k).luminance() > t {
			lo = k
		} else {
			hi = k
		}
	}
	return powRGB(c, lo)
}

func powRGB(c rgb, k float32) rgb { return rgb{pow(c.r, k), pow(c.g, k), pow(c.b, k)} }

// at returns the transmission at height v, -1 the lower edge of the lens's box.
func (m *lensMaterial) at(v float32) rgb {
	x := clamp((v+1)*(lensSteps/2), 0, lensSteps-0.001)
	i := int(x)
	return m.through[i].mix(m.through[i+1], x-float32(i))
}
