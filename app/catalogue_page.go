package app

import (
	"context"
	"image"
	"image/color"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"cheval/catalog"
)

// previewAngles are the turns of the head that a product is shown worn at.
var previewAngles = [...]int{-35, -20, 0, 20, 35}

// cataloguePage is the studio's first screen: everything the shop has, drafts
// included, with how each product stands; what can be done with several at
// once; spreadsheets and photos in; and each product worn by the demo portrait.
type cataloguePage struct {
	p        *staffPage
	root     *fyne.Container
	list     *stockList
	tools    *fyne.Container // words, import, photos, undo
	facets   *fyne.Container // how products stand
	batch    *fyne.Container // what can be done with the ticked ones
	strip    *fyne.Container // how the photos stand; empty: nothing to tell
	bar      *widget.ProgressBar
	queueKey string
	likeSay  string // what the grid is likest to; "": nothing was asked for
	grid     *widget.GridWrap
	empty    *paragraph
	side     *fyne.Container
	chosen   *catalog.Product
	variant  int
	yaw      int
	worn     *canvas.Image
	waiting  *canvas.Text
	cancel   context.CancelFunc // of the preview that is being drawn
}

func newCataloguePage(p *staffPage) *cataloguePage {
	c := &cataloguePage{p: p, cancel: func() {}, list: newStockList(p.a.everything())}
	l := p.look
	c.facets = container.New(&flow{gap: l.px(10), width: l.px(900)})
	c.batch = container.New(&flow{gap: l.px(10), width: l.px(900)})
	c.strip, c.bar = container.New(&spread{gap: l.px(14)}), widget.NewProgressBar()
	c.buildTools()
	c.grid = widget.NewGridWrap(func() int { return len(c.list.shown) },
		func() fyne.CanvasObject { return newStockCell(l) },
		func(i widget.GridWrapItemID, o fyne.CanvasObject) { c.bind(i, o.(*stockCell)) })
	c.empty = l.body(l.tr.t("stock.none"), l.pal.quiet)
	c.side = container.NewStack()
	c.root = placed(c.layout, c.tools, c.strip, c.facets, c.batch, c.grid, c.empty, c.side)
	if len(c.list.all) > 0 {
		c.chosen = c.list.all[0]
	}
	p.a.onStock, p.a.onDropped, p.onTick = c.restock, c.dropped, c.showQueue
	c.refresh()
	c.showChosen()
	p.a.openDesk(c.showQueue)
	return c
}

// everything is all that the shop has, drafts included.
func (a *App) everything() []*catalog.Product {
	if a.store == nil {
		return a.shopper.all
	}
	c, err := a.store.Catalogue()
	if err != nil {
		a.notice(err)
		return a.shopper.all
	}
	return c.All()
}

// restock shows a catalogue that was changed, by this page or by an import.
func (c *cataloguePage) restock() {
	c.list.replace(c.p.a.everything())
	if c.list.words != "" {
		c.lookFor(c.list.words)
	}
	at := slices.IndexFunc(c.list.all, func(x *catalog.Product) bool { return c.chosen != nil && x.ID == c.chosen.ID })
	before := c.chosen
	switch {
	case at >= 0:
		c.chosen = c.list.all[at]
	case len(c.list.all) > 0:
		c.chosen = c.list.all[0]
	default:
		c.chosen = nil
	}
	if c.chosen != before {
		c.variant = 0
		c.showChosen()
	}
	c.refresh()
}

func (c *cataloguePage) layout(s fyne.Size) {
	l := c.p.look
	if s.Height > s.Width*1.05 {
		sideH := s.Height * 0.44
		top := c.placeTools(s.Width)
		c.placeGrid(rect{0, top, s.Width, s.Height - sideH - top - l.px(20)})
		put(c.side, rect{0, s.Height - sideH, s.Width, sideH - l.px(30)})
		return
	}
	sideW := min(l.px(450), s.Width*0.34)
	w := s.Width - sideW - l.px(30)
	top := c.placeTools(w)
	c.placeGrid(rect{0, top, w, s.Height - top})
	put(c.side, rect{s.Width - sideW, 0, sideW, s.Height - l.px(30)})
}

// placeTools lays the rows above the grid and says where it begins.
func (c *cataloguePage) placeTools(w float32) float32 {
	gap, y := c.p.look.px(12), float32(0)
	for _, o := range []*fyne.Container{c.tools, c.strip, c.facets, c.batch} {
		if len(o.Objects) == 0 {
			continue
		}
		o.Resize(fyne.NewSize(w, 1))
		h := o.MinSize().Height
		put(o, rect{0, y, w, h})
		y += h + gap
	}
	return y
}

func (c *cataloguePage) placeGrid(r rect) {
	put(c.grid, r)
	put(c.empty, rect{r.x, r.y + c.p.look.px(20), r.w, c.p.look.px(60)})
}

// refresh shows how products stand and those that are asked for.
func (c *cataloguePage) refresh() {
	c.showStandings()
	c.showBatch()
	show(c.empty, len(c.list.shown) == 0)
	c.grid.Refresh()
	if s := c.root.Size(); s.Width > 0 {
		c.layout(s)
	}
}

// showStandings are the chips that narrow the grid by how products stand.
func (c *cataloguePage) showStandings() {
	l, t := c.p.look, c.p.look.tr
	chip := func(st standing, label string, n int) {
		b := newPill(l, "", facts(label, t.int(n)), pillPlain, func() {
			c.p.touched()
			c.list.only = st
			c.list.narrow()
			c.refresh()
			c.grid.ScrollToTop()
		}).small()
		b.on = c.list.only == st
		c.facets.Add(b)
	}
	c.facets.Objects = nil
	if c.likeSay != "" {
		c.facets.Add(newPill(l, "close", c.likeSay, pillAccent, c.clearLikest).small())
	}
	chip("", t.t("stock.all"), len(c.list.all))
	for _, st := range standings {
		if n := c.list.counts[st]; n > 0 {
			chip(st, t.t("stock."+string(st)), n)
		}
	}
	c.facets.Refresh()
}

