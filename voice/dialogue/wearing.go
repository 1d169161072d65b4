package dialogue

import (
	"math"
	"slices"

	"cheval/catalog"
	"cheval/recommender"
	"cheval/voice/understand"
)

// unwear takes a deed of wearing back.
func unwear(s Scene) []Action {
	if s.Worn == nil {
		return []Action{{Deed: TakeOff}}
	}
	return []Action{{Deed: Wear, Items: []Item{*s.Worn}}}
}

// tryOn puts a product on.
func (c *Conversation) tryOn(t *Turn, s Scene) []Action {
	m := t.Meaning
	i, ok := c.target(m, s)
	if len(m.Slots.Relative) > 0 {
		if base, has := c.current(s); has {
			if found := c.search(m.Slots, &base); len(found) > 0 {
				i, ok = found[0], true
			}
		}
	}
	if !ok {
		c.missing(t, s)
		return nil
	}
	return c.wear(t, s, i, "try_on")
}

// wear shows an item on the face, unless it cannot be.
func (c *Conversation) wear(t *Turn, s Scene, i Item, key string) []Action {
	p := c.stock.Product(i.Product)
	t.Items = []Item{i}
	c.attend(i)
	if p == nil || !p.Wearable() {
		t.say(say("try_on.cannot").product("product", p, i))
		return nil
	}
	t.do(Action{Deed: Wear, Items: t.Items})
	t.say(say(key).product("product", p, i).with("colour", Colour, i, source(p, i.Variant, "colour_name")).
		with("price", Amount, p.Variants[i.Variant].Price, source(p, i.Variant, "price")))
	return unwear(s)
}

// missing says why there is nothing to act upon.
func (c *Conversation) missing(t *Turn, s Scene) {
	switch {
	case t.Meaning.Slots.Ordinal != 0 && len(s.Shown) > 0:
		t.say(say("only").count("count", len(s.Shown), "screen"))
	case slices.Contains(t.Meaning.Slots.Reference, "previous"):
		t.say(say("previous.none"))
	case described(t.Meaning.Slots):
		c.none(t, t.Meaning.Slots, nil)
	default:
		t.say(say("which"))
	}
}

func (c *Conversation) takeOff(t *Turn, s Scene) []Action {
	if s.Worn == nil {
		t.say(say("take_off.nothing"))
		return nil
	}
	t.do(Action{Deed: TakeOff})
	t.say(say("take_off"))
	return unwear(s)
}

// step goes on, or back, in what is shown; back also to what was worn before.
func (c *Conversation) step(t *Turn, s Scene) []Action {
	list := s.Shown
	if len(list) == 0 {
		list = c.search(c.state.filter, nil)
	}
	place := -1
	if i, ok := c.current(s); ok {
		place = slices.Index(list, i)
	}
	if t.Meaning.Intent == understand.Previous {
		switch {
		case len(s.Past) > 0:
			return c.wear(t, s, s.Past[len(s.Past)-1], "previous")
		case place > 0:
			return c.wear(t, s, list[place-1], "previous")
		}
		t.say(say("previous.none"))
		return nil
	}
	if place+1 >= len(list) {
		t.say(say("next.none"))
		return nil
	}
	skipped := s.Worn
	inverse := c.wear(t, s, list[place+1], "next")
	if skipped != nil {
		t.Event = c.event(recommender.Skip, *skipped, t.Meaning)
	}
	return inverse
}

// event is a reaction to an item, for the recommender.
func (c *Conversation) event(kind recommender.EventKind, i Item, m understand.Meaning) *recommender.Event {
	e := &recommender.Event{Kind: kind, Product: i.Product, Sentiment: m.Sentiment}
	if p := c.stock.Product(i.Product); p != nil && i.Variant < len(p.Variants) {
		e.Variant = p.Variants[i.Variant].SKU
	}
	return e
}

func (c *Conversation) like(t *Turn, s Scene) []Action {
	i, ok := c.target(t.Meaning, s)
	if !ok {
		c.missing(t, s)
		return nil
	}
	t.Items = []Item{i}
	c.attend(i)
	t.Event = c.event(recommender.Like, i, t.Meaning)
	t.do(Action{Deed: Keep, Items: t.Items})
	t.say(say("like").product("product", c.stock.Product(i.Product), i))
	return []Action{{Deed: Unkeep, Items: t.Items}}
}

