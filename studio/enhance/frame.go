package enhance

import (
	"fmt"
	"image"
	"image/color"
	"math"

	"cheval/studio/internal/pixels"

	"gocv.io/x/gocv"
)

// Framing says how a product lies in its picture.
type Framing struct {
	Turn   float64 // degrees, clockwise positive
	Margin float64 // around the product, as a part of the picture's side: 0..0.4
	Square bool    // a square picture; else the product's own proportions
	Size   int     // longer side in pixels; 0: as the photo has them
}

// Frame turns a cut-out, crops it to its margin and scales it. The product is
// in the middle.
func Frame(cut *image.NRGBA, f Framing) (*image.NRGBA, error) {
	if f.Margin < 0 || f.Margin > 0.4 || f.Size < 0 || f.Size > 8192 {
		return nil, fmt.Errorf("enhance: a margin of %.2f (0 to 0.4) and a size of %d (at most 8192) cannot be framed", f.Margin, f.Size)
	}
	box := turnedBounds(cut, f.Turn)
	if box.w <= 0 {
		return nil, fmt.Errorf("enhance: there is no product in the picture: correct its mask by brush")
	}
	w, h, scale := f.canvas(box)
	// An output pixel (x, y) is taken from R⁻¹((x,y)−centre)/scale + the box's
	// middle; OpenCV wants the way there.
	sin, cos := math.Sincos(f.Turn * math.Pi / 180)
	mx, my := box.x+box.w/2, box.y+box.h/2 // of the turned product
	matrix := [6]float64{
		scale * cos, -scale * sin, float64(w)/2 - scale*mx,
		scale * sin, scale * cos, float64(h)/2 - scale*my,
	}
	if scale < 0.7 { // by area, or fine texture aliases
		f.Size = 0
		whole, err := Frame(cut, f)
		if err != nil {
			return nil, err
		}
		return scaled(whole, w, h)
	}
	if f.Turn == 0 && scale == 1 {
		return shifted(cut, w, h, int(math.Round(matrix[2])), int(math.Round(matrix[5]))), nil
	}
	return warp(cut, w, h, matrix)
}

// canvas is the picture's size, and what the product is multiplied by.
func (f Framing) canvas(b box) (w, h int, scale float64) {
	inner := 1 - 2*f.Margin
	fw, fh := b.w/inner, b.h/inner
	if long := max(b.w, b.h) / inner; f.Margin > 0 { // the same margin all round
		pad := long * f.Margin
		fw, fh = b.w+2*pad, b.h+2*pad
	}
	if f.Square {
		fw = max(fw, fh)
		fh = fw
	}
	scale = 1
	if f.Size > 0 {
		scale = float64(f.Size) / max(fw, fh)
	}
	return max(1, int(math.Round(fw*scale))), max(1, int(math.Round(fh*scale))), scale
}

type box struct{ x, y, w, h float64 }

// turnedBounds is the box around the product after turning it about (0,0), in
// the middle coordinates of its pixels' edges.
func turnedBounds(cut *image.NRGBA, degrees float64) box {
	b := Bounds(cut)
	if b.Empty() {
		return box{}
	}
	if degrees == 0 {
		return box{float64(b.Min.X), float64(b.Min.Y), float64(b.Dx()), float64(b.Dy())}
	}
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	left, top, right, bottom := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	see := func(x, y float64) {
		tx, ty := x*cos-y*sin, x*sin+y*cos
		left, right = min(left, tx), max(right, tx)
		top, bottom = min(top, ty), max(bottom, ty)
	}
	for y := b.Min.Y; y < b.Max.Y; y++ {
		row := cut.Pix[y*cut.Stride:]
		first, last := -1, -1
		for x := b.Min.X; x < b.Max.X; x++ {
			if row[4*x+3] >= 16 {
				if first < 0 {
					first = x
				}
				last = x
			}
		}
		if first >= 0 {
			see(float64(first), float64(y))
			see(float64(first), float64(y+1))
			see(float64(last+1), float64(y))
			see(float64(last+1), float64(y+1))
		}
	}
	return box{left, top, right - left, bottom - top}
}

// shifted copies without resampling.
func shifted(cut *image.NRGBA, w, h, dx, dy int) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	at := cut.Rect.Add(image.Pt(dx, dy)).Intersect(out.Rect)
	for y := at.Min.Y; y < at.Max.Y; y++ {
		copy(out.Pix[y*out.Stride+4*at.Min.X:y*out.Stride+4*at.Max.X], cut.Pix[(y-dy)*cut.Stride+4*(at.Min.X-dx):])
	}
	return out
}

// warp resamples through a 2x3 matrix from cut to out, both in coordinates of
// pixel edges. Colours are multiplied by alpha meanwhile, so that empty pixels
// do not darken the edge.
func warp(cut *image.NRGBA, w, h int, matrix [6]float64) (*image.NRGBA, error) {
	from, err := pixels.RGBA(multiply(cut))
	if err != nil {
		return nil, err
	}
	defer from.Close()
	turned := image.NewRGBA(image.Rect(0, 0, w, h))
	to, err := pixels.RGBA(turned)
	if err != nil {
		return nil, err
	}
	defer to.Close()
	m := gocv.NewMatWithSize(2, 3, gocv.MatTypeCV64F)
	defer m.Close()
	// OpenCV's coordinates are of pixel middles.
	matrix[2] += 0.5*(matrix[0]+matrix[1]) - 0.5
	matrix[5] += 0.5*(matrix[3]+matrix[4]) - 0.5
	for i, v := range matrix {
		m.SetDoubleAt(i/3, i%3, v)
	}
	gocv.WarpAffineWithParams(from, &to, m, image.Pt(w, h), gocv.InterpolationCubic, gocv.BorderConstant, color.RGBA{})
	return divide(turned), nil
}

// scaled resamples a cut-out.
func scaled(cut *image.NRGBA, w, h int) (*image.NRGBA, error) {
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	if err := pixels.Scale(multiply(cut), out); err != nil {
		return nil, err
	}
	return divide(out), nil
}

// multiply puts alpha into the colours.
func multiply(m *image.NRGBA) *image.RGBA {
	out := image.NewRGBA(m.Rect)
	w := m.Rect.Dx()
	pixels.Rows(m.Rect.Dy(), func(from, to int) {
		for i := 4 * from * w; i < 4*to*w; i += 4 {
			switch a := uint32(m.Pix[i+3]); a {
			case 0:
			case 255:
				copy(out.Pix[i:i+4], m.Pix[i:i+4])
			default:
				for c := range 3 {
					out.Pix[i+c] = uint8((uint32(m.Pix[i+c])*a + 127) / 255)
				}
				out.Pix[i+3] = uint8(a)
			}
		}
	})
	return out
}

// divide takes alpha out of the colours, in place: the two kinds of picture
// share a layout.
func divide(m *image.RGBA) *image.NRGBA {
	w := m.Rect.Dx()
	pixels.Rows(m.Rect.Dy(), func(from, to int) {
		for i := 4 * from * w; i < 4*to*w; i += 4 {
			a := uint32(m.Pix[i+3])
			if a == 255 {
				continue
			}
			if a < 3 { // of which no colour is known
				clear(m.Pix[i : i+4])
				continue
			}
			for c := range 3 {
				m.Pix[i+c] = uint8(min(255, (uint32(m.Pix[i+c])*255+a/2)/a))
			}
		}
	})
	return &image.NRGBA{Pix: m.Pix, Stride: m.Stride, Rect: m.Rect}
}
