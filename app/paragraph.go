package app

import (
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
	"github.com/go-text/typesetting/segmenter"
)

// paragraph is text that breaks into lines as Unicode says (UAX 14), so that
// Chinese, which has no spaces, breaks where a reader expects it and no line
// starts with a comma. It takes the width it is given; its height follows.
type paragraph struct {
	widget.BaseWidget
	look    *look
	text    string
	size    float32
	color   color.Color
	bold    bool
	align   fyne.TextAlign
	width   float32 // that MinSize reckons with until it is laid out
	leading float32
	broken  struct {
		of    brokenFor
		lines []string
	}
}

func newParagraph(l *look, text string, size float32, c color.Color) *paragraph {
	p := &paragraph{look: l, text: text, size: size, color: c, width: l.px(400), leading: 1.32}
	p.ExtendBaseWidget(p)
	return p
}

// within sets the width that MinSize reckons with.
func (p *paragraph) within(w float32) *paragraph {
	if p.width != w {
		p.width = w
		p.Refresh()
	}
	return p
}

func (p *paragraph) setText(s string, c color.Color) {
	if p.text == s && p.color == c {
		return
	}
	p.text, p.color = s, c
	p.Refresh()
}

// Resize lays the text out for the new width.
func (p *paragraph) Resize(s fyne.Size) {
	if s.Width > 0 {
		p.width = s.Width
	}
	p.BaseWidget.Resize(s)
}

func (p *paragraph) font() fyne.Resource {
	if p.bold {
		return p.look.fonts.bold
	}
	return p.look.fonts.regular
}

func (p *paragraph) measure(s string) float32 {
	size, _ := fyne.CurrentApp().Driver().RenderedTextSize(s, p.look.px(p.size), fyne.TextStyle{}, p.font())
	return size.Width
}

// lines breaks the text for the present width.
func (p *paragraph) lines() []string { return p.linesFor(p.width) }

// linesFor breaks the text for a width. It keeps the last answer, because Fyne
// asks for least sizes whenever it paints.
func (p *paragraph) linesFor(width float32) []string {
	key := brokenFor{p.text, width, p.look.px(p.size), p.bold}
	if p.broken.of != key {
		p.broken.of, p.broken.lines = key, breakLines(p.text, width, p.measure)
	}
	return p.broken.lines
}

// brokenFor is all that decides where lines break.
type brokenFor struct {
	text        string
	width, size float32
	bold        bool
}

// heightFor says how high the text is at a width.
func (p *paragraph) heightFor(width float32) float32 {
	return float32(len(p.linesFor(width))) * p.lineHeight()
}

func (p *paragraph) lineHeight() float32 { return p.look.px(p.size * p.leading) }

func (p *paragraph) CreateRenderer() fyne.WidgetRenderer {
	r := &paragraphRenderer{p: p}
	r.rebuild()
	return r
}

type paragraphRenderer struct {
	p     *paragraph
	texts []fyne.CanvasObject
	built string
	width float32
}

func (r *paragraphRenderer) rebuild() {
	p := r.p
	r.built, r.width = p.text, p.width
	lines := p.lines()
	r.texts = r.texts[:0]
	h := p.lineHeight()
	for i, s := range lines {
		t := p.look.text(s, p.size, p.color)
		t.FontSource = p.font()
		t.Alignment = p.align
		t.Resize(fyne.NewSize(p.width, h))
		t.Move(fyne.NewPos(0, float32(i)*h))
		r.texts = append(r.texts, t)
	}
}

func (r *paragraphRenderer) Layout(s fyne.Size) {
	if r.width != r.p.width || r.built != r.p.text {
		r.rebuild()
	}
}

func (r *paragraphRenderer) MinSize() fyne.Size {
	n := len(r.p.lines())
	return fyne.NewSize(r.p.look.px(40), float32(n)*r.p.lineHeight())
}

func (r *paragraphRenderer) Refresh() {
	r.rebuild()
	canvas.Refresh(r.p)
}

func (r *paragraphRenderer) Objects() []fyne.CanvasObject { return r.texts }
func (r *paragraphRenderer) Destroy()                     {}

// breakLines cuts text into lines no wider than width, at the places Unicode
// allows; a word wider than a line stands alone and runs over.
func breakLines(text string, width float32, measure func(string) float32) []string {
	var lines []string
	for par := range strings.SplitSeq(text, "\n") {
		lines = append(lines, breakParagraph(par, width, measure)...)
	}
	return lines
}

func breakParagraph(text string, width float32, measure func(string) float32) []string {
	if measure(text) <= width {
		return []string{text}
	}
	var seg segmenter.Segmenter
	seg.Init([]rune(text))
	var lines []string
	line := ""
	for it := seg.LineIterator(); it.Next(); {
		piece := string(it.Line().Text)
		if line != "" && measure(strings.TrimRight(line+piece, " ")) > width {
			lines = append(lines, strings.TrimRight(line, " "))
			line = ""
		}
		line += piece
	}
	return append(lines, strings.TrimRight(line, " "))
}

// elide shortens a line to width, ending in an ellipsis.
func elide(s string, width float32, measure func(string) float32) string {
	if measure(s) <= width {
		return s
	}
	r := []rune(s)
	for len(r) > 1 && measure(string(r)+"…") > width {
		r = r[:len(r)-1]
	}
	return strings.TrimRight(string(r), " ") + "…"
}
