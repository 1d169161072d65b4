package understand

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"cheval/catalog"
)

// Understander reads sentences of both languages. It does not change after it
// is made, so any goroutine may use it.
type Understander struct {
	tongues  map[Language]*tongue
	embedder Embedder
	coverage Coverage
}

// Embedder gives the meaning of an English sentence as a vector of unit
// length; nil where it has none. It may be called by any goroutine.
type Embedder interface {
	Embed(text string) ([]float32, error)
}

// tongue is all that is known of one language.
type tongue struct {
	lexicon *lexicon
	grammar *grammar
	phrases *classifier
	head    *Head // over sentence embeddings; nil without
	taught  map[string]Example
}

// Example is a sentence whose intent is known, taught by a person. Slots are
// what it means beside its words: those that its words say need not be there.
type Example struct {
	Language Language `json:"lang"`
	Text     string   `json:"text"`
	Intent   Intent   `json:"intent"`
	Slots    Slots    `json:"slots,omitzero"`
}

// Options are what an Understander may be made with beside the catalogue.
type Options struct {
	// Trained are the classifiers; nil: Built.
	Trained *Trained
	// Embedder reads English sentences that the grammar does not make; nil:
	// without. The Understander does not close it.
	Embedder Embedder
}

// New compiles the grammar from the catalogue.
func New(products []*catalog.Product, o Options) (*Understander, error) {
	u := &Understander{tongues: map[Language]*tongue{}, embedder: o.Embedder}
	if o.Trained == nil {
		var err error
		if o.Trained, err = Built(); err != nil {
			return nil, err
		}
	}
	for _, lang := range []Language{English, Chinese} {
		t, err := newTongue(lang, products, &u.coverage)
		if err != nil {
			return nil, err
		}
		t.phrases = o.Trained.classifiers[lang]
		t.taught = map[string]Example{}
		for _, e := range o.Trained.phrases {
			if e.Language == lang {
				t.taught[joined(tokens(Clean(e.Text), lang))] = e
			}
		}
		if lang == English && o.Embedder != nil {
			t.head = o.Trained.head
		}
		u.tongues[lang] = t
	}
	return u, nil
}

// passes over the examples when the classifiers are trained.
const passes = 6

func newTongue(lang Language, products []*catalog.Product, c *Coverage) (*tongue, error) {
	l, err := newLexicon(lang)
	if err != nil {
		return nil, err
	}
	g, err := newGrammar(lang)
	if err != nil {
		return nil, err
	}
	l.common = g.vocabulary
	compile(l, g, products, c)
	g.settle(l)
	return &tongue{lexicon: l, grammar: g}, nil
}

// examples are what the phrase classifier learns from.
func (t *tongue) examples(taught []Example) (out []example) {
	index := indexOfIntents()
	r := rand.New(rand.NewPCG(7, uint64(len(t.lexicon.lang))))
	add := func(text string, in Intent, w float32) {
		s := symbolise(t.lexicon.spot(tokens(text, t.lexicon.lang)))
		out = append(out, example{hashed(features(s, t.lexicon.lang)), index[in], w})
		if r.IntN(4) == 0 && len(s) > 3 { // a word lost, as recognisers do
			k := r.IntN(len(s))
			s = slices.Delete(slices.Clone(s), k, k+1)
			out = append(out, example{hashed(features(s, t.lexicon.lang)), index[in], w / 2})
		}
		if r.IntN(4) == 0 { // a filler before
			f := fillers(t.lexicon.lang)
			s = append([]string{f[r.IntN(len(f))]}, s...)
			out = append(out, example{hashed(features(s, t.lexicon.lang)), index[in], w / 2})
		}
	}
	counts := map[Intent]int{}
	all := t.grammar.samples(t.lexicon, r, 8, 160)
	for _, s := range all {
		counts[s.Intent]++
	}
	for _, s := range all {
		add(s.Text, s.Intent, float32(math.Min(1, math.Sqrt(800/float64(counts[s.Intent])))))
	}
	for _, e := range taught {
		if e.Language == t.lexicon.lang {
			for range 5 {
				add(Clean(e.Text), e.Intent, 2)
			}
		}
	}
	return out
}

func indexOfIntents() map[Intent]int {
	out := map[Intent]int{}
	for i, in := range Intents() {
		out[in] = i
	}
	return out
}

