// Package live is the mirror's pipeline in the app: a camera's frames go to the
// engine, its results to the viewport, and the viewport's pictures to a Fyne
// object, each hop holding the newest item only. It measures the way from the
// lens to the screen, and lowers the drawn resolution where the machine cannot
// hold the frame rate.
//
// It leaves to others what stands around the mirror and what a status means to
// a person (app), and all that happens to a picture (camera, tryon, viewport).
package live

import (
	"context"
	"image"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"

	"cheval/camera"
	"cheval/internal/latest"
	"cheval/models"
	"cheval/tryon"
	"cheval/viewport"
)

// Options of a pipeline.
type Options struct {
	// Store holds the installed models, and Device says what runs them.
	Store  *models.Store
	Device models.Device
	// Source is where frames come from at first.
	Source camera.Spec
	// Refine has what is worn refined, within refine.Budget.
	Refine bool
	// View is what the mirror shows at first.
	View viewport.View
	// Painter presents; see viewport.Painter.
	Painter viewport.Painter
	// OnPainted, which may be nil, is called on the UI goroutine for every
	// frame, when the window that shows it was painted.
	OnPainted func(Painted)
	// OnResult, which may be nil, is called on the engine's goroutine with
	// every result. It must not block, and holds the result only if it retains it.
	OnResult func(*tryon.Result)
}

// Pipeline is a mirror that runs. All methods may be called from any goroutine
// and do not block, unless they say so.
type Pipeline struct {
	opt      Options
	frames   *latest.Box[*camera.Frame]
	mirror   *viewport.Mirror
	glass    *glass
	cancel   context.CancelFunc
	finished sync.WaitGroup
	once     struct{ start, close sync.Once }

	wanted    wanted
	using     sync.Mutex // while a frame is processed
	engine    atomic.Pointer[tryon.Engine]
	chosen    *latest.Box[choice]          // to be built
	asked     atomic.Uint64                // number of the last choice
	built     atomic.Uint64                // of the choice in looks
	refine    atomic.Bool                  // what is worn
	keepPlain atomic.Bool                  // of the looks
	looks     atomic.Pointer[[]tryon.Worn] // built, as far as they can be
	photos    chan chan *image.RGBA        // each holds one
	seen      seen
	source    meter // frames that the camera gave
	delays    meter // lens to screen, of frames that were painted
	adapter   adapter
	telling   telling
}

// New makes a pipeline. Ebitengine begins to start; camera and models wait for
// Start. Close it in any case.
func New(o Options) *Pipeline { return newPipeline(o, fyne.Do) }

// newPipeline makes a pipeline whose UI goroutine is reached by onUI.
func newPipeline(o Options, onUI func(func())) *Pipeline {
	p := &Pipeline{
		opt:    o,
		frames: latest.New((*camera.Frame).Release),
		chosen: latest.New[choice](nil),
		photos: make(chan chan *image.RGBA),
	}
	p.wanted.init(o.Source, o.Device)
	p.refine.Store(o.Refine)
	p.looks.Store(new([]tryon.Worn))
	p.glass = newGlass(onUI, o.OnPainted, &p.delays)
	p.mirror = viewport.Open(viewport.Options{Size: image.Pt(1280, 800), Painter: o.Painter, OnPicture: p.glass.wake})
	p.mirror.SetView(o.View)
	p.glass.mirror = p.mirror
	p.telling.do, p.telling.onUI, p.glass.before = p.tell, onUI, p.tell
	return p
}

// Start opens the camera and the models, both elsewhere, and begins to show
// what comes. It is called once.
func (p *Pipeline) Start() {
	p.once.start.Do(func() {
		var ctx context.Context
		ctx, p.cancel = context.WithCancel(context.Background())
		p.glass.start(ctx)
		p.run(ctx, p.operate)
		p.run(ctx, p.build)
		p.run(ctx, p.work)
		p.run(ctx, p.tick)
	})
}

