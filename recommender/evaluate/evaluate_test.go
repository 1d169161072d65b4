package evaluate

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"cheval/recommender/model"
)

func read(t *testing.T, text string) *Interactions {
	t.Helper()
	in, err := Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func TestReadsMovieLensAndTablesInAnyOrder(t *testing.T) {
	tabs := read(t, "1\tA\t5\t30\n1\tB\t3\t10\n2\tA\t1\t20\n")
	table := read(t, "time,person,rating,product,note\r\n30,1,5,A,x\r\n10,1,3,B,\r\n20,2,1,A,\r\n")
	for name, in := range map[string]*Interactions{"tabs": tabs, "table": table} {
		seen := in.Data.People[0]
		if len(in.People) != 2 || in.Data.Items != 2 || in.Items[seen[0].Item] != "B" || seen[1].At != 30 || seen[1].Weight != 5 {
			t.Errorf("%s: people %v, items %v, first %v", name, in.People, in.Items, seen)
		}
	}
}

func TestAMistakeInAFileIsToldWithLineAndColumn(t *testing.T) {
	for text, want := range map[string]string{
		"":                                   "nothing to learn from",
		"1\tA\t5\n":                          "line 1 of the interactions has 3 columns",
		"1\tA\t5\t1\n2\tB\t4\n":              "line 2 of the interactions has 3 columns",
		"1\tA\t5\t1\n2\tB\tgood\t4\n":        `line 2 of the interactions, column 3: the rating "good"`,
		"1\tA\t5\t1\n2\tB\tNaN\t4\n":         "line 2 of the interactions, column 3",
		"1\tA\t5\t1\n2\tB\t4\tmonday\n":      `line 2 of the interactions, column 4: the time "monday"`,
		"1\tA\t5\t1\n\tB\t4\t4\n":            "line 2 of the interactions, column 1: the name is empty",
		"1\tA\t5\t1\n2\t\t4\t4\n":            "line 2 of the interactions, column 2: the name is empty",
		"who,what,rating,timestamp\n1,2,3,4": "names no column user_id",
		"user_id,item_id,rating,timestamp\n": "nothing to learn from",
	} {
		_, err := Read(strings.NewReader(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want a sentence with %q", text, err, want)
		}
	}
}

func TestARepeatedLineCountsOnce(t *testing.T) {
	in := read(t, "1\tA\t5\t1\n1\tA\t5\t1\n1\tA\t5\t2\n")
	if in.Repeated != 1 || len(in.Data.People[0]) != 2 {
		t.Errorf("%d repeated, %d kept; want 1 and 2", in.Repeated, len(in.Data.People[0]))
	}
}

func TestTheLatestIsLeftOutAndNeverSeenInTraining(t *testing.T) {
	in := read(t, "1\tA\t5\t1\n1\tB\t5\t2\n1\tC\t5\t3\n2\tA\t5\t1\n")
	for back, want := range map[int]string{1: "C", 2: "B"} {
		s := LeaveOut(in.Data, back)
		if in.Items[s.Target[0]] != want || len(s.Train.People[0]) != 3-back {
			t.Errorf("back %d: target %s, %d left", back, in.Items[s.Target[0]], len(s.Train.People[0]))
		}
		if s.Target[1] >= 0 || len(s.Train.People[1]) != 1 {
			t.Errorf("back %d: a person with one event is tested", back)
		}
		if s.Now[0] >= int64(4-back) {
			t.Errorf("back %d: now is %d, the target's time or later", back, s.Now[0])
		}
	}
}

func TestNegativesAreOthersAndTheSameForTheSameSeed(t *testing.T) {
	in := read(t, "1\tA\t5\t1\n1\tB\t5\t2\n2\tC\t5\t3\n2\tD\t5\t1\n3\tE\t1\t1\n")
	s := LeaveOut(in.Data, 1)
	a, b := s.Negatives(2, 5), s.Negatives(2, 5)
	for p := range a {
		had := map[int32]bool{}
		for k, i := range a[p] {
			if had[i] || b[p][k] != i {
				t.Errorf("person %d: %v and %v", p, a[p], b[p])
			}
			had[i] = true
			for _, m := range s.Met[p] {
				if m == i {
					t.Errorf("person %d met negative %d", p, i)
				}
			}
		}
	}
	if n := len(s.Negatives(99, 1)[0]); n != 3 {
		t.Errorf("%d negatives, but the person left 3 items", n)
	}
}

func TestEqualScoresGainNothing(t *testing.T) {
	others := make([]int32, 99)
	for i := range others {
		others[i] = int32(i + 1)
	}
	if r := Rank(make([]float32, 100), 0, others); r != 50.5 {
		t.Errorf("a model without an opinion ranks the target at %g of 100", r)
	}
}

func TestIPSFindsTheValueOfAnotherPolicy(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	worth, shown, other := []float64{0.1, 0.5, 0.9}, []float64{0.6, 0.3, 0.1}, []float64{0.1, 0.2, 0.7}
	want := 0.1*0.1 + 0.2*0.5 + 0.7*0.9
	inside := 0
	for range 200 {
		var log []Logged
		for range 1000 {
			a, u := 0, rng.Float64()
			for a < 2 && u >= shown[a] {
				u -= shown[a]
				a++
			}
			r := 0.0
			if rng.Float64() < worth[a] {
				r = 1
			}
			log = append(log, Logged{shown[a], other[a], r})
		}
		v, err := IPS(log)
		if err != nil {
			t.Fatal(err)
		}
		if v.Interval[0] <= want && want <= v.Interval[1] {
			inside++
		}
	}
	if inside < 180 || inside == 200 {
		t.Errorf("the true value lay in %d of 200 intervals of 95 %%", inside)
	}
	if _, err := IPS([]Logged{{0, 1, 1}, {1, 1, 1}}); err == nil {
		t.Error("a propensity of 0 passes")
	}
}

// worldOf makes people of two groups that each like their own half of items.
func worldOf(people, items int) *model.Data {
	rng := rand.New(rand.NewPCG(2, 2))
	d := &model.Data{Items: items}
	for p := range people {
		var seen []model.Seen
		for k, i := range rng.Perm(items / 2)[:12] {
			seen = append(seen, model.Seen{Item: int32(i + p%2*items/2), Weight: 1, At: int64(1000*p + k)})
		}
		d.People = append(d.People, seen)
	}
	return d
}

func TestEvaluateFindsWhatThereIsToFind(t *testing.T) {
	r, err := Evaluate(context.Background(), worldOf(60, 80), Options{Draws: 3, Negatives: 30}, func(float64, string) {})
	if err != nil {
		t.Fatal(err)
	}
	blend := r.Models["blend"]
	if blend.HR10 < 0.5 { // by chance 10 of 31; the best possible is some 10 of 15
		t.Errorf("blend HR@10 %.2f", blend.HR10)
	}
	if i := blend.HR10Interval; !(i[0] < blend.HR10 && blend.HR10 < i[1]) {
		t.Errorf("HR@10 %.3f lies outside its interval %v", blend.HR10, i)
	}
	for name, f := range r.Models {
		for k := 1; k < len(f.Curve); k++ {
			if f.Curve[k] < f.Curve[k-1] {
				t.Errorf("%s: HR@%d is below HR@%d", name, k+1, k)
			}
		}
		if math.Abs(f.Recall10-10*f.Precision10) > 1e-9 {
			t.Errorf("%s: with one target, recall is ten times precision", name)
		}
	}
}

func TestTuneTakesTheSettingThatDidBest(t *testing.T) {
	b := model.NewBlend()
	tried, err := Tune(context.Background(), b, worldOf(40, 40), 1)
	if err != nil {
		t.Fatal(err)
	}
	best, chosen := map[string]float64{}, map[string]float64{}
	for _, one := range tried {
		best[one.Model] = max(best[one.Model], one.Mean)
		if one.Chosen {
			chosen[one.Model] = one.Mean
		}
	}
	if len(chosen) != 4 {
		t.Errorf("settings were chosen of %d models", len(chosen))
	}
	for name, v := range chosen {
		if v != best[name] {
			t.Errorf("%s: the setting with %g was taken, but one had %g", name, v, best[name])
		}
	}
}

func TestNothingToLearnFromIsSaid(t *testing.T) {
	for _, d := range []*model.Data{{}, {Items: 3}, {Items: 0, People: make([][]model.Seen, 4)}} {
		if _, err := Evaluate(context.Background(), d, Options{}, func(float64, string) {}); !errors.Is(err, model.ErrNoData) {
			t.Errorf("%+v: %v", d, err)
		}
	}
}

func TestOneProductOrOneEventDoesNoHarm(t *testing.T) {
	for _, d := range []*model.Data{
		{Items: 1, People: [][]model.Seen{{{Item: 0, Weight: 1, At: 5}}}},
		{Items: 1, People: [][]model.Seen{{{Item: 0, Weight: 1, At: 5}, {Item: 0, Weight: 1, At: 4}}}},
		{Items: 3, People: [][]model.Seen{{{Item: 2, Weight: -1, At: 5}}}},
	} {
		if _, err := Evaluate(context.Background(), d, Options{Draws: 1}, func(float64, string) {}); err != nil {
			t.Errorf("%+v: %v", d.People, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("1\tA\t5\t1\n")
	f.Add("user_id:token,item_id,rating,timestamp\n1,2,3,4\n")
	f.Add("\ufeff1,2,3,4")
	f.Fuzz(func(t *testing.T, text string) {
		in, err := Read(strings.NewReader(text))
		if err == nil && in.Data.Check() != nil {
			t.Errorf("%q is read, but cannot be trained on", text)
		}
	})
}

func TestReadsFeaturesOfItems(t *testing.T) {
	table := "item,colour,shape\nA,black|gold,round\nC,red,square\nB,,oval\n"
	f, err := ReadItems(strings.NewReader(table), []string{"B", "A"})
	if err != nil {
		t.Fatal(err)
	}
	var of []string
	for _, v := range f.Row(1) {
		of = append(of, f.Names[v.Feature])
	}
	if f.Len() != 2 || len(f.Row(0)) != 1 || strings.Join(of, " ") != "colour=black colour=gold shape=round" {
		t.Errorf("%d items, A is %v", f.Len(), of)
	}
	film := "1|Toy Story (1995)|01-Jan-1995||http://x|0|0|0|1|1|1|0|0|0|0|0|0|0|0|0|0|0|0|0\n"
	if f, err = ReadItems(strings.NewReader(film), []string{"1"}); err != nil || len(f.Row(0)) != 4 {
		t.Errorf("a film has %d features (%v)", len(f.Row(0)), err)
	}
	for bad, want := range map[string]string{"": "empty", "item\nA\n": "line 1", "item,colour\nA,red,blue\n": "line 2", film + "2|short\n": "line 2"} {
		if _, err := ReadItems(strings.NewReader(bad), []string{"A", "1"}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", bad, err, want)
		}
	}
}

func FuzzReadItems(f *testing.F) {
	f.Add("item,colour\nA,red\n")
	f.Add("1|x|01-Jan-1995||y|0|0|0|1|1|1|0|0|0|0|0|0|0|0|0|0|0|0|0\n")
	f.Fuzz(func(t *testing.T, text string) {
		features, err := ReadItems(strings.NewReader(text), []string{"A", "1"})
		if err == nil && (&model.Data{Items: 2, Features: features}).Check() != nil {
			t.Errorf("%q is read, but cannot be trained on", text)
		}
	})
}
