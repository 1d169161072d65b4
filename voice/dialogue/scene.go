package dialogue

import (
	"context"
	"slices"

	"cheval/catalog"
	"cheval/recommender"
)

// Scene is what the app shows and knows at the moment of a sentence, as plain
// values. The dialogue keeps none of it.
type Scene struct {
	Worn     *Item  // nil: nothing
	Past     []Item // worn before, the latest last, without Worn
	Shown    []Item // the list on screen, in its order
	Liked    []Item
	Basket   []Line
	Fit      *Fit // of Worn on the face at the mirror; nil: not judged
	Person   Person
	Speaking bool // whether answers are said aloud
}

// Line is one line of the basket.
type Line struct {
	Item
	Quantity int `json:"quantity"`
}

// Person is what was measured of the face at the mirror; 0: not measured.
type Person struct {
	PDMM, PDErrorMM float64
	FaceWidthMM     float64 // at the temples
}

// Fit is how Worn sits, in the words and millimetres of the mirror's own
// judgement: bands are good, narrow, wide, too_narrow, too_wide.
type Fit struct {
	Known                     bool
	Why                       string // where not Known: what to do
	FaceWidthMM, FrontWidthMM float64
	WidthMM                   float64 // FrontWidthMM - FaceWidthMM
	Width, Bridge, Pupil      string
	NoseWidthMM, BridgeMM     float64
	// PupilAcross and PupilUp: the pupils in the lens, 0 its middle, ±1 its
	// edge, across positive towards the nose.
	PupilAcross, PupilUp float64
	ErrorMM              float64
}

// Stock is the products that a shopper may see.
type Stock interface {
	All() []*catalog.Product
	Product(id string) *catalog.Product
}

// Adviser ranks products for the person at the mirror, best first. It may
// answer fewer than count.
type Adviser interface {
	Suggest(ctx context.Context, count int) ([]recommender.Suggestion, error)
}

// known is the scene without what the stock does not have: a product may go
// while it is shown.
func (s Scene) known(stock Stock) Scene {
	has := func(i Item) bool {
		p := stock.Product(i.Product)
		return p != nil && i.Variant >= 0 && i.Variant < len(p.Variants)
	}
	keep := func(in []Item) []Item {
		return slices.DeleteFunc(slices.Clone(in), func(i Item) bool { return !has(i) })
	}
	if s.Worn != nil && !has(*s.Worn) {
		s.Worn, s.Fit = nil, nil
	}
	s.Past, s.Shown, s.Liked = keep(s.Past), keep(s.Shown), keep(s.Liked)
	s.Basket = slices.DeleteFunc(slices.Clone(s.Basket), func(l Line) bool { return !has(l.Item) })
	return s
}

// Do returns the scene after an action, as an app without a screen would bring
// it about. The fit is not judged anew.
func (s Scene) Do(a Action) Scene {
	switch a.Deed {
	case ShowProducts, ShowHistory:
		if len(a.Items) > 0 {
			s.Shown = a.Items
		}
	case Wear:
		s = s.wear(&a.Items[0])
	case TakeOff:
		s = s.wear(nil)
	case Keep:
		s.Liked = append(without(s.Liked, a.Items[0]), a.Items[0])
	case Unkeep, Reject:
		s.Liked = without(s.Liked, a.Items[0])
	case BasketAdd:
		s.Basket = added(s.Basket, a.Items[0], max(a.Quantity, 1))
	case BasketRemove:
		n := a.Quantity
		if n == 0 {
			n = 1 << 30
		}
		s.Basket = added(s.Basket, a.Items[0], -n)
	case BasketEmpty:
		s.Basket = nil
	case Erase, EndSession:
		s = Scene{}
	}
	return s
}

func (s Scene) wear(i *Item) Scene {
	if s.Worn != nil && (i == nil || *i != *s.Worn) {
		s.Past = append(without(s.Past, *s.Worn), *s.Worn)
	}
	if i != nil {
		s.Past = without(s.Past, *i)
	}
	s.Worn, s.Fit = i, nil
	return s
}

// without copies a list without one item.
func without(items []Item, i Item) []Item {
	out := make([]Item, 0, len(items)+1)
	for _, x := range items {
		if x != i {
			out = append(out, x)
		}
	}
	return out
}

func added(lines []Line, i Item, n int) []Line {
	out := make([]Line, 0, len(lines)+1)
	found := false
	for _, l := range lines {
		if l.Item == i {
			l.Quantity += n
			found = true
		}
		if l.Quantity > 0 {
			out = append(out, l)
		}
	}
	if !found && n > 0 {
		out = append(out, Line{i, n})
	}
	return out
}
