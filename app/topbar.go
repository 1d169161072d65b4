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
	flat           bool          // without a panel, on a page of its own
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
	r := &brandRenderer{b: b, box: l.panelBox(l.px(33)), mark: canvas.NewRectangle(l.pal.accent)}
	r.name = l.bold(b.name, textLarge, l.pal.text)
	if b.subtitle == "" {
		r.name.TextSize = l.px(textTitle)
	}
	r.subtitle = l.text(b.subtitle, textSmall, l.pal.quiet)
	return r
}

type brandRenderer struct {
	box            *canvas.Rectangle
	b              *brand
	mark           *canvas.Rectangle
	name, subtitle *canvas.Text
}

// left is where the name begins.
func (r *brandRenderer) left() float32 {
	l := r.b.look
	if r.b.logo != nil {
		return l.px(66) + l.px(8)
	}
	return l.px(22) + l.px(12) + l.px(16)
}

func (r *brandRenderer) Layout(s fyne.Size) {
	l := r.b.look
	h, x := s.Height, r.left()
	put(r.box, rect{0, 0, s.Width, h})
	r.box.Hidden = r.b.flat
	if r.b.logo != nil {
		in := l.px(10)
		put(r.b.logo, rect{in + l.px(4), in, h - 2*in, h - 2*in})
	} else {
		put(r.mark, rect{l.px(22), h * 0.24, l.px(12), h * 0.52})
		r.mark.CornerRadius = l.px(6)
	}
	w := s.Width - x - l.px(20)
	r.name.Text = elide(r.b.name, w, measureLike(r.name))
	r.subtitle.Text = elide(r.b.subtitle, w, measureLike(r.subtitle))
	if r.b.subtitle == "" {
		put(r.name, rect{x, 0, w, h})
		return
	}
	put(r.name, rect{x, l.px(5), w, l.px(34)})
	put(r.subtitle, rect{x, l.px(36), w, l.px(24)})
}

func (r *brandRenderer) MinSize() fyne.Size {
	l := r.b.look
	return fyne.NewSize(max(touch, r.left()+max(measureLike(r.name)(r.b.name), measureLike(r.subtitle)(r.b.subtitle))+l.px(30)), l.tap(66))
}

func (r *brandRenderer) Refresh() { r.Layout(r.b.Size()); canvas.Refresh(r.b) }
func (r *brandRenderer) Destroy() {}
func (r *brandRenderer) Objects() []fyne.CanvasObject {
	o := []fyne.CanvasObject{r.box, r.name, r.subtitle}
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
