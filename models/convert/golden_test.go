package convert_test

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cheval/models"
	"cheval/models/convert"
	"cheval/models/modelstest"
)

// golden is what tools/reference made of one model: its outputs in LiteRT, or
// in MediaPipe itself, for some pictures.
type golden struct {
	SHA256 string
	Cases  []struct {
		Picture string
		Turns   int // by 90 degrees against the clock
		Outputs map[string]goldenOutput
	}
}

type goldenOutput struct {
	Shape                    []int64
	Stride                   int
	Mean, Magnitude, Largest float64 // over all elements
	Values                   []float32
}

// signed are the models whose pictures run from -1 to 1.
var signed = []string{"face_detection_short_range", "face_detection_full_range_sparse", "pose_detection"}

// TestConvertedModelsAnswerAsTheirOriginals converts every installed MediaPipe
// model and compares what it answers with what the original answered.
func TestConvertedModelsAnswerAsTheirOriginals(t *testing.T) {
	rt := modelstest.Runtime(t)
	for _, it := range models.Manifest() {
		if it.Kind != models.Converted {
			continue
		}
		t.Run(it.Name, func(t *testing.T) {
			g := readGolden(t, it.Name)
			if g.SHA256 != it.SHA256 {
				t.Fatalf("the references are of another model, %.8s and not %.8s: make them again with tools/reference", g.SHA256, it.SHA256)
			}
			onnx, err := convert.TFLite(installed(t, it.Name))
			if err != nil {
				t.Fatal(err)
			}
			s := load(t, rt, it.Name, onnx)
			for _, c := range g.Cases {
				fill(t, s, it.Name, c.Picture, c.Turns)
				if err := s.Run(); err != nil {
					t.Fatal(err)
				}
				if len(c.Outputs) != len(s.OutputNames()) {
					t.Errorf("it has the outputs %v", s.OutputNames())
				}
				for name, want := range c.Outputs {
					t.Run(fmt.Sprint(c.Picture, c.Turns, name), func(t *testing.T) { compare(t, s, it.Name, name, want) })
				}
			}
		})
	}
}

// compare allows |d| ≤ 1e-4 + 2e-5·max|reference|. Wider are the landmarks of
// the body, and its mask: there TFLite's own kernels differ from each other by
// as much, so it is compared as the probability that it means.
func compare(t *testing.T, s *models.Session, model, name string, want goldenOutput) {
	t.Helper()
	got, shape := s.Output(name), s.OutputShape(name)
	if !slices.Equal(shape, want.Shape) {
		t.Fatalf("shape %v, want %v", shape, want.Shape)
	}
	tolerance, mask := 1e-4+2e-5*want.Largest, false
	if model == "pose_landmark_full" {
		tolerance = 1e-4 + 5e-5*want.Largest
		if mask = name == "Identity_2"; mask {
			tolerance = 5e-3
		}
	}
	var worst, mean, magnitude float64
	for i, x := range got {
		mean += float64(x) / float64(len(got))
		magnitude += math.Abs(float64(x)) / float64(len(got))
		if i%want.Stride != 0 {
			continue
		}
		d := math.Abs(float64(x) - float64(want.Values[i/want.Stride]))
		if mask {
			d = math.Abs(sigmoid(x) - sigmoid(want.Values[i/want.Stride]))
		}
		if !(d <= worst) { // also NaN
			worst = d
		}
	}
	t.Logf("deviation %.2g of %.2g allowed, largest value %.3g", worst, tolerance, want.Largest)
	if !(worst <= tolerance) {
		t.Errorf("deviates by %g, more than %g", worst, tolerance)
	}
	if d := max(math.Abs(mean-want.Mean), math.Abs(magnitude-want.Magnitude)); !mask && !(d <= tolerance) {
		t.Errorf("over all elements the mean deviates by %g", d)
	}
}

func sigmoid(x float32) float64 { return 1 / (1 + math.Exp(-float64(x))) }

func TestConversionIsRepeatable(t *testing.T) {
	src := installed(t, "face_landmark_with_attention")
	a, err := convert.TFLite(src)
	if err != nil {
		t.Fatal(err)
	}
	b, err := convert.TFLite(src)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(a, b) {
		t.Error("the same model was written differently the second time")
	}
}

// installed reads the original of a converted model, which the store keeps.
func installed(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(modelstest.Store(t).Folder(), "source", name+".tflite"))
	if err != nil {
		t.Fatalf("the model is not installed (%v): run `make models`", err)
	}
	return b
}

func load(t testing.TB, rt *models.Runtime, name string, onnx []byte) *models.Session {
	t.Helper()
	s, err := rt.LoadONNX(name, onnx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func readGolden(t *testing.T, name string) (g golden) {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name+".json.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.NewDecoder(z).Decode(&g); err != nil {
		t.Fatal(err)
	}
	return g
}

// fill writes a picture into a model's only input as tools/reference did.
func fill(t testing.TB, s *models.Session, model, picture string, turns int) {
	t.Helper()
	name := s.InputNames()[0]
	shape := s.InputShape(name) // [1,3,h,w]
	if !slices.Equal(shape[:2], []int64{1, 3}) {
		t.Fatalf("the input has the shape %v", shape)
	}
	img := turned(decode(t, picture), turns)
	h, w, x := int(shape[2]), int(shape[3]), s.Input(name)
	size := img.Bounds().Size()
	for i := range h * w {
		r, g, b, _ := img.At(i%w*size.X/w, i/w*size.Y/h).RGBA()
		for c, v := range []uint32{r, g, b} {
			x[c*h*w+i] = float32(v>>8) / 255
			if slices.Contains(signed, model) {
				x[c*h*w+i] = x[c*h*w+i]*2 - 1
			}
		}
	}
}

func decode(t testing.TB, picture string) image.Image {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", picture))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// turned turns a square picture against the clock.
func turned(img image.Image, turns int) image.Image {
	for range turns {
		n := img.Bounds().Dx()
		out := image.NewRGBA(img.Bounds())
		for i := range n * n {
			out.Set(i%n, i/n, img.At(n-1-i/n, i%n))
		}
		img = out
	}
	return img
}

// BenchmarkModel is one inference of each converted model, one thread.
func BenchmarkModel(b *testing.B) {
	rt := modelstest.Runtime(b)
	for _, it := range models.Manifest() {
		if it.Kind != models.Converted {
			continue
		}
		b.Run(strings.TrimSuffix(it.File, ".onnx"), func(b *testing.B) {
			onnx, err := convert.TFLite(installed(b, it.Name))
			if err != nil {
				b.Fatal(err)
			}
			s := load(b, rt, it.Name, onnx)
			fill(b, s, it.Name, "astronaut_face.png", 0)
			for b.Loop() {
				if err := s.Run(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
