package app

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// ideaCell is a design on the wall: its picture on paper and its number, or a
// place where one is still being drawn.
type ideaCell struct {
	widget.BaseWidget
	look          *look
	idea          *idea // nil: still being drawn
	chosen, other bool
	tapped        func()
}

var (
	_ fyne.Tappable      = (*ideaCell)(nil)
	_ desktop.Cursorable = (*ideaCell)(nil)
)

func newIdeaCell(l *look) *ideaCell {
	c := &ideaCell{look: l}
	c.ExtendBaseWidget(c)
	return c
}

func (c *ideaCell) Tapped(*fyne.PointEvent) {
	if c.idea != nil && c.tapped != nil {
		c.tapped()
	}
}

func (c *ideaCell) Cursor() desktop.Cursor {
	if c.idea == nil {
		return desktop.DefaultCursor
	}
	return desktop.PointerCursor
}

func (c *ideaCell) CreateRenderer() fyne.WidgetRenderer {
	l := c.look
	ring, paper := canvas.NewRectangle(color.Transparent), canvas.NewRectangle(l.pal.paper)
	picture := canvas.NewImageFromImage(nil)
	picture.FillMode, picture.ScaleMode = canvas.ImageFillContain, canvas.ImageScaleSmooth
	number, waits := l.text("", textSmall-2, l.pal.pencil), l.text(l.tr.t("generate.drawing"), textSmall, l.pal.quiet)
	number.Alignment, waits.Alignment = fyne.TextAlignTrailing, fyne.TextAlignCenter
	kept := l.icon("check", l.px(24), readable(l.pal.good, l.pal.paper))
	r := &objectsRenderer{objects: []fyne.CanvasObject{ring, paper, picture, number, waits, kept}}
	r.least = func() fyne.Size { return fyne.NewSize(l.px(190), l.px(190)) }
	r.place = func(s fyne.Size) {
		pad := l.px(8)
		w, h := s.Width-2*pad, s.Height-2*pad
		put(ring, rect{pad / 2, pad / 2, w + pad, h + pad})
		put(paper, rect{pad, pad, w, h})
		in := l.px(10)
		put(picture, rect{pad + in, pad + in, w - 2*in, h - 2*in - l.px(16)})
		put(number, rect{pad + in, pad + h - l.px(28), w - 2*in, l.px(24)})
		put(waits, rect{pad, pad + h/2 - l.px(14), w, l.px(28)})
		put(kept, rect{pad + in, pad + in, l.px(24), l.px(24)})
	}
	r.refresh = func() {
		ring.CornerRadius, paper.CornerRadius = l.px(22), l.px(18)
		ring.StrokeColor, ring.StrokeWidth = l.pal.accent, l.px(4)
		if c.other {
			ring.StrokeColor, ring.StrokeWidth = alpha(l.pal.accent, 150), l.px(2)
		}
		ring.Hidden = !c.chosen && !c.other
		there := c.idea != nil
		paper.FillColor = l.pal.paper
		if !there {
			paper.FillColor = l.pal.raised
		}
		waits.Hidden, number.Hidden, picture.Hidden = there, !there, !there
		kept.Hidden = !there || c.idea.kept == ""
		picture.Image, number.Text = nil, ""
		if there {
			picture.Image, number.Text = c.idea.picture, c.idea.number()
		}
		picture.Refresh()
		r.place(c.Size())
	}
	r.refresh()
	return r
}
