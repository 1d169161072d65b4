package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"cheval/catalog"
	"cheval/viewport"
	"cheval/voice/assistant"
)

// scene is one screen that pictures are taken of.
type scene struct {
	name string
	set  func(a *App)
	// everywhere: in every size of window, not only on the wall.
	everywhere bool
	wait       time.Duration
}

// scenes are the screens in the order of the pictures. Each begins where a
// visit begins.
func scenes() []scene {
	return []scene{
		{"mirror", func(a *App) { a.touched() }, true, time.Second},
		{"before-after", func(a *App) { a.toggleWipe() }, true, 600 * time.Millisecond},
		{"side-by-side", func(a *App) { a.toggleSides() }, true, time.Second},
		{"sunglasses", func(a *App) { a.setFilters(filters{kinds: []catalog.Kind{catalog.Sun}}); a.step(1) }, false, time.Second},
		{"filters", func(a *App) { a.setFilters(filters{shapes: []catalog.Shape{catalog.Round}}); a.openFilters() }, true, 600 * time.Millisecond},
		{"favourites", func(a *App) {
			for range 3 {
				a.toggleLike()
				a.step(1)
			}
			a.openLikes()
		}, false, 1500 * time.Millisecond},
		{"for-you", func(a *App) {
			a.step(1)
			a.toggleLike()
			a.toggleForYou()
		}, true, 1500 * time.Millisecond},
		{"why", func(a *App) {
			a.step(1)
			a.toggleLike()
			a.toggleForYou()
			a.openWhy()
		}, false, 1500 * time.Millisecond},
		{"basket", func(a *App) {
			a.toggleBasket()
			a.step(2)
			a.toggleBasket()
			a.openBasket()
		}, false, 1500 * time.Millisecond},
		{"ticket", func(a *App) { a.toggleBasket(); a.askStaff() }, false, 1500 * time.Millisecond},
		{"profile", func(a *App) { a.touched(); a.openProfile() }, false, 600 * time.Millisecond},
		{"measure", func(a *App) { a.openMeasure() }, false, 600 * time.Millisecond},
		{"photo", func(a *App) { a.takePhoto() }, true, 1500 * time.Millisecond},
		{"listening", func(a *App) {
			a.talk.state, a.talk.level, a.talk.heard = talkListening, 0.6, a.look.tr.t("talk.example.round")
			a.showTalk()
		}, true, 600 * time.Millisecond},
		{"answer", func(a *App) { a.ask(a.look.tr.t("talk.example.round"), "") }, true, 1500 * time.Millisecond},
		{"correction", func(a *App) {
			a.askThen(a.look.tr.t("talk.example.suits"), "", func(assistant.Response, error) { a.openCorrection() })
		}, true, 1500 * time.Millisecond},
		{"privacy", func(a *App) { a.openPrivacy() }, false, 400 * time.Millisecond},
		{"debug", func(a *App) { a.toggleDebug() }, false, 600 * time.Millisecond},
		{"pin", func(a *App) { a.openStaff() }, false, 400 * time.Millisecond},
		{"guided-demo", func(a *App) { a.section = sectionTour; a.stage.goTo(screenStaff) }, false, 400 * time.Millisecond},
		{"catalogue", func(a *App) { a.section = sectionCatalogue; a.stage.goTo(screenStaff) }, true, 3 * time.Second},
		{"generate", func(a *App) { a.showIdeas() }, true, time.Second},
		{"editor", func(a *App) { a.showEditor(tabDetails) }, false, time.Second},
		{"publish", func(a *App) { a.showEditor(tabPublish) }, true, 2 * time.Second},
		{"tickets", func(a *App) { a.section = sectionTickets; a.stage.goTo(screenStaff) }, false, 600 * time.Millisecond},
		{"insights", func(a *App) { a.section = sectionInsights; a.stage.goTo(screenStaff) }, false, 600 * time.Millisecond},
		{"suggestions", func(a *App) { a.section = sectionSuggest; a.stage.goTo(screenStaff) }, false, 600 * time.Millisecond},
		{"voice", func(a *App) { a.section = sectionVoice; a.stage.goTo(screenStaff) }, false, time.Second},
		{"status", func(a *App) { a.section = sectionHealth; a.stage.goTo(screenStaff) }, false, 600 * time.Millisecond},
		{"settings", func(a *App) { a.section = sectionSettings; a.stage.goTo(screenStaff) }, true, 600 * time.Millisecond},
	}
}

// shotSizes are a wall, a desk and a kiosk.
var shotSizes = [...]fyne.Size{{Width: 1920, Height: 1080}, {Width: 1280, Height: 800}, {Width: 1080, Height: 1920}}

// takeShots lets the real app show itself on the demo source: a picture of
// each screen in both languages and the sizes it is made for, and a clip. It
// runs on a goroutine of its own until it is done or ctx ends.
func (a *App) takeShots(ctx context.Context) error {
	dir := a.opts.Shots
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("shots: %w", err)
	}
	if err := a.onUI(ctx, func() { a.showSource(SourceSettings{Kind: sourceDemo, Mirror: true}) }); err != nil {
		return err
	}
	if err := a.waitForFace(ctx); err != nil {
		return err
	}
	for i, size := range shotSizes {
		if err := a.resizeTo(ctx, size); err != nil {
			return err
		}
		for _, lang := range languages {
			for _, s := range scenes() {
				if i > 0 && !s.everywhere {
					continue
				}
				name := fmt.Sprintf("%s-%.0fx%.0f-%s.png", s.name, size.Width, size.Height, lang)
				if err := a.shoot(ctx, s, lang, filepath.Join(dir, name)); err != nil {
					return err
				}
			}
		}
	}
	return a.film(ctx, filepath.Join(dir, "demo.mp4"))
}

