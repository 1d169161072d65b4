package app

import (
	"context"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"cheval/assets"
	"cheval/camera"
	"cheval/catalog"
	_ "cheval/internal/locale" // before Fyne looks
	"cheval/tryon"
	"cheval/tryon/fit"
	"cheval/tryon/perceive"
	"cheval/viewport"
)

// stillMirror shows a picture that does not move, so that screens can be
// tested without models; the tests tell it what to report.
type stillMirror struct {
	picture         *canvas.Image
	looks           []tryon.Worn
	view            viewport.View
	source          SourceSettings
	chosen          int
	calibrates      bool
	forgotten       int
	onStatus        func(mirrorStatus)
	photo           *image.RGBA
	photoErr        error
	closed          bool
	started, second bool
	device          string
	refine          bool
}

func newStillMirror(img image.Image) *stillMirror {
	m := &stillMirror{picture: canvas.NewImageFromImage(img)}
	m.picture.FillMode = canvas.ImageFillCover
	return m
}

func (m *stillMirror) Object() fyne.CanvasObject                         { return m.picture }
func (m *stillMirror) SetLooks(l []tryon.Worn)                           { m.looks = l }
func (m *stillMirror) SetView(v viewport.View)                           { m.view = v }
func (m *stillMirror) SetSource(s SourceSettings)                        { m.source = s }
func (m *stillMirror) Choose(id int)                                     { m.chosen = id }
func (m *stillMirror) Calibrate(on bool)                                 { m.calibrates = on }
func (m *stillMirror) Forget()                                           { m.forgotten++ }
func (m *stillMirror) OnStatus(f func(mirrorStatus))                     { m.onStatus = f }
func (m *stillMirror) SetDevice(name string)                             { m.device = name }
func (m *stillMirror) SetRefine(on bool)                                 { m.refine = on }
func (m *stillMirror) Start()                                            { m.started = true }
func (m *stillMirror) SetSecondDisplay(_ context.Context, on bool) error { m.second = on; return nil }
func (m *stillMirror) Close() error                                      { m.closed = true; return nil }
func (m *stillMirror) Snapshot() (*image.RGBA, error) {
	return m.photo, m.photoErr
}

// clock is a time that a test moves.
type clock struct{ now time.Time }

func (c *clock) advance(d time.Duration) { c.now = c.now.Add(d) }

// starter is the catalogue that the program ships.
func starter(t *testing.T) *catalog.Catalogue {
	t.Helper()
	c, err := catalog.Load(assets.Catalogue())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// measured is a status with one face that has millimetres.
func measured() mirrorStatus {
	return mirrorStatus{FPS: 31, Delay: 42 * time.Millisecond, Device: "CPU", Model: 4100 * time.Microsecond, Source: sourceReady,
		Faces:   []seenFace{{ID: 7, Box: rect{0.4, 0.2, 0.2, 0.4}}},
		Measure: perceive.Measure{Source: perceive.MeasureIris, PDmm: 63, PDErrormm: 2.7},
		Fit: &fit.Report{Known: true, FaceWidthmm: 139, FrontWidthmm: 136, Widthmm: -3, ErrorMM: 2,
			Width: fit.Good, Bridge: fit.Good, Pupil: fit.Good, Overall: fit.Good}}
}

// bench is an app with a still mirror in a window of a given size.
type bench struct {
	*App
	still *stillMirror
	clock *clock
	ui    *uiQueue
}

// settle waits for what runs in the background and does, on the test's own
// goroutine, what that wants done.
func (b *bench) settle() {
	for {
		b.jobs.Wait()
		for b.pictures.waiting() > 0 {
			time.Sleep(time.Millisecond)
		}
		if !b.ui.run() {
			return
		}
	}
}

// uiQueue stands in for the UI goroutine's queue.
type uiQueue struct {
	mu sync.Mutex
	do []func()
}

func (q *uiQueue) put(f func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.do = append(q.do, f)
}

// run does what is queued and says whether there was anything.
func (q *uiQueue) run() bool {
	q.mu.Lock()
	do := q.do
	q.do = nil
	q.mu.Unlock()
	for _, f := range do {
		f()
	}
	return len(do) > 0
}

// testFonts reads the fonts once for all tests.
var testFonts = func() func(fyne.Theme) (fonts, error) {
	once := sync.OnceValues(func() (fonts, error) { return loadFonts(theme.DefaultTheme()) })
	return func(fyne.Theme) (fonts, error) { return once() }
}()

// noPreview is a preview that cannot draw.
type noPreview struct{}

func (noPreview) draw(context.Context, *catalog.Product, int, int) (image.Image, error) {
	return nil, errNoPreview
}
func (noPreview) Close() error { return nil }

// flatHeads wear every product as five fields of its frame's colour.
type flatHeads struct{}

func (flatHeads) Draw(p *catalog.Product, variant int) (*image.RGBA, error) {
	img := image.NewRGBA(image.Rect(0, 0, 240, 48))
	draw.Draw(img, img.Rect, image.NewUniform(p.Variants[variant].Frame.Base), image.Point{}, draw.Src)
	return img, nil
}

var errNoPreview = errors.New("no preview in this test")

func flatPicture(c color.NRGBA) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, 64, 36))
	draw.Draw(img, img.Rect, image.NewUniform(c), image.Point{}, draw.Src)
	return img
}

func newBench(t *testing.T, lang string, w, h float32, change ...func(*parts)) *bench {
	t.Helper()
	ui := &uiQueue{}
	c := &clock{time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)}
	still := newStillMirror(flatPicture(color.NRGBA{150, 130, 120, 255}))
	p := parts{
		catalogue: starter(t),
		mirror:    func(Settings) (Mirror, error) { return still, nil },
		draw: func(p *catalog.Product, v int, s image.Point) (image.Image, error) {
			return image.NewNRGBA(image.Rectangle{Max: s}), nil
		},
		preview: noPreview{},
		heads:   func(context.Context) (headDrawer, error) { return &flatHeads{}, nil },
		cameras: func() ([]camera.Device, error) {
			return []camera.Device{{ID: "a", Label: "HD Webcam"}, {ID: "b", Label: "Desk camera"}}, nil
		},
		sound: func(string) (soundDevices, error) { return soundDevices{}, errors.New("no sound in this test") },
		fonts: testFonts,
		now:   func() time.Time { return c.now },
		onUI:  ui.put,
	}
	for _, f := range change {
		f(&p)
	}
	fa := test.NewTempApp(t)
	a := newApp(fa, Options{Home: t.TempDir()}, p)
	s := DefaultSettings()
	s.Language = lang
	s.Subtitle = "Optik am Markt"
	if err := s.save(a.opts.Home); err != nil {
		t.Fatal(err)
	}
	if err := a.open(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.close(); err != nil {
			t.Error(err)
		}
	})
	a.win = test.NewTempWindow(t, a.stage.root)
	a.win.SetPadded(false)
	a.win.Resize(fyne.NewSize(w, h))
	still.onStatus(measured())
	c.advance(fitWarm)
	still.onStatus(measured())
	return &bench{a, still, c, ui}
}
