package app

import (
	"image"
	"image/color"
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
	"golang.org/x/image/draw"
)

// pictureView shows a picture whole, as large as its place lets it, with what
// paint draws over it, and tells of fingers on it in the picture's pixels.
type pictureView struct {
	widget.BaseWidget
	picture image.Image                        // nil: empty
	paint   func(dst *image.RGBA, at placedAt) // over it; nil: nothing
	began   func(x, y float32)                 // a finger or the mouse goes down and moves; nil: nothing is touched
	moved   func(x, y float32)
	ended   func()

	dragging bool
	raster   *canvas.Raster
	scaled   struct { // the picture at the size it is shown in
		of   image.Image
		size image.Point
		img  *image.RGBA
	}
}

// placedAt says where a picture lies in what is painted: pixel (x, y) of it at
// x·scale+dx, y·scale+dy.
type placedAt struct{ scale, dx, dy float32 }

func (p placedAt) to(x, y float32) (float32, float32) { return x*p.scale + p.dx, y*p.scale + p.dy }

func (p placedAt) from(x, y float32) (float32, float32) {
	return (x - p.dx) / p.scale, (y - p.dy) / p.scale
}

var (
	_ fyne.Draggable = (*pictureView)(nil)
	_ fyne.Tappable  = (*pictureView)(nil)
)

func newPictureView() *pictureView {
	v := &pictureView{}
	v.raster = canvas.NewRaster(v.render)
	v.ExtendBaseWidget(v)
	return v
}

// show changes the picture and paints it.
func (v *pictureView) show(img image.Image) {
	v.picture = img
	v.raster.Refresh()
}

// placed is where the picture lies in a place of that size.
func (v *pictureView) placed(w, h float32) placedAt {
	if v.picture == nil {
		return placedAt{scale: 1}
	}
	b := v.picture.Bounds()
	k := min(w/float32(b.Dx()), h/float32(b.Dy()))
	return placedAt{k, (w - k*float32(b.Dx())) / 2, (h - k*float32(b.Dy())) / 2}
}

// render paints at the screen's own pixels.
func (v *pictureView) render(w, h int) image.Image {
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	if v.picture == nil || w < 2 || h < 2 {
		return dst
	}
	at := v.placed(float32(w), float32(h))
	b := v.picture.Bounds()
	size := image.Pt(max(int(at.scale*float32(b.Dx())), 1), max(int(at.scale*float32(b.Dy())), 1))
	if v.scaled.of != v.picture || v.scaled.size != size {
		v.scaled.of, v.scaled.size = v.picture, size
		v.scaled.img = image.NewRGBA(image.Rectangle{Max: size})
		draw.ApproxBiLinear.Scale(v.scaled.img, v.scaled.img.Rect, v.picture, b, draw.Src, nil)
	}
	off := image.Pt(int(at.dx), int(at.dy))
	draw.Draw(dst, v.scaled.img.Rect.Add(off), v.scaled.img, image.Point{}, draw.Src)
	if v.paint != nil {
		v.paint(dst, placedAt{at.scale, float32(off.X), float32(off.Y)})
	}
	return dst
}

func (v *pictureView) at(p fyne.Position) (x, y float32) {
	s := v.Size()
	return v.placed(s.Width, s.Height).from(p.X, p.Y)
}

// Dragged begins with where the finger went down.
func (v *pictureView) Dragged(e *fyne.DragEvent) {
	if v.began == nil || v.picture == nil {
		return
	}
	if !v.dragging {
		v.dragging = true
		v.began(v.at(e.Position.Subtract(e.Dragged)))
	}
	v.moved(v.at(e.Position))
	v.raster.Refresh()
}

func (v *pictureView) DragEnd() {
	if v.dragging {
		v.dragging = false
		v.ended()
		v.raster.Refresh()
	}
}

// Tapped is a drag of no length.
func (v *pictureView) Tapped(e *fyne.PointEvent) {
	if v.began == nil || v.picture == nil {
		return
	}
	v.began(v.at(e.Position))
	v.ended()
	v.raster.Refresh()
}

func (v *pictureView) CreateRenderer() fyne.WidgetRenderer {
	r := &objectsRenderer{objects: []fyne.CanvasObject{v.raster}}
	r.least = func() fyne.Size { return fyne.NewSize(80, 80) }
	r.place = func(s fyne.Size) { put(v.raster, rect{0, 0, s.Width, s.Height}) }
	return r
}

// blendPixel lays a colour on a pixel, a 0..1 of it.
func blendPixel(dst *image.RGBA, x, y int, c color.NRGBA, a float32) {
	if !(image.Point{x, y}.In(dst.Rect)) || a <= 0 {
		return
	}
	a = min(a, 1) * float32(c.A) / 255
	p := dst.Pix[dst.PixOffset(x, y):]
	for i, v := range [3]uint8{c.R, c.G, c.B} {
		p[i] = uint8(float32(p[i])*(1-a) + float32(v)*a + 0.5)
	}
	p[3] = uint8(max(float32(p[3]), a*255))
}

// dot paints a disc with a soft edge.
func dot(dst *image.RGBA, x, y, radius float32, c color.NRGBA) {
	for py := int(y - radius - 1); py <= int(y+radius+1); py++ {
		for px := int(x - radius - 1); px <= int(x+radius+1); px++ {
			d := float32(math.Hypot(float64(float32(px)+0.5-x), float64(float32(py)+0.5-y)))
			blendPixel(dst, px, py, c, radius+0.5-d)
		}
	}
}

// stroke paints a line of a width, every pixel once.
func stroke(dst *image.RGBA, x0, y0, x1, y1, width float32, c color.NRGBA) {
	r := width / 2
	for py := int(min(y0, y1) - r - 1); py <= int(max(y0, y1)+r+1); py++ {
		for px := int(min(x0, x1) - r - 1); px <= int(max(x0, x1)+r+1); px++ {
			d := fromSegment(float32(px)+0.5, float32(py)+0.5, x0, y0, x1, y1)
			blendPixel(dst, px, py, c, r+0.5-d)
		}
	}
}

// fromSegment is how far a point lies from a segment.
func fromSegment(x, y, x0, y0, x1, y1 float32) float32 {
	dx, dy := x1-x0, y1-y0
	k := float32(0)
	if n := dx*dx + dy*dy; n > 0 {
		k = min(max(((x-x0)*dx+(y-y0)*dy)/n, 0), 1)
	}
	return float32(math.Hypot(float64(x-x0-k*dx), float64(y-y0-k*dy)))
}
