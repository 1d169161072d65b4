package app

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"cheval/viewport"
)

// mirrorPage is what a shopper sees: the mirror, and the controls that float
// over its lower third. It is built anew when language, size or settings
// change; what was chosen lives in shopper and stays.
type mirrorPage struct {
	a    *App
	look *look
	size fyne.Size
	at   places

	root    *fyne.Container
	surface *surface
	brand   *brand
	privacy *pill
	profile *pill
	lang    *languageSwitch
	done    *pill
	corner  *fyne.Container
	hint    *toast
	note    *toast
	zoom    *pill
	actions []*pill
	card    *detailCard
	rail    *rail
	filters *pill
	likes   *pill
	basket  *pill
	forYou  *pill
	why     *pill
	mic     *pill
	caption *caption
	tools   *fyne.Container
	status  *statusTag
	labels  [2]*lookLabel
	handle  *wipeHandle
	people  *peopleLayer
	trouble *troublePanel
	leaving *leavingPanel
	tour    *tourPanel
	undo    *pill

	swatchesOf string // product and variant whose swatches are shown
}

func newMirrorPage(a *App, l *look) *mirrorPage {
	p := &mirrorPage{a: a, look: l}
	p.buildTop()
	p.buildActions()
	p.buildProduct()
	p.surface = newSurface()
	p.wireSurface()
	p.people = newPeopleLayer(a, l)
	p.trouble = newTroublePanel(a, l)
	p.leaving = newLeavingPanel(a, l)
	p.tour = newTourPanel(a, l)
	p.caption = newCaption(a, l)
	p.undo = newPill(l, "undo", "", pillQuiet, nil)
	p.undo.Hide()
	objects := []fyne.CanvasObject{a.mirror.Object(), p.surface, p.people.box,
		p.handle, p.brand, p.corner, p.zoom}
	for _, b := range p.actions {
		objects = append(objects, b)
	}
	objects = append(objects, p.tools, p.status, p.card, p.labels[0], p.labels[1], p.rail, p.hint, p.note, p.undo, p.caption, p.trouble, p.leaving, p.tour)
	p.root = placed(p.layout, objects...)
	p.refresh()
	return p
}

func (p *mirrorPage) buildTop() {
	a, l, t := p.a, p.look, p.look.tr
	p.brand = newBrand(l, a.settings, a.logo(), a.openStaff)
	p.privacy = newPill(l, "shield", t.t("privacy.pill"), pillQuiet, a.openPrivacy).small()
	p.lang = newLanguageSwitch(l, a.toggleLanguage)
	p.done = newPill(l, "done", t.t("session.done"), pillQuiet, a.endSession).small()
	p.profile = newPill(l, "person", "", pillQuiet, a.openProfile).small()
	p.corner = container.New(&flowRight{gap: l.px(12)}, p.privacy, p.profile, p.lang, p.done)
	p.hint, p.note = newToast(l), newToast(l)
	p.zoom = newPill(l, "zoom-in", "", pillQuiet, p.cycleZoom).small()
	p.status = newStatusTag(l)
}

// actionKeys are the icons and texts of the actions, in order.
var actionKeys = [...]struct{ icon, label string }{
	{"before-after", "action.before_after"}, {"side-by-side", "action.side_by_side"},
	{"card", "action.measure"}, {"photo", "action.photo"},
}

func (p *mirrorPage) buildActions() {
	a, l, t := p.a, p.look, p.look.tr
	do := [...]func(){a.toggleWipe, a.toggleSides, a.openMeasure, a.takePhoto}
	for i, k := range actionKeys {
		style := pillQuiet
		if k.icon == "photo" {
			style = pillAccent
		}
		p.actions = append(p.actions, newPill(l, k.icon, t.t(k.label), style, do[i]))
	}
	p.filters = newPill(l, "filters", t.t("action.filters"), pillQuiet, a.openFilters)
	p.likes = newPill(l, "heart", "", pillQuiet, a.openLikes)
	p.basket = newPill(l, "basket", "", pillQuiet, a.openBasket)
	p.forYou = newPill(l, "sparkle", t.t("for_you.title"), pillQuiet, a.toggleForYou)
	p.why = newPill(l, "why", "", pillQuiet, a.openWhy)
	p.mic = newPill(l, "mic", "", pillQuiet, a.pressTalk)
	p.tools = container.New(&spread{gap: l.px(14)}, p.mic, p.forYou, p.why, p.filters, p.likes, p.basket)
}

func (p *mirrorPage) buildProduct() {
	a, l := p.a, p.look
	p.card = newDetailCard(l, a.dislike, a.toggleLike, a.toggleBasket)
	p.rail = newRail(l, p.bindTile, func(i int) { a.wear(a.shopper.shown[i]) })
	for i := range p.labels {
		p.labels[i] = newLookLabel(l, func() { a.chooseSide(i) })
	}
	p.handle = newWipeHandle(l, a.toggleBefore)
}