// dislike puts an item aside and, where the complaint names a wish, looks for
// what is better.
func (c *Conversation) dislike(t *Turn, s Scene) []Action {
	i, ok := c.target(t.Meaning, s)
	if !ok || described(t.Meaning.Slots) && len(t.Meaning.Slots.Reference) == 0 && s.Worn != nil {
		if ok = s.Worn != nil; ok {
			i = *s.Worn
		}
	}
	if !ok {
		c.missing(t, s)
		return nil
	}
	p := c.stock.Product(i.Product)
	t.Event = c.event(recommender.Dislike, i, t.Meaning)
	t.do(Action{Deed: Reject, Items: []Item{i}})
	wishes := merge(c.state.filter, t.Meaning.Slots)
	if len(t.Meaning.Slots.Relative) > 0 {
		c.settle(&wishes, &i)
		if found := without(c.search(wishes, &i), i); len(found) > 0 {
			t.say(say("dislike.instead").product("product", p, i))
			wishes.Relative = nil
			inverse := c.shownBefore(s)
			c.state.filter = wishes
			c.show(t, found, wishes)
			return inverse
		}
		t.Items = []Item{i}
		t.say(say("dislike").product("product", p, i))
		c.none(t, wishes, &i)
		return nil
	}
	t.Items = []Item{i}
	t.say(say("dislike").product("product", p, i))
	if len(s.Liked) > 0 && slices.Contains(s.Liked, i) {
		return []Action{{Deed: Keep, Items: t.Items}}
	}
	return nil
}

// compare lays two to four items side by side.
func (c *Conversation) compare(t *Turn, s Scene) {
	items := c.several(t.Meaning, s)
	if len(items) < 2 {
		t.say(say("compare.one"))
		return
	}
	items = items[:min(len(items), 4)]
	t.Items = items
	t.do(Action{Deed: SideBySide, Items: items})
	a, b := items[0], items[1]
	p, q := c.stock.Product(a.Product), c.stock.Product(b.Product)
	v, w := &p.Variants[a.Variant], &q.Variants[b.Variant]
	t.say(say("compare").with("names", Names, slices.Clone(items), "screen"))
	if d := v.Price.Minor - w.Price.Minor; v.Price.Currency == w.Price.Currency {
		src := source(p, a.Variant, "price") + " - " + source(q, b.Variant, "price")
		if d < 0 {
			a, b, p, q, d = b, a, q, p, -d
		}
		if d == 0 {
			t.say(say("compare.price_same"))
		} else {
			t.say(say("compare.price").product("dear", p, a).product("cheap", q, b).
				with("price", Amount, catalog.Money{Minor: d, Currency: v.Price.Currency}, src))
		}
	}
	if d := float64(p.Eyewear.Overall() - q.Eyewear.Overall()); math.Abs(d) >= 1 {
		if d < 0 {
			a, b, p, q, d = b, a, q, p, -d
		}
		t.say(say("compare.width").product("wide", p, a).product("narrow", q, b).
			with("mm", Length, d, source(p, -1, "front_width")+" - "+source(q, -1, "front_width")))
	}
}

// several are the items that a sentence sets side by side.
func (c *Conversation) several(m understand.Meaning, s Scene) (out []Item) {
	add := func(i Item) {
		if !slices.Contains(out, i) && c.stock.Product(i.Product) != nil {
			out = append(out, i)
		}
	}
	for _, id := range m.Products {
		add(Item{id, 0})
	}
	ordinals := m.Slots.Ordinals
	if m.Slots.Ordinal != 0 {
		ordinals = []int{m.Slots.Ordinal}
	}
	for _, n := range ordinals {
		if i, ok := at(s.Shown, n); ok {
			add(i)
		}
	}
	if slices.Contains(m.Slots.Reference, "current") || len(out) == 1 {
		if i, ok := c.current(s); ok {
			add(i)
		}
	}
	if (slices.Contains(m.Slots.Reference, "previous") || len(out) == 1) && len(s.Past) > 0 {
		add(s.Past[len(s.Past)-1])
		if i, ok := c.current(s); ok && len(out) < 2 {
			add(i)
		}
	}
	if len(out) == 0 { // "these two": worn and the one before, or the first two shown
		if s.Worn != nil && len(s.Past) > 0 {
			add(*s.Worn)
			add(s.Past[len(s.Past)-1])
		}
		for k := 0; k < len(s.Shown) && len(out) < 2; k++ {
			add(s.Shown[k])
		}
	}
	return out
}
