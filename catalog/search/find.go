package search

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/search/query"
	index "github.com/blevesearch/bleve_index_api"

	"cheval/catalog"
)

// Query is what is looked for. Without a Text it is the filter alone, in the
// shop's order.
type Query struct {
	Text   string
	Filter catalog.Filter
	Limit  int // most hits; 0: 50
	Skip   int // hits before the first
}

// MaxText is how much of a text is looked for, in bytes; the rest is left out.
const MaxText = 400

// Hit is a product that was found, and its first variant that the filter lets
// through.
type Hit struct {
	Product *catalog.Product
	Variant int
	Score   float64 // by which hits are ordered; 0 without a Text
}

// Result is what was found.
type Result struct {
	Hits []Hit
	// Total is how many there are in all. With a filter by price, stock, fit or
	// wearability it may count some that it leaves out; where thousands have the
	// words in their titles, it does not count those that have them elsewhere.
	Total int
	// Partly says that nothing had all the words, so that hits have some.
	Partly bool
}

// ErrNotReady says that Sync has not ended once yet.
var ErrNotReady = errors.New("search: the index is still being made")

// Find returns the best hits. It waits for no Sync: what changed since the last
// one is found as it was.
func (x *Index) Find(ctx context.Context, q Query) (Result, error) {
	c := x.current()
	if c == nil {
		return Result{}, ErrNotReady
	}
	if q.Limit <= 0 {
		q.Limit = 50
	}
	if strings.TrimSpace(q.Text) == "" {
		return listed(c, q), nil
	}
	r, err := x.byText(ctx, c, q)
	if err != nil {
		return Result{}, fmt.Errorf("search: %q: %w", short(q.Text), err)
	}
	return r, nil
}

// enough is how many products must have all words in their titles for the
// descriptions, which rank behind them, to be left out.
const enough = 2000

// byText looks in titles, then, unless that is enough, in descriptions too, and
// at last for what has only some of the words.
func (x *Index) byText(ctx context.Context, c *catalog.Catalogue, q Query) (Result, error) {
	for _, how := range []reading{{fields: []string{titleField}}, {fields: bothFields}, {fields: bothFields, loose: true}} {
		clauses, err := x.clauses(ctx, q.Text, how)
		if err != nil || len(clauses) == 0 { // marks only
			return Result{}, err
		}
		words := all(clauses)
		if how.loose {
			words = query.NewDisjunctionQuery(clauses)
		}
		r, err := x.run(ctx, c, words, q)
		r.Partly = how.loose
		if err != nil || how.loose || r.Total >= max(enough, q.Skip+q.Limit) || len(how.fields) > 1 && r.Total > 0 {
			return r, err
		}
	}
	return Result{}, nil
}

// reading is how a text is understood.
type reading struct {
	fields []string
	loose  bool // some of the words are enough
}

var bothFields = []string{titleField, textField}

func short(s string) string { return s[:min(len(s), 60)] }

// listed is the answer to a filter alone.
func listed(c *catalog.Catalogue, q Query) Result {
	found := c.Find(q.Filter)
	r := Result{Total: len(found)}
	for _, m := range found[min(q.Skip, len(found)):min(q.Skip+q.Limit, len(found))] {
		r.Hits = append(r.Hits, Hit{Product: m.Product, Variant: m.Variant})
	}
	return r
}

// all needs every clause.
func all(clauses []query.Query) query.Query {
	if len(clauses) == 1 {
		return clauses[0]
	}
	return query.NewConjunctionQuery(clauses)
}

// run asks the index, and asks for more where the filter leaves too many out.
func (x *Index) run(ctx context.Context, c *catalog.Catalogue, words query.Query, q Query) (Result, error) {
	b := query.NewBooleanQuery([]query.Query{words}, nil, nil)
	if f := facetQuery(q.Filter); f != nil {
		b.AddFilter(f)
	}
	for size := 2 * (q.Skip + q.Limit); ; size *= 8 {
		found, err := x.bleve.SearchInContext(ctx, bleve.NewSearchRequestOptions(b, size, 0, false))
		if err != nil {
			return Result{}, err
		}
		r := Result{Total: int(found.Total)}
		passed := 0
		for _, h := range found.Hits {
			p := c.Product(h.ID)
			if p == nil { // gone since
				continue
			}
			v := q.Filter.Variant(p)
			if v < 0 {
				continue
			}
			if passed++; passed > q.Skip && len(r.Hits) < q.Limit {
				r.Hits = append(r.Hits, Hit{p, v, h.Score})
			}
		}
		if passed >= q.Skip+q.Limit || len(found.Hits) >= int(found.Total) {
			if len(found.Hits) >= int(found.Total) {
				r.Total = passed
			}
			return r, nil
		}
	}
}

// facetQuery is the part of a filter that the index knows.
func facetQuery(f catalog.Filter) query.Query {
	var must []query.Query
	add := func(name string, values []string) {
		if len(values) == 0 {
			return
		}
		var any []query.Query
		for _, v := range values {
			t := query.NewTermQuery(name + "=" + v)
			t.SetField(facetField)
			any = append(any, t)
		}
		must = append(must, query.NewDisjunctionQuery(any))
	}
	add("category", f.Categories)
	add("brand", f.Brands)
	add("tag", f.Tags)
	add("colour", f.Colours)
	add("state", texts(f.States))
	add("kind", texts(f.Kinds))
	add("shape", texts(f.Shapes))
	add("material", texts(f.Materials))
	add("size", texts(f.Sizes))
	if len(must) == 0 {
		return nil
	}
	return query.NewConjunctionQuery(must)
}

