// Package photo reads a merchant's photos: decoded within bounds and upright,
// judged (blurred, dark, overexposed, cropped at the edge, too small), and
// grouped where they are nearly the same.
//
// It leaves to others what becomes of a photo (studio/cutout, studio/enhance).
package photo

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"os"
	"path/filepath"

	"cheval/camera"
	"cheval/studio/internal/pixels"

	"gocv.io/x/gocv"
)

// MaxFile bounds a photo's file.
const MaxFile = 400 << 20

// Photo is one decoded photo.
type Photo struct {
	// Image is upright and opaque, with bounds from (0,0): transparent parts
	// lie on white, as ISNet and a shop's page expect.
	Image *image.RGBA
	// Alpha is the photo's own transparency, nil where it has none: such a
	// picture was cut out before.
	Alpha *image.Alpha
	// Animated says that only the first of several pictures was taken.
	Animated bool
}

// Read reads the photo at path. Errors are one sentence that names the file.
func Read(path string) (*Photo, error) {
	p, err := read(path)
	if err != nil {
		return nil, fmt.Errorf("photo: open %s: %w", filepath.Base(path), err)
	}
	return p, nil
}

func read(path string) (*Photo, error) {
	st, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, errors.New("there is no such file")
	case err != nil:
		return nil, err
	case !st.Mode().IsRegular():
		return nil, errors.New("it is no file; choose a picture")
	case st.Size() > MaxFile:
		return nil, fmt.Errorf("the file is over %d MB; save the picture smaller", MaxFile>>20)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxFile))
	if err != nil {
		return nil, err
	}
	return Decode(data)
}

// Decode decodes a photo from its bytes: what camera.DecodeImage reads, with
// JPEGs through libjpeg-turbo, whose smooth colour edges matter for cutting out
// and which is several times faster. Its errors do not name a file.
func Decode(data []byte) (*Photo, error) {
	if img, err := decodeJPEG(data); img != nil || err != nil {
		return &Photo{Image: img}, err
	}
	img, err := camera.DecodeImage(bytes.NewReader(data))
	if err != nil {
		return nil, plain(err)
	}
	alpha := transparency(img)
	if alpha != nil {
		onWhite(img)
	}
	return &Photo{Image: img, Alpha: alpha, Animated: animated(data)}, nil
}

// plain is what camera says, without its own beginning.
func plain(err error) error {
	if inner := errors.Unwrap(err); inner != nil {
		return inner
	}
	return err
}

// decodeJPEG decodes a JPEG of grey or YCbCr; nil for all else, which Go's own
// decoders know better.
func decodeJPEG(data []byte) (*image.RGBA, error) {
	if !bytes.HasPrefix(data, []byte("\xff\xd8\xff")) {
		return nil, nil
	}
	cfg, err := jpeg.DecodeConfig(bytes.NewReader(data))
	if err != nil || cfg.ColorModel == color.CMYKModel {
		return nil, nil
	}
	if w, h := int64(cfg.Width), int64(cfg.Height); min(w, h) < camera.MinSide || w*h > camera.MaxPixels {
		return nil, nil // and the other path says why
	}
	if !endsWhole(data) {
		return nil, errors.New("the JPEG file is cut off before its end; copy it again")
	}
	bgr, err := gocv.IMDecode(data, gocv.IMReadColor|gocv.IMReadIgnoreOrientation)
	if err != nil {
		return nil, nil
	}
	defer bgr.Close()
	if bgr.Empty() || bgr.Cols() != cfg.Width || bgr.Rows() != cfg.Height || bgr.Type() != gocv.MatTypeCV8UC3 {
		return nil, nil
	}
	img := image.NewRGBA(image.Rect(0, 0, cfg.Width, cfg.Height))
	rgba, err := pixels.RGBA(img)
	if err != nil {
		return nil, err
	}
	defer rgba.Close()
	gocv.CvtColor(bgr, &rgba, gocv.ColorBGRToRGBA)
	return camera.Upright(img, data), nil
}

// endsWhole looks for the end marker behind the picture's data, which
// libjpeg does without. In the data an 0xff is never followed by it.
func endsWhole(data []byte) bool {
	scan := bytes.LastIndex(data, []byte("\xff\xda"))
	return scan >= 0 && bytes.Contains(data[scan:], []byte("\xff\xd9"))
}

// animated looks for the marks of GIF and PNG that more pictures follow.
func animated(data []byte) bool {
	return bytes.HasPrefix(data, []byte("GIF8")) && bytes.Contains(data, []byte("NETSCAPE2.0")) ||
		bytes.HasPrefix(data, []byte("\x89PNG")) && bytes.Contains(data[:min(len(data), 4096)], []byte("acTL"))
}

// transparency returns the picture's alpha, nil where all is opaque.
func transparency(m *image.RGBA) *image.Alpha {
	opaque := true
	for i := 3; i < len(m.Pix) && opaque; i += 4 {
		opaque = m.Pix[i] == 255
	}
	if opaque {
		return nil
	}
	a := image.NewAlpha(m.Rect)
	for i := range a.Pix {
		a.Pix[i] = m.Pix[4*i+3]
	}
	return a
}

// onWhite makes a premultiplied picture opaque.
func onWhite(m *image.RGBA) {
	for i := 0; i+3 < len(m.Pix); i += 4 {
		white := 255 - m.Pix[i+3]
		m.Pix[i] += white
		m.Pix[i+1] += white
		m.Pix[i+2] += white
		m.Pix[i+3] = 255
	}
}
