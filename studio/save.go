package studio

import (
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"os"
	"path/filepath"
	"strings"

	"cheval/internal/wholefile"
)

// Save writes a picture to path as its ending says (.png, or .jpg and .jpeg,
// which know no transparency), whole or not at all.
func Save(path string, m *image.NRGBA) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("studio: write %s: %w", filepath.Base(path), err)
		}
	}()
	encode := func(w io.Writer) error { return Encode(w, m) }
	switch strings.ToLower(filepath.Ext(path)) {
	case ".png":
	case ".jpg", ".jpeg":
		if !m.Opaque() {
			return errors.New("a JPEG cannot be transparent: name it .png, or choose a background")
		}
		encode = func(w io.Writer) error { return jpeg.Encode(w, m, &jpeg.Options{Quality: 93}) }
	default:
		return errors.New("pictures are written as .png, .jpg or .jpeg")
	}
	return wholefile.Write(path, 0o644, func(f *os.File) error { return encode(f) })
}
