// Package app is the desktop program: its window, one file a screen (mirror,
// staff, catalogue, settings), the rules of a session and of privacy, and the
// wiring between the mirror's pipeline and what a person touches.
//
// It leaves to others how a face is seen and a product drawn (tryon), how the
// mirror presents a picture (viewport), how pixels travel (app/live), and
// which display there is: main hands it a fyne.App.
package app

import (
	"context"
	"errors"
	"fmt"
	"image"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"github.com/nicksnyder/go-i18n/v2/i18n"

	"cheval/camera"
	"cheval/catalog"
	"cheval/catalog/store"
	"cheval/recommender/people"
	"cheval/viewport"
	"cheval/voice/assistant"
	"cheval/voice/hear"
	"cheval/voice/teach"
)

// Options say how the app is to run.
type Options struct {
	// Home is the folder that holds models, settings and people (CHEVAL_HOME).
	Home string
	// Shots, where not empty, is a folder: the app runs its demo by itself,
	// writes a picture of each screen and a short clip there, and ends.
	Shots string
	// Version is Cheval's, for the record of what was made.
	Version string
}

// parts are what the app is put together from; tests give their own.
type parts struct {
	// openStore opens the shop's catalogue; nil: catalogue is shown and nothing
	// of it can be changed.
	openStore func(home string) (*store.Store, error)
	catalogue *catalog.Catalogue
	mirror    func(Settings) (Mirror, error)
	draw      func(*catalog.Product, int, image.Point) (image.Image, error)
	preview   preview
	// heads opens the heads that products are compared on.
	heads   func(context.Context) (headDrawer, error)
	cameras func() ([]camera.Device, error)
	sound   openSound // microphone and loudspeaker
	fonts   func(fyne.Theme) (fonts, error)
	// looks embeds the pictures of what is new in the store and says how many
	// there were; nil: nothing is looked at.
	looks func(context.Context, *store.Store) (int, error)
	// garments opens what designs garments on a device; nil: nothing does.
	garments func(device string) (garmentMaker, error)
	now      func() time.Time
	// onUI has something done on the UI goroutine, soon; it does not wait.
	onUI func(func())
}

// preview draws a product worn at a turn of the head.
type preview interface {
	draw(ctx context.Context, p *catalog.Product, variant, yaw int) (image.Image, error)
	Close() error
}

// App is the running program. Its methods are called on the UI goroutine.
type App struct {
	fyne   fyne.App
	opts   Options
	parts  parts
	win    fyne.Window
	bundle *i18n.Bundle
	fonts  fonts
	look   *look

	settings    Settings
	source      SourceSettings // that the mirror shows now
	applied     Settings       // the settings that took effect last
	lang        string         // what is spoken now; a visit may change it
	logoFile    *image.RGBA    // nil: none
	pin         *pinLock
	pictures    *pictures
	finder      finder
	photoFronts *fronts
	mirror      Mirror

	store       *store.Store     // of the catalogue; nil: it cannot be changed
	follows     sync.WaitGroup   // what waits for its changes until close
	onStock     func()           // of the screen that shows all of it; nil: none
	onDropped   func([]fyne.URI) // of the screen that takes files; nil: none
	desk        *photoDesk       // makes products of photos; nil until the studio was shown
	deskOpened  *photoDesk       // the same, written by a job and read after it
	deskOpening bool
	heads       *fixedHeads // that products are compared on before they are published
	editing     *editing    // the product that is edited; nil: none
	ideas       *ideas
	shopper     *shopper
	people      *people.Store // of profiles and counts; nil until it is open
	opened      *people.Store // the same, written by a job and read after it
	visit       *people.Visit
	wearing     wearing
	suggest     suggester
	talk        talk
	talkOpened  *talker // written by a job and read after it
	// onAnswered, which may be nil, is told of every question that was spoken
	// when it has been answered on the screens.
	onAnswered   func(hear.Event, assistant.Response, error)
	training     *training // of the recommender; nil: none runs
	trainingSaid string    // how the last one ended
	// voiceTraining says that what was taught is being learned, voiceOutcome how
	// that ended last; nil: not yet.
	voiceTraining bool
	voiceOutcome  *teach.Outcome
	// demoHome holds the people of a demo, until it is closed; "": no demo.
	demoHome string
	keepFit  bool // the person agrees to keep their measures
	codes    codeGuard
	session  sessionClock
	view     viewport.View
	status   mirrorStatus
	hint     hintFor
	fit      steadyFit
	guard    faceGuard
	leaving  time.Duration // left of the countdown; 0: none

	ctx     context.Context // until close
	cancel  context.CancelFunc
	jobs    sync.WaitGroup // what runs in the background
	running atomic.Int32   // how much
	stage   *stage
	section section // of the staff's screens, the one seen last
	tour    *tour   // nil unless the guided demo runs
	timers  []timer
	broken  error // what New could not do; Run says it
	// notices are sentences that staff should read, such as a settings file
	// that was damaged.
	notices []string
}

// timer is something to do on the UI goroutine at or after a time.
type timer struct {
	at time.Time
	do func()
}

// New makes the app; nothing is shown or opened before Run.
func New(f fyne.App, o Options) *App {
	p, err := realParts(o)
	a := newApp(f, o, p)
	a.broken = err
	return a
}

func newApp(f fyne.App, o Options, p parts) *App {
	a := &App{fyne: f, opts: o, parts: p, view: viewport.View{WipeAt: 0.5, Zoom: 1, Flip: true}, heads: &fixedHeads{open: p.heads}}
	a.pin = newPINLock(o.Home, p.now)
	a.ideas = newIdeas(a)
	a.ctx, a.cancel = context.WithCancel(context.Background())
	return a
}

