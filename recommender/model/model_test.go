package model

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// halves are people of two tastes: each likes its own half of the items, the
// one after the other in a circle, from a start of its own.
func halves(people, items, events int) *Data {
	rng := rand.New(rand.NewPCG(3, 3))
	d := &Data{Items: items, Features: &Features{Names: []string{"half=left", "half=right", "odd=yes"}}}
	for i := range items {
		row := []Value{{int32(2 * i / items), 1}}
		if i%2 == 1 {
			row = append(row, Value{2, 1})
		}
		d.Features.Add(row, nil)
	}
	for p := range people {
		var seen []Seen
		at := rng.IntN(items / 2)
		for k := range events {
			at = (at + 1 + rng.IntN(2)) % (items / 2)
			seen = append(seen, Seen{Item: int32(at + p%2*items/2), Weight: 1, At: int64(100*p + k)})
		}
		d.People = append(d.People, Merge(seen))
	}
	return d
}

func all() []Model {
	return []Model{NewPopularity(), NewContent(), NewEASE(), NewItemItem(), NewFollows(), NewIALS(), NewLogistic(), NewTwoTower(), NewSession()}
}

func train(t *testing.T, m Model, d *Data) {
	t.Helper()
	if err := m.Train(context.Background(), d, func(float64) {}); err != nil {
		t.Fatalf("%s: %v", m.Name(), err)
	}
}

func TestEveryModelTellsTastesApart(t *testing.T) {
	d := halves(60, 40, 12)
	for _, m := range all() {
		if m.Name() == "popularity" {
			continue // the same for everybody
		}
		train(t, m, d)
		out := make([]float32, d.Items)
		right := 0
		for p := range 20 {
			seen := d.People[p]
			m.Score(&Query{History: seen}, out)
			met := map[int32]bool{}
			for _, s := range seen {
				met[s.Item] = true
			}
			for i := range out {
				if met[int32(i)] {
					out[i] = float32(math.Inf(-1))
				}
			}
			for _, i := range Top(out, 3) {
				if int(i)/(d.Items/2) == p%2 {
					right++
				}
			}
		}
		if right < 55 {
			t.Errorf("%s: %d of 60 suggestions are of the person's own half", m.Name(), right)
		}
	}
}

func TestThePartsOfEveryScoreAddUpToIt(t *testing.T) {
	d := halves(40, 30, 10)
	for _, m := range append(all(), Model(trainedBlend(t, d))) {
		if m.Name() != "blend" {
			train(t, m, d)
		}
		rapid.Check(t, func(r *rapid.T) {
			q := query(r, d)
			items := []int32{0, 7, 15, 29}
			row, few := make([]float32, d.Items), make([]float32, len(items))
			m.Score(q, row)
			m.ScoreSome(q, items, few)
			of := m.Explainer(q)
			for k, i := range items {
				sum := 0.0
				for _, p := range of(i) {
					sum += float64(p.Weight)
				}
				if math.Abs(sum-float64(row[i])) > 1e-4*(1+math.Abs(sum)) {
					r.Fatalf("%s: the parts of item %d add up to %g, its score is %g", m.Name(), i, sum, row[i])
				}
				if math.Abs(float64(few[k]-row[i])) > 1e-4*(1+math.Abs(sum)) {
					r.Fatalf("%s: item %d alone scores %g, among all %g", m.Name(), i, few[k], row[i])
				}
			}
		})
	}
}

// query draws a history, with a dislike now and then, and stated features.
func query(r *rapid.T, d *Data) *Query {
	var seen []Seen
	for range rapid.IntRange(0, 25).Draw(r, "events") {
		seen = append(seen, Seen{
			Item:   int32(rapid.IntRange(0, d.Items-1).Draw(r, "item")),
			Weight: float32(rapid.SampledFrom([]float64{1, 0.3, 1.5, -1, 0}).Draw(r, "weight")),
		})
	}
	q := &Query{History: Merge(seen)}
	if rapid.Bool().Draw(r, "stated") {
		q.Stated = []Value{{0, 1}}
	}
	return q
}

func trainedBlend(t *testing.T, d *Data) *Blend {
	t.Helper()
	b := NewBlend()
	if err := b.Train(context.Background(), d, func(float64) {}); err != nil {
		t.Fatal(err)
	}
	for i := range b.Members {
		b.Members[i].Scale = 0.5 + float64(i)/10
	}
	return b
}

