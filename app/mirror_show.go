package app

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"strconv"

	"fyne.io/fyne/v2"

	"cheval/catalog"
	"cheval/tryon/fit"
	"cheval/viewport"
)

// refresh shows what was chosen: products, card, modes.
func (p *mirrorPage) refresh() {
	sh := p.a.shopper
	p.rail.setCount(len(sh.shown))
	p.rail.reveal(sh.index())
	p.refreshModes()
	p.refreshCard()
	p.refreshStatus()
}

// bindTile fills one tile of the rail.
func (p *mirrorPage) bindTile(i int, t *tile) {
	sh, tr := p.a.shopper, p.look.tr
	if i < 0 || i >= len(sh.shown) {
		return
	}
	x := sh.shown[i]
	v := sh.variantOf(x)
	t.name, t.price = tr.of(x.Name), p.a.price(x.Variants[v].Price)
	t.selected = x == sh.worn || x == sh.second
	t.liked = sh.likes(x)
	t.note = p.a.reasonNote(x)
	t.picture = p.a.pictures.get(x, v, p.tilePicture(), p.rail.rebind)
}

// tilePicture is how many pixels a tile's picture has.
func (p *mirrorPage) tilePicture() image.Point {
	l := p.look
	scale := p.a.pixelScale()
	w := p.rail.step() - p.rail.gap() - 2*l.px(6)
	return image.Pt(int(w*scale), int(l.px(100)*scale))
}

func (p *mirrorPage) refreshModes() {
	a, sh, t := p.a, p.a.shopper, p.look.tr
	sides := a.view.Mode == viewport.SideBySide
	wipe := a.view.Mode == viewport.Wipe
	p.nameActions(wipe, sides)
	heart := "heart"
	if x := sh.active(); x != nil && sh.likes(x) {
		heart = "heart-full"
	}
	p.card.deeds[cardLike].set(heart, "", false)
	p.showBasket()
	p.likes.set("heart", likesLabel(len(sh.liked)), false)
	p.likes.setDisabled(len(sh.liked) == 0)
	p.filters.set("filters", likesLabel(sh.filters.active()), sh.filters.active() > 0)
	p.forYou.set("sparkle", t.t("for_you.title"), sh.forYou)
	p.forYou.setDisabled(a.suggest.ranker == nil)
	p.why.setDisabled(!sh.forYou)
	zoom := "zoom-in"
	if a.view.Zoom >= zoomSteps[len(zoomSteps)-1] {
		zoom = "zoom-out"
	}
	p.zoom.set(zoom, "", a.view.Zoom > 1)
	p.done.Hidden = !a.session.began
	p.showPanels()
	show(p.handle, wipe)
	if p.size.Width > 0 {
		p.layout(p.size)
	}
}

func show(o fyne.CanvasObject, on bool) {
	if on == o.Visible() {
		return
	}
	if on {
		o.Show()
	} else {
		o.Hide()
	}
}

