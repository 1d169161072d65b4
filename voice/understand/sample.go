package understand

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// Sample is a sentence that the grammar makes.
type Sample struct {
	Text   string
	Intent Intent
}

// weight is how many sentences a template deserves: more where it has more
// choices.
func weight(ns []node) int {
	n := 0
	for _, x := range ns {
		for _, a := range x.alts {
			n += 1 + weight(a)
		}
	}
	return n
}

// samples makes sentences of every template, at least each for any, up to
// most for those with many choices.
func (g *grammar) samples(l *lexicon, r *rand.Rand, each, most int) (out []Sample) {
	for _, t := range g.templates {
		for range min(max(each, weight(t.nodes)*each/8), most) {
			symbols := g.say(t.nodes, r, nil)
			if len(symbols) == 0 || len(symbols) > 40 {
				continue
			}
			s := Sample{l.speak(symbols, r), t.intent}
			if t.intent == Volume && l.wishes(s.Text) {
				continue // "a bit softer" alone may mean either
			}
			out = append(out, s)
		}
	}
	return out
}

// wishes says whether a text is nothing but a wish for something larger, ….
func (l *lexicon) wishes(text string) bool {
	s := symbolise(l.spot(tokens(text, l.lang)))
	return len(s) == 1 && (s[0] == "RELATIVE" || s[0] == "TOO")
}

// speak writes symbols as a person would say them.
func (l *lexicon) speak(symbols []string, r *rand.Rand) string {
	var parts []string
	for _, s := range symbols {
		parts = append(parts, l.word(strings.TrimPrefix(s, "!"), r))
	}
	if l.lang == English {
		return strings.Join(parts, " ")
	}
	var b strings.Builder
	for i, p := range parts {
		if i > 0 && p != "" && parts[i-1] != "" && kindOf([]rune(p)[0]) != han && kindOf([]rune(parts[i-1])[0]) != han {
			b.WriteByte(' ')
		}
		b.WriteString(p)
	}
	return b.String()
}

func (l *lexicon) word(s string, r *rand.Rand) string {
	switch s {
	case "PRICE":
		return l.somePrice(r)
	case "NUMBER":
		return []string{"2", "3", "4", "5", "two", "three", "12", "20"}[r.IntN(map[Language]int{English: 8, Chinese: 4}[l.lang])]
	}
	for _, x := range symbols {
		if x.symbol == s {
			if e := l.surface[x.class]; len(e) > 0 {
				return e[r.IntN(len(e))].text
			}
			if x.class == "ordinal" {
				break
			}
			return map[Language]string{English: "glasses", Chinese: "眼镜"}[l.lang]
		}
	}
	if s == "FITTING" && l.lang == English {
		return []string{"wide face", "narrow face", "big face", "small face", "broad face", "slim face"}[r.IntN(6)]
	}
	return s
}

func (l *lexicon) somePrice(r *rand.Rand) string {
	n := []int{50, 80, 100, 150, 200, 300, 500, 600, 700, 800, 900, 1000, 1200, 1500}[r.IntN(14)]
	if l.lang == Chinese {
		word := []string{"五十", "八十", "一百", "一百五", "两百", "三百", "五百", "六百", "七百", "八百", "九百", "一千", "一千二", "一千五"}[r.IntN(14)]
		if r.IntN(3) == 0 {
			word = fmt.Sprint(n)
		}
		return fmt.Sprintf([]string{"%s以内", "%s以下", "不超过%s", "低于%s", "%s以上", "%s块以内", "%s元以下", "%s左右", "%s块钱以下", "最多%s", "%s之内", "至少%s", "超过%s", "预算%s"}[r.IntN(14)], word)
	}
	word := []string{"fifty", "eighty", "a hundred", "one fifty", "two hundred", "three hundred", "five hundred", "six hundred", "seven hundred", "eight hundred", "nine hundred", "a thousand", "twelve hundred", "fifteen hundred"}[r.IntN(14)]
	if r.IntN(3) == 0 {
		word = fmt.Sprint(n)
	}
	form := []string{"under %s", "below %s", "less than %s", "up to %s", "over %s", "at least %s", "around %s dollars", "under %s bucks", "more than %s", "no more than %s", "for less than %s", "under $%s", "%s dollars or less", "at most %s"}[r.IntN(14)]
	if strings.Contains(form, "$") {
		word = fmt.Sprint(n)
	}
	return fmt.Sprintf(form, word)
}

// settle replaces words of templates that the lexicon takes for a class by
// the class's symbol, as they are in sentences; but of sound, "softer" is no
// wish for a product.
func (g *grammar) settle(l *lexicon) {
	for name, ns := range g.rules {
		g.rules[name] = settled(ns, l, false)
	}
	for i := range g.templates {
		t := &g.templates[i]
		t.nodes = settled(t.nodes, l, t.intent == Volume)
	}
}

func settled(ns []node, l *lexicon, sound bool) (out []node) {
	for i := 0; i < len(ns); {
		if ns[i].word == "" || ns[i].word != strings.ToLower(ns[i].word) {
			n := ns[i]
			for k, a := range n.alts {
				n.alts[k] = settled(a, l, sound)
			}
			out = append(out, n)
			i++
			continue
		}
		j := i
		var run []string
		for j < len(ns) && ns[j].word != "" && ns[j].word == strings.ToLower(ns[j].word) {
			run = append(run, ns[j].word)
			j++
		}
		ps := l.spot(run)
		for k := range ps {
			ps[k].negated = false
		}
		for _, p := range ps {
			if s := symbolOf(p.class); s != "" && p.class != "price" && p.class != "number" && !(sound && p.class == "relative") {
				out = append(out, node{word: s})
				continue
			}
			for _, w := range p.words {
				out = append(out, node{word: w})
			}
		}
		i = j
	}
	return slices.Clip(out)
}

// Sentences makes sentences of the grammar to judge classifiers by, n of each
// language, always the same ones and none of those that are trained on.
func Sentences(n int) (out []Example, err error) {
	for _, lang := range []Language{English, Chinese} {
		t, err := newTongue(lang, nil, &Coverage{})
		if err != nil {
			return nil, err
		}
		t.sampleBrand()
		r := rand.New(rand.NewPCG(11, 13))
		all := t.grammar.samples(t.lexicon, r, 1, 4)
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		for _, s := range all[:min(n, len(all))] {
			out = append(out, Example{Language: lang, Text: s.Text, Intent: s.Intent})
		}
	}
	return out, nil
}
