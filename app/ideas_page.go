package app

import (
	"image/color"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"cheval/catalog"
	"cheval/studio/generate"
)

// ideasPage is the studio's screen for new products: a request in words or by
// chips, a wall of designs that fills as they come, and the chosen one beside
// it.
type ideasPage struct {
	p    *staffPage
	d    *ideas
	root *fyne.Container

	box     *canvas.Rectangle
	words   *widget.Entry
	deeds   *fyne.Container      // how many, seed, draw or stop, back
	kinds   *fyne.Container      // categories
	colours *fyne.Container      // and what designs are to be like
	shapes  *fyne.Container      // of eyewear
	rows    [3]*container.Scroll // that kinds, colours and shapes lie in
	said    *paragraph           // what was not understood, or why nothing can be drawn
	status  *canvas.Text
	wall    *widget.GridWrap
	side    *fyne.Container
	shows   mapOf // what the chosen one is shown with
	looked  *generate.Attention
	near    []remembered
	of      *idea // that looked, near and worn are of
	alike   []*catalog.Product
	worn    *canvas.Image // nil: not asked for
}

// mapOf is what is laid over the chosen design.
type mapOf uint8

const (
	mapNone mapOf = iota
	mapCategory
	mapQuality
	mapWorn // not a map: eyewear on the demo portrait
)

func newIdeasPage(p *staffPage) fyne.CanvasObject {
	g := &ideasPage{p: p, d: p.a.ideas}
	l := p.look
	g.d.page = g
	g.box = canvas.NewRectangle(l.pal.raised)
	g.box.CornerRadius = l.px(24)
	g.words = widget.NewEntry()
	g.words.SetPlaceHolder(l.tr.t("generate.words"))
	g.words.SetText(g.d.words)
	g.words.OnChanged = func(s string) {
		p.touched()
		g.d.hear(s)
		g.refreshRequest()
	}
	g.words.OnSubmitted = func(string) { g.begin() }
	g.deeds = container.New(&flow{gap: l.px(10), width: l.px(900)})
	g.kinds, g.colours, g.shapes = container.NewHBox(), container.NewHBox(), container.NewHBox()
	for i, c := range [...]*fyne.Container{g.kinds, g.colours, g.shapes} {
		g.rows[i] = container.NewHScroll(c)
	}
	g.said = l.body("", l.pal.warn)
	g.status = l.text("", textSmall+1, l.pal.quiet)
	g.status.Alignment = fyne.TextAlignTrailing
	g.wall = widget.NewGridWrap(func() int { return max(g.d.want, len(g.d.wall)) },
		func() fyne.CanvasObject { return newIdeaCell(l) },
		func(i widget.GridWrapItemID, o fyne.CanvasObject) { g.bind(i, o.(*ideaCell)) })
	g.side = container.NewStack()
	g.root = placed(g.layout, g.box, g.words, g.deeds, g.rows[0], g.rows[1], g.rows[2], g.said, g.status, g.wall, g.side)
	p.onTick = g.tick
	g.d.open()
	g.refresh()
	g.showChosen()
	return g.root
}

func (g *ideasPage) begin() {
	g.p.touched()
	if g.d.ready() {
		g.d.begin()
	}
}

// ready says whether what is asked for can be drawn.
func (d *ideas) ready() bool {
	return d.category == catalog.Worn || d.category != "" && d.maker != nil && len(d.maker.knows().Categories) > 0
}

// refresh shows everything anew, the chosen design where it is another.
func (g *ideasPage) refresh() {
	g.refreshRequest()
	g.refreshWall()
}

// refreshWall shows what changes while designs arrive.
func (g *ideasPage) refreshWall() {
	g.status.Text = g.progress()
	g.status.Refresh()
	g.wall.Refresh()
	if g.d.chosen != g.of {
		g.showChosen()
	}
}

func (g *ideasPage) tick() {
	if g.d.stop != nil {
		g.p.touched() // a wall that fills is not left alone
		g.status.Text = g.progress()
		g.status.Refresh()
	}
}