func texts[T ~string](values []T) (out []string) {
	for _, v := range values {
		out = append(out, string(v))
	}
	return out
}

// Facets counts what each choice would show beside the others, among the
// products that have the query's words.
func (x *Index) Facets(ctx context.Context, q Query) (catalog.Facets, error) {
	c := x.current()
	if c == nil {
		return catalog.Facets{}, ErrNotReady
	}
	if strings.TrimSpace(q.Text) == "" {
		return c.Facets(q.Filter), nil
	}
	r, err := x.Find(ctx, Query{Text: q.Text, Limit: c.Len()})
	if err != nil {
		return catalog.Facets{}, err
	}
	some := make([]*catalog.Product, len(r.Hits))
	for i, h := range r.Hits {
		some[i] = h.Product
	}
	part, err := catalog.Of(some)
	if err != nil {
		return catalog.Facets{}, fmt.Errorf("search: %w", err)
	}
	return part.Facets(q.Filter), nil
}

// clauses is one query a word of a text.
func (x *Index) clauses(ctx context.Context, text string, how reading) ([]query.Query, error) {
	if len(text) > MaxText {
		text = strings.ToValidUTF8(text[:MaxText], "")
	}
	advanced, err := x.bleve.Advanced()
	if err != nil {
		return nil, err
	}
	r, err := advanced.Reader()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var out []query.Query
	for _, word := range strings.Fields(text) {
		var terms []string
		for _, t := range x.analyzer.Analyze([]byte(word)) {
			terms = append(terms, string(t.Term))
		}
		clause, err := clause(ctx, r, word, terms, how)
		if err != nil {
			return nil, err
		}
		if clause != nil {
			out = append(out, clause)
		}
	}
	return out, nil
}

// clause looks for what one word between spaces became: in a script without
// spaces, pairs of characters, of which those across two words match nothing,
// so that half of them, or loosely a third, are enough; else all parts, such as
// those of a number.
func clause(ctx context.Context, r index.IndexReader, word string, terms []string, how reading) (query.Query, error) {
	var parts []query.Query
	pairs := false
	for _, t := range terms {
		q, err := termQuery(ctx, r, word, t, len(terms) == 1, how.fields)
		if err != nil {
			return nil, err
		}
		pairs = pairs || inPairs(t)
		parts = append(parts, q)
	}
	switch {
	case len(parts) == 0:
		return nil, nil
	case pairs:
		d := query.NewDisjunctionQuery(parts)
		d.SetMin(float64((len(parts) + 1) / 2))
		if how.loose {
			d.SetMin(float64((len(parts) + 2) / 3))
		}
		return d, nil
	}
	return all(parts), nil
}

// inPairs says whether a term is of a script that is indexed by pairs of
// characters.
func inPairs(term string) bool {
	first, _ := utf8.DecodeRuneInString(term)
	return unicode.In(first, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul)
}

// titleBoost is how much more a word in the title counts than in the text.
const titleBoost = 4

// termQuery looks in fields for a term that occurs, else for words that begin
// so, or are written almost so: typos are looked for only in what nobody wrote.
func termQuery(ctx context.Context, r index.IndexReader, word, term string, alone bool, fields []string) (query.Query, error) {
	known := false
	for _, field := range bothFields {
		n, err := occurs(ctx, r, field, term)
		if err != nil {
			return nil, err
		}
		known = known || n > 0
	}
	var any []query.Query
	for _, field := range fields {
		if known {
			t := query.NewTermQuery(term)
			t.SetField(field)
			t.SetBoost(boost(field, 1))
			any = append(any, t)
			continue
		}
		any = append(any, almost(field, strings.ToLower(word), term, alone)...)
	}
	if len(any) == 0 {
		return query.NewMatchNoneQuery(), nil
	}
	return query.NewDisjunctionQuery(any), nil
}

// almost looks in a field for what begins as a word does, and for what differs
// from a term by a letter, or by two of a long one.
func almost(field, word, term string, alone bool) (any []query.Query) {
	if alone && (utf8.RuneCountInString(word) >= 3 || inPairs(word)) {
		p := query.NewPrefixQuery(word)
		p.SetField(field)
		p.SetBoost(boost(field, 1))
		any = append(any, p)
	}
	if n := utf8.RuneCountInString(term); n >= 4 {
		f := query.NewFuzzyQuery(term)
		f.SetField(field)
		f.SetFuzziness(1 + min(n/8, 1))
		f.SetBoost(boost(field, 0.5))
		any = append(any, f)
	}
	return any
}

func boost(field string, by float64) float64 {
	if field == titleField {
		return titleBoost * by
	}
	return by
}

// occurs is in how many documents a term is.
func occurs(ctx context.Context, r index.IndexReader, field, term string) (uint64, error) {
	t, err := r.TermFieldReader(ctx, []byte(term), field, false, false, false)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	return t.Count(), nil
}
