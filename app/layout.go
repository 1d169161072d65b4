package app

import "fyne.io/fyne/v2"

// places says where everything of the mirror page stands. It is worked out
// from the window alone, so that tests can look at every size.
type places struct {
	portrait bool
	brand    rect
	corner   rect // privacy, language, done: laid from the right
	hint     rect // where the mirror says what to do
	zoom     rect
	actions  []rect // one for each action, in order
	tools    rect   // filters and favourites
	status   rect
	card     rect
	rail     rect
	looks    [2]rect // the two names, side by side
	handle   rect    // where the wipe's handle moves, along x
	// face is kept free: nothing that a person touches or reads stands there.
	face rect
}

// labelHeight is how high a name in a comparison is, at scale 1.
const labelHeight = 118

// sizes are what the layout must know of the things it places.
type sizes struct {
	card    func(width float32) float32 // its height
	actions []float32                   // least widths
	tools   float32
	status  float32
	statusH float32
	brand   float32
	sides   bool // a comparison is shown
	corner  float32
	hintH   float32
}

// placesFor lays the mirror page out in a window.
func placesFor(l *look, w fyne.Size, z sizes) places {
	if w.Height > w.Width {
		return portraitPlaces(l, w, z)
	}
	return landscapePlaces(l, w, z)
}

func landscapePlaces(l *look, w fyne.Size, z sizes) places {
	m, top, pill, gap := l.px(40), l.px(34), l.tap(64), l.px(14)
	small := l.tap(54)
	side := max(l.px(210), z.status)
	for _, a := range z.actions {
		side = max(side, a)
	}
	toolsW := max(side, z.tools)
	var p places
	p.corner = rect{w.Width - m - z.corner, top, z.corner, small}
	p.brand = rect{m, top - l.px(6), min(z.brand, w.Width*0.34), l.px(66)}
	p.hint = rect{p.brand.right() + gap, top, p.corner.x - p.brand.right() - 2*gap, z.hintH}
	bottom := w.Height - l.px(30)
	p.rail = rect{m - l.px(8), bottom - l.px(192), w.Width - 2*m - toolsW - l.px(12), l.px(192)}
	p.tools = rect{w.Width - m - toolsW, p.rail.y + l.px(8), toolsW, pill}
	p.status = rect{p.tools.x, bottom - l.px(8) - z.statusH, toolsW, z.statusH}
	column := side
	if z.sides { // icons alone: two faces need the room
		column = pill
	}
	p.actions = columnUp(rect{w.Width - m - column, 0, column, p.tools.y - l.px(30)}, len(z.actions), pill, gap)
	p.zoom = rect{w.Width - m - small, p.corner.bottom() + gap, small, small}
	cardW := min(l.px(520), w.Width*0.31)
	cardH := z.card(cardW)
	p.card = rect{m, p.rail.y - l.px(18) - cardH, cardW, cardH}
	p.face = rect{p.card.right() + gap, w.Height * 0.1, 0, 0}
	p.face.w = p.actions[0].x - gap - p.face.x
	p.face.h = w.Height*0.76 - p.face.y
	p.looks = halves(l, rect{m, 0, p.actions[0].x - gap - m, p.rail.y - l.px(20)}, w.Width/2)
	if z.sides {
		p.face.x, p.face.h = m, p.looks[0].y-gap-p.face.y
		p.face.w = p.actions[0].x - gap - m
	}
	p.handle = rect{0, p.rail.y - l.px(20) - small, w.Width, small}
	return p
}

func portraitPlaces(l *look, w fyne.Size, z sizes) places {
	m, top, pill, gap := l.px(40), l.px(34), l.tap(64), l.px(14)
	small := l.tap(54)
	p := places{portrait: true}
	p.corner = rect{w.Width - m - z.corner, top, z.corner, small}
	p.brand = rect{m, top - l.px(6), min(z.brand, p.corner.x-m-gap), l.px(66)}
	p.hint = rect{m, p.corner.bottom() + l.px(26), w.Width - 2*m - small - gap, z.hintH}
	p.zoom = rect{w.Width - m - small, p.hint.y, small, small}
	bottom := w.Height - l.px(30)
	p.rail = rect{m - l.px(8), bottom - l.px(192), w.Width - 2*m + l.px(16), l.px(192)}
	cardW := w.Width - 2*m
	cardH := z.card(cardW)
	p.card = rect{m, p.rail.y - l.px(14) - cardH, cardW, cardH}
	p.actions = row(rect{m, p.card.y - l.px(22) - pill, cardW, pill}, z.actions, gap)
	y := p.actions[0].y - l.px(18) - pill
	p.tools = rect{m, y, z.tools, pill}
	p.status = rect{m + z.tools + gap, y + (pill-z.statusH)/2, cardW - z.tools - gap, z.statusH}
	p.face = rect{0, p.hint.bottom() + gap, w.Width, 0}
	p.face.h = y - gap - p.face.y
	p.looks = halves(l, rect{m, 0, cardW, p.card.bottom()}, w.Width/2)
	p.handle = rect{0, y - gap - small, w.Width, small}
	return p
}

// columnUp stacks n equal places upwards from the bottom of r.
func columnUp(r rect, n int, h, gap float32) []rect {
	out := make([]rect, n)
	y := r.bottom() - float32(n)*h - float32(n-1)*gap
	for i := range out {
		out[i] = rect{r.x, y, r.w, h}
		y += h + gap
	}
	return out
}

// row lays widths from the left; what is left over goes to all of them, so
// that the row ends where the panel below it ends.
func row(r rect, widths []float32, gap float32) []rect {
	sum := gap * float32(len(widths)-1)
	for _, w := range widths {
		sum += w
	}
	spare := (r.w - sum) / float32(len(widths))
	out := make([]rect, len(widths))
	x := r.x
	for i, w := range widths {
		out[i] = rect{x, r.y, w + spare, r.h}
		x += w + spare + gap
	}
	return out
}

// halves places the two names of a comparison at the foot of r, one on each
// side of the middle.
func halves(l *look, r rect, middle float32) (out [2]rect) {
	h, gap := l.px(labelHeight), r.x/2
	width := min(l.px(460), middle-gap-r.x, r.right()-middle-gap)
	out[0] = rect{r.x, r.bottom() - h, width, h}
	out[1] = rect{middle + gap, r.bottom() - h, width, h}
	return out
}
