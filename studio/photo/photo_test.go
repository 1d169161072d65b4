package photo

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cheval/camera"
	"cheval/models/modelstest"
	"cheval/studio/internal/pixels"

	"gocv.io/x/gocv"
)

// portrait is the installed picture that may be shown to anybody.
func portrait(t testing.TB) *image.RGBA {
	t.Helper()
	p, err := Read(modelstest.Path(t, "demo_portrait"))
	if err != nil {
		t.Fatal(err)
	}
	return p.Image
}

func asJPEG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 92}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// withOrientation puts an Exif segment behind the JPEG's first marker.
func withOrientation(data []byte, o byte) []byte {
	exif := "\xff\xe1\x00\x22Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00" + string(o) + "\x00\x00\x00\x00\x00\x00"
	return append(append([]byte("\xff\xd8"), exif...), data[2:]...)
}

func TestPhotoStandsUprightAsTheCameraPackageReadsIt(t *testing.T) {
	m := portrait(t)
	for o := byte(1); o <= 8; o++ {
		data := withOrientation(asJPEG(t, m), o)
		got, err := Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		want, err := camera.DecodeImage(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if got.Image.Rect != want.Rect {
			t.Fatalf("orientation %d: %v, want %v", o, got.Image.Rect, want.Rect)
		}
		sum := 0
		for i := range want.Pix {
			d := int(want.Pix[i]) - int(got.Image.Pix[i])
			sum += d * d
		}
		if mean := float64(sum) / float64(len(want.Pix)); mean > 12 { // of colour edges
			t.Errorf("orientation %d: mean square difference %.1f", o, mean)
		}
	}
}

func TestWhatIsNoPhotoIsSaidInOneSentence(t *testing.T) {
	whole := asJPEG(t, portrait(t))
	bomb := png8(t, 40, 40)
	copy(bomb[16:], "\x00\x00\xff\xff\x00\x00\xff\xff") // says 65535x65535
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"cut off": {whole[:len(whole)/2], "cut off"},
		"empty":   {nil, "empty"},
		"text":    {[]byte("this is a letter to the merchant, and no picture"), "not a picture"},
		"HEIC":    {[]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), "not supported; convert it to"},
		"AVIF":    {[]byte("\x00\x00\x00\x18ftypavif\x00\x00\x00\x00mif1avif"), "not supported; convert it to"},
		"bomb":    {bomb, ""},
		"tiny":    {png8(t, 3, 3), "too small"},
	} {
		p, err := Decode(c.data)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "camera:") {
			t.Errorf("%s: %v, %v; want %q", name, p, err, c.want)
		}
	}
}

