package dialogue

import (
	"context"
	"slices"

	"cheval/recommender"
	"cheval/voice/understand"
)

// look answers find and narrow: the products that are left, or which wish
// leaves none.
func (c *Conversation) look(ctx context.Context, t *Turn, s Scene) ([]Action, error) {
	m := t.Meaning
	base := c.base(m, s)
	filter := m.Slots
	switch {
	case m.Intent == understand.Narrow:
		filter = merge(c.state.filter, m.Slots)
	case slices.Contains(m.Slots.Reference, "current") && base != nil:
		return c.likeThis(t, s, *base), nil
	}
	if len(m.Products) > 0 {
		return c.named(t, s), nil
	}
	c.settle(&filter, base)
	if filter.Sort == "popular" {
		if err := c.learnRank(ctx); err != nil {
			return nil, err
		}
	}
	found := c.search(filter, base)
	if len(found) == 0 {
		c.none(t, filter, base)
		return nil, nil
	}
	inverse := c.shownBefore(s)
	filter.Relative = nil
	c.state.filter = filter
	c.show(t, found, filter)
	return inverse, nil
}

// shownBefore takes a search back.
func (c *Conversation) shownBefore(s Scene) []Action {
	f := c.state.filter
	return []Action{{Deed: ShowProducts, Items: s.Shown, Filter: &f}}
}

// base is what "cheaper" is measured against.
func (c *Conversation) base(m understand.Meaning, s Scene) *Item {
	if len(m.Slots.Relative) == 0 && !slices.Contains(m.Slots.Reference, "current") {
		return nil
	}
	if i, ok := c.current(s); ok {
		return &i
	}
	return nil
}

// settle makes wishes that last of relative ones: "cheaper" stays a bound when
// the next wish comes. Without anything to compare with, they order.
func (c *Conversation) settle(f *understand.Slots, base *Item) {
	for _, wish := range f.Relative {
		if base == nil {
			switch wish {
			case "cheaper", "pricier":
				f.Sort, f.Direction = "price", map[string]string{"cheaper": "up", "pricier": "down"}[wish]
			case "larger", "wider":
				f.Sort, f.Direction = "size", "down"
			case "smaller", "narrower":
				f.Sort, f.Direction = "size", "up"
			}
			continue
		}
		p := c.stock.Product(base.Product)
		price := major(p.Variants[base.Variant].Price)
		switch wish {
		case "cheaper":
			if f.PriceMax == 0 || price-0.01 < f.PriceMax {
				f.PriceMax = price - 0.01
			}
			f.PriceMin = 0
		case "pricier":
			f.PriceMin = price + 0.01
			f.PriceMax = 0
		}
	}
}

// likeThis looks for what is like an item, but for what is said: first the
// same product in another colour, then others of its shape.
func (c *Conversation) likeThis(t *Turn, s Scene, base Item) []Action {
	inverse := c.shownBefore(s)
	if j, ok := c.variantOf(base, t.Meaning.Slots); ok && j != base {
		p := c.stock.Product(j.Product)
		t.say(say("find.same").product("product", p, j).with("colour", Colour, j, source(p, j.Variant, "colour_name")))
		t.Items = []Item{j}
		t.do(Action{Deed: ShowProducts, Items: t.Items})
		c.attend(j)
		return inverse
	}
	p := c.stock.Product(base.Product)
	f := t.Meaning.Slots
	if len(f.Shape) == 0 {
		f.Shape = understand.Values{string(p.Eyewear.Shape)}
	}
	if len(f.Kind) == 0 {
		f.Kind = understand.Values{string(p.Kind)}
	}
	found := without(c.search(f, nil), base)
	if len(found) == 0 {
		c.none(t, f, nil)
		return nil
	}
	f.Reference = nil
	c.state.filter = f
	c.show(t, found, f)
	return inverse
}

// named shows the products that a sentence names.
func (c *Conversation) named(t *Turn, s Scene) []Action {
	var found []Item
	for _, id := range t.Meaning.Products {
		found = append(found, c.inColour(Item{id, 0}, t.Meaning.Slots.Colour))
	}
	c.show(t, found, t.Meaning.Slots)
	return c.shownBefore(s)
}

// show lists what was found and names the first ones.
func (c *Conversation) show(t *Turn, found []Item, f understand.Slots) {
	t.Items = found
	t.do(Action{Deed: ShowProducts, Items: found, Filter: &f})
	c.attend(found[0])
	first := found[:min(len(found), shownInTalk)]
	key := "find.some"
	switch {
	case len(found) == 1:
		key = "find.one"
	case len(found) <= shownInTalk:
		key = "find.few"
	}
	p := c.stock.Product(found[0].Product)
	t.say(say(key).count("count", len(found), "search").with("names", Names, slices.Clone(first), "search").
		product("product", p, found[0]).with("colour", Colour, found[0], source(p, found[0].Variant, "colour_name")).
		with("price", Amount, p.Variants[found[0].Variant].Price, source(p, found[0].Variant, "price")))
}

