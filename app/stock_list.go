package app

import (
	"slices"
	"strings"

	"cheval/catalog"
)

// standing is how a product stands, as the studio's grid shows it.
type standing string

const (
	standPublished standing = "published"
	standDraft     standing = "draft"
	standNeedsSize standing = "needs_size" // eyewear whose sizes are not known
	standNoPicture standing = "no_picture"
	standNotWorn   standing = "not_worn" // of a kind that cannot be tried on yet
)

// standings in the order of the studio's chips.
var standings = [...]standing{standPublished, standDraft, standNeedsSize, standNoPicture, standNotWorn}

// standingOf says how a product stands.
func standingOf(p *catalog.Product) standing {
	switch {
	case p.State == catalog.Draft && p.Category == "eyewear" && !p.Wearable():
		return standNeedsSize
	case p.State == catalog.Draft && !p.Wearable() && len(p.Pictures) == 0:
		return standNoPicture
	case p.State == catalog.Draft:
		return standDraft
	case !p.Wearable():
		return standNotWorn
	}
	return standPublished
}

// stockList is what the studio shows of the catalogue: everything, drafts
// included, narrowed by words and standing.
type stockList struct {
	all    []*catalog.Product
	shown  []*catalog.Product
	words  string
	found  []string // IDs that the index found for words, the best first; nil: compare them as they are written
	likest []string // IDs of what was asked to look alike, the likest first; nil: nothing was
	only   standing // "": all
	counts map[standing]int
	chosen map[string]bool // IDs ticked for a batch
}

func newStockList(all []*catalog.Product) *stockList {
	s := &stockList{all: all, chosen: map[string]bool{}}
	s.narrow()
	return s
}

// replace shows another catalogue; what is ticked stays where it is still there.
func (s *stockList) replace(all []*catalog.Product) {
	s.all = all
	there := map[string]bool{}
	for _, p := range all {
		there[p.ID] = true
	}
	for id := range s.chosen {
		if !there[id] {
			delete(s.chosen, id)
		}
	}
	s.narrow()
}

// narrow makes shown and counts anew.
func (s *stockList) narrow() {
	s.shown, s.counts = nil, map[standing]int{}
	words := strings.Fields(strings.ToLower(s.words))
	order := s.likest
	if order == nil && len(words) > 0 {
		order = s.found
	}
	place := map[string]int{}
	for i, id := range order {
		place[id] = i
	}
	for _, p := range s.all {
		st := standingOf(p)
		s.counts[st]++
		_, has := place[p.ID]
		if order == nil {
			has = saysAll(p, words)
		}
		if has && (s.only == "" || s.only == st) {
			s.shown = append(s.shown, p)
		}
	}
	if order != nil {
		slices.SortFunc(s.shown, func(a, b *catalog.Product) int { return place[a.ID] - place[b.ID] })
	}
}

// saysAll says whether each word stands somewhere in what is said of a product.
func saysAll(p *catalog.Product, words []string) bool {
	for _, w := range words {
		if !says(p, w) {
			return false
		}
	}
	return true
}

func says(p *catalog.Product, word string) bool {
	has := func(s string) bool { return strings.Contains(strings.ToLower(s), word) }
	if has(p.ID) || has(p.Brand) || has(p.Category) || has(string(p.Eyewear.Shape)) || slices.ContainsFunc(p.Tags, has) {
		return true
	}
	for _, n := range p.Name {
		if has(n) {
			return true
		}
	}
	return slices.ContainsFunc(p.Variants, func(v catalog.Variant) bool {
		return has(v.SKU) || has(v.Barcode) || has(v.Colour)
	})
}

// picked are the ticked products, in the catalogue's order.
func (s *stockList) picked() (out []*catalog.Product) {
	for _, p := range s.all {
		if s.chosen[p.ID] {
			out = append(out, p)
		}
	}
	return out
}
