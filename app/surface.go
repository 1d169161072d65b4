package app

import (
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// surface is the transparent sheet over the mirror that takes touches which no
// control takes: a swipe to the next product, a drag of the wipe, a tap on a
// face, a double tap or the wheel to zoom.
type surface struct {
	widget.BaseWidget
	onSwipe  func(next int)               // +1 or -1
	onDrag   func(x, dx, dy float32) bool // while dragging; true: it was used, no swipe
	onTap    func(at fyne.Position)
	onDouble func(at fyne.Position)
	onZoom   func(steps float32, at fyne.Position)
	onAny    func() // whatever it was

	moved fyne.Delta
	used  bool
}

var (
	_ fyne.Draggable      = (*surface)(nil)
	_ fyne.Tappable       = (*surface)(nil)
	_ fyne.DoubleTappable = (*surface)(nil)
	_ fyne.Scrollable     = (*surface)(nil)
	_ desktop.Mouseable   = (*surface)(nil)
)

func newSurface() *surface {
	s := &surface{}
	s.ExtendBaseWidget(s)
	return s
}

func (s *surface) Dragged(e *fyne.DragEvent) {
	s.moved.DX += e.Dragged.DX
	s.moved.DY += e.Dragged.DY
	if s.onDrag(e.Position.X, e.Dragged.DX, e.Dragged.DY) {
		s.used = true
	}
}

// DragEnd turns a long, level drag into a swipe: to the left brings the next.
func (s *surface) DragEnd() {
	dx, dy, used := s.moved.DX, s.moved.DY, s.used
	s.moved, s.used = fyne.Delta{}, false
	far := max(s.Size().Width*0.06, 60)
	if used || math.Abs(float64(dx)) < float64(far) || math.Abs(float64(dx)) < 1.5*math.Abs(float64(dy)) {
		return
	}
	if dx < 0 {
		s.onSwipe(1)
	} else {
		s.onSwipe(-1)
	}
}

func (s *surface) Tapped(e *fyne.PointEvent)       { s.onTap(e.Position) }
func (s *surface) DoubleTapped(e *fyne.PointEvent) { s.onDouble(e.Position) }
func (s *surface) Scrolled(e *fyne.ScrollEvent)    { s.onZoom(e.Scrolled.DY/25, e.Position) }
func (s *surface) MouseDown(*desktop.MouseEvent)   { s.onAny() }
func (s *surface) MouseUp(*desktop.MouseEvent)     {}

func (s *surface) CreateRenderer() fyne.WidgetRenderer {
	return &objectsRenderer{least: func() fyne.Size { return fyne.Size{} }, place: func(fyne.Size) {}}
}
