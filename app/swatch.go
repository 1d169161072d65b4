package app

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"cheval/catalog"
)

// swatch is one colourway: a disc in two halves, the frame's colour and its
// pattern's or the lens's. What is touched is at least 48 units wide.
type swatch struct {
	widget.BaseWidget
	look     *look
	left     color.NRGBA
	right    color.NRGBA
	selected bool
	tapped   func()
}

var (
	_ fyne.Tappable      = (*swatch)(nil)
	_ desktop.Cursorable = (*swatch)(nil)
)

func newSwatch(l *look, v *catalog.Variant, selected bool, tapped func()) *swatch {
	s := &swatch{look: l, selected: selected, tapped: tapped}
	s.left, s.right = swatchColours(v)
	s.ExtendBaseWidget(s)
	return s
}

// swatchColours are what tells a colourway apart from its sisters.
func swatchColours(v *catalog.Variant) (left, right color.NRGBA) {
	left = alpha(v.Frame.Base, 255)
	right = left
	switch {
	case v.Frame.Pattern != catalog.Plain:
		right = alpha(v.Frame.Second, 255)
	case v.Lens.Mirror > 0.2:
		right = alpha(v.Lens.MirrorColour, 255)
	case v.Lens.Transmission > 0 && v.Lens.Transmission < 0.6:
		right = alpha(v.Lens.Tint, 255)
	case v.Temples != nil:
		right = alpha(v.Temples.Base, 255)
	}
	return left, right
}

func (s *swatch) Tapped(*fyne.PointEvent) {
	if s.tapped != nil {
		s.tapped()
	}
}
func (s *swatch) Cursor() desktop.Cursor { return desktop.PointerCursor }

func (s *swatch) CreateRenderer() fyne.WidgetRenderer {
	l := s.look
	r := &swatchRenderer{s: s, ring: canvas.NewCircle(color.Transparent),
		left: canvas.NewRectangle(s.left), right: canvas.NewRectangle(s.right), rim: canvas.NewCircle(color.Transparent)}
	r.ring.StrokeColor, r.ring.StrokeWidth = l.pal.accent, l.px(3)
	r.ring.Hidden = !s.selected
	r.rim.StrokeColor, r.rim.StrokeWidth = alpha(l.pal.text, 90), 1
	return r
}

type swatchRenderer struct {
	s           *swatch
	ring, rim   *canvas.Circle
	left, right *canvas.Rectangle
}

func (r *swatchRenderer) Layout(s fyne.Size) {
	d := round(r.s.look.px(36)/2) * 2
	x, y := round((s.Width-d)/2), round((s.Height-d)/2)
	out := r.s.look.px(6)
	put(r.ring, rect{x - out, y - out, d + 2*out, d + 2*out})
	put(r.rim, rect{x, y, d, d})
	put(r.left, rect{x, y, d / 2, d})
	put(r.right, rect{x + d/2, y, d / 2, d})
	if r.s.left == r.s.right { // no seam
		put(r.left, rect{x, y, d, d})
		r.left.CornerRadius, r.right.Hidden = d/2, true
		return
	}
	r.left.TopLeftCornerRadius, r.left.BottomLeftCornerRadius = d/2, d/2
	r.right.TopRightCornerRadius, r.right.BottomRightCornerRadius = d/2, d/2
}

func (r *swatchRenderer) MinSize() fyne.Size { return fyne.NewSquareSize(r.s.look.tap(56)) }
func (r *swatchRenderer) Refresh()           { canvas.Refresh(r.s) }
func (r *swatchRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.left, r.right, r.rim, r.ring}
}
func (r *swatchRenderer) Destroy() {}
