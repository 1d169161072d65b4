package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// statusTag is the small print on a panel of its own, at the right of its
// place: how fast the mirror runs and on what, and under it what staff should
// know at a glance.
type statusTag struct {
	widget.BaseWidget
	look       *look
	line, note string
	middle     bool // stands in the middle of its height, not at its foot
}

func newStatusTag(l *look) *statusTag {
	s := &statusTag{look: l}
	s.ExtendBaseWidget(s)
	return s
}

func (s *statusTag) set(line, note string) {
	if line == "" {
		note = ""
	}
	if s.line == line && s.note == note {
		return
	}
	s.line, s.note = line, note
	s.Refresh()
}

func (s *statusTag) lineHeight() float32 { return s.look.px(27) }

// height is what the tag takes with both lines.
func (s *statusTag) height() float32 { return 2*s.lineHeight() + s.look.px(12) }

func (s *statusTag) CreateRenderer() fyne.WidgetRenderer {
	l := s.look
	box := l.panelBox(l.px(14))
	line, note := l.text("", textSmall, l.pal.quiet), l.text("", textSmall, l.pal.quiet)
	line.Alignment, note.Alignment = fyne.TextAlignCenter, fyne.TextAlignCenter
	r := &objectsRenderer{objects: []fyne.CanvasObject{box, line, note}}
	r.least = func() fyne.Size { return fyne.NewSize(l.px(120), s.height()) }
	r.place = func(z fyne.Size) {
		line.Text, note.Text = s.line, s.note
		box.Hidden = s.line == ""
		h, pad := s.lineHeight(), l.px(14)
		w := min(max(line.MinSize().Width, note.MinSize().Width)+2*pad, z.Width)
		n := float32(1)
		if s.note != "" {
			n = 2
		}
		x, top := z.Width-w, z.Height-n*h-l.px(10)
		if s.middle {
			top /= 2
		}
		put(box, rect{x, top, w, n*h + l.px(10)})
		put(note, rect{x, top + l.px(5), w, h})
		put(line, rect{x, top + l.px(5) + (n-1)*h, w, h})
	}
	r.refresh = func() { r.place(s.Size()) }
	return r
}

// measureStatus is the width that the line takes at its longest but for what
// is rare, so that what stands above it does not move with the figures.
func (s *statusTag) measureStatus() float32 {
	width := float32(0)
	for _, longest := range [...]string{"60 fps · 100 ms · CUDA 10.0 ms", statusNote(s.look.tr, &mirrorStatus{Refined: "256×128", Reduced: true})} {
		width = max(width, s.look.text(longest, textSmall, s.look.pal.quiet).MinSize().Width)
	}
	return width + 2*s.look.px(14)
}
