package app

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// pillStyle is how much a pill asks for attention.
type pillStyle uint8

const (
	pillQuiet  pillStyle = iota // on a dark panel, over the mirror
	pillAccent                  // the one thing to do here
	pillPlain                   // an outline, on a sheet or a page
	pillDanger                  // an outline whose word is red
)

// pill is a rounded button of an icon, a word, or both; at least 48 units
// high. Switched on it is filled with light, so that a mode is seen.
type pill struct {
	widget.BaseWidget
	look     *look
	icon     string
	label    string
	style    pillStyle
	on       bool
	disabled bool
	left     bool // content starts at the left, as in a list
	height   float32
	size     float32 // of the text
	tapped   func()

	hovered, pressed bool
}

var (
	_ fyne.Tappable      = (*pill)(nil)
	_ desktop.Hoverable  = (*pill)(nil)
	_ desktop.Mouseable  = (*pill)(nil)
	_ desktop.Cursorable = (*pill)(nil)
)

func newPill(l *look, icon, label string, style pillStyle, tapped func()) *pill {
	p := &pill{look: l, icon: icon, label: label, style: style, tapped: tapped, height: l.tap(64), size: textBody}
	p.ExtendBaseWidget(p)
	return p
}

// small makes a pill for a corner: still 48 high.
func (p *pill) small() *pill {
	p.height, p.size = p.look.tap(54), textSmall+1
	return p
}

// set changes icon, label and whether it is on, and redraws.
func (p *pill) set(icon, label string, on bool) {
	if p.icon == icon && p.label == label && p.on == on {
		return
	}
	p.icon, p.label, p.on = icon, label, on
	p.Refresh()
}

func (p *pill) setDisabled(d bool) {
	if p.disabled != d {
		p.disabled = d
		p.Refresh()
	}
}

func (p *pill) Tapped(*fyne.PointEvent) {
	if !p.disabled && p.tapped != nil {
		p.tapped()
	}
}

func (p *pill) MouseIn(*desktop.MouseEvent)    { p.hovered = true; p.Refresh() }
func (p *pill) MouseMoved(*desktop.MouseEvent) {}
func (p *pill) MouseOut()                      { p.hovered, p.pressed = false, false; p.Refresh() }
func (p *pill) MouseDown(*desktop.MouseEvent)  { p.pressed = true; p.Refresh() }
func (p *pill) MouseUp(*desktop.MouseEvent)    { p.pressed = false; p.Refresh() }
func (p *pill) Cursor() desktop.Cursor {
	if p.disabled {
		return desktop.DefaultCursor
	}
	return desktop.PointerCursor
}

func (p *pill) CreateRenderer() fyne.WidgetRenderer {
	r := &pillRenderer{p: p, box: canvas.NewRectangle(color.Transparent), veil: canvas.NewRectangle(nil),
		text: p.look.text("", p.size, nil)}
	r.icon = canvas.NewImageFromResource(nil)
	r.icon.FillMode = canvas.ImageFillContain
	r.update()
	return r
}

type pillRenderer struct {
	p    *pill
	box  *canvas.Rectangle
	veil *canvas.Rectangle
	icon *canvas.Image
	text *canvas.Text
	name string // of the icon shown
}

func (r *pillRenderer) update() {
	p, pal := r.p, r.p.look.pal
	fill, fore, edge := pal.panel, pal.text, pal.edge
	switch p.style {
	case pillAccent:
		fill, fore, edge = pal.accent, pal.onAccent, alpha(pal.accent, 0)
	case pillPlain:
		fill = alpha(pal.text, 12)
	case pillDanger:
		fill, fore = alpha(pal.text, 12), pal.bad
	}
	if p.on {
		fill, fore, edge = pal.paper, pal.ink, alpha(pal.paper, 0)
		if !pal.dark {
			fill, fore = pal.text, pal.paper
		}
	}
	if p.disabled {
		fore = alpha(fore, 96)
	}
	r.box.FillColor, r.box.StrokeColor, r.box.StrokeWidth = fill, edge, 1
	r.veil.Hidden = p.disabled || !p.hovered && !p.pressed // what is not seen costs as much to paint
	if p.hovered && !p.disabled {
		r.veil.FillColor = pal.hover
	}
	if p.pressed && !p.disabled {
		r.veil.FillColor = pal.pressed
	}
	r.text.Text, r.text.Color = p.label, fore
	r.text.TextSize = p.look.px(p.size)
	r.text.FontSource = p.look.fonts.regular
	if p.style == pillAccent || p.on {
		r.text.FontSource = p.look.fonts.bold
	}
	r.setIcon(fore)
}

func (r *pillRenderer) setIcon(c any) {
	name := r.p.icon
	r.icon.Hidden = name == ""
	if name == "" {
		return
	}
	res := iconResource(name, toNRGBA(c))
	if res.Name() != r.name {
		r.name = res.Name()
		r.icon.Resource = res
		r.icon.Refresh()
	}
}

// parts gives the widths of icon, gap and text.
func (r *pillRenderer) parts() (icon, gap, text float32) {
	l := r.p.look
	if r.p.icon != "" {
		icon = l.px(28)
		if r.p.size < textBody {
			icon = l.px(24)
		}
	}
	if r.p.label != "" {
		text = r.text.MinSize().Width
		if icon > 0 {
			gap = l.px(11)
		}
	}
	return icon, gap, text
}

func (r *pillRenderer) MinSize() fyne.Size {
	icon, gap, text := r.parts()
	h := r.p.height
	pad := h * 0.42
	if r.p.label == "" {
		return fyne.NewSize(max(h, icon+2*r.p.look.px(14)), h)
	}
	return fyne.NewSize(max(h, icon+gap+text+2*pad), h)
}

func (r *pillRenderer) Layout(s fyne.Size) {
	r.box.Resize(s)
	r.veil.Resize(s)
	radius := s.Height / 2
	r.box.CornerRadius, r.veil.CornerRadius = radius, radius
	icon, gap, text := r.parts()
	x := (s.Width - icon - gap - text) / 2
	if r.p.left {
		x = r.p.look.px(22)
	}
	r.icon.Resize(fyne.NewSquareSize(icon))
	r.icon.Move(fyne.NewPos(round(x), round((s.Height-icon)/2)))
	th := r.text.MinSize().Height
	r.text.Resize(fyne.NewSize(text, th))
	r.text.Move(fyne.NewPos(round(x+icon+gap), round((s.Height-th)/2)))
}

func (r *pillRenderer) Refresh() {
	r.update()
	r.Layout(r.p.Size())
	canvas.Refresh(r.p)
}

func (r *pillRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.box, r.veil, r.icon, r.text}
}
func (r *pillRenderer) Destroy() {}
