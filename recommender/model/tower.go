package model

import (
	"context"
	"math"
	"math/rand/v2"
	"sync"

	"gonum.org/v1/gonum/blas"
)

// TwoTower is a network of a person tower and a product tower whose answers
// are multiplied. Both take features, so that a new product or person is
// scored from those alone; in training some items go without their own vector,
// so that the features learn to stand in for it.
type TwoTower struct {
	Dim, Hidden    int
	Window         int // the latest items that make up a person
	Negatives      int // sampled items, shared by a shard of a batch
	NegativeWeight float64
	Anonymous      float64 // how often an item goes without its own vector
	Batch, Epochs  int     // at most: training stops early
	Patience       int
	Rate, L2, Drop float64
	Seed           uint64
	Recency        Recency

	net      *towerNet
	features *Features
	goods    []float32 // the product tower's answer for every item
	bias     []float32
}

// NewTwoTower has the settings chosen in docs/recommender.md.
func NewTwoTower() *TwoTower {
	return &TwoTower{Dim: 32, Hidden: 64, Window: 30, Negatives: 48, NegativeWeight: 4, Anonymous: 0.2,
		Batch: 256, Epochs: 10, Patience: 3, Rate: 0.004, L2: 0.02, Drop: 0.2, Seed: 1, Recency: Recency{Floor: 0.05, Fade: 10}}
}

func (m *TwoTower) Name() string { return "two-tower" }
func (m *TwoTower) Exact() bool  { return false }

// Train runs epochs until people held back are ranked no better. Where data is
// rated it foretells ratings (mean squared error) instead.
func (m *TwoTower) Train(ctx context.Context, data *Data, progress func(float64)) error {
	rng := rand.New(rand.NewPCG(m.Seed, 5))
	names, width := 0, 0
	if data.Features != nil {
		names, width = len(data.Features.Names), data.Features.Width
	}
	m.features = data.Features
	m.net = newTowerNet(data.Items, names, width, m.Dim, m.Hidden, rng)
	if data.Items == 0 {
		return ctx.Err()
	}
	return m.epochs(ctx, data, m.Epochs, m.Rate, rng, progress)
}

// Continue trains what is trained already on a little more of the same data,
// for a quarter of the epochs, at a quarter of the rate.
func (m *TwoTower) Continue(ctx context.Context, data *Data, progress func(float64)) error {
	if m.net == nil || m.net.own.rows != data.Items {
		return m.Train(ctx, data, progress)
	}
	return m.epochs(ctx, data, (m.Epochs+3)/4, m.Rate/4, rand.New(rand.NewPCG(m.Seed, 11)), progress)
}

// epochs trains, with a rate that falls to a tenth, until people held back are
// ranked no better.
func (m *TwoTower) epochs(ctx context.Context, data *Data, epochs int, rate float64, rng *rand.Rand, progress func(float64)) error {
	met := m.met(data)
	learn, check := m.samples(data, rng)
	grads := make([]*gradSet, shards)
	for i := range grads {
		grads[i] = newGradSet(m.net.params())
	}
	opt := &adam{decay: m.L2}
	best, bad := newKeeper(m.net.params()), 0
	for epoch := range epochs {
		rng.Shuffle(len(learn), func(i, j int) { learn[i], learn[j] = learn[j], learn[i] })
		opt.rate = rate * (1 - 0.9*float64(epoch)/float64(epochs))
		for lo := 0; lo < len(learn); lo += m.Batch {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			m.batch(learn[lo:min(lo+m.Batch, len(learn))], data, met, grads, opt, rng)
		}
		progress(float64(epoch+1) / float64(epochs))
		if bad++; best.better(m.quality(check, data)) {
			bad = 0
		}
		if bad >= m.Patience {
			break
		}
	}
	best.restore()
	for _, p := range m.net.params() {
		p.m, p.v = nil, nil
	}
	m.finish(data.Items)
	progress(1)
	return ctx.Err()
}

// met are the items that somebody met. The others' own vectors are set to zero
// and never drawn, so that nothing is learned of them but their features.
func (m *TwoTower) met(data *Data) []int32 {
	var met []int32
	for i, n := range data.counts() {
		if n > 0 {
			met = append(met, int32(i))
		} else {
			clear(m.net.own.row(int32(i)))
		}
	}
	return met
}

