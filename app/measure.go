package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
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
	t := l.tr
	phase := a.status.Card
	body := l.column(16)
	if phase == cardDone {
		m := a.status.Measure
		body.Add(l.icon("check", l.px(64), l.pal.good))
		body.Add(l.body(t.t("measure.done", args{"pd": t.mm(m.PDmm), "error": t.mm(m.PDErrormm)}), l.pal.text))
		body.Add(l.body(t.t("measure.not_dispensing"), l.pal.quiet))
	} else {
		for i, k := range []string{"card", "hold", "still"} {
			body.Add(newStep(l, i+1, t.t("measure.step."+k)))
		}
		body.Add(l.body(t.t("measure.blurred"), l.pal.quiet))
		body.Add(newProgress(l, map[cardPhase]string{cardMeasuring: t.t("measure.measuring")}[phase], t.t("measure.searching"), phase == cardMeasuring))
	}
	foot := newPill(l, "close", t.t("measure.cancel"), pillPlain, a.closeMeasure)
	if phase == cardDone {
		foot = newPill(l, "check", t.t("measure.finish"), pillAccent, a.closeMeasure)
	}
	s := newSheet(l, t.t("measure.title"), body, foot, a.closeMeasure).clear()
	s.tick = func() {
		if a.status.Card != phase {
			a.stage.refreshSheet()
		}
	}
	return s
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

// newProgress is a line that says what is going on, with a dot that is filled
// once there is something.
func newProgress(l *look, now, waiting string, going bool) fyne.CanvasObject {
	text, tint := waiting, l.pal.quiet
	if going {
		text, tint = now, l.pal.accent
	}
	dot := canvas.NewCircle(tint)
	p := l.bold(text, textBody, l.pal.text)
	d := l.px(14)
	c := placed(nil, dot, p)
	c.Layout = layoutFunc{
		least: func() fyne.Size { return fyne.NewSize(p.MinSize().Width+d+l.px(14), l.px(36)) },
		place: func(s fyne.Size) {
			put(dot, rect{0, (s.Height - d) / 2, d, d})
			put(p, rect{d + l.px(14), 0, s.Width - d - l.px(14), s.Height})
		},
	}
	return c
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
