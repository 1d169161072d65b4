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
	last  int64     // time of the latest event
	extra []float64 // by item: what was added since, in the unit of Sums
}

// NewPopularity counts with a half-life of 7 days.
func NewPopularity() *Popularity { return &Popularity{HalfLife: 7 * 86400, Scale: 1} }

func (m *Popularity) Name() string { return "popularity" }
func (m *Popularity) Exact() bool  { return true }

// Train counts.
func (m *Popularity) Train(ctx context.Context, data *Data, progress func(float64)) error {
	type met struct {
		at int64
		w  float32
	}
	by := make([][]met, data.Items)
	m.Times, m.Sums, m.extra = nil, nil, nil
	m.Zero, m.last = math.MaxInt64, 0
	for _, seen := range data.People {
		for _, s := range seen {
			if s.Weight > 0 {
				by[s.Item] = append(by[s.Item], met{s.At, s.Weight})
				m.Zero, m.last = min(m.Zero, s.At), max(m.last, s.At)
			}
		}
	}
	m.Start = make([]int32, 1, data.Items+1)
	for _, list := range by {
		slices.SortFunc(list, func(a, b met) int { return int(min(max(a.at-b.at, -1), 1)) })
		sum := 0.0
		for _, e := range list {
			sum += float64(e.w) * math.Exp(m.age(e.at))
			m.Times, m.Sums = append(m.Times, e.at), append(m.Sums, sum)
		}
		m.Start = append(m.Start, int32(len(m.Times)))
	}
	if len(m.Times) == 0 && m.last == 0 && m.Zero == math.MaxInt64 {
		m.Zero = 0
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
	sum := 0.0
	if int(item) < len(m.extra) {
		sum = m.extra[item]
	}
	if int(item)+1 < len(m.Start) {
		lo, hi := m.Start[item], m.Start[item+1]
		times := m.Times[lo:hi]
		k := len(times)
		if k > 0 && now < times[k-1] {
			k = sort.Search(k, func(i int) bool { return times[i] > now })
		}
		if k > 0 {
			sum += m.Sums[int(lo)+k-1]
		}
	}
	if sum == 0 {
		return 0
	}
	return float32(m.Scale * math.Log1p(sum*math.Exp(-m.age(now))))
}

// Add counts one more event, at once; until the next training a product's
// count can grow by a quarter (see addedMost). A clock that ran backwards is taken as
// the time of the latest event.
func (m *Popularity) Add(item int32, weight float32, at int64) {
	if weight <= 0 || item < 0 {
		return
	}
	if len(m.Times) == 0 && m.extra == nil {
		m.Zero = at
	}
	m.last = max(m.last, at)
	for int(item) >= len(m.extra) {
		m.extra = append(m.extra, 0)
	}
	now := math.Exp(m.age(m.last))
	if len(m.Times) == 0 { // never trained: these events are all there is
		m.extra[item] += float64(weight) * now
		return
	}
	most := addedMost * now
	if int(item)+1 < len(m.Start) && m.Start[item] < m.Start[item+1] {
		most += m.Sums[m.Start[item+1]-1] / 4
	}
	m.extra[item] = min(m.extra[item]+float64(weight)*now, max(most, m.extra[item]))
}

// addedMost is how many events, beside a quarter of those it had, a product can
// gain until the next training: a crowd of one taste must not drown the others.
const addedMost = 1

// now is the query's time, or that of the last event there is.
func (m *Popularity) now(q *Query) int64 {
	if q.Now != 0 {
		return q.Now
	}
	return m.last
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
