package app

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// editorPage shows the product that is edited: its parts as tabs above, what
// can be done with all of it beside them.
type editorPage struct {
	p    *staffPage
	e    *editing
	look *look
	root *fyne.Container
	tabs *fyne.Container
	acts *fyne.Container
	said *paragraph
	body *fyne.Container
	tab  func() // brings what the tab shows up to date; nil: nothing to
}

// editTabs in their order, with icons and texts.
var editTabs = [...]struct {
	tab       editTab
	icon, key string
}{
	{tabDetails, "card", "edit.details"}, {tabPhoto, "photo", "edit.photo"}, {tabMask, "before-after", "edit.mask"},
	{tabAnchors, "ruler", "edit.anchors"}, {tabPublish, "shield", "edit.publish"},
}

func newEditorPage(p *staffPage, e *editing) *editorPage {
	l := p.look
	g := &editorPage{p: p, e: e, look: l, said: l.body("", l.pal.quiet), body: container.NewStack()}
	g.tabs, g.acts = container.New(&flow{gap: l.px(8), width: l.px(900)}), container.New(&flow{gap: l.px(8), width: l.px(420)})
	g.root = placed(g.layout, g.tabs, g.acts, g.said, g.body)
	e.page = g
	p.title.Text = l.tr.of(e.product.Name)
	g.showHead()
	g.showTab()
	p.a.onDropped = g.dropped
	p.a.openDesk(func() { // the models may be what a photo waits for
		if e.page == g && e.current() == nil {
			e.openPhoto()
		}
	})
	return g
}

// dropped takes photos that were dropped on the window as this product's.
func (g *editorPage) dropped(uris []fyne.URI) {
	g.p.touched()
	for _, u := range uris {
		g.e.addPhoto(u.Path())
	}
	g.e.tab = tabPhoto
	g.showHead()
}

func (g *editorPage) layout(s fyne.Size) {
	l := g.look
	gap := l.px(14)
	actsW := g.acts.MinSize().Width
	for _, o := range g.acts.Objects[1:] {
		actsW += o.MinSize().Width + l.px(8)
	}
	y := float32(0)
	if s.Width > s.Height*0.9 && g.rowOf(g.tabs)+actsW+gap < s.Width {
		h := g.tabs.Objects[0].MinSize().Height
		put(g.tabs, rect{0, 0, s.Width - actsW - gap, h})
		put(g.acts, rect{s.Width - actsW, 0, actsW, h})
		y = h + gap
	} else {
		for _, o := range []*fyne.Container{g.acts, g.tabs} {
			o.Resize(fyne.NewSize(s.Width, 1))
			h := o.MinSize().Height
			put(o, rect{0, y, s.Width, h})
			y += h + gap
		}
	}
	if g.said.Visible() {
		g.said.Resize(fyne.NewSize(s.Width, 1))
		h := g.said.MinSize().Height
		put(g.said, rect{0, y, s.Width, h})
		y += h + gap
	}
	put(g.body, rect{0, y, s.Width, s.Height - y - l.px(24)})
}

// rowOf is how wide pills are in one row.
func (g *editorPage) rowOf(c *fyne.Container) (w float32) {
	for _, o := range c.Objects {
		w += o.MinSize().Width + g.look.px(8)
	}
	return w
}

// showHead shows tabs, actions and what is to be told.
func (g *editorPage) showHead() {
	l, t, e := g.look, g.look.tr, g.e
	g.tabs.Objects, g.acts.Objects = nil, nil
	for _, x := range editTabs {
		b := newPill(l, x.icon, t.t(x.key), pillPlain, func() {
			g.p.touched()
			e.tab = x.tab
			e.tell("", false)
			g.showTab()
		}).small()
		b.on = x.tab == e.tab
		b.setDisabled(x.tab == tabAnchors && !e.isEyewear())
		g.tabs.Add(b)
	}
	back := newPill(l, "left", t.t("edit.back"), pillPlain, g.leave).small()
	undo := newPill(l, "undo", t.t("action.undo"), pillPlain, func() { g.p.touched(); e.undo() }).small()
	save := newPill(l, "save", t.t("edit.save"), pillAccent, func() { g.p.touched(); e.save(func() {}) }).small()
	save.setDisabled(!e.dirty)
	for _, b := range []*pill{back, undo, save} {
		g.acts.Add(b)
	}
	tint := l.pal.good
	if e.bad {
		tint = l.pal.bad
	}
	g.said.setText(e.said, tint)
	show(g.said, e.said != "")
	if s := g.root.Size(); s.Width > 0 {
		g.layout(s)
	}
	g.root.Refresh()
}

