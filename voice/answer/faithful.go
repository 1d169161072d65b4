package answer

import (
	"strings"
	"unicode"

	"cheval/voice/understand"
)

// Faithful says whether other words for an answer contain no number and no
// product's name that the answer itself does not contain, and are no longer
// than three times it.
func Faithful(said, original string, names []string) bool {
	said = strings.TrimSpace(said)
	if said == "" || len(said) > 3*len(original)+80 {
		return false
	}
	have := map[string]bool{}
	for _, n := range numbersIn(original) {
		have[n] = true
	}
	for _, n := range numbersIn(said) {
		if !have[n] {
			return false
		}
	}
	low, lowOriginal := " "+strings.ToLower(said)+" ", " "+strings.ToLower(original)+" "
	for _, name := range names {
		if n := strings.ToLower(Plain(name, maxName)); n != "" && holds(low, n) && !holds(lowOriginal, n) {
			return false
		}
	}
	return true
}

// numbersIn are the amounts in a text: digits, and number words of both
// languages, as they would be read.
func numbersIn(s string) (out []string) {
	run := strings.Builder{}
	flush := func() {
		if run.Len() > 0 {
			out = append(out, strings.Trim(run.String(), "."))
			run.Reset()
		}
	}
	for _, r := range s {
		switch {
		case unicode.IsDigit(r):
			run.WriteRune(r)
		case r == '.' && run.Len() > 0:
			run.WriteRune(r)
		case r == ',' && run.Len() > 0: // 1,290
		default:
			flush()
		}
	}
	flush()
	return append(out, understand.NumberWords(s)...)
}

// holds says whether a name stands in a text by itself.
func holds(text, name string) bool {
	for from := 0; ; {
		k := strings.Index(text[from:], name)
		if k < 0 {
			return false
		}
		k += from
		before, after := rune(' '), rune(' ')
		for _, r := range text[:k] {
			before = r
		}
		for _, r := range text[k+len(name):] {
			after = r
			break
		}
		latin := func(r rune) bool { return r < 0x250 && (unicode.IsLetter(r) || unicode.IsDigit(r)) }
		if !latin(before) && !latin(after) {
			return true
		}
		from = k + len(name)
	}
}
