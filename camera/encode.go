package camera

import (
	"errors"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"path/filepath"
	"strings"
)

// savedQuality of JPEG: no loss that is seen.
const savedQuality = 95

// pictureEncoder chooses by the ending of a file's name.
func pictureEncoder(path string) (func(io.Writer, image.Image) error, error) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".png":
		return png.Encode, nil
	case ".jpg", ".jpeg":
		return func(w io.Writer, m image.Image) error {
			return jpeg.Encode(w, m, &jpeg.Options{Quality: savedQuality})
		}, nil
	}
	return nil, errors.New("pictures are written as .png, .jpg or .jpeg")
}
