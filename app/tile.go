package app

import (
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// tile is a product on a light card: its picture, name and price. The one that
// is worn has a ring in the accent; a liked one a small heart.
type tile struct {
	widget.BaseWidget
	look     *look
	name     string
	price    string
	picture  image.Image
	selected bool
	liked    bool
	note     string // in place of the price, e.g. out of stock
	tapped   func()

	hovered bool
}

var (
	_ fyne.Tappable      = (*tile)(nil)
	_ desktop.Hoverable  = (*tile)(nil)
	_ desktop.Cursorable = (*tile)(nil)
)

func newTile(l *look) *tile {
	t := &tile{look: l}
	t.ExtendBaseWidget(t)
	return t
}

func (t *tile) Tapped(*fyne.PointEvent) {
	if t.tapped != nil {
		t.tapped()
	}
}
func (t *tile) MouseIn(*desktop.MouseEvent)    { t.hovered = true; t.Refresh() }
func (t *tile) MouseMoved(*desktop.MouseEvent) {}
func (t *tile) MouseOut()                      { t.hovered = false; t.Refresh() }
func (t *tile) Cursor() desktop.Cursor         { return desktop.PointerCursor }

func (t *tile) CreateRenderer() fyne.WidgetRenderer {
	l := t.look
	r := &tileRenderer{t: t,
		ring: canvas.NewRectangle(color.Transparent), box: canvas.NewRectangle(l.pal.paper),
		name: l.bold("", textBody, l.pal.ink), price: l.text("", textSmall, l.pal.pencil),
		heart: l.icon("heart-full", l.px(22), readable(l.pal.accent, l.pal.paper)),
	}
	r.picture = canvas.NewImageFromImage(nil)
	r.picture.FillMode = canvas.ImageFillContain
	r.picture.ScaleMode = canvas.ImageScaleSmooth
	r.name.Alignment, r.price.Alignment = fyne.TextAlignCenter, fyne.TextAlignCenter
	r.update()
	return r
}

type tileRenderer struct {
	t           *tile
	ring, box   *canvas.Rectangle
	picture     *canvas.Image
	name, price *canvas.Text
	heart       *canvas.Image
}

func (r *tileRenderer) update() {
	t, l := r.t, r.t.look
	r.ring.FillColor, r.ring.StrokeColor = alpha(l.pal.accent, 0), l.pal.accent
	r.ring.StrokeWidth = l.px(4)
	r.ring.Hidden = !t.selected
	r.box.FillColor = l.pal.paper
	if t.hovered && !t.selected {
		r.box.FillColor = blend(l.pal.paper, l.pal.accent, 0.12)
	}
	r.heart.Hidden = !t.liked
	r.price.Text = t.price
	if t.note != "" {
		r.price.Text = t.note
	}
	if r.picture.Image != t.picture {
		r.picture.Image = t.picture
		r.picture.Refresh()
	}
	r.picture.Hidden = t.picture == nil
}

func (r *tileRenderer) Layout(s fyne.Size) {
	l := r.t.look
	radius, out := l.px(18), l.px(7)
	r.box.CornerRadius, r.ring.CornerRadius = radius, radius+out*0.7
	put(r.box, rect{0, 0, s.Width, s.Height})
	put(r.ring, rect{-out, -out, s.Width + 2*out, s.Height + 2*out})
	nameH, priceH := l.px(textBody*1.3), l.px(textSmall*1.3)
	bottom := l.px(15)
	textY := s.Height - bottom - nameH - priceH
	put(r.name, rect{0, textY, s.Width, nameH})
	put(r.price, rect{0, textY + nameH, s.Width, priceH})
	pad := l.px(6)
	put(r.picture, rect{pad, l.px(10), s.Width - 2*pad, textY - l.px(10)})
	h := l.px(22)
	put(r.heart, rect{s.Width - h - l.px(10), l.px(10), h, h})
	r.fitName(s.Width - 2*l.px(8))
}

// fitName shortens the name to its line.
func (r *tileRenderer) fitName(w float32) {
	r.name.Text = elide(r.t.name, w, func(s string) float32 {
		size, _ := fyne.CurrentApp().Driver().RenderedTextSize(s, r.name.TextSize, fyne.TextStyle{}, r.name.FontSource)
		return size.Width
	})
}

func (r *tileRenderer) MinSize() fyne.Size {
	return fyne.NewSize(r.t.look.px(148), r.t.look.px(170))
}

func (r *tileRenderer) Refresh() {
	r.update()
	r.Layout(r.t.Size())
	canvas.Refresh(r.t)
}

func (r *tileRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.ring, r.box, r.picture, r.name, r.price, r.heart}
}
func (r *tileRenderer) Destroy() {}