// progress is how far the wall is.
func (g *ideasPage) progress() string {
	d, t := g.d, g.p.look.tr
	if d.run == nil {
		return ""
	}
	seed, on := d.run.garment.Seed, "CPU"
	if d.run.eyewear {
		seed = d.run.frame.Seed
	} else if d.maker != nil && d.maker.runs() == "cuda" {
		on = "CUDA"
	}
	parts := []string{t.t("generate.of", args{"done": len(d.wall), "of": d.want})}
	if n := len(d.wall); d.stop != nil && n > 0 {
		left := time.Duration(float64(d.a.now().Sub(d.began)) / float64(n) * float64(d.want-n))
		parts = append(parts, t.t("generate.left", args{"s": int(math.Ceil(left.Seconds()))}))
	}
	return facts(append(parts, t.t("generate.seed", args{"seed": strconv.FormatInt(seed, 10)}), on)...)
}

// refreshRequest shows what is asked for.
func (g *ideasPage) refreshRequest() {
	g.showDeeds()
	g.showKinds()
	g.showColours()
	g.said.text = g.says()
	g.said.Refresh()
	if s := g.root.Size(); s.Width > 0 {
		g.layout(s)
	}
}

// says is what a person should know before anything is drawn.
func (g *ideasPage) says() string {
	d, t := g.d, g.p.look.tr
	switch {
	case d.failed != nil:
		return d.failed.Error()
	case d.maker != nil && len(d.maker.knows().Categories) == 0:
		return t.t("generate.none")
	case len(d.ignored) > 0:
		return t.t("generate.ignored", args{"words": strings.Join(d.ignored, t.t("generate.comma"))})
	}
	return ""
}

func (g *ideasPage) showDeeds() {
	d, l, t := g.d, g.p.look, g.p.look.tr
	g.deeds.Objects = nil
	add := func(icon, label string, style pillStyle, on bool, do func()) *pill {
		b := newPill(l, icon, label, style, func() {
			g.p.touched()
			do()
		}).small()
		b.on = on
		g.deeds.Add(b)
		return b
	}
	known := false
	for _, n := range ideaCounts {
		known = known || n == d.count
		add("", t.int(n), pillPlain, n == d.count, func() { d.count = n; g.refreshRequest() })
	}
	if !known {
		add("", t.int(d.count), pillPlain, true, func() {})
	}
	add("undo", t.t("generate.seed", args{"seed": strconv.FormatInt(d.seed, 10)}), pillPlain, false, func() { d.reseed(); g.refreshRequest() })
	if len(d.before) > 0 {
		add("back", t.t("generate.back"), pillPlain, false, d.back)
	}
	if d.stop != nil {
		add("stop", t.t("generate.stop"), pillPlain, false, func() { d.halt(); d.changed() })
		return
	}
	add("wand", t.t("generate.draw"), pillAccent, false, g.begin).setDisabled(!d.ready())
}

func (g *ideasPage) showKinds() {
	d, l, t := g.d, g.p.look, g.p.look.tr
	g.kinds.Objects = nil
	for _, c := range d.categories() {
		b := newPill(l, "", t.t("generate.category."+c), pillPlain, func() {
			g.p.touched()
			d.category = c
			g.refreshRequest()
		}).small()
		b.on = c == d.category
		g.kinds.Add(b)
	}
	g.kinds.Refresh()
}

func (g *ideasPage) showColours() {
	d, l, t := g.d, g.p.look, g.p.look.tr
	g.colours.Objects = nil
	any := newPill(l, "", t.t("generate.any_colour"), pillPlain, func() { d.colour = ""; g.refreshRequest() }).small()
	any.on = d.colour == ""
	g.colours.Add(any)
	for _, c := range d.colours() {
		g.colours.Add(newSwatch(l, colourway(c), c == d.colour, func() {
			g.p.touched()
			d.colour = c
			g.refreshRequest()
		}))
	}
	for _, p := range d.like {
		g.colours.Add(newPill(l, "close", t.t("looks.like", args{"name": t.of(p.Name)}), pillAccent, func() {
			d.like = nil
			g.refreshRequest()
		}).small())
	}
	g.colours.Refresh()
	g.shapes.Objects = nil
	if d.category == catalog.Worn {
		for _, s := range catalog.Shapes() {
			b := newPill(l, "", t.t("shape."+string(s)), pillPlain, func() {
				g.p.touched()
				if d.shape == s {
					s = ""
				}
				d.shape = s
				g.refreshRequest()
			}).small()
			b.on = s == d.shape
			g.shapes.Add(b)
		}
	}
	g.shapes.Refresh()
}

