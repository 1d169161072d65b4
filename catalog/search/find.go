package search

import (
	"context"
	"errors"
	"fmt"
	"math"
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
	// Total is how many there are in all; with a filter by price, stock, fit or
	// wearability it may count some that it leaves out.
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
	clauses, err := x.clauses(ctx, q.Text)
	if err != nil {
		return Result{}, fmt.Errorf("search: %q: %w", short(q.Text), err)
	}
	if len(clauses) == 0 {
		if strings.TrimSpace(q.Text) != "" { // marks only
			return Result{}, nil
		}
		return listed(c, q), nil
	}
	r, err := x.run(ctx, c, all(clauses), q)
	if err == nil && r.Total == 0 && len(clauses) > 1 {
		r, err = x.run(ctx, c, query.NewDisjunctionQuery(clauses), q)
		r.Partly = true
	}
	if err != nil {
		return Result{}, fmt.Errorf("search: %q: %w", short(q.Text), err)
	}
	return r, nil
}

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
func (x *Index) clauses(ctx context.Context, text string) ([]query.Query, error) {
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
	fields := strings.Fields(text)
	many := uint64(math.MaxUint64)
	if len(fields) == 1 {
		many = enough
	}
	for _, word := range fields {
		var terms []string
		for _, t := range x.analyzer.Analyze([]byte(word)) {
			terms = append(terms, string(t.Term))
		}
		clause, err := clause(ctx, r, word, terms, many)
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
// so a third of them is enough; else all parts, such as those of a number.
func clause(ctx context.Context, r index.IndexReader, word string, terms []string, many uint64) (query.Query, error) {
	var parts []query.Query
	pairs := 0
	for _, t := range terms {
		q, err := termQuery(ctx, r, word, t, len(terms) == 1, many)
		if err != nil {
			return nil, err
		}
		if inPairs(t) {
			pairs++
		}
		parts = append(parts, q)
	}
	switch {
	case len(parts) == 0:
		return nil, nil
	case pairs > 0:
		d := query.NewDisjunctionQuery(parts)
		d.SetMin(float64((len(parts) + 2) / 3))
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

// enough is how many titles must have the only word of a text, for the
// descriptions, which rank behind them, to be left out.
const enough = 2000

// termQuery looks for a term where it occurs, else for words that begin so, or
// are written almost so: typos are looked for only in what nobody wrote. Where
// many titles have it, it is looked for in titles only.
func termQuery(ctx context.Context, r index.IndexReader, word, term string, alone bool, many uint64) (query.Query, error) {
	var any []query.Query
	for _, field := range []string{titleField, textField} {
		n, err := occurs(ctx, r, field, term)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			t := query.NewTermQuery(term)
			t.SetField(field)
			t.SetBoost(boost(field, 1))
			any = append(any, t)
		}
		if n >= many {
			break
		}
	}
	if len(any) > 0 {
		return query.NewDisjunctionQuery(any), nil
	}
	lower := strings.ToLower(word)
	for _, field := range []string{titleField, textField} {
		if n := utf8.RuneCountInString(lower); alone && (n >= 3 || inPairs(lower)) {
			p := query.NewPrefixQuery(lower)
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
	}
	if len(any) == 0 {
		return query.NewMatchNoneQuery(), nil
	}
	return query.NewDisjunctionQuery(any), nil
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
