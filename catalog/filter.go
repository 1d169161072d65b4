package catalog

import "slices"

// Filter says what a shopper looks for. Values within one facet widen it,
// facets narrow each other; an empty facet lets everything through.
type Filter struct {
	Shapes    []Shape
	Colours   []string
	Kinds     []Kind
	Materials []Material
	// PriceMin and PriceMax bound a variant's price, in the smallest unit of
	// its own currency; 0: no bound.
	PriceMin, PriceMax int64
	// InStock leaves out variants that are sold out.
	InStock bool
	// Fits, unless nil, says whether a product fits the person at the mirror.
	Fits func(*Product) bool
}

// Match is a product that a filter lets through, and its first variant that does.
type Match struct {
	Product *Product
	Variant int
}

// Facets counts the products that each further choice would show, all other
// facets of the filter applied.
type Facets struct {
	Shapes    map[Shape]int
	Colours   map[string]int
	Kinds     map[Kind]int
	Materials map[Material]int
	// PriceMin and PriceMax are the lowest and the highest price among the
	// products that all facets but price let through; 0 where there are none.
	PriceMin, PriceMax int64
}

// Find returns what f lets through, in the catalogue's order.
func (c *Catalogue) Find(f Filter) []Match {
	var out []Match
	for _, p := range c.products {
		if i := f.variant(p); i >= 0 {
			out = append(out, Match{p, i})
		}
	}
	return out
}

// variant is the index of p's first variant that f lets through, or -1.
func (f *Filter) variant(p *Product) int {
	if !allows(f.Shapes, p.Eyewear.Shape) || !allows(f.Kinds, p.Kind) || !allows(f.Materials, p.Eyewear.Material) {
		return -1
	}
	i := slices.IndexFunc(p.Variants, func(v Variant) bool { return f.allowsVariant(&v) })
	if i >= 0 && f.Fits != nil && !f.Fits(p) {
		return -1
	}
	return i
}

func (f *Filter) allowsVariant(v *Variant) bool {
	return allows(f.Colours, v.Colour) &&
		v.Price.Minor >= f.PriceMin &&
		(f.PriceMax == 0 || v.Price.Minor <= f.PriceMax) &&
		(!f.InStock || v.Stock > 0)
}

func allows[T comparable](chosen []T, v T) bool {
	return len(chosen) == 0 || slices.Contains(chosen, v)
}

// Facets counts what each choice would show beside the others in f.
func (c *Catalogue) Facets(f Filter) Facets {
	out := Facets{
		Shapes: map[Shape]int{}, Colours: map[string]int{},
		Kinds: map[Kind]int{}, Materials: map[Material]int{},
	}
	f.Fits = remembered(f.Fits)
	noShape, noColour, noKind, noMaterial, noPrice := f, f, f, f, f
	noShape.Shapes, noColour.Colours, noKind.Kinds, noMaterial.Materials = nil, nil, nil, nil
	noPrice.PriceMin, noPrice.PriceMax = 0, 0
	for _, p := range c.products {
		if noShape.variant(p) >= 0 {
			out.Shapes[p.Eyewear.Shape]++
		}
		if noKind.variant(p) >= 0 {
			out.Kinds[p.Kind]++
		}
		if noMaterial.variant(p) >= 0 {
			out.Materials[p.Eyewear.Material]++
		}
		if noColour.variant(p) >= 0 {
			noColour.countColours(p, out.Colours)
		}
		if noPrice.variant(p) >= 0 {
			noPrice.widen(p, &out)
		}
	}
	return out
}

// remembered asks fits once a product.
func remembered(fits func(*Product) bool) func(*Product) bool {
	if fits == nil {
		return nil
	}
	known := map[*Product]bool{}
	return func(p *Product) bool {
		yes, ok := known[p]
		if !ok {
			yes = fits(p)
			known[p] = yes
		}
		return yes
	}
}

// countColours counts p once under each colour that f lets through.
func (f *Filter) countColours(p *Product, counts map[string]int) {
	seen := map[string]bool{}
	for i := range p.Variants {
		if v := &p.Variants[i]; f.allowsVariant(v) && !seen[v.Colour] {
			seen[v.Colour] = true
			counts[v.Colour]++
		}
	}
}

// widen takes the prices of p's variants that f lets through into out.
func (f *Filter) widen(p *Product, out *Facets) {
	for i := range p.Variants {
		v := &p.Variants[i]
		if !f.allowsVariant(v) {
			continue
		}
		out.PriceMax = max(out.PriceMax, v.Price.Minor)
		if out.PriceMin == 0 || v.Price.Minor < out.PriceMin {
			out.PriceMin = v.Price.Minor
		}
	}
}
