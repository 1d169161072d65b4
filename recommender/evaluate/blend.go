package evaluate

import (
	"context"
	"math"
	"math/rand/v2"

	"cheval/recommender/model"
)

// Learned is what the blend's weights rest on.
type Learned struct {
	L2 float64 // chosen by cross-validation
	// NDCG and HR at 10 of people whose own events had no part in the weights:
	// 5-fold cross-validation on each person's latest event in the data.
	NDCG, HR float64
	Tested   int // people with two events or more
}

// Course trains a blend in two phases: first without each person's latest
// event, from which the weights are learned; then on all of data. An evaluation
// hands it data that lacks the tested events, so that weights rest on the
// second-latest and have not seen what is tested. What it has done so far is in
// its fields, so it can be written between any two steps and go on from there.
type Course struct {
	Blend   *model.Blend
	Phase   int // 0, 1, 2 (finished)
	Done    int // members trained in this phase
	Learned Learned
}

// NewCourse begins with every model and its settings.
func NewCourse() *Course { return &Course{Blend: model.NewBlend()} }

// Run does what is left, calling progress often and save, if not nil, after
// each member; both on the calling goroutine.
func (c *Course) Run(ctx context.Context, data *model.Data, seed uint64, progress func(done float64, what string), save func() error) error {
	if data.Items == 0 || data.Events() == 0 {
		return model.ErrNoData
	}
	if c.Phase == 0 {
		split := LeaveOut(data, 1)
		if err := c.train(ctx, split.Train, progress, save); err != nil {
			return err
		}
		if err := c.learn(ctx, split, seed); err != nil {
			return err
		}
		c.Phase, c.Done = 1, 0
	}
	if c.Phase == 1 {
		if err := c.train(ctx, data, progress, save); err != nil {
			return err
		}
		c.Phase = 2
	}
	return nil
}

// continuer is a model that need not begin anew for a little more data.
type continuer interface {
	Continue(ctx context.Context, data *model.Data, progress func(done float64)) error
}

// train trains the members that are left in a phase.
func (c *Course) train(ctx context.Context, data *model.Data, progress func(float64, string), save func() error) error {
	n := float64(len(c.Blend.Members))
	for c.Done < len(c.Blend.Members) {
		m := c.Blend.Members[c.Done].Model
		tell := func(done float64) {
			progress((float64(c.Phase)*n+float64(c.Done)+done)/(2*n), m.Name())
		}
		tell(0)
		train := m.Train
		if known, ok := m.(continuer); ok && c.Phase == 1 {
			train = known.Continue
		}
		if err := train(ctx, data, tell); err != nil {
			return err
		}
		c.Done++
		if save != nil {
			if err := save(); err != nil {
				return err
			}
		}
	}
	return nil
}

// learn finds scales and weights. The L2 term is the one that does best in
// cross-validation over people.
func (c *Course) learn(ctx context.Context, split *Split, seed uint64) error {
	members := c.Blend.Members
	scores := make([][][]float32, len(members))
	exact := make([]bool, len(members))
	for k, m := range members {
		scores[k] = split.Scores(m.Model)
		exact[k] = m.Model.Exact()
		members[k].Scale, members[k].Offset = spread(scores[k], exact[k])
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	choices := split.choices(c.Blend, scores, seed)
	c.Learned = Learned{L2: 0.01, Tested: len(choices)}
	if len(choices) < minChoices {
		return nil
	}
	best := math.Inf(-1)
	for _, l2 := range []float64{0.0003, 0.003, 0.03} {
		if ndcg, hr := crossValidate(choices, exact, l2); ndcg > best {
			best = ndcg
			c.Learned.L2, c.Learned.NDCG, c.Learned.HR = l2, ndcg, hr
		}
	}
	for k, w := range model.FitWeights(choices, exact, c.Learned.L2) {
		members[k].Weight = max(w, least(members[k].Model.Name()))
	}
	return ctx.Err()
}

// minChoices: with fewer people the weights stay as they are.
const minChoices = 20

// least is the least weight of a model: those that know what to do without a
// history keep a little, for people who have none.
func least(name string) float64 {
	switch name {
	case "popularity", "content":
		return 0.03
	}
	return 0
}

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

// choiceNegatives is how many items that were not taken stand beside the one
// that was; 99, as in the protocol.
const choiceNegatives = 99

// choices draws, for each tested person, items not met beside the target.
func (s *Split) choices(b *model.Blend, scores [][][]float32, seed uint64) []model.Choice {
	var out []model.Choice
	for p, others := range s.Negatives(choiceNegatives, seed^0xb1e4d) {
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

// folds of the cross-validation.
const folds = 5

// crossValidate learns on all folds but one and ranks that one.
func crossValidate(choices []model.Choice, exact []bool, l2 float64) (ndcg, hr float64) {
	places := make([]float64, len(choices))
	parallel(folds, func(f int) {
		var learn []model.Choice
		for i, c := range choices {
			if i%folds != f {
				learn = append(learn, c)
			}
		}
		w := model.FitWeights(learn, exact, l2)
		for i := f; i < len(choices); i += folds {
			places[i] = placeOf(choices[i], w, exact)
		}
	})
	for _, r := range places {
		ndcg += NDCG(r, 10)
		hr += HR(r, 10)
	}
	n := float64(len(choices))
	return ndcg / n, hr / n
}

func placeOf(c model.Choice, w []float64, exact []bool) float64 {
	t, place := model.Worth(c[0], w, exact), 1.0
	for _, row := range c[1:] {
		switch v := model.Worth(row, w, exact); {
		case v > t:
			place++
		case v == t:
			place += 0.5
		}
	}
	return place
}
