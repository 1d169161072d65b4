//go:build arm || arm64 || android || ios || gles || wasm

package app

import (
	"image"

	"fyne.io/fyne/v2"
)

// readBackBuffer is not needed where Fyne draws with OpenGL ES.
func readBackBuffer(fyne.Window) *image.RGBA { return nil }
