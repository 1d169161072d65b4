// Package rules decides what is done to a ranking after scoring: variety, no
// more than some of a brand, places set by staff, promoted products, products
// to learn about; and what completes a look.
//
// It leaves to others the scores and the reasons for them (recommender). It
// knows products as places in a list of candidates.
package rules

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Candidate is one product that may be shown.
type Candidate struct {
	Item    int32
	Score   float32
	Brand   string
	Seen    float64   // how many events there were of it, by anybody
	Vector  []float32 // what it is like, of length 1; nil: like nothing
	Pinned  int       // the place set by staff, from 1; 0: none
	Boosted float64   // added to its score for promotion; 0: none
}

// Options are the rules. The zero value keeps the order of scores.
type Options struct {
	// Diversity, 0..1, is how much a product's likeness to those above it
	// counts against its score (maximal marginal relevance, Carbonell &
	// Goldstein 1998): at 0.5 as much, at 1 some twenty times.
	Diversity float64
	MaxBrand  int // the most of one brand; 0: any number
	// Explore, 0..0.5, is the share of the list given to products chosen to
	// learn about them; Seed draws them.
	Explore float64
	Seed    uint64
}

// Move is one thing that moved a product after scoring.
type Move struct {
	Kind   string // "diversity", "brand", "pinned", "boosted", "explored"
	Amount float64
}

// Placed is one place of the list.
type Placed struct {
	Candidate
	Moves []Move
	// Propensity is the probability with which the product was drawn for its
	// place: 1 where nothing was drawn.
	Propensity float64
	New        bool
}

// Arrange makes a list of n from candidates, which it sorts by score first. A
// pinned product stands at its place or, where the list is shorter, at its end.
func Arrange(candidates []Candidate, n int, o Options) []Placed {
	a := newArranger(candidates, n, o)
	for len(a.list) < n && len(a.left) > 0 {
		place := len(a.list) + 1
		switch {
		case a.pin(place):
		case a.explores(place):
			a.explore()
		default:
			a.next()
		}
	}
	return a.list
}

type arranger struct {
	o      Options
	left   []Candidate // best first
	pinned []Candidate
	like   []float32 // by left: the largest likeness to what is in the list
	spread float64   // of scores: what Diversity is measured in
	brands map[string]int
	list   []Placed
	every  int // each such place explores; 0: none
	rng    *rand.Rand
}

func newArranger(candidates []Candidate, n int, o Options) *arranger {
	a := &arranger{o: o, brands: map[string]int{}, rng: rand.New(rand.NewPCG(o.Seed, 8))}
	for _, c := range candidates {
		if c.Pinned > 0 {
			a.pinned = append(a.pinned, c)
		} else {
			a.left = append(a.left, c)
		}
	}
	slices.SortStableFunc(a.left, func(x, y Candidate) int {
		switch dx, dy := float64(x.Score)+x.Boosted, float64(y.Score)+y.Boosted; {
		case dx > dy:
			return -1
		case dx < dy:
			return 1
		}
		return int(x.Item - y.Item)
	})
	slices.SortStableFunc(a.pinned, func(x, y Candidate) int { return x.Pinned - y.Pinned })
	a.left = append(a.left, a.overdue(n)...)
	a.like = make([]float32, len(a.left))
	if k := min(3*n, len(a.left)); k > 1 {
		a.spread = math.Abs(float64(a.left[0].Score - a.left[k-1].Score))
	}
	if o.Explore > 0 {
		a.every = max(int(math.Round(1/min(o.Explore, 0.5))), 2)
	}
	return a
}

// overdue are pinned products whose place lies behind the list's end; they are
// left to their score.
func (a *arranger) overdue(n int) []Candidate {
	cut := len(a.pinned)
	for cut > 0 && a.pinned[cut-1].Pinned > n {
		cut--
	}
	late := slices.Clone(a.pinned[cut:])
	a.pinned = a.pinned[:cut]
	return late
}