func png8(t testing.TB, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewRGBA(image.Rect(0, 0, w, h))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestTransparentPictureLiesOnWhiteAndKeepsItsAlpha(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 60, 40))
	for y := range 40 {
		for x := 20; x < 60; x++ {
			m.SetNRGBA(x, y, color.NRGBA{200, 0, 0, 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	p, err := Decode(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if p.Alpha == nil || p.Alpha.AlphaAt(5, 5).A != 0 || p.Alpha.AlphaAt(30, 5).A != 255 {
		t.Error("alpha is lost")
	}
	if got := p.Image.RGBAAt(5, 5); got != (color.RGBA{255, 255, 255, 255}) {
		t.Errorf("background %v", got)
	}
}

func TestCMYK16BitAndAnimatedPicturesAreRead(t *testing.T) {
	deep := image.NewNRGBA64(image.Rect(0, 0, 50, 50))
	for i := range deep.Pix {
		deep.Pix[i] = 0xff
	}
	var b bytes.Buffer
	if err := png.Encode(&b, deep); err != nil {
		t.Fatal(err)
	}
	if p, err := Decode(b.Bytes()); err != nil || p.Image.RGBAAt(9, 9).R != 255 {
		t.Errorf("16 bits: %v", err)
	}
	cmyk, err := os.ReadFile("testdata/cmyk.jpg")
	if err != nil {
		t.Fatal(err)
	}
	if p, err := Decode(cmyk); err != nil || p.Image.RGBAAt(40, 40).R < 120 || p.Image.RGBAAt(40, 40).B > 100 {
		t.Errorf("CMYK: %v", err)
	}
	frame := image.NewPaletted(image.Rect(0, 0, 40, 40), color.Palette{color.White, color.Black})
	b.Reset()
	if err := gif.EncodeAll(&b, &gif.GIF{Image: []*image.Paletted{frame, frame}, Delay: []int{9, 9}}); err != nil {
		t.Fatal(err)
	}
	if p, err := Decode(b.Bytes()); err != nil || !p.Animated {
		t.Errorf("animated: %v", err)
	}
}

func TestReadNamesTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shoes.jpg")
	if err := os.WriteFile(path, []byte("no"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{path, path + ".gone", filepath.Dir(path)} {
		if _, err := Read(p); err == nil || !strings.Contains(err.Error(), filepath.Base(p)) {
			t.Errorf("%v", err)
		}
	}
}

// changed is the picture as a second shot would be: nearer, brighter.
func changed(m *image.RGBA, crop, gain float64) *image.RGBA {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	dx, dy := int(crop*float64(w)), int(crop*float64(h))
	out := image.NewRGBA(image.Rect(0, 0, w-2*dx, h-2*dy))
	for y := range out.Rect.Dy() {
		copy(out.Pix[y*out.Stride:(y+1)*out.Stride], m.Pix[(y+dy)*m.Stride+4*dx:])
	}
	for i := range out.Pix {
		if i%4 != 3 {
			out.Pix[i] = uint8(min(255, float64(out.Pix[i])*gain))
		}
	}
	return out
}

func prints(t testing.TB, pictures ...*image.RGBA) (out []Print) {
	t.Helper()
	for _, m := range pictures {
		p, err := PrintOf(m)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
	return out
}

func TestNearDuplicatesAreGroupedAndColourwaysAreNot(t *testing.T) {
	m := portrait(t)
	blue := changed(m, 0, 1)
	for i := 0; i < len(blue.Pix); i += 4 {
		blue.Pix[i], blue.Pix[i+2] = blue.Pix[i+2], blue.Pix[i]
	}
	other := changed(m, 0.3, 1)
	got := Groups(prints(t, other, m, blue, changed(m, 0.02, 1.05), changed(m, 0, 0.95)))
	if fmt.Sprint(len(got)) != "1" || fmt.Sprint(got[0].Photos) != "[1 3 4]" || got[0].Bits[0] != 0 {
		t.Errorf("groups %+v, want photos 1, 3 and 4", got)
	}
}

func kinds(t testing.TB, m *image.RGBA, alpha *image.Alpha) string {
	t.Helper()
	problems, err := Judge(m, alpha)
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, p := range problems {
		out = append(out, string(p.Kind))
	}
	return strings.Join(out, " ")
}

func TestUnfitPhotosAreToldFromFitOnes(t *testing.T) {
	m := portrait(t)
	middle := image.NewAlpha(m.Rect)
	for y := 100; y < 400; y++ {
		for x := 100; x < 400; x++ {
			middle.Pix[y*middle.Stride+x] = 255
		}
	}
	soft := image.NewRGBA(m.Rect)
	func() {
		from, err := pixels.RGBA(m)
		if err != nil {
			t.Fatal(err)
		}
		defer from.Close()
		to, err := pixels.RGBA(soft)
		if err != nil {
			t.Fatal(err)
		}
		defer to.Close()
		gocv.GaussianBlur(from, &to, image.Point{}, 3, 3, gocv.BorderReplicate)
	}()
	atEdge := image.NewAlpha(m.Rect)
	for i := range atEdge.Pix[:300*atEdge.Stride] {
		atEdge.Pix[i] = 255
	}
	for name, c := range map[string]struct {
		m     *image.RGBA
		alpha *image.Alpha
		want  string
	}{
		"as it is":    {m, middle, ""},
		"blurred":     {soft, middle, "blurred"},
		"dark":        {changed(m, 0, 0.25), middle, "dark"},
		"overexposed": {changed(m, 0, 6), middle, "overexposed"},
		"cropped":     {m, atEdge, "cropped"},
		"small":       {changed(m, 0.2, 1), nil, "too-small"},
	} {
		if got := kinds(t, c.m, c.alpha); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	small := image.NewRGBA(image.Rect(0, 0, 40, 40))
	f.Add(asJPEG(f, small))
	f.Add(withOrientation(asJPEG(f, small), 6))
	f.Add(png8(f, 40, 40))
	f.Add([]byte("GIF89a"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<16 {
			return
		}
		// A picture of many pixels in few bytes is slow, not wrong.
		if cfg, _, err := image.DecodeConfig(bytes.NewReader(data)); err == nil && cfg.Width*cfg.Height > 1<<22 {
			return
		}
		p, err := Decode(data)
		if err == nil && (p.Image.Rect.Min != image.Point{} || p.Image.Rect.Empty()) {
			t.Errorf("bounds %v", p.Image.Rect)
		}
	})
}
