package evaluate

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"cheval/recommender/model"
)

// Protocol says how it was measured.
type Protocol struct {
	Split     string  `json:"split"` // always leave-latest-one-out
	Negatives int     `json:"negatives"`
	Draws     int     `json:"draws"`
	Seed      uint64  `json:"seed"`
	People    int     `json:"people"`
	Items     int     `json:"items"`
	Events    int     `json:"events"`
	Repeated  int     `json:"repeated_events"`
	Tested    int     `json:"tested_people"`
	Choices   string  `json:"choices"`
	L2        float64 `json:"blend_l2"`
	CVNDCG    float64 `json:"blend_cv_ndcg@10"`
	CVHR      float64 `json:"blend_cv_hr@10"`
	Simulated bool    `json:"simulated"`
}

// Interval is a 95 % bootstrap interval over people.
type Interval [2]float64

// Figures are one model's.
type Figures struct {
	Weight        float64           `json:"weight"` // in the blend
	HR5           float64           `json:"hr@5"`
	HR10          float64           `json:"hr@10"`
	HR20          float64           `json:"hr@20"`
	NDCG5         float64           `json:"ndcg@5"`
	NDCG10        float64           `json:"ndcg@10"`
	NDCG20        float64           `json:"ndcg@20"`
	Precision10   float64           `json:"precision@10"`
	Recall10      float64           `json:"recall@10"`
	MRR           float64           `json:"mrr"`
	HR10Interval  Interval          `json:"hr@10_interval"`
	NDCGInterval  Interval          `json:"ndcg@10_interval"`
	FullHR10      float64           `json:"full_hr@10"` // among all items not met
	FullNDCG10    float64           `json:"full_ndcg@10"`
	FullMRR       float64           `json:"full_mrr"`
	Coverage10    float64           `json:"coverage@10"`    // share of items in anybody's first ten
	Diversity10   float64           `json:"diversity@10"`   // 1 - mean cosine of pairs in a list, by who met them
	Calibration10 float64           `json:"calibration@10"` // KL of the list's mix from the history's; 0 is best
	Groups        map[string]*Group `json:"groups"`         // cold and warm people and items
	BlendGain     *Gain             `json:"blend_gain,omitempty"`
	// Curve is HR@k for k = 1 .. 20.
	Curve []float64 `json:"hr_curve"`

	hr, ndcg []float64 // by tested person, means over the draws
}

// Group is a part of the tested people.
type Group struct {
	People int     `json:"people"`
	HR10   float64 `json:"hr@10"`
	NDCG10 float64 `json:"ndcg@10"`
}

// Gain is how much better the blend is than a model, by paired bootstrap over
// people. An interval above 0 means better at 95 %.
type Gain struct {
	HR10         float64  `json:"hr@10"`
	HR10Interval Interval `json:"hr@10_interval"`
	NDCG10       float64  `json:"ndcg@10"`
	NDCGInterval Interval `json:"ndcg@10_interval"`
}

// Report is what an evaluation found.
type Report struct {
	Models   map[string]*Figures `json:"models"`
	Protocol Protocol            `json:"protocol"`
	Cold     *Cold               `json:"cold_products,omitempty"`
	Tried    []Tried             `json:"settings,omitempty"`
}

// Options of an evaluation. The zero value takes the usual protocol.
type Options struct {
	Negatives int // 0: 99
	Draws     int // 0: 20
	Seed      uint64
	Tune      bool // choose the quick models' settings by cross-validation first
}

func (o Options) filled() Options {
	if o.Negatives <= 0 {
		o.Negatives = 99
	}
	if o.Draws <= 0 {
		o.Draws = 20
	}
	return o
}

