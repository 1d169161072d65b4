// Package brush corrects a cut-out's mask by hand: strokes that add and erase,
// with undo and redo. Strokes are data, so that a correction can be kept and
// made again.
//
// It leaves to others where strokes come from (the editor) and what is done
// with the mask (studio).
package brush

import (
	"fmt"
	"image"
	"math"
	"strconv"
	"strings"
)

// Point is a place on the mask, in pixels.
type Point struct{ X, Y float32 }

// Stroke is one movement of the brush.
type Stroke struct {
	Points []Point // at least one
	Radius float32 // in pixels, above 0
	Soft   float32 // part of the radius over which it fades, 0 hard .. 1
	Erase  bool    // takes away instead of adding
}

// keptBytes bounds what is kept to undo; of more, the oldest stays done.
const keptBytes = 64 << 20

// Mask is a mask under correction. One goroutine at a time may use it.
type Mask struct {
	alpha   *image.Alpha
	done    []deed
	undone  []Stroke
	kept    int
	settled []Stroke // too long ago to be undone
}

// deed is a stroke with what was under it.
type deed struct {
	stroke Stroke
	area   image.Rectangle
	before []uint8
}

// New begins with a copy of alpha, whose bounds start at (0,0).
func New(alpha *image.Alpha) *Mask {
	m := &Mask{alpha: image.NewAlpha(alpha.Rect)}
	for y := range alpha.Rect.Dy() {
		copy(m.alpha.Pix[y*m.alpha.Stride:(y+1)*m.alpha.Stride], alpha.Pix[y*alpha.Stride:])
	}
	return m
}

// Alpha is the mask as it is now. It stays the mask's own, and changes with it.
func (m *Mask) Alpha() *image.Alpha { return m.alpha }

// Strokes are those that are done, in their order.
func (m *Mask) Strokes() []Stroke {
	out := append([]Stroke(nil), m.settled...)
	for _, d := range m.done {
		out = append(out, d.stroke)
	}
	return out
}

// Draw does a stroke and returns what part of the mask it changed. What was
// undone can then no longer be redone. A stroke of nothing does nothing.
func (m *Mask) Draw(s Stroke) image.Rectangle {
	m.undone = nil
	return m.draw(s)
}

func (m *Mask) draw(s Stroke) image.Rectangle {
	area := s.bounds().Intersect(m.alpha.Rect)
	if area.Empty() {
		return image.Rectangle{}
	}
	s.Points = append([]Point(nil), s.Points...)
	d := deed{s, area, m.copyOf(area)}
	m.paint(s, area)
	m.done, m.kept = append(m.done, d), m.kept+len(d.before)
	for m.kept > keptBytes && len(m.done) > 1 {
		m.kept -= len(m.done[0].before)
		m.settled, m.done = append(m.settled, m.done[0].stroke), m.done[1:]
	}
	return area
}

// Undo takes the last stroke back and returns what part changed; empty where
// there is none.
func (m *Mask) Undo() image.Rectangle {
	if len(m.done) == 0 {
		return image.Rectangle{}
	}
	d := m.done[len(m.done)-1]
	m.done, m.kept = m.done[:len(m.done)-1], m.kept-len(d.before)
	w := d.area.Dx()
	for y := range d.area.Dy() {
		copy(m.alpha.Pix[(d.area.Min.Y+y)*m.alpha.Stride+d.area.Min.X:][:w], d.before[y*w:])
	}
	m.undone = append(m.undone, d.stroke)
	return d.area
}

// Redo does the stroke again that was undone last.
func (m *Mask) Redo() image.Rectangle {
	if len(m.undone) == 0 {
		return image.Rectangle{}
	}
	s := m.undone[len(m.undone)-1]
	m.undone = m.undone[:len(m.undone)-1]
	return m.draw(s)
}

func (m *Mask) copyOf(area image.Rectangle) []uint8 {
	out := make([]uint8, 0, area.Dx()*area.Dy())
	for y := area.Min.Y; y < area.Max.Y; y++ {
		out = append(out, m.alpha.Pix[y*m.alpha.Stride+area.Min.X:y*m.alpha.Stride+area.Max.X]...)
	}
	return out
}

