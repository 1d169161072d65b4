package search

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"

	"cheval/catalog/store"
)

// Space holds embeddings of one model, to find the nearest by the angle between
// them. It is filled on one goroutine; after that any may ask.
type Space struct {
	size   int // of a vector; 0 until the first
	keys   []string
	values []float32 // of unit length, one after the other
}

// Add adds a vector under a key, such as a product's ID or a picture's hash.
// Vectors that share a key are added one after another: the nearest of them
// counts. All must be of one size; one without length or with what is no number
// is an error.
func (s *Space) Add(key string, v []float32) error {
	if s.size == 0 {
		s.size = len(v)
	}
	if len(v) != s.size || len(v) == 0 {
		return fmt.Errorf("search: the vector of %s has %d values, but those of this space have %d", key, len(v), s.size)
	}
	u, err := unit(v)
	if err != nil {
		return fmt.Errorf("search: the vector of %s: %w", key, err)
	}
	s.keys = append(s.keys, key)
	s.values = append(s.values, u...)
	return nil
}

// Load adds every vector that a keeper has of a model, each in parts of that
// size. One that cannot be added is left out: it is made again.
func (s *Space) Load(k Keeper, model string, size int) error {
	err := k.Vectors(model, func(v store.Vector) {
		for part := range slices.Chunk(v.Values, size) {
			_ = s.Add(v.Key, part)
		}
	})
	if err != nil {
		return fmt.Errorf("search: %w", err)
	}
	return nil
}

// Len is how many vectors there are.
func (s *Space) Len() int { return len(s.keys) }

func unit(v []float32) ([]float32, error) {
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	length := math.Sqrt(sum)
	if !(length > 0) || math.IsInf(length, 0) {
		return nil, errors.New("it has no direction")
	}
	u := make([]float32, len(v))
	for i, x := range v {
		u[i] = float32(float64(x) / length)
	}
	return u, nil
}

// Near is a vector's key and the cosine of its angle to what was asked, -1..1.
type Near struct {
	Key    string
	Cosine float32
}

// Nearest returns the k nearest to v, the nearest first, of those that allow
// lets through; nil lets through all.
func (s *Space) Nearest(v []float32, k int, allow func(key string) bool) ([]Near, error) {
	if len(s.keys) == 0 || k <= 0 {
		return nil, nil
	}
	if len(v) != s.size {
		return nil, fmt.Errorf("search: the vector has %d values, but those of this space have %d", len(v), s.size)
	}
	u, err := unit(v)
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	cosines := s.cosines(u)
	top := newTop(k)
	for i := 0; i < len(cosines); {
		best, next := i, i+1
		for ; next < len(s.keys) && s.keys[next] == s.keys[i]; next++ {
			if cosines[next] > cosines[best] {
				best = next
			}
		}
		if c := cosines[best]; c > top.least() && (allow == nil || allow(s.keys[i])) {
			top.add(best, c)
		}
		i = next
	}
	near := make([]Near, len(top.items))
	for i, it := range top.sorted() {
		near[i] = Near{s.keys[it.index], it.score}
	}
	return near, nil
}

// cosines is u with every vector, on all cores.
func (s *Space) cosines(u []float32) []float32 {
	n := len(s.keys)
	out := make([]float32, n)
	workers := min(runtime.GOMAXPROCS(0), n/4096+1)
	var all sync.WaitGroup
	for w := range workers {
		from, to := w*n/workers, (w+1)*n/workers
		if from == to {
			continue
		}
		all.Go(func() {
			a := blas32.General{Rows: to - from, Cols: s.size, Stride: s.size, Data: s.values[from*s.size : to*s.size]}
			blas32.Gemv(blas.NoTrans, 1, a, blas32.Vector{N: s.size, Inc: 1, Data: u}, 0, blas32.Vector{N: to - from, Inc: 1, Data: out[from:to]})
		})
	}
	all.Wait()
	return out
}

// top keeps the k items of the highest score.
type top struct {
	k     int
	items []scored // a heap, the least first
}

type scored struct {
	index int
	score float32
}

func newTop(k int) *top { return &top{k: k} }

// least is what a score must exceed to be kept.
func (t *top) least() float32 {
	if len(t.items) < t.k {
		return float32(math.Inf(-1))
	}
	return t.items[0].score
}

func (t *top) add(i int, score float32) {
	if len(t.items) < t.k {
		t.items = append(t.items, scored{i, score})
		for c := len(t.items) - 1; c > 0 && t.items[c].score < t.items[(c-1)/2].score; c = (c - 1) / 2 {
			t.items[c], t.items[(c-1)/2] = t.items[(c-1)/2], t.items[c]
		}
		return
	}
	t.items[0] = scored{i, score}
	for c := 0; ; {
		child := 2*c + 1
		if child+1 < len(t.items) && t.items[child+1].score < t.items[child].score {
			child++
		}
		if child >= len(t.items) || t.items[c].score <= t.items[child].score {
			return
		}
		t.items[c], t.items[child] = t.items[child], t.items[c]
		c = child
	}
}

// sorted is what was kept, the highest first, the earlier first among equals.
func (t *top) sorted() []scored {
	slices.SortFunc(t.items, func(a, b scored) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return a.index - b.index
	})
	return t.items
}
