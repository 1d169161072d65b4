package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// caption is what is heard and answered, large, over the mirror.
type caption struct {
	widget.BaseWidget
	look    *look
	box     *canvas.Rectangle
	bar     *canvas.Rectangle // how loud
	heard   *paragraph
	answer  *paragraph
	wrong   *pill
	choices *fyne.Container
	a       *App
	level   float64
}

func newCaption(a *App, l *look) *caption {
	c := &caption{look: l, a: a, box: l.panelBox(l.px(26)), bar: canvas.NewRectangle(l.pal.accent), choices: container.New(&flow{gap: l.px(10), width: l.px(500)})}
	c.heard = newParagraph(l, "", textBody, l.pal.quiet)
	c.answer = newParagraph(l, "", textLarge-2, l.pal.text)
	c.wrong = newPill(l, "undo", l.tr.t("talk.not_meant"), pillPlain, a.openCorrection).small()
	c.ExtendBaseWidget(c)
	c.Hide()
	return c
}

// Tapped keeps a touch from the mirror below.
func (c *caption) Tapped(*fyne.PointEvent) {}

// show takes the conversation as it is.
func (c *caption) show(t *talk) {
	l, tr := c.look, c.look.tr
	heard, answer := t.heard, ""
	switch {
	case t.state == talkOpening:
		heard = tr.t("talk.opening")
	case t.state == talkListening && heard == "":
		heard = tr.t("talk.listening")
	case t.state == talkThinking:
		answer = "…"
	case t.answered:
		answer = t.last.Text
	}
	c.level = t.level
	c.heard.setText(heard, l.pal.quiet)
	c.answer.setText(answer, l.pal.text)
	c.wrong.Hidden = !t.answered || t.state != talkIdle
	c.choices.Objects = nil
	for _, i := range t.choices {
		c.choices.Add(newPill(l, "", tr.t("intent."+string(i)), pillAccent, func() { c.a.correct(i) }).small())
	}
	show(c, heard != "" || answer != "")
	c.Refresh()
}

func (c *caption) CreateRenderer() fyne.WidgetRenderer {
	c.bar.CornerRadius = c.look.px(4)
	r := &objectsRenderer{objects: []fyne.CanvasObject{c.box, c.bar, c.heard, c.answer, c.wrong, c.choices}}
	r.least = func() fyne.Size { return fyne.NewSize(c.look.px(300), c.look.tap(54)) }
	r.place = func(s fyne.Size) { c.heightFor(s.Width) }
	r.refresh = func() { c.heightFor(c.Size().Width) }
	return r
}

// heightFor lays the caption out for a width and returns its height.
func (c *caption) heightFor(w float32) float32 {
	l := c.look
	pad, y := l.px(26), l.px(18)
	inner := w - 2*pad
	put(c.bar, rect{pad, l.px(9), max(inner*float32(c.level), 0.1), l.px(6)})
	c.bar.Hidden = c.level == 0
	for _, p := range []*paragraph{c.heard, c.answer} {
		p.Hidden = p.text == ""
		if p.Hidden {
			continue
		}
		p.within(inner)
		h := p.MinSize().Height
		put(p, rect{pad, y, inner, h})
		y += h + l.px(8)
	}
	if len(c.choices.Objects) > 0 {
		c.choices.Resize(fyne.NewSize(inner, 1))
		h := c.choices.MinSize().Height
		put(c.choices, rect{pad, y, inner, h})
		y += h + l.px(8)
	}
	if !c.wrong.Hidden {
		m := c.wrong.MinSize()
		put(c.wrong, rect{pad, y, m.Width, m.Height})
		y += m.Height + l.px(6)
	}
	y += l.px(10)
	put(c.box, rect{0, 0, w, y})
	return y
}

// placeCaption puts the caption where hints stand, as high as it needs.
func (p *mirrorPage) placeCaption() {
	if p.size.Width == 0 {
		return
	}
	h := p.at.hint
	put(p.caption, rect{h.x, h.y, h.w, p.caption.heightFor(h.w)})
}
