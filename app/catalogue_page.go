package app

import (
	"context"
	"image"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"cheval/catalog"
)

// previewAngles are the turns of the head that a product is shown worn at.
var previewAngles = [...]int{-35, -20, 0, 20, 35}

// cataloguePage lets a merchant look through what is sold: pictures, facets,
// sizes, prices and stock, and each product worn by the demo portrait.
type cataloguePage struct {
	p       *staffPage
	root    *fyne.Container
	facets  *fyne.Container
	grid    *fyne.Container
	scroll  *container.Scroll
	side    *fyne.Container
	filters filters
	chosen  *catalog.Product
	variant int
	yaw     int
	worn    *canvas.Image
	waiting *canvas.Text
	cancel  context.CancelFunc // of the preview that is being drawn
}

func newCataloguePage(p *staffPage) *cataloguePage {
	c := &cataloguePage{p: p, cancel: func() {}}
	l := p.look
	c.facets = container.New(&flow{gap: l.px(12), width: l.px(900)})
	c.grid = container.New(&gridLayout{least: l.px(200), gap: l.px(18), ratio: 0.98, extra: l.px(10)})
	c.scroll = l.scrolling(c.grid)
	c.side = container.NewStack()
	c.root = placed(c.layout, c.facets, c.scroll, c.side)
	if len(p.a.shopper.all) > 0 {
		c.chosen = p.a.shopper.all[0]
	}
	c.refresh()
	c.showChosen()
	return c
}

func (c *cataloguePage) layout(s fyne.Size) {
	l := c.p.look
	if s.Height > s.Width*1.05 {
		sideH := s.Height * 0.44
		top := c.placeFacets(s.Width)
		put(c.scroll, rect{0, top, s.Width, s.Height - sideH - top - l.px(20)})
		put(c.side, rect{0, s.Height - sideH, s.Width, sideH - l.px(30)})
		return
	}
	sideW := min(l.px(470), s.Width*0.36)
	top := c.placeFacets(s.Width - sideW - l.px(30))
	put(c.scroll, rect{0, top, s.Width - sideW - l.px(30), s.Height - top})
	put(c.side, rect{s.Width - sideW, 0, sideW, s.Height - l.px(30)})
}

// placeFacets lays the facets in as many rows as they need and says where the
// grid begins.
func (c *cataloguePage) placeFacets(w float32) float32 {
	c.facets.Resize(fyne.NewSize(w, 1))
	h := c.facets.MinSize().Height
	put(c.facets, rect{0, 0, w, h})
	return h + c.p.look.px(14)
}

// refresh shows the facets and the products that pass them.
func (c *cataloguePage) refresh() {
	l, a := c.p.look, c.p.a
	t := l.tr
	has := a.shopper.stock.Facets(catalog.Filter{})
	c.facets.Objects = nil
	for _, k := range present(kindsInOrder[:], has.Kinds) {
		c.addFacet(t.t("kind."+string(k)), len(c.filters.kinds) == 1 && c.filters.kinds[0] == k, func(on bool) {
			c.filters.kinds = nil
			if on {
				c.filters.kinds = []catalog.Kind{k}
			}
		})
	}
	for _, s := range present(catalog.Shapes(), has.Shapes) {
		c.addFacet(t.t("shape."+string(s)), len(c.filters.shapes) == 1 && c.filters.shapes[0] == s, func(on bool) {
			c.filters.shapes = nil
			if on {
				c.filters.shapes = []catalog.Shape{s}
			}
		})
	}
	c.grid.Objects = nil
	for _, m := range a.shopper.stock.Find(c.filters.ask()) {
		x := m.Product
		tl := a.productTile(l, x, func() { c.choose(x, 0) })
		tl.selected = x == c.chosen
		c.grid.Add(tl)
	}
	c.grid.Refresh()
	c.facets.Refresh()
}

func (c *cataloguePage) addFacet(label string, on bool, set func(bool)) {
	b := newPill(c.p.look, "", label, pillPlain, func() {
		c.p.touched()
		set(!on)
		c.refresh()
		c.layout(c.root.Size())
		c.scroll.ScrollToTop()
	}).small()
	b.on = on
	c.facets.Add(b)
}

func (c *cataloguePage) choose(x *catalog.Product, variant int) {
	c.p.touched()
	c.chosen, c.variant = x, variant
	c.refresh()
	c.showChosen()
}

