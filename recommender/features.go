package recommender

import (
	"fmt"
	"math"
	"strings"
	"unicode"

	"cheval/catalog"
	"cheval/recommender/model"
)

// named is one feature of a product before names are numbers.
type named struct {
	name   string // "colour=black"
	weight float32
}

// Weights of features beside each other; rarity is the content model's concern.
const (
	plainFeature = 1
	wordFeature  = 0.3
	priceFeature = 0.7
)

// maxFeatures bounds one product's features, so that a long text is no weight
// on everything else.
const maxFeatures = 64

// describe lists a product's features.
func describe(p *catalog.Product) []named {
	var out []named
	add := func(facet, value string, w float32) {
		if value != "" && len(out) < maxFeatures {
			out = append(out, named{facet + "=" + strings.ToLower(value), w})
		}
	}
	add("category", p.Category, plainFeature)
	add("kind", string(p.Kind), plainFeature)
	add("brand", p.Brand, plainFeature)
	add("shape", string(p.Eyewear.Shape), plainFeature)
	add("material", string(p.Eyewear.Material), plainFeature)
	add("size", string(p.Eyewear.Size()), plainFeature)
	colours := map[string]bool{}
	for _, v := range p.Variants {
		if !colours[v.Colour] {
			colours[v.Colour] = true
			add("colour", v.Colour, plainFeature)
		}
	}
	for _, t := range p.Tags {
		add("style", t, plainFeature)
	}
	out = append(out, priceFeatures(p)...)
	for _, w := range words(p) {
		add("word", w, wordFeature)
	}
	return out
}

// priceFeatures are the two half-octaves of price that a product lies between,
// in its category and currency.
func priceFeatures(p *catalog.Product) []named {
	if len(p.Variants) == 0 {
		return nil
	}
	price := p.Variants[0].Price
	at := 2 * math.Log2(price.Major())
	if price.Minor <= 0 || math.IsNaN(at) || math.IsInf(at, 0) {
		return nil
	}
	low, share := math.Modf(at)
	name := func(k float64) string { return fmt.Sprintf("price=%s/%s/%d", p.Category, price.Currency, int(k)) }
	out := []named{{name(low), priceFeature * float32(1-share)}}
	if share > 0 {
		out = append(out, named{name(low + 1), priceFeature * float32(share)})
	}
	return out
}

// words are the different words of an English name and text, of four letters
// or more: shorter ones mostly join others.
func words(p *catalog.Product) []string {
	var out []string
	had := map[string]bool{}
	for _, w := range strings.FieldsFunc(strings.ToLower(p.Name["en"]+" "+p.Text["en"]), func(r rune) bool { return !unicode.IsLetter(r) }) {
		if len(w) >= 4 && len(w) <= 24 && !had[w] && len(out) < 24 {
			had[w] = true
			out = append(out, w)
		}
	}
	return out
}

// lexicon numbers feature names; those a model was trained with come first.
type lexicon struct {
	names []string
	at    map[string]int32
}

func newLexicon(names []string) *lexicon {
	l := &lexicon{at: make(map[string]int32, len(names))}
	for _, n := range names {
		l.number(n)
	}
	return l
}

func (l *lexicon) number(name string) int32 {
	if i, ok := l.at[name]; ok {
		return i
	}
	i := int32(len(l.names))
	l.at[name] = i
	l.names = append(l.names, name)
	return i
}

func (l *lexicon) values(list []named) []model.Value {
	out := make([]model.Value, len(list))
	for i, n := range list {
		out[i] = model.Value{Feature: l.number(n.name), Weight: n.weight}
	}
	return out
}

// stated are what a profile states, as features that some product has.
func (l *lexicon) stated(s Stated) []model.Value {
	var out []model.Value
	for _, facet := range []struct {
		name   string
		values []string
	}{
		{"colour", s.Colours}, {"shape", s.Shapes}, {"material", s.Materials},
		{"kind", s.Kinds}, {"brand", s.Brands}, {"style", s.Styles}, {"size", one(s.Size)},
	} {
		for _, v := range facet.values {
			if i, ok := l.at[facet.name+"="+strings.ToLower(v)]; ok {
				out = append(out, model.Value{Feature: i, Weight: 1})
			}
		}
	}
	return out
}

func one(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// Facets are the products' features as a table: the facets' names, and a row a
// product whose cells hold the values, several separated by |.
func Facets(products []*catalog.Product) (facets []string, rows [][]string) {
	at := map[string]int{}
	for _, p := range products {
		row := make([]string, len(facets))
		for _, f := range describe(p) {
			name, value, _ := strings.Cut(f.name, "=")
			k, ok := at[name]
			if !ok {
				k = len(facets)
				at[name] = k
				facets, row = append(facets, name), append(row, "")
			}
			if row[k] != "" {
				value = row[k] + "|" + value
			}
			row[k] = value
		}
		rows = append(rows, row)
	}
	for i := range rows {
		for len(rows[i]) < len(facets) {
			rows[i] = append(rows[i], "")
		}
	}
	return facets, rows
}
