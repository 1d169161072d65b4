package understand

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"strings"
	"unicode"
)

// The grammar's files hold rules ("name = template") and sentences
// ("intent: template"). In a template, words stand for themselves, capitals
// for a class of the lexicon, <name> for a rule, [x] for what may be missing,
// (a|b) for a choice. Chinese characters need no spaces.

// node is a part of a template.
type node struct {
	word string   // a token, a symbol, or
	rule string   // the name of a rule, or
	alts [][]node // a choice
	may  bool     // the choice may be missing
}

// template is one sentence form.
type template struct {
	intent Intent
	nodes  []node
}

// grammar is the sentence forms of one language.
type grammar struct {
	lang       Language
	rules      map[string][]node
	templates  []template
	vocabulary map[string]bool
}

func newGrammar(lang Language) (*grammar, error) {
	b, err := fs.ReadFile(words, "words/grammar_"+string(lang)+".txt")
	if err != nil {
		return nil, fmt.Errorf("understand: %w", err)
	}
	g := &grammar{lang: lang, rules: map[string][]node{}, vocabulary: map[string]bool{}}
	intents := map[Intent]bool{}
	for _, i := range Intents() {
		intents[i] = true
	}
	intent := Intent("")
	for n, line := range strings.Split(string(b), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if name, rest, ok := strings.Cut(line, "="); ok {
			nodes, err := g.parse(rest)
			if err != nil {
				return nil, fmt.Errorf("understand: line %d of the %s grammar: %w", n+1, lang, err)
			}
			g.rules[strings.TrimSpace(name)] = nodes
			continue
		}
		if name, ok := strings.CutSuffix(line, ":"); ok {
			intent = Intent(name)
			if !intents[intent] {
				return nil, fmt.Errorf("understand: line %d of the %s grammar: there is no intent %q", n+1, lang, name)
			}
			continue
		}
		nodes, err := g.parse(line)
		if err != nil {
			return nil, fmt.Errorf("understand: line %d of the %s grammar: %w", n+1, lang, err)
		}
		g.templates = append(g.templates, template{intent, nodes})
	}
	return g, g.check()
}

// check finds rules that are named and not there.
func (g *grammar) check() error {
	var walk func(ns []node) error
	walk = func(ns []node) error {
		for _, n := range ns {
			if n.rule != "" && g.rules[n.rule] == nil {
				return fmt.Errorf("understand: the %s grammar has no rule <%s>", g.lang, n.rule)
			}
			for _, a := range n.alts {
				if err := walk(a); err != nil {
					return err
				}
			}
		}
		return nil
	}
	for _, t := range g.templates {
		if err := walk(t.nodes); err != nil {
			return err
		}
	}
	for _, r := range g.rules {
		if err := walk(r); err != nil {
			return err
		}
	}
	return nil
}

func (g *grammar) parse(s string) ([]node, error) {
	p := parser{rs: []rune(s), g: g}
	alts, err := p.alternatives(0)
	if err != nil {
		return nil, err
	}
	if len(alts) == 1 {
		return alts[0], nil
	}
	return []node{{alts: alts}}, nil
}

type parser struct {
	rs []rune
	i  int
	g  *grammar
}

// alternatives reads choices up to the closing rune (0: the end).
func (p *parser) alternatives(closing rune) (alts [][]node, err error) {
	var seq []node
	for p.i < len(p.rs) {
		r := p.rs[p.i]
		p.i++
		switch {
		case r == closing:
			return append(alts, seq), nil
		case r == '|':
			alts, seq = append(alts, seq), nil
		case r == '(' || r == '[':
			inner, err := p.alternatives(map[rune]rune{'(': ')', '[': ']'}[r])
			if err != nil {
				return nil, err
			}
			seq = append(seq, node{alts: inner, may: r == '['})
		case r == ')' || r == ']':
			return nil, fmt.Errorf("a %c closes nothing", r)
		case r == '<':
			name := p.until('>')
			seq = append(seq, node{rule: name})
		case unicode.Is(unicode.Han, r):
			seq = append(seq, p.word(string(r)))
		case !unicode.IsSpace(r):
			p.i--
			seq = append(seq, p.word(p.latin()))
		}
	}
	if closing != 0 {
		return nil, fmt.Errorf("a %c is missing", closing)
	}
	return append(alts, seq), nil
}

func (p *parser) until(end rune) string {
	from := p.i
	for p.i < len(p.rs) && p.rs[p.i] != end {
		p.i++
	}
	name := string(p.rs[from:p.i])
	p.i++
	return name
}

func (p *parser) latin() string {
	from := p.i
	for p.i < len(p.rs) && !unicode.IsSpace(p.rs[p.i]) && !strings.ContainsRune("()[]|<>", p.rs[p.i]) && !unicode.Is(unicode.Han, p.rs[p.i]) {
		p.i++
	}
	return string(p.rs[from:p.i])
}

func (p *parser) word(w string) node {
	if w == strings.ToLower(w) {
		p.g.vocabulary[w] = true
	}
	return node{word: w}
}

// match returns the intents of which the symbols are a sentence.
func (g *grammar) match(symbols []string) map[Intent]bool {
	var out map[Intent]bool
	if len(symbols) > 40 {
		return nil
	}
	for i := range g.templates {
		t := &g.templates[i]
		if out[t.intent] {
			continue
		}
		m := matcher{g: g, in: symbols, budget: 20_000}
		if m.seq(t.nodes, 0, func(i int) bool { return i == len(symbols) }) {
			if out == nil {
				out = map[Intent]bool{}
			}
			out[t.intent] = true
		}
	}
	return out
}

type matcher struct {
	g      *grammar
	in     []string
	budget int // steps; a sentence that needs more is none
}

// seq matches nodes from in[i:] on, and calls then where they end.
func (m *matcher) seq(ns []node, i int, then func(int) bool) bool {
	if m.budget--; m.budget < 0 {
		return false
	}
	if len(ns) == 0 {
		return then(i)
	}
	n, rest := ns[0], ns[1:]
	after := func(j int) bool { return m.seq(rest, j, then) }
	switch {
	case n.word != "":
		return i < len(m.in) && m.in[i] == n.word && after(i+1)
	case n.rule != "":
		return m.seq(m.g.rules[n.rule], i, after)
	}
	for _, a := range n.alts {
		if m.seq(a, i, after) {
			return true
		}
	}
	return n.may && after(i)
}

// say makes a random sentence of a template, in symbols.
func (g *grammar) say(ns []node, r *rand.Rand, out []string) []string {
	for _, n := range ns {
		switch {
		case n.word != "":
			out = append(out, n.word)
		case n.rule != "":
			out = g.say(g.rules[n.rule], r, out)
		case !n.may || r.IntN(2) == 0:
			out = g.say(n.alts[r.IntN(len(n.alts))], r, out)
		}
	}
	return out
}
