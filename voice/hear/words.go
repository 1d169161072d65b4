package hear

import (
	"slices"
	"strings"
	"unicode"
)

// unfinished says whether a sentence that ends so is likely to go on.
func unfinished(text string) bool {
	text = strings.TrimRightFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for _, end := range []string{"的", "和", "或者", "比", "把", "跟", "还有", "不要"} {
		if strings.HasSuffix(text, end) {
			return end != "的" // "the red one" ends with it too
		}
	}
	words := strings.Fields(text)
	if len(words) == 0 {
		return false
	}
	return slices.Contains([]string{"a", "an", "the", "and", "or", "with", "without", "under", "over", "below", "above",
		"than", "between", "like", "for", "of", "in", "to", "but", "not", "my", "your", "some", "me", "um", "uh", "about"}, words[len(words)-1])
}

// wakeWords call the mirror, as they may be heard.
func wakeWords() []string {
	return []string{"hello mirror", "hey mirror", "hi mirror", "ok mirror", "okay mirror", "mirror mirror", "魔镜魔镜", "你好魔镜", "魔镜", "魔鏡", "磨镜"}
}

// afterWakeWord returns what follows a wake word at the beginning.
func afterWakeWord(text string) (rest string, called bool) {
	runes := []rune(text)
	for _, word := range wakeWords() {
		if n, ok := prefix(runes, []rune(word)); ok {
			return strings.TrimLeftFunc(string(runes[n:]), func(r rune) bool { return unicode.IsPunct(r) || unicode.IsSpace(r) }), true
		}
	}
	return text, false
}

// prefix matches a word at the beginning of text, whatever its case, spaces
// and punctuation, and returns where it ends.
func prefix(text, word []rune) (end int, ok bool) {
	i := 0
	for _, w := range word {
		if unicode.IsSpace(w) {
			continue
		}
		for i < len(text) && (unicode.IsSpace(text[i]) || unicode.IsPunct(text[i])) {
			i++
		}
		if i == len(text) || unicode.ToLower(text[i]) != w {
			return 0, false
		}
		i++
	}
	if i < len(text) && unicode.IsLetter(text[i]) && !unicode.Is(unicode.Han, text[i]) {
		return 0, false // "mirrors"
	}
	return i, true
}