// pin takes the pinned product of a place, if there is one, or any whose place
// has passed because another took it.
func (a *arranger) pin(place int) bool {
	if len(a.pinned) == 0 || a.pinned[0].Pinned > place {
		return false
	}
	c := a.pinned[0]
	a.pinned = a.pinned[1:]
	a.put(Placed{Candidate: c, Propensity: 1, Moves: []Move{{"pinned", float64(c.Pinned)}}})
	return true
}

// value is what a candidate is worth now, and what likeness took from it.
func (a *arranger) value(i int) (value, taken float64) {
	c := &a.left[i]
	taken = a.o.Diversity / (1.05 - a.o.Diversity) * a.spread * float64(a.like[i])
	return float64(c.Score) + c.Boosted - taken, taken
}

// open says whether a brand may have one more.
func (a *arranger) open(brand string) bool {
	return a.o.MaxBrand <= 0 || brand == "" || a.brands[brand] < a.o.MaxBrand
}

// next takes the best that is left.
func (a *arranger) next() {
	best, bestValue, taken := -1, math.Inf(-1), 0.0
	full := true
	for i := range a.left {
		if !a.open(a.left[i].Brand) {
			continue
		}
		full = false
		if a.o.Diversity == 0 {
			best = i // sorted
			break
		}
		if v, t := a.value(i); v > bestValue {
			best, bestValue, taken = i, v, t
		}
	}
	if full { // every brand has had its share: better a long list than a rule
		a.left = nil
		return
	}
	var moves []Move
	if taken > 1e-9 {
		moves = append(moves, Move{"diversity", -taken})
	}
	if a.o.MaxBrand > 0 && best > 0 && a.overtook(best) {
		moves = append(moves, Move{"brand", 0})
	}
	a.take(best, moves, 1, false)
}

// overtook says whether a better one was passed over for its brand.
func (a *arranger) overtook(best int) bool {
	for i := range best {
		if !a.open(a.left[i].Brand) {
			return true
		}
	}
	return false
}

func (a *arranger) explores(place int) bool { return a.every > 0 && place%a.every == 0 }

// explorePool is how many of the best are drawn from.
const explorePool = 200

// explore draws one by its upper confidence: score plus a bonus for being
// little known, made a probability by softmax, so that the chance it had is known.
func (a *arranger) explore() {
	var pool []int
	var p []float64
	top := math.Inf(-1)
	for i := range a.left {
		if len(pool) == explorePool {
			break
		}
		c := &a.left[i]
		if !a.open(c.Brand) {
			continue
		}
		ucb := float64(c.Score) + c.Boosted + a.scale()/math.Sqrt(1+c.Seen)
		pool, p, top = append(pool, i), append(p, ucb), max(top, ucb)
	}
	if len(pool) == 0 {
		a.left = nil
		return
	}
	sum := 0.0
	for k := range p {
		p[k] = math.Exp((p[k] - top) / (0.3 * a.scale()))
		sum += p[k]
	}
	draw, k := a.rng.Float64()*sum, 0
	for ; k < len(p)-1 && draw >= p[k]; k++ {
		draw -= p[k]
	}
	a.take(pool[k], []Move{{"explored", p[k] / sum}}, p[k]/sum, true)
}

func (a *arranger) scale() float64 { return max(a.spread, 1e-6) }

// take moves a candidate into the list and notes who is like it.
func (a *arranger) take(i int, moves []Move, propensity float64, isNew bool) {
	c := a.left[i]
	if c.Boosted != 0 {
		moves = append(moves, Move{"boosted", c.Boosted})
	}
	a.left = slices.Delete(a.left, i, i+1)
	a.like = slices.Delete(a.like, i, i+1)
	a.put(Placed{Candidate: c, Moves: moves, Propensity: propensity, New: isNew})
}

func (a *arranger) put(p Placed) {
	a.list = append(a.list, p)
	a.brands[p.Brand]++
	if a.o.Diversity == 0 || p.Vector == nil {
		return
	}
	for i := range a.left {
		a.like[i] = max(a.like[i], cosine(a.left[i].Vector, p.Vector))
	}
}

func cosine(a, b []float32) float32 {
	s := float32(0)
	for i := range min(len(a), len(b)) {
		s += a[i] * b[i]
	}
	return s
}
