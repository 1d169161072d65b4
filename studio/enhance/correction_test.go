package enhance

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"cheval/models/modelstest"
)

// numbers are a correction as the network gives it.
type numbers struct{ Curve, Matrix, Gain []float32 }

func (n numbers) correction(t *testing.T) *Correction {
	t.Helper()
	c, err := newCorrection(n.Curve, n.Matrix, n.Gain)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// golden is what the training's own code says of correction.png.
func golden(t *testing.T) (changed, read numbers) {
	t.Helper()
	b, err := os.ReadFile("testdata/correction.json")
	if err != nil {
		t.Fatal(err)
	}
	var g struct{ Changed, Read numbers }
	if err := json.Unmarshal(b, &g); err != nil {
		t.Fatal(err)
	}
	return g.Changed, g.Read
}

func picture(t *testing.T, name string) *image.NRGBA {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	m, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	rgba, ok := m.(*image.RGBA)
	if !ok {
		t.Fatalf("%s is a %T", name, m)
	}
	return &image.NRGBA{Pix: rgba.Pix, Stride: rgba.Stride, Rect: rgba.Rect}
}

func TestACorrectionIsLaidOverAsInTheTraining(t *testing.T) {
	changed, _ := golden(t)
	m, want := picture(t, "correction.png"), picture(t, "correction.changed.png")
	changed.correction(t).correct(m, 1)
	for i := range want.Pix {
		if d := int(m.Pix[i]) - int(want.Pix[i]); d > 1 || d < -1 {
			t.Fatalf("element %d is %d, in the training %d", i, m.Pix[i], want.Pix[i])
		}
	}
}

func TestTheNetworkReadsAsInTheTraining(t *testing.T) {
	_, read := golden(t)
	r := modelstest.Runtime(t)
	reader, err := OpenReader(r)
	if err != nil {
		t.Fatal(err)
	}
	m := picture(t, "correction.png")
	got, err := reader.Read(&image.RGBA{Pix: m.Pix, Stride: m.Stride, Rect: m.Rect})
	if err != nil {
		t.Fatal(err)
	}
	want := read.correction(t)
	for c := range 3 {
		for k := range knots {
			if d := got.curve[c][k] - want.curve[c][k]; math.Abs(float64(d)) > 1e-4 {
				t.Errorf("curve %d at %d is off by %g", c, k, d)
			}
		}
		for k := range 3 {
			if d := got.matrix[c][k] - want.matrix[c][k]; math.Abs(float64(d)) > 1e-4 {
				t.Errorf("matrix %d, %d is off by %g", c, k, d)
			}
		}
		for y := range field {
			for x := range field {
				if d := got.gain[c][y][x] - want.gain[c][y][x]; math.Abs(float64(d)) > 1e-4 {
					t.Errorf("gain %d at %d, %d is off by %g", c, x, y, d)
				}
			}
		}
	}
}

// A cut-out that was cropped gets what its place in the photo needs.
func TestAPartIsCorrectedAsInTheWhole(t *testing.T) {
	changed, _ := golden(t)
	c := changed.correction(t)
	whole := picture(t, "correction.png")
	r := image.Rect(20, 31, 70, 90)
	piece := part(whole, r)
	c.Within(r, whole.Rect).correct(piece, 1)
	c.correct(whole, 1)
	want := part(whole, r)
	for i := range want.Pix {
		if d := int(piece.Pix[i]) - int(want.Pix[i]); d > 1 || d < -1 {
			t.Fatalf("element %d is %d, in the whole %d", i, piece.Pix[i], want.Pix[i])
		}
	}
}

func TestHalfACorrectionGoesHalfWay(t *testing.T) {
	changed, _ := golden(t)
	c := changed.correction(t)
	was, half, all := picture(t, "correction.png"), picture(t, "correction.png"), picture(t, "correction.png")
	c.correct(half, 0.5)
	c.correct(all, 1)
	for i := range was.Pix {
		if d := float64(half.Pix[i]) - (float64(was.Pix[i])+float64(all.Pix[i]))/2; all.Pix[i] > 0 && all.Pix[i] < 255 && math.Abs(d) > 1.01 {
			t.Fatalf("element %d: %d, %d, %d", i, was.Pix[i], half.Pix[i], all.Pix[i])
		}
	}
}

// What is no number must not become a picture.
func TestABrokenCorrectionIsRefused(t *testing.T) {
	for name, spoil := range map[string]func(*numbers){
		"NaN":        func(n *numbers) { n.Gain[7] = float32(math.NaN()) },
		"infinite":   func(n *numbers) { n.Matrix[2] = float32(math.Inf(1)) },
		"enormous":   func(n *numbers) { n.Curve[3] = 1e9 },
		"falls back": func(n *numbers) { n.Curve[4] = n.Curve[3] - 0.5 },
	} {
		n, _ := golden(t)
		spoil(&n)
		if _, err := newCorrection(n.Curve, n.Matrix, n.Gain); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}
