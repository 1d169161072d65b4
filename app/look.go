package app

import (
	"image/color"
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"cheval/assets/icons"
)

// look is what every widget is built with: colours, fonts, scale and language.
// It is immutable; when one of them changes the screen is built anew.
type look struct {
	pal   palette
	fonts fonts
	tr    *translator
	// scale is 1 on a screen of 1080 units on its shorter side.
	scale  float32
	motion bool
}

// touch is the least side of anything that is touched, in Fyne's units.
const touch = 48

// scaleFor chooses the scale for a window: never so small that text of 18
// falls under 13 on a desk, never so large that a wall looks empty.
func scaleFor(w fyne.Size) float32 {
	s := min(w.Width, w.Height) / 1080
	if w.Width < w.Height {
		s = min(w.Width/1080, w.Height/1700)
	}
	s = min(max(s, 0.76), 2)
	return float32(math.Round(float64(s)*50) / 50)
}

// px scales a length of the 1080 design and rounds it to a whole unit.
func (l *look) px(v float32) float32 { return float32(math.Round(float64(v * l.scale))) }

// tap is px, but never under what a finger needs.
func (l *look) tap(v float32) float32 { return max(l.px(v), touch) }

// The sizes of text, before scaling.
const (
	textSmall = 18
	textBody  = 21
	textLarge = 26
	textTitle = 34
	textHuge  = 44
)

// text returns one line.
func (l *look) text(s string, size float32, c color.Color) *canvas.Text {
	t := canvas.NewText(s, c)
	t.TextSize = l.px(size)
	t.FontSource = l.fonts.regular
	return t
}

// bold returns one line in the heavy weight.
func (l *look) bold(s string, size float32, c color.Color) *canvas.Text {
	t := l.text(s, size, c)
	t.FontSource = l.fonts.bold
	return t
}

// icon returns a line icon as a square of the given side, already scaled.
func (l *look) icon(name string, side float32, c color.NRGBA) *canvas.Image {
	img := canvas.NewImageFromResource(iconResource(name, c))
	img.FillMode = canvas.ImageFillContain
	img.SetMinSize(fyne.NewSquareSize(side))
	img.Resize(fyne.NewSquareSize(side))
	return img
}

// iconResource colours an icon. A name that does not exist panics: icons are
// built in, and a test looks at all of them.
func iconResource(name string, c color.NRGBA) fyne.Resource {
	svg, err := icons.Files.ReadFile(name + ".svg")
	if err != nil {
		panic("app: no icon " + name)
	}
	hex := hexColour(c)
	return fyne.NewStaticResource(name+"-"+hex[1:]+".svg", paintSVG(svg, hex))
}

// panelBox is a floating panel's background.
func (l *look) panelBox(radius float32) *canvas.Rectangle {
	r := canvas.NewRectangle(l.pal.panel)
	r.CornerRadius = radius
	r.StrokeColor = l.pal.edge
	r.StrokeWidth = 1
	return r
}
