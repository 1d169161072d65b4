package frames

import (
	"strconv"
	"strings"
	"unicode"

	"cheval/catalog"
	"cheval/catalog/exchange"
)

// kindWords and sizeWords say what shapes, materials and colours do not. Chinese
// words count anywhere.
var (
	kindWords = map[string]catalog.Kind{
		"sun": catalog.Sun, "sunglasses": catalog.Sun, "sunglass": catalog.Sun, "shades": catalog.Sun, "太阳镜": catalog.Sun, "墨镜": catalog.Sun,
		"optical": catalog.Optical, "spectacles": catalog.Optical, "eyeglasses": catalog.Optical, "prescription": catalog.Optical, "光学": catalog.Optical,
	}
	sizeWords = map[string]catalog.Size{
		"narrow": catalog.Narrow, "small": catalog.Narrow, "窄": catalog.Narrow, "小": catalog.Narrow,
		"medium": catalog.Medium, "中": catalog.Medium,
		"wide": catalog.Wide, "large": catalog.Wide, "big": catalog.Wide, "宽": catalog.Wide, "大": catalog.Wide,
	}
	// plainWords ask for nothing that is not asked anyway.
	plainWords = map[string]bool{
		"a": true, "an": true, "the": true, "some": true, "of": true, "in": true, "with": true, "for": true, "and": true, "pair": true, "pairs": true,
		"frame": true, "frames": true, "glasses": true, "eyewear": true, "please": true, "new": true, "design": true, "designs": true,
		"副": true, "的": true, "色": true, "个": true, "眼镜": true, "镜架": true, "镜框": true,
	}
)

// namesEyewear are the words that can be of nothing else.
var namesEyewear = map[string]bool{
	"eyewear": true, "glasses": true, "sunglasses": true, "sunglass": true, "spectacles": true, "eyeglasses": true, "frames": true,
	"太阳镜": true, "墨镜": true, "眼镜": true, "镜架": true, "镜框": true,
}

// Words reads a request such as "20 wide navy pantos in acetate", English or
// Chinese; ignored are the words that say nothing here. Count is 0 where the
// text gives none.
func Words(text string) (r Request, ignored []string) {
	d, rest := exchange.Describe(text)
	r = Request{Shape: d.Shape, Material: d.Material, Colour: d.Colour}
	for _, w := range split(rest) {
		if n, err := strconv.Atoi(w); err == nil && r.Count == 0 {
			r.Count = n
		} else if k, ok := kindWords[w]; ok && r.Kind == "" {
			r.Kind = k
		} else if s, ok := sizeWords[w]; ok && r.Size == "" {
			r.Size = s
		} else if !plainWords[w] {
			ignored = append(ignored, w)
		}
	}
	return r, ignored
}

// Mentioned says whether a text names eyewear.
func Mentioned(text string) bool {
	for _, w := range split(strings.ToLower(text)) {
		if namesEyewear[w] {
			return true
		}
	}
	return false
}

// split is the words of a text; of Chinese, the known ones and what lies
// between them.
func split(text string) (out []string) {
	spaced := []rune{}
	for _, r := range text {
		if unicode.IsLetter(r) || unicode.IsNumber(r) || r == '-' {
			spaced = append(spaced, r)
		} else {
			spaced = append(spaced, ' ')
		}
	}
	for _, w := range strings.Fields(string(spaced)) {
		if w[0] < 0x80 {
			out = append(out, w)
			continue
		}
		out = append(out, splitChinese(w)...)
	}
	return out
}

func splitChinese(w string) (out []string) {
	unknown := ""
	flush := func() {
		if unknown != "" {
			out = append(out, unknown)
		}
		unknown = ""
	}
	for w != "" {
		known := ""
		for _, r := range []int{3, 2, 1} {
			if p := prefix(w, r); p != "" && isKnown(p) {
				known = p
				break
			}
		}
		if known == "" {
			first := prefix(w, 1)
			unknown, w = unknown+first, w[len(first):]
			continue
		}
		flush()
		out, w = append(out, known), w[len(known):]
	}
	flush()
	return out
}

// prefix is the first n runes, "" where there are fewer.
func prefix(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	if n == 0 {
		return s
	}
	return ""
}

func isKnown(w string) bool {
	_, kind := kindWords[w]
	_, size := sizeWords[w]
	return kind || size || plainWords[w]
}
