package model

import (
	"context"
	"math"
	"math/rand/v2"
)

// Logistic is logistic matrix factorisation by SGD: score = p·q + b, trained
// with sampled items that a person did not meet. The person's vector is folded
// in from the history by the same steps, so a new person needs no training.
type Logistic struct {
	Dim       int
	Negatives int
	Epochs    int
	Rate      float64
	L2        float64
	Folds     int // passes over a history when a person is folded in
	Seed      uint64
	Recency   Recency
	Q         []float32 // item vectors
	Bias      []float32
	anchor    []float32 // Q as trained, once there were online steps
}

// NewLogistic has the settings chosen in docs/recommender.md.
func NewLogistic() *Logistic {
	return &Logistic{Dim: 32, Negatives: 4, Epochs: 12, Rate: 0.05, L2: 0.01, Folds: 10, Seed: 1, Recency: Recency{Floor: 0.05, Fade: 20}}
}

func (m *Logistic) Name() string { return "logistic" }
func (m *Logistic) Exact() bool  { return false }

// Train runs the epochs over all pairs in a random order.
func (m *Logistic) Train(ctx context.Context, data *Data, progress func(float64)) error {
	rng := rand.New(rand.NewPCG(m.Seed, 2))
	m.Q, m.Bias = make([]float32, data.Items*m.Dim), make([]float32, data.Items)
	for i := range m.Q {
		m.Q[i] = float32(rng.NormFloat64() * 0.1)
	}
	if data.Items == 0 {
		return ctx.Err()
	}
	p := make([]float32, len(data.People)*m.Dim)
	for i := range p {
		p[i] = float32(rng.NormFloat64() * 0.1)
	}
	pairs, met := pairsOf(data)
	for epoch := range m.Epochs {
		rng.Shuffle(len(pairs), func(i, j int) { pairs[i], pairs[j] = pairs[j], pairs[i] })
		for n, pair := range pairs {
			if n%4096 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			x := p[int(pair.person)*m.Dim : (int(pair.person)+1)*m.Dim]
			m.step(x, pair.item, 1, m.Rate, true)
			for range m.Negatives {
				if i := int32(rng.IntN(data.Items)); !met[pair.person].has(i) {
					m.step(x, i, 0, m.Rate, true)
				}
			}
		}
		progress(float64(epoch+1) / float64(m.Epochs))
	}
	return nil
}

// step is one SGD step of a person and, if both, the item.
func (m *Logistic) step(x []float32, item int32, target, rate float64, both bool) {
	y := m.Q[int(item)*m.Dim : (int(item)+1)*m.Dim]
	g := float32(rate * (target - sigmoid(float64(dot(x, y)+m.Bias[item]))))
	keep := float32(rate * m.L2)
	if !both {
		for k := range x {
			x[k] += g*y[k] - keep*x[k]
		}
		return
	}
	m.Bias[item] += g - keep*m.Bias[item]
	for k := range x {
		x[k], y[k] = x[k]+g*y[k]-keep*x[k], y[k]+g*x[k]-keep*y[k]
	}
}

func sigmoid(v float64) float64 { return 1 / (1 + math.Exp(-v)) }

// pair is one met pair.
type pair struct{ person, item int32 }

func pairsOf(data *Data) ([]pair, []items) {
	var pairs []pair
	met := make([]items, len(data.People))
	for p, seen := range data.People {
		met[p] = items{}
		for _, s := range seen {
			met[p][s.Item] = struct{}{}
			if s.Weight > 0 {
				pairs = append(pairs, pair{int32(p), s.Item})
			}
		}
	}
	return pairs, met
}

// items is a set of items.
type items map[int32]struct{}

func (s items) has(i int32) bool { _, ok := s[i]; return ok }

// Person folds a history in. The items it is told from are drawn from a stream
// that depends on nothing but the settings, so the same history always gives
// the same vector.
func (m *Logistic) Person(q *Query) []float32 {
	x := make([]float32, m.Dim)
	n := len(m.Bias)
	if n == 0 {
		return x
	}
	rng := rand.New(rand.NewPCG(m.Seed, 3))
	met := items{}
	for _, s := range q.History {
		met[s.Item] = struct{}{}
	}
	for range m.Folds {
		for k, s := range q.History {
			if int(s.Item) >= n {
				continue
			}
			w := float64(m.Recency.weight(q.History, k))
			if w <= 0 {
				m.step(x, s.Item, 0, -w*m.Rate, false)
				continue
			}
			m.step(x, s.Item, 1, w*m.Rate, false)
			for range m.Negatives {
				if i := int32(rng.IntN(n)); !met.has(i) {
					m.step(x, i, 0, w*m.Rate, false)
				}
			}
		}
	}
	return x
}

