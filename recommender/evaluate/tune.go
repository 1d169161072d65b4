package evaluate

import (
	"context"
	"math"

	"cheval/recommender/model"
)

// Tried is one setting of a model and how well it did in cross-validation.
type Tried struct {
	Model   string    `json:"model"`
	Setting string    `json:"setting"`
	NDCG    []float64 `json:"ndcg@10"` // by fold
	Mean    float64   `json:"mean"`
	Chosen  bool      `json:"chosen"`
}

// trial is a setting to try.
type trial struct {
	name string
	set  func()
}

// Tune chooses the settings that matter most of the quick models, one model
// after the other, by k-fold cross-validation over people on each one's latest
// event in data: a setting is judged by each fold of people apart, and the best
// mean is taken. Hand it data without the events that are to be tested.
func Tune(ctx context.Context, b *model.Blend, data *model.Data, seed uint64) ([]Tried, error) {
	split := LeaveOut(data, 1)
	negatives := split.Negatives(choiceNegatives, seed^0x7e57)
	var all []Tried
	for i := range b.Members {
		m := b.Members[i].Model
		best, first := math.Inf(-1), len(all)
		var take func()
		for _, t := range trials(m) {
			t.set()
			if err := m.Train(ctx, split.Train, func(float64) {}); err != nil {
				return nil, err
			}
			one := Tried{Model: m.Name(), Setting: t.name, NDCG: split.byFold(m, negatives)}
			for _, v := range one.NDCG {
				one.Mean += v / float64(len(one.NDCG))
			}
			if one.Mean > best {
				best, take = one.Mean, t.set
			}
			all = append(all, one)
		}
		if take != nil {
			take()
		}
		for k := first; k < len(all); k++ {
			if all[k].Chosen = all[k].Mean == best; all[k].Chosen {
				break
			}
		}
	}
	return all, ctx.Err()
}

// trials are the settings of a model that Tune tries.
func trials(m model.Model) []trial {
	switch m := m.(type) {
	case *model.EASE:
		return []trial{
			{"lambda 200", func() { m.Lambda = 200 }}, {"lambda 500", func() { m.Lambda = 500 }}, {"lambda 1000", func() { m.Lambda = 1000 }},
		}
	case *model.Neighbours:
		return []trial{
			{"power 0.5", func() { m.Power = 0.5 }}, {"power 0.6", func() { m.Power = 0.6 }}, {"power 0.7", func() { m.Power = 0.7 }},
		}
	case *model.Popularity:
		return []trial{
			{"half-life 7 days", func() { m.HalfLife = 7 * 86400 }}, {"half-life 30 days", func() { m.HalfLife = 30 * 86400 }},
		}
	}
	return nil
}

// byFold is the NDCG@10 of each fold of tested people.
func (s *Split) byFold(m model.Model, negatives [][]int32) []float64 {
	sum, n := make([]float64, folds), make([]float64, folds)
	each := make([]float64, len(s.Target))
	parallel(len(s.Target), func(p int) {
		if s.Target[p] < 0 {
			return
		}
		items := append([]int32{s.Target[p]}, negatives[p]...)
		scores := make([]float32, len(items))
		m.ScoreSome(s.Query(p), items, scores)
		others := make([]int32, len(items)-1)
		for k := range others {
			others[k] = int32(k + 1)
		}
		each[p] = NDCG(Rank(scores, 0, others), 10)
	})
	for p, t := range s.Target {
		if t >= 0 {
			sum[p%folds] += each[p]
			n[p%folds]++
		}
	}
	for f := range sum {
		sum[f] /= max(n[f], 1)
	}
	return sum
}
