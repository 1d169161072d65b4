// Package evaluate says how good a ranking is, as people in the field do it:
// it reads interactions, leaves the latest of each person out, ranks it among
// sampled and among all items, and gives means with bootstrap intervals.
//
// It leaves to others the models (recommender/model) and what a shop's rules
// do to a ranking afterwards (recommender/rules).
package evaluate

import (
	"cheval/recommender/model"
)

// Split is data with one event a person left out.
type Split struct {
	Train  *model.Data
	Target []int32   // by person: the item left out; -1: too few events
	Now    []int64   // by person: the time of the last event that is left
	Met    [][]int32 // by person: every item ever met, never a negative
}

// LeaveOut leaves out each person's latest event (back 1), or the second-latest
// (back 2), in which case the latest is not in Train either: choices made on
// back 2 have not seen what back 1 tests. People with fewer than back+1 events
// stay whole and are not tested.
func LeaveOut(data *model.Data, back int) *Split {
	s := &Split{
		Train:  &model.Data{Items: data.Items, Features: data.Features, People: make([][]model.Seen, len(data.People))},
		Target: make([]int32, len(data.People)),
		Now:    make([]int64, len(data.People)),
		Met:    make([][]int32, len(data.People)),
	}
	for p, seen := range data.People {
		for _, e := range seen {
			s.Met[p] = append(s.Met[p], e.Item)
		}
		s.Target[p] = -1
		s.Train.People[p] = seen
		if n := len(seen) - back; n >= 1 && seen[n].Weight > 0 {
			s.Target[p] = seen[n].Item
			s.Train.People[p] = seen[:n:n]
		}
		if n := len(s.Train.People[p]); n > 0 {
			s.Now[p] = s.Train.People[p][n-1].At
		}
	}
	return s
}

// Query is what a person is ranked by.
func (s *Split) Query(p int) *model.Query {
	return &model.Query{History: model.Merge(s.Train.People[p]), Now: s.Now[p]}
}

// Scores are one model's, a row for each person that is tested.
func (s *Split) Scores(m model.Model) [][]float32 {
	out := make([][]float32, len(s.Target))
	parallel(len(out), func(p int) {
		if s.Target[p] >= 0 {
			out[p] = make([]float32, s.Train.Items)
			m.Score(s.Query(p), out[p])
		}
	})
	return out
}