func (p *Pipeline) run(ctx context.Context, f func(context.Context)) {
	p.finished.Add(1)
	go func() {
		defer p.finished.Done()
		f(ctx)
	}()
}

// Close stops everything and waits; a camera's driver that hangs is waited for
// 3 seconds. It may be called twice, and without Start.
func (p *Pipeline) Close() {
	p.once.close.Do(func() {
		p.once.start.Do(func() {}) // not any more
		if p.cancel != nil {
			p.cancel()
		}
		p.finished.Wait()
		p.glass.stop()
		p.mirror.Close()
		p.frames.Close()
		p.chosen.Close()
	})
}

// Object is the mirror, to be laid into a page. It fills its space and keeps
// itself up to date.
func (p *Pipeline) Object() fyne.CanvasObject { return p.glass.raster }

// SetLooks says what is worn: nothing, one look, or two for side by side. A
// product that was not worn lately is built first, elsewhere, which takes some
// hundredths of a second. Looks that cannot be built are left out, and named in
// Status.Problem.
func (p *Pipeline) SetLooks(looks []tryon.Worn) {
	p.chosen.Put(choice{p.asked.Add(1), slices.Clone(looks)})
}

// SetView changes what is shown and how.
func (p *Pipeline) SetView(v viewport.View) {
	p.keepPlain.Store(v.ComparesRefined())
	p.follow()
	p.mirror.SetView(v)
}

// SetRefine has what is worn refined, or not.
func (p *Pipeline) SetRefine(on bool) {
	p.refine.Store(on)
	p.follow()
}

// follow tells the engine in use what was chosen.
func (p *Pipeline) follow() {
	if e := p.engine.Load(); e != nil {
		e.SetRefine(p.refine.Load())
		e.KeepPlain(p.keepPlain.Load())
	}
}

// SetSource changes where frames come from. What is shown stays until the new
// source's first frame; faces, measures and a card are forgotten.
func (p *Pipeline) SetSource(s camera.Spec) { p.wanted.setSource(s) }

// SetDevice changes what runs the models.
func (p *Pipeline) SetDevice(d models.Device) { p.wanted.setDevice(d) }

// Choose makes the face with this ID the active one for as long as it is
// seen; 0 leaves the choice to the engine.
func (p *Pipeline) Choose(id int) {
	if e := p.engine.Load(); e != nil {
		e.SetActive(id)
	}
}

// Calibrate starts or stops looking for a bank-sized card at the active face.
func (p *Pipeline) Calibrate(on bool) {
	if e := p.engine.Load(); e != nil {
		e.CalibrateCard(on)
	}
}

// Forget drops every calibration and what is known of the faces, and what the
// mirror shows, until the next frame: a visit has ended.
func (p *Pipeline) Forget() {
	if e := p.engine.Load(); e != nil {
		e.Reset()
	}
	p.mirror.Clear()
}

// OnStatus has f called on the UI goroutine some times a second. It is called
// before Start.
func (p *Pipeline) OnStatus(f func(Status)) { p.telling.to = f }

// Displays names the displays of this machine. It waits until Ebitengine is
// up, or ctx ends.
func (p *Pipeline) Displays(ctx context.Context) ([]string, error) { return p.mirror.Monitors(ctx) }

// FullScreen shows the mirror by itself on display n (from 0, see Displays), or
// no longer when n is -1. It waits until Ebitengine is up, or ctx ends.
func (p *Pipeline) FullScreen(ctx context.Context, n int) error { return p.mirror.FullScreen(ctx, n) }

// Snapshot returns what the mirror shows now, as it is seen, with all the
// pixels that the camera gives. It blocks for some milliseconds.
func (p *Pipeline) Snapshot() (*image.RGBA, error) { return p.mirror.Snapshot() }

// statusEvery is how often a status is told.
const statusEvery = 200 * time.Millisecond
