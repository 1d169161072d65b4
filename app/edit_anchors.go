package app

import (
	"context"
	"image"
	"image/color"
	"slices"

	"fyne.io/fyne/v2"

	"cheval/catalog"
	"cheval/studio/anchor"
)

// The colours that anchors are drawn in, each on a dark edge.
var (
	lensLine    = color.NRGBA{64, 200, 255, 255}
	contourLine = color.NRGBA{255, 190, 60, 255}
	pointLine   = color.NRGBA{255, 90, 110, 255}
	underLine   = color.NRGBA{10, 12, 16, 150}
)

// anchorEditor shows where the parts of a frame were found in its photo, and
// lets them be dragged.
type anchorEditor struct {
	g    *editorPage
	x    *photoEdit
	view *pictureView
	held *anchorHandle // under the finger; nil: none
	last [2]float32
}

func (g *editorPage) anchorsTab() fyne.CanvasObject {
	e, l, t := g.e, g.look, g.look.tr
	if e.photo == "" {
		return g.noPhoto()
	}
	v := newPictureView()
	n := &anchorEditor{g: g, view: v}
	v.paint, v.began, v.moved, v.ended = n.paint, n.began, n.moved, n.ended
	strip := g.wornStrip()
	state := l.column(10)
	controls := l.column(16, g.whichPhoto(), l.body(t.t("edit.anchors.how"), l.pal.quiet))
	for _, o := range g.size() {
		controls.Add(o)
	}
	controls.Add(state)
	g.tab = func() {
		x := e.current()
		strip.show(x)
		g.fillAnchors(state, x)
		if x == nil {
			return
		}
		if n.x != x {
			n.x = x
			v.show(x.small.Photo.Image)
		}
		v.raster.Refresh()
	}
	g.tab()
	return g.workbench(v, strip.Container, controls)
}

// fillAnchors says what is measured and what is in doubt.
func (g *editorPage) fillAnchors(c *fyne.Container, x *photoEdit) {
	l, t, e := g.look, g.look.tr, g.e
	c.Objects = nil
	defer c.Refresh()
	if x == nil {
		c.Add(l.body(t.t("edit.photo.loading"), l.pal.quiet))
		return
	}
	if x.anchors == nil {
		if x.anchorsWhy != "" {
			c.Add(l.body(x.anchorsWhy, l.pal.bad))
		}
		return
	}
	a := x.anchors
	if m := a.Measured; a.MMPerPixel > 0 {
		mm := func(v float32) string { return t.t("unit.mm", args{"mm": sizeOf(float64(v))}) }
		c.Add(newPair(l, t.t("edit.measured.lens"), sizeOf(float64(m.Opening))+" × "+mm(m.Height)))
		c.Add(newPair(l, t.t("edit.measured.between"), mm(m.Between)))
		c.Add(newPair(l, t.t("edit.measured.width"), mm(m.FrontWidth)))
	}
	for _, d := range a.Doubts {
		c.Add(l.body(doubtText(t, d), l.pal.warn))
	}
	if len(a.Doubts) == 0 {
		c.Add(l.body(t.t("edit.anchors.sure"), l.pal.good))
	}
	if slices.ContainsFunc(a.Doubts, ofOutlines) {
		c.Add(l.chips(newPill(l, "check", t.t("edit.anchors.confirm"), pillPlain, func() {
			g.p.touched()
			confirmAnchors(a, e.hint())
			e.dragged(x)
		}).small()))
	}
	if len(a.Dragged) > 0 {
		c.Add(l.chips(newPill(l, "undo", t.t("edit.anchors.again"), pillPlain, func() { g.p.touched(); e.findAgain(x) }).small()))
	}
}

// dragged has the product worn anew after its anchors moved.
func (e *editing) dragged(x *photoEdit) {
	x.dragged = true
	e.touch()
	e.rewear()
	e.update()
}

// findAgain looks for the anchors anew and forgets what was dragged.
func (e *editing) findAgain(x *photoEdit) {
	hint, p := e.hint(), *x
	var a *catalog.Anchors
	e.finding.do(func(context.Context) (err error) {
		a, err = p.find(hint)
		return err
	}, func(err error) {
		if err != nil {
			e.fail(err)
			return
		}
		a.Picture = x.picture.Hash
		x.anchors = a
		e.dragged(x)
	})
}

