package understand

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

//go:embed words/*.txt
var words embed.FS

// class is what a phrase is for the grammar. The classes of slots are written
// in capitals in the grammar's templates.
type class string

// sense is one reading of a phrase.
type sense struct {
	class class
	value string
}

// lexicon knows phrases of one language, longest first.
type lexicon struct {
	lang    Language
	phrases map[string][]sense // tokens joined by spaces
	longest int
	single  []string // English one-word names that a slip may come near
	surface map[class][]entry
	known   map[string]bool // every token of every phrase
	common  map[string]bool // words of the grammar, which are no slips of names
}

// entry is a phrase that a sampler can say.
type entry struct{ text, value string }

func newLexicon(lang Language) (*lexicon, error) {
	l := &lexicon{lang: lang, phrases: map[string][]sense{}, surface: map[class][]entry{}, known: map[string]bool{}}
	b, err := fs.ReadFile(words, "words/lexicon_"+string(lang)+".txt")
	if err != nil {
		return nil, fmt.Errorf("understand: %w", err)
	}
	for n, line := range strings.Split(string(b), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		left, right, ok := strings.Cut(line, "=")
		head := strings.Fields(left)
		if !ok || len(head) != 2 {
			return nil, fmt.Errorf("understand: line %d of the %s lexicon is not \"class value = phrases\"", n+1, lang)
		}
		for _, p := range strings.Split(right, ",") {
			l.add(strings.TrimSpace(p), sense{class(head[0]), head[1]})
		}
	}
	return l, nil
}

// add teaches a phrase. A sense of the same class that is there already stays.
func (l *lexicon) add(phrase string, s sense) bool {
	ts := tokens(Clean(phrase), l.lang)
	if len(ts) == 0 || len(ts) > 12 {
		return false
	}
	key := strings.Join(ts, " ")
	for _, have := range l.phrases[key] {
		if have.class == s.class {
			return have == s
		}
	}
	l.phrases[key] = append(l.phrases[key], s)
	l.longest = max(l.longest, len(ts))
	l.surface[s.class] = append(l.surface[s.class], entry{phrase, s.value})
	for _, t := range ts {
		l.known[t] = true
	}
	if l.lang == English && len(ts) == 1 && len(key) >= 5 && (s.class == "colour" || s.class == "shape" || s.class == "material" || s.class == "product" || s.class == "kind") {
		l.single = append(l.single, key)
	}
	return true
}

// sayable are the classes whose phrases a recogniser should expect.
var sayable = [...]class{"product", "brand", "category", "colour", "shape", "material", "kind", "head", "size", "relative"}

// Words are the phrases of both languages by which products are asked for,
// those of the grammar first, then the catalogue's names; each once. A
// recogniser prefers them.
func (u *Understander) Words() (out []string) {
	seen := map[string]bool{}
	for _, c := range slices.Backward(sayable[:]) {
		for _, lang := range []Language{English, Chinese} {
			for _, e := range u.tongues[lang].lexicon.surface[c] {
				if !seen[e.text] {
					seen[e.text] = true
					out = append(out, e.text)
				}
			}
		}
	}
	return out
}

// at returns the senses of the longest phrase at the beginning of ts, and how
// many tokens it takes.
func (l *lexicon) at(ts []string) ([]sense, int) {
	for n := min(l.longest, len(ts)); n > 0; n-- {
		if s, ok := l.phrases[strings.Join(ts[:n], " ")]; ok {
			return s, n
		}
	}
	return nil, 0
}

// near returns the senses of a name that a slip of one letter (two, in a long
// word) makes of t.
func (l *lexicon) near(t string) []sense {
	if len(t) < 5 || len(t) > 16 {
		return nil
	}
	most := 1
	if len(t) >= 9 {
		most = 2
	}
	for _, s := range l.single {
		if t[0] == s[0] && distance(t, s, most) <= most {
			return l.phrases[s]
		}
	}
	return nil
}

// distance is Damerau and Levenshtein's (adjacent letters may swap), or more
// than most.
func distance(a, b string, most int) int {
	if len(a)-len(b) > most || len(b)-len(a) > most {
		return most + 1
	}
	var rows [3][20]int
	for j := 0; j <= len(b); j++ {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		now, last, before := &rows[i%3], &rows[(i+2)%3], &rows[(i+1)%3]
		now[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			now[j] = min(now[j-1]+1, last[j]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				now[j] = min(now[j], before[j-2]+1)
			}
		}
	}
	return rows[len(a)%3][len(b)]
}