// Evaluate trains all models without each person's latest event and ranks it
// among drawn and among all items not met. Every choice, the blend's weights
// among them, rests on the second-latest events. Cancelled, it returns ctx's error.
func Evaluate(ctx context.Context, data *model.Data, o Options, progress func(done float64, what string)) (*Report, error) {
	o = o.filled()
	if err := data.Check(); err != nil {
		return nil, err
	}
	split := LeaveOut(data, 1)
	course := NewCourse()
	var tried []Tried
	if o.Tune {
		progress(0, "settings")
		var err error
		if tried, err = Tune(ctx, course.Blend, split.Train, o.Seed); err != nil {
			return nil, err
		}
	}
	train := func(done float64, what string) { progress(0.9*done, what) }
	if err := course.Run(ctx, split.Train, o.Seed, train, nil); err != nil {
		return nil, err
	}
	e := newExam(split, o)
	r := &Report{Models: map[string]*Figures{}, Tried: tried, Protocol: Protocol{
		Split: "leave-latest-one-out", Negatives: o.Negatives, Draws: o.Draws, Seed: o.Seed,
		People: len(data.People), Items: data.Items, Events: data.Events(), Tested: len(e.people),
		Choices: "on the second-latest events only; the latest were not looked at",
		L2:      course.Learned.L2, CVNDCG: course.Learned.NDCG, CVHR: course.Learned.HR,
	}}
	for k, m := range course.Blend.Members {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		progress(0.9+0.1*float64(k)/float64(len(course.Blend.Members)), "measure")
		f := e.measure(m.Model)
		f.Weight = m.Weight
		r.Models[m.Model.Name()] = f
	}
	blend := e.measure(course.Blend)
	blend.Weight = 1
	for _, f := range r.Models {
		f.BlendGain = e.gain(blend, f)
	}
	r.Models["blend"] = blend
	progress(1, "measure")
	return r, ctx.Err()
}

// exam holds what all models are tested by.
type exam struct {
	*Split
	o      Options
	people []int       // tested
	draws  [][][]int32 // negatives, by draw
	count  []float32   // events of each item in Train
	cosine *model.Neighbours
}

func newExam(s *Split, o Options) *exam {
	e := &exam{Split: s, o: o, count: make([]float32, s.Train.Items)}
	for p, t := range s.Target {
		if t >= 0 {
			e.people = append(e.people, p)
		}
	}
	for d := range o.Draws {
		e.draws = append(e.draws, s.Negatives(o.Negatives, o.Seed*1000+uint64(d)))
	}
	for _, seen := range s.Train.People {
		for _, x := range seen {
			e.count[x.Item]++
		}
	}
	e.cosine = &model.Neighbours{Kind: "item-item", Most: 1000, Power: 0.5}
	if e.cosine.Train(context.Background(), s.Train, func(float64) {}) != nil {
		e.cosine = nil
	}
	return e
}

// measure ranks with one model.
func (e *exam) measure(m model.Model) *Figures {
	f := &Figures{Curve: make([]float64, 20), hr: make([]float64, len(e.people)), ndcg: make([]float64, len(e.people))}
	each := make([]person, len(e.people))
	parallel(len(e.people), func(k int) { each[k] = e.one(m, e.people[k]) })
	covered := map[int32]bool{}
	n := float64(max(len(e.people), 1))
	for k, p := range each {
		f.hr[k], f.ndcg[k] = p.curve[9], p.ndcg[1]
		for i, v := range p.curve {
			f.Curve[i] += v / n
		}
		f.NDCG5, f.NDCG10, f.NDCG20 = f.NDCG5+p.ndcg[0]/n, f.NDCG10+p.ndcg[1]/n, f.NDCG20+p.ndcg[2]/n
		f.MRR += p.mrr / n
		f.FullHR10, f.FullNDCG10, f.FullMRR = f.FullHR10+HR(p.full, 10)/n, f.FullNDCG10+NDCG(p.full, 10)/n, f.FullMRR+1/p.full/n
		f.Diversity10 += p.diversity / n
		f.Calibration10 += p.calibration / n
		for _, i := range p.first {
			covered[i] = true
		}
	}
	f.HR5, f.HR10, f.HR20 = f.Curve[4], f.Curve[9], f.Curve[19]
	f.Recall10, f.Precision10 = f.HR10, f.HR10/10
	f.Coverage10 = float64(len(covered)) / float64(max(e.Train.Items, 1))
	f.HR10Interval, f.NDCGInterval = e.bootstrap(f.hr), e.bootstrap(f.ndcg)
	f.Groups = e.groups(f)
	return f
}

// person is what one person's ranking gives, means over the draws.
type person struct {
	curve                  []float64
	ndcg                   [3]float64
	mrr, full              float64
	first                  []int32
	diversity, calibration float64
}

func (e *exam) one(m model.Model, p int) person {
	scores := make([]float32, e.Train.Items)
	m.Score(e.Query(p), scores)
	out := person{curve: make([]float64, 20)}
	n := float64(len(e.draws))
	for _, draw := range e.draws {
		place := Rank(scores, e.Target[p], draw[p])
		for k := range out.curve {
			out.curve[k] += HR(place, k+1) / n
		}
		for i, k := range []int{5, 10, 20} {
			out.ndcg[i] += NDCG(place, k) / n
		}
		out.mrr += 1 / place / n
	}
	met := map[int32]bool{}
	for _, i := range e.Met[p] {
		met[i] = true
	}
	var others []int32
	for i := range scores {
		if !met[int32(i)] {
			others = append(others, int32(i))
		}
	}
	out.full = Rank(scores, e.Target[p], others)
	for _, s := range e.Train.People[p] {
		scores[s.Item] = float32(math.Inf(-1))
	}
	out.first = model.Top(scores, 10)
	out.diversity = e.diversity(out.first)
	out.calibration = e.calibration(e.Train.People[p], out.first)
	return out
}

