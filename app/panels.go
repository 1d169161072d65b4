package app

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// messagePanel is a panel in the middle of the mirror for what nobody must
// miss: a title, a sentence, what to do next.
type messagePanel struct {
	widget.BaseWidget
	look    *look
	box     *canvas.Rectangle
	icon    *canvas.Image
	title   *paragraph
	text    *paragraph
	buttons *fyne.Container
	at      places // of the page, and its size, when it was laid out last
	page    fyne.Size
}

func newMessagePanel(l *look, icon string, buttons ...fyne.CanvasObject) *messagePanel {
	m := &messagePanel{look: l, box: l.panelBox(l.px(28)), icon: l.icon(icon, l.px(54), l.pal.accentText)}
	m.title = newParagraph(l, "", textTitle-2, l.pal.text)
	m.title.bold, m.title.align = true, fyne.TextAlignCenter
	m.text = newParagraph(l, "", textBody, l.pal.quiet)
	m.text.align = fyne.TextAlignCenter
	m.buttons = container.New(&flowCentre{gap: l.px(14)}, buttons...)
	m.ExtendBaseWidget(m)
	m.Hide()
	return m
}

func (m *messagePanel) say(title, text string) {
	if m.title.text == title && m.text.text == text {
		return
	}
	m.title.setText(title, m.look.pal.text)
	m.text.setText(text, m.look.pal.quiet)
	if m.page.Width > 0 {
		m.place(m.at, m.page)
	}
}

// Tapped keeps touches from the mirror below.
func (m *messagePanel) Tapped(*fyne.PointEvent) {}

// heightFor lays the panel out for a width and returns its height.
func (m *messagePanel) heightFor(w float32) float32 {
	l := m.look
	pad, inner := l.px(36), w-2*l.px(36)
	y := pad
	put(m.icon, rect{(w - l.px(54)) / 2, y, l.px(54), l.px(54)})
	y += l.px(54) + l.px(16)
	for _, p := range []*paragraph{m.title, m.text} {
		p.within(inner)
		h := p.MinSize().Height
		put(p, rect{pad, y, inner, h})
		y += h + l.px(12)
	}
	y += l.px(10)
	h := m.buttons.MinSize().Height
	put(m.buttons, rect{pad, y, inner, h})
	return y + h + pad
}

func (m *messagePanel) CreateRenderer() fyne.WidgetRenderer {
	r := &objectsRenderer{objects: []fyne.CanvasObject{m.box, m.icon, m.title, m.text, m.buttons}}
	r.least = func() fyne.Size { return fyne.NewSize(m.look.px(360), m.look.px(200)) }
	r.place = func(s fyne.Size) {
		put(m.box, rect{0, 0, s.Width, s.Height})
		m.heightFor(s.Width)
	}
	return r
}

func (m *messagePanel) place(at places, s fyne.Size) {
	m.at, m.page = at, s
	w := min(m.look.px(640), s.Width-2*m.look.px(40))
	h := m.heightFor(w)
	mid := at.face.y + at.face.h/2
	if !at.portrait {
		mid = s.Height * 0.42
	}
	x := (s.Width - w) / 2
	if !at.portrait { // between card and actions
		x = at.card.right() + (at.actions[0].x-at.card.right()-w)/2
		x = max(x, at.card.right()+m.look.px(14))
	}
	put(m, rect{x, max(mid-h/2, at.face.y), w, h})
}

// flowCentre lays objects side by side in the middle, wrapping where they must.
type flowCentre struct{ gap float32 }

func (f *flowCentre) MinSize(objects []fyne.CanvasObject) fyne.Size {
	s := fyne.NewSize(f.gap*float32(max(len(objects)-1, 0)), 0)
	for _, o := range objects {
		s.Width += o.MinSize().Width
		s.Height = max(s.Height, o.MinSize().Height)
	}
	return s
}

func (f *flowCentre) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	x := (size.Width - f.MinSize(objects).Width) / 2
	for _, o := range objects {
		m := o.MinSize()
		put(o, rect{x, 0, m.Width, size.Height})
		x += m.Width + f.gap
	}
}

// troublePanel says what is wrong with the camera and what to do; the mirror
// comes back by itself.
type troublePanel struct{ *messagePanel }

func newTroublePanel(a *App, l *look) *troublePanel {
	demo := newPill(l, "play", l.tr.t("trouble.demo"), pillAccent, a.useDemo)
	return &troublePanel{newMessagePanel(l, "camera-off", demo)}
}

func (p *troublePanel) show(st *mirrorStatus) {
	tr := p.look.tr
	switch st.Source {
	case sourceTrouble:
		p.say(tr.t("trouble."+st.Problem+".title"), tr.t("trouble."+st.Problem+".text", args{"detail": st.Detail}))
		show(p.messagePanel, true)
	default:
		show(p.messagePanel, false)
	}
}

// leavingPanel counts the last seconds of a visit down.
type leavingPanel struct{ *messagePanel }

func newLeavingPanel(a *App, l *look) *leavingPanel {
	stay := newPill(l, "person", l.tr.t("session.stay"), pillAccent, a.touched)
	done := newPill(l, "done", l.tr.t("session.done"), pillPlain, a.endSession)
	return &leavingPanel{newMessagePanel(l, "shield", stay, done)}
}

func (p *leavingPanel) show(left time.Duration) {
	if left <= 0 {
		show(p.messagePanel, false)
		return
	}
	tr := p.look.tr
	p.say(tr.t("session.leaving.title", args{"n": int((left + time.Second - 1) / time.Second)}), tr.t("session.leaving.text"))
	show(p.messagePanel, true)
}
