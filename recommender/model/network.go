package model

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
)

// param is one weight matrix with its gradient and Adam's moments. Tables of
// vectors (sparse) are moved only in the rows that a batch touched.
type param struct {
	rows, cols int
	w          []float32
	m, v       []float32 // nil until trained
	sparse     bool
}

func newParam(rows, cols int, sparse bool, scale float64, rng *rand.Rand) *param {
	p := &param{rows: rows, cols: cols, sparse: sparse, w: make([]float32, rows*cols)}
	for i := range p.w {
		p.w[i] = float32(rng.NormFloat64() * scale)
	}
	return p
}

func (p *param) fill(v float32) *param {
	for i := range p.w {
		p.w[i] = v
	}
	return p
}

func (p *param) row(i int32) []float32 { return p.w[int(i)*p.cols : (int(i)+1)*p.cols] }

// grad is the gradient of one param from one shard of a batch.
type grad struct {
	p       *param
	g       []float32
	touched []int32
	had     []bool // of sparse params
}

func newGrad(p *param) *grad {
	g := &grad{p: p, g: make([]float32, len(p.w))}
	if p.sparse {
		g.had = make([]bool, p.rows)
	}
	return g
}

// row is the gradient of a row, noted as touched.
func (g *grad) row(i int32) []float32 {
	if g.p.sparse && !g.had[i] {
		g.had[i] = true
		g.touched = append(g.touched, i)
	}
	return g.g[int(i)*g.p.cols : (int(i)+1)*g.p.cols]
}

func (g *grad) reset() {
	if !g.p.sparse {
		clear(g.g)
		return
	}
	for _, i := range g.touched {
		clear(g.g[int(i)*g.p.cols : (int(i)+1)*g.p.cols])
		g.had[i] = false
	}
	g.touched = g.touched[:0]
}

// addTo adds a shard's gradient to another's.
func (g *grad) addTo(to *grad) {
	if !g.p.sparse {
		axpy(1, g.g, to.g)
		return
	}
	for _, i := range g.touched {
		axpy(1, g.g[int(i)*g.p.cols:(int(i)+1)*g.p.cols], to.row(i))
	}
}

func (g *grad) scale(by float32) {
	if !g.p.sparse {
		for i := range g.g {
			g.g[i] *= by
		}
		return
	}
	for _, i := range g.touched {
		row := g.g[int(i)*g.p.cols : (int(i)+1)*g.p.cols]
		for k := range row {
			row[k] *= by
		}
	}
}

// gradSet are the gradients of one shard of a batch, in the order of a
// network's params.
type gradSet struct {
	all []*grad
	of  map[*param]*grad
	n   int // examples
}

func newGradSet(params []*param) *gradSet {
	g := &gradSet{of: map[*param]*grad{}}
	for _, p := range params {
		one := newGrad(p)
		g.all, g.of[p] = append(g.all, one), one
	}
	return g
}

// adam is Kingma & Ba's optimiser with decoupled decay; for sparse params lazy:
// only touched rows move.
type adam struct {
	rate, decay float64
	steps       int
}

const (
	beta1, beta2 = 0.9, 0.98
	adamEpsilon  = 1e-8
)

// step adds the shards' gradients up, takes their mean over the examples, moves
// every param, and leaves the shards empty.
func (a *adam) step(shards []*gradSet) {
	a.steps++
	n := 0
	for _, g := range shards {
		n += g.n
		g.n = 0
	}
	for i, to := range shards[0].all {
		for _, g := range shards[1:] {
			g.all[i].addTo(to)
			g.all[i].reset()
		}
		to.scale(1 / float32(max(n, 1)))
		a.apply(to)
		to.reset()
	}
}

func (a *adam) apply(g *grad) {
	p := g.p
	if p.m == nil {
		p.m, p.v = make([]float32, len(p.w)), make([]float32, len(p.w))
	}
	if !p.sparse {
		a.move(p, 0, len(p.w), g.g)
		return
	}
	for _, i := range g.touched {
		a.move(p, int(i)*p.cols, (int(i)+1)*p.cols, g.g)
	}
}

func (a *adam) move(p *param, lo, hi int, g []float32) {
	rate := float32(a.rate * math.Sqrt(1-math.Pow(beta2, float64(a.steps))) / (1 - math.Pow(beta1, float64(a.steps))))
	keep := float32(1 - a.rate*a.decay)
	w, m, v, g := p.w[lo:hi], p.m[lo:hi], p.v[lo:hi], g[lo:hi]
	for i, d := range g {
		m[i] += (1 - beta1) * (d - m[i])
		v[i] += (1 - beta2) * (d*d - v[i])
		w[i] = w[i]*keep - rate*m[i]/(float32(math.Sqrt(float64(v[i])))+adamEpsilon)
	}
}