// Score implements Model.
func (m *Logistic) Score(q *Query, out []float32) {
	clear(out)
	x := m.Person(q)
	for i := range min(len(out), len(m.Bias)) {
		out[i] = dot(x, m.Q[i*m.Dim:(i+1)*m.Dim]) + m.Bias[i]
	}
}

// ScoreSome implements Model.
func (m *Logistic) ScoreSome(q *Query, items []int32, out []float32) {
	x := m.Person(q)
	for k, i := range items {
		out[k] = 0
		if int(i) < len(m.Bias) {
			out[k] = dot(x, m.Q[int(i)*m.Dim:(int(i)+1)*m.Dim]) + m.Bias[i]
		}
	}
}

// Explainer implements Model. The folded vector is a sum of item vectors, so
// the split adds up; but how much of each is in it depends on all the others,
// which is why it counts as approximate.
func (m *Logistic) Explainer(q *Query) func(int32) []Part {
	x := m.Person(q)
	alone := make([][]float32, len(q.History)) // what the vector loses without the entry
	rest := append([]float32(nil), x...)
	weight := float32(0)
	for k := range q.History {
		weight += max(m.Recency.weight(q.History, k), -m.Recency.weight(q.History, k))
	}
	for k, s := range q.History {
		if int(s.Item) >= len(m.Bias) || weight == 0 {
			continue
		}
		y := m.Q[int(s.Item)*m.Dim : (int(s.Item)+1)*m.Dim]
		along := m.Recency.weight(q.History, k) / weight * dot(x, y) / max(dot(y, y), 1e-12)
		alone[k] = make([]float32, m.Dim)
		axpy(along, y, alone[k])
		axpy(-1, alone[k], rest)
	}
	return func(item int32) []Part {
		if int(item) >= len(m.Bias) {
			return nil
		}
		y := m.Q[int(item)*m.Dim : (int(item)+1)*m.Dim]
		parts := []Part{{FromPopularity, 0, m.Bias[item]}, {FromPattern, 0, dot(rest, y)}}
		for k, v := range alone {
			if v != nil {
				parts = append(parts, Part{FromHistory, k, dot(v, y)})
			}
		}
		return parts
	}
}

// Online steps are small, and every product is drawn back to where training
// put it by a share of the way.
const (
	onlineRate   = 0.01
	onlineAnchor = 0.02
)

// Learn takes one small step from one event of a person with that history, on
// the product's side only. It must not run beside Score.
func (m *Logistic) Learn(q *Query, item int32, weight float32, rng *rand.Rand) {
	n := len(m.Bias)
	if n == 0 || item < 0 || weight == 0 || !finite(weight) {
		return
	}
	if m.anchor == nil {
		m.anchor = append([]float32(nil), m.Q...)
	}
	for int(item) >= len(m.Bias) { // a new product starts where nothing is known
		m.Bias = append(m.Bias, 0)
		m.Q, m.anchor = append(m.Q, make([]float32, m.Dim)...), append(m.anchor, make([]float32, m.Dim)...)
	}
	x := m.Person(q)
	target := float64(1)
	if weight < 0 {
		target, weight = 0, -weight
	}
	m.nudge(x, item, target, onlineRate*float64(min(weight, 2)))
	for range m.Negatives {
		if i := int32(rng.IntN(n)); i != item {
			m.nudge(x, i, 0, onlineRate)
		}
	}
}

// nudge moves one item's vector along a person's.
func (m *Logistic) nudge(x []float32, item int32, target, rate float64) {
	lo, hi := int(item)*m.Dim, (int(item)+1)*m.Dim
	y, home := m.Q[lo:hi], m.anchor[lo:hi]
	g := float32(rate * (target - sigmoid(float64(dot(x, y)+m.Bias[item]))))
	for k := range y {
		y[k] += g*x[k] + onlineAnchor*float32(rate)/onlineRate*(home[k]-y[k])
	}
}
