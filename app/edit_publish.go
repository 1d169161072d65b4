package app

import (
	"context"
	"image"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"cheval/catalog"
)

// publishTab lists what speaks against publishing, shows how the product looks
// worn beside how it was approved, and publishes it.
func (g *editorPage) publishTab() fyne.CanvasObject {
	l, t, e := g.look, g.look.tr, g.e
	body := l.column(16)
	g.tab = func() { g.fillPublish(body) }
	if e.dirty {
		save := newPill(l, "save", t.t("edit.save"), pillAccent, func() { g.p.touched(); e.save(g.showTab) })
		body.Add(l.body(t.t("edit.publish.save_first"), l.pal.text))
		body.Add(l.chips(save))
		g.tab = nil
		return l.scrolling(body)
	}
	g.fillPublish(body)
	if e.exam == nil {
		e.examine()
	}
	return l.scrolling(body)
}

// examine looks at the saved product, in the background.
func (e *editing) examine() {
	if e.examining {
		return
	}
	e.examining = true
	var x *examination
	id := e.product.ID
	e.a.inBackground(func(ctx context.Context) error {
		p, err := e.a.store.Product(id)
		if err == nil {
			x, err = e.a.examine(ctx, p)
		}
		return err
	}, func(err error) {
		e.examining = false
		if err != nil {
			e.fail(err)
			return
		}
		if !e.dirty {
			e.exam = x
		}
		if e.tab == tabPublish {
			e.update()
		}
	})
}

func (g *editorPage) fillPublish(c *fyne.Container) {
	l, t, e := g.look, g.look.tr, g.e
	c.Objects = nil
	defer c.Refresh()
	state := t.t("stock." + string(standingOf(e.product)))
	c.Add(newPair(l, t.t("edit.publish.state"), state))
	if e.product.State != catalog.Draft {
		c.Add(l.chips(newPill(l, "close", t.t("edit.withdraw"), pillPlain, func() { g.p.touched(); e.withdraw() }).small()))
	}
	x := e.exam
	if x == nil {
		c.Add(l.body(t.t("edit.publish.checking"), l.pal.quiet))
		return
	}
	if len(x.findings) == 0 {
		c.Add(g.line("check", t.t("edit.publish.fine"), l.pal.good))
	}
	for _, f := range x.findings {
		icon, tint := "info", l.pal.warn
		if f.Blocks {
			icon, tint = "warning", l.pal.bad
		}
		c.Add(g.line(icon, findingText(t, f), tint))
	}
	if len(x.looks) > 1 && !x.agreed() {
		c.Add(l.chips(newPill(l, "check", t.t("edit.publish.agree_all"), pillPlain, func() {
			g.p.touched()
			for i := range x.looks {
				x.looks[i].agreed = true
			}
			g.fillPublish(c)
		}).small()))
	}
	for i := range x.looks {
		g.addLook(c, x, i)
	}
	if e.product.State == catalog.Published && !slices.ContainsFunc(x.looks, func(w wornLook) bool { return w.approved == nil || w.changed }) {
		return
	}
	publish := newPill(l, "check", t.t("edit.publish.do"), pillAccent, func() { g.p.touched(); e.publish() })
	publish.setDisabled(x.blocked() || !x.agreed())
	c.Add(l.chips(publish))
	if !x.blocked() && !x.agreed() {
		c.Add(l.body(t.t("edit.publish.agree_first"), l.pal.quiet))
	}
}

// addLook shows a variant worn and, where it is new or different, asks whether
// it is right.
func (g *editorPage) addLook(c *fyne.Container, x *examination, i int) {
	l, t := g.look, g.look.tr
	w := &x.looks[i]
	c.Add(l.bold(w.sku, textBody, l.pal.text))
	switch {
	case w.approved == nil:
		c.Add(l.body(t.t("edit.publish.new_look"), l.pal.quiet))
	case w.changed:
		c.Add(l.body(t.t("edit.rule.looks-different"), l.pal.warn))
		c.Add(l.text(t.t("edit.publish.before"), textSmall+1, l.pal.quiet))
		c.Add(g.stripOf(w.approved))
		c.Add(l.text(t.t("edit.publish.now"), textSmall+1, l.pal.quiet))
	default:
		c.Add(l.body(t.t("edit.publish.same_look"), l.pal.good))
	}
	c.Add(g.stripOf(w.now))
	if w.approved == nil || w.changed {
		icon := ""
		if w.agreed {
			icon = "check"
		}
		b := newPill(l, icon, t.t("edit.publish.agree"), pillPlain, func() {
			g.p.touched()
			w.agreed = !w.agreed
			g.fillPublish(c)
		}).small()
		b.on = w.agreed
		c.Add(l.chips(b))
	}
}

func (g *editorPage) stripOf(img *image.RGBA) fyne.CanvasObject {
	l := g.look
	o := canvas.NewImageFromImage(img)
	o.FillMode, o.CornerRadius = canvas.ImageFillContain, l.px(14)
	b := img.Bounds()
	return newRatioBox(o, b.Dx(), b.Dy(), l.px(1100))
}

// line is a sentence with its sign.
func (g *editorPage) line(icon, text string, tint any) fyne.CanvasObject {
	l := g.look
	sign, words := l.icon(icon, l.px(28), toNRGBA(tint)), l.body(text, toNRGBA(tint))
	o := placed(nil, sign, words)
	in := l.px(42)
	o.Layout = layoutFunc{
		least: func() fyne.Size { return fyne.NewSize(l.px(240), max(words.MinSize().Height, l.px(30))) },
		place: func(s fyne.Size) {
			put(sign, rect{0, 0, l.px(28), l.px(28)})
			words.Resize(fyne.NewSize(s.Width-in, 1))
			put(words, rect{in, 0, s.Width - in, s.Height})
		},
	}
	return o
}

// publish publishes what was examined.
func (e *editing) publish() {
	x, a := e.exam, e.a
	if x == nil || e.dirty {
		return
	}
	var p *catalog.Product
	a.inBackground(func(ctx context.Context) (err error) {
		if err := a.publish(ctx, x); err != nil {
			return err
		}
		p, err = a.store.Product(x.product.ID)
		return err
	}, func(err error) { e.published(p, err, "edit.published") })
}

// withdraw takes the product from the shoppers again.
func (e *editing) withdraw() {
	a, id := e.a, e.product.ID
	var p *catalog.Product
	a.inBackground(func(ctx context.Context) (err error) {
		p, err = a.withdraw(ctx, id)
		return err
	}, func(err error) { e.published(p, err, "edit.withdrawn") })
}

func (e *editing) published(p *catalog.Product, err error, said string) {
	if err != nil {
		e.fail(err)
		return
	}
	e.saved(p)
	e.tell(e.a.look.tr.t(said), false)
}
