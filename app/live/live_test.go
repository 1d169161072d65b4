package live

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"testing"
	"time"

	"cheval/assets"
	"cheval/camera"
	"cheval/catalog"
	_ "cheval/internal/locale"
	"cheval/models"
	"cheval/tryon"
	"cheval/viewport"

	fynetest "fyne.io/fyne/v2/test"
	"go.uber.org/goleak"
)

// Ebitengine is not started here: the viewport's tests do that.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// store returns the installed models, or ends the test with what to do.
func store(t *testing.T) *models.Store {
	t.Helper()
	s, err := models.OpenHome()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Path("demo_portrait"); err != nil {
		t.Fatalf("%v: run `make models` first", err)
	}
	return s
}

// rig is a pipeline with a window's goroutine: the test's own, in run.
type rig struct {
	*Pipeline
	t       *testing.T
	ui      chan func()
	status  Status
	painted []Painted
}

// newRig starts a pipeline on the portrait as a camera would give it, with a
// mirror of 640×400.
func newRig(t *testing.T, s *models.Store, source camera.Spec) *rig {
	fynetest.NewTempApp(t)
	r := &rig{t: t, ui: make(chan func(), 64)}
	closed := make(chan struct{})
	onUI := func(f func()) {
		select {
		case r.ui <- f:
		case <-closed:
		}
	}
	r.Pipeline = newPipeline(Options{Store: s, Device: models.CPU, Source: source, Painter: viewport.OnCPU,
		View: viewport.View{Flip: true}, OnPainted: func(p Painted) { r.painted = append(r.painted, p) }}, onUI)
	r.Pipeline.OnStatus(func(s Status) { r.status = s })
	t.Cleanup(func() { close(closed); r.Close() })
	r.Start()
	return r
}

// until paints the window at 60 Hz and does what the UI is asked to do, until
// done says so.
func (r *rig) until(what string, done func() bool) {
	r.t.Helper()
	end := time.After(30 * time.Second)
	tick := time.NewTicker(time.Second / 60)
	defer tick.Stop()
	for !done() {
		select {
		case f := <-r.ui:
			f()
		case <-tick.C:
			r.glass.generate(640, 400)
		case <-end:
			r.t.Fatalf("after 30 s still not: %s; status %+v", what, r.status)
		}
	}
}

func portraitSpec(t *testing.T, s *models.Store) camera.Spec {
	t.Helper()
	b, err := s.Read("demo_portrait")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "portrait.png")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return camera.Spec{Kind: camera.KindStill, Path: path, Paced: true, FPS: 30}
}

func aLook(t *testing.T) tryon.Worn {
	t.Helper()
	c, err := catalog.Load(assets.Catalogue())
	if err != nil {
		t.Fatal(err)
	}
	return tryon.Worn{Product: c.All()[0]}
}

func TestPipelineShowsWhatIsWornAndSaysHowItGoes(t *testing.T) {
	s := store(t)
	r := newRig(t, s, portraitSpec(t, s))
	r.SetLooks([]tryon.Worn{aLook(t)})
	r.until("a frame painted with a face and its fit", func() bool {
		return len(r.painted) > 5 && r.status.Fit != nil && r.status.FPS > 0 && r.status.Delay > 0
	})
	st := r.status
	if st.Ran != "CPU" || st.Camera.State != camera.Ready || st.Problem != "" || len(st.Faces) != 1 || st.Painter != "CPU" {
		t.Errorf("status %+v", st)
	}
	if st.Shown != image.Pt(640, 400) || st.Drawn.X == 0 || st.Perceive == 0 || st.Render == 0 {
		t.Errorf("status says drawn %v of %v, perceive %v, render %v", st.Drawn, st.Shown, st.Perceive, st.Render)
	}
	// The portrait's face stands left of the middle, so right of it in a mirror.
	if f := st.Faces[0]; f.X0 < 0.45 || f.X1 > 0.7 || f.Y0 >= f.Y1 {
		t.Errorf("the face is said to stand at %+v of the mirror", f)
	}
	for i, p := range r.painted[1:] {
		if p.Seq <= r.painted[i].Seq || p.At.Before(p.Captured) || p.Began.After(p.At) {
			t.Fatalf("frames painted: %+v after %+v", p, r.painted[i])
		}
	}
}

