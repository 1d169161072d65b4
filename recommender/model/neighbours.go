package model

import (
	"context"
	"math"
	"slices"
)

// Neighbours holds item-item weights, the Most largest an item: from each
// liked item a sum goes to its neighbours, so its split is exact. Two models
// share it: items met by the same people, and what followed what.
type Neighbours struct {
	Kind    string // "item-item" or "follows"
	Most    int
	Shrink  float64 // takes weight from what few people share
	Power   float64 // of the popularity that a weight is divided by
	Window  int     // follows: how many steps later still count
	Last    int     // how many of the latest items are looked at; 0: all
	Recency Recency
	Start   []int32
	To      []int32
	Weight  []float32
}

// NewItemItem is the cosine of who met what.
func NewItemItem() *Neighbours {
	return &Neighbours{Kind: "item-item", Most: 200, Shrink: 50, Power: 0.7, Recency: Recency{Floor: 0.05, Fade: 10}}
}

// NewFollows is what people met soon after an item.
func NewFollows() *Neighbours {
	return &Neighbours{Kind: "follows", Most: 200, Shrink: 20, Power: 0.5, Window: 20, Last: 20, Recency: Recency{Floor: 0.1, Fade: 5}}
}

func (m *Neighbours) Name() string { return m.Kind }
func (m *Neighbours) Exact() bool  { return true }

// maxPair bounds how many of one person's latest items are paired, so that one
// who met ten thousand does not cost a hundred million pairs.
const maxPair = 500

// Train counts pairs and keeps each item's strongest.
func (m *Neighbours) Train(ctx context.Context, data *Data, progress func(float64)) error {
	people := occurrences(data)
	n := data.counts()
	sum := make([]float32, data.Items)
	var touched []int32
	m.Start, m.To, m.Weight = make([]int32, 1, data.Items+1), nil, nil
	for from := range data.Items {
		if from%256 == 0 {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			progress(float64(from) / float64(data.Items))
		}
		touched = m.pairs(data, people[from], int32(from), sum, touched[:0])
		m.keep(int32(from), n, sum, touched)
		for _, i := range touched {
			sum[i] = 0
		}
	}
	return nil
}

// occurrence is where an item stands in a person's history.
type occurrence struct{ person, at int32 }

func occurrences(data *Data) [][]occurrence {
	by := make([][]occurrence, data.Items)
	for p, seen := range data.People {
		for k := max(len(seen)-maxPair, 0); k < len(seen); k++ {
			if seen[k].Weight > 0 {
				by[seen[k].Item] = append(by[seen[k].Item], occurrence{int32(p), int32(k)})
			}
		}
	}
	return by
}

// pairs adds up what stands beside an item.
func (m *Neighbours) pairs(data *Data, at []occurrence, from int32, sum []float32, touched []int32) []int32 {
	for _, o := range at {
		seen := data.People[o.person]
		lo, hi := max(len(seen)-maxPair, 0), len(seen)
		if m.Window > 0 {
			lo, hi = int(o.at)+1, min(int(o.at)+1+m.Window, len(seen))
		}
		for k := lo; k < hi; k++ {
			s := seen[k]
			if s.Item == from || s.Weight <= 0 {
				continue
			}
			w := float32(1)
			if m.Window > 0 {
				w = 1 / float32(k-int(o.at))
			}
			if sum[s.Item] == 0 {
				touched = append(touched, s.Item)
			}
			sum[s.Item] += w
		}
	}
	return touched
}

// keep normalises an item's pairs and appends the strongest.
func (m *Neighbours) keep(from int32, n, sum []float32, touched []int32) {
	w := make([]float32, len(touched))
	for k, i := range touched {
		norm := math.Pow(float64(n[from]), m.Power)*math.Pow(float64(n[i]), m.Power) + m.Shrink
		w[k] = sum[i] / float32(norm)
	}
	top := Top(w, m.Most)
	slices.SortFunc(top, func(a, b int32) int { return int(touched[a] - touched[b]) })
	for _, k := range top {
		m.To, m.Weight = append(m.To, touched[k]), append(m.Weight, w[k])
	}
	m.Start = append(m.Start, int32(len(m.To)))
}

// first is the first history entry that is looked at.
func (m *Neighbours) first(q *Query) int {
	if m.Last == 0 {
		return 0
	}
	return max(len(q.History)-m.Last, 0)
}

// row is an item's neighbours.
func (m *Neighbours) row(item int32) ([]int32, []float32) {
	if int(item)+1 >= len(m.Start) {
		return nil, nil
	}
	lo, hi := m.Start[item], m.Start[item+1]
	return m.To[lo:hi], m.Weight[lo:hi]
}

// Score implements Model.
func (m *Neighbours) Score(q *Query, out []float32) {
	clear(out)
	for k := m.first(q); k < len(q.History); k++ {
		c := m.Recency.weight(q.History, k)
		to, w := m.row(q.History[k].Item)
		for x, i := range to {
			out[i] += c * w[x]
		}
	}
}

// ScoreSome implements Model.
func (m *Neighbours) ScoreSome(q *Query, items []int32, out []float32) {
	clear(out)
	if len(m.Start) == 0 {
		return
	}
	slot := make([]int32, len(m.Start)-1) // by item: its place in out, from 1
	for n, i := range items {
		if int(i) < len(slot) {
			slot[i] = int32(n + 1)
		}
	}
	for k := m.first(q); k < len(q.History); k++ {
		c := m.Recency.weight(q.History, k)
		to, w := m.row(q.History[k].Item)
		for x, i := range to {
			if n := slot[i]; n > 0 {
				out[n-1] += c * w[x]
			}
		}
	}
}

// Explainer implements Model.
func (m *Neighbours) Explainer(q *Query) func(int32) []Part {
	return func(item int32) []Part {
		parts := make([]Part, 0, len(q.History))
		for k := m.first(q); k < len(q.History); k++ {
			to, w := m.row(q.History[k].Item)
			if x, ok := slices.BinarySearch(to, item); ok {
				parts = append(parts, Part{FromHistory, k, m.Recency.weight(q.History, k) * w[x]})
			}
		}
		return parts
	}
}
