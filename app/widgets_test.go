package app

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"cheval/assets/icons"
)

func testLook(t *testing.T, lang string) *look {
	t.Helper()
	test.NewTempApp(t)
	b, err := newBundle()
	if err != nil {
		t.Fatal(err)
	}
	accent, _ := parseColour(defaultAccent)
	th := test.Theme()
	return &look{pal: newPalette(true, accent), tr: newTranslator(b, lang), scale: 1,
		fonts: fonts{regular: th.Font(fyne.TextStyle{}), bold: th.Font(fyne.TextStyle{Bold: true})}}
}

func TestEveryIconDrawsAndIsUsed(t *testing.T) {
	code := ""
	files, _ := filepath.Glob("*.go")
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		code += string(data)
	}
	names, err := fs.Glob(icons.Files, "*.svg")
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		name := strings.TrimSuffix(n, ".svg")
		if name == "app" {
			continue
		}
		img := canvas.NewImageFromResource(iconResource(name, rgb(0xFF0000)))
		c := test.NewCanvas()
		c.SetContent(img)
		if !strings.Contains(string(img.Resource.Content()), "#ff0000") {
			t.Errorf("%s does not take a colour", name)
		}
		if !strings.Contains(code, `"`+name+`"`) {
			t.Errorf("%s is not used", name)
		}
	}
}

func TestAPillIsTappedUnlessDisabled(t *testing.T) {
	l := testLook(t, "en")
	n := 0
	p := newPill(l, "photo", "Photo", pillAccent, func() { n++ })
	test.Tap(p)
	p.setDisabled(true)
	test.Tap(p)
	if n != 1 {
		t.Errorf("tapped %d times, want 1", n)
	}
	if s := p.MinSize(); s.Height < touch || s.Width < touch {
		t.Errorf("size %v", s)
	}
}

// A rail of ten thousand products holds a dozen tiles.
func TestARailHoldsOnlyWhatCanBeSeen(t *testing.T) {
	l := testLook(t, "en")
	bound := map[int]int{}
	r := newRail(l, func(i int, _ *tile) { bound[i]++ }, func(int) {})
	w := test.NewTempWindow(t, r)
	w.Resize(fyne.NewSize(1000, 200))
	r.setCount(10000)
	if len(r.tiles) > 12 || len(bound) > 12 {
		t.Errorf("%d tiles, %d products bound", len(r.tiles), len(bound))
	}
	r.reveal(9999)
	if bound[9999] == 0 {
		t.Error("the last product cannot be reached")
	}
	last := r.tiles[0]
	for _, x := range r.tiles {
		if x.Visible() && x.Position().X > last.Position().X {
			last = x
		}
	}
	if end := last.Position().X + last.Size().Width; end > r.Size().Width {
		t.Errorf("the last tile ends at %v of %v", end, r.Size().Width)
	}
}

func TestTheRailFollowsTheFingerAndStopsAtItsEnds(t *testing.T) {
	l := testLook(t, "en")
	r := newRail(l, func(int, *tile) {}, func(int) {})
	test.NewTempWindow(t, r).Resize(fyne.NewSize(1000, 200))
	r.setCount(30)
	r.Dragged(&fyne.DragEvent{Dragged: fyne.Delta{DX: -130}})
	if r.offset != 130 {
		t.Errorf("offset %v after a drag of 130", r.offset)
	}
	r.dragged = 0
	r.DragEnd()
	if k := r.offset / r.step(); k != round(k) {
		t.Errorf("it rests at %v tiles", k)
	}
	r.Dragged(&fyne.DragEvent{Dragged: fyne.Delta{DX: 5000}})
	if r.offset != 0 {
		t.Errorf("offset %v before the first", r.offset)
	}
	r.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.Delta{DY: -1e6}})
	if r.offset != r.most() {
		t.Errorf("offset %v, the end is %v", r.offset, r.most())
	}
}

func TestASwipeIsLongAndLevel(t *testing.T) {
	for _, c := range []struct {
		dx, dy float32
		want   int
	}{{-200, 20, 1}, {200, -20, -1}, {-30, 0, 0}, {-200, 190, 0}} {
		s := newSurface()
		s.Resize(fyne.NewSize(1000, 600))
		got := 0
		s.onSwipe = func(d int) { got = d }
		s.onDrag = func(_, _, _ float32) bool { return false }
		for range 10 {
			s.Dragged(&fyne.DragEvent{Dragged: fyne.Delta{DX: c.dx / 10, DY: c.dy / 10}})
		}
		s.DragEnd()
		if got != c.want {
			t.Errorf("a drag by %v, %v: %d, want %d", c.dx, c.dy, got, c.want)
		}
	}
}