// samples are all events with what came before them; the last of one person in
// ten (at most 500) is held back to know when to stop.
func (m *TwoTower) samples(data *Data, rng *rand.Rand) (learn, check []sample) {
	for p, seen := range data.People {
		var stated []Value
		if data.Stated != nil {
			stated = data.Stated[p]
		}
		held := len(check) < 500 && rng.IntN(10) == 0 && len(seen) > 2
		for k, s := range seen {
			if s.Weight <= 0 && !data.Rated || k == 0 && len(stated) == 0 && len(seen) > 1 {
				continue
			}
			one := sample{history: seen[:k:k], stated: stated, target: s.Item, rating: s.Weight}
			if held && k == len(seen)-1 {
				check = append(check, one)
			} else {
				learn = append(learn, one)
			}
		}
	}
	return learn, check
}

// batch is one step of the optimiser.
func (m *TwoTower) batch(samples []sample, data *Data, met []int32, grads []*gradSet, opt *adam, rng *rand.Rand) {
	var wait sync.WaitGroup
	for s := range shards {
		own := rand.New(rand.NewPCG(rng.Uint64(), rng.Uint64()))
		lo, hi := s*len(samples)/shards, (s+1)*len(samples)/shards
		if lo == hi {
			continue
		}
		wait.Add(1)
		go func() {
			defer wait.Done()
			m.net.loss(m.features, m.lesson(samples[lo:hi], data, met, own), m.Drop, own, grads[s])
		}()
	}
	wait.Wait()
	opt.step(grads)
}

// lesson draws what a shard learns from.
func (m *TwoTower) lesson(samples []sample, data *Data, met []int32, rng *rand.Rand) *lesson {
	l := &lesson{samples: samples, rated: data.Rated, recency: m.Recency, window: m.Window}
	if !data.Rated {
		for range min(m.Negatives, len(met)) {
			l.negatives = append(l.negatives, met[rng.IntN(len(met))])
		}
		l.negWeight = float32(m.NegativeWeight / float64(max(len(l.negatives), 1)))
	}
	l.anonymous = make([]bool, len(samples)+len(l.negatives))
	if data.Features != nil {
		for i := range l.anonymous {
			l.anonymous[i] = rng.Float64() < m.Anonymous
		}
	}
	return l
}

// quality is the mean NDCG@10 of held back samples among 100 drawn items, or
// minus the mean squared error of ratings.
func (m *TwoTower) quality(check []sample, data *Data) float64 {
	m.finish(data.Items)
	rng := rand.New(rand.NewPCG(m.Seed, 6))
	total := 0.0
	for _, s := range check {
		p := m.person(s.history, s.stated)
		of := func(i int32) float32 { return dot(p, m.goods[int(i)*m.Dim:(int(i)+1)*m.Dim]) + m.bias[i] }
		t := of(s.target)
		if data.Rated {
			total -= float64((t - s.rating) * (t - s.rating))
			continue
		}
		place := 1.0
		for range 100 {
			if of(int32(rng.IntN(data.Items))) > t {
				place++
			}
		}
		if place <= 10 {
			total += 1 / math.Log2(1+place)
		}
	}
	return total / float64(max(len(check), 1))
}

// finish computes every item's answer. The own vector of an item that nobody
// met is zero, so it goes by its features alone.
func (m *TwoTower) finish(items int) {
	z := make([]float32, items*m.Dim)
	m.bias = make([]float32, items)
	for i := range items {
		m.net.input(m.features, int32(i), true, z[i*m.Dim:(i+1)*m.Dim])
		m.bias[i] = m.net.base.w[0]
		if i < m.net.bias.rows {
			m.bias[i] += m.net.bias.w[i]
		}
	}
	m.goods = m.net.goods.forward(z, items, 0, nil).y
}

// person is the person tower's answer.
func (m *TwoTower) person(history []Seen, stated []Value) []float32 {
	x := make([]float32, m.Dim)
	m.net.personInput(m.features, history, stated, m.Recency, m.Window, x)
	return m.net.person.forward(x, 1, 0, nil).y
}

