package app

import (
	"image"
	"slices"

	"cheval/catalog"
	"cheval/tryon"
)

// shopper is what one visit has chosen. It lives in memory and is forgotten
// whole at the end of the visit.
type shopper struct {
	stock   *catalog.Catalogue // what can be tried on
	all     []*catalog.Product // everything that can be tried on
	shown   []*catalog.Product // what passes the filters
	filters filters
	worn    *catalog.Product
	second  *catalog.Product   // beside it, in a comparison
	side    int                // which of the two the rail changes: 0 or 1
	variant map[string]int     // by product, where not the first
	liked   []string           // products, in the order they were liked
	forYou  bool               // the rail shows what is suggested, best first
	best    []*catalog.Product // what is suggested
	photo   *image.RGBA        // that waits for where it goes; nil: none
}

func newShopper(c *catalog.Catalogue) *shopper {
	c = c.ToWear()
	s := &shopper{stock: c, all: c.All()}
	s.forget()
	return s
}

// forget makes a fresh visit: the first product, nothing liked or filtered.
func (s *shopper) forget() {
	*s = shopper{stock: s.stock, all: s.all, shown: s.all, variant: map[string]int{}}
	if len(s.all) > 0 {
		s.worn = s.all[0]
	}
}

// index is where the active product stands in the rail, or -1.
func (s *shopper) index() int { return slices.Index(s.shown, s.active()) }

// active is the product that the rail and the colours change.
func (s *shopper) active() *catalog.Product {
	if s.side == 1 && s.second != nil {
		return s.second
	}
	return s.worn
}

// wear puts p on, on the side that is active.
func (s *shopper) wear(p *catalog.Product) {
	if s.side == 1 && s.second != nil {
		s.second = p
		return
	}
	s.worn = p
}

// step wears the next product of the rail (or the one before), round and round.
func (s *shopper) step(d int) {
	if n := len(s.shown); n > 0 {
		s.wear(s.shown[((max(s.index(), 0)+d)%n+n)%n])
	}
}

// compare puts a second product beside the first, or takes it away.
func (s *shopper) compare(on bool) {
	s.second, s.side = nil, 0
	if !on || s.worn == nil {
		return
	}
	s.second = s.worn
	if n := len(s.shown); n > 0 {
		s.second = s.shown[(slices.Index(s.shown, s.worn)+1+n)%n]
	}
	s.side = 1
}

// variantOf is the chosen colourway of p, safe to index with.
func (s *shopper) variantOf(p *catalog.Product) int {
	if v := s.variant[p.ID]; v >= 0 && v < len(p.Variants) {
		return v
	}
	return 0
}

// filter narrows the rail. What is worn stays worn, also when it is not among
// what is shown.
func (s *shopper) filter(f filters) {
	s.filters = f
	s.shown = nil
	for _, m := range s.stock.Find(f.ask()) {
		s.shown = append(s.shown, m.Product)
		if f.active() > 0 {
			s.variant[m.Product.ID] = m.Variant
		}
	}
	if s.forYou {
		s.shown = s.suggested(s.shown)
	}
}

// suggested is what is suggested of some products, best first, after what is
// worn now: one may want to come back to it.
func (s *shopper) suggested(among []*catalog.Product) []*catalog.Product {
	passes := map[*catalog.Product]bool{}
	for _, p := range among {
		passes[p] = true
	}
	var out []*catalog.Product
	if s.worn != nil {
		out = append(out, s.worn)
	}
	for _, p := range s.best {
		if passes[p] && p != s.worn {
			out = append(out, p)
		}
	}
	return out
}

func (s *shopper) likes(p *catalog.Product) bool { return slices.Contains(s.liked, p.ID) }

// like toggles a product's heart.
func (s *shopper) like(p *catalog.Product) {
	if i := slices.Index(s.liked, p.ID); i >= 0 {
		s.liked = slices.Delete(s.liked, i, i+1)
		return
	}
	s.liked = append(s.liked, p.ID)
}

// looks are what the mirror draws.
func (s *shopper) looks() []tryon.Worn {
	var looks []tryon.Worn
	for _, p := range []*catalog.Product{s.worn, s.second} {
		if p != nil {
			looks = append(looks, tryon.Worn{Product: p, Variant: s.variantOf(p)})
		}
	}
	return looks
}
