package tryon

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cheval/camera"
	"cheval/models"
	"cheval/models/modelstest"
	"cheval/models/weights"
	"cheval/tryon/refine"
)

// network reads one of the test networks of package refine.
func network(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("refine", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// processed is the portrait with the first look.
func processed(t testing.TB, e *Engine) *Result {
	t.Helper()
	f := camera.NewFrame(modelstest.Portrait(t), nil)
	defer f.Release()
	r, err := e.ProcessStill(f, []Worn{{shop(t)[0], 0}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Release)
	return r
}

func TestARefinedLookKeepsWhatWasDrawnBesideIt(t *testing.T) {
	e := engine(t, Options{Refine: true, Refiner: network(t, "warmer.onnx")})
	e.KeepPlain(true)
	r := processed(t, e)
	if s := e.Refining(); !s.On || s.Why != "" || s.Size != (refine.Size{W: 256, H: 128}) || r.Refined != s.Size {
		t.Errorf("%+v, refined at %v", s, r.Refined)
	}
	if r.Times.Refine <= 0 || r.Times.Render <= 0 || r.Times.Total < r.Times.Refine+r.Times.Render {
		t.Errorf("times %+v", r.Times)
	}
	e.SetRefine(false)
	off := processed(t, e)
	if s := e.Refining(); s.On || s.Why != "" || off.Refined != (refine.Size{}) || len(off.Plain) != 0 || off.Times.Refine != 0 {
		t.Errorf("switched off: %+v, refined at %v in %v, %d plain looks", s, off.Refined, off.Times.Refine, len(off.Plain))
	}
	if len(r.Plain) != 1 || !bytes.Equal(r.Plain[0].Pix, off.Looks[0].Pix) {
		t.Error("what was drawn is not what is shown when nothing is refined")
	}
	if bytes.Equal(r.Looks[0].Pix, off.Looks[0].Pix) {
		t.Error("the refined look is as it was drawn")
	}
	for y := range off.Frame.Image.Rect.Dy() {
		for x := range off.Frame.Image.Rect.Dx() {
			p := r.Looks[0].RGBAAt(x, y)
			if p == off.Frame.Image.RGBAAt(x, y) {
				continue
			}
			if min, max := r.Drawn[0].Min, r.Drawn[0].Max; x < min.X || y < min.Y || x >= max.X || y >= max.Y {
				t.Fatalf("(%d, %d) differs outside of %v", x, y, r.Drawn[0])
			}
		}
	}
}

func TestARefinerThatFailsIsSwitchedOffAndTheMirrorGoesOn(t *testing.T) {
	for want, name := range map[string]string{"not finite": "broken.onnx", "expected [1 11": "narrow.onnx"} {
		e := engine(t, Options{Refine: true, Refiner: network(t, name)})
		first, second := processed(t, e), processed(t, e)
		if s := e.Refining(); s.On || !strings.Contains(s.Why, want) {
			t.Errorf("%s: %+v, want a sentence with %q", name, s, want)
		}
		if first.Refined != (refine.Size{}) || !bytes.Equal(first.Looks[0].Pix, second.Looks[0].Pix) {
			t.Errorf("%s: the frame that failed differs from the next", name)
		}
	}
}

func TestWithoutARefinerThatIsSaid(t *testing.T) {
	store, err := models.OpenStore(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := refinerOf(store, Options{}); err != nil && err.Error() != ErrNoRefiner.Error() {
		t.Errorf("it says %v", err)
	}
	e := engine(t, Options{Refiner: []byte{}})
	if s := e.Refining(); s.On || s.Why != "" {
		t.Errorf("nobody asked for it, but it says %+v", s)
	}
	e.SetRefine(true)
	processed(t, e)
	if s := e.Refining(); s.On || s.Why == "" {
		t.Errorf("asked for without a network it says %+v", s)
	}
}

func TestARefinedFrameAllocatesNothing(t *testing.T) {
	e := engine(t, Options{Refine: true, RefineBudget: time.Hour, Refiner: network(t, "warmer.onnx")})
	e.KeepPlain(true)
	f := camera.NewFrame(modelstest.Portrait(t), nil)
	defer f.Release()
	looks := []Worn{{shop(t)[0], 0}, {shop(t)[1], 0}}
	step := func() {
		f.Offset += time.Second / 30
		r, err := e.Process(f, looks)
		if err != nil {
			t.Fatal(err)
		}
		r.Release()
	}
	for range 30 {
		step()
	}
	if n := testing.AllocsPerRun(30, step); n >= 1 {
		t.Errorf("%v allocations a frame", n)
	}
}

// The refiner that ships may let a still picture with a camera's noise change
// from frame to frame at most a tenth more than it does as it was drawn.
func TestTheRefinerThatShipsDoesNotFlicker(t *testing.T) {
	if _, err := weights.Read(refinerFile); errors.Is(err, weights.ErrAbsent) {
		t.Skip("no refiner ships")
	}
	path := modelstest.Path(t, "demo_portrait")
	src, err := camera.Open(t.Context(), camera.Spec{Kind: camera.KindStill, Path: path, Noise: 3, Paced: true, FPS: 1000})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	e := engine(t, Options{Refine: true, RefineSize: refine.Size{W: 192, H: 96}})
	e.KeepPlain(true)
	var flicker refine.Flicker
	for i := range 25 {
		f, err := src.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		f.Offset = time.Duration(i) * time.Second / 30
		r, err := e.Process(f, []Worn{{shop(t)[0], 0}})
		f.Release()
		if err != nil {
			t.Fatal(err)
		}
		if i >= 5 && len(r.Plain) > 0 {
			flicker.Add(r.Plain[0], r.Looks[0])
		}
		r.Release()
	}
	if pixels, blocks := flicker.Ratios(); !(pixels <= 1.1 && blocks <= 1.1) {
		t.Errorf("refined, it changes %.2f times as much from frame to frame, in means of 8x8 pixels %.2f times", pixels, blocks)
	}
}
