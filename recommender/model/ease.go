package model

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// EASE is Steck's shallow autoencoder (WWW 2019, closed form): the item-item
// weights B = I - P·diag(1/diag P), P = (XᵀX + λI)⁻¹, that best rebuild
// everybody's history, no item from itself. A score is the sum of one weight a
// liked item, so its split is exact.
type EASE struct {
	Lambda  float64
	Most    int // the most items that get weights, the best known ones
	Recency Recency
	Known   []int32 // by item: its row in B, or -1
	Item    []int32 // by row: its item
	B       []float32
}

// NewEASE has the settings chosen in docs/recommender.md.
func NewEASE() *EASE {
	return &EASE{Lambda: 500, Most: 2500, Recency: Recency{Floor: 0.1, Fade: 6}}
}

func (m *EASE) Name() string { return "ease" }
func (m *EASE) Exact() bool  { return true }

// Train inverts the Gram matrix of the best known items by Cholesky.
func (m *EASE) Train(ctx context.Context, data *Data, progress func(float64)) error {
	m.Known, m.Item = best(data, m.Most)
	n := len(m.Item)
	if n == 0 {
		m.B = nil
		return ctx.Err()
	}
	gram := mat.NewSymDense(n, nil)
	for _, seen := range data.People {
		rows := m.rows(seen)
		for a, x := range rows {
			for _, y := range rows[a:] {
				i, j := min(x, y), max(x, y)
				gram.SetSym(int(i), int(j), gram.At(int(i), int(j))+1)
			}
		}
	}
	for i := range n {
		gram.SetSym(i, i, gram.At(i, i)+m.Lambda)
	}
	progress(0.2)
	var chol mat.Cholesky
	if !chol.Factorize(gram) {
		return fmt.Errorf("recommender: EASE cannot be solved with λ %g; take a larger one", m.Lambda)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	progress(0.5)
	var inv mat.SymDense
	if err := chol.InverseTo(&inv); err != nil {
		return fmt.Errorf("recommender: EASE cannot be solved: %w", err)
	}
	m.B = make([]float32, n*n)
	for i := range n {
		for j := range n {
			if i != j {
				m.B[i*n+j] = float32(-inv.At(i, j) / inv.At(j, j))
			}
		}
	}
	progress(1)
	return ctx.Err()
}

// best picks the items that most people met.
func best(data *Data, most int) (known, items []int32) {
	n := data.counts()
	items = topBy(n, most)
	known = make([]int32, data.Items)
	for i := range known {
		known[i] = -1
	}
	for row, i := range items {
		known[i] = int32(row)
	}
	return known, items
}

// rows are the known items of a history, each once, that were not disliked.
func (m *EASE) rows(seen []Seen) []int32 {
	var out []int32
	had := map[int32]bool{}
	for _, s := range seen {
		if r := m.Known[s.Item]; r >= 0 && s.Weight > 0 && !had[r] {
			had[r] = true
			out = append(out, r)
		}
	}
	return out
}

// Score implements Model.
func (m *EASE) Score(q *Query, out []float32) {
	clear(out)
	n := len(m.Item)
	if n == 0 {
		return
	}
	row := make([]float32, n)
	for k, s := range q.History {
		if r := m.row(s.Item); r >= 0 {
			axpy(m.Recency.weight(q.History, k), m.B[int(r)*n:(int(r)+1)*n], row)
		}
	}
	for r, i := range m.Item {
		out[i] = row[r]
	}
}

func (m *EASE) row(item int32) int32 {
	if int(item) >= len(m.Known) {
		return -1
	}
	return m.Known[item]
}

// ScoreSome implements Model.
func (m *EASE) ScoreSome(q *Query, items []int32, out []float32) {
	n := len(m.Item)
	clear(out)
	for k, s := range q.History {
		r := m.row(s.Item)
		if r < 0 {
			continue
		}
		w := m.Recency.weight(q.History, k)
		for c, i := range items {
			if to := m.row(i); to >= 0 {
				out[c] += w * m.B[int(r)*n+int(to)]
			}
		}
	}
}

// Explainer implements Model.
func (m *EASE) Explainer(q *Query) func(int32) []Part {
	return func(item int32) []Part {
		to := m.row(item)
		if to < 0 {
			return nil
		}
		parts := make([]Part, 0, len(q.History))
		for k, s := range q.History {
			if r := m.row(s.Item); r >= 0 && r != to {
				w := m.Recency.weight(q.History, k) * m.B[int(r)*len(m.Item)+int(to)]
				parts = append(parts, Part{FromHistory, k, w})
			}
		}
		return parts
	}
}

// Recency is how much an earlier item still counts: Floor for the oldest, 1
// for the latest, falling by e every Fade items. It depends on the item's place
// from the end, not on the clock.
type Recency struct{ Floor, Fade float64 }

// weight of history entry k: its own, times its recency.
func (r Recency) weight(history []Seen, k int) float32 {
	if r.Fade <= 0 {
		return history[k].Weight
	}
	age := float64(len(history) - 1 - k)
	return history[k].Weight * float32(r.Floor+(1-r.Floor)*math.Exp(-age/r.Fade))
}
