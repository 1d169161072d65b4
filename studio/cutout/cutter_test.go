package cutout

import (
	"image"
	"image/png"
	"os"
	"testing"

	"cheval/camera"
	"cheval/models"
	"cheval/models/modelstest"
)

// openCutter starts ISNet from the installed models.
func openCutter(t testing.TB) (*models.Store, *Cutter) {
	t.Helper()
	store := modelstest.Store(t)
	r := modelstest.Runtime(t)
	c, err := Open(r)
	if err != nil {
		t.Fatal(err, "(`make models` installs what this test needs)")
	}
	return store, c
}

// portrait is the installed picture that may be shown to anybody.
func portrait(t testing.TB, s *models.Store) *image.RGBA {
	t.Helper()
	path, err := s.Path("demo_portrait")
	if err != nil {
		t.Fatal(err)
	}
	img, err := camera.ReadImage(path)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// The golden mask is what onnxruntime's Python package says
// (tools/cutout/reference.py).
func TestCutIsWhatTheNetworkSaysInPython(t *testing.T) {
	store, c := openCutter(t)
	img := portrait(t, store)
	got, err := c.Cut(img)
	if err != nil {
		t.Fatal(err)
	}
	want := readMask(t, "testdata/portrait-mask.png")
	if iou := overlap(got, want); iou < 0.99 {
		t.Errorf("IoU with the reference %.4f, want 0.99", iou)
	}
}

func readMask(t testing.TB, path string) *image.Alpha {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	grey := img.(*image.Gray)
	return &image.Alpha{Pix: grey.Pix, Stride: grey.Stride, Rect: grey.Rect}
}

// overlap is intersection over union at one half.
func overlap(a, b *image.Alpha) float64 {
	both, either := 0, 0
	for i := range a.Pix {
		x, y := a.Pix[i] > 127, b.Pix[i] > 127
		if x && y {
			both++
		}
		if x || y {
			either++
		}
	}
	return float64(both) / float64(either)
}
