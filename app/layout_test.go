package app

import (
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"cheval/tryon/fit"
	"cheval/tryon/perceive"
)

// windows are the sizes that the app is made for: a wall, a desk, a kiosk.
var windows = []fyne.Size{{Width: 1920, Height: 1080}, {Width: 1280, Height: 800}, {Width: 1080, Height: 1920}}

// seen is an object as it stands in the window.
type seen struct {
	o    fyne.CanvasObject
	at   rect
	clip rect
}

func (s seen) String() string {
	name := strings.TrimPrefix(fmt.Sprintf("%T", s.o), "*app.")
	switch o := s.o.(type) {
	case *pill:
		name += " " + o.icon + " " + o.label
	case *canvas.Text:
		name += fmt.Sprintf(" %q", o.Text)
	case *tile:
		name += " " + o.name
	}
	return fmt.Sprintf("%s at %.0f,%.0f %.0f×%.0f", name, s.at.x, s.at.y, s.at.w, s.at.h)
}

// walk visits every visible object with its place in the window, children of
// something that clips only where they can be seen.
func walk(o fyne.CanvasObject, off fyne.Position, clip rect, visit func(seen)) {
	if !o.Visible() {
		return
	}
	p := off.Add(o.Position())
	s := seen{o, rect{p.X, p.Y, o.Size().Width, o.Size().Height}, clip}
	visit(s)
	var children []fyne.CanvasObject
	switch x := o.(type) {
	case *container.Clip:
		clip = s.at
		children = test.WidgetRenderer(x).Objects()
	case *container.Scroll:
		clip = s.at
		children = []fyne.CanvasObject{x.Content}
		p = p.Subtract(x.Offset)
	case *fyne.Container:
		children = x.Objects
	case fyne.Widget:
		children = test.WidgetRenderer(x).Objects()
	}
	for _, c := range children {
		walk(c, p, clip, visit)
	}
}

// visible lists what stands in the window, and can be seen there.
func visible(b *bench) (all []seen) {
	size := b.win.Canvas().Size()
	walk(b.stage.root, fyne.Position{}, rect{0, 0, size.Width, size.Height}, func(s seen) {
		if s.at.overlaps(s.clip) {
			all = append(all, s)
		}
	})
	return all
}

// isControl says whether a finger is meant to hit o itself.
func isControl(o fyne.CanvasObject) bool {
	switch o.(type) {
	case *pill, *tile, *swatch, *accentDot, *languageSwitch, *brand, *lookLabel:
		return true
	}
	return false
}

// overMirror says whether o stands over the mirror's picture and hides some of it.
func overMirror(o fyne.CanvasObject) bool {
	switch o.(type) {
	case *pill, *tile, *languageSwitch, *brand, *lookLabel, *detailCard, *rail, *toast:
		return true
	}
	return false
}

// situations are the states of the mirror page whose layout must hold.
var situations = map[string]func(b *bench){
	"start":   func(*bench) {},
	"touched": func(b *bench) { b.touched(); b.toggleLike() },
	"wipe":    func(b *bench) { b.toggleWipe() },
	"sides":   func(b *bench) { b.toggleSides() },
	"hint": func(b *bench) {
		s := measured()
		s.Hints, s.Fit = []perceive.Hint{perceive.HintFaceMirror}, &fit.Report{Why: "turned"}
		b.still.onStatus(s)
		b.clock.advance(2 * hintHold)
		b.still.onStatus(s)
	},
	"long words": func(b *bench) {
		s := measured()
		s.Fit.Width, s.Fit.Bridge, s.Fit.Overall, s.Fit.Widthmm = fit.TooFar, fit.TooTight, fit.TooFar, 13
		s.Reduced, s.FPS, s.Device = true, 60, "CUDA"
		b.still.onStatus(s)
	},
}

func eachSituation(t *testing.T, check func(t *testing.T, b *bench)) {
	for _, w := range windows {
		for _, lang := range languages {
			b := newBench(t, lang, w.Width, w.Height)
			for name, set := range situations {
				b.endSession()
				b.still.onStatus(measured())
				set(b)
				t.Run(fmt.Sprintf("%.0fx%.0f/%s/%s", w.Width, w.Height, lang, name), func(t *testing.T) { check(t, b) })
			}
		}
	}
}