// bind fills a cell of the grid.
func (c *cataloguePage) bind(i int, cell *stockCell) {
	if i >= len(c.list.shown) {
		return
	}
	a, l, x := c.p.a, c.p.look, c.list.shown[i]
	st := standingOf(x)
	cell.product, cell.name, cell.price = x, l.tr.of(x.Name), ""
	if v := x.Variants[0]; v.Price.Currency != "" {
		cell.price = a.price(v.Price)
	}
	cell.state, cell.tint = l.tr.t("stock."+string(st)), c.tint(st)
	cell.ticked, cell.chosen = c.list.chosen[x.ID], x == c.chosen
	cell.tapped = func() { c.choose(x, 0) }
	cell.tick = func() {
		c.p.touched()
		c.list.chosen[x.ID] = !c.list.chosen[x.ID]
		if !c.list.chosen[x.ID] {
			delete(c.list.chosen, x.ID)
		}
		c.refresh()
	}
	size := image.Pt(int(l.px(200)*a.pixelScale()), int(l.px(140)*a.pixelScale()))
	cell.picture = a.pictures.get(x, 0, size, func() {
		if cell.product == x {
			cell.picture = a.pictures.get(x, 0, size, func() {})
			cell.Refresh()
		}
	})
	cell.Refresh()
}

func (c *cataloguePage) tint(st standing) color.NRGBA {
	switch st {
	case standPublished:
		return c.p.look.pal.good
	case standNeedsSize, standNoPicture:
		return c.p.look.pal.warn
	}
	return c.p.look.pal.quiet
}

func (c *cataloguePage) choose(x *catalog.Product, variant int) {
	c.p.touched()
	c.chosen, c.variant = x, variant
	c.grid.Refresh()
	c.showChosen()
}

// showChosen fills the side panel.
func (c *cataloguePage) showChosen() {
	l, x := c.p.look, c.chosen
	c.side.Objects = nil
	defer c.side.Refresh()
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
	info := l.column(7, l.bold(t.of(x.Name), textTitle-2, l.pal.text))
	if c.p.a.store != nil {
		info.Add(l.chips(newPill(l, "settings", t.t("edit.open"), pillPlain, func() {
			c.cancel()
			c.p.a.edit(x.ID)
			c.p.open(sectionCatalogue)
		}).small(), newPill(l, "side-by-side", t.t("looks.more"), pillPlain, func() { c.moreLike(x) }).small(), newPill(l, "wand", t.t("generate.like"), pillPlain, func() {
			c.cancel()
			c.p.a.ideas.likeProduct(x)
			c.p.open(sectionGenerate)
		}).small()))
	}
	c.addFacts(info, x, &v, swatches)
	if !x.Wearable() {
		angles.Objects = nil
	}
	c.side.Objects = []fyne.CanvasObject{c.sidePanel(preview, angles, info)}
	c.draw()
}

// addFacts says what is known of a product.
func (c *cataloguePage) addFacts(info *fyne.Container, x *catalog.Product, v *catalog.Variant, swatches fyne.CanvasObject) {
	l, t := c.p.look, c.p.look.tr
	e := x.Eyewear
	if x.Wearable() {
		info.Add(l.text(facts(t.t("kind."+string(x.Kind)), t.t("shape."+string(e.Shape)), t.t("material."+string(e.Material)), t.of(v.ColourName)), textSmall+1, l.pal.quiet))
		info.Add(swatches)
	} else {
		info.Add(l.text(facts(x.Brand, x.Category), textSmall+1, l.pal.quiet))
	}
	if v.Price.Currency != "" {
		info.Add(newPair(l, t.t("card.price"), c.p.a.price(v.Price)))
	}
	info.Add(newPair(l, t.t("catalogue.stock"), t.t("catalogue.pieces", args{"n": v.Stock})))
	if x.Wearable() {
		info.Add(newPair(l, t.t("card.size"), facts(e.Notation(), t.t("unit.mm", args{"mm": t.mm(e.Overall())}))))
	}
	info.Add(newPair(l, t.t("catalogue.sku"), v.SKU))
	if s := t.of(x.Text); s != "" {
		info.Add(l.space(4))
		info.Add(l.body(s, l.pal.quiet))
	}
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
	if !c.chosen.Wearable() {
		c.drawFlat()
		return
	}
	x, v, yaw, into, waiting := c.chosen, c.variant, c.yaw, c.worn, c.waiting
	var img image.Image
	c.p.a.inBackground(func(context.Context) (err error) {
		worn, err := c.p.a.photoFronts.load(x)
		if err == nil {
			img, err = c.p.a.parts.preview.draw(ctx, worn, v, yaw)
		}
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

// drawFlat shows the picture of a product that is not worn.
func (c *cataloguePage) drawFlat() {
	x, into, waiting, size := c.chosen, c.worn, c.waiting, image.Pt(640, 640)
	into.FillMode = canvas.ImageFillContain
	put := func() {
		if into != c.worn {
			return
		}
		waiting.Text = c.p.look.tr.t("stock.not_worn")
		if img := c.p.a.pictures.get(x, 0, size, func() {}); img != nil {
			waiting.Text, into.Image = "", img
			into.Show()
			into.Refresh()
		}
		waiting.Refresh()
	}
	c.p.a.pictures.get(x, 0, size, put)
	put()
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
