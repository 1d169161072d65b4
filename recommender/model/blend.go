package model

import (
	"context"
	"math"
)

// Blend is the weighted sum of several models, each divided by its usual
// spread, so that weights compare. What its networks add counts at most as
// much as what its exact models add: half of a score, at least, can be told
// exactly.
type Blend struct {
	Members []Member
}

// Member is one model of a blend.
type Member struct {
	Model  Model
	Weight float64 // as learned; 0 or more
	Scale  float64 // the usual spread of its scores over items
	Offset float64 // of a network: its usual score, taken away first
}

func (b *Blend) Name() string { return "blend" }
func (b *Blend) Exact() bool  { return false }

// NewBlend joins all models, each with its settings and weight 1.
func NewBlend() *Blend {
	b := &Blend{}
	for _, m := range []Model{NewPopularity(), NewContent(), NewEASE(), NewItemItem(), NewFollows(), NewIALS(), NewLogistic(), NewTwoTower(), NewSession()} {
		b.Members = append(b.Members, Member{Model: m, Weight: 1, Scale: 1})
	}
	return b
}

// Train trains every member, one after the other; weights and scales stay.
func (b *Blend) Train(ctx context.Context, data *Data, progress func(float64)) error {
	for i, m := range b.Members {
		n := float64(len(b.Members))
		err := m.Model.Train(ctx, data, func(done float64) { progress((float64(i) + done) / n) })
		if err != nil {
			return err
		}
	}
	return nil
}

// Member is the member of that name, nil if there is none.
func (b *Blend) Member(name string) *Member {
	for i := range b.Members {
		if b.Members[i].Model.Name() == name {
			return &b.Members[i]
		}
	}
	return nil
}

// factor is what a member's raw score is multiplied by.
func (m *Member) factor() float32 {
	if m.Scale <= 0 {
		return 0
	}
	return float32(m.Weight / m.Scale)
}

// Score implements Model.
func (b *Blend) Score(q *Query, out []float32) {
	b.sum(q, out, func(m Model, row []float32) { m.Score(q, row) })
}

// ScoreSome implements Model.
func (b *Blend) ScoreSome(q *Query, items []int32, out []float32) {
	b.sum(q, out, func(m Model, row []float32) { m.ScoreSome(q, items, row) })
}

// sum adds the members up, exact ones in out, networks apart until they are bounded.
func (b *Blend) sum(q *Query, out []float32, score func(Model, []float32)) {
	row, nets := make([]float32, len(out)), make([]float32, len(out))
	clear(out)
	for _, m := range b.Members {
		f := m.factor()
		if f == 0 {
			continue
		}
		score(m.Model, row)
		if m.Model.Exact() {
			axpy(f, row, out)
			continue
		}
		axpy(f, row, nets)
		off := f * float32(m.Offset)
		for i := range nets {
			nets[i] -= off
		}
	}
	for i, v := range nets {
		out[i] += bounded(v, out[i])
	}
}

// bounded keeps a network's share within the exact one's size.
func bounded(net, exact float32) float32 {
	limit := max(exact, -exact)
	return min(max(net, -limit), limit)
}

// Named is a part of a blend's score with the model that said it.
type Named struct {
	Part
	Model string
	Exact bool
}

// Explain returns what splits an item's score by model and source. The parts
// of networks are scaled with them where their share is bounded.
func (b *Blend) Explain(q *Query) func(item int32) []Named {
	type member struct {
		of      func(int32) []Part
		f, off  float32
		name    string
		isExact bool
	}
	var members []member
	for _, m := range b.Members {
		if f := m.factor(); f != 0 {
			members = append(members, member{m.Model.Explainer(q), f, f * float32(m.Offset), m.Model.Name(), m.Model.Exact()})
		}
	}
	return func(item int32) []Named {
		parts := make([]Named, 0, len(members)*(len(q.History)+2))
		exact, net := float32(0), float32(0)
		for _, m := range members {
			for _, p := range m.of(item) {
				p.Weight *= m.f
				parts = append(parts, Named{p, m.name, m.isExact})
				if m.isExact {
					exact += p.Weight
				} else {
					net += p.Weight
				}
			}
			if !m.isExact && m.off != 0 {
				parts = append(parts, Named{Part{FromPattern, 0, -m.off}, m.name, false})
				net -= m.off
			}
		}
		if to := bounded(net, exact); to != net {
			for i := range parts {
				if !parts[i].Exact {
					parts[i].Weight *= to / net
				}
			}
		}
		return parts
	}
}

