package dialogue

import (
	"fmt"

	"cheval/catalog"
)

// Say is what there is to answer, without words: the key of a template and the
// facts that stand in it. Several are said one after another.
type Say struct {
	Key   string
	Facts map[string]Fact
}

// FactKind is how a fact is written.
type FactKind string

// The kinds of facts, by the type of Value.
const (
	Amount  FactKind = "money"   // catalog.Money
	Length  FactKind = "mm"      // float64
	Count   FactKind = "count"   // int
	Name    FactKind = "product" // Item: its name in the answer's language
	Names   FactKind = "products"
	Word    FactKind = "word"   // a key of the templates, such as "colour.black"
	Wording FactKind = "words"  // []string: several of them
	Text    FactKind = "text"   // a string of the catalogue, said as it is
	Colour  FactKind = "colour" // Item: the shop's name for its colour
	About   FactKind = "about"  // Item: its description
	Notes   FactKind = "notes"  // []Reason
)

// Fact is a value with the place it was taken from, such as
// "catalogue/aria/ARIA-TOR/price" or "fit/width".
type Fact struct {
	Kind   FactKind
	Value  any
	Source string
}

func say(key string) Say { return Say{Key: key} }

// with adds a fact.
func (s Say) with(name string, kind FactKind, value any, source string) Say {
	facts := make(map[string]Fact, len(s.Facts)+1)
	for k, v := range s.Facts {
		facts[k] = v
	}
	facts[name] = Fact{kind, value, source}
	s.Facts = facts
	return s
}

func (s Say) count(name string, n int, source string) Say { return s.with(name, Count, n, source) }

func (s Say) word(name, key string) Say { return s.with(name, Word, key, "") }

// product adds a product's name.
func (s Say) product(name string, p *catalog.Product, i Item) Say {
	return s.with(name, Name, i, source(p, i.Variant, "name"))
}

// source names a field of the catalogue.
func source(p *catalog.Product, variant int, field string) string {
	if p == nil {
		return "catalogue"
	}
	if variant >= 0 && variant < len(p.Variants) {
		return fmt.Sprintf("catalogue/%s/%s/%s", p.ID, p.Variants[variant].SKU, field)
	}
	return fmt.Sprintf("catalogue/%s/%s", p.ID, field)
}
