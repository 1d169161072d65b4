package app

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// cardFacts is what a product's card says.
type cardFacts struct {
	name, price, facts  string
	size, face          string
	sizeLabel, faceText string
	verdict             string
	tint                color.NRGBA
	fitKnown            bool
	fitMM               float32
}

// detailCard is the panel of the product that is worn: what it is, what it
// costs, how large it is, and how it fits this face.
type detailCard struct {
	widget.BaseWidget
	look     *look
	facts    cardFacts
	swatches *fyne.Container
	bar      *fitBar
	verdict  *paragraph
	deeds    [3]*pill // not for me, like, into the basket
	width    float32  // that MinSize reckons with
}

// The places of a card's deeds.
const (
	cardDislike = iota
	cardLike
	cardBasket
)

func newDetailCard(l *look, dislike, like, basket func()) *detailCard {
	c := &detailCard{look: l, swatches: container.New(&flow{gap: 0}), bar: newFitBar(l)}
	c.deeds = [3]*pill{newPill(l, "thumb-down", "", pillPlain, dislike).small(),
		newPill(l, "heart", "", pillPlain, like).small(), newPill(l, "basket", "", pillPlain, basket).small()}
	c.verdict = newParagraph(l, "", textBody, l.pal.text)
	c.ExtendBaseWidget(c)
	return c
}

// set shows other facts; it redraws only what changed.
func (c *detailCard) set(f cardFacts) {
	if c.facts == f {
		return
	}
	c.facts = f
	c.bar.set(f.fitKnown, f.fitMM, f.tint)
	c.verdict.setText(f.verdict, c.look.pal.text)
	c.Refresh()
}

// setSwatches shows the colourways.
func (c *detailCard) setSwatches(s []fyne.CanvasObject) {
	c.swatches.Objects = s
	c.swatches.Refresh()
	c.Refresh()
}

// Tapped keeps a touch on the card from reaching the mirror below.
func (c *detailCard) Tapped(*fyne.PointEvent) {}

func (c *detailCard) CreateRenderer() fyne.WidgetRenderer {
	l := c.look
	r := &cardRenderer{c: c, box: l.panelBox(l.px(24)),
		name: l.bold("", textHuge, l.pal.text), price: l.text("", textTitle+2, l.pal.accentText),
		facts:     l.text("", textLarge-2, l.pal.quiet),
		sizeLabel: l.text("", textBody, l.pal.quiet), size: l.text("", textBody, l.pal.text),
		faceLabel: l.text("", textBody, l.pal.quiet), face: l.text("", textBody, l.pal.text),
	}
	r.price.Alignment, r.size.Alignment, r.face.Alignment = fyne.TextAlignTrailing, fyne.TextAlignTrailing, fyne.TextAlignTrailing
	return r
}

type cardRenderer struct {
	c               *detailCard
	box             *canvas.Rectangle
	name, price     *canvas.Text
	facts           *canvas.Text
	sizeLabel, size *canvas.Text
	faceLabel, face *canvas.Text
}

func (r *cardRenderer) update(width float32) {
	f := r.c.facts
	r.price.Text, r.sizeLabel.Text, r.size.Text = f.price, f.sizeLabel, f.size
	r.faceLabel.Text, r.face.Text = f.faceText, f.face
	inner := width - 2*r.pad()
	r.name.Text = elide(f.name, inner-r.price.MinSize().Width-r.c.look.px(16), measureLike(r.name))
	r.facts.Text = elide(f.facts, inner, measureLike(r.facts))
}

func (r *cardRenderer) pad() float32 { return r.c.look.px(32) }

func (r *cardRenderer) Layout(s fyne.Size) {
	r.c.width = s.Width
	r.update(s.Width)
	put(r.box, rect{0, 0, s.Width, s.Height})
	r.place(s.Width, put)
}

// place lays the rows for a width by put and returns the height they need.
func (r *cardRenderer) place(width float32, put func(fyne.CanvasObject, rect)) float32 {
	l, x := r.c.look, r.pad()
	w := width - 2*x
	y := l.px(24)
	row := func(o fyne.CanvasObject, h float32) { put(o, rect{x, y, w, l.px(h)}) }
	row(r.name, 58)
	row(r.price, 58)
	y += l.px(62)
	row(r.facts, 34)
	y += l.px(34) + l.px(10)
	indent, side, gap := (l.tap(56)-l.px(36))/2, l.tap(56), l.px(8)
	all := 3*side + 2*gap
	put(r.c.swatches, rect{x - indent, y, w + indent - all - gap, l.tap(56)})
	for i, b := range r.c.deeds {
		put(b, rect{x + w - all + float32(i)*(side+gap), y, side, side})
	}
	y += l.tap(56) + l.px(10)
	for _, pair := range [2][2]*canvas.Text{{r.sizeLabel, r.size}, {r.faceLabel, r.face}} {
		row(pair[0], 32)
		row(pair[1], 32)
		y += l.px(40)
	}
	y += l.px(4)
	put(r.c.bar, rect{x, y, w, l.px(22)})
	y += l.px(22) + l.px(10)
	lines := float32(2) // always, so that the card does not jump as the words change
	if w > l.px(800) {
		lines = 1
	}
	h := max(r.c.verdict.heightFor(w), lines*r.c.verdict.lineHeight())
	put(r.c.verdict, rect{x, y, w, h})
	return y + h + l.px(22)
}

// heightFor says how high the card is at a width.
func (c *detailCard) heightFor(width float32) float32 {
	c.width = width
	return c.MinSize().Height
}

// MinSize moves nothing: Fyne asks for it whenever it paints, and whatever
// moves has the window painted again, for ever.
func (r *cardRenderer) MinSize() fyne.Size {
	w := r.c.width
	if w == 0 {
		w = r.c.look.px(520)
	}
	return fyne.NewSize(r.c.look.px(360), r.place(w, func(fyne.CanvasObject, rect) {}))
}

func (r *cardRenderer) Refresh() {
	r.Layout(r.c.Size())
	canvas.Refresh(r.c)
}

func (r *cardRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.box, r.name, r.price, r.facts, r.c.swatches, r.c.deeds[0], r.c.deeds[1], r.c.deeds[2], r.sizeLabel, r.size,
		r.faceLabel, r.face, r.c.bar, r.c.verdict}
}
func (r *cardRenderer) Destroy() {}

// measureLike measures text as t would be drawn.
func measureLike(t *canvas.Text) func(string) float32 {
	return func(s string) float32 {
		size, _ := fyne.CurrentApp().Driver().RenderedTextSize(s, t.TextSize, t.TextStyle, t.FontSource)
		return size.Width
	}
}