// bounds is what a stroke can touch; empty for one of nothing.
func (s *Stroke) bounds() image.Rectangle {
	if len(s.Points) == 0 || !(s.Radius > 0) || s.Radius > 1e5 {
		return image.Rectangle{}
	}
	box := image.Rectangle{}
	for _, p := range s.Points {
		if !(math.Abs(float64(p.X)) < 1e6 && math.Abs(float64(p.Y)) < 1e6) {
			return image.Rectangle{}
		}
		box = box.Union(image.Rect(int(math.Floor(float64(p.X-s.Radius))), int(math.Floor(float64(p.Y-s.Radius))),
			int(math.Ceil(float64(p.X+s.Radius)))+1, int(math.Ceil(float64(p.Y+s.Radius)))+1))
	}
	return box
}

// paint covers the area by the stroke once, however often it crosses itself.
func (m *Mask) paint(s Stroke, area image.Rectangle) {
	w := area.Dx()
	cover := make([]float32, w*area.Dy())
	last := s.Points[0]
	for i, p := range s.Points {
		if i > 0 || len(s.Points) == 1 {
			segment(cover, area, last, p, s.Radius, s.Soft)
		}
		last = p
	}
	for i, c := range cover {
		if c == 0 {
			continue
		}
		at := &m.alpha.Pix[(area.Min.Y+i/w)*m.alpha.Stride+area.Min.X+i%w]
		a := float32(*at)
		if s.Erase {
			a *= 1 - c
		} else {
			a += (255 - a) * c
		}
		*at = uint8(a + 0.5)
	}
}

// segment raises the cover around the line from a to b.
func segment(cover []float32, area image.Rectangle, a, b Point, radius, soft float32) {
	part := Stroke{Points: []Point{a, b}, Radius: radius}
	box := part.bounds().Intersect(area)
	dx, dy := b.X-a.X, b.Y-a.Y
	square := dx*dx + dy*dy
	fade := max(1, radius*max(0, min(1, soft))) // a hard edge is still smooth over a pixel
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			px, py := float32(x)+0.5-a.X, float32(y)+0.5-a.Y
			t := float32(0)
			if square > 0 {
				t = max(0, min(1, (px*dx+py*dy)/square))
			}
			ex, ey := px-t*dx, py-t*dy
			d := float32(math.Sqrt(float64(ex*ex + ey*ey)))
			c := max(0, min(1, (radius-d)/fade))
			i := (y-area.Min.Y)*area.Dx() + x - area.Min.X
			cover[i] = max(cover[i], c*c*(3-2*c))
		}
	}
}

// Encode writes strokes as text, for the record: one a line, with tenths of
// pixels.
func Encode(strokes []Stroke) string {
	var b strings.Builder
	for _, s := range strokes {
		kind := "add"
		if s.Erase {
			kind = "erase"
		}
		fmt.Fprintf(&b, "%s %.1f %.2f", kind, s.Radius, s.Soft)
		for _, p := range s.Points {
			fmt.Fprintf(&b, " %.1f,%.1f", p.X, p.Y)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// maxText bounds what Decode reads.
const maxText = 4 << 20

// Decode reads what Encode wrote.
func Decode(text string) (strokes []Stroke, err error) {
	if len(text) > maxText {
		return nil, fmt.Errorf("brush: strokes of over %d MB are not read", maxText>>20)
	}
	for line := range strings.Lines(text) {
		s, err := decodeStroke(strings.Fields(line))
		if err != nil {
			return nil, fmt.Errorf("brush: stroke %d: %w", len(strokes)+1, err)
		}
		strokes = append(strokes, s)
	}
	return strokes, nil
}

func decodeStroke(words []string) (s Stroke, err error) {
	if len(words) < 4 || words[0] != "add" && words[0] != "erase" {
		return s, fmt.Errorf("it is not like \"add 12.0 0.50 3.5,4.0\"")
	}
	s.Erase = words[0] == "erase"
	if s.Radius, err = number(words[1]); err != nil {
		return s, err
	}
	if s.Soft, err = number(words[2]); err != nil {
		return s, err
	}
	for _, w := range words[3:] {
		x, y, _ := strings.Cut(w, ",")
		var p Point
		if p.X, err = number(x); err != nil {
			return s, err
		}
		if p.Y, err = number(y); err != nil {
			return s, err
		}
		s.Points = append(s.Points, p)
	}
	return s, nil
}

func number(s string) (float32, error) {
	v, err := strconv.ParseFloat(s, 32)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, fmt.Errorf("%.20q is no number", s)
	}
	return float32(v), nil
}
