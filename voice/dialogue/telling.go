package dialogue

import (
	"math"
	"slices"

	"cheval/catalog"
	"cheval/recommender"
	"cheval/voice/understand"
)

// details tells what the catalogue says of an item.
func (c *Conversation) details(t *Turn, s Scene) {
	m := t.Meaning
	if slices.Contains(m.Slots.Attribute, "pd") {
		c.pupils(t, s)
		return
	}
	i, ok := c.target(m, s)
	if !ok {
		c.missing(t, s)
		return
	}
	p := c.stock.Product(i.Product)
	t.Items = []Item{i}
	c.attend(i)
	t.Event = c.event(recommender.Ask, i, m)
	t.do(Action{Deed: ShowDetails, Items: t.Items})
	if len(m.Slots.Attribute) == 0 {
		t.say(c.describe(p, i)...)
		return
	}
	for _, a := range m.Slots.Attribute {
		t.say(c.attribute(a, p, i))
	}
}

// pupils tells the pupillary distance, if it was measured.
func (c *Conversation) pupils(t *Turn, s Scene) {
	if s.Person.PDMM <= 0 {
		t.say(say("pd.unknown"))
		return
	}
	t.say(say("pd").with("mm", Length, s.Person.PDMM, "mirror/pd").with("error", Length, s.Person.PDErrorMM, "mirror/pd_error"))
}

// attribute is one fact of a product.
func (c *Conversation) attribute(name string, p *catalog.Product, i Item) Say {
	v, e := &p.Variants[i.Variant], &p.Eyewear
	s := say("details."+name).product("product", p, i)
	mm := func(field string, x float32) Say {
		return s.with("mm", Length, float64(x), source(p, -1, field))
	}
	switch name {
	case "price":
		if v.Compare.Minor > v.Price.Minor {
			s.Key = "details.price_reduced"
			s = s.with("before", Amount, v.Compare, source(p, i.Variant, "compare_price"))
		}
		return s.with("price", Amount, v.Price, source(p, i.Variant, "price"))
	case "stock":
		if v.Stock == 0 {
			s.Key = "details.sold_out"
		}
		return s.count("count", v.Stock, source(p, i.Variant, "stock"))
	case "brand":
		return s.with("brand", Text, p.Brand, source(p, -1, "brand"))
	case "colour":
		if len(p.Variants) == 1 {
			s.Key = "details.one_colour"
		}
		return s.count("count", len(p.Variants), source(p, -1, "variants")).with("colours", Wording, colours(p), source(p, -1, "variants"))
	}
	if e.LensWidth == 0 { // not eyewear
		return say("details.unknown").product("product", p, i)
	}
	switch name {
	case "size":
		return s.with("lens", Length, float64(e.LensWidth), source(p, -1, "lens_width")).
			with("bridge", Length, float64(e.Bridge), source(p, -1, "bridge")).
			with("temple", Length, float64(e.Temple), source(p, -1, "temple")).
			with("front", Length, float64(e.Overall()), source(p, -1, "front_width"))
	case "bridge":
		return mm("bridge", e.Bridge)
	case "temple":
		return mm("temple", e.Temple)
	case "width":
		return mm("front_width", e.Overall())
	case "material":
		return s.word("material", "material."+string(e.Material))
	case "shape":
		return s.word("shape", "shape."+string(e.Shape))
	}
	return say("details.unknown").product("product", p, i).word("what", "attribute."+name)
}

// colours are the keys of a product's colours.
func colours(p *catalog.Product) (out []string) {
	for _, v := range p.Variants {
		if k := "colour." + v.Colour; !slices.Contains(out, k) {
			out = append(out, k)
		}
	}
	return out
}

// describe tells a product to somebody who cannot see it.
func (c *Conversation) describe(p *catalog.Product, i Item) []Say {
	v := &p.Variants[i.Variant]
	out := []Say{say("describe").product("product", p, i).with("brand", Text, p.Brand, source(p, -1, "brand")).
		word("kind", "kind."+string(p.Kind)).word("shape", "shape."+string(p.Eyewear.Shape)).
		word("material", "material."+string(p.Eyewear.Material)).
		with("colour", Colour, i, source(p, i.Variant, "colour_name"))}
	if p.Eyewear.LensWidth == 0 {
		out[0].Key = "describe.other"
	}
	out = append(out, say("describe.text").with("text", About, i, source(p, -1, "text")),
		c.attribute("price", p, i))
	if p.Eyewear.LensWidth > 0 {
		out = append(out, c.attribute("width", p, i))
	}
	if v.Stock == 0 {
		out = append(out, c.attribute("stock", p, i))
	}
	return out
}

