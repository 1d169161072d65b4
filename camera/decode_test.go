package camera

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

// scene is a picture whose four quarters can be told apart: red, green over
// blue, white.
func scene(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetRGBA(x, y, quarter(x < w/2, y < h/2))
		}
	}
	return m
}

func quarter(left, top bool) color.RGBA {
	switch {
	case left && top:
		return color.RGBA{200, 20, 20, 255}
	case top:
		return color.RGBA{20, 200, 20, 255}
	case left:
		return color.RGBA{20, 20, 200, 255}
	}
	return color.RGBA{230, 230, 230, 255}
}

// checkScene compares the middles of the quarters.
func checkScene(t *testing.T, m *image.RGBA, tolerance int) {
	t.Helper()
	b := m.Bounds()
	if b.Min != (image.Point{}) {
		t.Fatalf("bounds begin at %v, not at (0,0)", b.Min)
	}
	for _, top := range []bool{true, false} {
		for _, left := range []bool{true, false} {
			x, y := b.Dx()*3/4, b.Dy()*3/4
			if left {
				x = b.Dx() / 4
			}
			if top {
				y = b.Dy() / 4
			}
			if got, want := m.RGBAAt(x, y), quarter(left, top); !near(got, want, tolerance) {
				t.Errorf("pixel (%d,%d) is %v, want %v", x, y, got, want)
			}
		}
	}
}

func near(a, b color.RGBA, tolerance int) bool {
	d := func(x, y uint8) bool { return max(int(x)-int(y), int(y)-int(x)) <= tolerance }
	return d(a.R, b.R) && d(a.G, b.G) && d(a.B, b.B) && a.A == b.A
}

func encoded(t testing.TB, encode func(*bytes.Buffer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func jpegBytes(t testing.TB, m image.Image) []byte {
	return encoded(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, m, &jpeg.Options{Quality: 95}) })
}

func pngBytes(t testing.TB, m image.Image) []byte {
	return encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, m) })
}

// deep is the scene with 16 bits a channel.
func deep(w, h int) image.Image {
	m := image.NewNRGBA64(image.Rect(0, 0, w, h))
	s := scene(w, h)
	for y := range h {
		for x := range w {
			m.Set(x, y, s.At(x, y))
		}
	}
	return m
}

func paletted(m *image.RGBA) *image.Paletted {
	p := image.NewPaletted(m.Rect, color.Palette{quarter(true, true), quarter(false, true), quarter(true, false), quarter(false, false)})
	for y := range m.Rect.Dy() {
		for x := range m.Rect.Dx() {
			p.Set(x, y, m.At(x, y))
		}
	}
	return p
}