// none says that nothing is left, and which wish to give up.
func (c *Conversation) none(t *Turn, f understand.Slots, base *Item) {
	type relaxed struct {
		name string
		drop func(*understand.Slots)
	}
	for _, r := range []relaxed{
		{"price", func(s *understand.Slots) { s.PriceMin, s.PriceMax = 0, 0 }},
		{"colour", func(s *understand.Slots) { s.Colour, s.ColourNot = nil, nil }},
		{"size", func(s *understand.Slots) { s.Size, s.Fit = "", "" }},
		{"material", func(s *understand.Slots) { s.Material, s.MaterialNot = nil, nil }},
		{"shape", func(s *understand.Slots) { s.Shape, s.ShapeNot = nil, nil }},
		{"kind", func(s *understand.Slots) { s.Kind, s.KindNot = nil, nil }},
	} {
		g := f
		r.drop(&g)
		if found := c.search(g, base); len(found) > 0 {
			t.say(say("find.none_but").word("wish", "wish."+r.name).count("count", len(found), "search"))
			return
		}
	}
	t.say(say("find.none"))
}

// learnRank asks the adviser for the order of "popular".
func (c *Conversation) learnRank(ctx context.Context) error {
	if c.adviser == nil {
		return nil
	}
	list, err := c.adviser.Suggest(ctx, 200)
	if err != nil {
		return err
	}
	clear(c.rank)
	for i, s := range list {
		c.rank[s.Product] = i
		c.reasons[s.Product] = s
	}
	return nil
}

// recommend shows what the adviser ranks first among what is asked for.
func (c *Conversation) recommend(ctx context.Context, t *Turn, s Scene) ([]Action, error) {
	if c.adviser == nil {
		t.say(say("recommend.off"))
		return nil, nil
	}
	if err := c.learnRank(ctx); err != nil {
		return nil, err
	}
	f := t.Meaning.Slots
	f.Sort, f.Direction = "popular", ""
	found := slices.DeleteFunc(c.search(f, nil), func(i Item) bool { _, ranked := c.rank[i.Product]; return !ranked })
	if len(found) == 0 {
		c.none(t, f, nil)
		return nil, nil
	}
	for k, i := range found {
		found[k] = c.bestVariant(i, f)
	}
	found = found[:min(len(found), 6)]
	t.Items = found
	t.do(Action{Deed: ShowProducts, Items: found})
	first := found[0]
	c.attend(first)
	p := c.stock.Product(first.Product)
	suggestion := say("recommend").product("product", p, first)
	if len(found) == 1 {
		suggestion.Key = "recommend.one"
	} else {
		suggestion = suggestion.with("names", Names, slices.Clone(found[1:min(len(found), 1+shownInTalk)]), "recommender")
	}
	t.say(suggestion)
	if notes := c.notes(first.Product); len(notes) > 0 {
		t.say(say("because").with("reasons", Notes, notes, "recommender/"+first.Product+"/because"))
	}
	return c.shownBefore(s), nil
}

// bestVariant is the variant that the adviser would show, if slots allow it.
func (c *Conversation) bestVariant(i Item, f understand.Slots) Item {
	p := c.stock.Product(i.Product)
	for v := range p.Variants {
		if p.Variants[v].SKU == c.reasons[i.Product].Variant && c.allows(p, v, &f, nil) {
			return Item{i.Product, v}
		}
	}
	return i
}

// Reason is one reason of the recommender that can be said.
type Reason struct {
	Kind, Facet, Subject string
}

// notes are the reasons for a product that speak for it, at most two.
func (c *Conversation) notes(id string) (out []Reason) {
	for _, r := range c.reasons[id].Because {
		switch r.Kind {
		case recommender.Liked, recommender.Stating, recommender.Popular, recommender.Fits, recommender.Now:
			if r.Weight > 0 && len(out) < 2 {
				out = append(out, Reason{string(r.Kind), r.Facet, r.Subject})
			}
		}
	}
	return out
}

// why tells the reasons for what was recommended.
func (c *Conversation) why(ctx context.Context, t *Turn, s Scene) error {
	i, ok := c.target(t.Meaning, s)
	if !ok {
		t.say(say("which"))
		return nil
	}
	if _, known := c.reasons[i.Product]; !known {
		if err := c.learnRank(ctx); err != nil {
			return err
		}
	}
	t.Items = []Item{i}
	c.attend(i)
	p := c.stock.Product(i.Product)
	if p == nil {
		t.say(say("which"))
		return nil
	}
	notes := c.notes(i.Product)
	if len(notes) == 0 {
		t.say(say("why.none").product("product", p, i))
		return nil
	}
	t.say(say("why").product("product", p, i).with("reasons", Notes, notes, "recommender/"+i.Product+"/because"))
	return nil
}
