package app

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"cheval/catalog"
)

// openFilters narrows the rail; the rail behind follows every touch.
func (a *App) openFilters() {
	a.touched()
	a.stage.open(a.filtersSheet)
}

func (a *App) filtersSheet(l *look) *sheet {
	t, sh := l.tr, a.shopper
	has, left := sh.stock.Facets(catalog.Filter{}), sh.stock.Facets(sh.filters.ask())
	body := l.column(12,
		l.heading(t.t("filter.kind")), toggles(l, a, present(kindsInOrder[:], has.Kinds), left.Kinds, &sh.filters.kinds,
			func(k catalog.Kind) string { return t.t("kind." + string(k)) }), l.space(6),
		l.heading(t.t("filter.shape")), toggles(l, a, present(catalog.Shapes(), has.Shapes), left.Shapes, &sh.filters.shapes,
			func(s catalog.Shape) string { return t.t("shape." + string(s)) }), l.space(6),
		l.heading(t.t("filter.colour")), toggles(l, a, present(catalog.Colours(), has.Colours), left.Colours, &sh.filters.colours,
			func(c string) string { return t.t("colour." + c) }), l.space(6),
		a.priceFilter(l), l.space(6),
		l.heading(t.t("filter.fit")), a.fitFilter(l),
	)
	clear := newPill(l, "", t.t("filter.clear"), pillPlain, func() { a.setFilters(filters{}) })
	clear.setDisabled(sh.filters.active() == 0 && len(sh.shown) == len(sh.all)) // what was asked for narrows it too
	done := newPill(l, "check", t.t("filter.show", args{"n": len(sh.shown)}), pillAccent, a.stage.closeSheet)
	done.setDisabled(len(sh.shown) == 0)
	return newSheet(l, t.t("filter.title"), body, placedRow(l, clear, done), a.stage.closeSheet).clear()
}

// placedRow shares a row between a narrow and a wide button.
func placedRow(l *look, objects ...fyne.CanvasObject) *fyne.Container {
	c := placed(nil, objects...)
	c.Layout = &spread{gap: l.px(14)}
	return c
}

// toggles is a chip for each value of a facet; one that would leave nothing
// cannot be touched.
func toggles[T comparable](l *look, a *App, values []T, left map[T]int, chosen *[]T, label func(T) string) fyne.CanvasObject {
	var chips []fyne.CanvasObject
	for _, v := range values {
		c := newPill(l, "", label(v), pillPlain, func() {
			if i := slices.Index(*chosen, v); i >= 0 {
				*chosen = slices.Delete(*chosen, i, i+1)
			} else {
				*chosen = append(*chosen, v)
			}
			a.setFilters(a.shopper.filters)
		}).small()
		c.on = slices.Contains(*chosen, v)
		c.disabled = !c.on && left[v] == 0
		chips = append(chips, c)
	}
	return l.chips(chips...)
}

// setFilters applies filters and shows how many products they leave.
func (a *App) setFilters(f filters) {
	a.shopper.filter(f)
	a.touched()
	a.stage.refreshSheet()
}

func (a *App) priceFilter(l *look) fyne.CanvasObject {
	span := a.shopper.stock.Facets(catalog.Filter{})
	lo, hi := span.PriceMin, span.PriceMax
	most := a.shopper.filters.most
	if most == 0 {
		most = hi
	}
	currency := ""
	if len(a.shopper.all) > 0 {
		currency = a.shopper.all[0].Variants[0].Price.Currency
	}
	label := func(v int64) string {
		if v >= hi {
			return l.tr.t("filter.price_any")
		}
		return l.tr.t("filter.price", args{"price": a.price(catalog.Money{Minor: v, Currency: currency})})
	}
	head := l.bold(label(most), textBody, l.pal.quiet)
	s := widget.NewSlider(float64(lo), float64(hi))
	s.Step = max(float64(hi-lo)/20, 1)
	s.Value = float64(most)
	s.OnChanged = func(v float64) {
		head.Text = label(int64(v))
		head.Refresh()
	}
	s.OnChangeEnded = func(v float64) {
		f := a.shopper.filters
		f.most = int64(v)
		if f.most >= hi {
			f.most = 0
		}
		a.setFilters(f)
	}
	return l.column(4, head, s)
}

// fitFilter can be chosen once the face has millimetres; before that it says
// how to get them.
func (a *App) fitFilter(l *look) fyne.CanvasObject {
	f := &a.shopper.filters
	r := a.status.Fit
	if (r == nil || !r.Known) && f.faceMM == 0 {
		return l.body(l.tr.t("filter.fit_unknown"), l.pal.quiet)
	}
	c := newPill(l, "ruler", l.tr.t("filter.fits_me"), pillPlain, func() {
		f.fitsMe = !f.fitsMe
		if r != nil && r.Known {
			f.faceMM = r.FaceWidthmm
		}
		a.setFilters(*f)
	}).small()
	c.on = f.fitsMe
	return l.chips(c)
}