// leave goes back, or asks first where something is not saved.
func (g *editorPage) leave() {
	g.p.touched()
	e, a := g.e, g.p.a
	if !e.asked {
		e.leave()
		return
	}
	a.stage.open(func(l *look) *sheet {
		t := l.tr
		drop := newPill(l, "trash", t.t("edit.leave.drop"), pillDanger, func() { a.stage.closeSheet(); e.leave() })
		keep := newPill(l, "save", t.t("edit.save"), pillAccent, func() { a.stage.closeSheet(); e.save(e.leave) })
		return newSheet(l, t.t("edit.leave.title"), l.column(14, l.body(t.t("edit.leave.text"), l.pal.text), drop), keep, a.stage.closeSheet)
	})
}

// showTab builds the tab that is open.
func (g *editorPage) showTab() {
	g.tab = nil
	g.showHead()
	var o fyne.CanvasObject
	switch g.e.tab {
	case tabPhoto:
		o = g.photoTab()
	case tabMask:
		o = g.maskTab()
	case tabAnchors:
		o = g.anchorsTab()
	case tabPublish:
		o = g.publishTab()
	default:
		o = g.detailsTab()
	}
	g.body.Objects = []fyne.CanvasObject{o}
	g.body.Refresh()
	if g.e.tab != tabDetails && g.e.tab != tabPublish {
		g.e.openPhoto()
	}
}

// update brings the open tab up to date after something was made.
func (e *editing) update() {
	if e.page != nil && e.page.tab != nil {
		e.page.tab()
	}
}

// workbench is a picture large, what is worn below it, and controls beside it
// (on a tall window below).
func (g *editorPage) workbench(view, strip, controls fyne.CanvasObject) fyne.CanvasObject {
	l := g.look
	back := canvas.NewRectangle(l.pal.raised)
	back.CornerRadius = l.px(20)
	side := canvas.NewRectangle(l.pal.raised)
	side.CornerRadius = l.px(20)
	scroll := l.scrolling(controls)
	return placed(func(s fyne.Size) {
		pad, gap := l.px(20), l.px(16)
		w, h, at := s.Width-min(l.px(440), s.Width*0.4)-gap, s.Height, rect{}
		if s.Height > s.Width {
			w, h = s.Width, s.Height*0.56
			at = rect{0, h + gap, s.Width, s.Height - h - gap}
		} else {
			at = rect{w + gap, 0, s.Width - w - gap, s.Height}
		}
		stripH := float32(0)
		if strip.Visible() {
			stripH = min(w/5, h*0.3)
			put(strip, rect{0, h - stripH, w, stripH})
			stripH += gap
		}
		put(back, rect{0, 0, w, h - stripH})
		put(view, rect{l.px(8), l.px(8), w - l.px(16), h - stripH - l.px(16)})
		put(side, at)
		put(scroll, rect{at.x + pad, at.y + pad, at.w - pad - l.px(4), at.h - 2*pad})
	}, back, view, strip, side, scroll)
}

// slider is a value from 0 to 1 with its name and figure.
func (g *editorPage) slider(name string, value float64, set func(float64)) fyne.CanvasObject {
	l := g.look
	label, figure := l.text(name, textSmall+1, l.pal.text), l.text("", textSmall+1, l.pal.quiet)
	figure.Alignment = fyne.TextAlignTrailing
	s := widget.NewSlider(0, 1)
	s.Step, s.Value = 0.01, value
	say := func() { figure.Text = l.tr.t("unit.percent", args{"n": int(s.Value*100 + 0.5)}) }
	say()
	s.OnChanged = func(v float64) {
		g.p.touched()
		say()
		figure.Refresh()
		set(v)
	}
	seen := container.NewThemeOverride(s, sliderTheme{g.p.a.stage.theme})
	c := placed(nil, label, figure, seen)
	c.Layout = layoutFunc{
		least: func() fyne.Size { return fyne.NewSize(l.px(240), l.px(30)+l.tap(40)) },
		place: func(z fyne.Size) {
			put(label, rect{0, 0, z.Width, l.px(30)})
			put(figure, rect{0, 0, z.Width, l.px(30)})
			put(seen, rect{0, l.px(28), z.Width, z.Height - l.px(28)})
		},
	}
	return c
}

// sliderTheme lets the whole way of a slider be seen on a panel.
type sliderTheme struct{ shopTheme }

func (t sliderTheme) Color(n fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	if n == theme.ColorNameInputBackground {
		return t.pal.line
	}
	return t.shopTheme.Color(n, v)
}

// choices is a row of pills of which one is on.
func choices[T comparable](g *editorPage, values []T, now T, label func(T) string, set func(T)) fyne.CanvasObject {
	var chips []fyne.CanvasObject
	for _, v := range values {
		b := newPill(g.look, "", label(v), pillPlain, func() { g.p.touched(); set(v) }).small()
		b.on = v == now
		chips = append(chips, b)
	}
	return g.look.chips(chips...)
}

// named is a control under its name.
func (g *editorPage) named(name string, o fyne.CanvasObject) fyne.CanvasObject {
	return g.look.column(6, g.look.text(name, textSmall+1, g.look.pal.quiet), o)
}
