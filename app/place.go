package app

import (
	"image/color"
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

func round(v float32) float32 { return float32(math.Round(float64(v))) }

func toNRGBA(c any) color.NRGBA {
	switch v := c.(type) {
	case color.NRGBA:
		return v
	case color.Color:
		return color.NRGBAModel.Convert(v).(color.NRGBA)
	}
	return color.NRGBA{}
}

// rect is a place on the page, in Fyne's units.
type rect struct{ x, y, w, h float32 }

func (r rect) right() float32  { return r.x + r.w }
func (r rect) bottom() float32 { return r.y + r.h }
func (r rect) empty() bool     { return r.w <= 0 || r.h <= 0 }

func (r rect) overlaps(o rect) bool {
	return !r.empty() && !o.empty() && r.x < o.right() && o.x < r.right() && r.y < o.bottom() && o.y < r.bottom()
}

// put moves and resizes an object.
func put(o fyne.CanvasObject, r rect) {
	if at := fyne.NewPos(round(r.x), round(r.y)); o.Position() != at {
		o.Move(at) // which has the window painted anew
	}
	if size := fyne.NewSize(round(r.w), round(r.h)); o.Size() != size {
		o.Resize(size)
	}
}

// layoutFunc is a layout made of one function and a least size.
type layoutFunc struct {
	least func() fyne.Size
	place func(fyne.Size)
}

func (l layoutFunc) Layout(_ []fyne.CanvasObject, s fyne.Size) { l.place(s) }
func (l layoutFunc) MinSize([]fyne.CanvasObject) fyne.Size {
	if l.least == nil {
		return fyne.Size{}
	}
	return l.least()
}

// placed is a container whose objects one function places.
func placed(place func(fyne.Size), objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(layoutFunc{place: place}, objects...)
}

// stackGap lays objects one below the other with a fixed gap.
type stackGap struct{ gap float32 }

func (v stackGap) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	y := float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		o.Resize(fyne.NewSize(s.Width, o.Size().Height)) // so that text knows its width
		h := float32(math.Ceil(float64(o.MinSize().Height)))
		put(o, rect{0, y, s.Width, h})
		y += h + v.gap
	}
}

func (v stackGap) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var s fyne.Size
	n := 0
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		m := o.MinSize()
		s.Width = max(s.Width, m.Width)
		s.Height += float32(math.Ceil(float64(m.Height)))
		n++
	}
	s.Height += v.gap * float32(max(n-1, 0))
	return s
}

// flow lays objects in rows from the left and goes on below when a row is full.
type flow struct {
	gap   float32
	width float32 // that MinSize reckons with until it is laid out
}

func (f *flow) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	f.width = s.Width
	f.each(objects, func(o fyne.CanvasObject, r rect) { put(o, r) })
}

func (f *flow) each(objects []fyne.CanvasObject, do func(fyne.CanvasObject, rect)) float32 {
	x, y, row := float32(0), float32(0), float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		m := o.MinSize()
		if x > 0 && x+m.Width > f.width {
			x, y, row = 0, y+row+f.gap, 0
		}
		do(o, rect{x, y, m.Width, m.Height})
		x += m.Width + f.gap
		row = max(row, m.Height)
	}
	return y + row
}

func (f *flow) MinSize(objects []fyne.CanvasObject) fyne.Size {
	w := float32(0)
	for _, o := range objects {
		if o.Visible() {
			w = max(w, o.MinSize().Width)
		}
	}
	return fyne.NewSize(w, f.each(objects, func(fyne.CanvasObject, rect) {}))
}

// scaled turns parts of a page into units.
func (r rect) scaled(s fyne.Size) rect {
	return rect{r.x * s.Width, r.y * s.Height, r.w * s.Width, r.h * s.Height}
}

func (r rect) contains(p fyne.Position) bool {
	return p.X >= r.x && p.X < r.right() && p.Y >= r.y && p.Y < r.bottom()
}

// scrolling makes a column scroll, with room at the right for the bar.
func (l *look) scrolling(o fyne.CanvasObject) *container.Scroll {
	room := l.px(16)
	c := placed(nil, o)
	c.Layout = layoutFunc{
		least: func() fyne.Size { return o.MinSize().Add(fyne.NewSize(room, 0)) },
		place: func(s fyne.Size) {
			o.Resize(fyne.NewSize(s.Width-room, o.Size().Height)) // so that text knows its width
			put(o, rect{0, 0, s.Width - room, max(s.Height, o.MinSize().Height)})
		},
	}
	return container.NewVScroll(c)
}