func likesLabel(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// nameActions says which mode is on. Beside two faces there is no room for
// words in a wide window.
func (p *mirrorPage) nameActions(wipe, sides bool) {
	bare := sides && p.size.Width > p.size.Height
	on := [...]bool{wipe, sides, false, false}
	for i, b := range p.actions {
		label := p.look.tr.t(actionKeys[i].label)
		if bare {
			label = ""
		}
		b.set(actionKeys[i].icon, label, on[i])
	}
}

// showPanels shows the card, or the names of what is compared, or, where the
// card would cover a face, a name alone.
func (p *mirrorPage) showPanels() {
	a := p.a
	sides := a.view.Mode == viewport.SideBySide
	small := a.guard.covered && !sides
	show(p.card, !sides && !small && !a.view.Debug) // the overlay's figures need the room
	for i, b := range p.labels {
		on := sides || small && i == 0
		show(b, on)
		if on {
			p.showLabel(i, b)
		}
	}
}

func (p *mirrorPage) showLabel(i int, b *lookLabel) {
	sh, tr := p.a.shopper, p.look.tr
	x := sh.worn
	if i == 1 {
		x = sh.second
	}
	if x == nil {
		return
	}
	v := x.Variants[sh.variantOf(x)]
	b.set(tr.of(x.Name), p.a.price(v.Price), facts(tr.t("shape."+string(x.Eyewear.Shape)), tr.of(v.ColourName), x.Eyewear.Notation()), sh.side == i)
}

// refreshCard shows the active product and how it fits.
func (p *mirrorPage) refreshCard() {
	sh := p.a.shopper
	x := sh.active()
	if x == nil {
		p.card.Hide()
		return
	}
	p.card.set(p.factsOf(x))
	p.refreshSwatches(x)
}

func (p *mirrorPage) factsOf(x *catalog.Product) cardFacts {
	tr, sh := p.look.tr, p.a.shopper
	v := x.Variants[sh.variantOf(x)]
	f := cardFacts{
		name: tr.of(x.Name), price: p.a.price(v.Price),
		facts:     facts(tr.t("shape."+string(x.Eyewear.Shape)), tr.t("material."+string(x.Eyewear.Material)), tr.of(v.ColourName)),
		sizeLabel: tr.t("card.size"), faceText: tr.t("card.face"),
		size: facts(x.Eyewear.Notation(), tr.t("unit.mm", args{"mm": tr.mm(x.Eyewear.Overall())})),
	}
	p.addFit(&f)
	return f
}

// addFit says how the worn frame fits, or why that cannot be said.
func (p *mirrorPage) addFit(f *cardFacts) {
	tr, st := p.look.tr, &p.a.status
	if st.Fit != nil && st.Fit.Known && len(st.Faces) > 0 && !p.a.fit.warm(st.Faces[0].ID, p.a.now()) {
		f.face, f.tint, f.verdict = "—", p.look.pal.quiet, tr.t("fit.measuring")
		return
	}
	r := p.a.fit.settle(st.Fit, p.a.shopper.active().Eyewear.Overall(), st.Measure.PDmm, p.fitOf(), p.a.now())
	if r == nil {
		f.face, f.tint = "—", p.look.pal.quiet
		f.verdict = tr.t("fit.unknown")
		if len(st.Faces) > 0 && len(st.Hints) > 0 {
			f.verdict = tr.t("fit.unknown_hint", args{"hint": tr.t("hint." + string(st.Hints[0]))})
		}
		return
	}
	f.face = facts(tr.t("card.face_width", args{"mm": tr.mm(r.FaceWidthmm), "error": tr.mm(r.ErrorMM)}),
		tr.t("card.pd", args{"mm": tr.mm(p.a.fit.pd)}))
	p.a.followFit(p.a.shopper.active(), r.Width)
	f.fitKnown, f.fitMM = true, float32(math.Round(float64(r.Widthmm)))
	f.tint = p.bandColour(r.Width)
	f.verdict = p.verdict(r)
}

// fitOf names what a fit is of: product, colourway and face.
func (p *mirrorPage) fitOf() string {
	id := 0
	if f := p.a.status.Faces; len(f) > 0 {
		id = f[0].ID
	} else if p.a.fit.present { // a glance aside
		return p.a.fit.of
	}
	x := p.a.shopper.active()
	return fmt.Sprint(x.ID, " ", p.a.shopper.variantOf(x), " ", id)
}

func (p *mirrorPage) bandColour(b fit.Band) color.NRGBA {
	switch b {
	case fit.Good:
		return p.look.pal.good
	case fit.TooFar, fit.TooTight:
		return p.look.pal.bad
	}
	return p.look.pal.warn
}

// verdict is the sentence under the bar: the width first, then what else is
// not right.
func (p *mirrorPage) verdict(r *fit.Report) string {
	tr := p.look.tr
	mm := math.Round(float64(r.Widthmm))
	way := "same"
	switch {
	case mm <= -1:
		way = "narrower"
	case mm >= 1:
		way = "wider"
	}
	first := "fit.width." + string(r.Width)
	more := ""
	switch {
	case r.Bridge != fit.Good && r.Bridge != "":
		more = tr.t("fit.bridge." + string(r.Bridge))
	case r.Pupil != fit.Good && r.Pupil != "":
		more = tr.t("fit.pupil." + string(r.Pupil))
	}
	say := []string{"", tr.t("fit.by."+way, args{"mm": tr.mm(float32(math.Abs(mm)))})}
	if more != "" {
		say = append(say, more)
		if r.Width == fit.Good { // which is not all
			first = "fit.width_only"
		}
	}
	say[0] = tr.t(first)
	return tr.sentences(say...)
}

func (p *mirrorPage) refreshSwatches(x *catalog.Product) {
	sh := p.a.shopper
	cur := sh.variantOf(x)
	key := fmt.Sprint(x.ID, cur)
	if p.swatchesOf == key {
		return
	}
	p.swatchesOf = key
	var s []fyne.CanvasObject
	for i := range x.Variants {
		s = append(s, newSwatch(p.look, &x.Variants[i], i == cur, func() { p.a.chooseVariant(i) }))
	}
	p.card.setSwatches(s)
	if p.size.Width > 0 {
		p.layout(p.size)
	}
}
