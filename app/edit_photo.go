package app

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"os"
	"path/filepath"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"cheval/catalog"
	"cheval/studio"
	"cheval/studio/anchor"
	"cheval/studio/enhance"
	"cheval/studio/photo"
)

// openPhoto loads the photo that is open, finds its product and, of eyewear,
// its anchors; then the previews follow.
func (e *editing) openPhoto() {
	if e.photo == "" {
		return
	}
	if x := e.current(); x != nil {
		e.completePhoto(x)
		return
	}
	hash, x := e.photo, &photoEdit{}
	for _, o := range e.originals {
		if o.Hash == hash {
			x.picture = o
		}
	}
	of, eyewear, hint := e.product, e.isEyewear(), e.hint()
	maker, models := e.maker()
	e.loading.do(func(ctx context.Context) error {
		if err := x.load(ctx, e.a, of, maker, models); err != nil {
			return err
		}
		if eyewear {
			x.lookForAnchors(of, hint)
		}
		return nil
	}, func(err error) {
		if err != nil {
			if err == errNoModels && e.a.deskOpening {
				return // it is tried again when they are there
			}
			e.fail(err)
			return
		}
		x.changed = enhancedOf(of, hash) == nil
		e.photos[hash] = x
		if x.changed || x.anchors != nil && anchorsOf(of, hash) == nil {
			e.found()
		}
		e.completePhoto(x)
		e.update()
	})
}

// lookForAnchors takes the product's anchors of a photo or finds them.
func (p *photoEdit) lookForAnchors(of *catalog.Product, hint anchor.Hint) {
	if p.anchors = anchorsOf(of, p.picture.Hash); p.anchors != nil {
		return
	}
	a, err := p.find(hint)
	if err != nil {
		p.anchorsWhy = err.Error()
		return
	}
	a.Picture = p.picture.Hash
	p.anchors = a
}

// completePhoto makes what is not there yet of a loaded photo.
func (e *editing) completePhoto(x *photoEdit) {
	if x.made == nil {
		e.remake()
	}
	if !e.isEyewear() {
		return
	}
	if x.anchors == nil && x.anchorsWhy == "" {
		of, hint, next := e.product, e.hint(), *x
		e.finding.do(func(context.Context) error {
			next.lookForAnchors(of, hint)
			return nil
		}, func(error) {
			x.anchors, x.anchorsWhy = next.anchors, next.anchorsWhy
			e.found()
			e.rewear()
			e.update()
		})
		return
	}
	if x.worn == nil {
		e.rewear()
	}
}

// remake makes the open photo's preview anew, soon.
func (e *editing) remake() {
	x := e.current()
	if x == nil {
		return
	}
	small, plan := x.coloured(x.small, e.a.opts.Version)
	maker, _ := e.maker()
	var made *studio.Picture
	var before *image.RGBA
	e.making.do(func(ctx context.Context) (err error) {
		if made, err = maker.Make(ctx, small, plan); err == nil {
			before = framedBefore(small, turnedBy(made.Steps), plan.Framing, made.Image.Rect)
		}
		return err
	}, func(err error) {
		if err != nil {
			e.fail(err)
			return
		}
		x.made, x.before = made.Image, before
		e.update()
	})
}

// adjusted has previews follow a change of the open photo's pictures.
func (e *editing) adjusted() {
	if x := e.current(); x != nil {
		x.changed = true
	}
	e.touch()
	e.remake()
	e.rewear()
}

// photoTab shows the photo before and after, and what is done to it.
func (g *editorPage) photoTab() fyne.CanvasObject {
	e := g.e
	if e.photo == "" {
		return g.noPhoto()
	}
	v := newPictureView()
	split := &splitView{view: v, at: 0.5, line: g.look.pal.accent}
	v.began, v.moved, v.ended = split.drag, split.drag, func() {}
	v.paint = split.paint
	strip := g.wornStrip()
	controls := g.look.column(16)
	g.tab = func() {
		x := e.current()
		strip.show(x)
		if x == nil {
			return
		}
		if len(controls.Objects) <= 1 {
			g.fillPhoto(controls, x)
		}
		if x.made != nil {
			split.before = x.before
			v.show(x.made)
		}
	}
	controls.Add(g.look.body(g.look.tr.t("edit.photo.loading"), g.look.pal.quiet))
	g.tab()
	return g.workbench(v, strip.Container, controls)
}

