package model

import (
	"slices"

	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/blas/gonum"
)

// The few vector operations all models share, on gonum's assembly.
var kernel gonum.Implementation

func dot(a, b []float32) float32 { return kernel.Sdot(len(a), a, 1, b, 1) }

func axpy(alpha float32, x, y []float32) { kernel.Saxpy(len(x), alpha, x, 1, y, 1) }

func matrix(rows, cols int, data []float32) blas32.General {
	return blas32.General{Rows: rows, Cols: cols, Stride: cols, Data: data}
}

// Top returns the indices of the n largest scores, largest first, ties by
// index. It sorts only those.
func Top(scores []float32, n int) []int32 {
	n = min(n, len(scores))
	if n <= 0 {
		return nil
	}
	h := make([]int32, n) // a heap with the smallest of the largest on top
	for i := range h {
		h[i] = int32(i)
	}
	for i := n/2 - 1; i >= 0; i-- {
		sink(h, scores, i)
	}
	least := scores[h[0]]
	for i := n; i < len(scores); i++ {
		if scores[i] > least {
			h[0] = int32(i)
			sink(h, scores, 0)
			least = scores[h[0]]
		}
	}
	slices.SortFunc(h, func(a, b int32) int {
		if worse(scores, b, a) {
			return -1
		}
		return 1
	})
	return h
}

// worse says whether a stands below b: by score, then by index.
func worse(scores []float32, a, b int32) bool {
	return scores[a] < scores[b] || scores[a] == scores[b] && a > b
}

func sink(h []int32, scores []float32, i int) {
	for {
		c := 2*i + 1
		if c >= len(h) {
			return
		}
		if c+1 < len(h) && worse(scores, h[c+1], h[c]) {
			c++
		}
		if !worse(scores, h[c], h[i]) {
			return
		}
		h[i], h[c] = h[c], h[i]
		i = c
	}
}

// topBy is Top without the items that score 0.
func topBy(scores []float32, n int) []int32 {
	top := Top(scores, n)
	return slices.DeleteFunc(top, func(i int32) bool { return scores[i] == 0 })
}