// fit tells how an item sits: what the mirror judged, or for one that is not
// worn what its width says.
func (c *Conversation) fit(t *Turn, s Scene) {
	i, ok := c.target(t.Meaning, s)
	if !ok {
		c.missing(t, s)
		return
	}
	p := c.stock.Product(i.Product)
	t.Items = []Item{i}
	c.attend(i)
	t.do(Action{Deed: ShowFit, Items: t.Items})
	worn := s.Worn != nil && s.Worn.Product == i.Product
	switch {
	case worn && s.Fit != nil && s.Fit.Known:
		c.judged(t, p, i, s.Fit)
	case s.Person.FaceWidthMM > 0 && p.Eyewear.LensWidth > 0:
		d := float64(p.Eyewear.Overall()) - s.Person.FaceWidthMM
		t.say(widthSay("fit.compare", d).product("product", p, i).
			with("front", Length, float64(p.Eyewear.Overall()), source(p, -1, "front_width")).
			with("face", Length, s.Person.FaceWidthMM, "mirror/face_width"))
	case !worn:
		t.say(say("fit.try_first").product("product", p, i))
	default:
		t.say(say("fit.unknown"))
	}
}

// widthSay says a difference of widths: wider, narrower or the same.
func widthSay(key string, d float64) Say {
	switch {
	case d >= 0.5:
		return say(key+".wider").with("mm", Length, d, "fit/width")
	case d <= -0.5:
		return say(key+".narrower").with("mm", Length, -d, "fit/width")
	}
	return say(key + ".same")
}

// judged says what the mirror's own judgement is, and where the frame sits.
func (c *Conversation) judged(t *Turn, p *catalog.Product, i Item, f *Fit) {
	asked := t.Meaning.Slots.Attribute
	all := len(asked) == 0 || slices.Contains(asked, "size")
	if all || slices.Contains(asked, "width") {
		t.say(say("fit.width."+f.Width).product("product", p, i), widthSay("fit.by", f.WidthMM))
	}
	if all && f.Bridge != "good" || slices.Contains(asked, "bridge") {
		t.say(say("fit.bridge."+f.Bridge).with("mm", Length, f.BridgeMM, source(p, -1, "bridge")).
			with("nose", Length, f.NoseWidthMM, "fit/nose_width"))
	}
	if slices.Contains(asked, "temple") {
		t.say(c.attribute("temple", p, i), say("fit.temple"))
	}
	if all {
		t.say(seat(f))
	}
}

// seat says where the pupils stand in the lenses.
func seat(f *Fit) Say {
	across, up := "middle", "middle"
	switch {
	case f.PupilAcross > 0.2:
		across = "nose"
	case f.PupilAcross < -0.2:
		across = "outside"
	}
	switch {
	case f.PupilUp > 0.35:
		up = "high"
	case f.PupilUp < -0.35:
		up = "low"
	}
	if math.Abs(f.PupilAcross) <= 0.2 && up == "middle" {
		return say("seat.centred")
	}
	return say("seat").word("across", "seat.across."+across).word("up", "seat.up."+up)
}

// history lists what was liked, or tried.
func (c *Conversation) history(t *Turn, s Scene) {
	tried := slices.Clone(s.Past)
	if s.Worn != nil {
		tried = append(tried, *s.Worn)
	}
	slices.Reverse(tried)
	switch {
	case len(tried)+len(s.Liked) == 0:
		t.say(say("history.none"))
		return
	case len(tried) == 0:
		t.Items = slices.Clone(s.Liked)
	default:
		t.Items = tried
		t.say(say("history.tried").count("count", len(tried), "session/tried").with("names", Names, tried[:min(len(tried), 5)], "session/tried"))
	}
	if len(s.Liked) > 0 {
		t.say(say("history.liked").with("names", Names, s.Liked[:min(len(s.Liked), 5)], "session/liked"))
	}
	t.do(Action{Deed: ShowHistory, Items: t.Items})
}

