package app

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"cheval/tryon/fit"
)

// fitSpan is how many millimetres too narrow or too wide the bar reaches.
const fitSpan = 15

// fitBar shows how much wider or narrower a frame is than the face: the middle
// stretch is where it fits, the knob where this frame stands.
type fitBar struct {
	widget.BaseWidget
	look  *look
	known bool
	mm    float32 // frame minus face
	tint  color.NRGBA
}

func newFitBar(l *look) *fitBar {
	b := &fitBar{look: l}
	b.ExtendBaseWidget(b)
	return b
}

func (b *fitBar) set(known bool, mm float32, tint color.NRGBA) {
	if b.known == known && b.mm == mm && b.tint == tint {
		return
	}
	b.known, b.mm, b.tint = known, mm, tint
	b.Refresh()
}

func (b *fitBar) CreateRenderer() fyne.WidgetRenderer {
	l := b.look
	r := &fitBarRenderer{b: b, track: canvas.NewRectangle(alpha(l.pal.text, 46)),
		good: canvas.NewRectangle(l.pal.accent), knob: canvas.NewCircle(l.pal.text)}
	r.update()
	return r
}

type fitBarRenderer struct {
	b     *fitBar
	track *canvas.Rectangle
	good  *canvas.Rectangle
	knob  *canvas.Circle
}

func (r *fitBarRenderer) update() {
	r.good.FillColor = alpha(r.b.look.pal.accent, 150)
	if !r.b.known {
		r.good.FillColor = alpha(r.b.look.pal.text, 40)
	}
	r.knob.Hidden = !r.b.known
	r.knob.FillColor = r.b.tint
	r.knob.StrokeColor = r.b.look.pal.text
	r.knob.StrokeWidth = r.b.look.px(3)
}

func (r *fitBarRenderer) Layout(s fyne.Size) {
	h := r.b.look.px(9)
	y := (s.Height - h) / 2
	put(r.track, rect{0, y, s.Width, h})
	at := func(mm float32) float32 {
		return (min(max(mm, -fitSpan), fitSpan) + fitSpan) / (2 * fitSpan) * s.Width
	}
	put(r.good, rect{at(-fit.WidthGood), y, at(fit.WidthGood) - at(-fit.WidthGood), h})
	r.track.CornerRadius, r.good.CornerRadius = h/2, h/2
	d := s.Height
	put(r.knob, rect{min(max(at(r.b.mm)-d/2, 0), s.Width-d), 0, d, d})
}

func (r *fitBarRenderer) MinSize() fyne.Size {
	return fyne.NewSize(r.b.look.px(120), r.b.look.px(22))
}

func (r *fitBarRenderer) Refresh() {
	r.update()
	r.Layout(r.b.Size())
	canvas.Refresh(r.b)
}

func (r *fitBarRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.track, r.good, r.knob}
}
func (r *fitBarRenderer) Destroy() {}
