//go:build !arm && !arm64 && !android && !ios && !gles && !wasm

package app

import (
	"image"

	"fyne.io/fyne/v2"
	"github.com/go-gl/gl/v2.1/gl"
)

// readBackBuffer returns the pixels of the window's back buffer, or nil where
// the window is not OpenGL's.
func readBackBuffer(w fyne.Window) *image.RGBA {
	g, ok := w.(interface{ RunWithContext(func()) })
	if !ok {
		return nil
	}
	c := w.Canvas()
	width, height := c.PixelCoordinateForPosition(fyne.NewPos(c.Size().Width, c.Size().Height))
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	g.RunWithContext(func() {
		gl.ReadBuffer(gl.BACK)
		gl.ReadPixels(0, 0, int32(width), int32(height), gl.RGBA, gl.UNSIGNED_BYTE, gl.Ptr(img.Pix))
	})
	return upright(img)
}
