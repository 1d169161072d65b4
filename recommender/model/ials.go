package model

import (
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"

	"gonum.org/v1/gonum/mat"
)

// IALS is implicit matrix factorisation by alternating least squares, weighted
// as Rendle et al. found best (RecSys 2022): Σ over met items of c·(1-s)² plus
// All·s² over all items plus an L2 term that grows with an item's or a person's
// events. A person's vector is folded in from the history,
// x = (All·G + Σ c·yyᵀ + λI)⁻¹ Σ c·y, so a score splits exactly into c·yᵢᵀA⁻¹yⱼ.
type IALS struct {
	Dim     int
	All     float64 // weight of every unmet pair
	Lambda  float64
	Rounds  int
	Seed    uint64
	Recency Recency
	Y       []float32 // item vectors, row by row
	G       []float64 // YᵀY
}

// NewIALS has the settings chosen in docs/recommender.md.
func NewIALS() *IALS {
	return &IALS{Dim: 48, All: 0.1, Lambda: 0.015, Rounds: 10, Seed: 1, Recency: Recency{Floor: 0.05, Fade: 15}}
}

func (m *IALS) Name() string { return "ials" }
func (m *IALS) Exact() bool  { return true }

// entry is one met pair.
type entry struct {
	at     int32
	weight float64
}

// Train alternates people and items, each side on all cores.
func (m *IALS) Train(ctx context.Context, data *Data, progress func(float64)) error {
	people := make([][]entry, len(data.People))
	items := make([][]entry, data.Items)
	for p, seen := range data.People {
		for _, s := range seen {
			if s.Weight > 0 {
				people[p] = append(people[p], entry{s.Item, float64(s.Weight)})
				items[s.Item] = append(items[s.Item], entry{int32(p), float64(s.Weight)})
			}
		}
	}
	rng := rand.New(rand.NewPCG(m.Seed, 1))
	x, y := make([]float64, len(people)*m.Dim), make([]float64, data.Items*m.Dim)
	for i := range y {
		y[i] = rng.NormFloat64() * 0.1 / math.Sqrt(float64(m.Dim))
	}
	for round := range m.Rounds {
		for _, side := range []struct {
			to   []float64
			from []float64
			met  [][]entry
		}{{x, y, people}, {y, x, items}} {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			m.solveAll(side.to, side.from, side.met)
		}
		progress(float64(round+1) / float64(m.Rounds))
	}
	m.Y = make([]float32, len(y))
	for i, v := range y {
		m.Y[i] = float32(v)
	}
	m.G = gramOf(y, m.Dim)
	return nil
}

// solveAll renews one side's vectors from the other's.
func (m *IALS) solveAll(to, from []float64, met [][]entry) {
	gram := gramOf(from, m.Dim)
	others := len(from) / m.Dim
	workers := runtime.GOMAXPROCS(0)
	var wait sync.WaitGroup
	for w := range workers {
		wait.Add(1)
		go func() {
			defer wait.Done()
			s := newSolver(m.Dim)
			for i := w; i < len(met); i += workers {
				row := to[i*m.Dim : (i+1)*m.Dim]
				clear(row)
				if len(met[i]) == 0 {
					continue
				}
				s.begin(gram, m.All, m.Lambda*(float64(len(met[i]))+m.All*float64(others)))
				for _, e := range met[i] {
					s.add(from[int(e.at)*m.Dim:(int(e.at)+1)*m.Dim], e.weight)
				}
				s.solve(row)
			}
		}()
	}
	wait.Wait()
}

// gramOf is VᵀV of row vectors.
func gramOf(v []float64, dim int) []float64 {
	g := make([]float64, dim*dim)
	if len(v) == 0 {
		return g
	}
	rows := mat.NewDense(len(v)/dim, dim, v)
	out := mat.NewDense(dim, dim, g)
	out.Mul(rows.T(), rows)
	return g
}

// solver solves one person's or item's normal equations.
type solver struct {
	dim  int
	a    *mat.SymDense
	b    *mat.VecDense
	chol mat.Cholesky
}