func TestLinesBreakWhereUnicodeAllows(t *testing.T) {
	ten := func(s string) float32 { return float32(10 * len([]rune(s))) }
	for _, c := range []struct {
		text  string
		width float32
		want  []string
	}{
		{"Fits well. 3 mm narrower.", 120, []string{"Fits well. 3", "mm narrower."}},
		{"合适。比您的太阳穴窄。", 60, []string{"合适。比您的", "太阳穴窄。"}},
		{"合适合适合，比", 50, []string{"合适合适", "合，比"}}, // no line begins with a comma
		{"one\ntwo", 1000, []string{"one", "two"}},
		{"Donaudampfschiff", 50, []string{"Donaudampfschiff"}},
		{"", 50, []string{""}},
	} {
		if got := breakLines(c.text, c.width, ten); !slices.Equal(got, c.want) {
			t.Errorf("%q at %v: %q, want %q", c.text, c.width, got, c.want)
		}
	}
	if got := elide("Costa Smeralda", 80, ten); got != "Costa S…" {
		t.Errorf("got %q", got)
	}
}

func TestAFitBarsKnobStaysOnItsTrack(t *testing.T) {
	l := testLook(t, "en")
	b := newFitBar(l)
	b.Resize(fyne.NewSize(300, 22))
	r := test.WidgetRenderer(b).(*fitBarRenderer)
	for _, mm := range []float32{-80, -3, 0, 7, 80} {
		b.set(true, mm, l.pal.good)
		if x := r.knob.Position().X; x < 0 || x+r.knob.Size().Width > 300 {
			t.Errorf("%v mm: knob at %v", mm, x)
		}
	}
	b.set(true, 0, l.pal.good)
	if x := r.knob.Position().X + r.knob.Size().Width/2; x != 150 {
		t.Errorf("a frame as wide as the face stands at %v of 300", x)
	}
}

// What comes with every status must not allocate where nothing has changed:
// it is told five times a second beside a mirror that has no time to lose.
func TestAStatusThatSaysNothingNewChangesNothing(t *testing.T) {
	b := newBench(t, "en", 1280, 800)
	p := b.stage.mirror
	built := test.WidgetRenderer(p.card.verdict).Objects()[0]
	for range 5 {
		b.still.onStatus(measured())
		b.clock.advance(200 * time.Millisecond)
	}
	if test.WidgetRenderer(p.card.verdict).Objects()[0] != built {
		t.Error("the card was built anew")
	}
}

// A text that is missing shows its key; no screen may.
func TestNoScreenShowsAKey(t *testing.T) {
	key := regexp.MustCompile(`^[a-z_]+(\.[a-z_]+)+`)
	for _, lang := range languages {
		b := newBench(t, lang, 1280, 800)
		screens := map[string]func(){
			"mirror": b.touched, "privacy": b.openPrivacy, "filters": b.openFilters, "measure": b.openMeasure,
			"likes": func() { b.toggleLike(); b.openLikes() }, "pin": b.openStaff,
			"photo":   func() { b.shopper.photo = toRGBA(flatPicture(rgb(0))); b.stage.open(b.photoSheet) },
			"leaving": func() { b.leaving = time.Second; b.stage.mirror.tick() }, "guided demo": b.startTour,
		}
		for i, s := range sections {
			screens[s.key] = func() { b.section = section(i); b.stage.goTo(screenStaff) }
		}
		for name, show := range screens {
			b.stopTour()
			b.stage.goTo(screenMirror)
			show()
			b.settle()
			n := 0
			for _, s := range visible(b) {
				if x, ok := s.o.(*canvas.Text); ok && x.Text != "" {
					n++
					if key.MatchString(x.Text) {
						t.Errorf("%s, %s: %q", lang, name, x.Text)
					}
				}
			}
			if n < 10 {
				t.Errorf("%s, %s: only %d texts", lang, name, n)
			}
		}
	}
}
