package camera

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"
)

// Bounds of a picture. They are checked on its header, before any pixel is
// decoded, because a file of a few kilobytes may declare gigabytes.
const (
	// MaxPixels is the largest picture that is decoded: 100 megapixels.
	MaxPixels = 100_000_000
	// MinSide is the shortest side that can still hold a face or a product.
	MinSide = 32
	// maxFileBytes bounds the file itself: 100 megapixels of uncompressed RGBA.
	maxFileBytes = 400 << 20
)

// limits are the bounds of one decoding; tests and fuzzing use tighter ones.
type limits struct {
	pixels int64
	bytes  int64
}

var standardLimits = limits{pixels: MaxPixels, bytes: maxFileBytes}

// ReadImage reads the picture file at path as DecodeImage does. Its errors
// name the file.
func ReadImage(path string) (*image.RGBA, error) {
	img, err := readImage(path, standardLimits)
	if err != nil {
		return nil, fmt.Errorf("camera: open %s: %w", filepath.Base(path), err)
	}
	return img, nil
}

func readImage(path string, lim limits) (*image.RGBA, error) {
	if err := checkFile(path); err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, plainOpenError(err)
	}
	defer f.Close()
	return decode(f, lim)
}

// DecodeImage decodes one picture: JPEG (grey, YCbCr, CMYK, YCCK), PNG (up to
// 16 bits), WebP, BMP, TIFF, or the first frame of a GIF, recognised by content
// and not by name. The result is 8 bits a channel, upright by the picture's
// EXIF orientation, with its bounds at (0,0); alpha is kept (premultiplied).
// Colour profiles are not applied: samples are taken as sRGB.
//
// What is not such a picture, is damaged, smaller than MinSide or larger than
// MaxPixels gives one sentence; size is judged before decoding.
func DecodeImage(r io.Reader) (*image.RGBA, error) {
	img, err := decode(r, standardLimits)
	if err != nil {
		return nil, fmt.Errorf("camera: read the picture: %w", err)
	}
	return img, nil
}

func decode(r io.Reader, lim limits) (*image.RGBA, error) {
	br := bufio.NewReaderSize(r, 4096)
	head, err := br.Peek(32)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("it cannot be read: %w", err)
	}
	format, err := sniff(head)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(br, lim.bytes+1))
	if err != nil {
		return nil, fmt.Errorf("it cannot be read: %w", err)
	}
	if int64(len(data)) > lim.bytes {
		return nil, fmt.Errorf("the file is over %d MB; save the picture smaller", lim.bytes>>20)
	}
	return decodeAs(format, data, lim)
}

// pictureFormat is a decoder and how to find the orientation in its files.
type pictureFormat struct {
	name   string
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
	exif   func([]byte) []byte
}

// sniff recognises a format by its first bytes.
func sniff(head []byte) (pictureFormat, error) {
	has := func(magic string) bool { return bytes.HasPrefix(head, []byte(magic)) }
	switch {
	case len(head) == 0:
		return pictureFormat{}, errors.New("the file is empty")
	case has("\xff\xd8\xff"):
		return pictureFormat{"JPEG", jpeg.DecodeConfig, jpeg.Decode, exifInJPEG}, nil
	case has("\x89PNG\r\n\x1a\n"):
		return pictureFormat{"PNG", png.DecodeConfig, png.Decode, exifInPNG}, nil
	case has("RIFF") && len(head) >= 12 && string(head[8:12]) == "WEBP":
		return pictureFormat{"WebP", webp.DecodeConfig, webp.Decode, exifInWebP}, nil
	case has("GIF87a"), has("GIF89a"):
		return pictureFormat{"GIF", gif.DecodeConfig, gif.Decode, noExif}, nil
	case has("II*\x00"), has("MM\x00*"):
		return pictureFormat{"TIFF", tiff.DecodeConfig, tiff.Decode, exifInTIFF}, nil
	case has("BM"):
		return pictureFormat{"BMP", bmp.DecodeConfig, bmp.Decode, noExif}, nil
	case len(head) >= 12 && string(head[4:8]) == "ftyp" && strings.Contains("heic heix heim heis hevc hevx mif1 msf1 avif avis", string(head[8:12])):
		return pictureFormat{}, errors.New("HEIC and AVIF are not supported; convert it to JPEG or PNG, or save it as JPEG on the phone")
	}
	return pictureFormat{}, errors.New("it is not a picture that Cheval reads (JPEG, PNG, WebP, BMP, TIFF, GIF)")
}

func decodeAs(format pictureFormat, data []byte, lim limits) (*image.RGBA, error) {
	cfg, err := format.config(bytes.NewReader(data))
	if err != nil {
		return nil, damaged(format.name, err)
	}
	if err := checkSize(cfg.Width, cfg.Height, lim.pixels); err != nil {
		return nil, err
	}
	img, err := format.decode(bytes.NewReader(data))
	if err != nil {
		return nil, damaged(format.name, err)
	}
	if err := checkSize(img.Bounds().Dx(), img.Bounds().Dy(), lim.pixels); err != nil {
		return nil, err
	}
	return turn(toRGBA(img), orientation(format.exif(data))), nil
}

func checkSize(w, h int, maxPixels int64) error {
	switch {
	case w < MinSide || h < MinSide:
		return fmt.Errorf("it is %d×%d pixels, too small; the shorter side needs at least %d", w, h, MinSide)
	case int64(w)*int64(h) > maxPixels:
		return fmt.Errorf("it is %d×%d pixels, over the limit of %d megapixels; save it smaller", w, h, maxPixels/1_000_000)
	}
	return nil
}

// damaged words a decoder's error. The decoders tell a missing end in several ways.
func damaged(format string, err error) error {
	text := err.Error()
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) ||
		strings.Contains(text, "unexpected EOF") || strings.Contains(text, "short") ||
		strings.Contains(text, "not enough") {
		return fmt.Errorf("the %s file is cut off before its end; copy it again", format)
	}
	if strings.Contains(text, "unsupported") {
		return fmt.Errorf("this kind of %s is not read (%w); save it as a plain JPEG or PNG", format, err)
	}
	return fmt.Errorf("the %s file is damaged (%w)", format, err)
}

// toRGBA returns img with 8 bits a channel and its bounds at (0,0).
func toRGBA(img image.Image) *image.RGBA {
	b := img.Bounds()
	if m, ok := img.(*image.RGBA); ok && b.Min == (image.Point{}) && m.Stride == 4*b.Dx() {
		return m
	}
	m := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(m, m.Bounds(), img, b.Min, draw.Src)
	return m
}

// flatten puts a picture with transparency on white, as paper would.
func flatten(m *image.RGBA) {
	for i := 0; i+3 < len(m.Pix); i += 4 {
		if a := m.Pix[i+3]; a != 255 {
			white := 255 - a
			m.Pix[i] += white
			m.Pix[i+1] += white
			m.Pix[i+2] += white
			m.Pix[i+3] = 255
		}
	}
}

// checkFile refuses what os.Open would accept but is no file to read.
func checkFile(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return plainOpenError(err)
	case info.IsDir():
		return errors.New("it is a folder; choose a file in it")
	case !info.Mode().IsRegular():
		return errors.New("it is not a regular file")
	case info.Size() == 0:
		return errors.New("the file is empty")
	}
	return nil
}

func plainOpenError(err error) error {
	switch {
	case errors.Is(err, os.ErrNotExist):
		return errors.New("there is no such file")
	case errors.Is(err, os.ErrPermission):
		return errors.New("this user may not read it; change its permissions")
	}
	return fmt.Errorf("it cannot be opened: %w", err)
}