func newSolver(dim int) *solver {
	return &solver{dim: dim, a: mat.NewSymDense(dim, nil), b: mat.NewVecDense(dim, nil)}
}

func (s *solver) begin(gram []float64, all, lambda float64) {
	raw := s.a.RawSymmetric().Data
	for i, g := range gram {
		raw[i] = all * g
	}
	for i := range s.dim {
		raw[i*s.dim+i] += lambda
	}
	clear(s.b.RawVector().Data)
}

func (s *solver) add(y []float64, weight float64) {
	v := mat.NewVecDense(s.dim, y)
	s.a.SymRankOne(s.a, weight, v)
	s.b.AddScaledVec(s.b, weight, v)
}

func (s *solver) solve(out []float64) {
	if !s.chol.Factorize(s.a) {
		return
	}
	_ = s.chol.SolveVecTo(mat.NewVecDense(s.dim, out), s.b) // ill-conditioned still gives its best
}

// fold gives the person's solver with A factorised, and each entry's weight.
func (m *IALS) fold(q *Query) (*solver, []float64) {
	s := newSolver(m.Dim)
	weights := make([]float64, len(q.History))
	n := 0
	for k := range q.History {
		if w := m.Recency.weight(q.History, k); w > 0 && m.knows(q.History[k].Item) {
			weights[k] = float64(w)
			n++
		}
	}
	if n == 0 {
		return nil, weights
	}
	s.begin(m.G, m.All, m.Lambda*(float64(n)+m.All*float64(len(m.Y)/m.Dim)))
	for k, w := range weights {
		if w > 0 {
			s.add(m.vector(q.History[k].Item), w)
		}
	}
	if !s.chol.Factorize(s.a) {
		return nil, weights
	}
	return s, weights
}

func (m *IALS) knows(item int32) bool { return (int(item)+1)*m.Dim <= len(m.Y) }

func (m *IALS) vector(item int32) []float64 {
	out := make([]float64, m.Dim)
	for i, v := range m.Y[int(item)*m.Dim : (int(item)+1)*m.Dim] {
		out[i] = float64(v)
	}
	return out
}

// Person is the person's vector.
func (m *IALS) Person(q *Query) []float32 {
	x := make([]float32, m.Dim)
	s, _ := m.fold(q)
	if s == nil {
		return x
	}
	out := mat.NewVecDense(m.Dim, nil)
	_ = s.chol.SolveVecTo(out, s.b)
	for i := range x {
		x[i] = float32(out.AtVec(i))
	}
	return x
}

// Score implements Model.
func (m *IALS) Score(q *Query, out []float32) {
	clear(out)
	x := m.Person(q)
	for i := range min(len(out), len(m.Y)/m.Dim) {
		out[i] = dot(x, m.Y[i*m.Dim:(i+1)*m.Dim])
	}
}

// ScoreSome implements Model.
func (m *IALS) ScoreSome(q *Query, items []int32, out []float32) {
	x := m.Person(q)
	for k, i := range items {
		out[k] = 0
		if m.knows(i) {
			out[k] = dot(x, m.Y[int(i)*m.Dim:(int(i)+1)*m.Dim])
		}
	}
}

// Explainer implements Model.
func (m *IALS) Explainer(q *Query) func(int32) []Part {
	s, weights := m.fold(q)
	if s == nil {
		return func(int32) []Part { return nil }
	}
	var at []int
	var by [][]float32 // c·A⁻¹yⱼ, by met item
	z := mat.NewVecDense(m.Dim, nil)
	for k, w := range weights {
		if w > 0 {
			_ = s.chol.SolveVecTo(z, mat.NewVecDense(m.Dim, m.vector(q.History[k].Item)))
			row := make([]float32, m.Dim)
			for i := range row {
				row[i] = float32(w * z.AtVec(i))
			}
			at, by = append(at, k), append(by, row)
		}
	}
	return func(item int32) []Part {
		if !m.knows(item) {
			return nil
		}
		y := m.Y[int(item)*m.Dim : (int(item)+1)*m.Dim]
		parts := make([]Part, len(at))
		for i, k := range at {
			parts[i] = Part{FromHistory, k, dot(by[i], y)}
		}
		return parts
	}
}