// layout places everything for a window of size s.
func (p *mirrorPage) layout(s fyne.Size) {
	l := p.look
	p.size = s
	sides := p.a.view.Mode == viewport.SideBySide
	z := sizes{sides: sides, brand: p.brand.MinSize().Width, card: p.card.heightFor, tools: p.tools.MinSize().Width, corner: p.corner.MinSize().Width, hintH: l.tap(54), status: p.status.measureStatus(), statusH: p.status.height()}
	if sides { // the names stand where the card stood
		z.card = func(float32) float32 { return l.px(labelHeight) }
	}
	for _, b := range p.actions {
		z.actions = append(z.actions, b.MinSize().Width)
	}
	p.at = placesFor(l, s, z)
	full := rect{0, 0, s.Width, s.Height}
	put(p.a.mirror.Object(), full)
	put(p.surface, full)
	put(p.people.box, full)
	p.shade((p.at.rail.y - l.px(40)) / s.Height)
	put(p.brand, p.at.brand)
	put(p.corner, p.at.corner)
	put(p.hint, p.at.hint)
	put(p.note, p.at.hint)
	put(p.zoom, p.at.zoom)
	p.placeUndo()
	p.placeCaption()
	put(p.tour, rect{p.at.hint.x, p.at.hint.y, p.at.hint.w, p.tour.heightFor(p.at.hint.w)})
	for i, b := range p.actions {
		put(b, p.at.actions[i])
	}
	put(p.tools, p.at.tools)
	p.status.middle = p.at.portrait
	put(p.status, p.at.status)
	put(p.card, p.at.card)
	put(p.rail, p.at.rail)
	for i, b := range p.labels {
		put(b, p.at.looks[i])
	}
	p.placeHandle()
	p.trouble.place(p.at, s)
	p.leaving.place(p.at, s)
	p.people.refresh()
}

// shade has the mirror darken below a height (0..1), so that the rail stands out
// from it. The mirror does that by the way; a gradient over it would take the
// window a seventh longer to paint.
func (p *mirrorPage) shade(from float32) {
	if p.a.view.ShadeFrom != from {
		p.a.view.ShadeFrom, p.a.view.ShadeBy = from, 0.59
		p.a.mirror.SetView(p.a.view)
	}
}

// placeHandle puts the grip on the wipe's line, at the foot of the mirror or,
// where a panel stands there, above it.
func (p *mirrorPage) placeHandle() {
	h := p.at.handle
	d, gap := p.look.tap(64), p.look.px(14)
	r := rect{h.x + h.w*p.a.view.WipeAt - d/2, h.y + h.h/2 - d/2, d, d}
	panels := append([]rect{p.at.card}, p.at.actions...)
	if p.at.portrait {
		panels = nil // the handle's own place is free
	}
	for _, o := range slices.Backward(panels) { // the actions stand one on the other
		if r.overlaps(o) {
			r.y = min(r.y, o.y-gap-d)
		}
	}
	put(p.handle, r)
}

// spread lays objects side by side over the whole width, each as wide as it
// needs and what is left over shared.
type spread struct{ gap float32 }

func (s *spread) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	widths := make([]float32, 0, len(objects))
	for _, o := range objects {
		widths = append(widths, o.MinSize().Width)
	}
	for i, r := range row(rect{0, 0, size.Width, size.Height}, widths, s.gap) {
		put(objects[i], r)
	}
}

func (s *spread) MinSize(objects []fyne.CanvasObject) fyne.Size {
	m := fyne.NewSize(s.gap*float32(len(objects)-1), 0)
	for _, o := range objects {
		m.Width += o.MinSize().Width
		m.Height = max(m.Height, o.MinSize().Height)
	}
	return m
}

// placeUndo keeps the undo button in the middle of where hints stand.
func (p *mirrorPage) placeUndo() {
	w := min(p.undo.MinSize().Width, p.at.hint.w)
	put(p.undo, rect{p.at.hint.x + (p.at.hint.w-w)/2, p.at.hint.y, w, p.look.tap(64)})
}

// flowRight lays what is visible side by side, ending at the right.
type flowRight struct{ gap float32 }

func (f *flowRight) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var s fyne.Size
	for _, o := range objects {
		if o.Visible() {
			m := o.MinSize()
			s.Width += m.Width + f.gap
			s.Height = max(s.Height, m.Height)
		}
	}
	return s.SubtractWidthHeight(min(f.gap, s.Width), 0)
}

func (f *flowRight) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	x := size.Width
	for i := len(objects) - 1; i >= 0; i-- {
		if o := objects[i]; o.Visible() {
			m := o.MinSize()
			x -= m.Width
			put(o, rect{x, 0, m.Width, size.Height})
			x -= f.gap
		}
	}
}
