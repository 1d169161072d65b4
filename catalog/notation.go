package catalog

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Notation is a frame's size as the trade writes it, in millimetres: a
// "52□18-145" has Lens 52, Bridge 18 and Temple 145 (ISO 8624).
type Notation struct {
	Lens, Bridge float32
	Temple       float32 // 0: not given
}

// String returns n as ParseNotation reads it.
func (n Notation) String() string {
	s := fmt.Sprintf("%g□%g", n.Lens, n.Bridge)
	if n.Temple > 0 {
		s += fmt.Sprintf("-%g", n.Temple)
	}
	return s
}

// The sign between lens and bridge is a box, of which spreadsheets make an x,
// a hyphen, a slash or a blank box of another block; a temple may follow.
var notationForm = regexp.MustCompile(`(?i)(?:^|[^\d.,])` +
	`(\d{2}(?:[.,]\d)?)\s*(?:mm)?\s*([□▢☐◻⬜▯■x×/\-–— ])\s*` +
	`(\d{2}(?:[.,]\d)?)\s*(?:mm)?` +
	`(?:\s*[\-–—/x×□ ]\s*(\d{3})\s*(?:mm)?)?` +
	`(?:$|[^\d.,/\-–—]|[.,/\-–—](?:\D|$))`)

// ParseNotation finds a frame's size in a title or a cell: "Aria 52□18-145",
// "52-18-145", "52x18 145", "52/18/145". Two numbers without a box sign or a
// temple ("50-20") are no size: they may be anything. Measures outside of what
// frames have (lens 30 to 75, bridge 10 to 32, temple 100 to 170) are refused.
func ParseNotation(s string) (Notation, bool) {
	if len(s) > 10000 {
		s = s[:10000]
	}
	for len(s) > 0 {
		m := notationForm.FindStringSubmatchIndex(s)
		if m == nil {
			break
		}
		part := func(k int) string {
			if m[2*k] < 0 {
				return ""
			}
			return s[m[2*k]:m[2*k+1]]
		}
		if n, ok := notationOf(part(1), part(2), part(3), part(4)); ok {
			return n, true
		}
		s = s[m[3]:] // look on behind the first number
	}
	return Notation{}, false
}

func notationOf(lens, sign, bridge, temple string) (Notation, bool) {
	number := func(t string) float32 {
		v, _ := strconv.ParseFloat(strings.Replace(t, ",", ".", 1), 32)
		return float32(v)
	}
	n := Notation{Lens: number(lens), Bridge: number(bridge), Temple: number(temple)}
	box := strings.Contains("□▢☐◻⬜▯■", sign)
	if temple == "" && !box {
		return n, false
	}
	ok := n.Lens >= 30 && n.Lens <= 75 && n.Bridge >= 10 && n.Bridge <= 32 &&
		(temple == "" || n.Temple >= 100 && n.Temple <= 170)
	return n, ok
}