func TestTheStatusSaysWhetherWhatIsWornIsRefined(t *testing.T) {
	s := store(t)
	r := newRig(t, s, portraitSpec(t, s))
	r.SetLooks([]tryon.Worn{aLook(t)})
	r.until("a frame painted", func() bool { return len(r.painted) > 3 && r.status.Fit != nil })
	if st := r.status.Refining; st.On || st.Why != "" {
		t.Errorf("nobody asked for refining, but it says %+v", st)
	}
	r.SetRefine(true)
	r.until("it is refined, or why not", func() bool { st := r.status.Refining; return st.On && r.status.Refine > 0 || st.Why != "" })
}

func TestPhotoIsTheNextFrameAsTheCameraSawIt(t *testing.T) {
	s := store(t)
	spec := portraitSpec(t, s)
	r := newRig(t, s, spec)
	want, err := camera.ReadImage(spec.Path)
	if err != nil {
		t.Fatal(err)
	}
	r.until("the models loaded", func() bool { return r.status.Ran != "" })
	plain := r.photo()
	if !bytes.Equal(plain.Pix, want.Pix) {
		t.Error("without a look the photo is not what the camera saw")
	}
	r.SetLooks([]tryon.Worn{aLook(t)})
	if worn := r.photo(); bytes.Equal(worn.Pix, want.Pix) {
		t.Error("a photo taken after a product was chosen does not wear it")
	}
}

// photo takes a photo while the window goes on.
func (r *rig) photo() (img *image.RGBA) {
	r.t.Helper()
	done := make(chan error, 1)
	ctx, stop := context.WithTimeout(r.t.Context(), 20*time.Second)
	defer stop()
	go func() {
		var err error
		img, err = r.Photo(ctx)
		done <- err
	}()
	over := false
	r.until("a photo", func() bool {
		select {
		case err := <-done:
			if err != nil {
				r.t.Fatal(err)
			}
			over = true
		default:
		}
		return over
	})
	return img
}

func TestPhotoWithoutACameraGivesUp(t *testing.T) {
	r := newRig(t, store(t), camera.Spec{Kind: camera.KindStill, Path: "none.png", Paced: true})
	ctx, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	if _, err := r.Photo(ctx); err == nil {
		t.Error("a photo was taken without a camera")
	}
}

func TestASourceThatFailsIsToldAndAnotherTakesItsPlace(t *testing.T) {
	s := store(t)
	r := newRig(t, s, camera.Spec{Kind: camera.KindStill, Path: "none.png", Paced: true})
	r.until("the failure told", func() bool { return r.status.Camera.State == camera.Failed && r.status.Camera.Text != "" })
	r.SetSource(portraitSpec(t, s))
	r.until("the portrait seen", func() bool { return r.status.Camera.State == camera.Ready && len(r.status.Faces) == 1 })
}

func TestWithoutModelsTheMirrorShowsTheCameraAndSaysWhy(t *testing.T) {
	s := store(t)
	empty, err := models.OpenStore(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t, empty, portraitSpec(t, s))
	r.until("frames painted and the reason told", func() bool { return len(r.painted) > 3 && r.status.Problem != "" })
	if r.status.Ran != "" || len(r.status.Faces) != 0 {
		t.Errorf("without models %q ran", r.status.Ran)
	}
}

func TestALookThatCannotBeBuiltIsLeftOutAndNamed(t *testing.T) {
	s := store(t)
	r := newRig(t, s, portraitSpec(t, s))
	odd := *aLook(t).Product
	odd.ID, odd.Eyewear.LensWidth = "odd", -1
	r.SetLooks([]tryon.Worn{{Product: &odd}, aLook(t)})
	r.until("the other look judged and the odd one named", func() bool {
		return r.status.Fit != nil && bytes.Contains([]byte(r.status.Problem), []byte("odd"))
	})
}

