package app

import (
	"errors"
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"cheval/catalog"
	"cheval/tryon"
	"cheval/tryon/fit"
	"cheval/tryon/perceive"
	"cheval/viewport"
)

func TestTheMirrorWearsWhatIsTouched(t *testing.T) {
	b := newBench(t, "en", 1920, 1080)
	test.Tap(b.stage.mirror.rail.tiles[2])
	want := b.shopper.all[2]
	if len(b.still.looks) != 1 || b.still.looks[0].Product != want {
		t.Fatalf("wears %v", b.still.looks)
	}
	if c := b.stage.mirror.card.facts; c.name != want.Name["en"] {
		t.Errorf("the card says %q", c.name)
	}
	b.key(fyne.KeyRight)
	if b.still.looks[0].Product != b.shopper.all[3] {
		t.Error("the right arrow did not bring the next")
	}
	b.stage.mirror.surface.onSwipe(-1)
	b.key(fyne.KeyDown)
	if l := b.still.looks[0]; l.Product != want || l.Variant != 1 {
		t.Errorf("after a swipe back and the down arrow: %s %d", l.Product.ID, l.Variant)
	}
}

func TestTheRailGoesRound(t *testing.T) {
	b := newBench(t, "en", 1920, 1080)
	b.step(-1)
	if b.still.looks[0].Product != b.shopper.all[len(b.shopper.all)-1] {
		t.Error("before the first is not the last")
	}
	b.step(1)
	if b.still.looks[0].Product != b.shopper.all[0] {
		t.Error("after the last is not the first")
	}
}

func TestTheCardSaysSizeFaceAndFit(t *testing.T) {
	b := newBench(t, "en", 1920, 1080)
	b.wear(b.shopper.stock.Product("aria"))
	f := b.stage.mirror.card.facts
	for _, c := range [][2]string{
		{f.name, "Aria"}, {f.price, "¥899"}, {f.facts, "Panto · Acetate · Tortoise"},
		{f.size, "49□21-145 · 136 mm"}, {f.face, "139 mm ± 2 · PD 63 mm"},
		{f.verdict, "Fits well. 3 mm narrower than your temples."},
	} {
		if c[0] != c[1] {
			t.Errorf("%q, want %q", c[0], c[1])
		}
	}
	b.toggleLanguage()
	f = b.stage.mirror.card.facts
	for _, c := range [][2]string{{f.face, "139 mm ± 2 · 瞳距 63 mm"}, {f.verdict, "合适。比您的太阳穴窄 3 毫米。"}} {
		if c[0] != c[1] {
			t.Errorf("%q, want %q", c[0], c[1])
		}
	}
}

// "Fits well" once stood before "the bridge is too wide".
func TestARightWidthIsNotAGoodFit(t *testing.T) {
	for lang, want := range map[string]string{
		"en": "The width is right. 3 mm narrower than your temples. The bridge is too wide.",
		"zh": "宽度合适。比您的太阳穴窄 3 毫米。鼻梁处太宽。",
	} {
		b := newBench(t, lang, 1920, 1080)
		s := measured()
		s.Fit.Bridge, s.Fit.Overall = fit.TooFar, fit.TooFar
		b.clock.advance(fitHold)
		b.still.onStatus(s)
		if got := b.stage.mirror.card.facts.verdict; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestWithoutMillimetresNoFitIsSaid(t *testing.T) {
	b := newBench(t, "en", 1920, 1080)
	s := measured()
	b.clock.advance(fitHold)
	s.Fit, s.Measure, s.Hints = &fit.Report{Why: "far"}, perceive.Measure{}, []perceive.Hint{perceive.HintCloser}
	b.still.onStatus(s)
	f := b.stage.mirror.card.facts
	if f.fitKnown || f.face != "—" || f.verdict != "Not measured yet. Come a little closer." {
		t.Errorf("%+v", f)
	}
}

func TestSideBySideChangesTheSideThatIsChosen(t *testing.T) {
	b := newBench(t, "en", 1920, 1080)
	all := b.shopper.all
	b.toggleSides()
	if b.still.view.Mode != viewport.SideBySide || len(b.still.looks) != 2 || b.still.looks[1].Product != all[1] {
		t.Fatalf("%v, %v", b.still.view.Mode, b.still.looks)
	}
	b.wear(all[4])
	test.Tap(b.stage.mirror.labels[0])
	b.wear(all[5])
	if b.still.looks[0].Product != all[5] || b.still.looks[1].Product != all[4] {
		t.Errorf("%s beside %s", b.still.looks[0].Product.ID, b.still.looks[1].Product.ID)
	}
	b.toggleSides()
	if len(b.still.looks) != 1 || b.still.looks[0].Product != all[5] {
		t.Error("what was chosen last is not kept on")
	}
}

func TestTheWipeFollowsTheFinger(t *testing.T) {
	b := newBench(t, "en", 1280, 800)
	b.key(fyne.KeySpace)
	p := b.stage.mirror
	if b.still.view.Mode != viewport.Wipe || !p.handle.Visible() {
		t.Fatal("no wipe")
	}
	p.surface.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(320, 300)}, Dragged: fyne.Delta{DX: -300}})
	p.surface.DragEnd()
	if b.still.view.WipeAt != 0.25 || b.still.looks[0].Product != b.shopper.all[0] {
		t.Errorf("wipe at %v", b.still.view.WipeAt)
	}
	if x := p.handle.Position().X + p.handle.Size().Width/2; x < 319 || x > 321 {
		t.Errorf("the handle stands at %v", x)
	}
	b.key(fyne.KeyEscape)
	if b.still.view.Mode != viewport.Single {
		t.Error("Escape did not end it")
	}
}

