package app

import (
	"context"
	"fmt"
	"image"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"cheval/catalog"
	"cheval/catalog/store"
	"cheval/studio/embed"
	"cheval/studio/generate"
)

// showChosen fills the panel beside the wall.
func (g *ideasPage) showChosen() {
	l, i := g.p.look, g.d.chosen
	if i != g.of {
		g.of, g.looked, g.near, g.alike, g.worn, g.shows = i, nil, nil, nil, nil, mapNone
		g.findNear(i)
	}
	g.side.Objects = nil
	defer g.side.Refresh()
	if i == nil {
		if g.d.run == nil {
			g.side.Objects = []fyne.CanvasObject{g.panel(l.body(l.tr.t("generate.how"), l.pal.quiet), l.column(0), l.column(0))}
		}
		return
	}
	head := l.column(10, l.bold(i.number(), textTitle-6, l.pal.text), g.picture(i), g.toggles(i))
	body := l.column(10)
	g.addFacts(body, i)
	g.addDeeds(body, i)
	g.addNear(body, i)
	g.side.Objects = []fyne.CanvasObject{g.panel(head, body, g.keeping(i))}
}

// panel is a raised box: what the design looks like, what is said of it, which
// scrolls, and what is done with it at last. A wide one has them side by side.
func (g *ideasPage) panel(head, body, foot fyne.CanvasObject) fyne.CanvasObject {
	l := g.p.look
	back := canvas.NewRectangle(l.pal.raised)
	back.CornerRadius = l.px(24)
	scroll := l.scrolling(body)
	return placed(func(s fyne.Size) {
		pad := l.px(24)
		put(back, rect{0, 0, s.Width, s.Height})
		r := rect{pad, pad, s.Width - 2*pad, s.Height - 2*pad}
		if s.Width > s.Height*1.1 {
			w := min(r.w*0.45, r.h*0.56)
			put(head, rect{r.x, r.y, w, r.h})
			r.x, r.w = r.x+w+pad, r.w-w-pad
		} else {
			head.Resize(fyne.NewSize(r.w, 1))
			h := head.MinSize().Height
			put(head, rect{r.x, r.y, r.w, h})
			r.y, r.h = r.y+h+l.px(12), r.h-h-l.px(12)
		}
		h := foot.MinSize().Height
		put(foot, rect{r.x, r.bottom() - h, r.w, h})
		put(scroll, rect{r.x, r.y, r.w + l.px(14), max(0, r.h-h-l.px(12))})
	}, back, head, scroll, foot)
}

// picture is the chosen design, large, with what was asked to be laid over it.
func (g *ideasPage) picture(i *idea) fyne.CanvasObject {
	l := g.p.look
	paper := canvas.NewRectangle(l.pal.paper)
	paper.CornerRadius = l.px(20)
	if g.shows == mapWorn && g.worn != nil {
		return newRatioBox(container.NewStack(paper, g.worn), 1, 1, l.px(330))
	}
	img := canvas.NewImageFromImage(g.shown(i))
	img.FillMode, img.ScaleMode = canvas.ImageFillContain, canvas.ImageScaleSmooth
	in := placed(nil, paper, img)
	in.Layout = layoutFunc{
		least: func() fyne.Size { return fyne.NewSize(120, 120) },
		place: func(s fyne.Size) {
			put(paper, rect{0, 0, s.Width, s.Height})
			put(img, rect{l.px(16), l.px(16), s.Width - l.px(32), s.Height - l.px(32)})
		},
	}
	return newRatioBox(in, 1, 1, l.px(330))
}

// shown is a design's picture, or the map over it.
func (g *ideasPage) shown(i *idea) image.Image {
	if g.looked == nil || i.design == nil {
		return i.picture
	}
	switch g.shows {
	case mapCategory:
		return heated(i.design.Image, &g.looked.Category, g.p.look)
	case mapQuality:
		return heated(i.design.Image, &g.looked.Quality, g.p.look)
	}
	return i.picture
}

// heated is a design in grey, coloured where it matters.
func heated(m *image.NRGBA, by *generate.Map, l *look) image.Image {
	out := image.NewNRGBA(m.Rect)
	hot := heat(l)
	for y := range m.Rect.Dy() {
		for x := range m.Rect.Dx() {
			p, q := m.Pix[m.PixOffset(x, y):], out.Pix[out.PixOffset(x, y):]
			grey := (float32(p[0])*0.3+float32(p[1])*0.59+float32(p[2])*0.11)*0.6 + 255*0.4
			k := by.At(x, y)
			for c, v := range [3]uint8{hot.R, hot.G, hot.B} {
				q[c] = uint8(grey*(1-0.85*k) + float32(v)*0.85*k)
			}
			q[3] = p[3]
		}
	}
	return out
}