// Explainer implements Model.
func (b *Blend) Explainer(q *Query) func(int32) []Part {
	of := b.Explain(q)
	return func(item int32) []Part {
		var parts []Part
		for _, p := range of(item) {
			parts = append(parts, p.Part)
		}
		return parts
	}
}

// Choice is one person's scores by each member of the item that was taken
// (row 0) and of others that were not: what weights are learned from.
type Choice [][]float64

// FitWeights learns weights that make the taken items likeliest, by softmax
// over each choice, with an L2 term. Weights stay 0 or more, and those of
// networks together stay below those of exact models, so that most of a score
// can be told exactly (see Blend).
func FitWeights(choices []Choice, exact []bool, l2 float64) []float64 {
	members := len(exact)
	w := make([]float64, members)
	for i := range w {
		w[i] = 0.5
	}
	m, v := make([]float64, members), make([]float64, members)
	for step := 1; step <= fitSteps; step++ {
		g := make([]float64, members)
		for _, c := range choices {
			addSlope(c, w, g)
		}
		rate := 0.08 * (1 - 0.9*float64(step)/fitSteps) * math.Sqrt(1-math.Pow(0.99, float64(step))) / (1 - math.Pow(0.9, float64(step)))
		for i := range w {
			d := g[i]/float64(max(len(choices), 1)) + l2*w[i]
			m[i] += 0.1 * (d - m[i])
			v[i] += 0.01 * (d*d - v[i])
			w[i] = max(w[i]-rate*m[i]/(math.Sqrt(v[i])+1e-9), 0)
		}
		balance(w, exact)
	}
	return w
}

// fitSteps are enough for nine weights to settle to a hundredth.
const fitSteps = 100

// balance moves weights to the nearest ones at which networks have no more
// than exact models.
func balance(w []float64, exact []bool) {
	over := 0.0
	for i, x := range w {
		if exact[i] {
			over -= x
		} else {
			over += x
		}
	}
	if over <= 0 {
		return
	}
	for i := range w {
		if exact[i] {
			w[i] += over / float64(len(w))
		} else {
			w[i] = max(w[i]-over/float64(len(w)), 0)
		}
	}
}

// Worth of a row of scores (divided by their spread) with these weights, as
// Blend has it.
func Worth(row, w []float64, exact []bool) float64 {
	e, n := 0.0, 0.0
	for k, x := range row {
		if exact[k] {
			e += w[k] * x
		} else {
			n += w[k] * x
		}
	}
	return e + float64(bounded(float32(n), float32(e)))
}

// addSlope adds the slope of -log softmax of the taken item.
func addSlope(c Choice, w, g []float64) {
	p := make([]float64, len(c))
	top := math.Inf(-1)
	for i, row := range c {
		for k, x := range row {
			p[i] += w[k] * x
		}
		top = max(top, p[i])
	}
	sum := 0.0
	for i := range p {
		p[i] = math.Exp(p[i] - top)
		sum += p[i]
	}
	for i, row := range c {
		e := p[i] / sum
		if i == 0 {
			e--
		}
		for k, x := range row {
			g[k] += e * x
		}
	}
}

// Quickest is the member that best picks candidates from very many items: it
// knows features and takes one product of vectors an item.
func Quickest(b *Blend) Model {
	for _, name := range []string{"two-tower", "content"} {
		if m := b.Member(name); m != nil && m.factor() > 0 {
			return m.Model
		}
	}
	return b
}
