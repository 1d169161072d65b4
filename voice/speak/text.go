package speak

import (
	"strings"
	"unicode"
)

// maxSentence bounds what is said in one breath, in characters.
const maxSentence = 240

// Sentences splits text where a sentence ends, and long ones at a comma or a
// space, into what can be said safely: control characters and those that
// espeak-ng would take as commands become spaces.
func Sentences(text string) (out []string) {
	runes := []rune(clean(text))
	start := 0
	for i, r := range runes {
		length := i + 1 - start
		last := i+1 == len(runes)
		full := strings.ContainsRune(".!?", r) && (last || runes[i+1] == ' ') || strings.ContainsRune("。！？", r)
		breath := length > maxSentence/2 && (strings.ContainsRune("，；、", r) || strings.ContainsRune(",;: ", r) && (last || r == ' ' || runes[i+1] == ' '))
		if !full && !last && length < maxSentence && !breath {
			continue
		}
		if s := strings.TrimSpace(string(runes[start : i+1])); s != "" {
			out = append(out, s)
		}
		start = i + 1
	}
	return out
}

// clean drops what is no speech. Brackets would begin espeak-ng's own phoneme
// codes, and angles mark-up.
func clean(text string) string {
	text = strings.ToValidUTF8(text, " ")
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune("<>[]{}|\\^`~_*#=", r) {
			return ' '
		}
		return r
	}, text)
	return strings.Join(strings.Fields(text), " ")
}

// early splits the first sentence at its first comma, where something stands on
// either side, so that sound starts sooner.
func early(sentences []string) []string {
	if len(sentences) == 0 {
		return nil
	}
	runes := []rune(sentences[0])
	for i, r := range runes {
		comma := strings.ContainsRune("，；", r) || strings.ContainsRune(",;:", r) && i+1 < len(runes) && runes[i+1] == ' '
		if comma && i >= 8 && len(runes)-i > 16 {
			first, rest := string(runes[:i+1]), strings.TrimSpace(string(runes[i+1:]))
			return append([]string{first, rest}, sentences[1:]...)
		}
	}
	return sentences
}
