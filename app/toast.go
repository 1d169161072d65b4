package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// toast is a short line on a dark pill: what a person could do, or what has
// just happened.
type toast struct {
	widget.BaseWidget
	look *look
	icon string
	text string
	left bool // stands at the left of its place instead of its middle
}

func newToast(l *look) *toast {
	t := &toast{look: l}
	t.ExtendBaseWidget(t)
	t.Hide()
	return t
}

// say shows a text, or hides where there is none.
func (t *toast) say(icon, text string) {
	if t.icon == icon && t.text == text {
		return
	}
	t.icon, t.text = icon, text
	if text == "" {
		t.Hide()
		return
	}
	t.Show()
	t.Refresh()
}

func (t *toast) CreateRenderer() fyne.WidgetRenderer {
	l := t.look
	r := &toastRenderer{t: t, box: l.panelBox(0), text: newParagraph(l, "", textBody, l.pal.text)}
	r.icon = l.icon("info", l.px(26), l.pal.accentText)
	return r
}

type toastRenderer struct {
	t    *toast
	box  *canvas.Rectangle
	icon *canvas.Image
	text *paragraph
}

func (r *toastRenderer) Layout(s fyne.Size) {
	t, l := r.t, r.t.look
	if t.icon != "" {
		r.icon.Resource = iconResource(t.icon, l.pal.accentText)
		r.icon.Refresh()
	}
	pad, ic := l.px(24), l.px(26)
	extra := 2*pad + ic + l.px(14)
	r.text.text = t.text
	full := r.text.measure(t.text) + 1
	w := min(full, s.Width-extra)
	r.text.within(w)
	th := r.text.MinSize().Height
	h := max(l.tap(54), th+l.px(22))
	x := (s.Width - w - extra) / 2
	if t.left {
		x = 0
	}
	put(r.box, rect{x, 0, w + extra, h})
	r.box.CornerRadius = min(h/2, l.px(27))
	put(r.icon, rect{x + pad, (h - ic) / 2, ic, ic})
	put(r.text, rect{x + pad + ic + l.px(14), (h - th) / 2, w, th})
}

func (r *toastRenderer) MinSize() fyne.Size {
	return fyne.NewSize(r.t.look.px(200), r.t.look.tap(54))
}
func (r *toastRenderer) Refresh() {
	r.Layout(r.t.Size())
	r.text.Refresh()
	canvas.Refresh(r.t)
}
func (r *toastRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.box, r.icon, r.text}
}
func (r *toastRenderer) Destroy() {}
