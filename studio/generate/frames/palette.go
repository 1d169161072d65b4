package frames

import (
	"image/color"
	"math"
	"math/rand/v2"
	"slices"

	"cheval/catalog"
)

// colourway is how a variant looks, as the prior learned it.
type colourway struct {
	product string
	family  family
	look    catalog.Variant // surfaces, lens, colour; nothing else
}

func colourways(frames []frame) (out []colourway) {
	for _, f := range frames {
		for i := range f.product.Variants {
			v := &f.product.Variants[i]
			if v.Frame == (catalog.Surface{}) || v.Colour == "" {
				continue
			}
			out = append(out, colourway{f.product.ID, f.family, catalog.Variant{
				Colour: v.Colour, ColourName: v.ColourName, Frame: v.Frame, Temples: v.Temples, Tips: v.Tips, Metalwork: v.Metalwork, Lens: v.Lens,
			}})
		}
	}
	return out
}

// stuff is what a frame's colour lies on: rimless frames are metal but for
// their lenses.
func stuff(m catalog.Material) catalog.Material {
	if m == catalog.Rimless {
		return catalog.Metal
	}
	return m
}

// dress draws how a frame looks: a colourway of the same material and colour,
// moved a little; where no frame has that colour, the colour's usual look on a
// surface of the material.
func (p *Prior) dress(c *rand.Rand, f family, colour string, liked []string) catalog.Variant {
	from := p.donors(f, colour, liked)
	if len(from) == 0 {
		from = p.donors(f, "", liked)
	}
	v := from[c.IntN(len(from))].look
	if colour != "" && v.Colour != colour {
		v = painted(v, colour)
	}
	brighter := math.Exp(0.05 * bounded(c))
	tint := [3]float64{}
	for i := range tint {
		tint[i] = brighter * math.Exp(0.025*bounded(c))
	}
	v.Frame = shifted(v.Frame, tint)
	if v.Temples != nil {
		t := shifted(*v.Temples, tint)
		v.Temples = &t
	}
	v.Lens = p.lens(c, f, v)
	return v
}

// donors are the colourways of a material in a colour ("" any): those of the
// liked where they have it, else of the same shape and kind, else of any frame.
func (p *Prior) donors(f family, colour string, liked []string) []colourway {
	fits := func(w *colourway) bool {
		return stuff(w.family.material) == stuff(f.material) && (colour == "" || w.look.Colour == colour)
	}
	var mine, near, all []colourway
	for _, w := range p.palette {
		switch {
		case !fits(&w):
			continue
		case slices.Contains(liked, w.product):
			mine = append(mine, w)
		case w.family.shape == f.shape && w.family.kind == f.kind:
			near = append(near, w)
		}
		all = append(all, w)
	}
	switch {
	case len(mine) > 0:
		return mine
	case len(near) > 1:
		return near
	}
	return all
}

// painted gives a colourway a colour that its material was not seen in.
func painted(v catalog.Variant, colour string) catalog.Variant {
	base, _ := catalog.Nominal(colour)
	metallic := v.Frame.Metallic > 0.5 && slices.Contains([]string{"gold", "silver", "gunmetal"}, colour)
	v.Colour, v.ColourName, v.Temples, v.Tips = colour, nil, nil, nil
	v.Frame = catalog.Surface{Base: base, Roughness: v.Frame.Roughness}
	switch {
	case metallic:
		v.Frame.Metallic = 1
	case colour == "crystal":
		v.Frame.Base.A = 110
	case colour == "tortoise":
		v.Frame.Second, v.Frame.Pattern, v.Frame.PatternScale = color.NRGBA{34, 17, 10, 255}, catalog.Tortoise, 11
	}
	return v
}

// lens draws a lens of the kind: the colourway's own where it is of that kind,
// else one that frames of its colour have, else of any frame of the kind.
func (p *Prior) lens(c *rand.Rand, f family, v catalog.Variant) catalog.Lens {
	if kindOf(&v.Lens) == f.kind {
		return v.Lens
	}
	var same, all []catalog.Lens
	for _, w := range p.palette {
		if kindOf(&w.look.Lens) != f.kind {
			continue
		}
		all = append(all, w.look.Lens)
		if w.look.Colour == v.Colour {
			same = append(same, w.look.Lens)
		}
	}
	switch {
	case len(same) > 0:
		return same[c.IntN(len(same))]
	case len(all) > 0:
		return all[c.IntN(len(all))]
	}
	return v.Lens
}

// shifted moves a surface's colours by factors; light ones keep their hue.
func shifted(s catalog.Surface, by [3]float64) catalog.Surface {
	move := func(c color.NRGBA) color.NRGBA {
		over := max(1, float64(c.R)*by[0]/255, float64(c.G)*by[1]/255, float64(c.B)*by[2]/255)
		by := [3]float64{by[0] / over, by[1] / over, by[2] / over}
		of := func(v uint8, k float64) uint8 { return uint8(min(255, math.Round(float64(v)*k))) }
		return color.NRGBA{of(c.R, by[0]), of(c.G, by[1]), of(c.B, by[2]), c.A}
	}
	s.Base = move(s.Base)
	if s.Pattern != catalog.Plain {
		s.Second = move(s.Second)
	}
	return s
}

// bounded is a normal number within two deviations.
func bounded(c *rand.Rand) float64 {
	for {
		if v := c.NormFloat64(); math.Abs(v) <= 2 {
			return v
		}
	}
}
