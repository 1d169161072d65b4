package model

import (
	"container/heap"
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
	h := &smallest{scores: scores, at: make([]int32, 0, n)}
	for i := range scores {
		switch {
		case len(h.at) < n:
			heap.Push(h, int32(i))
		case scores[i] > scores[h.at[0]]:
			h.at[0] = int32(i)
			heap.Fix(h, 0)
		}
	}
	slices.SortFunc(h.at, func(a, b int32) int {
		switch {
		case scores[a] > scores[b], scores[a] == scores[b] && a < b:
			return -1
		}
		return 1
	})
	return h.at
}

// topBy is Top without the items that score 0.
func topBy(scores []float32, n int) []int32 {
	top := Top(scores, n)
	return slices.DeleteFunc(top, func(i int32) bool { return scores[i] == 0 })
}

// smallest is a heap of indices with the smallest score on top.
type smallest struct {
	scores []float32
	at     []int32
}

func (h *smallest) Len() int           { return len(h.at) }
func (h *smallest) Less(i, j int) bool { return h.scores[h.at[i]] < h.scores[h.at[j]] }
func (h *smallest) Swap(i, j int)      { h.at[i], h.at[j] = h.at[j], h.at[i] }
func (h *smallest) Push(x any)         { h.at = append(h.at, x.(int32)) }
func (h *smallest) Pop() any {
	last := h.at[len(h.at)-1]
	h.at = h.at[:len(h.at)-1]
	return last
}
