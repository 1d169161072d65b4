package model

import (
	"context"
	"math/rand/v2"
	"sync"
)

// Session predicts what comes next from the last Window items, by
// self-attention. Its reasons are read from the attention: rollout (Abnar &
// Zuidema, ACL 2020) of the latest token onto the earlier items.
type Session struct {
	Dim, Blocks, Window int
	Negatives           int // sampled items a batch, shared by its tokens
	Batch               int // windows a step
	Epochs              int
	Rate, L2, Drop      float64
	Seed                uint64
	net                 *sessionNet
}

// NewSession has the settings chosen in docs/recommender.md.
func NewSession() *Session {
	return &Session{Dim: 48, Blocks: 1, Window: 20, Negatives: 128, Batch: 64, Epochs: 24, Rate: 0.0025, L2: 0.01, Drop: 0.3, Seed: 1}
}

func (m *Session) Name() string { return "session" }
func (m *Session) Exact() bool  { return false }

// shards a batch is cut into: fixed, so that the result does not depend on how
// many cores there are.
const shards = 4

// Train runs the epochs; each cuts every history into windows anew.
func (m *Session) Train(ctx context.Context, data *Data, progress func(float64)) error {
	rng := rand.New(rand.NewPCG(m.Seed, 4))
	m.net = newSessionNet(data.Items, m.Dim, m.Blocks, m.Window, m.Drop, rng)
	sequences := sequencesOf(data)
	if len(sequences) == 0 {
		m.net = nil
		return ctx.Err()
	}
	return m.epochs(ctx, data, sequences, m.Epochs, m.Rate, rng, progress)
}

// Continue trains what is trained already on a little more of the same data,
// for a quarter of the epochs, at the rate that the last quarter began with.
func (m *Session) Continue(ctx context.Context, data *Data, progress func(float64)) error {
	sequences := sequencesOf(data)
	if m.net == nil || m.net.items.rows != data.Items || len(sequences) == 0 {
		return m.Train(ctx, data, progress)
	}
	rng := rand.New(rand.NewPCG(m.Seed, 10))
	return m.epochs(ctx, data, sequences, (m.Epochs+3)/4, m.Rate/4, rng, progress)
}

// epochs trains with a rate that falls to a tenth.
func (m *Session) epochs(ctx context.Context, data *Data, sequences [][]int32, epochs int, rate float64, rng *rand.Rand, progress func(float64)) error {
	opt := &adam{decay: m.L2}
	grads := make([]*gradSet, shards)
	for i := range grads {
		grads[i] = newGradSet(m.net.params())
	}
	for epoch := range epochs {
		windows := cut(sequences, m.Window, rng)
		opt.rate = rate * (1 - 0.9*float64(epoch)/float64(epochs))
		for lo := 0; lo < len(windows); lo += m.Batch {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			m.batch(windows[lo:min(lo+m.Batch, len(windows))], data.Items, grads, opt, rng)
		}
		progress(float64(epoch+1) / float64(epochs))
	}
	for _, p := range m.net.params() {
		p.m, p.v = nil, nil
	}
	return nil
}

// sequencesOf are the liked items of each person in order, of those with two.
func sequencesOf(data *Data) [][]int32 {
	var out [][]int32
	for _, seen := range data.People {
		var s []int32
		for _, e := range seen {
			if e.Weight > 0 {
				s = append(s, e.Item)
			}
		}
		if len(s) > 1 {
			out = append(out, s)
		}
	}
	return out
}

