package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// sheet is a panel over the screen that one thing is done in. On a wide window
// it stands at the side, on a tall one it rises from the foot; in both the
// face stays in sight. A touch beside it closes it.
type sheet struct {
	root   *fyne.Container
	look   *look
	scroll *container.Scroll
	body   fyne.CanvasObject
	foot   fyne.CanvasObject  // nil: none; stays while the body scrolls
	tick   func()             // nil: none
	typed  func(fyne.KeyName) // nil: keys do nothing
	close  func()

	head  *widgetTitle
	box   *canvas.Rectangle
	veil  *tapCatcher
	guard *tapCatcher
	shade *canvas.Rectangle
	bare  bool // no darkening behind: the mirror is what is looked at
}

func newSheet(l *look, title string, body, foot fyne.CanvasObject, close func()) *sheet {
	s := &sheet{look: l, body: body, foot: foot, close: close}
	s.box = canvas.NewRectangle(l.pal.raised)
	s.box.CornerRadius, s.box.StrokeColor, s.box.StrokeWidth = l.px(28), l.pal.edge, 1
	s.shade = canvas.NewRectangle(l.pal.scrim)
	s.veil, s.guard = newTapCatcher(close), newTapCatcher(func() {})
	s.head = newWidgetTitle(l, title, close)
	s.scroll = l.scrolling(body)
	objects := []fyne.CanvasObject{s.shade, s.veil, s.box, s.guard, s.head, s.scroll}
	if foot != nil {
		objects = append(objects, foot)
	}
	s.root = placed(s.layout, objects...)
	return s
}

// clear leaves the mirror as bright as it is.
func (s *sheet) clear() *sheet {
	s.bare = true
	s.shade.Hide()
	return s
}

func (s *sheet) layout(w fyne.Size) {
	l := s.look
	put(s.shade, rect{0, 0, w.Width, w.Height})
	put(s.veil, rect{0, 0, w.Width, w.Height})
	m, pad := l.px(28), l.px(32)
	headH, footH := l.tap(64), float32(0)
	if s.foot != nil {
		footH = s.foot.MinSize().Height + l.px(18)
	}
	r := rect{0, m, min(l.px(620), w.Width-2*m), w.Height - 2*m}
	r.x = w.Width - m - r.w
	if w.Height > w.Width {
		r.x, r.w = m, w.Width-2*m
	}
	s.body.Resize(fyne.NewSize(r.w-2*pad, s.body.Size().Height)) // so that text knows its width
	need := s.body.MinSize().Height + headH + footH + 2*pad
	most := w.Height - 2*m
	if w.Height > w.Width {
		most = w.Height * 0.62
	}
	r.h = min(need, most)
	r.y = w.Height - m - r.h
	put(s.box, r)
	put(s.guard, r)
	put(s.head, rect{r.x + pad, r.y + pad*0.6, r.w - 1.5*pad, headH})
	top := r.y + pad*0.6 + headH + l.px(8)
	put(s.scroll, rect{r.x + pad, top, r.w - 2*pad + l.px(16), r.bottom() - pad - footH - top})
	if s.foot != nil {
		put(s.foot, rect{r.x + pad, r.bottom() - pad - footH + l.px(18), r.w - 2*pad, footH - l.px(18)})
	}
}

func (s *sheet) scrolled() fyne.Position { return s.scroll.Offset }
func (s *sheet) scrollTo(at fyne.Position) {
	s.scroll.Offset = at
	s.scroll.Refresh()
}

// tapCatcher takes taps and drags on an area so that nothing below does.
type tapCatcher struct {
	widget.BaseWidget
	tapped func()
}

func newTapCatcher(tapped func()) *tapCatcher {
	t := &tapCatcher{tapped: tapped}
	t.ExtendBaseWidget(t)
	return t
}

func (t *tapCatcher) Tapped(*fyne.PointEvent)    { t.tapped() }
func (t *tapCatcher) Dragged(*fyne.DragEvent)    {}
func (t *tapCatcher) DragEnd()                   {}
func (t *tapCatcher) Scrolled(*fyne.ScrollEvent) {}
func (t *tapCatcher) CreateRenderer() fyne.WidgetRenderer {
	return &objectsRenderer{least: func() fyne.Size { return fyne.Size{} }, place: func(fyne.Size) {}}
}

// widgetTitle is a sheet's head: its title and a button that closes it.
type widgetTitle struct {
	widget.BaseWidget
	look  *look
	title string
	shut  *pill
}

func newWidgetTitle(l *look, title string, close func()) *widgetTitle {
	t := &widgetTitle{look: l, title: title, shut: newPill(l, "close", "", pillPlain, close).small()}
	t.ExtendBaseWidget(t)
	return t
}

func (t *widgetTitle) CreateRenderer() fyne.WidgetRenderer {
	l := t.look
	text := l.bold(t.title, textTitle, l.pal.text)
	r := &objectsRenderer{objects: []fyne.CanvasObject{text, t.shut}}
	r.least = func() fyne.Size { return fyne.NewSize(l.px(200), l.tap(64)) }
	r.place = func(s fyne.Size) {
		b := t.shut.MinSize()
		text.Text = elide(t.title, s.Width-b.Width-l.px(12), measureLike(text))
		h := text.MinSize().Height
		put(text, rect{0, (s.Height - h) / 2, s.Width - b.Width, h})
		put(t.shut, rect{s.Width - b.Width, (s.Height - b.Height) / 2, b.Width, b.Height})
	}
	return r
}
