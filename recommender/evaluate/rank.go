package evaluate

import (
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
)

// parallel calls do for 0 .. n-1 on all cores and waits.
func parallel(n int, do func(i int)) {
	workers := min(runtime.GOMAXPROCS(0), max(n, 1))
	var wait sync.WaitGroup
	for w := range workers {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for i := w; i < n; i += workers {
				do(i)
			}
		}()
	}
	wait.Wait()
}

// Negatives draws, for each tested person, n different items that the person
// never met, uniformly; the same seed gives the same. Where a person left
// fewer, all of them.
func (s *Split) Negatives(n int, seed uint64) [][]int32 {
	out := make([][]int32, len(s.Target))
	rng := rand.New(rand.NewPCG(seed, 99))
	had := make([]int, s.Train.Items) // stamped with person+1
	for p := range out {
		if s.Target[p] < 0 {
			continue
		}
		free := s.Train.Items
		for _, i := range s.Met[p] {
			if had[i] != p+1 {
				had[i] = p + 1
				free--
			}
		}
		for len(out[p]) < min(n, free) {
			if i := rng.IntN(s.Train.Items); had[i] != p+1 {
				had[i] = p + 1
				out[p] = append(out[p], int32(i))
			}
		}
	}
	return out
}

// Rank is the target's place among the others, from 1; equals count half, so
// that a model that gives everything the same score gains nothing.
func Rank(scores []float32, target int32, others []int32) float64 {
	t := scores[target]
	place := 1.0
	for _, i := range others {
		switch {
		case scores[i] > t:
			place++
		case scores[i] == t:
			place += 0.5
		}
	}
	return place
}

// HR is 1 where the place is in the first k.
func HR(place float64, k int) float64 {
	if place <= float64(k) {
		return 1
	}
	return 0
}

// NDCG of a single relevant item: 1/log2(1+place) in the first k.
func NDCG(place float64, k int) float64 {
	if place <= float64(k) {
		return 1 / math.Log2(1+place)
	}
	return 0
}
