package app

import (
	"bytes"
	"fmt"
	"image/color"
	"math"
	"strconv"
	"strings"

	"cheval/internal/cielab"
)

// palette is every colour the app uses. Text colours are chosen for the panel
// over any picture: a test computes each contrast.
type palette struct {
	dark bool
	// ground is the page behind pictures and of the staff's screens; raised is
	// a surface on it, line a hairline.
	ground, raised, line color.NRGBA
	// panel floats over the mirror, edge is its hairline; scrim darkens
	// everything behind a sheet.
	panel, edge, scrim color.NRGBA
	// text and quiet stand on ground, raised and panel.
	text, quiet color.NRGBA
	// paper is a product's light card; ink and pencil stand on it.
	paper, ink, pencil color.NRGBA
	// accent is the shop's one colour; onAccent stands on it, accentText is the
	// accent as text on panels, lightened or darkened until it can be read.
	accent, onAccent, accentText color.NRGBA
	good, warn, bad              color.NRGBA
	// hover is laid over what the pointer is on, pressed over what is touched.
	hover, pressed color.NRGBA
}

// defaultAccent is a warm gold.
const defaultAccent = "#D9A860"

func rgb(hex uint32) color.NRGBA {
	return color.NRGBA{uint8(hex >> 16), uint8(hex >> 8), uint8(hex), 255}
}

func alpha(c color.NRGBA, a uint8) color.NRGBA { c.A = a; return c }

func newPalette(dark bool, accent color.NRGBA) palette {
	p := palette{
		dark:   dark,
		ground: rgb(0x0F1113), raised: rgb(0x181B1F), line: color.NRGBA{255, 255, 255, 28},
		panel: color.NRGBA{18, 19, 22, 218}, edge: color.NRGBA{255, 255, 255, 26}, scrim: color.NRGBA{6, 7, 8, 168},
		text: rgb(0xF5F2ED), quiet: rgb(0xC6C2BB),
		paper: rgb(0xF4F1EC), ink: rgb(0x17181A), pencil: rgb(0x66635E),
		accent: accent,
		good:   rgb(0x6FC58E), warn: rgb(0xF0A35E), bad: rgb(0xF2938A),
		hover: color.NRGBA{255, 255, 255, 18}, pressed: color.NRGBA{255, 255, 255, 40},
	}
	if !dark {
		p.ground, p.raised, p.line = rgb(0xECE8E1), rgb(0xFAF8F5), color.NRGBA{0, 0, 0, 30}
		p.panel, p.edge, p.scrim = color.NRGBA{250, 248, 245, 226}, color.NRGBA{0, 0, 0, 24}, color.NRGBA{30, 28, 26, 140}
		p.text, p.quiet = rgb(0x17181A), rgb(0x4A4743)
		p.paper = rgb(0xFFFFFF)
		p.good, p.warn, p.bad = rgb(0x1A6B3C), rgb(0x8A4B05), rgb(0x9E2A1F)
		p.hover, p.pressed = color.NRGBA{0, 0, 0, 14}, color.NRGBA{0, 0, 0, 30}
	}
	for _, c := range []uint32{0x17181A, 0xFFFFFF, 0x000000} { // black or white has 4.58:1 on any colour
		if p.onAccent = rgb(c); contrast(p.onAccent, accent) >= 4.5 {
			break
		}
	}
	p.accentText = readable(accent, p.worstPanel())
	return p
}

// worstPanel is a panel over the picture that makes its text hardest to read:
// white behind a dark one, black behind a light one.
func (p palette) worstPanel() color.NRGBA {
	behind := rgb(0xFFFFFF)
	if !p.dark {
		behind = rgb(0x000000)
	}
	return over(p.panel, behind)
}

// readable moves c towards white or black until it has 4.5:1 on ground.
func readable(c, ground color.NRGBA) color.NRGBA {
	to := rgb(0xFFFFFF)
	if luminance(ground) > 0.18 {
		to = rgb(0x000000)
	}
	for mix := 0.0; mix < 1; mix += 0.02 {
		if m := blend(c, to, mix); contrast(m, ground) >= 4.6 {
			return m
		}
	}
	return to
}

func blend(a, b color.NRGBA, t float64) color.NRGBA {
	m := func(x, y uint8) uint8 { return uint8(math.Round(float64(x)*(1-t) + float64(y)*t)) }
	return color.NRGBA{m(a.R, b.R), m(a.G, b.G), m(a.B, b.B), 255}
}

// over lays a translucent colour on an opaque one, as the GPU does (in sRGB).
func over(top, bottom color.NRGBA) color.NRGBA {
	return blend(bottom, alpha(top, 255), float64(top.A)/255)
}

// luminance is WCAG 2.2's relative luminance.
func luminance(c color.NRGBA) float64 {
	return 0.2126*cielab.Linear(c.R) + 0.7152*cielab.Linear(c.G) + 0.0722*cielab.Linear(c.B)
}

// contrast is WCAG 2.2's contrast ratio of two opaque colours, 1 to 21.
func contrast(a, b color.NRGBA) float64 {
	x, y := luminance(a), luminance(b)
	if x < y {
		x, y = y, x
	}
	return (x + 0.05) / (y + 0.05)
}

// parseColour reads #RRGGBB.
func parseColour(s string) (color.NRGBA, error) {
	h, ok := strings.CutPrefix(strings.TrimSpace(s), "#")
	v, err := strconv.ParseUint(h, 16, 32)
	if !ok || len(h) != 6 || err != nil {
		return color.NRGBA{}, fmt.Errorf("colour %q is not of the form #RRGGBB", s)
	}
	return rgb(uint32(v)), nil
}

func hexColour(c color.NRGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

func paintSVG(svg []byte, hex string) []byte {
	return bytes.ReplaceAll(svg, []byte("currentColor"), []byte(hex))
}
