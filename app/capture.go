package app

import (
	"image"

	"fyne.io/fyne/v2"
	"golang.org/x/image/draw"
)

// captureWindow returns what the window shows. Fyne reads the front buffer,
// which Mesa's software driver leaves blank under X; then the back buffer is
// read, where that driver keeps the frame it has just shown.
func captureWindow(w fyne.Window) *image.RGBA {
	img := toRGBA(w.Canvas().Capture())
	if !blank(img) {
		return img
	}
	if back := readBackBuffer(w); back != nil {
		return back
	}
	return img
}

func toRGBA(src image.Image) *image.RGBA {
	b := src.Bounds()
	img := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(img, img.Rect, src, b.Min, draw.Src)
	return img
}

// blank says whether a picture is one colour.
func blank(img *image.RGBA) bool {
	for i := 4; i < len(img.Pix); i += 4 {
		if [4]byte(img.Pix[i:i+4]) != [4]byte(img.Pix[:4]) {
			return false
		}
	}
	return true
}

// upright turns rows that count from below, as OpenGL's do, and makes them
// opaque.
func upright(img *image.RGBA) *image.RGBA {
	h, n := img.Rect.Dy(), img.Stride
	row := make([]byte, n)
	for y := range h / 2 {
		a, b := img.Pix[y*n:(y+1)*n], img.Pix[(h-1-y)*n:(h-y)*n]
		copy(row, a)
		copy(a, b)
		copy(b, row)
	}
	for i := 3; i < len(img.Pix); i += 4 {
		img.Pix[i] = 255
	}
	return img
}