// diversity is 1 - the mean cosine of pairs.
func (e *exam) diversity(list []int32) float64 {
	if e.cosine == nil || len(list) < 2 {
		return 0
	}
	sum, n := 0.0, 0
	out := make([]float32, len(list))
	for k, i := range list {
		e.cosine.ScoreSome(&model.Query{History: []model.Seen{{Item: i, Weight: 1}}}, list[k+1:], out[:len(list)-k-1])
		for _, v := range out[:len(list)-k-1] {
			sum += float64(v)
			n++
		}
	}
	return 1 - sum/float64(n)
}

// calibration is the Kullback-Leibler divergence of the list's mix from the
// history's (Steck, RecSys 2018), smoothed by a hundredth; the mix is over
// named features or, where there are none, over ten classes of popularity.
func (e *exam) calibration(history []model.Seen, list []int32) float64 {
	p, q := map[int32]float64{}, map[int32]float64{}
	for _, s := range history {
		if s.Weight > 0 {
			e.mix(s.Item, p)
		}
	}
	for _, i := range list {
		e.mix(i, q)
	}
	total := func(m map[int32]float64) (t float64) {
		for _, v := range m {
			t += v
		}
		return t
	}
	tp, tq := total(p), total(q)
	if tp == 0 || tq == 0 {
		return 0
	}
	keys := make([]int32, 0, len(p))
	for k := range p {
		keys = append(keys, k)
	}
	slices.Sort(keys) // the same sum every time
	kl := 0.0
	for _, k := range keys {
		a := p[k] / tp
		b := 0.99*q[k]/tq + 0.01*a
		kl += a * math.Log(a/b)
	}
	return kl
}

func (e *exam) mix(item int32, into map[int32]float64) {
	f := e.Train.Features
	if f == nil || f.Len() == 0 || len(f.Row(item)) == 0 {
		into[-1-int32(min(math.Log2(1+float64(e.count[item])), 9))]++
		return
	}
	for _, v := range f.Row(item) {
		into[v.Feature] += float64(v.Weight)
	}
}

// coldBelow: people or items with fewer events than that are cold.
const coldBelow = 20

func (e *exam) groups(f *Figures) map[string]*Group {
	out := map[string]*Group{"cold_people": {}, "warm_people": {}, "cold_items": {}, "warm_items": {}}
	add := func(name string, k int) {
		g := out[name]
		g.People++
		g.HR10 += f.hr[k]
		g.NDCG10 += f.ndcg[k]
	}
	for k, p := range e.people {
		add(map[bool]string{true: "cold_people", false: "warm_people"}[len(e.Train.People[p]) < coldBelow], k)
		add(map[bool]string{true: "cold_items", false: "warm_items"}[e.count[e.Target[p]] < coldBelow], k)
	}
	for _, g := range out {
		g.HR10, g.NDCG10 = g.HR10/float64(max(g.People, 1)), g.NDCG10/float64(max(g.People, 1))
	}
	return out
}

// resamples of a bootstrap.
const resamples = 2000

// bootstrap is the 95 % interval of a mean over people.
func (e *exam) bootstrap(values []float64) Interval {
	if len(values) == 0 {
		return Interval{}
	}
	rng := rand.New(rand.NewPCG(e.o.Seed, 12))
	means := make([]float64, resamples)
	for r := range means {
		sum := 0.0
		for range values {
			sum += values[rng.IntN(len(values))]
		}
		means[r] = sum / float64(len(values))
	}
	slices.Sort(means)
	return Interval{means[resamples*25/1000], means[resamples*975/1000]}
}

// gain compares person by person.
func (e *exam) gain(better, than *Figures) *Gain {
	diff := func(a, b []float64) (mean float64, i Interval) {
		d := make([]float64, len(a))
		for k := range a {
			d[k] = a[k] - b[k]
			mean += d[k] / float64(len(a))
		}
		return mean, e.bootstrap(d)
	}
	g := &Gain{}
	g.HR10, g.HR10Interval = diff(better.hr, than.hr)
	g.NDCG10, g.NDCGInterval = diff(better.ndcg, than.ndcg)
	return g
}
