package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"cheval/viewport"
)

// lookLabel names one half of a comparison; a touch makes the rail change that
// half.
type lookLabel struct {
	widget.BaseWidget
	look               *look
	name, price, facts string
	active             bool
	tapped             func()
}

var (
	_ fyne.Tappable      = (*lookLabel)(nil)
	_ desktop.Cursorable = (*lookLabel)(nil)
)

func newLookLabel(l *look, tapped func()) *lookLabel {
	b := &lookLabel{look: l, tapped: tapped}
	b.ExtendBaseWidget(b)
	b.Hide()
	return b
}

func (b *lookLabel) set(name, price, facts string, active bool) {
	if b.name == name && b.price == price && b.facts == facts && b.active == active {
		return
	}
	b.name, b.price, b.facts, b.active = name, price, facts, active
	b.Refresh()
}

func (b *lookLabel) Tapped(*fyne.PointEvent) { b.tapped() }
func (b *lookLabel) Cursor() desktop.Cursor  { return desktop.PointerCursor }

func (b *lookLabel) CreateRenderer() fyne.WidgetRenderer {
	l := b.look
	box := l.panelBox(l.px(22))
	name, price := l.bold("", textTitle-4, l.pal.text), l.text("", textLarge, l.pal.accentText)
	line := l.text("", textSmall+1, l.pal.quiet)
	price.Alignment = fyne.TextAlignTrailing
	r := &objectsRenderer{objects: []fyne.CanvasObject{box, name, price, line}}
	r.least = func() fyne.Size { return fyne.NewSize(l.px(240), l.px(112)) }
	r.place = func(s fyne.Size) {
		box.StrokeColor, box.StrokeWidth = l.pal.edge, 1
		if b.active {
			box.StrokeColor, box.StrokeWidth = l.pal.accent, l.px(3)
		}
		pad := l.px(24)
		w := s.Width - 2*pad
		price.Text = b.price
		name.Text = elide(b.name, w-price.MinSize().Width-l.px(12), measureLike(name))
		line.Text = elide(b.facts, w, measureLike(line))
		put(box, rect{0, 0, s.Width, s.Height})
		put(name, rect{pad, l.px(16), w, l.px(44)})
		put(price, rect{pad, l.px(16), w, l.px(44)})
		put(line, rect{pad, s.Height - l.px(48), w, l.px(30)})
	}
	r.refresh = func() { r.place(b.Size()) }
	return r
}

// wipeHandle is the grip of the wipe; the surface below it takes the drag.
type wipeHandle struct {
	widget.BaseWidget
	look   *look
	tapped func()
}

func newWipeHandle(l *look, tapped func()) *wipeHandle {
	h := &wipeHandle{look: l, tapped: tapped}
	h.ExtendBaseWidget(h)
	h.Hide()
	return h
}

// Tapped changes what the wipe compares with.
func (h *wipeHandle) Tapped(*fyne.PointEvent) { h.tapped() }

func (h *wipeHandle) Cursor() desktop.Cursor { return desktop.HResizeCursor }

func (h *wipeHandle) CreateRenderer() fyne.WidgetRenderer {
	l := h.look
	disc := canvas.NewCircle(l.pal.paper)
	left, right := l.icon("left", l.px(26), l.pal.ink), l.icon("right", l.px(26), l.pal.ink)
	r := &objectsRenderer{objects: []fyne.CanvasObject{disc, left, right}}
	r.least = func() fyne.Size { return fyne.NewSquareSize(l.tap(64)) }
	r.place = func(s fyne.Size) {
		put(disc, rect{0, 0, s.Width, s.Height})
		i := l.px(26)
		put(left, rect{s.Width/2 - i + l.px(2), (s.Height - i) / 2, i, i})
		put(right, rect{s.Width/2 - l.px(2), (s.Height - i) / 2, i, i})
	}
	return r
}

// peopleLayer puts a small mark over each face that is not the active one, so
// that it can be chosen; over the head, never over the face.
type peopleLayer struct {
	a     *App
	look  *look
	box   *fyne.Container
	pills []*pill
	ids   []int
}

const mostMarks = 4

func newPeopleLayer(a *App, l *look) *peopleLayer {
	p := &peopleLayer{a: a, look: l, box: container.NewWithoutLayout(), ids: make([]int, mostMarks)}
	for i := range mostMarks {
		b := newPill(l, "person", l.tr.t("people.choose"), pillQuiet, func() { a.chooseFace(p.ids[i]) }).small()
		b.Hide()
		p.pills = append(p.pills, b)
		p.box.Add(b)
	}
	return p
}

func (p *peopleLayer) refresh() {
	faces := p.a.status.Faces
	s := p.box.Size()
	for i, b := range p.pills {
		on := i+1 < len(faces) && p.a.view.Mode == viewport.Single
		show(b, on)
		if !on {
			continue
		}
		f := faces[i+1]
		p.ids[i] = f.ID
		r, m := f.Box.scaled(s), b.MinSize()
		x := min(max(r.x+r.w/2-m.Width/2, 0), s.Width-m.Width)
		put(b, rect{x, max(r.y-0.35*r.h-m.Height, 0), m.Width, m.Height})
	}
}
