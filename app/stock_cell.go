package app

import (
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"cheval/catalog"
)

// stockCell is a product in the studio's grid: its picture on paper with a box
// to tick, name and price, and how it stands.
type stockCell struct {
	widget.BaseWidget
	look           *look
	product        *catalog.Product // nil: empty
	name, price    string
	state          string
	tint           color.NRGBA
	picture        image.Image
	ticked, chosen bool
	tapped, tick   func()
}

var (
	_ fyne.Tappable      = (*stockCell)(nil)
	_ desktop.Cursorable = (*stockCell)(nil)
)

func newStockCell(l *look) *stockCell {
	c := &stockCell{look: l}
	c.ExtendBaseWidget(c)
	return c
}

// tickSide is the corner in which a touch ticks.
func (c *stockCell) tickSide() float32 { return c.look.tap(56) }

func (c *stockCell) Tapped(e *fyne.PointEvent) {
	if side := c.tickSide(); e.Position.X < side && e.Position.Y < side && c.tick != nil {
		c.tick()
		return
	}
	if c.tapped != nil {
		c.tapped()
	}
}
func (c *stockCell) Cursor() desktop.Cursor { return desktop.PointerCursor }

func (c *stockCell) CreateRenderer() fyne.WidgetRenderer {
	l := c.look
	ring, paper := canvas.NewRectangle(color.Transparent), canvas.NewRectangle(l.pal.paper)
	picture := canvas.NewImageFromImage(nil)
	picture.FillMode = canvas.ImageFillContain
	box := canvas.NewRectangle(color.Transparent)
	check := l.icon("check", l.px(20), l.pal.onAccent)
	name, price := l.bold("", textBody-1, l.pal.text), l.text("", textBody-1, l.pal.quiet)
	price.Alignment = fyne.TextAlignTrailing
	dot, state := canvas.NewCircle(color.Transparent), l.text("", textSmall, l.pal.quiet)
	r := &objectsRenderer{objects: []fyne.CanvasObject{ring, paper, picture, box, check, name, price, dot, state}}
	r.least = func() fyne.Size { return fyne.NewSize(l.px(200), l.px(230)) }
	r.place = func(s fyne.Size) {
		pad := l.px(8)
		w := s.Width - 2*pad
		paperH := s.Height - l.px(76) - pad
		put(paper, rect{pad, pad, w, paperH})
		put(ring, rect{pad / 2, pad / 2, w + pad, paperH + pad})
		put(picture, rect{pad + l.px(12), pad + l.px(16), w - l.px(24), paperH - l.px(28)})
		b := l.px(26)
		put(box, rect{pad + l.px(12), pad + l.px(12), b, b})
		put(check, rect{pad + l.px(15), pad + l.px(15), l.px(20), l.px(20)})
		price.Text = c.price
		pw := price.MinSize().Width
		name.Text = elide(c.name, w-pw-l.px(10), measureLike(name))
		put(name, rect{pad, pad + paperH + l.px(8), w - pw, l.px(30)})
		put(price, rect{pad, pad + paperH + l.px(8), w, l.px(30)})
		put(dot, rect{pad, pad + paperH + l.px(46), l.px(12), l.px(12)})
		state.Text = elide(c.state, w-l.px(22), measureLike(state))
		put(state, rect{pad + l.px(20), pad + paperH + l.px(38), w - l.px(20), l.px(28)})
	}
	r.refresh = func() {
		ring.StrokeColor, ring.StrokeWidth, ring.CornerRadius = l.pal.accent, l.px(3), l.px(22)
		ring.Hidden = !c.chosen
		paper.CornerRadius = l.px(18)
		box.CornerRadius, box.StrokeColor, box.StrokeWidth = l.px(6), l.pal.pencil, 1.5
		box.FillColor = color.Transparent
		if c.ticked {
			box.FillColor, box.StrokeColor = l.pal.accent, l.pal.accent
		}
		check.Hidden = !c.ticked
		dot.FillColor, state.Color = c.tint, c.tint
		if picture.Image != c.picture {
			picture.Image = c.picture
		}
		picture.Hidden = c.picture == nil
		r.place(c.Size())
	}
	return r
}
