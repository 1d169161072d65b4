package catalog

import "image/color"

// steel is the metal of hinges and wire where a variant names none.
var steel = Surface{Base: color.NRGBA{176, 178, 182, 255}, Roughness: 0.28, Metallic: 1}

// blackTip is the acetate of temple tips where a variant names none.
var blackTip = Surface{Base: color.NRGBA{24, 23, 23, 255}, Roughness: 0.25}

// TempleSurface is what the temples are made of.
func (v *Variant) TempleSurface() Surface {
	if v.Temples != nil {
		return *v.Temples
	}
	return v.Frame
}

// TipSurface is what the tips of metal temples are made of.
func (v *Variant) TipSurface() Surface {
	if v.Tips != nil {
		return *v.Tips
	}
	return blackTip
}

// MetalSurface is what hinges, wire and pad arms are made of.
func (v *Variant) MetalSurface() Surface {
	switch {
	case v.Metalwork != nil:
		return *v.Metalwork
	case v.Frame.Metallic > 0.5:
		return v.Frame
	}
	return steel
}
