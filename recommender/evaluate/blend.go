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
	exact := make([]bool, len(members))
	exam := split.drawChoices(seed)
	choices := exam.empty(len(members))
	for k, m := range members {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		exact[k] = m.Model.Exact()
		members[k].Scale, members[k].Offset = exam.fill(choices, k, m.Model)
	}
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

// Choices: how many people they are of at most, and how many items that were
// not taken stand beside the one that was; 99, as in the protocol.
const (
	mostChoices     = 2000
	choiceNegatives = 99
)

// chooser are the people that weights are learned from, and what each chose
// among: the target first.
type chooser struct {
	*Split
	people []int
	items  [][]int32
}

func (s *Split) drawChoices(seed uint64) *chooser {
	c := &chooser{Split: s}
	others := s.Negatives(choiceNegatives, seed^0xb1e4d)
	for _, p := range rand.New(rand.NewPCG(seed, 7)).Perm(len(s.Target)) {
		if s.Target[p] >= 0 && len(c.people) < mostChoices {
			c.people = append(c.people, p)
			c.items = append(c.items, append([]int32{s.Target[p]}, others[p]...))
		}
	}
	return c
}

func (c *chooser) empty(members int) []model.Choice {
	out := make([]model.Choice, len(c.people))
	for k := range out {
		for range c.items[k] {
			out[k] = append(out[k], make([]float64, members))
		}
	}
	return out
}

// fill writes one model's column of all choices, in units of its spread: the
// mean over people of the deviation of its scores. offset is the mean of a
// network's scores, which is taken away; 0 of other models. A model that tells
// nothing apart has spread 0.
func (c *chooser) fill(choices []model.Choice, column int, m model.Model) (deviation, offset float64) {
	means, deviations := make([]float64, len(choices)), make([]float64, len(choices))
	parallel(len(choices), func(k int) {
		scores := make([]float32, len(c.items[k]))
		m.ScoreSome(c.Query(c.people[k]), c.items[k], scores)
		sum, sq := 0.0, 0.0
		for i, v := range scores {
			choices[k][i][column] = float64(v)
			sum, sq = sum+float64(v), sq+float64(v)*float64(v)
		}
		n := float64(len(scores))
		means[k], deviations[k] = sum/n, math.Sqrt(max(sq/n-sum*sum/n/n, 0))
	})
	n := float64(max(len(choices), 1))
	for k := range choices {
		deviation, offset = deviation+deviations[k]/n, offset+means[k]/n
	}
	if m.Exact() {
		offset = 0
	}
	if deviation < 1e-9 {
		deviation, offset = 0, 0
	}
	for _, choice := range choices {
		for _, row := range choice {
			if row[column] -= offset; deviation > 0 {
				row[column] /= deviation
			} else {
				row[column] = 0
			}
		}
	}
	return deviation, offset
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
