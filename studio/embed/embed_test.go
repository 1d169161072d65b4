package embed

import (
	"encoding/json"
	"image"
	"image/draw"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"cheval/models/modelstest"
)

// Goldens come from models/training (make goldens), so that Go sees what the
// encoder was trained on.

func load(t *testing.T, name string) *image.NRGBA {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name+".png"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	if n, ok := m.(*image.NRGBA); ok {
		return n
	}
	out := image.NewNRGBA(m.Bounds())
	draw.Draw(out, out.Rect, m, m.Bounds().Min, draw.Src)
	return out
}

func open(t *testing.T) *Encoder {
	t.Helper()
	r := modelstest.Runtime(t)
	e, err := Open(r)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

var pictures = []string{"larger", "smaller", "white", "photo"}

func TestNormaliseMakesWhatTheEncoderWasTrainedOn(t *testing.T) {
	for _, name := range pictures {
		got, want := Normalise(load(t, name)), load(t, name+".normalised")
		worst, sum := 0, 0
		for i := range want.Pix {
			if i%4 != 3 && (got.Pix[i|3] < 26 || want.Pix[i|3] < 26) {
				continue // colours where next to nothing is
			}
			d := int(got.Pix[i]) - int(want.Pix[i])
			worst, sum = max(worst, d, -d), sum+d*d
		}
		if rms := math.Sqrt(float64(sum) / float64(len(want.Pix))); worst > 3 || rms > 0.6 {
			t.Errorf("%s: differs by %d at most and %.2f rms of 255", name, worst, rms)
		}
	}
}

func TestSeeGivesThePythonEncodersNumbers(t *testing.T) {
	b, err := os.ReadFile("testdata/encoder.json")
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]struct{ Embedding, Classes []float64 }
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	e := open(t)
	for _, name := range pictures {
		seen, err := e.See(load(t, name))
		if err != nil {
			t.Fatal(err)
		}
		var cosine float64
		for i, v := range seen.Embedding {
			cosine += float64(v) * want[name].Embedding[i]
		}
		if cosine < 0.999 {
			t.Errorf("%s: the embedding's cosine with Python's is %.5f", name, cosine)
		}
		for i, class := range e.classes {
			if d := math.Abs(float64(seen.Classes[class]) - want[name].Classes[i]); d > 0.02 {
				t.Errorf("%s: %s differs from Python's by %.3f", name, class, d)
			}
		}
	}
}

func TestTheSamePictureGivesTheSameNumbers(t *testing.T) {
	e := open(t)
	m := load(t, "larger")
	a, err := e.See(m)
	if err != nil {
		t.Fatal(err)
	}
	b, err := e.See(m)
	if err != nil {
		t.Fatal(err)
	}
	if d := Distance(a.Embedding, b.Embedding); math.Abs(d) > 1e-6 || a.Class != b.Class {
		t.Errorf("distance %g, classes %s and %s", d, a.Class, b.Class)
	}
	for i := range a.Embedding {
		if a.Embedding[i] != b.Embedding[i] {
			t.Fatalf("number %d differs: %v and %v", i, a.Embedding[i], b.Embedding[i])
		}
	}
}

func TestAnEmptyPictureIsRefused(t *testing.T) {
	if _, err := open(t).See(image.NewNRGBA(image.Rectangle{})); err == nil {
		t.Error("no error")
	}
	// A cut-out of nothing is a picture of white, no reason to fail.
	if _, err := open(t).See(image.NewNRGBA(image.Rect(0, 0, 50, 50))); err != nil {
		t.Error(err)
	}
}

func TestDamagedWeightsAreFoundOut(t *testing.T) {
	e := open(t)
	m := load(t, "white")
	fill(e.session.Input("picture"), Normalise(m))
	e.session.Input("picture")[5] = float32(math.NaN())
	if err := e.session.Run(); err != nil {
		t.Fatal(err)
	}
	if _, err := e.read(); err == nil {
		t.Error("an embedding that is no number was given out")
	}
}