// noPhoto asks for one.
func (g *editorPage) noPhoto() fyne.CanvasObject {
	l := g.look
	add := newPill(l, "photo", l.tr.t("edit.photo.add"), pillAccent, g.choosePhoto)
	return l.scrolling(l.column(18, l.body(l.tr.t("edit.photo.none"), l.pal.quiet), l.chips(add)))
}

// fillPhoto fills the controls of the photo tab.
func (g *editorPage) fillPhoto(c *fyne.Container, x *photoEdit) {
	l, t, e := g.look, g.look.tr, g.e
	c.Objects = nil
	c.Add(g.whichPhoto())
	for _, p := range x.cut.Problems {
		c.Add(l.body(problemText(t, p), l.pal.warn))
	}
	auto := newPill(l, "sparkle", t.t("edit.auto"), pillPlain, func() {
		g.p.touched()
		x.adjust, x.auto = enhance.Auto(x.cut.Estimate), true
		g.fillPhoto(c, x)
		e.adjusted()
	}).small()
	auto.on = x.auto
	straight := newPill(l, "check", t.t("edit.straighten"), pillPlain, func() {
		x.plan.Straighten = !x.plan.Straighten
		g.fillPhoto(c, x)
		e.adjusted()
	}).small()
	straight.on = x.plan.Straighten
	c.Add(l.chips(auto, straight))
	g.addSliders(c, x, auto)
	c.Add(g.named(t.t("edit.backdrop"), choices(g, []enhance.Backdrop{enhance.White, enhance.Grey, enhance.Transparent}, x.plan.Backdrop,
		func(b enhance.Backdrop) string { return t.t("edit.backdrop." + string(b)) },
		func(b enhance.Backdrop) { x.plan.Backdrop = b; g.fillPhoto(c, x); e.adjusted() })))
	c.Add(g.named(t.t("edit.shadow"), choices(g, []enhance.Shadow{enhance.NoShadow, enhance.Soft, enhance.Contact}, x.plan.Shadow,
		func(s enhance.Shadow) string { return t.t("edit.shadow." + string(s)) },
		func(s enhance.Shadow) { x.plan.Shadow = s; g.fillPhoto(c, x); e.adjusted() })))
	c.Add(g.named(t.t("edit.recolour"), g.colours(c, x)))
	if x.plan.Colour != "" {
		c.Add(l.chips(newPill(l, "check", t.t("edit.recolour.make"), pillAccent, func() { g.p.touched(); g.makeVariant(c, x) }).small()))
	}
	c.Refresh()
}

func (g *editorPage) addSliders(c *fyne.Container, x *photoEdit, auto *pill) {
	t, a := g.look.tr, &x.adjust
	for _, s := range []struct {
		key   string
		value *float64
	}{
		{"edit.learned", &a.Learned}, {"edit.white_balance", &a.WhiteBalance}, {"edit.exposure", &a.Exposure}, {"edit.local_contrast", &a.LocalContrast},
		{"edit.denoise", &a.Denoise}, {"edit.sharpness", &a.Sharpness},
	} {
		c.Add(g.slider(t.t(s.key), *s.value, func(v float64) {
			*s.value, x.auto = v, false
			auto.set("sparkle", auto.label, false)
			g.e.adjusted()
		}))
	}
}

// colours are dots of the colours that a product can be shown in.
func (g *editorPage) colours(c *fyne.Container, x *photoEdit) fyne.CanvasObject {
	l := g.look
	pick := func(name string) func() {
		return func() {
			g.p.touched()
			x.plan.Colour = name
			g.fillPhoto(c, x)
			g.e.remake() // what is saved of this photo keeps its own colour
		}
	}
	own := newPill(l, "", l.tr.t("edit.recolour.none"), pillPlain, pick("")).small()
	own.on = x.plan.Colour == ""
	dots := []fyne.CanvasObject{own}
	for _, name := range enhance.ColourNames() {
		rgb, err := enhance.ParseColour(name)
		if err == nil {
			dots = append(dots, newAccentDot(l, rgb, x.plan.Colour == name, pick(name)))
		}
	}
	return l.chips(dots...)
}

// whichPhoto chooses among the product's photos, or takes in another.
func (g *editorPage) whichPhoto() fyne.CanvasObject {
	l, e := g.look, g.e
	var chips []fyne.CanvasObject
	if len(e.originals) > 1 {
		for i, x := range e.originals {
			b := newPill(l, "", l.tr.int(i+1), pillPlain, func() {
				g.p.touched()
				e.photo = x.Hash
				g.showTab()
			}).small()
			b.on = x.Hash == e.photo
			chips = append(chips, b)
		}
	}
	return l.chips(append(chips, newPill(l, "photo", l.tr.t("edit.photo.add"), pillPlain, g.choosePhoto).small())...)
}