// showChosen fills the side panel.
func (c *cataloguePage) showChosen() {
	l, x := c.p.look, c.chosen
	if x == nil {
		return
	}
	t := l.tr
	v := x.Variants[c.variant]
	c.worn = canvas.NewImageFromImage(nil)
	c.worn.FillMode, c.worn.CornerRadius = canvas.ImageFillCover, l.px(20)
	c.worn.Hide()
	c.waiting = l.text(t.t("catalogue.drawing"), textBody, l.pal.quiet)
	c.waiting.Alignment = fyne.TextAlignCenter
	back := canvas.NewRectangle(l.pal.ground)
	back.CornerRadius = l.px(20)
	preview := newRatioBox(container.NewStack(back, c.waiting, c.worn), 1, 1, l.px(380))
	angles := container.New(&spread{gap: l.px(8)})
	for _, yaw := range previewAngles {
		b := newPill(l, "", t.t("catalogue.angle", args{"deg": yaw}), pillPlain, func() {
			c.p.touched()
			c.yaw = yaw
			c.showChosen()
		}).small()
		b.on = yaw == c.yaw
		angles.Add(b)
	}
	swatches := container.New(&flow{width: l.px(400)})
	for i := range x.Variants {
		swatches.Add(newSwatch(l, &x.Variants[i], i == c.variant, func() { c.choose(x, i) }))
	}
	e := x.Eyewear
	info := l.column(7,
		l.bold(t.of(x.Name), textTitle-2, l.pal.text),
		l.text(facts(t.t("kind."+string(x.Kind)), t.t("shape."+string(e.Shape)), t.t("material."+string(e.Material)), t.of(v.ColourName)), textSmall+1, l.pal.quiet),
		swatches,
		newPair(l, t.t("card.price"), c.p.a.price(v.Price)),
		newPair(l, t.t("catalogue.stock"), t.t("catalogue.pieces", args{"n": v.Stock})),
		newPair(l, t.t("card.size"), facts(e.Notation(), t.t("unit.mm", args{"mm": t.mm(e.Overall())}))),
		newPair(l, t.t("catalogue.sku"), v.SKU),
		l.space(4), l.body(t.of(x.Text), l.pal.quiet))
	c.side.Objects = []fyne.CanvasObject{c.sidePanel(preview, angles, info)}
	c.side.Refresh()
	c.draw()
}

// sidePanel stacks preview and facts on a narrow panel and sets them side by
// side on a wide one.
func (c *cataloguePage) sidePanel(preview, angles, info fyne.CanvasObject) fyne.CanvasObject {
	l := c.p.look
	back := canvas.NewRectangle(l.pal.raised)
	back.CornerRadius = l.px(24)
	scroll := l.scrolling(info)
	return placed(func(s fyne.Size) {
		pad := l.px(24)
		put(back, rect{0, 0, s.Width, s.Height})
		h := angles.MinSize().Height
		if s.Width > s.Height*1.1 {
			side := min(s.Height-2*pad-h-l.px(14), s.Width*0.46)
			put(preview, rect{pad, pad, side, side})
			put(angles, rect{pad, pad + side + l.px(14), side, h})
			put(scroll, rect{pad + side + l.px(30), pad, s.Width - side - 2*pad - l.px(30), s.Height - 2*pad})
			return
		}
		side := min(s.Width-2*pad, s.Height*0.42)
		put(preview, rect{(s.Width - side) / 2, pad, side, side})
		put(angles, rect{pad, pad + side + l.px(14), s.Width - 2*pad, h})
		y := pad + side + h + l.px(32)
		put(scroll, rect{pad, y, s.Width - 2*pad, s.Height - y - pad})
	}, back, preview, angles, scroll)
}

// draw has the preview rendered by the mirror's own renderer; an older one
// that is still being drawn is given up.
func (c *cataloguePage) draw() {
	c.cancel()
	ctx, cancel := context.WithCancel(c.p.a.ctx)
	c.cancel = cancel
	x, v, yaw, into, waiting := c.chosen, c.variant, c.yaw, c.worn, c.waiting
	var img image.Image
	c.p.a.inBackground(func(context.Context) (err error) {
		img, err = c.p.a.parts.preview.draw(ctx, x, v, yaw)
		return err
	}, func(err error) {
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			waiting.Text = c.p.look.tr.t("catalogue.no_preview")
			waiting.Refresh()
			c.p.a.notice(err)
			return
		}
		waiting.Hide()
		into.Image = img
		into.Show()
		into.Refresh()
	})
}

// newPair is a name at the left and its value at the right.
func newPair(l *look, name, value string) fyne.CanvasObject {
	n, v := l.text(name, textBody-1, l.pal.quiet), l.text(value, textBody-1, l.pal.text)
	v.Alignment = fyne.TextAlignTrailing
	c := placed(nil, n, v)
	c.Layout = layoutFunc{
		least: func() fyne.Size { return fyne.NewSize(l.px(240), l.px(34)) },
		place: func(s fyne.Size) {
			put(n, rect{0, 0, s.Width, s.Height})
			put(v, rect{0, 0, s.Width, s.Height})
		},
	}
	return c
}
