package recommender

import (
	"math"
	"slices"

	"cheval/recommender/model"
	"cheval/recommender/rules"
)

// Catalogues larger than searchAll are searched in two steps: the pool best by
// the quickest model that knows features, then all models on those.
const (
	searchAll = 20_000
	pool      = 1200
	perAsked  = 4 // candidates for each place, for the rules to choose among
)

// candidates are the products allowed, scored.
func (v *view) candidates() []rules.Candidate {
	items := v.pool()
	scores := make([]float32, len(items))
	v.blend.ScoreSome(&v.query, items, scores)
	for k, i := range items {
		for _, e := range v.extras(i) {
			scores[k] += float32(e.Weight)
		}
	}
	var out []rules.Candidate
	keep := func(k int32) {
		i := items[k]
		id := v.ids[i]
		out = append(out, rules.Candidate{Item: i, Score: scores[k], Brand: v.products[i].Brand, Seen: v.seen[i],
			Vector: v.vector(i), Pinned: v.ask.Pins[id], Boosted: v.ask.Boosts[id]})
	}
	best := model.Top(scores, v.count()*perAsked)
	for _, k := range best {
		keep(k)
	}
	for k, i := range items { // what staff set is a candidate whatever its score
		id := v.ids[i]
		if (v.ask.Pins[id] > 0 || v.ask.Boosts[id] != 0) && !slices.Contains(best, int32(k)) {
			keep(int32(k))
		}
	}
	return out
}

func (v *view) vector(i int32) []float32 {
	if int(i) >= len(v.like) {
		return nil
	}
	return v.like[i]
}

// pool is the items that are scored by all models.
func (v *view) pool() []int32 {
	if len(v.ids) > searchAll {
		return v.withAsked(v.search())
	}
	items := make([]int32, 0, len(v.ids))
	for i := range v.ids {
		if v.allowed(int32(i)) {
			items = append(items, int32(i))
		}
	}
	return items
}

// search is the first step in a large catalogue: one pass over its vectors.
func (v *view) search() []int32 {
	scores := make([]float32, len(v.ids))
	model.Quickest(v.blend).Score(&v.query, scores)
	none := float32(math.Inf(-1))
	for i := range scores {
		if v.plain && !v.ask.SoldOut {
			if !v.sold[i] {
				scores[i] = none
			}
		} else if !v.allowed(int32(i)) {
			scores[i] = none
		}
	}
	for i := range v.known {
		if !v.allowed(i) {
			scores[i] = none
		}
	}
	return slices.DeleteFunc(model.Top(scores, pool), func(i int32) bool { return scores[i] == none })
}

// withAsked adds what staff set.
func (v *view) withAsked(items []int32) []int32 {
	add := func(id string) {
		if i, ok := v.index[id]; ok && v.allowed(i) && !slices.Contains(items, i) {
			items = append(items, i)
		}
	}
	for id := range v.ask.Pins {
		add(id)
	}
	for id := range v.ask.Boosts {
		add(id)
	}
	return items
}

// finite replaces what is no number by 0.
func finite(v float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return v
}
