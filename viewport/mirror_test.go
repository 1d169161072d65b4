package viewport

import (
	"context"
	"errors"
	"image"
	"image/color"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"cheval/tryon"

	"github.com/hajimehoshi/ebiten/v2"
)

var everyView = map[string]View{
	"plain":        {},
	"flipped":      {Flip: true},
	"wiped":        {Flip: true, Mode: Wipe, WipeAt: 0.47},
	"side by side": {Flip: true, Mode: SideBySide},
	"zoomed":       {Flip: true, Zoom: 2.3, Pan: [2]float32{0.2, -0.1}},
	"zoomed pair":  {Mode: SideBySide, Zoom: 1.7},
	"shaded":       {Flip: true, ShadeFrom: 0.6, ShadeBy: 0.58},
	"debug":        {Flip: true, Debug: true},
}

func TestEbitengineAndCPUPaintAlike(t *testing.T) {
	gpu := &gpuPainter{stage: theStage()}
	defer gpu.close()
	r := result(640, 360, glass, red, green)
	defer r.Release()
	for name, v := range everyView {
		for _, size := range []image.Point{{640, 360}, {500, 300}, {360, 640}, {900, 500}} {
			want := paint(t, new(cpuPainter), r, v, size)
			got := paint(t, gpu, r, v, size)
			mean, worst := difference(got, want)
			if mean > 0.7 || worst > 0.002 {
				t.Errorf("%s at %v: Ebitengine's pixels differ by %.2f of 255 on average, %.2f %% of them visibly", name, size, mean, worst*100)
			}
		}
	}
}

// difference returns the mean difference of two pictures' channels, and the
// share of pixels in which one differs by more than 24.
func difference(a, b *image.RGBA) (mean, share float64) {
	sum, far := 0, 0
	for i := 0; i < len(a.Pix); i += 4 {
		worst := 0
		for c := range 4 {
			d := int(a.Pix[i+c]) - int(b.Pix[i+c])
			d = max(d, -d)
			sum += d
			worst = max(worst, d)
		}
		if worst > 24 {
			far++
		}
	}
	return float64(sum) / float64(len(a.Pix)), float64(far) / float64(len(a.Pix)/4)
}

// hold keeps the stage busy until the test ends, so that what Ebitengine does
// by itself is not counted.
func hold(t *testing.T) {
	t.Helper()
	begun, end, done := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() { done <- theStage().do(&holdJob{begun, end}) }()
	<-begun
	t.Cleanup(func() { close(end); <-done })
}

type holdJob struct{ begun, end chan struct{} }

func (j *holdJob) run(*ebiten.Image) { close(j.begun); <-j.end }

func TestPaintingAllocatesNothingOnTheCPU(t *testing.T) {
	hold(t)
	r := result(640, 360, glass, red, green)
	defer r.Release()
	for name, v := range everyView {
		if v.Debug {
			continue // writes text
		}
		v := v.clamped()
		var s scene
		var p cpuPainter
		out := image.NewRGBA(image.Rect(0, 0, 500, 300))
		n := testing.AllocsPerRun(20, func() {
			s.compose(r, v, out.Rect.Size(), [2]float32{320, 180})
			p.paint(&s, out)
		})
		if n != 0 {
			t.Errorf("%s: %v allocations a picture", name, n)
		}
	}
}

// Ebitengine 2.10.2 kept every upload for ever where pixels were read in the
// same frame.
func TestPaintingWithEbitengineKeepsNoUploads(t *testing.T) {
	gpu := &gpuPainter{stage: theStage()}
	defer gpu.close()
	r := result(640, 360, glass, red)
	defer r.Release()
	var s scene
	out := image.NewRGBA(image.Rect(0, 0, 640, 360))
	heap := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	paintMany := func() {
		for range 60 {
			s.compose(r, View{}.clamped(), out.Rect.Size(), [2]float32{320, 180})
			if err := gpu.paint(&s, out); err != nil {
				t.Fatal(err)
			}
		}
	}
	paintMany()
	before := heap()
	paintMany()
	if grown := heap() - before; grown > 10*int64(len(out.Pix)) {
		t.Errorf("60 pictures of %d kB left %d kB behind", len(out.Pix)>>10, grown>>10)
	}
}

