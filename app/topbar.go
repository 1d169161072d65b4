package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// brand is the shop's mark and name. Touching it leads to the staff's screens,
// behind their PIN.
type brand struct {
	widget.BaseWidget
	look           *look
	name, subtitle string
	logo           *canvas.Image // nil: the plain mark
	tapped         func()
}

var (
	_ fyne.Tappable      = (*brand)(nil)
	_ desktop.Cursorable = (*brand)(nil)
)

func newBrand(l *look, s Settings, logo *canvas.Image, tapped func()) *brand {
	b := &brand{look: l, name: s.ShopName, subtitle: s.Subtitle, logo: logo, tapped: tapped}
	b.ExtendBaseWidget(b)
	return b
}

func (b *brand) Tapped(*fyne.PointEvent) { b.tapped() }
func (b *brand) Cursor() desktop.Cursor  { return desktop.PointerCursor }

func (b *brand) CreateRenderer() fyne.WidgetRenderer {
	l := b.look
	r := &brandRenderer{b: b, mark: canvas.NewRectangle(l.pal.accent)}
	r.name = l.bold(b.name, textTitle, l.pal.text)
	r.subtitle = l.text(b.subtitle, textSmall+1, l.pal.text)
	return r
}

type brandRenderer struct {
	b              *brand
	mark           *canvas.Rectangle
	name, subtitle *canvas.Text
}

func (r *brandRenderer) Layout(s fyne.Size) {
	l := r.b.look
	x := l.px(14)
	h := min(s.Height, l.px(66))
	if r.b.logo != nil {
		x = h
		put(r.b.logo, rect{0, 0, h, h})
	} else {
		put(r.mark, rect{0, l.px(9), l.px(14), h - l.px(18)})
		r.mark.CornerRadius = l.px(7)
	}
	x += l.px(18)
	w := s.Width - x
	nameH, subH := l.px(44), l.px(26)
	if r.b.subtitle == "" {
		nameH, subH = h, 0
	}
	r.name.Text = elide(r.b.name, w, measureLike(r.name))
	r.subtitle.Text = elide(r.b.subtitle, w, measureLike(r.subtitle))
	put(r.name, rect{x, -l.px(4), w, nameH})
	put(r.subtitle, rect{x, nameH - l.px(6), w, subH})
	if subH == 0 {
		put(r.name, rect{x, 0, w, nameH})
	}
}

func (r *brandRenderer) MinSize() fyne.Size { return fyne.NewSize(touch, touch) }
func (r *brandRenderer) Refresh()           { r.Layout(r.b.Size()); canvas.Refresh(r.b) }
func (r *brandRenderer) Destroy()           {}
func (r *brandRenderer) Objects() []fyne.CanvasObject {
	o := []fyne.CanvasObject{r.name, r.subtitle}
	if r.b.logo != nil {
		return append(o, r.b.logo)
	}
	return append(o, r.mark)
}

// languageSwitch shows both languages by their own names; a touch changes to
// the other.
type languageSwitch struct {
	widget.BaseWidget
	look   *look
	tapped func()
}

var (
	_ fyne.Tappable      = (*languageSwitch)(nil)
	_ desktop.Cursorable = (*languageSwitch)(nil)
)

func newLanguageSwitch(l *look, tapped func()) *languageSwitch {
	s := &languageSwitch{look: l, tapped: tapped}
	s.ExtendBaseWidget(s)
	return s
}

func (s *languageSwitch) Tapped(*fyne.PointEvent) { s.tapped() }
func (s *languageSwitch) Cursor() desktop.Cursor  { return desktop.PointerCursor }

func (s *languageSwitch) CreateRenderer() fyne.WidgetRenderer {
	l := s.look
	en, zh := l.text("EN", textBody, l.pal.quiet), l.text("中文", textBody, l.pal.quiet)
	on := en
	if l.tr.lang == "zh" {
		on = zh
	}
	on.Color, on.FontSource = l.pal.text, l.fonts.bold
	box := l.panelBox(l.tap(54) / 2)
	r := &objectsRenderer{objects: []fyne.CanvasObject{box, en, zh}}
	r.least = func() fyne.Size {
		return fyne.NewSize(en.MinSize().Width+zh.MinSize().Width+l.px(54), l.tap(54))
	}
	r.place = func(z fyne.Size) {
		put(box, rect{0, 0, z.Width, z.Height})
		x := (z.Width - en.MinSize().Width - zh.MinSize().Width - l.px(12)) / 2
		h := en.MinSize().Height
		put(en, rect{x, (z.Height - h) / 2, en.MinSize().Width, h})
		put(zh, rect{x + en.MinSize().Width + l.px(12), (z.Height - h) / 2, zh.MinSize().Width, h})
	}
	return r
}

// objectsRenderer renders a widget that is a fixed list of objects.
type objectsRenderer struct {
	objects []fyne.CanvasObject
	least   func() fyne.Size
	place   func(fyne.Size)
	refresh func()
}

func (r *objectsRenderer) Layout(s fyne.Size)           { r.place(s) }
func (r *objectsRenderer) MinSize() fyne.Size           { return r.least() }
func (r *objectsRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *objectsRenderer) Destroy()                     {}
func (r *objectsRenderer) Refresh() {
	if r.refresh != nil {
		r.refresh()
	}
	for _, o := range r.objects {
		canvas.Refresh(o)
	}
}
