package dialogue

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"golang.org/x/text/currency"

	"cheval/catalog"
	"cheval/voice/understand"
)

// Widths of fronts, in millimetres, that count as small and large, and suit
// narrow and wide faces: thirds of what is sold, as docs/fit.md bands them.
const (
	smallFront = 134
	largeFront = 142
)

// units is how many smallest units one of a currency has.
func units(code string) float64 {
	u, err := currency.ParseISO(code)
	if err != nil {
		return 100
	}
	digits, _ := currency.Standard.Rounding(u)
	return math.Pow10(digits)
}

// major is a price in the currency's usual unit.
func major(m catalog.Money) float64 { return float64(m.Minor) / units(m.Currency) }

// search lists what slots let through, each product in its first fitting
// variant, in the order asked for.
func (c *Conversation) search(s understand.Slots, base *Item) []Item {
	var out []Item
	for _, p := range c.stock.All() {
		for v := range p.Variants {
			if c.allows(p, v, &s, base) {
				out = append(out, Item{p.ID, v})
				break
			}
		}
	}
	c.sort(out, s)
	return out
}

// allows says whether a variant is what slots ask for; base is what relative
// wishes are measured against, nil for none.
func (c *Conversation) allows(p *catalog.Product, i int, s *understand.Slots, base *Item) bool {
	v := &p.Variants[i]
	price := major(v.Price)
	front := float64(p.Eyewear.Overall())
	switch {
	case p.State != catalog.Published:
	case !either(s.Category, s.CategoryNot, p.Category):
	case !either(s.Kind, s.KindNot, string(p.Kind)):
	case !either(s.Shape, s.ShapeNot, string(p.Eyewear.Shape)):
	case !either(s.Colour, s.ColourNot, v.Colour):
	case !either(s.Material, s.MaterialNot, string(p.Eyewear.Material)):
	case len(s.Brand) > 0 && !slices.Contains(s.Brand, p.Brand):
	case s.PriceMin > 0 && price < s.PriceMin:
	case s.PriceMax > 0 && price > s.PriceMax:
	case s.Fit == "wide" && front < largeFront-2 || s.Fit == "narrow" && front > smallFront:
	case !sized(s.Size, p, front):
	default:
		return base == nil || c.relates(p, i, s.Relative, *base)
	}
	return false
}

func either(want, not understand.Values, have string) bool {
	return (len(want) == 0 || slices.Contains(want, have)) && !slices.Contains(not, have)
}

func sized(size string, p *catalog.Product, front float64) bool {
	switch size {
	case "":
		return true
	case "small":
		return front <= smallFront
	case "large":
		return front >= largeFront
	case "medium":
		return front > smallFront && front < largeFront
	}
	mm, err := strconv.ParseFloat(size, 64)
	return err == nil && math.Abs(float64(p.Eyewear.LensWidth)-mm) <= 1
}

// roundness orders shapes from square to round.
func roundness(s catalog.Shape) int {
	order := []catalog.Shape{catalog.Rectangle, catalog.Square, catalog.Geometric, catalog.Browline, catalog.Sport,
		catalog.CatEye, catalog.Aviator, catalog.Panto, catalog.Oval, catalog.Round}
	return slices.Index(order, s)
}

// lightness of a variant's frame, 0 black to 1 white (Rec. 709 luma).
func lightness(v *catalog.Variant) float64 {
	b := v.Frame.Base
	l := (0.2126*float64(b.R) + 0.7152*float64(b.G) + 0.0722*float64(b.B)) / 255
	if v.Frame.Pattern != catalog.Plain {
		d := v.Frame.Second
		l = (l + (0.2126*float64(d.R)+0.7152*float64(d.G)+0.0722*float64(d.B))/255) / 2
	}
	return l
}

// saturation of a variant's frame, 0..1.
func saturation(v *catalog.Variant) float64 {
	b := v.Frame.Base
	hi, lo := max(b.R, b.G, b.B), min(b.R, b.G, b.B)
	if hi == 0 {
		return 0
	}
	return float64(hi-lo) / float64(hi)
}