// open returns a mirror of a small size whose pictures are signalled.
func open(t *testing.T, p Painter) (*Mirror, chan struct{}) {
	t.Helper()
	came := make(chan struct{}, 1)
	m := Open(Options{Size: image.Pt(640, 360), Painter: p, OnPicture: func() {
		select {
		case came <- struct{}{}:
		default:
		}
	}})
	t.Cleanup(m.Close)
	return m, came
}

// take waits for a picture and returns it.
func take(t *testing.T, m *Mirror, came chan struct{}) *Picture {
	t.Helper()
	for {
		if p, ok := m.Pictures().TryTake(); ok {
			return p
		}
		select {
		case <-came:
		case <-time.After(10 * time.Second):
			t.Fatal("no picture came within 10 s")
		}
	}
}

func TestMirrorBeginsOnTheCPUAndGoesOnWithEbitengine(t *testing.T) {
	m, came := open(t, OnEbitengine)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for m.Stats().Painter != "Ebitengine" {
		if ctx.Err() != nil {
			t.Fatalf("the mirror is still drawn by %q", m.Stats().Painter)
		}
		m.Show(result(640, 360, glass, red))
		p := take(t, m, came)
		if got := p.Image.RGBAAt(320, 170); got != red {
			t.Errorf("drawn by %s the look is %v, want %v", m.Stats().Painter, got, red)
		}
		p.Release()
	}
}

func TestEbitengineIsTriedWhereThereIsAGraphicsCard(t *testing.T) {
	with := func(device string) func(string) ([]string, error) {
		return func(pattern string) ([]string, error) {
			if ok, err := filepath.Match(pattern, device); !ok || err != nil {
				return nil, err
			}
			return []string{device}, nil
		}
	}
	for device, want := range map[string]bool{"/dev/dri/renderD128": true, "/dev/nvidia0": true, "/dev/dri/card0": false, "": false} {
		if got := graphicsCard(with(device)); got != want {
			t.Errorf("with %q a graphics card is found: %v, want %v", device, got, want)
		}
	}
}

func TestTheQuickerPaints(t *testing.T) {
	size := image.Pt(1000, 1000)
	for _, c := range []struct {
		gpu, cpu time.Duration
		onCPU    bool
	}{{3 * time.Millisecond, time.Millisecond, false}, {9 * time.Millisecond, 2 * time.Millisecond, true}, {9 * time.Millisecond, 12 * time.Millisecond, false}} {
		var k chooser
		k.times.cpu = []float64{perPixel(c.cpu, size)}
		for range warmUp {
			k.judge(time.Second, size) // compiling shaders
		}
		for range trial {
			k.judge(c.gpu, size)
		}
		if !k.settled || k.onCPU != c.onCPU || k.onCPU != (k.why != "") {
			t.Errorf("Ebitengine in %v, the CPU in %v: settled %v, on the CPU %v (%q)", c.gpu, c.cpu, k.settled, k.onCPU, k.why)
		}
	}
}

func TestMirrorDrawsANewViewWithoutANewFrame(t *testing.T) {
	m, came := open(t, OnCPU)
	r := result(640, 360, image.Rect(100, 100, 200, 150), red)
	r.Frame.Seq = 7
	m.Show(r)
	first := take(t, m, came)
	defer first.Release()
	m.SetView(View{Flip: true})
	second := take(t, m, came)
	defer second.Release()
	if first.Again || !second.Again || second.Seq != 7 {
		t.Errorf("pictures say Again %v then %v and frame %d, want false, true and 7", first.Again, second.Again, second.Seq)
	}
	if got := second.Image.RGBAAt(639-150, 125); got != red {
		t.Errorf("the new view is not drawn: %v", got)
	}
	m.SetSize(image.Pt(360, 640))
	third := take(t, m, came)
	defer third.Release()
	if s := third.Image.Rect.Size(); s.X >= s.Y {
		t.Errorf("a mirror turned upright is drawn %v large", s)
	}
}

