package recommender

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"cheval/catalog"
	"cheval/recommender/model"
	"cheval/recommender/rules"
)

// Options are what a Ranker is made with.
type Options struct {
	Trained    *model.Trained       // nil: popularity and content only
	Embeddings map[string][]float32 // by product ID: what its picture is like; all of one length
}

// Ranker ranks a catalogue's products for people. Any goroutine may call it.
type Ranker struct {
	mu       sync.RWMutex // Observe writes, everything else reads
	products []*catalog.Product
	ids      []string
	index    map[string]int32
	words    *lexicon
	features *model.Features
	blend    *model.Blend
	trained  *model.Trained
	early    []float64   // by item: 1 for the catalogue's first product, falling to 0
	sold     []bool      // by item: in the catalogue, some variant in stock
	seen     []float64   // by item: events of anybody
	like     [][]float32 // by item: what it is like, of length 1
	replay   *replay
}

// New makes a ranker of products. Products that the model does not know are
// ranked by their features; items of the model that are sold no more are never
// suggested, but liking them still counts. The ranker takes the model over.
func New(products []*catalog.Product, o Options) (*Ranker, error) {
	r := &Ranker{index: map[string]int32{}, trained: o.Trained, replay: newReplay()}
	var names []string
	if o.Trained != nil {
		r.ids = slices.Clone(o.Trained.Items)
		names = o.Trained.Features.Names
	}
	for i, id := range r.ids {
		r.index[id] = int32(i)
	}
	r.products = make([]*catalog.Product, len(r.ids))
	r.early = make([]float64, len(r.ids))
	for at, p := range products {
		if p.State == catalog.Draft {
			continue
		}
		i, ok := r.index[p.ID]
		if !ok {
			i = int32(len(r.ids))
			r.index[p.ID] = i
			r.ids, r.products, r.early = append(r.ids, p.ID), append(r.products, nil), append(r.early, 0)
		}
		r.products[i] = p
		r.early[i] = 1 - float64(at)/float64(len(products))
	}
	if len(r.ids) > model.MaxItems {
		return nil, fmt.Errorf("recommender: %d products, but at most %d are ranked", len(r.ids), model.MaxItems)
	}
	r.sold = make([]bool, len(r.ids))
	for i, p := range r.products {
		r.sold[i] = p != nil && slices.ContainsFunc(p.Variants, func(v catalog.Variant) bool { return v.Stock > 0 })
	}
	r.words = newLexicon(names)
	r.describe(o)
	r.seen = make([]float64, len(r.ids))
	return r, r.adopt()
}

// describe collects the features of all items.
func (r *Ranker) describe(o Options) {
	r.features = &model.Features{}
	switch {
	case o.Trained != nil:
		r.features.Width = o.Trained.Features.Width
	default:
		for _, e := range o.Embeddings {
			r.features.Width = len(e)
			break
		}
	}
	for i, p := range r.products {
		if p == nil {
			f := o.Trained.Features
			r.features.Add(f.Row(int32(i)), f.DenseRow(int32(i)))
			continue
		}
		e := o.Embeddings[p.ID]
		if len(e) != r.features.Width {
			e = nil
		}
		r.features.Add(r.words.values(describe(p)), e)
	}
	r.features.Names = r.words.names
}

// adopt hands the features to those models that score by them.
func (r *Ranker) adopt() error {
	r.blend = coldBlend()
	if r.trained != nil {
		r.blend = r.trained.Blend
	}
	data := &model.Data{Items: len(r.ids), Features: r.features}
	for _, m := range r.blend.Members {
		switch known := m.Model.(type) {
		case *model.Content:
			if err := known.Train(context.Background(), data, func(float64) {}); err != nil {
				return err
			}
			r.like = known.Vectors(likeWidth)
		case *model.TwoTower:
			known.Adopt(r.features)
		}
	}
	return nil
}

// likeWidth is the length of the vectors that say what a product is like.
const likeWidth = 32

// coldBlend ranks before there is anything to learn from.
func coldBlend() *model.Blend {
	return &model.Blend{Members: []model.Member{
		{Model: model.NewPopularity(), Weight: 0.5, Scale: 1},
		{Model: model.NewContent(), Weight: 1, Scale: 0.3},
	}}
}

// Models are the names of the blend's models with their weights, as learned.
func (r *Ranker) Models() map[string]float64 {
	out := map[string]float64{}
	for _, m := range r.blend.Members {
		out[m.Model.Name()] = m.Weight
	}
	return out
}

// Question is what a list is asked for with. The zero value asks for everything in
// the order of scores.
type Question struct {
	Count int // 0: 100
	// Categories to suggest from; empty: all.
	Categories []string
	// Not are facets that no suggestion has, such as {"shape", "round"}.
	Not []Facet
	// PriceMin and PriceMax, in the smallest unit of the product's currency, 0:
	// none; a profile's own range holds besides.
	PriceMin, PriceMax int64
	SoldOut            bool // suggest what is out of stock, too
	Known              bool // suggest what the person tried or liked already, too
	// Without are products whose events do not count; LessLike are held against
	// what is like them.
	Without  []string
	LessLike []string
	// Weights drag the blend's, by the model's name; 1: as learned. They
	// multiply the profile's own.
	Weights map[string]float64
	Pins    map[string]int     // by product: its place, from 1
	Boosts  map[string]float64 // by product: added after scoring
	Rules   rules.Options
}

// Facet is one value that a product has, in the catalogue's words.
type Facet struct{ Name, Value string }

// DefaultCount is how long a list is that asks for no length.
const DefaultCount = 100

// Recommend ranks products for a person. An empty shop gives an empty list.
func (r *Ranker) Recommend(ctx context.Context, p Person, m Moment, a Question) ([]Suggestion, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	v := r.view(p, m, a)
	candidates := v.candidates()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	list := rules.Arrange(candidates, v.count(), a.Rules)
	explain := v.blend.Explain(&v.query)
	out := make([]Suggestion, len(list))
	for i, place := range list {
		out[i] = v.suggestion(place, explain(place.Item))
	}
	return out, nil
}
