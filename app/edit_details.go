package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"cheval/catalog"
)

// detailsTab is what is typed of a product.
func (g *editorPage) detailsTab() fyne.CanvasObject {
	l, t, e := g.look, g.look.tr, g.e
	f := &e.form
	names := map[string]string{"en": "English", "zh": "中文"}
	var texts []fyne.CanvasObject
	for _, lang := range languages {
		texts = append(texts, g.named(facts(t.t("edit.name"), names[lang]), g.entry(f.name[lang], func(v string) { f.name[lang] = v })))
	}
	for _, lang := range languages {
		texts = append(texts, g.named(facts(t.t("edit.text"), names[lang]), g.lines(f.text[lang], func(v string) { f.text[lang] = v })))
	}
	facts := []fyne.CanvasObject{
		g.named(t.t("edit.brand"), g.entry(f.brand, func(v string) { f.brand = v })),
		g.named(t.t("edit.category"), g.category()),
		g.named(t.t("edit.tags"), g.entry(f.tags, func(v string) { f.tags = v })),
	}
	if e.isEyewear() {
		facts = append(facts, g.size()...)
	}
	var variants []fyne.CanvasObject
	for i := range f.variants {
		variants = append(variants, g.variantRow(i))
	}
	groups := container.New(&columns{least: l.px(560), gap: l.px(20)},
		l.group(t.t("edit.texts"), texts...), l.group(t.t("edit.facts"), facts...), l.group(t.t("edit.variants"), variants...))
	return l.scrolling(groups)
}

// entry is a line of text; what is typed counts at once.
func (g *editorPage) entry(value string, set func(string)) *widget.Entry {
	x := widget.NewEntry()
	x.Text = value
	x.OnChanged = g.typed(set)
	return x
}

// lines is text of several lines.
func (g *editorPage) lines(value string, set func(string)) fyne.CanvasObject {
	x := widget.NewMultiLineEntry()
	x.Text, x.Wrapping = value, fyne.TextWrapWord
	x.SetMinRowsVisible(3)
	x.OnChanged = g.typed(set)
	return x
}

func (g *editorPage) typed(set func(string)) func(string) {
	return func(v string) {
		g.p.touched()
		set(v)
		g.e.touch()
	}
}

// category is typed, or eyewear by a tap: what can be worn has a size too.
func (g *editorPage) category() fyne.CanvasObject {
	l, e := g.look, g.e
	x := g.entry(e.form.category, func(v string) {
		was := e.isEyewear()
		e.form.category = v
		if was != e.isEyewear() {
			g.showTab()
		}
	})
	worn := newPill(l, "check", l.tr.t("edit.is_eyewear"), pillPlain, func() {
		g.p.touched()
		e.form.category = catalog.Worn
		e.touch()
		g.showTab()
	}).small()
	if e.isEyewear() {
		return x
	}
	return l.column(8, x, l.chips(worn))
}

// size is what is typed of a frame's size: the trade's notation, or the width.
func (g *editorPage) size() []fyne.CanvasObject {
	t, e := g.look.tr, g.e
	notation := g.entry(e.form.notation, func(v string) { e.form.notation = v; e.resize() })
	notation.SetPlaceHolder("52□18-145")
	width := g.entry(e.form.width, func(v string) { e.form.width = v; e.resize() })
	return []fyne.CanvasObject{g.named(t.t("edit.notation"), notation), g.named(t.t("edit.width"), width)}
}

// variantRow is a variant's SKU, price and stock.
func (g *editorPage) variantRow(i int) fyne.CanvasObject {
	l, t, e := g.look, g.look.tr, g.e
	v := &e.form.variants[i]
	currency := g.p.a.settings.Currency
	name := ""
	if i < len(e.product.Variants) {
		o := &e.product.Variants[i]
		if o.Price.Currency != "" {
			currency = o.Price.Currency
		}
		name = t.of(o.ColourName)
	} else {
		name = t.of(e.fresh[i-len(e.product.Variants)].ColourName)
	}
	cells := []fyne.CanvasObject{
		g.named(t.t("catalogue.sku"), g.entry(v.sku, func(s string) { v.sku = s })),
		g.named(facts(t.t("card.price"), currency), g.entry(v.price, func(s string) { v.price = s })),
		g.named(t.t("catalogue.stock"), g.entry(v.stock, func(s string) { v.stock = s })),
	}
	row := placed(nil, cells...)
	row.Layout = layoutFunc{
		least: func() fyne.Size { return fyne.NewSize(l.px(420), cells[0].MinSize().Height) },
		place: func(s fyne.Size) {
			gap := l.px(10)
			w := s.Width - 2*gap
			put(cells[0], rect{0, 0, w * 0.48, s.Height})
			put(cells[1], rect{w*0.48 + gap, 0, w * 0.3, s.Height})
			put(cells[2], rect{w*0.78 + 2*gap, 0, w * 0.22, s.Height})
		},
	}
	if name == "" {
		return row
	}
	return l.column(4, l.text(name, textBody, l.pal.text), row)
}
