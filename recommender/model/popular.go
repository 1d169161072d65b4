package model

import (
	"context"
	"math"
	"slices"
	"sort"
)

// Popularity ranks by how many people lately met an item, each event counting
// half as much after HalfLife. It is the same for everybody.
type Popularity struct {
	HalfLife float64 // seconds
	// For each item the times of its events and, up to each, the sum of
	// exp((t-Zero)/τ): the decayed count at any time is one look-up.
	Zero  int64
	Start []int32
	Times []int64
	Sums  []float64
	// Scale makes the most popular item's score about 1.
	Scale float64
}

// NewPopularity counts with a half-life of 7 days.
func NewPopularity() *Popularity { return &Popularity{HalfLife: 7 * 86400} }

func (m *Popularity) Name() string { return "popularity" }
func (m *Popularity) Exact() bool  { return true }

// Train counts.
func (m *Popularity) Train(ctx context.Context, data *Data, progress func(float64)) error {
	type met struct {
		at int64
		w  float32
	}
	by := make([][]met, data.Items)
	m.Zero = math.MaxInt64
	for _, seen := range data.People {
		for _, s := range seen {
			if s.Weight > 0 {
				by[s.Item] = append(by[s.Item], met{s.At, s.Weight})
				m.Zero = min(m.Zero, s.At)
			}
		}
	}
	m.Start = make([]int32, 1, data.Items+1)
	m.Times, m.Sums = nil, nil
	for _, list := range by {
		slices.SortFunc(list, func(a, b met) int { return int(min(max(a.at-b.at, -1), 1)) })
		sum := 0.0
		for _, e := range list {
			sum += float64(e.w) * math.Exp(m.age(e.at))
			m.Times, m.Sums = append(m.Times, e.at), append(m.Sums, sum)
		}
		m.Start = append(m.Start, int32(len(m.Times)))
	}
	m.Scale = 1
	row := make([]float32, data.Items)
	m.Score(&Query{}, row)
	if top := slices.Max(append(row, 0)); top > 0 {
		m.Scale = 1 / float64(top)
	}
	return ctx.Err()
}

// age is how many time constants lie between the first event and at, bounded
// so that its exponential stays a number.
func (m *Popularity) age(at int64) float64 {
	return min(float64(at-m.Zero)*math.Ln2/m.HalfLife, 600)
}

// at is the decayed count of an item, in a logarithm that keeps the ranking
// and tames the few.
func (m *Popularity) at(item int32, now int64) float32 {
	lo, hi := m.Start[item], m.Start[item+1]
	if lo == hi {
		return 0
	}
	times := m.Times[lo:hi]
	k := len(times)
	if now < times[k-1] && now != 0 {
		k = sort.Search(k, func(i int) bool { return times[i] > now })
	}
	if k == 0 {
		return 0
	}
	until := now
	if now == 0 {
		until = times[k-1]
	}
	count := m.Sums[int(lo)+k-1] * math.Exp(-m.age(until))
	return float32(m.Scale * math.Log1p(count))
}

// now is the query's time, or that of the last event there is.
func (m *Popularity) now(q *Query) int64 {
	if q.Now != 0 || len(m.Times) == 0 {
		return q.Now
	}
	return slices.Max(m.Times)
}

// Score implements Model.
func (m *Popularity) Score(q *Query, out []float32) {
	now := m.now(q)
	for i := range out {
		out[i] = m.at(int32(i), now)
	}
}

// ScoreSome implements Model.
func (m *Popularity) ScoreSome(q *Query, items []int32, out []float32) {
	now := m.now(q)
	for k, i := range items {
		out[k] = m.at(i, now)
	}
}

// Explainer implements Model.
func (m *Popularity) Explainer(q *Query) func(int32) []Part {
	now := m.now(q)
	return func(item int32) []Part { return []Part{{FromPopularity, 0, m.at(item, now)}} }
}