func TestHalfOfABlendsScoreIsExact(t *testing.T) {
	d := halves(40, 30, 10)
	b := trainedBlend(t, d)
	for p := range 10 {
		of := b.Explain(&Query{History: d.People[p]})
		for i := range int32(d.Items) {
			exact, guessed := 0.0, 0.0
			for _, part := range of(i) {
				if part.Exact {
					exact += float64(part.Weight)
				} else {
					guessed += float64(part.Weight)
				}
			}
			if math.Abs(guessed) > math.Abs(exact)+1e-4 {
				t.Errorf("person %d, item %d: %g is a network's, %g exact", p, i, guessed, exact)
			}
		}
	}
}

// Of the linear models a removed item takes away exactly what its part said.
func TestARemovedItemTakesItsPartAway(t *testing.T) {
	d := halves(40, 30, 10)
	for _, m := range []Model{NewContent(), NewEASE(), NewItemItem(), NewFollows()} {
		train(t, m, d)
		q := &Query{History: append([]Seen(nil), d.People[0]...)}
		before, after := make([]float32, d.Items), make([]float32, d.Items)
		m.Score(q, before)
		of := m.Explainer(q)
		const gone = 4
		part := map[int32]float32{}
		for i := range int32(d.Items) {
			for _, p := range of(i) {
				if p.From == FromHistory && p.Index == gone {
					part[i] += p.Weight
				}
			}
		}
		q.History[gone].Weight = 0 // keeps its place
		m.Score(q, after)
		moved := 0
		for i := range int32(d.Items) {
			if math.Abs(float64(before[i]-part[i]-after[i])) > 1e-5 {
				t.Errorf("%s: item %d fell from %g to %g, its part was %g", m.Name(), i, before[i], after[i], part[i])
			}
			if part[i] != 0 {
				moved++
			}
		}
		if moved == 0 {
			t.Errorf("%s: no score depends on the item", m.Name())
		}
	}
}

// Steck's closed form, on a matrix small enough to invert by hand:
// X = [[1,1],[1,0]], G = [[2,1],[1,1]] + I, P = G⁻¹ = [[2,-1],[-1,3]]/5.
func TestEASEIsTheClosedForm(t *testing.T) {
	m := &EASE{Lambda: 1, Most: 10}
	train(t, m, &Data{Items: 2, People: [][]Seen{{{Item: 0, Weight: 1}, {Item: 1, Weight: 1}}, {{Item: 0, Weight: 1}}}})
	want := []float32{0, 1. / 3, 1. / 2, 0} // B[j→i] = -P[j,i]/P[i,i]
	for k, w := range want {
		if math.Abs(float64(m.B[k]-w)) > 1e-6 {
			t.Errorf("B is %v, want %v", m.B, want)
		}
	}
}

func TestTwoTowerForetellsRatings(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	d := halves(80, 30, 0)
	d.Rated = true
	for p := range d.People {
		for k, i := range rng.Perm(30)[:15] {
			r := float32(2)
			if i/15 == p%2 {
				r = 4.5
			}
			d.People[p] = append(d.People[p], Seen{Item: int32(i), Weight: r, At: int64(k)})
		}
	}
	m := NewTwoTower()
	m.Epochs, m.Rate = 30, 0.01
	train(t, m, d)
	wrong, out := 0.0, make([]float32, d.Items)
	for p, seen := range d.People {
		m.Score(&Query{History: seen[:14]}, out)
		e := float64(out[seen[14].Item] - seen[14].Weight)
		wrong += e * e / float64(len(d.People))
		_ = p
	}
	// by the mean of all ratings the squared error is 1.25² = 1.56
	if wrong > 0.9 {
		t.Errorf("the mean squared error is %.2f", wrong)
	}
}

func TestAColdItemIsRankedByItsFeatures(t *testing.T) {
	d := halves(80, 60, 14)
	cold := map[int32]bool{5: true, 12: true, 40: true, 51: true}
	for p, seen := range d.People {
		var rest []Seen
		for _, s := range seen {
			if !cold[s.Item] {
				rest = append(rest, s)
			}
		}
		d.People[p] = rest
	}
	m := NewTwoTower()
	train(t, m, d)
	out := make([]float32, d.Items)
	right := 0
	for p := range 40 {
		m.Score(&Query{History: d.People[p]}, out)
		own, other := out[5]+out[12], out[40]+out[51]
		if (own > other) == (p%2 == 0) {
			right++
		}
	}
	if right < 36 {
		t.Errorf("%d of 40 people are given the cold items of their own half", right)
	}
}