func TestTheWipeComparesWithTheBareFaceOrWithWhatWasNotRefined(t *testing.T) {
	b := newBench(t, "en", 1280, 800)
	if !b.still.refine && !b.settings.Refine {
		t.Error("a fresh shop does not refine")
	}
	b.key(fyne.KeyR)
	if b.still.view.Mode != viewport.Wipe || b.still.view.Before != viewport.BeforeWorn {
		t.Errorf("without a refiner it compares with %v in mode %v", b.still.view.Before, b.still.view.Mode)
	}
	s := measured()
	s.Refined = "192×96"
	b.still.onStatus(s)
	if got := b.stage.mirror.status.note; got != "refined 192×96" {
		t.Errorf("the status says %q", got)
	}
	test.Tap(b.stage.mirror.handle)
	if b.still.view.Before != viewport.BeforeRefined || b.still.view.Mode != viewport.Wipe {
		t.Errorf("the handle was tapped, and it compares with %v in mode %v", b.still.view.Before, b.still.view.Mode)
	}
	b.key(fyne.KeyR)
	if b.still.view.Before != viewport.BeforeWorn {
		t.Error("R does not lead back")
	}
	b.settings.RefineBefore, b.settings.Refine = true, false
	b.applySettings()
	if b.still.view.Before != viewport.BeforeRefined || b.still.refine {
		t.Errorf("settings leave it comparing with %v, refining %v", b.still.view.Before, b.still.refine)
	}
}

func TestARefinerThatFailedIsToldAndOneThatIsNotThereIsNot(t *testing.T) {
	b := newBench(t, "en", 1280, 800)
	for why, want := range map[string]string{tryon.ErrNoRefiner.Error(): "", "its weights are damaged": "refining switched off"} {
		s := measured()
		s.RefineWhy, s.NoRefiner = why, why == tryon.ErrNoRefiner.Error()
		b.still.onStatus(s)
		if got := b.stage.mirror.status.note; got != want {
			t.Errorf("of %q the status says %q", why, got)
		}
	}
}

// The handle was once dragged under the card and could not be seen there.
func TestTheWipesHandleStaysInSight(t *testing.T) {
	for _, w := range windows {
		b := newBench(t, "en", w.Width, w.Height)
		b.toggleWipe()
		p := b.stage.mirror
		for at := float32(0); at <= 1; at += 0.05 {
			b.wipeTo(at)
			h := rect{p.handle.Position().X, p.handle.Position().Y, p.handle.Size().Width, p.handle.Size().Height}
			for _, o := range append([]rect{p.at.card, p.at.rail, p.at.tools}, p.at.actions...) {
				if h.overlaps(o) {
					t.Errorf("%v, wipe at %.2f: the handle at %v is under %v", w, at, h, o)
				}
			}
		}
	}
}