func TestEverythingThatIsTouchedIsLargeEnough(t *testing.T) {
	eachSituation(t, func(t *testing.T, b *bench) {
		n := 0
		for _, s := range visible(b) {
			if isControl(s.o) {
				n++
				if s.at.w < touch || s.at.h < touch {
					t.Errorf("%v is smaller than %d", s, touch)
				}
			}
		}
		if n < 12 {
			t.Errorf("only %d controls were found", n)
		}
	})
}

func TestNoControlsOverlapAndAllAreInTheWindow(t *testing.T) {
	eachSituation(t, func(t *testing.T, b *bench) {
		size := b.win.Canvas().Size()
		full := rect{0, 0, size.Width, size.Height}
		var controls []seen
		for _, s := range visible(b) {
			if isControl(s.o) {
				controls = append(controls, s)
			}
		}
		for i, x := range controls {
			if x.at.x < full.x || x.at.y < full.y || x.at.bottom() > full.bottom() || x.at.right() > full.right() {
				t.Errorf("%v leaves the window", x)
			}
			for _, y := range controls[:i] {
				if x.at.inset(0.5).overlaps(y.at.inset(0.5)) {
					t.Errorf("%v overlaps %v", x, y)
				}
			}
		}
	})
}

func TestNothingCoversTheFace(t *testing.T) {
	eachSituation(t, func(t *testing.T, b *bench) {
		face := b.stage.mirror.at.face
		if face.w < 0.44*b.stage.size.Width && !b.stage.mirror.at.portrait || face.h < 0.4*b.stage.size.Height {
			t.Errorf("only %.0f×%.0f is left for the face", face.w, face.h)
		}
		for _, s := range visible(b) {
			if overMirror(s.o) && s.at.inset(1).overlaps(face) {
				t.Errorf("%v covers the face's place %v", s, face)
			}
		}
	})
}

func TestWordsAreLargeEnoughAndNotCutOff(t *testing.T) {
	eachSituation(t, func(t *testing.T, b *bench) {
		least := float32(13)
		if b.stage.mirror.at.portrait {
			least = 18
		}
		for _, s := range visible(b) {
			x, ok := s.o.(*canvas.Text)
			if !ok || x.Text == "" {
				continue
			}
			if x.TextSize < least {
				t.Errorf("%v has size %v", s, x.TextSize)
			}
			if w := x.MinSize().Width; w > s.at.w+1 {
				t.Errorf("%v needs %.0f", s, w)
			}
		}
	})
}

func TestFiguresAndTheirNamesDoNotMeet(t *testing.T) {
	eachSituation(t, func(t *testing.T, b *bench) {
		if !b.stage.mirror.card.Visible() {
			return
		}
		r := test.WidgetRenderer(b.stage.mirror.card).(*cardRenderer)
		w := b.stage.mirror.at.card.w - 2*r.pad()
		for _, pair := range [][2]*canvas.Text{{r.name, r.price}, {r.sizeLabel, r.size}, {r.faceLabel, r.face}} {
			if need := pair[0].MinSize().Width + pair[1].MinSize().Width; need > w {
				t.Errorf("%q and %q need %.0f of %.0f", pair[0].Text, pair[1].Text, need, w)
			}
		}
	})
}

// Every size between a phone and a wall is laid out without overlap.
func TestOddWindowsToo(t *testing.T) {
	b := newBench(t, "en", 1280, 800)
	for _, w := range []fyne.Size{{Width: 1024, Height: 768}, {Width: 1366, Height: 768}, {Width: 2560, Height: 1440}, {Width: 3840, Height: 2160}, {Width: 800, Height: 1280}, {Width: 1200, Height: 1920}, {Width: 2160, Height: 3840}} {
		b.win.Resize(w)
		p := b.stage.mirror.at
		parts := map[string]rect{"brand": p.brand, "corner": p.corner, "zoom": p.zoom, "card": p.card, "rail": p.rail, "tools": p.tools, "status": p.status, "face": p.face}
		for i, a := range p.actions {
			parts[fmt.Sprint("action ", i)] = a
		}
		for n, x := range parts {
			if x.empty() || x.x < 0 || x.y < 0 || x.right() > w.Width || x.bottom() > w.Height {
				t.Errorf("%v: %s at %v", w, n, x)
			}
			for m, y := range parts {
				if n < m && x.inset(0.5).overlaps(y.inset(0.5)) {
					t.Errorf("%v: %s %v overlaps %s %v", w, n, x, m, y)
				}
			}
		}
	}
}

func (r rect) inset(d float32) rect { return rect{r.x + d, r.y + d, r.w - 2*d, r.h - 2*d} }
