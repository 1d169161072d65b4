// Package answer puts what there is to say into words, English or Chinese,
// from templates and facts alone: every number and product in an answer is
// traced to where it was taken from.
//
// It leaves to others what there is to say (voice/dialogue) and saying it
// aloud (voice/speak).
package answer

import (
	"embed"
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"

	"golang.org/x/text/currency"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"

	"cheval/catalog"
	"cheval/voice/dialogue"
	"cheval/voice/understand"
)

//go:embed words/*.txt
var words embed.FS

// Fact is a number, price or name as it stands in the answer, with the place
// it was taken from.
type Fact struct {
	Value  string `json:"value"`
	Source string `json:"source"`
}

// Answer is a few sentences with their facts.
type Answer struct {
	Sentences []string `json:"sentences"`
	Facts     []Fact   `json:"facts"`
}

// Text is the answer in one line, as it is shown.
func (a Answer) Text(lang understand.Language) string {
	if lang == understand.Chinese {
		return strings.Join(a.Sentences, "")
	}
	return strings.Join(a.Sentences, " ")
}

// Writer writes answers in one language. Any goroutine may use it.
type Writer struct {
	lang    understand.Language
	stock   dialogue.Stock
	lines   map[string]string
	printer *message.Printer
}

// NewWriter makes a writer for answers about a stock.
func NewWriter(lang understand.Language, stock dialogue.Stock) (*Writer, error) {
	lines, err := templates(lang)
	if err != nil {
		return nil, err
	}
	tag := map[understand.Language]language.Tag{understand.English: language.BritishEnglish, understand.Chinese: language.SimplifiedChinese}[lang]
	return &Writer{lang, stock, lines, message.NewPrinter(tag)}, nil
}

func templates(lang understand.Language) (map[string]string, error) {
	b, err := words.ReadFile("words/" + string(lang) + ".txt")
	if err != nil {
		return nil, fmt.Errorf("answer: there are no answers in %q", lang)
	}
	out := map[string]string{}
	for _, line := range strings.Split(string(b), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		key, text, _ := strings.Cut(line, "=")
		out[strings.TrimSpace(key)] = strings.TrimSpace(text)
	}
	return out, nil
}

// Write puts says into words, one sentence or more each.
func (w *Writer) Write(says []dialogue.Say) Answer {
	var a Answer
	for _, s := range says {
		line, ok := w.lines[s.Key]
		if !ok {
			continue
		}
		if text := w.fill(line, s.Facts, &a.Facts); text != "" {
			a.Sentences = append(a.Sentences, text)
		}
	}
	return a
}

// fill replaces the facts in a template.
func (w *Writer) fill(line string, facts map[string]dialogue.Fact, out *[]Fact) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(line, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		var name string
		name, line, _ = strings.Cut(rest, "}")
		if f := strings.Split(name, "|"); len(f) == 3 {
			b.WriteString(plural(facts[f[0]], f[1], f[2]))
			continue
		}
		b.WriteString(w.write(facts[name], out))
	}
}

// plural chooses a form by a count.
func plural(f dialogue.Fact, one, many string) string {
	if n, ok := f.Value.(int); ok && n == 1 {
		return one
	}
	if n, ok := f.Value.(float64); ok && n == 1 {
		return one
	}
	return many
}

// write puts one fact into words and notes where it comes from.
func (w *Writer) write(f dialogue.Fact, out *[]Fact) string {
	note := func(s, source string) string {
		if s != "" {
			*out = append(*out, Fact{s, source})
		}
		return s
	}
	switch v := f.Value.(type) {
	case catalog.Money:
		return note(w.Money(v), f.Source)
	case float64:
		return note(w.millimetres(v), f.Source)
	case int:
		return note(w.printer.Sprint(number.Decimal(v)), f.Source)
	case dialogue.Item:
		switch f.Kind {
		case dialogue.Colour:
			return note(w.colour(v), f.Source)
		case dialogue.About:
			return note(w.about(v), f.Source)
		}
		return note(w.name(v.Product), f.Source)
	case []dialogue.Item:
		var names []string
		for _, i := range v {
			names = append(names, note(w.name(i.Product), f.Source))
		}
		return w.list(names)
	case []string:
		var all []string
		for _, key := range v {
			all = append(all, note(w.lines[key], f.Source))
		}
		return w.list(all)
	case []dialogue.Reason:
		var all []string
		for _, r := range v {
			if said := w.reason(r); said != "" && !slices.Contains(all, said) {
				all = append(all, note(said, f.Source))
			}
		}
		return w.list(all)
	case string:
		if f.Kind == dialogue.Word {
			return w.lines[v]
		}
		return note(Plain(v, maxName), f.Source)
	}
	return ""
}