// mul is c += or = op(a)·op(b) for row-major matrices.
func mul(ta, tb bool, a, b blas32.General, beta float32, c blas32.General) {
	blas32.Gemm(trans(ta), trans(tb), 1, a, b, beta, c)
}

func trans(t bool) blas.Transpose {
	if t {
		return blas.Trans
	}
	return blas.NoTrans
}

// linear is y = x·W (+ b), rows of x being tokens; b may be nil.
func linear(x []float32, n int, w, b *param, y []float32) {
	mul(false, false, matrix(n, w.rows, x), matrix(w.rows, w.cols, w.w), 0, matrix(n, w.cols, y))
	if b != nil {
		for i := range n {
			axpy(1, b.w, y[i*w.cols:(i+1)*w.cols])
		}
	}
}

// linearBack adds the gradients of linear; dx may be nil, else it is added to.
func linearBack(x []float32, n int, w *param, dw, db *grad, dy, dx []float32) {
	mul(true, false, matrix(n, w.rows, x), matrix(n, w.cols, dy), 1, matrix(w.rows, w.cols, dw.g))
	if db != nil {
		for i := range n {
			axpy(1, dy[i*w.cols:(i+1)*w.cols], db.g)
		}
	}
	if dx != nil {
		mul(false, true, matrix(n, w.cols, dy), matrix(w.rows, w.cols, w.w), 1, matrix(n, w.rows, dx))
	}
}

// norm is layer normalisation of n rows; it keeps what its gradient needs.
type norm struct {
	hat []float32 // normalised, before gain and offset
	inv []float32 // 1/deviation, by row
}

const normEpsilon = 1e-6

func (s *norm) forward(x []float32, n int, gain, offset *param, y []float32) {
	d := gain.cols
	s.hat, s.inv = make([]float32, n*d), make([]float32, n)
	for i := range n {
		row, hat, out := x[i*d:(i+1)*d], s.hat[i*d:(i+1)*d], y[i*d:(i+1)*d]
		mean, sq := float32(0), float32(0)
		for _, v := range row {
			mean += v
		}
		mean /= float32(d)
		for _, v := range row {
			sq += (v - mean) * (v - mean)
		}
		inv := float32(1 / math.Sqrt(float64(sq)/float64(d)+normEpsilon))
		s.inv[i] = inv
		for k, v := range row {
			hat[k] = (v - mean) * inv
			out[k] = hat[k]*gain.w[k] + offset.w[k]
		}
	}
}

// backward adds to dx.
func (s *norm) backward(dy []float32, n int, gain *param, dgain, doffset *grad, dx []float32) {
	d := gain.cols
	for i := range n {
		hat, g, to := s.hat[i*d:(i+1)*d], dy[i*d:(i+1)*d], dx[i*d:(i+1)*d]
		mean, along := float32(0), float32(0)
		for k, v := range g {
			dgain.g[k] += v * hat[k]
			doffset.g[k] += v
			mean += v * gain.w[k]
			along += v * gain.w[k] * hat[k]
		}
		mean, along = mean/float32(d), along/float32(d)
		for k, v := range g {
			to[k] += s.inv[i] * (v*gain.w[k] - mean - hat[k]*along)
		}
	}
}

// drop zeroes each value with probability p and scales the rest; nil where nothing is dropped.
func drop(x []float32, p float64, rng *rand.Rand) []bool {
	if p == 0 || rng == nil {
		return nil
	}
	out := make([]bool, len(x))
	scale, edge := float32(1/(1-p)), uint32(p*(1<<32-1))
	for i := range x {
		if rng.Uint32() < edge {
			out[i], x[i] = true, 0
		} else {
			x[i] *= scale
		}
	}
	return out
}

func dropBack(dx []float32, dropped []bool, p float64) {
	if dropped == nil {
		return
	}
	scale := float32(1 / (1 - p))
	for i, off := range dropped {
		if off {
			dx[i] = 0
		} else {
			dx[i] *= scale
		}
	}
}

// relu in place; its gradient is told by the result.
func relu(x []float32) {
	for i, v := range x {
		x[i] = max(v, 0)
	}
}

func reluBack(y, dy []float32) {
	for i, v := range y {
		if v <= 0 {
			dy[i] = 0
		}
	}
}

// softmax in place, in float64 where it matters.
func softmax(x []float32) {
	top := x[0]
	for _, v := range x {
		top = max(top, v)
	}
	sum := float32(0)
	for i, v := range x {
		x[i] = float32(math.Exp(float64(v - top)))
		sum += x[i]
	}
	for i := range x {
		x[i] /= sum
	}
}
