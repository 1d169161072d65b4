package catalog

import "slices"

// Filter says what a shopper looks for. Values within one facet widen it,
// facets narrow each other; an empty facet lets everything through.
type Filter struct {
	Shapes    []Shape
	Colours   []string
	Kinds     []Kind
	Materials []Material
	// Categories, Brands and Tags are compared as they are written.
	Categories, Brands, Tags []string
	States                   []State
	Sizes                    []Size
	// PriceMin and PriceMax bound a variant's price, in the smallest unit of
	// its own currency; 0: no bound.
	PriceMin, PriceMax int64
	// InStock leaves out variants that are sold out.
	InStock bool
	// Wearable leaves out what cannot be tried on.
	Wearable bool
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
	// Categories, Brands and Tags leave out those without.
	Categories, Brands, Tags map[string]int
	States                   map[State]int
	Sizes                    map[Size]int
	// PriceMin and PriceMax are the lowest and the highest price among the
	// products that all facets but price let through; 0 where there are none.
	PriceMin, PriceMax int64
}

// Find returns what f lets through, in the catalogue's order.
func (c *Catalogue) Find(f Filter) []Match {
	var out []Match
	for _, p := range c.products {
		if i := f.Variant(p); i >= 0 {
			out = append(out, Match{p, i})
		}
	}
	return out
}

// Variant is the index of p's first variant that f lets through, or -1.
func (f *Filter) Variant(p *Product) int {
	if f.refuses(p) != 0 {
		return -1
	}
	return f.anyVariant(p)
}

// anyVariant is Variant for a product whose own facets are let through.
func (f *Filter) anyVariant(p *Product) int {
	i := slices.IndexFunc(p.Variants, func(v Variant) bool { return f.AllowsVariant(&v) })
	if i >= 0 && (f.Wearable && !p.Wearable() || f.Fits != nil && !f.Fits(p)) {
		return -1
	}
	return i
}

// facet is one of the facets that all variants of a product share.
type facet uint

const (
	byShape facet = 1 << iota
	byKind
	byMaterial
	byCategory
	byBrand
	byTag
	byState
	bySize
)

// refuses is the set of facets that keep p out.
func (f *Filter) refuses(p *Product) (out facet) {
	tagged := func(t string) bool { return slices.Contains(f.Tags, t) }
	return refused(byShape, f.Shapes, p.Eyewear.Shape) | refused(byKind, f.Kinds, p.Kind) |
		refused(byMaterial, f.Materials, p.Eyewear.Material) | refused(byCategory, f.Categories, p.Category) |
		refused(byBrand, f.Brands, p.Brand) | refused(byState, f.States, p.State) |
		refused(bySize, f.Sizes, p.Eyewear.Size()) |
		unless(len(f.Tags) == 0 || slices.ContainsFunc(p.Tags, tagged), byTag)
}

func refused[T comparable](by facet, chosen []T, v T) facet { return unless(allows(chosen, v), by) }

func unless(ok bool, f facet) facet {
	if ok {
		return 0
	}
	return f
}

// AllowsVariant says whether the facets by which variants differ let v through.
func (f *Filter) AllowsVariant(v *Variant) bool {
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
		Shapes: map[Shape]int{}, Colours: map[string]int{}, Kinds: map[Kind]int{},
		Materials: map[Material]int{}, Categories: map[string]int{}, Brands: map[string]int{},
		Tags: map[string]int{}, States: map[State]int{}, Sizes: map[Size]int{},
	}
	f.Fits = remembered(f.Fits)
	noColour, noPrice := f, f
	noColour.Colours, noPrice.PriceMin, noPrice.PriceMax = nil, 0, 0
	for _, p := range c.products {
		refused := f.refuses(p)
		if refused&(refused-1) != 0 {
			continue // two facets keep it out: no one choice would show it
		}
		if f.anyVariant(p) >= 0 {
			out.count(p, refused)
		}
		if refused == 0 && noColour.anyVariant(p) >= 0 {
			noColour.countColours(p, out.Colours)
		}
		if refused == 0 && noPrice.anyVariant(p) >= 0 {
			noPrice.widen(p, &out)
		}
	}
	return out
}

// count takes p into the facet that alone refused it, or into all.
func (out *Facets) count(p *Product, refused facet) {
	open := func(f facet) bool { return refused == 0 || refused == f }
	plus(out.Shapes, p.Eyewear.Shape, open(byShape) && p.Eyewear.Shape != "")
	plus(out.Kinds, p.Kind, open(byKind) && p.Kind != "")
	plus(out.Materials, p.Eyewear.Material, open(byMaterial) && p.Eyewear.Material != "")
	plus(out.Categories, p.Category, open(byCategory) && p.Category != "")
	plus(out.Brands, p.Brand, open(byBrand) && p.Brand != "")
	plus(out.States, p.State, open(byState))
	plus(out.Sizes, p.Eyewear.Size(), open(bySize) && p.Eyewear.Size() != "")
	for i, t := range p.Tags {
		plus(out.Tags, t, open(byTag) && !slices.Contains(p.Tags[:i], t))
	}
}

func plus[K comparable](counts map[K]int, k K, yes bool) {
	if yes {
		counts[k]++
	}
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
		if v := &p.Variants[i]; v.Colour != "" && f.AllowsVariant(v) && !seen[v.Colour] {
			seen[v.Colour] = true
			counts[v.Colour]++
		}
	}
}

// widen takes the prices of p's variants that f lets through into out.
func (f *Filter) widen(p *Product, out *Facets) {
	for i := range p.Variants {
		v := &p.Variants[i]
		if !f.AllowsVariant(v) {
			continue
		}
		out.PriceMax = max(out.PriceMax, v.Price.Minor)
		if out.PriceMin == 0 || v.Price.Minor < out.PriceMin {
			out.PriceMin = v.Price.Minor
		}
	}
}
