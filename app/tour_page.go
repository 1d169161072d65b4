package app

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// newTourPage says what the guided demo shows and starts it.
func newTourPage(p *staffPage) fyne.CanvasObject {
	l, t := p.look, p.look.tr
	start := newPill(l, "play", t.t("tour.start"), pillAccent, p.a.startTour)
	body := l.column(14, l.body(t.t("tour.intro"), l.pal.quiet), l.chips(start), l.space(10))
	at := time.Duration(0)
	for _, s := range tourSteps() {
		body.Add(newTourRow(l, at, t.t("tour."+s.key+".title"), t.t("tour."+s.key+".text")))
		at += s.lasts
	}
	body.Add(l.space(20))
	return l.scrolling(body)
}

func newTourRow(l *look, at time.Duration, title, text string) fyne.CanvasObject {
	clock := l.text(at.Truncate(time.Second).String(), textBody, l.pal.accentText)
	clock.Text = minutes(at)
	head, line := l.bold(title, textBody, l.pal.text), l.body(text, l.pal.quiet)
	col := l.px(86)
	c := placed(nil, clock, head, line)
	c.Layout = layoutFunc{
		least: func() fyne.Size { return fyne.NewSize(l.px(300), l.px(32)+line.MinSize().Height) },
		place: func(s fyne.Size) {
			put(clock, rect{0, 0, col, l.px(30)})
			put(head, rect{col, 0, s.Width - col, l.px(30)})
			line.Resize(fyne.NewSize(s.Width-col, 1))
			put(line, rect{col, l.px(32), s.Width - col, line.MinSize().Height})
		},
	}
	return c
}

func minutes(d time.Duration) string {
	return time.Time{}.Add(d).Format("4:05")
}

// tourPanel is the caption over the mirror while the demo runs.
type tourPanel struct {
	widget.BaseWidget
	a                 *App
	look              *look
	box, track, bar   *canvas.Rectangle
	title             *canvas.Text
	text              *paragraph
	pause, next, stop *pill
}

func newTourPanel(a *App, l *look) *tourPanel {
	p := &tourPanel{a: a, look: l, box: l.panelBox(l.px(24)),
		track: canvas.NewRectangle(alpha(l.pal.text, 40)), bar: canvas.NewRectangle(l.pal.accent)}
	p.title = l.bold("", textBody+1, l.pal.text)
	p.text = l.body("", l.pal.quiet)
	p.pause = newPill(l, "pause", "", pillPlain, p.togglePause).small()
	p.next = newPill(l, "right", "", pillPlain, func() { a.tour.next(a) }).small()
	p.stop = newPill(l, "stop", "", pillPlain, a.stopTour).small()
	p.ExtendBaseWidget(p)
	p.Hide()
	return p
}

func (p *tourPanel) togglePause() {
	t := p.a.tour
	t.paused = !t.paused
	if t.paused {
		t.halt()
	}
	p.show()
}

// show brings the caption up to date, or hides it when no demo runs.
func (p *tourPanel) show() {
	t := p.a.tour
	show(p, t != nil)
	if t == nil || t.at >= len(t.steps) {
		return
	}
	tr := p.look.tr
	key := "tour." + t.steps[t.at].key
	icon := "pause"
	if t.paused {
		icon = "play"
	}
	p.pause.set(icon, "", t.paused)
	if s := tr.t(key + ".title"); s != p.title.Text {
		p.title.Text = s
		p.title.Refresh()
	}
	p.text.setText(tr.t(key+".text"), p.look.pal.quiet)
	w := p.track.Size().Width * t.done()
	p.bar.Resize(fyne.NewSize(w, p.track.Size().Height))
}

// heightFor is the height of the caption's panel at a width.
func (p *tourPanel) heightFor(w float32) float32 {
	l := p.look
	inner := w - 2*l.px(26) - 3*l.tap(54) - 3*l.px(10)
	p.text.within(inner)
	return l.px(62) + 2*p.text.lineHeight() + l.px(26)
}

func (p *tourPanel) CreateRenderer() fyne.WidgetRenderer {
	l := p.look
	r := &objectsRenderer{objects: []fyne.CanvasObject{p.box, p.title, p.text, p.pause, p.next, p.stop, p.track, p.bar}}
	r.least = func() fyne.Size { return fyne.NewSize(l.px(420), l.px(120)) }
	r.place = func(s fyne.Size) {
		pad, b, gap := l.px(26), l.tap(54), l.px(10)
		put(p.box, rect{0, 0, s.Width, s.Height})
		inner := s.Width - 2*pad - 3*b - 3*gap
		put(p.title, rect{pad, l.px(18), inner, l.px(34)})
		put(p.text, rect{pad, l.px(56), inner, 2 * p.text.lineHeight()})
		for i, k := range []*pill{p.pause, p.next, p.stop} {
			put(k, rect{s.Width - pad - float32(3-i)*b - float32(2-i)*gap, (s.Height - b) / 2, b, b})
		}
		h := l.px(5)
		put(p.track, rect{pad, s.Height - h - l.px(12), s.Width - 2*pad, h})
		p.track.CornerRadius, p.bar.CornerRadius = h/2, h/2
		p.bar.Move(p.track.Position())
		p.show()
	}
	return r
}