func TestZoomAndPanStayWithinThePicture(t *testing.T) {
	b := newBench(t, "en", 1280, 800)
	b.zoomTo(2)
	b.pan(-5, 5)
	if v := b.still.view; v.Zoom != 2 || v.Pan != [2]float32{0.5, -0.5} {
		t.Errorf("%+v", v)
	}
	b.zoomTo(0.2)
	if v := b.still.view; v.Zoom != 1 || v.Pan != [2]float32{} {
		t.Errorf("%+v", v)
	}
}

func TestATapOnAFaceChoosesIt(t *testing.T) {
	b := newBench(t, "en", 1000, 800)
	s := measured()
	s.Faces = append(s.Faces, seenFace{ID: 9, Box: rect{0.7, 0.2, 0.1, 0.2}})
	b.still.onStatus(s)
	b.stage.mirror.tapMirror(fyne.NewPos(750, 240))
	if b.still.chosen != 9 {
		t.Errorf("chose %d", b.still.chosen)
	}
	if m := b.stage.mirror.people.pills[0]; !m.Visible() || m.Position().Y+m.Size().Height > 160 {
		t.Error("the other face has no mark above it")
	}
}

func TestAHintIsShownOnceItLasts(t *testing.T) {
	b := newBench(t, "en", 1280, 800)
	s := measured()
	s.Hints = []perceive.Hint{perceive.HintLight}
	b.still.onStatus(s)
	p := b.stage.mirror.hint
	if p.Visible() {
		t.Error("it chatters")
	}
	b.clock.advance(hintHold)
	b.still.onStatus(s)
	if !p.Visible() || p.text != "Turn towards the light." {
		t.Errorf("visible %v: %q", p.Visible(), p.text)
	}
	b.still.onStatus(measured())
	if p.Visible() {
		t.Error("it stays when all is well")
	}
}

func TestCameraTroubleIsSaidWithANextStep(t *testing.T) {
	for _, problem := range problems {
		b := newBench(t, "zh", 1080, 1920)
		b.still.onStatus(mirrorStatus{Source: sourceTrouble, Problem: problem, Detail: "camera: open video0: busy"})
		p := b.stage.mirror.trouble
		if !p.Visible() || p.title.text == "" || strings.Contains(p.title.text, "trouble.") || len(p.buttons.Objects) == 0 {
			t.Errorf("%s: %q", problem, p.title.text)
		}
		b.useDemo()
		if b.still.source.Kind != sourceDemo || b.settings.Source.Kind != sourceCamera {
			t.Error("the demo was not offered for this visit alone")
		}
		b.still.onStatus(measured())
		if p.Visible() {
			t.Error("it stays when the mirror is back")
		}
	}
}

func TestFiltersNarrowTheRail(t *testing.T) {
	b := newBench(t, "en", 1920, 1080)
	b.setFilters(filters{kinds: []catalog.Kind{catalog.Sun}, colours: []string{"black"}, most: 90000})
	if len(b.shopper.shown) == 0 || len(b.shopper.shown) == len(b.shopper.all) {
		t.Fatalf("%d of %d", len(b.shopper.shown), len(b.shopper.all))
	}
	for _, p := range b.shopper.shown {
		v := p.Variants[b.shopper.variantOf(p)]
		if p.Kind != catalog.Sun || v.Colour != "black" || v.Price.Minor > 90000 {
			t.Errorf("%s, %s, %v", p.ID, v.Colour, v.Price)
		}
	}
	b.setFilters(filters{fitsMe: true, faceMM: 139})
	for _, p := range b.shopper.shown {
		if d := p.Eyewear.Overall() - 139; d > fit.WidthGood || d < -fit.WidthGood {
			t.Errorf("%s is %v mm off", p.ID, d)
		}
	}
}

