// Package model holds the models that rank products for a person: popularity
// and content, EASE, item-item, what follows what, iALS, logistic
// factorisation, a two-tower network, a session network, and their blend.
// Each learns from the same data, fills the same row of scores, and says which
// earlier item a score came from.
//
// It knows people and products as numbers only. It leaves to others what the
// numbers stand for and the rules after scoring (recommender), and how good a
// ranking is (recommender/evaluate).
package model

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
)

// Seen is one product that a person met.
type Seen struct {
	Item   int32   // 0 .. Data.Items-1
	Weight float32 // above 0 for, below 0 against; 1: a spoken like
	At     int64   // Unix seconds
}

// Data is what models learn from. Nothing changes it while a model trains.
type Data struct {
	Items    int
	People   [][]Seen  // by person, oldest first
	Features *Features // of the items; nil: none are known
	Stated   [][]Value // by person, what was said to be liked; nil: nothing was
	// Rated says that weights are ratings to be foretold, not that more is liked more.
	Rated bool
}

// Limits of what is trained on: they bound memory, not what a shop may sell.
const (
	MaxItems  = 1_000_000
	MaxPeople = 10_000_000
)

// Check says why data cannot be trained on.
func (d *Data) Check() error {
	if d.Items < 0 || d.Items > MaxItems || len(d.People) > MaxPeople {
		return fmt.Errorf("recommender: %d items and %d people, but at most %d and %d are trained on", d.Items, len(d.People), MaxItems, MaxPeople)
	}
	for p, seen := range d.People {
		for i, s := range seen {
			if s.Item < 0 || int(s.Item) >= d.Items {
				return fmt.Errorf("recommender: event %d of person %d is of item %d, but there are %d", i, p, s.Item, d.Items)
			}
			if !finite(s.Weight) {
				return fmt.Errorf("recommender: event %d of person %d has no finite weight", i, p)
			}
		}
	}
	if d.Features != nil && d.Features.Len() != d.Items {
		return fmt.Errorf("recommender: features of %d items, but there are %d", d.Features.Len(), d.Items)
	}
	return nil
}

// Events is how many events there are.
func (d *Data) Events() int {
	n := 0
	for _, seen := range d.People {
		n += len(seen)
	}
	return n
}

// Query is who is scored for.
type Query struct {
	History []Seen  // oldest first, one entry an item (see Merge)
	Stated  []Value // features that the person said to like (or, below 0, not)
	Now     int64   // Unix seconds; 0: after all that was trained on
}

// Model is what the blend is made of. After Train (or a read) a model is only
// read, so any goroutine may score; Train is never called beside them.
type Model interface {
	Name() string
	// Train learns from data. When ctx ends it returns ctx's error and leaves
	// the model as it was or half trained: the caller throws it away.
	Train(ctx context.Context, data *Data, progress func(done float64)) error
	// Score writes a score for every item into out (length Data.Items). An
	// item that the model does not know gets 0.
	Score(q *Query, out []float32)
	// ScoreSome writes the scores of some items, the same as Score's.
	ScoreSome(q *Query, items []int32, out []float32)
	// Explainer returns what splits an item's score into parts that add up to
	// it; what is the same for all items is computed once.
	Explainer(q *Query) func(item int32) []Part
	// Exact says whether that split is the computation itself.
	Exact() bool
}

// Part is one summand of a score.
type Part struct {
	From   Source
	Index  int // of the history entry, or of the feature; else 0
	Weight float32
}

// Source is what a part of a score comes from.
type Source uint8

const (
	FromHistory    Source = iota // Index: in Query.History
	FromStated                   // Index: the feature
	FromPopularity               // what everybody does
	FromPattern                  // nothing that can be named
)

// ErrNoData is returned where nothing can be learned: no item or no event.
var ErrNoData = errors.New("recommender: there is nothing to learn from: no product or no event")

// spoken is the weight from which liking was said, not guessed from a look.
const spoken = 0.9

// Merge makes a history of one entry an item, oldest first by the item's last
// event: the strongest weight counts, but one against that came later decides,
// until liking is said again.
// Events of clocks that ran backwards keep the order they came in.
func Merge(events []Seen) []Seen {
	last := make(map[int32]int, len(events))
	out := make([]Seen, 0, len(events))
	for _, e := range events {
		if !finite(e.Weight) {
			continue
		}
		if at, ok := last[e.Item]; ok {
			switch old := out[at].Weight; {
			case e.Weight >= 0 && old > e.Weight, old < 0 && e.Weight < spoken:
				e.Weight = old
			}
			out[at].Item = -1
		}
		last[e.Item] = len(out)
		out = append(out, e)
	}
	return slices.DeleteFunc(out, func(s Seen) bool { return s.Item < 0 })
}

func finite(v float32) bool {
	return !math.IsNaN(float64(v)) && !math.IsInf(float64(v), 0)
}

// counts is how many people met each item with a weight above 0.
func (d *Data) counts() []float32 {
	n := make([]float32, d.Items)
	for _, seen := range d.People {
		for _, s := range seen {
			if s.Weight > 0 {
				n[s.Item]++
			}
		}
	}
	return n
}
