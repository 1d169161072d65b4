package recognise

import (
	"strings"
	"unicode"
)

// WordErrors counts the words (of Chinese, the characters) that must be
// changed, added or dropped to make of heard what was said, and the words that
// were said. Case and punctuation count nothing.
func WordErrors(said, heard string) (errors, words int) {
	a, b := wordsIn(said), wordsIn(heard)
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, w := range a {
		left := row[0]
		row[0] = i + 1
		for j, v := range b {
			change := left
			if w != v {
				change++
			}
			left = row[j+1]
			row[j+1] = min(change, row[j]+1, left+1)
		}
	}
	return row[len(b)], len(a)
}

func wordsIn(text string) []string {
	var b strings.Builder
	for _, r := range strings.ToLower(text) {
		switch {
		case unicode.Is(unicode.Han, r):
			b.WriteString(" " + string(r) + " ")
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '\'':
			b.WriteRune(r)
		default:
			b.WriteByte(' ')
		}
	}
	return strings.Fields(b.String())
}