func TestTrainingTheSameGivesTheSame(t *testing.T) {
	d := halves(30, 20, 8)
	for _, of := range []func() Model{func() Model { return NewTwoTower() }, func() Model { return NewSession() }, func() Model { return NewIALS() }, func() Model { return NewLogistic() }} {
		a, b := of(), of()
		train(t, a, d)
		train(t, b, d)
		x, y := make([]float32, d.Items), make([]float32, d.Items)
		a.Score(&Query{History: d.People[0]}, x)
		b.Score(&Query{History: d.People[0]}, y)
		for i := range x {
			if x[i] != y[i] {
				t.Fatalf("%s: item %d scores %g and %g", a.Name(), i, x[i], y[i])
			}
		}
	}
}

func TestACancelledTrainingEnds(t *testing.T) {
	d := halves(60, 40, 12)
	for _, m := range all() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := m.Train(ctx, d, func(float64) {}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", m.Name(), err)
		}
	}
}

func TestNothingNothingAndOneDoNoHarm(t *testing.T) {
	one := &Features{Names: []string{"a"}}
	one.Add([]Value{{0, float32(math.NaN())}, {0, 1}}, nil)
	for name, d := range map[string]*Data{
		"no item":   {},
		"no person": {Items: 3},
		"one item":  {Items: 1, Features: one, People: [][]Seen{{{Item: 0, Weight: 1}}}},
		"disliked":  {Items: 2, People: [][]Seen{{{Item: 0, Weight: -1}, {Item: 1, Weight: -1}}}},
	} {
		for _, m := range all() {
			train(t, m, d)
			out := make([]float32, d.Items)
			for _, q := range []*Query{{}, {History: []Seen{{Item: 0, Weight: 1}}}, {History: []Seen{{Item: 7, Weight: 1}}, Stated: []Value{{99, 1}}}} {
				if d.Items == 0 && len(q.History) > 0 {
					continue
				}
				m.Score(q, out)
				for i, v := range out {
					if v != v {
						t.Errorf("%s, %s: item %d scores NaN", name, m.Name(), i)
					}
				}
				for i := range int32(d.Items) {
					m.Explainer(q)(i)
				}
			}
		}
	}
}

func TestMergeKeepsOneEntryAnItem(t *testing.T) {
	got := Merge([]Seen{
		{Item: 1, Weight: 1}, {Item: 2, Weight: 0.2}, {Item: 1, Weight: 0.2}, // a look does not undo a like
		{Item: 3, Weight: 1}, {Item: 3, Weight: -1}, {Item: 3, Weight: 0.3}, // nor a dislike
		{Item: 4, Weight: -1}, {Item: 4, Weight: 1}, // a like does
		{Item: 5, Weight: float32(math.NaN())},
	})
	want := []Seen{{Item: 2, Weight: 0.2}, {Item: 1, Weight: 1}, {Item: 3, Weight: -1}, {Item: 4, Weight: 1}}
	if len(got) != len(want) {
		t.Fatalf("%v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%v, want %v", got, want)
		}
	}
}

func TestTopIsTheLargestInOrder(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := rapid.SliceOf(rapid.Float32Range(-5, 5)).Draw(r, "scores")
		n := rapid.IntRange(0, 12).Draw(r, "n")
		top := Top(s, n)
		if len(top) != min(n, len(s)) {
			r.Fatalf("%d of %d, asked for %d", len(top), len(s), n)
		}
		in := map[int32]bool{}
		for k, i := range top {
			in[i] = true
			if k > 0 && s[i] > s[top[k-1]] {
				r.Fatalf("place %d is larger than the one above", k)
			}
		}
		for i, v := range s {
			if !in[int32(i)] && len(top) > 0 && v > s[top[len(top)-1]] {
				r.Fatalf("%g is left out", v)
			}
		}
	})
}

// What was popular long ago counts less, and nothing after now counts at all.
func TestPopularityDecaysAndDoesNotSeeTheFuture(t *testing.T) {
	const day = 86400
	m := NewPopularity()
	d := &Data{Items: 3, People: [][]Seen{
		{{Item: 0, Weight: 1, At: 0}, {Item: 1, Weight: 1, At: 70 * day}},
		{{Item: 0, Weight: 1, At: 1}, {Item: 2, Weight: 1, At: 80 * day}},
	}}
	train(t, m, d)
	at := func(now int64) []float32 {
		out := make([]float32, 3)
		m.Score(&Query{Now: now}, out)
		return out
	}
	if s := at(71 * day); !(s[1] > s[0]) || s[2] != 0 {
		t.Errorf("after 71 days: %v", s)
	}
	if s := at(2); !(s[0] > 0) || s[1] != 0 {
		t.Errorf("at the beginning: %v", s)
	}
	m.Add(0, 1, 1) // a clock that ran backwards
	if s := at(0); s[0] < s[1] {
		t.Errorf("an event added now does not count as now's: %v", s)
	}
}
