package studio

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"cheval/models/modelstest"
	"cheval/studio/brush"
	"cheval/studio/cutout"
	"cheval/studio/enhance"
	"cheval/studio/internal/pixels"
	"cheval/studio/photo"
)

// threeMegapixels is the side of such a photo, square.
const threeMegapixels = 1732

// large is a photo of that side, as a phone gives the file, made of the
// installed portrait.
func large(t testing.TB, side int) []byte {
	t.Helper()
	p, err := photo.Read(modelstest.Path(t, "demo_portrait"))
	if err != nil {
		t.Fatal(err)
	}
	m := image.NewRGBA(image.Rect(0, 0, side, side))
	if err := pixels.Scale(p.Image, m); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 90}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// disc is a mask as the network might give it.
func disc(r image.Rectangle) *image.Alpha {
	m := image.NewAlpha(r)
	w, h := r.Dx(), r.Dy()
	for y := range h {
		for x := range w {
			dx, dy := float64(2*x-w)/float64(w), float64(2*y-h)/float64(h)
			d := (0.7 - dx*dx - dy*dy) * 2000
			m.Pix[y*m.Stride+x] = uint8(max(0, min(255, 128+d)))
		}
	}
	return m
}

func openStudio(t testing.TB) *Studio {
	t.Helper()
	s := Open(modelstest.Runtime(t), "test")
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func tools(p *Picture) string {
	var names []string
	for _, s := range p.Steps {
		names = append(names, s.Tool)
	}
	return fmt.Sprint(names)
}

func TestPhotoBecomesAShopPictureWhoseEveryStepIsKnown(t *testing.T) {
	s := openStudio(t)
	p, err := photo.Decode(large(t, 900))
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.CutOut(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if c.Network <= 0 || c.Image.Opaque() || enhance.Bounds(c.Image).Empty() {
		t.Errorf("network %v, product %v", c.Network, enhance.Bounds(c.Image))
	}
	plan := ShopPlan()
	plan.Framing.Size = 600
	plan.Colour = "navy"
	got, err := s.Make(t.Context(), c, plan)
	if err != nil {
		t.Fatal(err)
	}
	if tools(got) != "[cutout enhance recolour frame shop]" || got.Image.Rect != image.Rect(0, 0, 600, 600) || !got.Image.Opaque() {
		t.Errorf("%s, %v", tools(got), got.Image.Rect)
	}
	if m := got.Steps[0].Model; m != "isnet b6e8497ba978" || got.Steps[0].Version != "test" {
		t.Errorf("the model is recorded as %q", m)
	}
	again, err := s.Make(t.Context(), c, plan)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(again.Image.Pix, got.Image.Pix) {
		t.Error("the same plan gives another picture")
	}
	stop, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Make(stop, c, plan); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestSmallProductsAreEnlarged(t *testing.T) {
	s := openStudio(t)
	m := image.NewRGBA(image.Rect(0, 0, 120, 120))
	for i := range m.Pix {
		m.Pix[i] = uint8(i * 7 % 255)
	}
	p := &photo.Photo{Image: m, Alpha: disc(m.Rect)}
	c, err := s.CutOut(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	plan := ShopPlan()
	plan.Least = 190
	got, err := s.Make(t.Context(), c, plan)
	if err != nil {
		t.Fatal(err)
	}
	if tools(got) != "[own-alpha upscale enhance frame shop]" || got.Image.Rect.Dx() < 190 {
		t.Errorf("%s, %v", tools(got), got.Image.Rect)
	}
}

func TestCorrectedMaskIsRecordedWithItsStrokes(t *testing.T) {
	s := &Studio{}
	p, err := photo.Decode(large(t, 900))
	if err != nil {
		t.Fatal(err)
	}
	mask := brush.New(disc(p.Image.Rect))
	for i := range 400 {
		mask.Draw(brush.Stroke{Points: []brush.Point{{X: float32(i), Y: 800}, {X: float32(i) + 3, Y: 802}}, Radius: 4, Erase: i%2 == 0})
	}
	c, err := s.Recut(p, mask.Alpha(), mask.Strokes(), nil)
	if err != nil {
		t.Fatal(err)
	}
	said := c.Steps[len(c.Steps)-1].Parameters
	text := ""
	for i := range len(said) - 1 {
		part := said[fmt.Sprintf("strokes-%02d", i)]
		if len(part) == 0 || len(part) > 8000 {
			t.Errorf("part %d has %d characters", i, len(part))
		}
		text += part
	}
	if strokes, err := brush.Decode(text); err != nil || len(strokes) != 400 || said["count"] != "400" {
		t.Errorf("%d strokes, %v", len(strokes), err)
	}
}

func TestEncodedPicturesAreReadBackAsTheyWere(t *testing.T) {
	for _, size := range []image.Point{{1, 1}, {3, 1}, {1, 3}, {301, 207}} {
		for _, opaque := range []bool{true, false} {
			m := image.NewNRGBA(image.Rectangle{Max: size})
			for i := range m.Pix {
				m.Pix[i] = uint8(i * i / 7)
				if opaque && i%4 == 3 {
					m.Pix[i] = 255
				}
			}
			m.SetNRGBA(0, 0, color.NRGBA{9, 8, 7, m.Pix[3]})
			var b bytes.Buffer
			if err := Encode(&b, m); err != nil {
				t.Fatal(err)
			}
			got, err := png.Decode(&b)
			if err != nil {
				t.Fatalf("%v, opaque %v: %v", size, opaque, err)
			}
			for y := range size.Y {
				for x := range size.X {
					if color.NRGBAModel.Convert(got.At(x, y)) != m.At(x, y) && m.NRGBAAt(x, y).A != 0 {
						t.Fatalf("%v, opaque %v: at %d %d %v, was %v", size, opaque, x, y, got.At(x, y), m.At(x, y))
					}
				}
			}
		}
	}
	if Encode(io.Discard, image.NewNRGBA(image.Rectangle{})) == nil {
		t.Error("an empty picture is written")
	}
}

func TestSaveWritesWholeOrNothing(t *testing.T) {
	dir := t.TempDir()
	m := image.NewNRGBA(image.Rect(0, 0, 40, 40))
	for _, name := range []string{"a.jpg", "a.tiff", "gone/a.png"} { // transparent; unknown; no folder
		if err := Save(filepath.Join(dir, name), m); err == nil {
			t.Errorf("%s is written", name)
		}
	}
	if err := Save(filepath.Join(dir, "a.png"), m); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("in the folder: %v, %v", left, err)
	}
}

// work is what a photo passes, but for the network.
func work(data []byte, coarse *image.Alpha) error {
	s := &Studio{}
	p, err := photo.Decode(data)
	if err != nil {
		return err
	}
	c, err := s.Recut(p, cutout.Refine(p.Image, coarse), nil, nil)
	if err != nil {
		return err
	}
	plan := ShopPlan()
	plan.Least = 0
	m, err := s.Make(context.Background(), c, plan)
	if err != nil {
		return err
	}
	return Encode(io.Discard, m.Image)
}

func BenchmarkStages(b *testing.B) {
	data := large(b, threeMegapixels)
	s := &Studio{}
	p, err := photo.Decode(data)
	if err != nil {
		b.Fatal(err)
	}
	coarse := disc(p.Image.Rect)
	alpha := cutout.Refine(p.Image, coarse)
	cut, err := s.Recut(p, alpha, nil, nil)
	if err != nil {
		b.Fatal(err)
	}
	plan := ShopPlan()
	a := enhance.Auto(cut.Estimate)
	adjusted, err := enhance.Apply(cut.Image, cut.Estimate, a)
	if err != nil {
		b.Fatal(err)
	}
	framed, err := enhance.Frame(adjusted, plan.Framing)
	if err != nil {
		b.Fatal(err)
	}
	shop, err := enhance.Shop(framed, plan.Backdrop, plan.Shadow)
	if err != nil {
		b.Fatal(err)
	}
	for _, stage := range []struct {
		name string
		do   func() error
	}{
		{"decode", func() error { _, err := photo.Decode(data); return err }},
		{"measure", func() error { enhance.Measure(p.Image); return nil }},
		{"refine", func() error { cutout.Refine(p.Image, coarse); return nil }},
		{"judge", func() error { _, err := photo.Judge(p.Image, alpha); return err }},
		{"extract", func() error { cutout.Extract(p.Image, alpha); return nil }},
		{"adjust", func() error { _, err := enhance.Apply(cut.Image, cut.Estimate, a); return err }},
		{"denoise", func() error {
			_, err := enhance.Apply(cut.Image, cut.Estimate, enhance.Adjust{Denoise: 1})
			return err
		}},
		{"tilt", func() error { _, err := enhance.Tilt(adjusted); return err }},
		{"frame", func() error { _, err := enhance.Frame(adjusted, plan.Framing); return err }},
		{"turn", func() error {
			_, err := enhance.Frame(adjusted, enhance.Framing{Turn: 3, Margin: 0.06, Square: true})
			return err
		}},
		{"shop", func() error { _, err := enhance.Shop(framed, plan.Backdrop, plan.Shadow); return err }},
		{"encode", func() error { return Encode(io.Discard, shop) }},
		{"all", func() error {
			return work(data, coarse)
		}},
	} {
		b.Run(stage.name, func(b *testing.B) {
			before := used()
			for b.Loop() {
				if err := stage.do(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64((used()-before).Microseconds())/1000/float64(b.N), "cpu-ms/op")
		})
	}
}

// used is the processor time that this process has had: on a busy machine it
// tells more than the clock.
func used() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