// Money writes an amount with its currency's name: "899 yuan", "899 元".
func (w *Writer) Money(m catalog.Money) string {
	digits := 2
	if u, err := currency.ParseISO(m.Currency); err == nil {
		digits, _ = currency.Standard.Rounding(u)
	}
	v := float64(m.Minor) / math.Pow10(digits)
	if v == math.Trunc(v) {
		digits = 0
	}
	n := w.printer.Sprint(number.Decimal(v, number.Scale(digits)))
	form, ok := w.lines["money."+m.Currency]
	if !ok {
		return n + " " + m.Currency
	}
	return w.counted(form, n, v)
}

// millimetres writes a length: whole from 20 on, else to half a millimetre.
func (w *Writer) millimetres(v float64) string {
	v = math.Round(v*2) / 2
	if v >= 20 {
		v = math.Round(v)
	}
	digits := 0
	if v != math.Trunc(v) {
		digits = 1
	}
	return w.counted(w.lines["unit.mm"], w.printer.Sprint(number.Decimal(v, number.Scale(digits))), v)
}

// counted fills a form of {n} and {n|one|many}.
func (w *Writer) counted(form, written string, v float64) string {
	var none []Fact
	form = strings.ReplaceAll(form, "{n}", written)
	return w.fill(form, map[string]dialogue.Fact{"n": {Value: v}}, &none)
}

// list joins names as a sentence does.
func (w *Writer) list(names []string) string {
	if w.lang == understand.Chinese {
		return strings.Join(names, w.lines["list.comma"])
	}
	switch n := len(names); n {
	case 0:
		return ""
	case 1:
		return names[0]
	default:
		return strings.Join(names[:n-1], ", ") + " " + w.lines["list.last"] + " " + names[n-1]
	}
}

func (w *Writer) product(i dialogue.Item) *catalog.Product { return w.stock.Product(i.Product) }

func (w *Writer) name(id string) string {
	p := w.stock.Product(id)
	if p == nil {
		return Plain(id, maxName)
	}
	return Plain(In(p.Name, w.lang), maxName)
}

func (w *Writer) colour(i dialogue.Item) string {
	p := w.product(i)
	if p == nil || i.Variant >= len(p.Variants) {
		return ""
	}
	v := &p.Variants[i.Variant]
	facet := w.lines["colour."+v.Colour]
	name := Plain(v.ColourName[string(w.lang)], maxName)
	if name == "" {
		return facet
	}
	if w.lang == understand.English {
		name = strings.ToLower(name)
	}
	if facet == "" || strings.Contains(name, strings.TrimSuffix(facet, "色")) {
		return name
	}
	return name + map[understand.Language]string{understand.English: " (" + facet + ")", understand.Chinese: "（" + facet + "）"}[w.lang]
}

func (w *Writer) about(i dialogue.Item) string {
	p := w.product(i)
	if p == nil {
		return ""
	}
	return Plain(In(p.Text, w.lang), maxText)
}

// reason says one reason of the recommender.
func (w *Writer) reason(r dialogue.Reason) string {
	subject := r.Subject
	if p := w.stock.Product(r.Subject); p != nil {
		subject = w.name(r.Subject)
	} else if s, ok := w.lines[r.Facet+"."+r.Subject]; ok {
		subject = s
	}
	facet := w.lines["facet."+r.Facet]
	line, ok := w.lines["reason."+r.Kind]
	if !ok {
		return ""
	}
	return strings.NewReplacer("{subject}", Plain(subject, maxName), "{facet}", facet).Replace(line)
}

// In is a text in a language, or else in English, or else in the first of the
// others by their codes.
func In(texts map[string]string, lang understand.Language) string {
	if s := texts[string(lang)]; s != "" {
		return s
	}
	if s := texts["en"]; s != "" {
		return s
	}
	var codes []string
	for c := range texts {
		codes = append(codes, c)
	}
	sort.Strings(codes)
	for _, c := range codes {
		if texts[c] != "" {
			return texts[c]
		}
	}
	return ""
}

// The longest name and text of the catalogue that is said.
const maxName, maxText = 60, 300

// Plain is a text of the catalogue as it may be shown and spoken: without
// markup and control characters, in one line, at most n characters.
func Plain(s string, n int) string {
	s = understand.Tidy(s)
	s = strings.NewReplacer("<", "", ">", "", "{", "", "}", "").Replace(s)
	if rs := []rune(s); len(rs) > n {
		s = strings.TrimSpace(string(rs[:n])) + "…"
	}
	return s
}
