package app

import (
	"context"
	"image"
	"image/color"
	"slices"

	"fyne.io/fyne/v2"
	"golang.org/x/image/draw"

	"cheval/studio"
	"cheval/studio/brush"
)

// maskTint lies over what is taken away.
var maskTint = color.NRGBA{214, 40, 120, 150}

// maskBrush is the brush over a photo: what it draws with, and its stroke
// while it is drawn.
type maskBrush struct {
	g      *editorPage
	x      *photoEdit
	view   *pictureView
	erase  bool
	size   float64 // 0..1
	soft   float64
	points []brush.Point // of the stroke, in the photo's pixels; nil: none
	shown  *image.Alpha  // the mask at the preview's size, with the stroke so far
	live   *brush.Mask   // the same under the stroke
}

// maskTab shows the photo under its mask and the brush that corrects it.
func (g *editorPage) maskTab() fyne.CanvasObject {
	e, l, t := g.e, g.look, g.look.tr
	if e.photo == "" {
		return g.noPhoto()
	}
	v := newPictureView()
	b := &maskBrush{g: g, view: v, erase: true, size: 0.3, soft: 0.3}
	v.paint = b.paint
	v.began, v.moved, v.ended = b.began, b.moved, b.ended
	strip := g.wornStrip()
	controls := l.column(16)
	controls.Add(l.body(t.t("edit.photo.loading"), l.pal.quiet))
	g.tab = func() {
		x := e.current()
		strip.show(x)
		if x == nil {
			return
		}
		if b.x != x {
			b.x = x
			b.reset()
			g.fillMask(controls, b)
			v.show(x.small.Photo.Image)
		}
	}
	g.tab()
	return g.workbench(v, strip.Container, controls)
}

func (g *editorPage) fillMask(c *fyne.Container, b *maskBrush) {
	l, t := g.look, g.look.tr
	c.Objects = nil
	c.Add(g.whichPhoto())
	c.Add(l.body(t.t("edit.mask.how"), l.pal.quiet))
	c.Add(choices(g, []bool{true, false}, b.erase, func(erase bool) string {
		if erase {
			return t.t("edit.mask.erase")
		}
		return t.t("edit.mask.add")
	}, func(erase bool) { b.erase = erase; g.fillMask(c, b) }))
	c.Add(g.slider(t.t("edit.mask.size"), b.size, func(v float64) { b.size = v }))
	c.Add(g.slider(t.t("edit.mask.soft"), b.soft, func(v float64) { b.soft = v }))
	undo := newPill(l, "undo", t.t("edit.mask.undo"), pillPlain, func() { g.p.touched(); b.step((*brush.Mask).Undo) }).small()
	redo := newPill(l, "right", t.t("edit.mask.redo"), pillPlain, func() { g.p.touched(); b.step((*brush.Mask).Redo) }).small()
	c.Add(l.chips(undo, redo))
	c.Refresh()
}

// mask is the full mask under correction.
func (b *maskBrush) mask() *brush.Mask {
	if b.x.mask == nil {
		b.x.mask = brush.New(b.x.cut.Alpha)
	}
	return b.x.mask
}

// reset shows the mask as it is.
func (b *maskBrush) reset() {
	alpha := b.x.cut.Alpha
	if b.x.mask != nil {
		alpha = b.x.mask.Alpha()
	}
	small := image.NewAlpha(b.x.small.Photo.Image.Rect)
	draw.ApproxBiLinear.Scale(small, small.Rect, alpha, alpha.Rect, draw.Src, nil)
	b.live = brush.New(small)
	b.shown = b.live.Alpha()
	b.view.raster.Refresh()
}

// scale is how many of the photo's pixels one of the preview's is.
func (b *maskBrush) scale() float32 {
	return float32(b.x.cut.Alpha.Rect.Dx()) / float32(b.x.small.Photo.Image.Rect.Dx())
}

// radius is the brush's, in the preview's pixels: 0.2 to 10 hundredths of it.
func (b *maskBrush) radius() float32 {
	r := b.x.small.Photo.Image.Rect
	return float32(max(r.Dx(), r.Dy())) * (0.002 + 0.1*float32(b.size*b.size))
}

func (b *maskBrush) began(x, y float32) {
	b.g.p.touched()
	k := b.scale()
	b.points = []brush.Point{{X: x * k, Y: y * k}}
	b.live.Draw(b.stroke([]brush.Point{{X: x, Y: y}}, 1))
}

func (b *maskBrush) moved(x, y float32) {
	k := b.scale()
	last := b.points[len(b.points)-1]
	b.points = append(b.points, brush.Point{X: x * k, Y: y * k})
	b.live.Draw(b.stroke([]brush.Point{{X: last.X / k, Y: last.Y / k}, {X: x, Y: y}}, 1))
}

func (b *maskBrush) ended() {
	b.mask().Draw(b.stroke(b.points, b.scale()))
	b.points = nil
	b.recut()
}

func (b *maskBrush) stroke(points []brush.Point, scale float32) brush.Stroke {
	return brush.Stroke{Points: points, Radius: b.radius() * scale, Soft: float32(b.soft), Erase: b.erase}
}

// step takes a stroke back or does it again.
func (b *maskBrush) step(do func(*brush.Mask) image.Rectangle) {
	if !do(b.mask()).Empty() {
		b.recut()
	}
}

// recut cuts the product out anew by the mask as it is now.
func (b *maskBrush) recut() {
	b.reset()
	e, x := b.g.e, b.x
	now := x.mask.Alpha()
	alpha := &image.Alpha{Pix: slices.Clone(now.Pix), Stride: now.Stride, Rect: now.Rect} // strokes go on meanwhile
	strokes, before, base := x.mask.Strokes(), x.cut, x.base
	maker, _ := e.maker()
	x.changed = true
	e.touch()
	var cut, small *studio.Cut
	e.cutting.do(func(context.Context) (err error) {
		if cut, err = maker.Recut(before.Photo, alpha, strokes, before); err == nil {
			cut.Steps = append(slices.Clone(base), cut.Steps[len(cut.Steps)-1])
			small = smallCut(cut)
		}
		return err
	}, func(err error) {
		if err != nil {
			e.afterCut = nil
			e.fail(err)
			return
		}
		x.cut, x.small, x.made = cut, small, nil
		e.remake()
		e.rewear()
		if then := e.afterCut; then != nil && e.cutting.next == nil {
			e.afterCut = nil
			then()
		}
	})
}

// paint lays the tint over what is taken away.
func (b *maskBrush) paint(dst *image.RGBA, at placedAt) {
	if b.shown == nil {
		return
	}
	w, h := int(float32(b.shown.Rect.Dx())*at.scale), int(float32(b.shown.Rect.Dy())*at.scale)
	for y := range h {
		row := b.shown.Pix[min(int(float32(y)/at.scale), b.shown.Rect.Dy()-1)*b.shown.Stride:]
		for x := range w {
			v := row[min(int(float32(x)/at.scale), b.shown.Rect.Dx()-1)]
			if v < 255 {
				blendPixel(dst, x+int(at.dx), y+int(at.dy), maskTint, float32(255-v)/255)
			}
		}
	}
}