// Score implements Model.
func (m *TwoTower) Score(q *Query, out []float32) {
	clear(out)
	if m.net == nil {
		return
	}
	p := m.person(q.History, q.Stated)
	n := min(len(out), len(m.bias))
	copy(out, m.bias)
	kernel.Sgemv(blas.NoTrans, n, m.Dim, 1, m.goods, m.Dim, p, 1, 1, out, 1)
}

// ScoreSome implements Model.
func (m *TwoTower) ScoreSome(q *Query, items []int32, out []float32) {
	clear(out)
	if m.net == nil {
		return
	}
	p := m.person(q.History, q.Stated)
	for k, i := range items {
		if int(i) < len(m.bias) {
			out[k] = dot(p, m.goods[int(i)*m.Dim:(int(i)+1)*m.Dim]) + m.bias[i]
		}
	}
}

// Explainer implements Model by gradient×input: what each met item and each
// stated feature put into the person tower, times the slope of the score there.
func (m *TwoTower) Explainer(q *Query) func(int32) []Part {
	if m.net == nil {
		return func(int32) []Part { return nil }
	}
	d := m.Dim
	x := make([]float32, d)
	from, total := m.net.personInput(m.features, q.History, q.Stated, m.Recency, m.Window, x)
	tape := m.net.person.forward(x, 1, 0, nil)
	inputs := make([][]float32, len(q.History))
	for k := from; k < len(q.History) && total > 0; k++ {
		z := make([]float32, d)
		m.net.input(m.features, q.History[k].Item, true, z)
		inputs[k] = make([]float32, d)
		axpy(m.Recency.weight(q.History, k)/total, z, inputs[k])
	}
	return func(item int32) []Part {
		if int(item) >= len(m.bias) {
			return nil
		}
		y := m.goods[int(item)*d : (int(item)+1)*d]
		slope := m.net.person.slope(tape, y)
		rest := dot(tape.y, y)
		parts := []Part{{FromPopularity, 0, m.bias[item]}}
		for k, z := range inputs {
			if z != nil {
				w := dot(z, slope)
				rest -= w
				parts = append(parts, Part{FromHistory, k, w})
			}
		}
		for _, v := range q.Stated {
			if int(v.Feature) < m.net.features.rows {
				w := v.Weight * dot(m.net.features.row(v.Feature), slope)
				rest -= w
				parts = append(parts, Part{FromStated, int(v.Feature), w})
			}
		}
		return append(parts, Part{FromPattern, 0, rest})
	}
}

// slope is the gradient of answer·y by the tower's input, for one row.
func (t *tower) slope(tt *towerTape, y []float32) []float32 {
	dx := append([]float32(nil), y...)
	dhid := make([]float32, len(tt.hid))
	mul(false, true, matrix(1, t.w2.cols, y), matrix(t.w2.rows, t.w2.cols, t.w2.w), 0, matrix(1, t.w2.rows, dhid))
	reluBack(tt.hid, dhid)
	mul(false, true, matrix(1, t.w1.cols, dhid), matrix(t.w1.rows, t.w1.cols, t.w1.w), 1, matrix(1, t.w1.rows, dx))
	return dx
}

// keeper keeps the best weights seen.
type keeper struct {
	params []*param
	best   [][]float32
	score  float64
}

func newKeeper(params []*param) *keeper { return &keeper{params: params, score: math.Inf(-1)} }

// better keeps the weights if their score is the best so far.
func (k *keeper) better(score float64) bool {
	if score <= k.score {
		return false
	}
	k.score, k.best = score, k.best[:0]
	for _, p := range k.params {
		k.best = append(k.best, append([]float32(nil), p.w...))
	}
	return true
}

func (k *keeper) restore() {
	for i, w := range k.best {
		copy(k.params[i].w, w)
	}
}

// Adopt takes the features of the items there are now: those it was trained
// with by the same numbers, then new ones, which are scored by features alone.
func (m *TwoTower) Adopt(f *Features) {
	m.features = f
	if m.net != nil {
		m.finish(f.Len())
	}
}