// toggles choose what the picture shows.
func (g *ideasPage) toggles(i *idea) fyne.CanvasObject {
	l, t := g.p.look, g.p.look.tr
	type choice struct {
		of  mapOf
		key string
	}
	choices := []choice{{mapNone, "generate.map.none"}, {mapCategory, "generate.map.category"}, {mapQuality, "generate.map.quality"}}
	if i.frame != nil {
		choices = []choice{{mapNone, "generate.map.none"}, {mapWorn, "generate.map.worn"}}
	}
	var pills []fyne.CanvasObject
	for _, c := range choices {
		b := newPill(l, "", t.t(c.key), pillPlain, func() {
			g.p.touched()
			g.shows = c.of
			g.look(i)
			g.showChosen()
		}).small()
		b.on = g.shows == c.of
		pills = append(pills, b)
	}
	box := l.column(8, container.New(&flow{gap: l.px(8), width: l.px(360)}, pills...))
	switch {
	case (g.shows == mapCategory || g.shows == mapQuality) && g.looked == nil, g.shows == mapWorn && g.worn == nil:
		box.Add(l.text(t.t("generate.looking"), textSmall, l.pal.quiet))
	case g.shows == mapCategory || g.shows == mapQuality:
		box.Add(newParagraph(l, t.t("generate.map.how"), textSmall, l.pal.quiet))
	}
	return box
}

// look finds out what the chosen view needs, once.
func (g *ideasPage) look(i *idea) {
	switch {
	case g.shows == mapWorn && g.worn == nil:
		g.wear(i)
	case (g.shows == mapCategory || g.shows == mapQuality) && g.looked == nil:
		maker := g.d.maker
		var looked *generate.Attention
		g.p.a.inBackground(func(context.Context) (err error) {
			looked, err = maker.attention(i.design)
			return err
		}, func(err error) {
			if err != nil {
				g.d.fail(err)
				return
			}
			if g.of == i {
				g.looked = looked
				g.showChosen()
			}
		})
	}
}

// wear draws eyewear on the demo portrait.
func (g *ideasPage) wear(i *idea) {
	preview := g.p.a.parts.preview
	var img image.Image
	g.p.a.inBackground(func(ctx context.Context) (err error) {
		img, err = preview.draw(ctx, i.product, 0, 0)
		return err
	}, func(err error) {
		if err != nil {
			g.d.fail(err)
			return
		}
		if g.of == i {
			g.worn = canvas.NewImageFromImage(img)
			g.worn.FillMode, g.worn.CornerRadius = canvas.ImageFillCover, g.p.look.px(20)
			g.showChosen()
		}
	})
}

// findNear looks for what is nearest to a design: in the catalogue, and of what
// the designer learned from.
func (g *ideasPage) findNear(i *idea) {
	if i == nil || i.design == nil || g.d.maker == nil {
		return
	}
	maker, shop := g.d.maker, g.p.a.store
	var near []remembered
	var alike []*catalog.Product
	g.p.a.inBackground(func(context.Context) (err error) {
		if near, err = maker.nearest(i.design); err != nil || shop == nil {
			return err
		}
		alike, err = nearestProducts(shop, i.design.Embedding)
		return err
	}, func(err error) {
		g.p.a.notice(err)
		if g.of == i {
			g.near, g.alike = near, alike
			g.showChosen()
		}
	})
}

// nearestProducts are the catalogue's products that look most like a design.
func nearestProducts(shop *store.Store, e embed.Embedding) (out []*catalog.Product, err error) {
	if len(e) != embed.Width {
		return nil, nil
	}
	c, err := shop.Catalogue()
	if err != nil {
		return nil, err
	}
	ids, err := likest(shop, []embed.Embedding{e}, mostNearest, func(id string) bool { return c.Product(id) != nil })
	for _, id := range ids {
		out = append(out, c.Product(id))
	}
	return out, err
}

