package app

import (
	"cheval/catalog"
	"cheval/tryon/fit"
)

// filters are what a shopper narrows the rail by. The zero filters let
// everything through.
type filters struct {
	shapes  []catalog.Shape
	colours []string
	kinds   []catalog.Kind
	most    int64 // price in the catalogue's smallest unit; 0: any
	fitsMe  bool
	faceMM  float32 // width at the temples, for fitsMe; 0: not known
}

// active counts the facets that narrow.
func (f filters) active() int {
	n := 0
	for _, on := range []bool{len(f.shapes) > 0, len(f.colours) > 0, len(f.kinds) > 0, f.most > 0, f.fitsMe && f.faceMM > 0} {
		if on {
			n++
		}
	}
	return n
}

// ask is the same for the catalogue.
func (f filters) ask() catalog.Filter {
	c := catalog.Filter{Shapes: f.shapes, Colours: f.colours, Kinds: f.kinds, PriceMax: f.most}
	if f.fitsMe && f.faceMM > 0 {
		c.Fits = func(p *catalog.Product) bool { return fits(p, f.faceMM) }
	}
	return c
}

// fits says whether a frame's front goes with a face of that width.
func fits(p *catalog.Product, faceMM float32) bool {
	return fit.WidthBand(p.Eyewear.Overall()-faceMM) == fit.Good
}

// present keeps the values that a catalogue has, in the order of among.
func present[T comparable](among []T, count map[T]int) []T {
	var out []T
	for _, v := range among {
		if count[v] > 0 {
			out = append(out, v)
		}
	}
	return out
}

// kindsInOrder is the order of the kinds in a filter.
var kindsInOrder = [...]catalog.Kind{catalog.Optical, catalog.Sun}