func TestAPhotoIsNowhereUntilItIsSaved(t *testing.T) {
	b := newBench(t, "en", 1280, 800)
	t.Setenv("HOME", t.TempDir())
	b.still.photo = toRGBA(flatPicture(rgb(0x336699)))
	b.takePhoto()
	b.settle()
	if b.shopper.photo == nil || b.stage.sheet == nil {
		t.Fatal("no photo is offered")
	}
	dir := t.TempDir()
	b.savePhoto(dir)
	b.settle()
	found, _ := filepath.Glob(dir + "/*")
	if len(found) != 1 || b.shopper.photo != nil || b.stage.sheet != nil {
		t.Fatalf("files %v, photo kept %v", found, b.shopper.photo != nil)
	}
	f, err := os.Open(found[0])
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if img, _, err := image.Decode(f); err != nil || img.Bounds() != b.still.photo.Rect {
		t.Errorf("%v", err)
	}
}

func TestADiscardedPhotoCanBeTakenBackForAMoment(t *testing.T) {
	b := newBench(t, "en", 1280, 800)
	b.still.photo = toRGBA(flatPicture(rgb(0x336699)))
	b.takePhoto()
	b.settle()
	b.discardPhoto()
	if b.shopper.photo != nil {
		t.Fatal("it is kept")
	}
	test.Tap(b.stage.mirror.undo)
	if b.shopper.photo == nil {
		t.Error("undo did not bring it back")
	}
	b.discardPhoto()
	b.clock.advance(undoOffer + time.Second)
	b.tick()
	if b.stage.mirror.undo.Visible() {
		t.Error("undo is offered for ever")
	}
}

func TestAPhotoThatFailsOrCannotBeSavedIsSaid(t *testing.T) {
	b := newBench(t, "en", 1280, 800)
	b.still.photoErr = errors.New("no frame")
	b.takePhoto()
	b.settle()
	if n := b.stage.mirror.note; !n.Visible() || n.text != "The photo did not work; try again in a moment." {
		t.Errorf("says %q", n.text)
	}
	b.still.photoErr, b.still.photo = nil, toRGBA(flatPicture(rgb(0x336699)))
	b.takePhoto()
	b.settle()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	b.savePhoto(file)
	b.settle()
	if b.shopper.photo == nil {
		t.Error("a photo that could not be saved is lost")
	}
}

func TestMeasuringLooksForTheCardOnlyWhileItIsOpen(t *testing.T) {
	b := newBench(t, "en", 1080, 1920)
	b.openMeasure()
	if !b.still.calibrates {
		t.Fatal("not looking")
	}
	s := measured()
	s.Card = cardDone
	b.still.onStatus(s)
	b.tick()
	b.stage.sheet.close()
	if b.still.calibrates || b.stage.sheet != nil {
		t.Error("still looking after it was closed")
	}
}

func TestTheGuidedDemoTakesTwoMinutesAndLeavesNothing(t *testing.T) {
	b := newBench(t, "en", 1920, 1080)
	b.startTour()
	if b.still.source.Kind != sourceDemo {
		t.Fatal("it needs a camera")
	}
	modes, worn, zoomed := map[viewport.Mode]bool{}, map[string]bool{}, false
	spent := time.Duration(0)
	for b.tour != nil && spent < 5*time.Minute {
		b.clock.advance(250 * time.Millisecond)
		spent += 250 * time.Millisecond
		b.tick()
		modes[b.still.view.Mode] = true
		worn[b.still.looks[0].Product.ID] = true
		zoomed = zoomed || b.still.view.Zoom > 1
	}
	if spent < 115*time.Second || spent > 125*time.Second {
		t.Errorf("it took %v", spent)
	}
	if len(modes) != 3 || len(worn) < 5 || !zoomed {
		t.Errorf("modes %v, %d products, zoomed %v", modes, len(worn), zoomed)
	}
	if b.still.source != b.settings.Source || b.session.began || len(b.shopper.liked) > 0 || b.still.view.Mode != viewport.Single {
		t.Error("it left something behind")
	}
}

func TestTheGuidedDemoPausesSkipsAndStops(t *testing.T) {
	b := newBench(t, "zh", 1080, 1920)
	b.startTour()
	p := b.stage.mirror.tour
	test.Tap(p.pause)
	b.clock.advance(time.Minute)
	b.tick()
	if b.tour.at != 0 {
		t.Error("it went on while paused")
	}
	test.Tap(p.next)
	if b.tour.at != 1 {
		t.Error("it did not skip")
	}
	test.Tap(p.stop)
	if b.tour != nil || b.stage.mirror.tour.Visible() {
		t.Error("it did not stop")
	}
}
