package app

import (
	"image"
	"math"
	"strconv"

	"golang.org/x/image/draw"
	"golang.org/x/image/math/f64"

	"cheval/catalog"
	"cheval/studio"
	"cheval/studio/enhance"
)

// turnedBy reads by how many degrees a picture was turned.
func turnedBy(steps []catalog.Step) float64 {
	for _, s := range steps {
		if s.Tool == "frame" {
			v, _ := strconv.ParseFloat(s.Parameters["turn"], 64)
			return v
		}
	}
	return 0
}

// framedBefore is the photo, untouched, so framed that its product lies where
// it lies in the picture that was made of it: what a split compares.
func framedBefore(c *studio.Cut, degrees float64, f enhance.Framing, size image.Rectangle) *image.RGBA {
	out := image.NewRGBA(size)
	x0, y0, x1, y1, ok := turnedBox(c.Alpha, degrees)
	if !ok {
		return out
	}
	long := math.Max(x1-x0, y1-y0) * (1 + 2*f.Margin/(1-2*f.Margin))
	k := float64(max(size.Dx(), size.Dy())) / long
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	cx, cy := float64(size.Dx())/2-k*(x0+x1)/2, float64(size.Dy())/2-k*(y0+y1)/2
	draw.ApproxBiLinear.Transform(out, f64.Aff3{k * cos, -k * sin, cx, k * sin, k * cos, cy}, c.Photo.Image, c.Photo.Image.Rect, draw.Src, nil)
	return out
}

// turnedBox is the box around what a mask covers after it was turned about its
// upper left corner.
func turnedBox(m *image.Alpha, degrees float64) (x0, y0, x1, y1 float64, ok bool) {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	x0, y0, x1, y1 = math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for y := range m.Rect.Dy() {
		row := m.Pix[y*m.Stride:][:m.Rect.Dx()]
		first, last := -1, -1
		for x, v := range row {
			if v >= 16 {
				if first < 0 {
					first = x
				}
				last = x
			}
		}
		if first < 0 {
			continue
		}
		ok = true
		for _, p := range [4][2]float64{{float64(first), float64(y)}, {float64(last + 1), float64(y)}, {float64(first), float64(y + 1)}, {float64(last + 1), float64(y + 1)}} {
			tx, ty := p[0]*cos-p[1]*sin, p[0]*sin+p[1]*cos
			x0, x1, y0, y1 = math.Min(x0, tx), math.Max(x1, tx), math.Min(y0, ty), math.Max(y1, ty)
		}
	}
	return x0, y0, x1, y1, ok
}
