package understand

import (
	"bufio"
	"bytes"
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// wordPiece cuts text as uncased BERT does: lower case, no accents, words at
// spaces and punctuation, each cut into the longest pieces of the vocabulary.
type wordPiece struct {
	ids            map[string]int
	cls, sep, none int
}

// newWordPiece reads a vocabulary, one piece a line.
func newWordPiece(vocabulary []byte) (*wordPiece, error) {
	w := &wordPiece{ids: map[string]int{}}
	s := bufio.NewScanner(bytes.NewReader(vocabulary))
	for s.Scan() {
		w.ids[s.Text()] = len(w.ids)
	}
	if err := s.Err(); err != nil {
		return nil, fmt.Errorf("understand: read the vocabulary: %w", err)
	}
	for name, id := range map[string]*int{"[CLS]": &w.cls, "[SEP]": &w.sep, "[UNK]": &w.none} {
		n, ok := w.ids[name]
		if !ok {
			return nil, fmt.Errorf("understand: the vocabulary has no %s; it is not BERT's", name)
		}
		*id = n
	}
	return w, nil
}

// encode returns the pieces of text between [CLS] and [SEP], at most most.
func (w *wordPiece) encode(text string, most int) []int {
	out := []int{w.cls}
	for _, word := range bertWords(text) {
		out = append(out, w.pieces(word)...)
		if len(out) >= most {
			out = out[:most-1]
			break
		}
	}
	return append(out, w.sep)
}

func bertWords(text string) []string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(text)) {
		switch {
		case unicode.Is(unicode.Mn, r) || unicode.IsControl(r) && !unicode.IsSpace(r):
		case unicode.IsPunct(r) || r < 128 && unicode.IsSymbol(r) || unicode.Is(unicode.Han, r):
			b.WriteByte(' ')
			b.WriteRune(r)
			b.WriteByte(' ')
		default:
			b.WriteRune(r)
		}
	}
	return strings.Fields(b.String())
}

func (w *wordPiece) pieces(word string) (out []int) {
	rs := []rune(word)
	if len(rs) > 100 {
		return []int{w.none}
	}
	for i := 0; i < len(rs); {
		j := len(rs)
		for ; j > i; j-- {
			piece := string(rs[i:j])
			if i > 0 {
				piece = "##" + piece
			}
			if id, ok := w.ids[piece]; ok {
				out = append(out, id)
				break
			}
		}
		if j == i {
			return []int{w.none}
		}
		i = j
	}
	return out
}
