// Package simulate makes up shoppers with known tastes, and a catalogue for
// them, so that the recommender can be tried before there are shoppers. Every
// figure that comes from it must be shown as simulated.
//
// It leaves to others what is learned from them (recommender).
package simulate

import (
	"fmt"
	"image/color"
	"math"
	"math/rand/v2"
	"time"

	"cheval/catalog"
	"cheval/recommender"
)

// Options say how many of each there are.
type Options struct {
	Products int
	Shoppers int
	Tastes   int // 0: 6
	Events   int // of one shopper, on average; 0: 20
	Seed     uint64
}

// World is a catalogue and its shoppers.
type World struct {
	Products []*catalog.Product
	Shoppers []Shopper
	Tastes   []Taste
}

// Shopper is one made-up person.
type Shopper struct {
	ID     string
	Taste  int
	Events []recommender.Event // oldest first
	Stated recommender.Stated
}

// Taste is what a group of shoppers likes: a few pairs of shape and colour, a
// kind, a price. Brand, size and words leave it cold, which a ranking has to
// find out.
type Taste struct {
	Pairs map[[2]string]float64 // shape and colour
	Kind  catalog.Kind
	Price float64 // logarithm of the amount
}

// The words that products are made of, all from the catalogue's own.
var (
	shapes    = []catalog.Shape{catalog.Round, catalog.Panto, catalog.Oval, catalog.Square, catalog.Rectangle, catalog.Aviator, catalog.CatEye, catalog.Geometric, catalog.Browline}
	colours   = []string{"black", "brown", "tortoise", "gold", "silver", "blue", "green", "red", "crystal", "pink"}
	materials = []catalog.Material{catalog.Acetate, catalog.Metal, catalog.Rimless}
	adverbs   = []string{"quiet", "bold", "light", "heritage", "modern", "playful", "precise", "soft", "strong", "classic", "daring", "everyday"}
)

// start is when the first made-up shopper came in: fixed, so that the same seed
// gives the same events.
var start = time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)

// New makes a world; the same options give the same.
func New(o Options) *World {
	if o.Tastes <= 0 {
		o.Tastes = 6
	}
	if o.Events <= 0 {
		o.Events = 20
	}
	rng := rand.New(rand.NewPCG(o.Seed, 77))
	w := &World{}
	for range o.Tastes {
		w.Tastes = append(w.Tastes, newTaste(rng))
	}
	for i := range o.Products {
		w.Products = append(w.Products, product(i, rng))
	}
	for i := range o.Shoppers {
		w.Shoppers = append(w.Shoppers, w.shopper(i, i%o.Tastes, o.Events, rng))
	}
	return w
}

func newTaste(rng *rand.Rand) Taste {
	t := Taste{Pairs: map[[2]string]float64{}, Kind: []catalog.Kind{catalog.Optical, catalog.Sun}[rng.IntN(2)], Price: math.Log(60) + rng.Float64()*2}
	for range 6 {
		t.Pairs[[2]string{string(pick(shapes, rng)), pick(colours, rng)}] = 3
	}
	return t
}

func pick[T any](list []T, rng *rand.Rand) T { return list[rng.IntN(len(list))] }

func product(i int, rng *rand.Rand) *catalog.Product {
	colour := pick(colours, rng)
	price := int64(math.Exp(math.Log(50)+rng.Float64()*2.5)) * 100
	p := &catalog.Product{
		ID: fmt.Sprintf("sim-%06d", i), Brand: fmt.Sprintf("Maker %d", rng.IntN(12)), Category: "eyewear",
		Name: map[string]string{"en": fmt.Sprintf("Model %d", i)},
		Text: map[string]string{"en": fmt.Sprintf("A %s frame, %s and %s.", pick(adverbs, rng), pick(adverbs, rng), pick(adverbs, rng))},
		Kind: []catalog.Kind{catalog.Optical, catalog.Sun}[rng.IntN(2)],
		Eyewear: catalog.Eyewear{Shape: pick(shapes, rng), Material: pick(materials, rng), LensWidth: float32(46 + rng.IntN(10)),
			LensHeight: 42, Bridge: 19, Temple: 145, Rim: 3, Thickness: 4, TempleDrop: 10},
		Variants: []catalog.Variant{{SKU: fmt.Sprintf("SIM-%06d", i), Colour: colour, Stock: 1 + rng.IntN(9),
			Price: catalog.Money{Minor: price, Currency: "EUR"}, Frame: catalog.Surface{Base: rgb[colour]}, Lens: catalog.Lens{Transmission: 0.9}}},
	}
	if p.Eyewear.Material == catalog.Rimless {
		p.Eyewear.Rim = 0
	}
	return p
}

// rgb of the colour words, as they mostly look.
var rgb = map[string]color.NRGBA{
	"black": {25, 25, 28, 255}, "brown": {96, 64, 40, 255}, "tortoise": {120, 76, 36, 255}, "gold": {204, 164, 92, 255},
	"silver": {190, 192, 196, 255}, "blue": {44, 72, 150, 255}, "green": {52, 96, 64, 255}, "red": {160, 36, 40, 255},
	"crystal": {230, 232, 236, 160}, "pink": {222, 150, 168, 255},
}

// Worth is how much a taste likes a product, before chance: above 0 it is
// rather liked.
func (t *Taste) Worth(p *catalog.Product) float64 {
	v := -2.5 + t.Pairs[[2]string{string(p.Eyewear.Shape), p.Variants[0].Colour}]
	if p.Kind == t.Kind {
		v++
	}
	off := math.Log(p.Variants[0].Price.Major()) - t.Price
	return v - off*off
}

// shopper makes one person's visit: what is looked at is drawn by what draws
// the eye, what follows by what is liked.
func (w *World) shopper(i, taste int, events int, rng *rand.Rand) Shopper {
	s := Shopper{ID: fmt.Sprintf("shopper-%05d", i), Taste: taste}
	t := &w.Tastes[taste]
	for pair := range t.Pairs {
		if len(s.Stated.Colours) == 0 || pair[1] < s.Stated.Colours[0] { // the first by name: maps have no order
			s.Stated.Colours = []string{pair[1]}
		}
	}
	if len(w.Products) == 0 {
		return s
	}
	at := start.Add(time.Duration(i) * 7 * time.Minute)
	n := max(events/2+rng.IntN(events+1), 2)
	had := map[string]bool{}
	for range 40 * n {
		if len(s.Events) >= n || len(had) == len(w.Products) {
			break
		}
		p := pick(w.Products, rng)
		worth := t.Worth(p)
		// drawn by the eye: what is liked is looked at more often
		if had[p.ID] || rng.Float64() > 1/(1+math.Exp(-1.5*worth)) {
			continue
		}
		had[p.ID] = true
		at = at.Add(time.Duration(5+rng.IntN(40)) * time.Second)
		s.Events = append(s.Events, w.deed(s.ID, p, worth, at, rng))
	}
	return s
}

// deed is what a shopper does with a product that was looked at.
func (w *World) deed(id string, p *catalog.Product, worth float64, at time.Time, rng *rand.Rand) recommender.Event {
	e := recommender.Event{Profile: id, Product: p.ID, Variant: p.Variants[0].SKU, At: at, Kind: recommender.View}
	switch v := worth + rng.NormFloat64(); {
	case v > 2.5:
		e.Kind = recommender.Buy
	case v > 1.2:
		e.Kind = recommender.Like
	case v > 0:
		e.Kind, e.Seconds = recommender.Try, float64(5+rng.IntN(40))
	case v < -3:
		e.Kind = recommender.Skip
	}
	return e
}
