package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"cheval/tryon/perceive"
)

// openMeasure leads through measuring with a card. The mirror looks for the
// card as long as the sheet is open, and blurs it in every picture.
func (a *App) openMeasure() {
	a.touched()
	a.mirror.Calibrate(true)
	a.stage.open(a.measureSheet)
}

func (a *App) closeMeasure() {
	a.mirror.Calibrate(false)
	a.stage.closeSheet()
}

func (a *App) measureSheet(l *look) *sheet {
	if a.status.Card == cardDone {
		return a.measuredSheet(l)
	}
	t := l.tr
	progress := newMeasureProgress(l)
	body := l.column(16)
	for i, k := range []string{"card", "hold", "still"} {
		body.Add(newStep(l, i+1, t.t("measure.step."+k)))
	}
	body.Add(l.body(t.t("measure.blurred"), l.pal.quiet))
	body.Add(progress)
	foot := newPill(l, "close", t.t("measure.cancel"), pillPlain, a.closeMeasure)
	s := newSheet(l, t.t("measure.title"), body, foot, a.closeMeasure).clear()
	s.tick = func() {
		if a.status.Card == cardDone {
			a.stage.refreshSheet()
			return
		}
		progress.show(measureLine(t, &a.status), float32(a.status.CardProgress))
	}
	s.tick()
	return s
}

// measureLine says how it goes, or what a person could do.
func measureLine(t *translator, s *mirrorStatus) string {
	switch {
	case s.CardWhy != "":
		return t.t("card." + string(s.CardWhy))
	case s.Card == cardMeasuring:
		return t.t("measure.measuring")
	}
	return t.t("card." + string(perceive.CardNotSeen))
}

// measuredSheet says what was measured, and what it is good for.
func (a *App) measuredSheet(l *look) *sheet {
	t, m := l.tr, a.status.Measure
	body := l.column(16, l.icon("check", l.px(64), l.pal.good),
		l.body(t.t("measure.done", args{"pd": t.mm(m.PDmm), "error": t.mm(m.PDErrormm)}), l.pal.text),
		l.body(t.t("measure.not_dispensing"), l.pal.quiet))
	foot := newPill(l, "check", t.t("measure.finish"), pillAccent, a.closeMeasure)
	return newSheet(l, t.t("measure.title"), body, foot, a.closeMeasure).clear()
}

// newStep is one numbered instruction.
func newStep(l *look, n int, text string) fyne.CanvasObject {
	disc := canvas.NewCircle(alpha(l.pal.accent, 255))
	num := l.bold(l.tr.int(n), textBody, l.pal.onAccent)
	num.Alignment = fyne.TextAlignCenter
	p := l.body(text, l.pal.text)
	d, gap := l.px(40), l.px(16)
	c := placed(nil, disc, num, p)
	c.Layout = layoutFunc{
		least: func() fyne.Size { return fyne.NewSize(l.px(200), max(d, p.MinSize().Height)) },
		place: func(s fyne.Size) {
			put(disc, rect{0, 0, d, d})
			put(num, rect{0, 0, d, d})
			p.Resize(fyne.NewSize(s.Width-d-gap, 1))
			h := p.MinSize().Height
			put(p, rect{d + gap, max((d-h)/2, 0), s.Width - d - gap, h})
		},
	}
	return c
}

// measureProgress is a line of what is going on over a bar of how far it is.
type measureProgress struct {
	widget.BaseWidget
	look  *look
	line  *paragraph
	track *canvas.Rectangle
	bar   *canvas.Rectangle
	part  float32
}

func newMeasureProgress(l *look) *measureProgress {
	p := &measureProgress{look: l, line: l.body("", l.pal.text),
		track: canvas.NewRectangle(alpha(l.pal.text, 40)), bar: canvas.NewRectangle(l.pal.accent)}
	p.line.bold = true
	p.ExtendBaseWidget(p)
	return p
}

func (p *measureProgress) show(line string, part float32) {
	p.line.setText(line, p.look.pal.text)
	p.part = part
	p.bar.Resize(fyne.NewSize(p.track.Size().Width*part, p.track.Size().Height))
}

func (p *measureProgress) CreateRenderer() fyne.WidgetRenderer {
	l := p.look
	lines := 2 * p.line.lineHeight() // always, so that the sheet keeps its height
	r := &objectsRenderer{objects: []fyne.CanvasObject{p.line, p.track, p.bar}}
	r.least = func() fyne.Size { return fyne.NewSize(l.px(240), lines+l.px(22)) }
	r.place = func(s fyne.Size) {
		h := l.px(8)
		put(p.line, rect{0, 0, s.Width, lines})
		put(p.track, rect{0, lines + l.px(10), s.Width, h})
		put(p.bar, rect{0, lines + l.px(10), s.Width * p.part, h})
		p.track.CornerRadius, p.bar.CornerRadius = h/2, h/2
	}
	return r
}

// newRatioBox keeps an object's shape at whatever width it is given.
func newRatioBox(o fyne.CanvasObject, w, h int, mostH float32) fyne.CanvasObject {
	ratio := float32(h) / float32(max(w, 1))
	width := float32(0)
	c := placed(nil, o)
	c.Layout = layoutFunc{
		least: func() fyne.Size { return fyne.NewSize(120, min(max(width, 120)*ratio, mostH)) },
		place: func(s fyne.Size) {
			width = s.Width
			put(o, rect{0, 0, s.Width, s.Height})
		},
	}
	return c
}
