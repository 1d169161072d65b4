package anchor

import "math"

// polar is what is seen along rays from a middle: at ray k of rays evenly
// around, at places j along it.
type polar struct {
	rays, steps int
	score       []float32 // how well a boundary lies there
}

func (p *polar) at(k, j int) float32 { return p.score[k*p.steps+j] }

// closed finds the closed path, one place a ray, of the greatest sum of score
// less bend times the square of each step. Steps are at most most places.
func (p *polar) closed(bend float64, most int) (path []int, mean float64) {
	// Twice around, keeping the second turn's middle: its start is then as the
	// path behind it wants it.
	n := 2 * p.rays
	cost := make([]float64, p.steps)
	next := make([]float64, p.steps)
	from := make([]int16, n*p.steps)
	for j := range cost {
		cost[j] = float64(p.at(0, j))
	}
	for k := 1; k < n; k++ {
		for j := range next {
			best, at := math.Inf(-1), j
			for i := max(0, j-most); i <= min(p.steps-1, j+most); i++ {
				d := float64(j - i)
				if c := cost[i] - bend*d*d; c > best {
					best, at = c, i
				}
			}
			next[j] = best + float64(p.at(k%p.rays, j))
			from[k*p.steps+j] = int16(at)
		}
		cost, next = next, cost
	}
	end := 0
	for j := range cost {
		if cost[j] > cost[end] {
			end = j
		}
	}
	whole := make([]int, n)
	for k := n - 1; k >= 0; k-- {
		whole[k] = end
		end = int(from[k*p.steps+end])
	}
	half := p.rays / 2
	path = make([]int, p.rays)
	for k := half; k < half+p.rays; k++ {
		path[k%p.rays] = whole[k]
		mean += float64(p.at(k%p.rays, whole[k])) / float64(p.rays)
	}
	return path, mean
}

// fine moves a place to the peak of a parabola through its neighbours.
func (p *polar) fine(k, j int) float64 {
	if j == 0 || j == p.steps-1 {
		return float64(j)
	}
	a, b, c := float64(p.at(k, j-1)), float64(p.at(k, j)), float64(p.at(k, j+1))
	if d := a - 2*b + c; d < -1e-9 {
		return float64(j) + min(max((a-c)/(2*d), -0.5), 0.5)
	}
	return float64(j)
}
