package rules

import (
	"image/color"
	"math"
	"testing"
)

func scored(n int) []Candidate {
	var out []Candidate
	for i := range n {
		out = append(out, Candidate{Item: int32(i), Score: float32(n-i) / float32(n), Brand: string(rune('a' + i%3))})
	}
	return out
}

func TestWithoutRulesTheOrderIsThatOfScores(t *testing.T) {
	list := Arrange(scored(10), 5, Options{})
	if len(list) != 5 {
		t.Fatalf("%d places, want 5", len(list))
	}
	for i, p := range list {
		if p.Item != int32(i) || len(p.Moves) != 0 || p.Propensity != 1 {
			t.Errorf("place %d: %+v", i, p)
		}
	}
}

func TestNoMoreThanSoManyOfABrand(t *testing.T) {
	all := scored(30)
	for i := range 10 {
		all[i].Brand = "loud"
	}
	list := Arrange(all, 9, Options{MaxBrand: 2})
	had := map[string]int{}
	for _, p := range list {
		if had[p.Brand]++; had[p.Brand] > 2 {
			t.Errorf("%d of brand %s", had[p.Brand], p.Brand)
		}
	}
	if len(list) != 8 {
		t.Errorf("%d places; four brands with two each make 8", len(list))
	}
	if list[2].Moves[0].Kind != "brand" {
		t.Errorf("the third says %v of why it moved up", list[2].Moves)
	}
}

func TestAPinStandsAtItsPlaceAndABoostIsSaid(t *testing.T) {
	all := scored(10)
	all[9].Pinned = 2
	all[5].Boosted = 2
	list := Arrange(all, 4, Options{})
	if list[1].Item != 9 || list[1].Moves[0].Kind != "pinned" {
		t.Errorf("the second is %+v", list[1])
	}
	if list[0].Item != 5 || list[0].Moves[0] != (Move{"boosted", 2}) {
		t.Errorf("the first is %+v", list[0])
	}
}

func TestDiversitySpreadsWhatIsAlike(t *testing.T) {
	all := scored(6)
	for i := range all {
		all[i].Vector = []float32{1, 0}
		if i >= 3 {
			all[i].Vector = []float32{0, 1}
		}
	}
	plain, varied := Arrange(all, 2, Options{}), Arrange(all, 2, Options{Diversity: 1})
	if plain[1].Item != 1 || varied[1].Item != 3 {
		t.Errorf("second without diversity %d, with %d; want 1 and 3", plain[1].Item, varied[1].Item)
	}
}

func TestWhatIsExploredHasTheChanceThatIsSaid(t *testing.T) {
	all := scored(8)
	all[6].Seen, all[7].Seen = 0, 0
	for i := range 6 {
		all[i].Seen = 100
	}
	drawn, said, n := map[int32]float64{}, map[int32]float64{}, 4000
	for seed := range n {
		list := Arrange(all, 2, Options{Explore: 0.5, Seed: uint64(seed)})
		p := list[1]
		if !p.New || p.Moves[0].Kind != "explored" {
			t.Fatalf("place 2 of a half-exploring list is %+v", p)
		}
		drawn[p.Item]++
		said[p.Item] = p.Propensity
	}
	for item, count := range drawn {
		f := count / float64(n)
		if math.Abs(f-said[item]) > 4*math.Sqrt(f*(1-f)/float64(n)) {
			t.Errorf("item %d was drawn %.3f of the times, said was %.3f", item, f, said[item])
		}
	}
}

func TestColoursGoTogetherAsPeopleSay(t *testing.T) {
	black, navy, sky := color.NRGBA{20, 20, 20, 255}, color.NRGBA{20, 30, 110, 255}, color.NRGBA{60, 110, 220, 255}
	orange, green := color.NRGBA{230, 150, 40, 255}, color.NRGBA{60, 170, 60, 255}
	if Harmony(black, orange) < 0.8 {
		t.Error("black goes with anything")
	}
	if Harmony(navy, sky) < 0.8 || Harmony(sky, orange) < 0.6 {
		t.Errorf("blues %.2f, blue and orange %.2f", Harmony(navy, sky), Harmony(sky, orange))
	}
	if Harmony(orange, green) > 0.5 {
		t.Errorf("orange and green %.2f", Harmony(orange, green))
	}
}
