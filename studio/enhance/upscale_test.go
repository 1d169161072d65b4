package enhance

import (
	"image"
	"math"
	"testing"

	"cheval/camera"
	"cheval/models"
	"cheval/models/modelstest"
	"cheval/studio/internal/pixels"

	"gocv.io/x/gocv"
)

func portrait(t testing.TB, s *models.Store) *image.NRGBA {
	t.Helper()
	path, err := s.Path("demo_portrait")
	if err != nil {
		t.Fatal(err, "(`make models` installs what this test needs)")
	}
	m, err := camera.ReadImage(path)
	if err != nil {
		t.Fatal(err)
	}
	return &image.NRGBA{Pix: m.Pix, Stride: m.Stride, Rect: m.Rect}
}

func openUpscaler(t testing.TB) (*models.Store, *Upscaler) {
	t.Helper()
	store := modelstest.Store(t)
	r := modelstest.Runtime(t)
	u, err := OpenUpscaler(r)
	if err != nil {
		t.Fatal(err)
	}
	return store, u
}

func part(m *image.NRGBA, r image.Rectangle) *image.NRGBA {
	out := image.NewNRGBA(r.Sub(r.Min))
	for y := range r.Dy() {
		copy(out.Pix[y*out.Stride:(y+1)*out.Stride], m.Pix[(r.Min.Y+y)*m.Stride+4*r.Min.X:])
	}
	return out
}

// The network must bring more of the drawing back than interpolation does,
// with fewer errors, and tiles must not be seen.
func TestUpscaleDrawsMoreThanInterpolationAndShowsNoTiles(t *testing.T) {
	store, u := openUpscaler(t)
	large := part(portrait(t, store), image.Rect(100, 0, 400, 300))
	small := image.NewNRGBA(image.Rect(0, 0, 150, 150))
	if err := pixels.Scale(large, small); err != nil {
		t.Fatal(err)
	}
	got, err := u.Upscale(small, 2)
	if err != nil {
		t.Fatal(err)
	}
	cubic := image.NewNRGBA(large.Rect)
	if err := pixels.Resize(small, cubic, gocv.InterpolationCubic); err != nil {
		t.Fatal(err)
	}
	if network, plain := apart(got, large), apart(cubic, large); network > 0.95*plain {
		t.Errorf("root mean square error %.2f, interpolation's %.2f", network, plain)
	}
	if network, plain, whole := drawing(got), drawing(cubic), drawing(large); network < plain+0.3*(whole-plain) {
		t.Errorf("drawing %.2f, interpolation's %.2f, the original's %.2f", network, plain, whole)
	}
	// The same pixels, in the middle of a tile of their own.
	own, err := u.Upscale(part(small, image.Rect(60, 60, 150, 150)), 2)
	if err != nil {
		t.Fatal(err)
	}
	inner := image.Rect(160, 160, 276, 276)
	if d := apart(part(got, inner), part(own, inner.Sub(image.Pt(120, 120)))); d > 0.5 {
		t.Errorf("across the tiles' border pixels differ by %.2f", d)
	}
}

func apart(a, b *image.NRGBA) float64 {
	sum := 0.0
	for i := range a.Pix {
		d := float64(a.Pix[i]) - float64(b.Pix[i])
		sum += d * d
	}
	return math.Sqrt(sum / float64(len(a.Pix)) * 4 / 3)
}

// drawing is the mean difference of neighbours two apart.
func drawing(m *image.NRGBA) float64 {
	sum := 0.0
	for y := range m.Rect.Dy() {
		for x := 2; x < m.Rect.Dx(); x++ {
			sum += math.Abs(float64(m.NRGBAAt(x, y).G) - float64(m.NRGBAAt(x-2, y).G))
		}
	}
	return sum / float64(m.Rect.Dx()*m.Rect.Dy())
}

func TestUpscaleRefusesWhatItCannotDo(t *testing.T) {
	u := &Upscaler{}
	for _, m := range []*image.NRGBA{image.NewNRGBA(image.Rectangle{}), image.NewNRGBA(image.Rect(0, 0, 4000, 1001))} {
		if _, err := u.Upscale(m, 2); err == nil {
			t.Errorf("%v is enlarged", m.Rect)
		}
	}
	if _, err := u.Upscale(image.NewNRGBA(image.Rect(0, 0, 9, 9)), 3); err == nil {
		t.Error("three times is known")
	}
}