// resize measures the anchors by the size that is typed now.
func (e *editing) resize() {
	if x := e.current(); x != nil && x.anchors != nil {
		anchor.Measure(x.anchors, e.hint())
		e.rewear()
		e.update()
	}
}

// rewear has the product drawn at five angles as it would be worn now, soon.
func (e *editing) rewear() {
	x := e.current()
	if x == nil || !e.isEyewear() || x.anchors == nil {
		return
	}
	t := e.a.look.tr
	if x.anchors.MMPerPixel <= 0 {
		x.wornWhy = t.t("edit.doubt.scale")
		return
	}
	job, hint, p := *x, e.hint(), *e.product
	job.anchors = cloneAnchors(x.anchors)
	i := variantOf(&p, x.picture)
	var worn *image.RGBA
	e.wearing.do(func(ctx context.Context) error {
		img, err := job.dressing()
		if err != nil {
			return err
		}
		job.dressed = &dressedPhoto{job.adjust, img}
		w, err := anchor.Wear(img, job.cut.Alpha, job.anchors, hint)
		if err != nil {
			return err
		}
		putOn(&p, i, w)
		worn, err = e.a.heads.draw(ctx, &p, i)
		return err
	}, func(err error) {
		x.wornWhy = ""
		if err != nil {
			x.wornWhy = err.Error()
		} else {
			x.worn, x.dressed = worn, job.dressed
		}
		e.update()
	})
}

// scale is how many of the photo's pixels one of the shown picture's is.
func (n *anchorEditor) scale() float32 {
	return float32(n.x.cut.Alpha.Rect.Dx()) / float32(n.x.small.Photo.Image.Rect.Dx())
}

// reachOf is how far from a handle a finger takes it, in the photo's pixels.
func (n *anchorEditor) reachOf() float32 {
	s := n.view.Size()
	return touch / 2 / n.view.placed(s.Width, s.Height).scale * n.scale()
}

func (n *anchorEditor) began(x, y float32) {
	n.g.p.touched()
	n.held = nil
	if n.x == nil || n.x.anchors == nil {
		return
	}
	k := n.scale()
	n.last = [2]float32{x * k, y * k}
	if h, ok := handleNear(n.x.anchors, x*k, y*k, n.reachOf()); ok {
		n.held = &h
	}
}

func (n *anchorEditor) moved(x, y float32) {
	if n.held == nil {
		return
	}
	k := n.scale()
	n.held.drag(n.x.anchors, x*k-n.last[0], y*k-n.last[1])
	n.last = [2]float32{x * k, y * k}
	anchor.Measure(n.x.anchors, n.g.e.hint())
	n.g.e.rewear()
}

func (n *anchorEditor) ended() {
	if n.held == nil {
		return
	}
	if slices.Contains(n.x.anchors.Dragged, n.held.name) {
		settleAnchors(n.x.anchors, n.g.e.hint())
		n.g.e.dragged(n.x)
	}
	n.held = nil
}

// paint draws outlines, edge, bridge and hinges with their handles.
func (n *anchorEditor) paint(dst *image.RGBA, at placedAt) {
	if n.x == nil || n.x.anchors == nil {
		return
	}
	a, k := n.x.anchors, n.scale()
	line := func(c [][2]float32, ink color.NRGBA) {
		for _, pass := range []struct {
			width float32
			ink   color.NRGBA
		}{{4.5, underLine}, {2.2, ink}} {
			for i := range c {
				p, q := c[i], c[(i+1)%len(c)]
				x0, y0 := at.to(p[0]/k, p[1]/k)
				x1, y1 := at.to(q[0]/k, q[1]/k)
				stroke(dst, x0, y0, x1, y1, pass.width, pass.ink)
			}
		}
	}
	line(a.Contour, contourLine)
	line(a.Outlines[0], lensLine)
	line(a.Outlines[1], lensLine)
	for _, h := range handlesOf(a) {
		p := h.at(a)
		x, y := at.to(p[0]/k, p[1]/k)
		ink, r := lensLine, float32(4.5)
		switch {
		case h.index < 0:
			ink, r = pointLine, 6.5
		case h.name == catalog.AnchorContour:
			ink = contourLine
		}
		if n.held != nil && *n.held == h {
			r += 3
		}
		dot(dst, x, y, r+1.5, underLine)
		dot(dst, x, y, r, ink)
	}
}
