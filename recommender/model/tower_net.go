package model

import (
	"math"
	"math/rand/v2"
)

// towerNet is the network of TwoTower. An item's input is its own vector plus
// those of its features; a person's is the weighted mean of the items met
// plus what was stated. Each tower adds a hidden layer's answer to its input.
type towerNet struct {
	dim           int
	own           *param // items' own vectors
	bias          *param // items' own bias
	features      *param // features' vectors
	dense         *param // maps unnamed features; nil: none
	base          *param // the bias of everything
	person, goods *tower
}

// tower is y = x + relu(x·W1 + b1)·W2 + b2.
type tower struct{ w1, b1, w2, b2 *param }

func newTower(dim, hidden int, rng *rand.Rand) *tower {
	return &tower{
		w1: newParam(dim, hidden, false, math.Sqrt(2/float64(dim)), rng),
		b1: newParam(1, hidden, false, 0, rng),
		w2: newParam(hidden, dim, false, 0.3/math.Sqrt(float64(hidden)), rng),
		b2: newParam(1, dim, false, 0, rng),
	}
}

func (t *tower) params() []*param { return []*param{t.w1, t.b1, t.w2, t.b2} }

func newTowerNet(items, features, width, dim, hidden int, rng *rand.Rand) *towerNet {
	scale := 1 / math.Sqrt(float64(dim))
	n := &towerNet{dim: dim,
		own:      newParam(items, dim, true, scale/2, rng),
		bias:     newParam(items, 1, true, 0, rng),
		features: newParam(features, dim, true, scale/2, rng),
		base:     newParam(1, 1, false, 0, rng),
		person:   newTower(dim, hidden, rng),
		goods:    newTower(dim, hidden, rng),
	}
	if width > 0 {
		n.dense = newParam(width, dim, false, scale/math.Sqrt(float64(width)), rng)
	}
	return n
}

func (n *towerNet) params() []*param {
	out := []*param{n.own, n.bias, n.features, n.base}
	out = append(out, n.person.params()...)
	out = append(out, n.goods.params()...)
	if n.dense != nil {
		out = append(out, n.dense)
	}
	return out
}

// input adds an item's input to z; without its own vector where own is false.
func (n *towerNet) input(f *Features, item int32, own bool, z []float32) {
	if own && int(item) < n.own.rows {
		axpy(1, n.own.row(item), z)
	}
	if f == nil || int(item) >= f.Len() {
		return
	}
	for _, v := range f.Row(item) {
		if int(v.Feature) < n.features.rows {
			axpy(v.Weight, n.features.row(v.Feature), z)
		}
	}
	if row := f.DenseRow(item); n.dense != nil && len(row) == n.dense.rows {
		for k, v := range row {
			axpy(v, n.dense.row(int32(k)), z)
		}
	}
}

// inputBack hands an input's gradient on.
func (n *towerNet) inputBack(f *Features, item int32, own bool, dz []float32, g *gradSet) {
	if own {
		axpy(1, dz, g.of[n.own].row(item))
	}
	if f == nil {
		return
	}
	for _, v := range f.Row(item) {
		axpy(v.Weight, dz, g.of[n.features].row(v.Feature))
	}
	for k, v := range f.DenseRow(item) {
		axpy(v, dz, g.of[n.dense].row(int32(k)))
	}
}

// towerTape keeps what the gradient of one tower's pass needs.
type towerTape struct {
	n       int
	x, hid  []float32
	dropped []bool
	y       []float32
}

func (t *tower) forward(x []float32, n int, dropP float64, rng *rand.Rand) *towerTape {
	tt := &towerTape{n: n, x: x, hid: make([]float32, n*t.w1.cols), y: make([]float32, len(x))}
	linear(x, n, t.w1, t.b1, tt.hid)
	relu(tt.hid)
	tt.dropped = drop(tt.hid, dropP, rng)
	linear(tt.hid, n, t.w2, t.b2, tt.y)
	axpy(1, x, tt.y)
	return tt
}

// backward returns the gradient of x.
func (t *tower) backward(tt *towerTape, dy []float32, dropP float64, g *gradSet) []float32 {
	dx := append([]float32(nil), dy...)
	dhid := make([]float32, len(tt.hid))
	linearBack(tt.hid, tt.n, t.w2, g.of[t.w2], g.of[t.b2], dy, dhid)
	dropBack(dhid, tt.dropped, dropP)
	reluBack(tt.hid, dhid)
	linearBack(tt.x, tt.n, t.w1, g.of[t.w1], g.of[t.b1], dhid, dx)
	return dx
}

// sample is one thing to learn: that a person of this history met the target.
type sample struct {
	history []Seen
	stated  []Value
	target  int32
	rating  float32
}

// lesson is a part of a batch with the draws that belong to it, so that a loss
// can be computed twice the same.
type lesson struct {
	samples   []sample
	negatives []int32
	negWeight float32 // of each negative beside the target's 1
	anonymous []bool  // by sample, then by negative: the item's own vector is left out
	rated     bool
	recency   Recency
	window    int
}

// personInput is the weighted mean of what was met, plus what was stated.
func (n *towerNet) personInput(f *Features, history []Seen, stated []Value, r Recency, window int, m []float32) (from int, total float32) {
	from = max(len(history)-window, 0)
	for k := from; k < len(history); k++ {
		w := r.weight(history, k)
		total += max(w, -w)
	}
	if total > 0 {
		z := make([]float32, n.dim)
		for k := from; k < len(history); k++ {
			clear(z)
			n.input(f, history[k].Item, true, z)
			axpy(r.weight(history, k)/total, z, m)
		}
	}
	for _, v := range stated {
		if int(v.Feature) < n.features.rows {
			axpy(v.Weight, n.features.row(v.Feature), m)
		}
	}
	return from, total
}

