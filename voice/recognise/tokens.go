package recognise

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Tokens with a meaning of their own.
const (
	tokenEnd        = 50257
	tokenStart      = 50258
	tokenEnglish    = 50259
	tokenChinese    = 50260
	tokenTranscribe = 50359
	tokenPrevious   = 50361 // what was said before follows
	tokenNoSpeech   = 50362
	tokenNoTimes    = 50363
	tokenCount      = 51865
)

// vocabulary is Whisper's: pairs of byte strings that were merged (BPE).
type vocabulary struct {
	bytes [][]byte       // of each token below tokenEnd
	ids   map[string]int // by bytes
	ranks map[[2]string]int
}

// readVocabulary reads a tokenizer.json of byte-level BPE.
func readVocabulary(b []byte) (*vocabulary, error) {
	var file struct {
		Model struct {
			Vocab  map[string]int `json:"vocab"`
			Merges []string       `json:"merges"`
		} `json:"model"`
	}
	if err := json.Unmarshal(b, &file); err != nil {
		return nil, fmt.Errorf("recognise: read the tokens: %w; run `make models` to install them again", err)
	}
	letters := byteLetters()
	v := &vocabulary{bytes: make([][]byte, tokenEnd), ids: map[string]int{}, ranks: map[[2]string]int{}}
	for word, id := range file.Model.Vocab {
		if id < 0 || id >= tokenEnd {
			continue
		}
		raw, err := unletter(letters, word)
		if err != nil {
			return nil, err
		}
		v.bytes[id] = raw
		v.ids[string(raw)] = id
	}
	for rank, merge := range file.Model.Merges {
		left, right, _ := strings.Cut(merge, " ")
		a, err := unletter(letters, left)
		if err != nil {
			return nil, err
		}
		b, err := unletter(letters, right)
		if err != nil {
			return nil, err
		}
		v.ranks[[2]string{string(a), string(b)}] = rank
	}
	return v, nil
}

// byteLetters is how byte-level BPE spells bytes as letters: printable ones as
// themselves, the others from U+0100 on (GPT-2's encoder).
func byteLetters() map[rune]byte {
	m, next := map[rune]byte{}, rune(256)
	for b := range 256 {
		if b >= '!' && b <= '~' || b >= 0xa1 && b <= 0xac || b >= 0xae {
			m[rune(b)] = byte(b)
			continue
		}
		m[next] = byte(b)
		next++
	}
	return m
}

func unletter(letters map[rune]byte, word string) ([]byte, error) {
	raw := make([]byte, 0, len(word))
	for _, r := range word {
		b, ok := letters[r]
		if !ok {
			return nil, errors.New("recognise: the tokens are not byte-level BPE: run `make models` to install them again")
		}
		raw = append(raw, b)
	}
	return raw, nil
}

// text joins tokens; those with a meaning of their own say nothing, and a
// character whose bytes are not all there is left out.
func (v *vocabulary) text(tokens []int) string {
	var b []byte
	for _, t := range tokens {
		if t < tokenEnd {
			b = append(b, v.bytes[t]...)
		}
	}
	return strings.ToValidUTF8(string(b), "")
}

// wordsOf splits text as byte-level BPE does before it merges.
var wordsOf = regexp.MustCompile(`'(?:s|t|re|ve|m|ll|d)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+`)

// encode turns text into tokens.
func (v *vocabulary) encode(text string) (tokens []int) {
	for _, word := range wordsOf.FindAllString(text, -1) {
		tokens = append(tokens, v.encodeWord(word)...)
	}
	return tokens
}

// encodeWord merges the pair that was merged first in training until none is
// left.
func (v *vocabulary) encodeWord(word string) (tokens []int) {
	var parts []string
	for i := range len(word) {
		parts = append(parts, word[i:i+1])
	}
	for {
		at, best := -1, len(v.ranks)
		for i := range len(parts) - 1 {
			if rank, ok := v.ranks[[2]string{parts[i], parts[i+1]}]; ok && rank < best {
				at, best = i, rank
			}
		}
		if at < 0 {
			break
		}
		parts[at] += parts[at+1]
		parts = append(parts[:at+1], parts[at+2:]...)
	}
	for _, p := range parts {
		if id, ok := v.ids[p]; ok {
			tokens = append(tokens, id)
		}
	}
	return tokens
}
