package model

import (
	"math"
	"math/rand/v2"
	"testing"
)

// slopes compares a gradient with central differences of the loss, for a few
// entries of every param; float32 allows a hundredth.
func slopes(t *testing.T, params []*param, of func(*param) *grad, loss func() float64) {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 1))
	for at, p := range params {
		want, got := 0.0, 0.0
		for range 25 {
			// along a random direction: one number that every entry has a share in
			dir := make([]float32, len(p.w))
			along := 0.0
			for i := range dir {
				dir[i] = float32(rng.NormFloat64())
				along += float64(dir[i]) * float64(of(p).g[i])
			}
			const h = 2e-3
			norm := float32(h / math.Sqrt(float64(len(dir))))
			keep := append([]float32(nil), p.w...)
			axpy(norm, dir, p.w)
			up := loss()
			copy(p.w, keep)
			axpy(-norm, dir, p.w)
			down := loss()
			copy(p.w, keep)
			diff := (up - down) / (2 * float64(norm))
			want += diff * diff
			got += (diff - along) * (diff - along)
		}
		if off := math.Sqrt(got / max(want, 1e-6)); off > 0.02 {
			t.Errorf("param %d (%d×%d): the gradient is off by %.2g of finite differences", at, p.rows, p.cols, off)
		}
	}
}

func TestSessionGradientsAreTheSlopes(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	n := newSessionNet(9, 8, 2, 5, 0, rng)
	for _, p := range n.params() { // away from the special start
		for i := range p.w {
			p.w[i] += float32(rng.NormFloat64() * 0.1)
		}
	}
	tokens, next, starts := []int32{0, 1, 2, 3, 4, 1}, []int32{1, 2, 3, 5, 1, 8}, []int{0, 4, 6}
	negatives := []int32{6, 7, 3, 0}
	g := newGradSet(n.params())
	n.loss(tokens, next, negatives, starts, nil, g)
	slopes(t, n.params(), func(p *param) *grad { return g.of[p] }, func() float64 {
		return n.loss(tokens, next, negatives, starts, nil, newGradSet(n.params())) * float64(len(tokens))
	})
}

func TestTwoTowerGradientsAreTheSlopes(t *testing.T) {
	for _, rated := range []bool{false, true} {
		rng := rand.New(rand.NewPCG(8, 8))
		f := &Features{Names: make([]string, 5), Width: 3}
		for i := range 6 {
			f.Add([]Value{{int32(i % 5), 1}, {int32((i + 2) % 5), 0.5}}, []float32{float32(i), 1, -1})
		}
		n := newTowerNet(6, 5, 3, 8, 10, rng)
		l := &lesson{
			samples: []sample{
				{history: []Seen{{Item: 0, Weight: 1}, {Item: 1, Weight: -0.5}}, target: 2, rating: 3},
				{history: []Seen{{Item: 4, Weight: 2}}, stated: []Value{{3, 1}}, target: 5, rating: 1},
			},
			negatives: []int32{1, 3}, negWeight: 0.7, anonymous: []bool{false, true, false, true},
			rated: rated, recency: Recency{Floor: 0.3, Fade: 2}, window: 5,
		}
		if rated {
			l.negatives, l.anonymous = nil, l.anonymous[:2]
		}
		g := newGradSet(n.params())
		n.loss(f, l, 0, nil, g)
		slopes(t, n.params(), func(p *param) *grad { return g.of[p] }, func() float64 {
			return n.loss(f, l, 0, nil, newGradSet(n.params())) * float64(len(l.samples))
		})
	}
}