// cut makes windows of at most size+1 items that overlap by one, from a random
// start, in a random order.
func cut(sequences [][]int32, size int, rng *rand.Rand) [][]int32 {
	var out [][]int32
	for _, s := range sequences {
		first := min(1+rng.IntN(size), len(s)-1)
		out = append(out, s[:first+1])
		for lo := first; lo+1 < len(s); lo += size {
			out = append(out, s[lo:min(lo+size+1, len(s))])
		}
	}
	rng.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// batch is one step of the optimiser.
func (m *Session) batch(windows [][]int32, items int, grads []*gradSet, opt *adam, rng *rand.Rand) {
	negatives := make([]int32, min(m.Negatives, items))
	for i := range negatives {
		negatives[i] = int32(rng.IntN(items))
	}
	var wait sync.WaitGroup
	for s := range shards {
		own := rand.New(rand.NewPCG(rng.Uint64(), rng.Uint64()))
		wait.Add(1)
		go func() {
			defer wait.Done()
			var tokens, next []int32
			starts := []int{0}
			for i := s; i < len(windows); i += shards {
				w := windows[i]
				tokens, next = append(tokens, w[:len(w)-1]...), append(next, w[1:]...)
				starts = append(starts, len(tokens))
			}
			if len(tokens) > 0 {
				m.net.loss(tokens, next, negatives, starts, own, grads[s])
			}
		}()
	}
	wait.Wait()
	opt.step(grads)
}

// recent are the history's latest known liked items, and where they stand in it.
func (m *Session) recent(q *Query) (tokens []int32, at []int) {
	for k := len(q.History) - 1; k >= 0 && len(tokens) < m.Window; k-- {
		if s := q.History[k]; s.Weight > 0 && int(s.Item) < m.net.items.rows {
			tokens, at = append(tokens, s.Item), append(at, k)
		}
	}
	for i, j := 0, len(tokens)-1; i < j; i, j = i+1, j-1 {
		tokens[i], tokens[j] = tokens[j], tokens[i]
		at[i], at[j] = at[j], at[i]
	}
	return tokens, at
}

// pass runs the net over a history; nil where it has nothing to go by.
func (m *Session) pass(q *Query) (*tape, []int) {
	if m.net == nil {
		return nil, nil
	}
	tokens, at := m.recent(q)
	if len(tokens) == 0 {
		return nil, nil
	}
	return m.net.forward(tokens, []int{0, len(tokens)}, nil), at
}

// last is the latest token's vector.
func (t *tape) last(d int) []float32 { return t.h[(t.n-1)*d : t.n*d] }

// Score implements Model.
func (m *Session) Score(q *Query, out []float32) {
	clear(out)
	t, _ := m.pass(q)
	if t == nil {
		return
	}
	h := t.last(m.Dim)
	for i := range min(len(out), m.net.items.rows) {
		out[i] = dot(h, m.net.items.row(int32(i))) + m.net.bias.w[i]
	}
}

// ScoreSome implements Model.
func (m *Session) ScoreSome(q *Query, items []int32, out []float32) {
	clear(out)
	t, _ := m.pass(q)
	if t == nil {
		return
	}
	h := t.last(m.Dim)
	for k, i := range items {
		if int(i) < m.net.items.rows {
			out[k] = dot(h, m.net.items.row(i)) + m.net.bias.w[i]
		}
	}
}

// Explainer implements Model: what an item's vector gives is shared out by
// attention rollout.
func (m *Session) Explainer(q *Query) func(int32) []Part {
	t, at := m.pass(q)
	if t == nil {
		return func(int32) []Part { return nil }
	}
	share := t.rollout()
	h := t.last(m.Dim)
	return func(item int32) []Part {
		if int(item) >= m.net.items.rows {
			return nil
		}
		parts := append(make([]Part, 0, len(at)+1), Part{FromPopularity, 0, m.net.bias.w[item]})
		s := dot(h, m.net.items.row(item))
		for j, k := range at {
			parts = append(parts, Part{FromHistory, k, share[j] * s})
		}
		return parts
	}
}

// rollout is how much of the latest token comes from each, summing to 1: every
// block passes on half by its residual and half by attention.
func (t *tape) rollout() []float32 {
	share := make([]float32, t.n)
	share[t.n-1] = 1
	for b := len(t.blocks) - 1; b >= 0; b-- {
		att := t.blocks[b].att[0]
		before := make([]float32, t.n)
		for i, s := range share {
			before[i] += s / 2
			axpy(s/2, att[i*t.n:(i+1)*t.n], before)
		}
		share = before
	}
	return share
}