func (a *App) now() time.Time { return a.parts.now() }

// gcPercent is how much garbage may gather against what lives: the mirror's
// frames make none, so it gathers slowly, and most of what lives are pixels and
// fonts, which cost the collector nothing to pass over.
const gcPercent = 30

// Run shows the window and returns when it was closed or ctx ended. It must be
// called on the main goroutine.
func (a *App) Run(ctx context.Context) error {
	debug.SetGCPercent(gcPercent)
	if err := a.open(); err != nil {
		return err
	}
	a.win = a.fyne.NewWindow("Cheval")
	a.win.SetPadded(false)
	a.win.SetMaster()
	a.win.SetContent(a.stage.root)
	a.win.Resize(fyne.NewSize(1280, 800))
	a.win.SetFullScreen(a.settings.Fullscreen && a.opts.Shots == "")
	a.keys(a.win.Canvas())
	a.win.SetOnDropped(func(_ fyne.Position, uris []fyne.URI) {
		if a.onDropped != nil {
			a.onDropped(uris)
		}
	})
	ctx, stop := context.WithCancel(ctx)
	ended := context.AfterFunc(ctx, func() { a.parts.onUI(a.win.Close) })
	ticked := a.startTicks(ctx)
	shot := a.startShots(ctx)
	a.win.ShowAndRun()
	ended()
	stop()
	<-ticked
	return errors.Join(<-shot, a.close())
}

// open reads what the shop has chosen and builds the first screen.
func (a *App) open() (err error) {
	if a.broken != nil {
		return a.broken
	}
	if a.bundle, err = newBundle(); err != nil {
		return err
	}
	a.settings, err = loadSettings(a.opts.Home, a.now())
	a.notice(err)
	a.applied, a.source, a.lang = a.settings, a.settings.Source, a.settings.Language
	a.fonts, err = a.parts.fonts(theme.DefaultTheme())
	a.notice(err)
	if err := a.openStock(); err != nil {
		return err
	}
	a.openPeople()
	a.photoFronts = newFronts(a.readFront)
	a.pictures = newPictures(a.drawProduct, a.parts.onUI)
	if a.mirror, err = a.parts.mirror(a.settings); err != nil {
		a.pictures.Close()
		return errors.Join(fmt.Errorf("open the mirror: %w", err), a.closeStock())
	}
	a.mirror.OnStatus(a.onStatus)
	a.followSettings()
	a.loadLogo()
	a.stage = newStage(a)
	a.makeRanker()
	a.showLooks()
	a.mirror.SetView(a.view)
	a.mirror.Start()
	a.after(picturesWait, a.pictures.release)
	if a.settings.SecondDisplay {
		a.followSecondDisplay()
	}
	return nil
}

func (a *App) close() error {
	a.cancel()
	a.jobs.Wait()
	a.follows.Wait()
	a.pictures.Close()
	return errors.Join(a.mirror.Close(), a.parts.preview.Close(), a.closePeople(), a.deskOpened.close(), a.ideas.close(), a.talkOpened.close(), a.closeStock())
}

// notice keeps a sentence for staff.
func (a *App) notice(err error) {
	if err != nil {
		a.notices = append(a.notices, err.Error())
		fyne.LogError("start", err)
	}
}

// startShots has pictures taken where they are asked for, and then the window
// closed.
func (a *App) startShots(ctx context.Context) <-chan error {
	done := make(chan error, 1)
	if a.opts.Shots == "" {
		done <- nil
		return done
	}
	go func() {
		err := a.takeShots(ctx)
		if ctx.Err() == nil {
			a.parts.onUI(a.win.Close)
		}
		done <- err
	}()
	return done
}

// startTicks calls tick four times a second on the UI goroutine until ctx ends.
func (a *App) startTicks(ctx context.Context) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		t := time.NewTicker(250 * time.Millisecond)
		defer t.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-t.C:
				a.parts.onUI(a.tick)
			}
		}
	}()
	return done
}

// after does something on the UI goroutine after d, at a tick.
func (a *App) after(d time.Duration, do func()) {
	a.timers = append(a.timers, timer{a.now().Add(d), do})
}

// picturesWait is when product pictures are drawn even if the mirror does not
// run yet; before that the machine is left to its first frame.
const picturesWait = 3 * time.Second

// quiet says whether nothing is drawn or worked on in the background.
func (a *App) quiet() bool { return a.running.Load() == 0 && a.pictures.waiting() == 0 }

// tick does what is due and looks at the visit.
func (a *App) tick() {
	now := a.now()
	due := a.timers
	a.timers = nil
	for _, t := range due {
		if now.Before(t.at) {
			a.timers = append(a.timers, t)
			continue
		}
		t.do()
	}
	if a.tour != nil {
		a.tour.tick(a, now)
	}
	a.watchSession(now)
	a.stage.tick()
}

// pixelScale is how many pixels a unit has on the window's screen.
func (a *App) pixelScale() float32 {
	if a.win == nil {
		return 1
	}
	return a.win.Canvas().Scale()
}

// inBackground runs work away from the UI goroutine and then, on it, done,
// unless the app is closing. Work that can take long heeds its context.
func (a *App) inBackground(work func(context.Context) error, done func(error)) {
	a.running.Add(1)
	a.jobs.Go(func() {
		defer a.running.Add(-1)
		err := work(a.ctx)
		if a.ctx.Err() == nil {
			a.parts.onUI(func() { done(err) })
		}
	})
}
