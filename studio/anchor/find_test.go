package anchor

import (
	"encoding/json"
	"image"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"cheval/camera"
	"cheval/catalog"
	"cheval/tryon/eyewear"
)

// golden is a path-traced photo of testdata, of tools/photos/render.py, with
// ISNet's cut-out and what is true of it.
type golden struct {
	Name       string
	Notation   string
	LensWidth  float32 `json:"lens_width"`
	Groove     float32
	FrontWidth float32 `json:"front_width"`
	HalfRim    bool    `json:"half_rim"`
	Material   catalog.Material
	Outlines   [2][][2]float32

	img   *image.RGBA
	alpha *image.Alpha
	hint  Hint
	found *catalog.Anchors
}

// goldens reads them once; who changes one's anchors finds them anew.
func goldens(t testing.TB) []golden {
	t.Helper()
	read.Do(func() { known = readGoldens(t) })
	if len(known) == 0 {
		t.Fatal("the goldens in testdata could not be read")
	}
	return slices.Clone(known)
}

var (
	read  sync.Once
	known []golden
)

func readGoldens(t testing.TB) (all []golden) {
	t.Helper()
	data, err := os.ReadFile("testdata/truth.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	for i := range all {
		g := &all[i]
		if g.img, err = camera.ReadImage("testdata/" + g.Name + ".jpg"); err != nil {
			t.Fatal(err)
		}
		mask, err := camera.ReadImage("testdata/" + g.Name + "-mask.png")
		if err != nil {
			t.Fatal(err)
		}
		g.alpha = image.NewAlpha(g.img.Rect)
		for k := range g.alpha.Pix {
			g.alpha.Pix[k] = mask.Pix[4*k]
		}
		g.hint.Notation, _ = catalog.ParseNotation(g.Notation)
		if g.found, err = Find(g.img, g.alpha, g.hint); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func TestLensesOfPhotosAreFoundAndMeasured(t *testing.T) {
	for _, g := range goldens(t) {
		t.Run(g.Name, func(t *testing.T) {
			a := g.found
			if a.Doubtful() {
				t.Errorf("doubts: %+v", a.Doubts)
			}
			for side := range a.Outlines {
				if v := overlap(a.Outlines[side], g.Outlines[side], g.img.Rect); v < 0.95 {
					t.Errorf("side %d: IoU with the truth is %.3f, want 0.95", side, v)
				}
			}
			if miss := abs(a.Measured.Opening + 2*g.Groove - g.LensWidth); miss > 1 {
				t.Errorf("the lens measures %.1f mm, but is %.1f", a.Measured.Opening+2*g.Groove, g.LensWidth)
			}
			if miss := abs(a.Measured.FrontWidth - g.FrontWidth); miss > 3 {
				t.Errorf("the front measures %.1f mm, but is %.1f", a.Measured.FrontWidth, g.FrontWidth)
			}
		})
	}
}

func TestPhotosBecomeFramesThatAreBuilt(t *testing.T) {
	for _, g := range goldens(t) {
		t.Run(g.Name, func(t *testing.T) {
			a := g.found
			w, err := Wear(g.img, g.alpha, a, g.hint)
			if err != nil {
				t.Fatal(err)
			}
			if w.Eyewear.Material != g.Material || w.Eyewear.HalfRim != g.HalfRim {
				t.Errorf("%s, half rim %v, want %s, %v", w.Eyewear.Material, w.Eyewear.HalfRim, g.Material, g.HalfRim)
			}
			if got := w.Eyewear.Notation(); got != g.Notation {
				t.Errorf("notation %s, want %s", got, g.Notation)
			}
			m, err := eyewear.Build(w.Eyewear)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range m.Parts {
				if p.Kind != eyewear.Front {
					continue
				}
				for _, uv := range m.UV[p.VertexFirst : p.VertexFirst+p.VertexCount] {
					x := w.Variant.Front.Centre[0] + uv[0]*w.Variant.Front.PxPerMM
					y := w.Variant.Front.Centre[1] - uv[1]*w.Variant.Front.PxPerMM
					if !image.Pt(int(x), int(y)).In(w.Variant.Front.Image.Rect) {
						t.Fatalf("a corner of the front lies beside its photo, at %.0f, %.0f", x, y)
					}
				}
			}
			if _, err := Product("golden", g.Name, w, a); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestATypedWidthThatDisagreesIsAskedAbout(t *testing.T) {
	g := goldens(t)[0]
	a := copied(g.found)
	for typed, asks := range map[float32]bool{a.Measured.FrontWidth + 1.9: false, a.Measured.FrontWidth - 2.5: true} {
		g.hint.FrontWidth = typed
		Measure(a, g.hint)
		found := ""
		for _, d := range a.Doubts {
			found += d.What
		}
		if (found == "width") != asks {
			t.Errorf("typed %.1f, measured %.1f: doubts %q", typed, a.Measured.FrontWidth, found)
		}
	}
}

func TestTheTotalWidthGivesTheScaleWhereNoNotationDoes(t *testing.T) {
	g := goldens(t)[0]
	a := copied(g.found)
	Measure(a, Hint{FrontWidth: g.FrontWidth})
	if a.Scale != catalog.FromWidth || abs(a.Measured.FrontWidth-g.FrontWidth) > 0.05 {
		t.Errorf("scale from %q, front %.1f of %.1f", a.Scale, a.Measured.FrontWidth, g.FrontWidth)
	}
	if miss := abs(a.Measured.Opening + 2*g.Groove - g.LensWidth); miss > 1.5 {
		t.Errorf("the lens measures %.1f mm by the width, but is %.1f", a.Measured.Opening+2*g.Groove, g.LensWidth)
	}
}

func TestWithoutASizeNothingIsWorn(t *testing.T) {
	g := goldens(t)[0]
	a := copied(g.found)
	Measure(a, Hint{})
	if len(a.Doubts) != 1 || a.Doubts[0].What != "scale" {
		t.Errorf("doubts %+v", a.Doubts)
	}
	if _, err := Wear(g.img, g.alpha, a, Hint{}); err == nil || !strings.Contains(err.Error(), "52□18-145") {
		t.Errorf("got %v", err)
	}
}

func TestAnEmptyOrATinyCutOutIsSaidSo(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 400, 300))
	for name, box := range map[string]image.Rectangle{"empty": {}, "tiny": image.Rect(10, 10, 30, 20)} {
		alpha := image.NewAlpha(img.Rect)
		for y := box.Min.Y; y < box.Max.Y; y++ {
			for x := box.Min.X; x < box.Max.X; x++ {
				alpha.Pix[y*alpha.Stride+x] = 255
			}
		}
		if _, err := Find(img, alpha, Hint{}); err == nil {
			t.Errorf("%s: a frame was found", name)
		}
	}
}

// A thing without rims or lenses must not be published on a guess.
func TestWhatIsNoFrameIsDoubtful(t *testing.T) {
	img, alpha := image.NewRGBA(image.Rect(0, 0, 500, 300)), image.NewAlpha(image.Rect(0, 0, 500, 300))
	for y := range 300 {
		for x := range 500 {
			i := img.PixOffset(x, y)
			copy(img.Pix[i:], []uint8{200, 200, 195, 255})
			if math.Hypot(float64(x-250)/200, float64(y-150)/70) < 1 {
				copy(img.Pix[i:], []uint8{90, 60, 40, 255})
				alpha.Pix[y*alpha.Stride+x] = 255
			}
		}
	}
	a, err := Find(img, alpha, Hint{FrontWidth: 140})
	if err == nil && !a.Doubtful() {
		t.Errorf("a plain disc was taken for a frame: %+v", a.Measured)
	}
}

func TestADraggedOutlineMovesTheFrame(t *testing.T) {
	g := goldens(t)[0]
	a := copied(g.found)
	before := a.Measured.Height
	for side := range a.Outlines {
		lo, hi := bounds(pointsOf(a.Outlines[side]))
		for i := range a.Outlines[side] {
			p := &a.Outlines[side][i]
			p[1] += (p[1] - float32(lo.y+hi.y)/2) * 0.1
		}
	}
	a.Dragged = []catalog.AnchorName{catalog.AnchorLeftLens, catalog.AnchorRightLens}
	Measure(a, g.hint)
	if ratio := a.Measured.Height / before; ratio < 1.09 || ratio > 1.11 {
		t.Errorf("the opening became %.3f times as high, want 1.1", ratio)
	}
	if _, err := Wear(g.img, g.alpha, a, g.hint); err != nil {
		t.Error(err)
	}
}

// BenchmarkWear is what follows each step of a drag.
func BenchmarkWear(b *testing.B) {
	g := goldens(b)[0]
	a := copied(g.found)
	b.ResetTimer()
	for range b.N {
		Measure(a, g.hint)
		w, err := Wear(g.img, g.alpha, a, g.hint)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := eyewear.Build(w.Eyewear); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFind(b *testing.B) {
	g := goldens(b)[0]
	for range b.N {
		if _, err := Find(g.img, g.alpha, g.hint); err != nil {
			b.Fatal(err)
		}
	}
}

// copied is a with outlines of its own.
func copied(a *catalog.Anchors) *catalog.Anchors {
	b := *a
	for side := range b.Outlines {
		b.Outlines[side] = slices.Clone(a.Outlines[side])
	}
	b.Doubts = slices.Clone(a.Doubts)
	return &b
}

func overlap(a, b [][2]float32, r image.Rectangle) float64 {
	both, either := 0, 0
	for y := range r.Dy() {
		for x := range r.Dx() {
			p, q := contains(a, float32(x)+0.5, float32(y)+0.5), contains(b, float32(x)+0.5, float32(y)+0.5)
			if p && q {
				both++
			}
			if p || q {
				either++
			}
		}
	}
	return float64(both) / float64(max(either, 1))
}

func contains(c [][2]float32, x, y float32) (in bool) {
	for i, j := 0, len(c)-1; i < len(c); j, i = i, i+1 {
		if (c[i][1] > y) != (c[j][1] > y) && x < (c[j][0]-c[i][0])*(y-c[i][1])/(c[j][1]-c[i][1])+c[i][0] {
			in = !in
		}
	}
	return in
}