func TestEveryFormatDecodesToUprightRGBA(t *testing.T) {
	s := scene(64, 48)
	for name, data := range map[string][]byte{
		"JPEG":        jpegBytes(t, s),
		"PNG":         pngBytes(t, s),
		"16-bit PNG":  pngBytes(t, deep(64, 48)),
		"palette PNG": pngBytes(t, paletted(s)),
		"GIF":         encoded(t, func(b *bytes.Buffer) error { return gif.Encode(b, paletted(s), nil) }),
		"BMP":         encoded(t, func(b *bytes.Buffer) error { return bmp.Encode(b, s) }),
		"TIFF":        encoded(t, func(b *bytes.Buffer) error { return tiff.Encode(b, s, nil) }),
		"CMYK JPEG":   testFile(t, "cmyk.jpg"),
		"WebP":        testFile(t, "scene.webp"),
	} {
		t.Run(name, func(t *testing.T) {
			m, err := DecodeImage(bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			if m.Rect.Dx() != 64 || m.Rect.Dy() != 48 {
				t.Fatalf("size %v", m.Rect)
			}
			checkScene(t, m, 24)
		})
	}
}

func testFile(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestGreyPictureStaysGrey(t *testing.T) {
	g := image.NewGray(image.Rect(0, 0, 64, 64))
	for i := range g.Pix {
		g.Pix[i] = 120
	}
	for name, data := range map[string][]byte{"JPEG": jpegBytes(t, g), "PNG": pngBytes(t, g)} {
		m, err := DecodeImage(bytes.NewReader(data))
		if err != nil {
			t.Fatal(name, err)
		}
		if c := m.RGBAAt(30, 30); !near(c, color.RGBA{120, 120, 120, 255}, 2) {
			t.Errorf("%s: %v", name, c)
		}
	}
}

// exifTIFF is the smallest TIFF structure with an orientation.
func exifTIFF(order binary.AppendByteOrder, orientation uint16) []byte {
	b := []byte("II*\x00")
	if order.String() == "BigEndian" {
		b = []byte("MM\x00*")
	}
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 1)
	b = order.AppendUint16(b, orientationTag)
	b = order.AppendUint16(b, 3)
	b = order.AppendUint32(b, 1)
	b = order.AppendUint16(b, orientation)
	b = append(b, 0, 0)
	return order.AppendUint32(b, 0)
}

func withJPEGExif(data, tiff []byte) []byte {
	body := append([]byte("Exif\x00\x00"), tiff...)
	seg := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(body)+2))
	return bytes.Join([][]byte{data[:2], seg, body, data[2:]}, nil)
}

func withPNGExif(data, tiff []byte) []byte {
	const afterHeader = 8 + 25
	chunk := append([]byte("eXIf"), tiff...)
	var b []byte
	b = binary.BigEndian.AppendUint32(b, uint32(len(tiff)))
	b = append(b, chunk...)
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(chunk))
	return bytes.Join([][]byte{data[:afterHeader], b, data[afterHeader:]}, nil)
}

// stored is the scene as a camera that was held otherwise stores it: what
// turn(stored, o) sets upright.
func stored(o int) *image.RGBA {
	inverse := map[int]int{6: 8, 8: 6}
	if back, ok := inverse[o]; ok {
		o = back
	}
	return turn(scene(64, 48), o)
}

func TestExifOrientationIsApplied(t *testing.T) {
	for o := 1; o <= 8; o++ {
		for name, data := range map[string][]byte{
			"JPEG, Intel":    withJPEGExif(jpegBytes(t, stored(o)), exifTIFF(binary.LittleEndian, uint16(o))),
			"JPEG, Motorola": withJPEGExif(jpegBytes(t, stored(o)), exifTIFF(binary.BigEndian, uint16(o))),
			"PNG":            withPNGExif(pngBytes(t, stored(o)), exifTIFF(binary.BigEndian, uint16(o))),
		} {
			t.Run(fmt.Sprint(name, " ", o), func(t *testing.T) {
				m, err := DecodeImage(bytes.NewReader(data))
				if err != nil {
					t.Fatal(err)
				}
				if m.Rect.Dx() != 64 || m.Rect.Dy() != 48 {
					t.Fatalf("size %v", m.Rect)
				}
				checkScene(t, m, 24)
			})
		}
	}
}

// The turns against Exif 2.32's own words, on a picture of 2×1 pixels A B.
func TestTurnsAreThoseOfTheStandard(t *testing.T) {
	m := image.NewRGBA(image.Rect(0, 0, 2, 1))
	m.Pix[0], m.Pix[4] = 'A', 'B'
	for o, want := range map[int]string{1: "AB", 2: "BA", 3: "BA", 4: "AB", 5: "A/B", 6: "A/B", 7: "B/A", 8: "B/A"} {
		got := turn(m, o)
		var rows []string
		for y := range got.Rect.Dy() {
			var row []byte
			for x := range got.Rect.Dx() {
				row = append(row, got.Pix[y*got.Stride+4*x])
			}
			rows = append(rows, string(row))
		}
		if s := strings.Join(rows, "/"); s != want {
			t.Errorf("orientation %d gives %s, want %s", o, s, want)
		}
	}
}