func TestMirrorForgetsWhatItShowed(t *testing.T) {
	m, came := open(t, OnCPU)
	released := false
	r := result(640, 360, glass, red)
	inner := tryon.NewResult(r.Frame, func(*tryon.Result) { released = true })
	m.Show(inner)
	take(t, m, came).Release()
	m.Clear()
	p := take(t, m, came)
	defer p.Release()
	for _, v := range p.Image.Pix[:3] {
		if v != 0 {
			t.Fatal("a cleared mirror still shows something")
		}
	}
	if !released {
		t.Error("a cleared mirror still holds the result")
	}
	if _, err := m.Snapshot(); !errors.Is(err, ErrNothingShown) {
		t.Errorf("a snapshot of nothing says %v", err)
	}
}

func TestSnapshotHasTheCamerasPixelsAndNoOverlay(t *testing.T) {
	m, came := open(t, OnCPU)
	m.SetSize(image.Pt(320, 200))
	m.SetView(View{Flip: true, Debug: true, ShadeFrom: 0.2, ShadeBy: 1})
	m.Show(result(1280, 720, image.Rect(500, 300, 700, 400), red))
	take(t, m, came).Release()
	img, err := m.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	if img.Rect.Size() != image.Pt(1152, 720) {
		t.Errorf("the snapshot has %v pixels, want 1152x720", img.Rect.Size())
	}
	if got := img.RGBAAt(1152/2+64-20, 350); got != red {
		t.Errorf("the snapshot does not wear the look: %v", got)
	}
}

func TestSlowReaderGetsTheNewestPicture(t *testing.T) {
	m, came := open(t, OnCPU)
	for i := range 30 {
		r := result(64, 36, image.Rect(20, 10, 40, 20), red)
		r.Frame.Seq = uint64(i)
		m.Show(r)
	}
	for {
		p := take(t, m, came)
		seq := p.Seq
		p.Release()
		if seq == 29 {
			break
		}
	}
}

func TestFullScreenOnADisplayThatIsNotThere(t *testing.T) {
	m, _ := open(t, OnEbitengine)
	if err := m.FullScreen(t.Context(), 9); err == nil {
		t.Error("display 10 of 1 was accepted")
	}
	names, err := m.Monitors(t.Context())
	if err != nil || len(names) == 0 {
		t.Errorf("displays: %v, %v", names, err)
	}
}

// screenshot is a job that looks at what the full-screen window shows.
type screenshot struct {
	size   image.Point
	middle color.RGBA
}

func (j *screenshot) run(screen *ebiten.Image) {
	if screen == nil {
		return
	}
	j.size = screen.Bounds().Size()
	j.middle = screen.At(j.size.X/2, j.size.Y*170/360).(color.RGBA)
}

func TestFullScreenShowsTheMirrorThereToo(t *testing.T) {
	m, came := open(t, OnEbitengine)
	if err := m.FullScreen(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	until := time.Now().Add(20 * time.Second)
	for m.Stats().FullScreen != 0 || m.Stats().Painter != "Ebitengine" {
		if time.Now().After(until) {
			t.Fatalf("stats: %+v", m.Stats())
		}
		m.Show(result(640, 360, glass, red))
		take(t, m, came).Release()
	}
	var look screenshot
	for range 20 { // the window system needs a moment to give it its size
		m.Show(result(640, 360, glass, red))
		take(t, m, came).Release()
		if err := theStage().do(&look); err != nil {
			t.Fatal(err)
		}
		if look.size.X > parkedWindow && look.middle == red {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if look.size.X <= parkedWindow || look.middle != red {
		t.Errorf("the full-screen window is %v large and shows %v in its middle, want the look", look.size, look.middle)
	}
	if err := m.FullScreen(t.Context(), -1); err != nil {
		t.Fatal(err)
	}
}