// onUI has f done on the UI goroutine and waits for it, or for the end.
func (a *App) onUI(ctx context.Context, f func()) error {
	done := make(chan struct{})
	a.parts.onUI(func() {
		f()
		close(done)
	})
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-done:
		return nil
	}
}

// until asks on the UI goroutine until ok says yes, for d at most, and tells
// whether it did.
func (a *App) until(ctx context.Context, d time.Duration, ok func() bool) (bool, error) {
	for end := time.Now().Add(d); time.Now().Before(end); {
		yes := false
		if err := a.onUI(ctx, func() { yes = ok() }); err != nil || yes {
			return yes, err
		}
		if err := sleep(ctx, 100*time.Millisecond); err != nil {
			return false, err
		}
	}
	return false, nil
}

// waitForFace waits until the mirror shows a face, so that pictures are worth
// taking; where it says that something is wrong, they show that.
func (a *App) waitForFace(ctx context.Context) error {
	ok, err := a.until(ctx, 30*time.Second, func() bool { return len(a.status.Faces) > 0 || a.status.Source == sourceTrouble })
	if err == nil && !ok {
		err = errors.New("shots: the mirror showed no face within 30 s; `cheval doctor` says what is missing")
	}
	return err
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

func (a *App) resizeTo(ctx context.Context, size fyne.Size) error {
	if err := a.onUI(ctx, func() { a.win.Resize(size) }); err != nil {
		return err
	}
	ok, err := a.until(ctx, 4*time.Second, func() bool { return a.win.Canvas().Size() == size })
	if err == nil && !ok {
		err = fmt.Errorf("shots: the display has no room for a window of %.0f×%.0f", size.Width, size.Height)
	}
	return errors.Join(err, sleep(ctx, 300*time.Millisecond))
}

// shoot shows one scene, waits until it is complete, and writes its picture.
func (a *App) shoot(ctx context.Context, s scene, lang, path string) error {
	if err := a.onUI(ctx, func() { a.setScene(lang, s.set) }); err != nil {
		return err
	}
	if _, err := a.until(ctx, 20*time.Second, a.quiet); err != nil {
		return err
	}
	if err := sleep(ctx, s.wait); err != nil {
		return err
	}
	if _, err := a.until(ctx, shotPatience, a.facesUs); err != nil {
		return err
	}
	img, err := a.capture(ctx)
	if err != nil {
		return err
	}
	if err := writePNG(path, img); err != nil {
		return fmt.Errorf("shots: %w", err)
	}
	fmt.Println(path)
	return nil
}

// capture returns what the window shows after it was painted anew, as often as
// a driver may have buffers.
func (a *App) capture(ctx context.Context) (img *image.RGBA, err error) {
	for range 3 {
		painted := make(chan struct{}, 1)
		pulse := canvas.NewRasterWithPixels(func(_, _, _, _ int) color.Color {
			select {
			case painted <- struct{}{}:
			default:
			}
			return color.Transparent
		})
		if err := a.onUI(ctx, func() {
			a.stage.pulse = pulse
			a.stage.show()
		}); err != nil {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-painted:
		case <-time.After(5 * time.Second):
			return nil, errors.New("shots: the window was not painted for 5 s")
		}
	}
	err = a.onUI(ctx, func() {
		img = captureWindow(a.win)
		a.stage.pulse = nil
	})
	return img, err
}

// shotPatience is how long the demo's head is waited for to face the mirror.
const shotPatience = 12 * time.Second

// facesUs says whether the mirror is seen and its face is measured.
func (a *App) facesUs() bool {
	m := a.stage.mirror
	return m == nil || a.status.Source == sourceTrouble ||
		a.status.Fit != nil && a.status.Fit.Known && len(a.status.Hints) == 0 && (m.card.facts.fitKnown || !m.card.Visible())
}

// setScene shows what a scene is of, beginning where a visit begins; the
// mirror keeps what it knows of the face.
func (a *App) setScene(lang string, set func(*App)) {
	a.session.end()
	a.endEditing()
	a.shopper.forget()
	a.forgetTalk()
	a.view = viewport.View{WipeAt: 0.5, Zoom: 1}
	a.followSettings()
	a.mirror.Calibrate(false)
	a.mirror.SetView(a.view)
	a.showLooks()
	a.lang = lang
	a.stage.goTo(screenMirror)
	set(a)
}

// showIdeas has eyewear drawn for a picture.
func (a *App) showIdeas() {
	a.section = sectionGenerate
	a.stage.goTo(screenStaff)
	a.ideas.hear("24 tortoise panto frames")
	a.ideas.begin()
}

// showEditor opens what is worn in the studio.
func (a *App) showEditor(tab editTab) {
	a.edit(a.shopper.worn.ID)
	if a.editing != nil {
		a.editing.tab = tab
	}
	a.section = sectionCatalogue
	a.stage.goTo(screenStaff)
}

// writePNG writes a picture, whole or not at all.
func writePNG(path string, img image.Image) error {
	data, err := encodePNG(img)
	if err != nil {
		return err
	}
	return saveFile(path, data, 0o644)
}

// encodePNG packs quickly rather than tightly.
func encodePNG(img image.Image) ([]byte, error) {
	var b bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := enc.Encode(&b, img); err != nil {
		return nil, fmt.Errorf("encode a PNG: %w", err)
	}
	return b.Bytes(), nil
}