func (g *editorPage) choosePhoto() {
	g.p.touched()
	g.p.a.chooseFile(photoTypes, g.e.addPhoto)
}

// addPhoto takes a photo in; it becomes the product's when it is saved.
func (e *editing) addPhoto(path string) {
	var x catalog.Picture
	e.a.inBackground(func(context.Context) error {
		shot, err := photo.Read(path)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		hash, err := e.a.store.PutPicture(bytes.NewReader(data))
		x = catalog.Picture{Hash: hash, Role: catalog.Original, Name: filepath.Base(path), Width: shot.Image.Rect.Dx(), Height: shot.Image.Rect.Dy()}
		return err
	}, func(err error) {
		if err != nil {
			e.fail(err)
			return
		}
		known := false
		for _, o := range e.originals {
			known = known || o.Hash == x.Hash
		}
		if !known {
			e.originals = append(e.originals, x)
		}
		e.photo = x.Hash
		e.touch()
		if e.page != nil {
			e.page.showTab()
		}
	})
}

// problemText says what is wrong with a photo, with what was measured.
func problemText(t *translator, p photo.Problem) string {
	return t.t("edit.problem."+string(p.Kind), args{"measure": sizeOf(p.Measure), "limit": sizeOf(p.Limit)})
}

// splitView shows the photo at the left of a line and the picture made of it
// at the right; the line is dragged.
type splitView struct {
	view   *pictureView
	before *image.RGBA // of the picture's size
	at     float32     // of the width
	line   color.NRGBA
}

func (s *splitView) drag(x, _ float32) {
	if b := s.view.picture.Bounds(); b.Dx() > 0 {
		s.at = min(max(x/float32(b.Dx()), 0), 1)
	}
}

func (s *splitView) paint(dst *image.RGBA, at placedAt) {
	b := s.view.picture.Bounds()
	w, h := float32(b.Dx()), float32(b.Dy())
	x, _ := at.to(w*s.at, 0)
	if s.before != nil {
		for py := 0; py < int(h*at.scale); py++ {
			for px := 0; px < int(w*at.scale*s.at); px++ {
				sx, sy := int(float32(px)/at.scale), int(float32(py)/at.scale)
				q := image.Pt(px+int(at.dx), py+int(at.dy))
				if q.In(dst.Rect) {
					dst.SetRGBA(q.X, q.Y, s.before.RGBAAt(sx, sy))
				}
			}
		}
	}
	_, y0 := at.to(0, 0)
	_, y1 := at.to(0, h)
	stroke(dst, x, y0+2, x, y1-2, 3, s.line)
	dot(dst, x, (y0+y1)/2, 13, color.NRGBA{0, 0, 0, 90})
	dot(dst, x, (y0+y1)/2, 12, s.line)
}

// wornStrip shows the product worn at five angles, or why it is not.
type wornStrip struct {
	*fyne.Container
	image *canvas.Image
	why   *paragraph
	look  *look
	e     *editing
}

func (g *editorPage) wornStrip() *wornStrip {
	l := g.look
	s := &wornStrip{image: canvas.NewImageFromImage(nil), why: l.body("", l.pal.quiet), look: l, e: g.e}
	s.image.FillMode, s.image.CornerRadius = canvas.ImageFillContain, l.px(14)
	s.why.align = fyne.TextAlignCenter
	back := canvas.NewRectangle(l.pal.raised)
	back.CornerRadius = l.px(14)
	s.Container = placed(func(z fyne.Size) {
		put(back, rect{0, 0, z.Width, z.Height})
		put(s.image, rect{0, 0, z.Width, z.Height})
		put(s.why, rect{l.px(20), z.Height * 0.35, z.Width - l.px(40), z.Height * 0.6})
	}, back, s.why, s.image)
	return s
}

func (s *wornStrip) show(x *photoEdit) {
	show(s.Container, s.e.isEyewear())
	if !s.e.isEyewear() || x == nil {
		return
	}
	text := s.look.tr.t("catalogue.drawing")
	if x.wornWhy != "" {
		text = x.wornWhy
	}
	s.why.setText(text, s.look.pal.quiet)
	show(s.why, x.worn == nil || x.wornWhy != "")
	show(s.image, x.worn != nil && x.wornWhy == "")
	if x.worn != nil {
		s.image.Image = x.worn
		s.image.Refresh()
	}
}