// addFacts says what a design is.
func (g *ideasPage) addFacts(body *fyne.Container, i *idea) {
	l, t := g.p.look, g.p.look.tr
	if m := i.frame; m != nil {
		e := m.Eyewear
		body.Add(l.text(facts(t.t("kind."+string(m.Kind)), t.t("shape."+string(e.Shape)), t.t("material."+string(e.Material)), t.t("colour."+m.Variant.Colour)), textSmall+1, l.pal.quiet))
		body.Add(newPair(l, t.t("card.size"), facts(e.Notation(), t.t("unit.mm", args{"mm": t.mm(e.Overall())}))))
		body.Add(newPair(l, t.t("generate.usual"), share(m.Quality)))
		name := m.Nearest.Product
		if p := g.p.a.shopper.stock.Product(name); p != nil {
			name = t.of(p.Name)
		}
		body.Add(newPair(l, t.t("generate.nearest_product"), facts(name, fmt.Sprintf("%.1f mm", m.Nearest.Difference))))
		return
	}
	m := i.design
	body.Add(l.text(facts(t.t("generate.category."+m.Category), t.t("colour."+m.Colour)), textSmall+1, l.pal.quiet))
	body.Add(newPair(l, t.t("generate.quality"), share(m.Quality)))
	if m.Doubt != "" {
		body.Add(l.body(t.t("generate.doubt."+string(m.Doubt)), l.pal.warn))
	}
}

func share(v float64) string { return fmt.Sprintf("%.2f", v) }

// addDeeds is what can be done with the chosen design.
func (g *ideasPage) addDeeds(body *fyne.Container, i *idea) {
	d, l, t := g.d, g.p.look, g.p.look.tr
	add := func(icon, label string, style pillStyle, do func()) *pill {
		b := newPill(l, icon, label, style, func() {
			g.p.touched()
			do()
		}).small()
		body.Add(b)
		return b
	}
	add("", t.t("looks.more"), pillPlain, func() { d.moreLike(i) })
	if o := d.other; o != nil && (o.frame != nil) == (i.frame != nil) {
		add("", t.t("generate.between", args{"number": o.number()}), pillPlain, func() { d.moreLike(i, o) })
	}
	if i.design != nil {
		row := container.New(&flow{gap: l.px(2), width: l.px(360)})
		for _, c := range d.maker.knows().Colours {
			row.Add(newSwatch(l, colourway(c), c == i.design.Colour, func() {
				g.p.touched()
				d.recolour(c)
			}))
		}
		body.Add(row)
	}
}

// keeping makes a draft of a design or, once that is done, leads there.
func (g *ideasPage) keeping(i *idea) fyne.CanvasObject {
	l, t, a := g.p.look, g.p.look.tr, g.p.a
	if i.kept != "" {
		return newPill(l, "settings", t.t("generate.edit"), pillPlain, func() {
			a.edit(i.kept)
			g.p.open(sectionCatalogue)
		}).small()
	}
	b := newPill(l, "check", t.t("generate.keep"), pillAccent, func() {
		g.p.touched()
		g.d.keep(i)
	}).small()
	b.setDisabled(a.store == nil || i.keeping)
	return b
}

// addNear shows what a design is nearest to.
func (g *ideasPage) addNear(body *fyne.Container, i *idea) {
	l, t, a := g.p.look, g.p.look.tr, g.p.a
	if len(g.near) > 0 {
		body.Add(l.space(4))
		body.Add(newParagraph(l, t.t("generate.nearest_seen"), textSmall, l.pal.quiet))
		row := container.New(&gridLayout{least: l.px(100), gap: l.px(10), ratio: 1.25})
		for _, n := range g.near {
			row.Add(g.small(n.picture, share(n.Distance)))
		}
		body.Add(row)
	}
	if len(g.alike) > 0 {
		body.Add(newParagraph(l, t.t("generate.nearest_product"), textSmall, l.pal.quiet))
		row := container.New(&gridLayout{least: l.px(100), gap: l.px(10), ratio: 1.25})
		for _, p := range g.alike {
			size := image.Pt(int(l.px(120)*a.pixelScale()), int(l.px(100)*a.pixelScale()))
			row.Add(g.small(a.pictures.get(p, 0, size, func() {
				if g.of == i && g.d.page == g {
					g.showChosen()
				}
			}), t.of(p.Name)))
		}
		body.Add(row)
	}
}

// small is a picture on paper with a word below.
func (g *ideasPage) small(picture image.Image, word string) fyne.CanvasObject {
	l := g.p.look
	paper := canvas.NewRectangle(l.pal.paper)
	paper.CornerRadius = l.px(12)
	img := canvas.NewImageFromImage(picture)
	img.FillMode = canvas.ImageFillContain
	text := l.text("", textSmall-2, l.pal.quiet)
	text.Alignment = fyne.TextAlignCenter
	return placed(func(s fyne.Size) {
		h := s.Height - l.px(26)
		put(paper, rect{0, 0, s.Width, h})
		put(img, rect{l.px(6), l.px(6), s.Width - l.px(12), h - l.px(12)})
		text.Text = elide(word, s.Width, measureLike(text))
		put(text, rect{0, h, s.Width, l.px(26)})
	}, paper, img, text)
}
