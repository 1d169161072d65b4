package recommender

import (
	"slices"

	"cheval/catalog"
	"cheval/recommender/model"
	"cheval/recommender/rules"
)

// Pair is a product that goes with another.
type Pair struct {
	Product string  `json:"product"`
	Variant string  `json:"variant"`
	Score   float64 `json:"score"`
	Harmony float64 `json:"harmony"` // of their colours, 0..1
	Liked   float64 `json:"liked"`   // how often both are liked, 0..1
}

// Complete lists what completes a look with a product's variant (its SKU; "":
// the first): products of another category or kind, in stock, whose colours go
// with it and that are liked by the same people.
func (r *Ranker) Complete(product, sku string, count int) []Pair {
	r.mu.RLock()
	defer r.mu.RUnlock()
	at, ok := r.index[product]
	if !ok || r.products[at] == nil || len(r.products[at].Variants) == 0 {
		return nil
	}
	p := r.products[at]
	own := max(slices.IndexFunc(p.Variants, func(v catalog.Variant) bool { return v.SKU == sku }), 0)
	together := r.together(at)
	var out []Pair
	for i, other := range r.products {
		if other == nil || int32(i) == at || other.Category == p.Category && other.Kind == p.Kind {
			continue
		}
		best := Pair{Score: -1}
		for _, v := range other.Variants {
			if v.Stock <= 0 {
				continue
			}
			h := rules.Harmony(p.Variants[own].Frame.Base, v.Frame.Base)
			l := float64(together[i])
			if s := h/2 + l/2; s > best.Score {
				best = Pair{other.ID, v.SKU, s, h, l}
			}
		}
		if best.Score >= 0 {
			out = append(out, best)
		}
	}
	slices.SortStableFunc(out, func(a, b Pair) int {
		switch {
		case a.Score > b.Score:
			return -1
		case a.Score < b.Score:
			return 1
		}
		return 0
	})
	return out[:min(max(count, 0), len(out))]
}

// together is how often each product is liked with one, the most often 1.
func (r *Ranker) together(at int32) []float32 {
	out := make([]float32, len(r.ids))
	m := r.blend.Member("item-item")
	if m == nil {
		return out
	}
	m.Model.Score(&model.Query{History: []model.Seen{{Item: at, Weight: 1}}}, out)
	if top := slices.Max(out); top > 0 {
		for i := range out {
			out[i] /= top
		}
	}
	return out
}
