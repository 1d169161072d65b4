package app

import (
	"math"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// rail is the row of products that a finger pushes. It holds only the tiles
// that can be seen, so ten thousand products cost what ten do.
type rail struct {
	widget.BaseWidget
	look   *look
	count  int
	bind   func(i int, t *tile) // fills a tile with product i
	tapped func(i int)

	offset  float32 // of the first product, leftwards
	tiles   []*tile
	box     *fyne.Container
	slide   *fyne.Animation
	dragged float32 // units a second, for the throw
	dragAt  time.Time
}

var (
	_ fyne.Draggable  = (*rail)(nil)
	_ fyne.Scrollable = (*rail)(nil)
)

func newRail(l *look, bind func(int, *tile), tapped func(int)) *rail {
	r := &rail{look: l, bind: bind, tapped: tapped, box: container.NewWithoutLayout()}
	r.ExtendBaseWidget(r)
	return r
}

// setCount says how many products there are and shows them anew.
func (r *rail) setCount(n int) {
	r.count = n
	r.moveTo(r.offset)
}

// ringRoom is the room around the tiles that the ring of a worn one needs.
func (r *rail) ringRoom() float32 { return r.look.px(8) }

func (r *rail) gap() float32 { return r.look.px(18) }

// step is the distance from one tile to the next: as many whole tiles as fit,
// at least as wide as the design's.
func (r *rail) step() float32 {
	w := r.Size().Width - 2*r.ringRoom() + r.gap()
	least := r.look.px(150)
	if r.Size().Width > 1.2*r.look.px(1000) {
		least = r.look.px(186)
	}
	n := max(1, float32(math.Floor(float64(w/(least+r.gap())))))
	return w / n
}

func (r *rail) most() float32 {
	return max(0, float32(r.count)*r.step()-r.gap()-(r.Size().Width-2*r.ringRoom()))
}

func (r *rail) moveTo(x float32) {
	r.offset = min(max(x, 0), r.most())
	r.arrange()
}

// reveal slides so that product i can be seen whole.
func (r *rail) reveal(i int) {
	if r.Size().Width == 0 || i < 0 {
		return
	}
	step, seen := r.step(), r.Size().Width-2*r.ringRoom()+r.gap()
	left := float32(i) * step
	switch {
	case left < r.offset:
		r.glide(left)
	case left+step > r.offset+seen:
		r.glide(left + step - seen)
	default:
		r.arrange()
	}
}

func (r *rail) glide(to float32) {
	r.halt()
	to = min(max(to, 0), r.most())
	from := r.offset
	if !r.look.motion || from == to {
		r.moveTo(to)
		return
	}
	r.slide = fyne.NewAnimation(180*time.Millisecond, func(p float32) { r.moveTo(from + (to-from)*p) })
	r.slide.Curve = fyne.AnimationEaseOut
	r.slide.Start()
}

func (r *rail) halt() {
	if r.slide != nil {
		r.slide.Stop()
		r.slide = nil
	}
}

// Dragged pushes the row under the finger.
func (r *rail) Dragged(e *fyne.DragEvent) {
	r.halt()
	now := time.Now()
	if dt := float32(now.Sub(r.dragAt).Seconds()); dt > 0 && dt < 0.2 {
		r.dragged = 0.6*r.dragged + 0.4*(-e.Dragged.DX/dt)
	}
	r.dragAt = now
	r.moveTo(r.offset - e.Dragged.DX)
}

// DragEnd lets the row run on to where a whole tile begins.
func (r *rail) DragEnd() {
	throw := r.dragged * 0.15
	r.dragged = 0
	step := r.step()
	r.glide(round((r.offset+throw)/step) * step)
}

// Scrolled moves the row by the wheel, whichever way it turns.
func (r *rail) Scrolled(e *fyne.ScrollEvent) {
	d := e.Scrolled.DX
	if d == 0 {
		d = e.Scrolled.DY
	}
	r.halt()
	r.moveTo(r.offset - 2*d)
}

// arrange binds the tiles that can be seen and places them.
func (r *rail) arrange() {
	s := r.Size()
	if s.Width == 0 {
		return
	}
	step := r.step()
	first := int(r.offset / step)
	need := min(r.count-first, int(math.Ceil(float64((s.Width+r.offset-float32(first)*step)/step))))
	r.grow(max(need, 0))
	room := r.ringRoom()
	for k, t := range r.tiles {
		i := first + k
		x := room + float32(i)*step - r.offset
		t.Hidden = k >= need || x > s.Width
		if t.Hidden {
			continue
		}
		r.bind(i, t)
		t.tapped = func() { r.tapped(i) }
		put(t, rect{x, room, step - r.gap(), s.Height - 2*room})
		t.Refresh()
	}
	r.box.Refresh()
}

func (r *rail) grow(n int) {
	for len(r.tiles) < n {
		t := newTile(r.look)
		r.tiles = append(r.tiles, t)
		r.box.Add(t)
	}
}

// rebind fills the tiles that can be seen anew, after likes, prices or
// pictures changed.
func (r *rail) rebind() { r.arrange() }

func (r *rail) CreateRenderer() fyne.WidgetRenderer {
	clip := container.NewClip(r.box)
	return &railRenderer{r, clip}
}

type railRenderer struct {
	r    *rail
	clip *container.Clip
}

func (w *railRenderer) Layout(s fyne.Size) {
	w.clip.Resize(s)
	w.r.box.Resize(s)
	w.r.moveTo(w.r.offset)
}
func (w *railRenderer) MinSize() fyne.Size { return fyne.NewSize(w.r.look.px(320), w.r.look.px(186)) }
func (w *railRenderer) Refresh()           { w.r.arrange() }
func (w *railRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{w.clip}
}
func (w *railRenderer) Destroy() { w.r.halt() }
