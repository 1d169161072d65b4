package app

import (
	"fmt"
	"image/color"
	"testing"
)

// Text must be readable over any picture, in both themes and whatever accent a
// shop chooses: 4.5:1 (WCAG 2.2, 1.4.3).
func TestTextCanBeReadOverAnyPicture(t *testing.T) {
	for _, dark := range []bool{true, false} {
		for _, hex := range append(accents[:], "#000000", "#FFFFFF", "#0000FF", "#FFFF00", "#808080") {
			accent, err := parseColour(hex)
			if err != nil {
				t.Fatal(err)
			}
			p := newPalette(dark, accent)
			for _, c := range []struct {
				what       string
				text, back color.NRGBA
			}{
				{"text on a panel", p.text, p.worstPanel()}, {"quiet text on a panel", p.quiet, p.worstPanel()},
				{"accent text on a panel", p.accentText, p.worstPanel()},
				{"good on a panel", p.good, p.worstPanel()}, {"warning on raised", p.warn, p.raised}, {"bad on raised", p.bad, p.raised},
				{"bad on a pill", p.bad, over(alpha(p.text, 12), p.raised)},
				{"text on raised", p.text, p.raised}, {"quiet text on raised", p.quiet, p.raised},
				{"quiet text on the page", p.quiet, p.ground}, {"accent text on the page", p.accentText, p.ground},
				{"accent text on raised", p.accentText, p.raised},
				{"ink on paper", p.ink, p.paper}, {"pencil on paper", p.pencil, p.paper},
				{"text on the accent", p.onAccent, p.accent},
			} {
				if r := contrast(c.text, c.back); r < 4.5 {
					t.Errorf("dark %v, accent %s: %s has %.2f:1", dark, hex, c.what, r)
				}
			}
		}
	}
}

func TestContrastIsWCAGs(t *testing.T) {
	for _, c := range []struct {
		a, b uint32
		want string
	}{
		{0xFFFFFF, 0x000000, "21.00"}, {0x777777, 0xFFFFFF, "4.48"}, {0x0000FF, 0xFFFFFF, "8.59"},
	} {
		if got := fmt.Sprintf("%.2f", contrast(rgb(c.a), rgb(c.b))); got != c.want {
			t.Errorf("%06x on %06x: %s, want %s", c.a, c.b, got, c.want)
		}
	}
}

func TestParseColourRefusesWhatIsNone(t *testing.T) {
	if c, err := parseColour(" #d9a860 "); err != nil || c != rgb(0xD9A860) {
		t.Errorf("got %v, %v", c, err)
	}
	for _, s := range []string{"", "#", "d9a860", "#d9a8", "#d9a8600", "#gggggg", "#-12345"} {
		if c, err := parseColour(s); err == nil {
			t.Errorf("%q: got %v, want an error", s, c)
		}
	}
}