func TestForgetClearsTheMirror(t *testing.T) {
	s := store(t)
	r := newRig(t, s, portraitSpec(t, s))
	r.until("a face", func() bool { return len(r.status.Faces) == 1 })
	first := r.status.Faces[0].ID
	r.Forget()
	r.until("a face with another ID", func() bool { return len(r.status.Faces) == 1 && r.status.Faces[0].ID != first })
}

func TestCloseWithoutStartAndTwice(t *testing.T) {
	p := newPipeline(Options{Store: store(t), Painter: viewport.OnCPU}, func(func()) {})
	p.Close()
	p.Close()
	p.Start() // does nothing any more
}

func TestMeterTellsRateAndQuantiles(t *testing.T) {
	var m meter
	now := time.Now()
	if m.rate(now) != 0 || m.quantile(now, 0.5) != 0 {
		t.Error("nothing happened, but the meter counts")
	}
	for i := range 90 { // three seconds at 30 a second, the last ones slow
		m.add(now.Add(time.Duration(i-89)*time.Second/30), time.Duration(i)*time.Millisecond)
	}
	if got := m.rate(now); got < 29.5 || got > 30.5 {
		t.Errorf("rate %v, want 30", got)
	}
	if got := m.quantile(now, 0.5).Round(time.Millisecond); got < 57*time.Millisecond || got > 61*time.Millisecond {
		t.Errorf("median %v of the last two seconds, want about 59 ms", got)
	}
	if got := m.rate(now.Add(time.Minute)); got != 0 {
		t.Errorf("rate %v a minute after the last event", got)
	}
}

func TestResolutionFallsBeforeTheFrameRateAndComesBack(t *testing.T) {
	var a adapter
	now := time.Now()
	run := func(seconds int, painted float64) (part float32) {
		for range seconds * 5 {
			now = now.Add(statusEvery)
			part = a.part(now, painted, 30)
		}
		return part
	}
	for i, c := range []struct {
		seconds int
		painted float64
		want    float32
	}{
		{5, 30, 1}, // all is well
		{1, 22, 1}, // a moment is no reason
		{2, 22, steps[1]},
		{14, 30, steps[1]}, // it holds, but not for long yet
		{2, 30, 1},         // try more
		{3, 24, steps[1]},  // that was too much
		{20, 30, steps[1]}, // so the next try comes later
		{15, 30, 1},
		{40, 28.2, 1},      // between: leave it
		{60, 10, steps[1]}, // and there is no step below the last
	} {
		if got := run(c.seconds, c.painted); got != c.want {
			t.Errorf("step %d: after %d s at %v fps %v is drawn, want %v", i, c.seconds, c.painted, got, c.want)
		}
	}
}

func TestLostFramesCountAsTheCameras(t *testing.T) {
	var m meter
	var c counted
	now := time.Now()
	for i := range 30 { // every second frame arrives
		f := camera.NewFrame(image.NewRGBA(image.Rect(0, 0, 1, 1)), nil)
		f.Seq, f.Captured = uint64(2*i), now.Add(time.Duration(i-29)*time.Second/15)
		c.add(&m, f)
	}
	if got := m.rate(now); got < 29 || got > 31 {
		t.Errorf("the camera gives %v frames a second, want 30", got)
	}
	if s := fmt.Sprint(m.n); s != "59" {
		t.Errorf("%s frames", s)
	}
}

func TestTheDemoNeedsNothingAndKnowsItsTruth(t *testing.T) {
	src, err := Open(t.Context(), store(t), camera.Spec{Kind: camera.KindDemo})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var yaw [2]float32
	for i := range 82 { // rest, then turned to the picture's right
		f, err := src.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if f.Truth == nil || f.Image.Rect.Size() != image.Pt(1280, 720) {
			t.Fatalf("frame %d: truth %v, %v", i, f.Truth, f.Image.Rect.Size())
		}
		if i == 0 {
			yaw[0] = f.Truth.Yaw
		}
		yaw[1] = f.Truth.Yaw
		f.Release()
	}
	if turned := yaw[1] - yaw[0]; turned < 30 || turned > 40 {
		t.Errorf("the head turned by %v degrees, want 35", turned)
	}
}