// relates says whether a variant is cheaper, larger, … than base.
func (c *Conversation) relates(p *catalog.Product, i int, wishes understand.Values, base Item) bool {
	b := c.stock.Product(base.Product)
	if b == nil || base.Variant >= len(b.Variants) {
		return true
	}
	v, w := &p.Variants[i], &b.Variants[base.Variant]
	for _, wish := range wishes {
		ok := true
		switch wish {
		case "cheaper":
			ok = major(v.Price) < major(w.Price)
		case "pricier":
			ok = major(v.Price) > major(w.Price)
		case "larger", "wider":
			ok = p.Eyewear.Overall() > b.Eyewear.Overall()
		case "smaller", "narrower":
			ok = p.Eyewear.Overall() < b.Eyewear.Overall()
		case "rounder":
			ok = roundness(p.Eyewear.Shape) > roundness(b.Eyewear.Shape)
		case "squarer":
			ok = roundness(p.Eyewear.Shape) < roundness(b.Eyewear.Shape)
		case "lighter":
			ok = lightness(v) > lightness(w)+0.02
		case "darker":
			ok = lightness(v) < lightness(w)-0.02
		case "brighter", "bolder":
			ok = saturation(v) > saturation(w) || p.Eyewear.Rim > b.Eyewear.Rim && wish == "bolder"
		case "simpler":
			ok = saturation(v) < saturation(w) || v.Frame.Pattern == catalog.Plain && w.Frame.Pattern != catalog.Plain
		case "thinner":
			ok = p.Eyewear.Rim < b.Eyewear.Rim
		case "thicker":
			ok = p.Eyewear.Rim > b.Eyewear.Rim
		}
		if !ok {
			return false
		}
	}
	return true
}

// sort orders what was found; without a wish the catalogue's order stays.
func (c *Conversation) sort(items []Item, s understand.Slots) {
	key := func(i Item) float64 {
		p := c.stock.Product(i.Product)
		switch s.Sort {
		case "price":
			return major(p.Variants[i.Variant].Price)
		case "size":
			return float64(p.Eyewear.Overall())
		}
		return float64(c.rank[i.Product])
	}
	if s.Sort == "" {
		return
	}
	slices.SortStableFunc(items, func(a, b Item) int {
		if s.Direction == "down" {
			a, b = b, a
		}
		return cmp.Compare(key(a), key(b))
	})
}

// merge lays new wishes over old ones: a facet that is named anew replaces
// itself, what is denied leaves what was asked for.
func merge(old, s understand.Slots) understand.Slots {
	facet := func(was, wasNot, is, isNot understand.Values) (understand.Values, understand.Values) {
		if len(is) > 0 {
			was = is
		}
		not := append(slices.Clone(wasNot), isNot...)
		drop := func(v string) bool { return slices.Contains(isNot, v) }
		was = slices.DeleteFunc(slices.Clone(was), drop)
		not = slices.DeleteFunc(not, func(v string) bool { return slices.Contains(is, v) })
		return was, slices.Compact(not)
	}
	old.Category, old.CategoryNot = facet(old.Category, old.CategoryNot, s.Category, s.CategoryNot)
	old.Kind, old.KindNot = facet(old.Kind, old.KindNot, s.Kind, s.KindNot)
	old.Shape, old.ShapeNot = facet(old.Shape, old.ShapeNot, s.Shape, s.ShapeNot)
	old.Colour, old.ColourNot = facet(old.Colour, old.ColourNot, s.Colour, s.ColourNot)
	old.Material, old.MaterialNot = facet(old.Material, old.MaterialNot, s.Material, s.MaterialNot)
	if len(s.Brand) > 0 {
		old.Brand = s.Brand
	}
	if s.PriceMin > 0 || s.PriceMax > 0 {
		old.PriceMin, old.PriceMax = s.PriceMin, s.PriceMax
	}
	old.Size, old.Fit = cmp.Or(s.Size, old.Size), cmp.Or(s.Fit, old.Fit)
	if s.Sort != "" {
		old.Sort, old.Direction = s.Sort, s.Direction
	}
	old.Relative = s.Relative
	return old
}