// garmentColours are what garments may be asked for in, in the order of chips.
var garmentColours = [...]string{"black", "white", "grey", "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "beige"}

// colours are what the chosen category may be asked for in.
func (d *ideas) colours() []string {
	if d.category == catalog.Worn {
		return slices.DeleteFunc(slices.Clone(catalog.Colours()), func(c string) bool {
			_, usual := catalog.Nominal(c)
			return !usual
		})
	}
	return garmentColours[:]
}

// colourway is a variant that has a colour's usual look.
func colourway(name string) *catalog.Variant {
	v := &catalog.Variant{}
	if c, ok := catalog.Nominal(name); ok {
		v.Frame.Base = c
	}
	return v
}

// bind fills a place on the wall.
func (g *ideasPage) bind(i int, cell *ideaCell) {
	d := g.d
	cell.idea, cell.tapped = nil, nil
	if i < len(d.wall) {
		x := d.wall[i]
		cell.idea = x
		cell.tapped = func() {
			g.p.touched()
			d.choose(x)
			g.wall.Refresh()
		}
	}
	cell.chosen = cell.idea != nil && cell.idea == d.chosen
	cell.other = cell.idea != nil && cell.idea == d.other
	cell.Refresh()
}

func (g *ideasPage) layout(s fyne.Size) {
	l := g.p.look
	put(g.status, rect{s.Width * 0.3, -l.px(64), s.Width * 0.7, l.px(30)})
	tall := s.Height > s.Width*1.05
	w, sideW := s.Width, min(l.px(430), s.Width*0.33)
	if !tall {
		w = s.Width - sideW - l.px(30)
	}
	y := g.placeRequest(w)
	if tall {
		sideH := s.Height * 0.36
		put(g.wall, rect{0, y, w, s.Height - y - sideH - l.px(20)})
		put(g.side, rect{0, s.Height - sideH, s.Width, sideH - l.px(30)})
		return
	}
	put(g.wall, rect{0, y, w, s.Height - y})
	put(g.side, rect{s.Width - sideW, 0, sideW, s.Height - l.px(30)})
}

// placeRequest lays the request's rows in its box and says where the wall
// begins.
func (g *ideasPage) placeRequest(w float32) float32 {
	l := g.p.look
	pad, gap := l.px(20), l.px(12)
	y := pad
	in := w - 2*pad
	h := l.tap(54)
	deeds := float32(0)
	for _, o := range g.deeds.Objects {
		deeds += o.MinSize().Width + l.px(10)
	}
	if deeds < in*0.62 {
		put(g.words, rect{pad, y, in - deeds - gap, h})
		put(g.deeds, rect{pad + in - deeds, y, deeds, h})
		y += h + gap
	} else {
		put(g.words, rect{pad, y, in, h})
		y += h + gap
		y = g.placeRow(g.deeds, pad, y, in) + gap
	}
	for i, c := range [...]*fyne.Container{g.kinds, g.colours, g.shapes} {
		show(g.rows[i], len(c.Objects) > 0)
		if len(c.Objects) == 0 {
			continue
		}
		h := c.MinSize().Height + l.px(16) // and the bar
		put(g.rows[i], rect{pad, y, in, h})
		y += h + gap/2
	}
	show(g.said, g.said.text != "")
	if g.said.text != "" {
		g.said.within(in)
		sh := g.said.MinSize().Height
		put(g.said, rect{pad, y + gap, in, sh})
		y += sh + gap
	}
	y += pad
	put(g.box, rect{0, 0, w, y})
	return y + l.px(16)
}

func (g *ideasPage) placeRow(c *fyne.Container, x, y, w float32) float32 {
	c.Resize(fyne.NewSize(w, 1))
	h := c.MinSize().Height
	put(c, rect{x, y, w, h})
	return y + h
}

// heat is the colour of what matters, over a picture.
func heat(l *look) color.NRGBA { return l.pal.bad }