func TestBadPicturesGetOneSentence(t *testing.T) {
	good := jpegBytes(t, scene(64, 48))
	huge := pngBytes(t, scene(64, 48))
	binary.BigEndian.PutUint32(huge[16:], 20000)
	binary.BigEndian.PutUint32(huge[20:], 20000)
	binary.BigEndian.PutUint32(huge[29:], crc32.ChecksumIEEE(huge[12:29]))
	flipped := pngBytes(t, scene(64, 48))
	flipped[50] ^= 0x55
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"empty":         {nil, "empty"},
		"text":          {[]byte("Dear customer, this is no picture.\n"), "not a picture"},
		"one byte":      {[]byte{0xff}, "not a picture"},
		"cut off JPEG":  {good[:len(good)/2], "cut off"},
		"cut off head":  {good[:20], "cut off"},
		"cut off PNG":   {pngBytes(t, scene(64, 48))[:60], "cut off"},
		"cut off TIFF":  {encoded(t, func(b *bytes.Buffer) error { return tiff.Encode(b, scene(64, 48), nil) })[:3000], "cut off"},
		"cut off WebP":  {testFile(t, "scene.webp")[:40], "cut off"},
		"1x1":           {pngBytes(t, scene(1, 1)), "1×1 pixels, too small"},
		"400 megapixel": {huge, "20000×20000 pixels, over the limit of 100 megapixels"},
		"HEIC":          {[]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), "convert it to JPEG"},
		"damaged":       {flipped, "damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := DecodeImage(bytes.NewReader(c.data))
			if err == nil {
				t.Fatal("was decoded")
			}
			if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("says %q, want one sentence with %q", err, c.want)
			}
		})
	}
}

func TestBadFilesAreNamed(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "letter.jpg")
	if err := os.WriteFile(text, []byte("Dear customer"), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		text:                         "letter.jpg: it is not a picture",
		filepath.Join(dir, "no.png"): "no.png: there is no such file",
		dir:                          "it is a folder",
	} {
		if _, err := OpenStill(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: says %v, want %q", path, err, want)
		}
	}
}

// A file may claim any number of bytes; reading stops at the limit.
func TestFileSizeIsBounded(t *testing.T) {
	data := append(pngBytes(t, scene(64, 48)), make([]byte, 1<<20)...)
	if _, err := decode(bytes.NewReader(data), limits{pixels: MaxPixels, bytes: 1 << 20}); err == nil || !strings.Contains(err.Error(), "over 1 MB") {
		t.Errorf("says %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	s := scene(40, 36)
	jpg := jpegBytes(f, s)
	f.Add(jpg)
	f.Add(withJPEGExif(jpg, exifTIFF(binary.LittleEndian, 6)))
	f.Add(withJPEGExif(jpg, exifTIFF(binary.BigEndian, 9)))
	f.Add(withPNGExif(pngBytes(f, s), exifTIFF(binary.BigEndian, 5)))
	f.Add(encoded(f, func(b *bytes.Buffer) error { return tiff.Encode(b, s, nil) }))
	f.Add(encoded(f, func(b *bytes.Buffer) error { return bmp.Encode(b, s) }))
	f.Add(encoded(f, func(b *bytes.Buffer) error { return gif.Encode(b, paletted(s), nil) }))
	f.Add(testFile(f, "cmyk.jpg"))
	f.Add(testFile(f, "scene.webp"))
	tiny, _ := base64.StdEncoding.DecodeString("Qk0=")
	f.Add(tiny)
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := decode(bytes.NewReader(data), limits{pixels: 1 << 16, bytes: 1 << 20})
		if err != nil {
			return
		}
		if m.Rect.Min != (image.Point{}) || m.Rect.Dx()*m.Rect.Dy() > 1<<16 || len(m.Pix) != 4*m.Rect.Dx()*m.Rect.Dy() {
			t.Fatalf("bounds %v with %d bytes", m.Rect, len(m.Pix))
		}
	})
}
