package exchange

import (
	"strings"

	"cheval/catalog"
)

// Described is what a text says of eyewear, in the words that shops use.
type Described struct {
	Colour   string // one of catalog.Colours, or ""
	Shape    catalog.Shape
	Material catalog.Material
}

// Describe reads a text such as "navy panto in acetate", English or Chinese, and
// returns it in lower case without the words that it understood.
func Describe(text string) (d Described, rest string) {
	rest = strings.ToLower(text)
	d.Shape, rest = take(shapeWords, rest)
	d.Material, rest = take(materialWords, rest)
	d.Colour, rest = take(colourWords, rest)
	return d, rest
}

// take is find, with the word taken out of the text wherever it stands.
func take[T any](list []word[T], text string) (is T, rest string) {
	for _, w := range list {
		if has(text, w.text) {
			return w.is, without(text, w.text)
		}
	}
	return is, text
}

// without blanks a word where has finds it.
func without(text, word string) string {
	for from := 0; ; {
		i := strings.Index(text[from:], word)
		if i < 0 {
			return text
		}
		i += from
		end := i + len(word)
		if word[0] >= 0x80 || !letterBefore(text[:i]) && !letterAfter(text[end:]) {
			text = text[:i] + strings.Repeat(" ", len(word)) + text[end:]
		}
		from = end
	}
}
