package evaluate

import (
	"context"
	"math"
	"math/rand/v2"

	"cheval/recommender/model"
)

// Learned is what LearnBlend found.
type Learned struct {
	L2 float64 // chosen by cross-validation
	// Folds are NDCG@10 and HR@10 of weights learned on the other folds.
	NDCG, HR float64
	Tested   int // people with a second-latest event
}

// Folds of the cross-validation.
const folds = 5

// LearnBlend trains the members on all but each person's last two events and
// learns the blend's weights from the second-latest: the latest are never
// looked at. The strength of the L2 term is the one that does best in k-fold
// cross-validation over people. The members are trained on the shorter data
// afterwards; the caller trains them again on all.
func LearnBlend(ctx context.Context, b *model.Blend, data *model.Data, seed uint64, progress func(float64)) (Learned, error) {
	split := LeaveOut(data, 2)
	if err := b.Train(ctx, split.Train, progress); err != nil {
		return Learned{}, err
	}
	scores := make([][][]float32, len(b.Members))
	for k, m := range b.Members {
		scores[k] = split.Scores(m.Model)
		b.Members[k].Scale, b.Members[k].Offset = spread(scores[k], m.Model.Exact())
		if ctx.Err() != nil {
			return Learned{}, ctx.Err()
		}
	}
	choices := split.choices(b, scores, seed)
	out := Learned{L2: 0.01, Tested: len(choices)}
	if len(choices) < minChoices {
		return out, nil
	}
	best := math.Inf(-1)
	for _, l2 := range []float64{0.001, 0.01, 0.1} {
		ndcg, hr := crossValidate(choices, len(b.Members), l2)
		if ndcg > best {
			best = ndcg
			out.L2, out.NDCG, out.HR = l2, ndcg, hr
		}
	}
	for k, w := range model.FitWeights(choices, len(b.Members), out.L2) {
		b.Members[k].Weight = w
	}
	return out, ctx.Err()
}

// minChoices: with fewer people the weights stay as they are.
const minChoices = 20

// spread is the mean over people of the deviation of a model's scores over
// items, and for networks their mean.
func spread(scores [][]float32, exact bool) (deviation, mean float64) {
	n := 0.0
	for _, row := range scores {
		if len(row) == 0 {
			continue
		}
		sum, sq := 0.0, 0.0
		for _, v := range row {
			sum, sq = sum+float64(v), sq+float64(v)*float64(v)
		}
		m := sum / float64(len(row))
		deviation += math.Sqrt(max(sq/float64(len(row))-m*m, 0))
		mean += m
		n++
	}
	if n == 0 || deviation < 1e-9 {
		return 0, 0
	}
	if exact {
		return deviation / n, 0
	}
	return deviation / n, mean / n
}

// choices draws, for each tested person, items not met beside the target.
func (s *Split) choices(b *model.Blend, scores [][][]float32, seed uint64) []model.Choice {
	var out []model.Choice
	for p, others := range s.Negatives(99, seed^0xb1e4d) {
		if s.Target[p] < 0 {
			continue
		}
		var c model.Choice
		for _, i := range append([]int32{s.Target[p]}, others...) {
			row := make([]float64, len(b.Members))
			for k, m := range b.Members {
				if m.Scale > 0 {
					row[k] = (float64(scores[k][p][i]) - m.Offset) / m.Scale
				}
			}
			c = append(c, row)
		}
		out = append(out, c)
	}
	rand.New(rand.NewPCG(seed, 7)).Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// crossValidate learns on all folds but one and ranks that one.
func crossValidate(choices []model.Choice, members int, l2 float64) (ndcg, hr float64) {
	ranks := make([]float64, len(choices))
	parallel(folds, func(f int) {
		var learn []model.Choice
		for i, c := range choices {
			if i%folds != f {
				learn = append(learn, c)
			}
		}
		w := model.FitWeights(learn, members, l2)
		for i := f; i < len(choices); i += folds {
			ranks[i] = rankOf(choices[i], w)
		}
	})
	for _, r := range ranks {
		ndcg += NDCG(r, 10)
		hr += HR(r, 10)
	}
	n := float64(len(choices))
	return ndcg / n, hr / n
}

func rankOf(c model.Choice, w []float64) float64 {
	value := func(row []float64) float64 {
		s := 0.0
		for k, x := range row {
			s += w[k] * x
		}
		return s
	}
	t, place := value(c[0]), 1.0
	for _, row := range c[1:] {
		if value(row) > t {
			place++
		}
	}
	return place
}