// Understand reads one sentence in lang ("": guessed by its script).
func (u *Understander) Understand(text string, lang Language) Meaning {
	text = Clean(text)
	if u.tongues[lang] == nil {
		lang = LanguageOf(text)
	}
	t := u.tongues[lang]
	ts := tokens(text, lang)
	m := Meaning{Text: text, Language: lang, Intent: OutOfScope, By: "grammar"}
	if len(ts) == 0 {
		return m
	}
	ps := t.lexicon.spot(ts)
	symbols := symbolise(ps)
	p := make([]float64, len(Intents()))
	m.By = t.judge(symbols, p)
	taught, known := t.taught[joined(ts)]
	if known {
		m.By = "grammar"
		insist(p, taught.Intent)
	}
	if m.By != "grammar" && t.head != nil {
		u.embed(t, text, symbols, p, &m)
	}
	if m.By != "grammar" {
		giveUp(symbols, p)
	}
	decide(p, &m)
	m.Slots = t.slots(ps, m.Intent)
	if known && m.Intent == taught.Intent {
		m.Slots.take(taught.Slots)
	}
	if m.Intent == Recommend && (m.Slots.Sort == "price" || m.Slots.Sort == "size") {
		m.Intent = Find // "what is the cheapest" asks for a fact, not for taste
	}
	m.Products = named(ps)
	if m.Intent == Basket {
		m.Basket = t.basketDeed(ts, &m.Slots)
	}
	for i := range m.Alternatives {
		a := &m.Alternatives[i]
		if a.Slots = t.slots(ps, a.Intent); a.Intent == Basket {
			a.Basket = t.basketDeed(ts, &a.Slots)
		}
	}
	m.Reply = replyOf(ts)
	m.Sentiment = sentiment(t, ps, symbols, m.Intent)
	return m
}

// judge fills p with the probability of each intent, and says by what.
func (t *tongue) judge(symbols []string, p []float64) string {
	t.phrases.scores(hashed(features(symbols, t.lexicon.lang)), p)
	matched := t.grammar.match(symbols)
	if len(matched) == 0 {
		if short := stripped(symbols, t.lexicon.lang); len(short) < len(symbols) {
			matched = t.grammar.match(short)
			if len(matched) > 0 {
				t.phrases.scores(hashed(features(short, t.lexicon.lang)), p)
			}
		}
	}
	if len(matched) == 0 {
		shopTalk(symbols, p)
		return "phrases"
	}
	sum := 0.0
	for i, in := range Intents() {
		if matched[in] {
			p[i] = (p[i] + 0.02) * 60
		}
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
	return "grammar"
}

// lost is the confidence under which a sentence without a word of the shop is
// taken to have nothing to do with it.
const lost = 0.33

// giveUp puts "out of scope" first where nothing else is likely.
func giveUp(symbols []string, p []float64) {
	if slices.Max(p) >= lost || slices.ContainsFunc(symbols, func(s string) bool { return symbolicName(strings.TrimPrefix(s, "!")) }) {
		return
	}
	p[slices.Index(Intents(), OutOfScope)] = slices.Max(p) * 1.01
}

func symbolicName(s string) bool {
	return s != "NUMBER" && s != "PRICE" && s != "TONGUE" && slices.ContainsFunc(symbols, func(x struct {
		class  class
		symbol string
	}) bool {
		return x.symbol == s
	})
}

// insist makes an intent nearly certain.
func insist(p []float64, in Intent) {
	for i, x := range Intents() {
		p[i] *= 0.02
		if x == in {
			p[i] += 0.98
		}
	}
}

// shopTalk makes it unlikely that a sentence with words of the shop has
// nothing to do with it.
func shopTalk(symbols []string, p []float64) {
	factor := 1.0
	for _, s := range symbols {
		switch strings.TrimPrefix(s, "!") {
		case "COLOUR", "SHAPE", "MATERIAL", "KIND", "PRODUCT", "BRAND", "FITTING", "TOO", "CATEGORY":
			factor *= 0.2
		case "PRICE", "RELATIVE", "HEAD", "FACESHAPE", "ORDINAL", "SORT", "SIZE":
			factor *= 0.4
		}
	}
	k, sum := slices.Index(Intents(), OutOfScope), 0.0
	p[k] *= max(factor, 0.02)
	for i := range p {
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
}

// embed weighs the sentence's embedding into p.
func (u *Understander) embed(t *tongue, text string, symbols []string, p []float64, m *Meaning) {
	v, err := u.embedder.Embed(text)
	if err != nil || v == nil {
		return
	}
	q := t.head.scores(v)
	best, sum := slices.Index(p, slices.Max(p)), 0.0
	for i := range p {
		p[i] = math.Pow(p[i]+1e-4, phraseShare) * math.Pow(q[i]+1e-4, 1-phraseShare)
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
	shopTalk(symbols, p)
	if slices.Index(p, slices.Max(p)) != best {
		m.By = "sentence"
	}
}

// phraseShare is how much the phrase classifier counts against the embedding.
const phraseShare = 0.5

// decide takes the best intent and the next two.
func decide(p []float64, m *Meaning) {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case p[a] > p[b]:
			return -1
		case p[a] < p[b]:
			return 1
		}
		return 0
	})
	intents := Intents()
	m.Intent, m.Confidence = intents[order[0]], p[order[0]]
	for _, k := range order[1:3] {
		if p[k] > 0.03 {
			m.Alternatives = append(m.Alternatives, Alternative{Intent: intents[k], Confidence: p[k]})
		}
	}
}

// named lists the IDs of the products in a sentence.
func named(ps []piece) (ids []string) {
	for i := range ps {
		if ps[i].class == "product" && !slices.Contains(ids, ps[i].value) {
			ids = append(ids, ps[i].value)
		}
	}
	return ids
}

func joined(ts []string) string { return strings.Join(ts, " ") }