// basket puts in, takes out, tells and pays.
func (c *Conversation) basket(t *Turn, s Scene) []Action {
	m := t.Meaning
	switch m.Basket {
	case understand.BasketShow, understand.BasketCheckout:
		c.tellBasket(t, s)
		return nil
	case understand.BasketEmpty:
		if len(s.Basket) == 0 {
			t.say(say("basket.none"))
			return nil
		}
		t.do(Action{Deed: BasketEmpty})
		t.say(say("basket.emptied"))
		var inverse []Action
		for _, l := range s.Basket {
			inverse = append(inverse, Action{Deed: BasketAdd, Items: []Item{l.Item}, Quantity: l.Quantity})
		}
		return inverse
	case understand.BasketRemove:
		return c.fromBasket(t, s)
	}
	i, ok := c.target(m, s)
	if !ok {
		c.missing(t, s)
		return nil
	}
	p := c.stock.Product(i.Product)
	n := max(m.Slots.Quantity, 1)
	t.Items = []Item{i}
	c.attend(i)
	if v := &p.Variants[i.Variant]; v.Stock < n {
		t.say(c.attribute("stock", p, i))
		return nil
	}
	t.Event = c.event(recommender.Keep, i, m)
	t.do(Action{Deed: BasketAdd, Items: t.Items, Quantity: n})
	lines := added(s.Basket, i, n)
	t.say(say("basket.added").count("count", n, "said").product("product", p, i).
		with("colour", Colour, i, source(p, i.Variant, "colour_name")))
	if total, ok := c.total(lines); ok {
		t.say(say("basket.total").with("price", Amount, total, "basket/total"))
	}
	return []Action{{Deed: BasketRemove, Items: t.Items, Quantity: n}}
}

func (c *Conversation) fromBasket(t *Turn, s Scene) []Action {
	if len(s.Basket) == 0 {
		t.say(say("basket.none"))
		return nil
	}
	in := Scene{Worn: s.Worn}
	for _, l := range s.Basket {
		in.Shown = append(in.Shown, l.Item)
	}
	i, ok := c.target(t.Meaning, in)
	k := slices.IndexFunc(s.Basket, func(l Line) bool { return l.Item == i })
	if !ok || k < 0 {
		k = len(s.Basket) - 1
		if t.Meaning.Slots.Ordinal != 0 || len(s.Basket) > 1 && !ok {
			t.say(say("only").count("count", len(s.Basket), "basket"))
			return nil
		}
	}
	l := s.Basket[k]
	t.Items = []Item{l.Item}
	t.do(Action{Deed: BasketRemove, Items: t.Items, Quantity: t.Meaning.Slots.Quantity})
	t.say(say("basket.removed").product("product", c.stock.Product(l.Product), l.Item))
	return []Action{{Deed: BasketAdd, Items: t.Items, Quantity: l.Quantity}}
}

func (c *Conversation) tellBasket(t *Turn, s Scene) {
	pay := t.Meaning.Basket == understand.BasketCheckout
	if len(s.Basket) == 0 {
		t.do(Action{Deed: ShowBasket})
		t.say(say("basket.none"))
		return
	}
	n := 0
	for _, l := range s.Basket {
		t.Items = append(t.Items, l.Item)
		n += l.Quantity
	}
	t.say(say("basket.has").count("count", n, "basket").with("names", Names, slices.Clone(t.Items), "basket"))
	if total, ok := c.total(s.Basket); ok {
		t.say(say("basket.total").with("price", Amount, total, "basket/total"))
	}
	if pay {
		t.do(Action{Deed: Checkout})
		t.say(say("basket.pay"))
		return
	}
	t.do(Action{Deed: ShowBasket})
}

// total is the basket's sum, unless it is in several currencies.
func (c *Conversation) total(lines []Line) (sum catalog.Money, ok bool) {
	for _, l := range lines {
		p := c.stock.Product(l.Product)
		if p == nil || l.Variant >= len(p.Variants) {
			return sum, false
		}
		price := p.Variants[l.Variant].Price
		if sum.Currency != "" && sum.Currency != price.Currency {
			return sum, false
		}
		sum.Currency = price.Currency
		sum.Minor += price.Minor * int64(l.Quantity)
	}
	return sum, sum.Currency != ""
}