// loss is the mean binary cross-entropy of targets and weighted negatives, or
// the mean squared error of ratings; it adds up the gradients.
func (n *towerNet) loss(f *Features, l *lesson, dropP float64, rng *rand.Rand, g *gradSet) float64 {
	d, b, k := n.dim, len(l.samples), len(l.negatives)
	people := make([]float32, b*d)
	goods := make([]float32, (b+k)*d)
	met := n.metInputs(f, l)
	for i, s := range l.samples {
		n.lessonInput(met, s, l, people[i*d:(i+1)*d])
		n.input(f, s.target, !l.anonymous[i], goods[i*d:(i+1)*d])
	}
	for j, item := range l.negatives {
		n.input(f, item, !l.anonymous[b+j], goods[(b+j)*d:(b+j+1)*d])
	}
	pt := n.person.forward(people, b, dropP, rng)
	gt := n.goods.forward(goods, b+k, dropP, rng)
	dp, dg := make([]float32, len(people)), make([]float32, len(goods))
	total := n.lossOf(l, pt, gt, dp, dg, g)
	dgoods := n.goods.backward(gt, dg, dropP, g)
	dpeople := n.person.backward(pt, dp, dropP, g)
	for i, s := range l.samples {
		n.inputBack(f, s.target, !l.anonymous[i], dgoods[i*d:(i+1)*d], g)
		n.personBack(met, s, l, dpeople[i*d:(i+1)*d], g)
	}
	for slot, item := range met.items {
		n.inputBack(f, item, true, met.dz[slot*d:(slot+1)*d], g)
	}
	for j, item := range l.negatives {
		n.inputBack(f, item, !l.anonymous[b+j], dgoods[(b+j)*d:(b+j+1)*d], g)
	}
	g.n += b
	return total / float64(b)
}

// inputs are those of the items that a lesson's people met, each computed once.
type inputs struct {
	slot  map[int32]int
	items []int32 // by slot
	z, dz []float32
}

func (n *towerNet) metInputs(f *Features, l *lesson) *inputs {
	in := &inputs{slot: map[int32]int{}}
	for _, s := range l.samples {
		for k := max(len(s.history)-l.window, 0); k < len(s.history); k++ {
			if _, had := in.slot[s.history[k].Item]; !had {
				in.slot[s.history[k].Item] = len(in.slot)
				in.items = append(in.items, s.history[k].Item)
			}
		}
	}
	in.z, in.dz = make([]float32, len(in.slot)*n.dim), make([]float32, len(in.slot)*n.dim)
	for slot, item := range in.items {
		n.input(f, item, true, in.z[slot*n.dim:(slot+1)*n.dim])
	}
	return in
}

// shares calls do with each met item and its share in the person's mean.
func (l *lesson) shares(s sample, do func(item int32, share float32)) {
	from, total := max(len(s.history)-l.window, 0), float32(0)
	for k := from; k < len(s.history); k++ {
		w := l.recency.weight(s.history, k)
		total += max(w, -w)
	}
	for k := from; k < len(s.history) && total > 0; k++ {
		do(s.history[k].Item, l.recency.weight(s.history, k)/total)
	}
}

// lessonInput is personInput by way of what is computed already.
func (n *towerNet) lessonInput(met *inputs, s sample, l *lesson, m []float32) {
	l.shares(s, func(item int32, share float32) {
		at := met.slot[item] * n.dim
		axpy(share, met.z[at:at+n.dim], m)
	})
	for _, v := range s.stated {
		axpy(v.Weight, n.features.row(v.Feature), m)
	}
}

func (n *towerNet) personBack(met *inputs, s sample, l *lesson, dm []float32, g *gradSet) {
	l.shares(s, func(item int32, share float32) {
		at := met.slot[item] * n.dim
		axpy(share, dm, met.dz[at:at+n.dim])
	})
	for _, v := range s.stated {
		axpy(v.Weight, dm, g.of[n.features].row(v.Feature))
	}
}

// lossOf sums the loss over both towers' answers and fills their gradients.
func (n *towerNet) lossOf(l *lesson, pt, gt *towerTape, dp, dg []float32, g *gradSet) float64 {
	d, b, total := n.dim, len(l.samples), 0.0
	one := func(i, at int, item int32, anonymous bool, weight float32, target float64, squared bool) {
		p, q := pt.y[i*d:(i+1)*d], gt.y[at*d:(at+1)*d]
		s := dot(p, q) + n.base.w[0]
		if !anonymous {
			s += n.bias.w[item]
		}
		var e float32
		if squared {
			e = s - float32(target)
			total += float64(e*e) / 2
		} else {
			v := sigmoid(float64(s))
			e = weight * float32(v-target)
			total -= float64(weight) * (target*math.Log(max(v, 1e-12)) + (1-target)*math.Log(max(1-v, 1e-12)))
		}
		axpy(e, q, dp[i*d:(i+1)*d])
		axpy(e, p, dg[at*d:(at+1)*d])
		g.of[n.base].g[0] += e
		if !anonymous {
			g.of[n.bias].row(item)[0] += e
		}
	}
	for i, s := range l.samples {
		if l.rated {
			one(i, i, s.target, l.anonymous[i], 1, float64(s.rating), true)
			continue
		}
		one(i, i, s.target, l.anonymous[i], 1, 1, false)
		for j, item := range l.negatives {
			if item != s.target {
				one(i, b+j, item, l.anonymous[b+j], l.negWeight, 0, false)
			}
		}
	}
	return total
}
