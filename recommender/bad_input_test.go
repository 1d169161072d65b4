package recommender_test

import (
	"context"
	"math"
	"slices"
	"testing"
	"time"

	"cheval/catalog"
	"cheval/recommender"
	"cheval/recommender/model"
	"cheval/recommender/rules"
)

func ranker(t *testing.T, products ...*catalog.Product) *recommender.Ranker {
	t.Helper()
	r, err := recommender.New(products, recommender.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAnEmptyShopGivesAnEmptyList(t *testing.T) {
	r := ranker(t)
	if list := ask(t, r, recommender.Person{}, recommender.Question{}); len(list) != 0 {
		t.Errorf("%d suggestions", len(list))
	}
	r.Observe(nil, recommender.Event{Kind: recommender.Like, Product: "gone"})
}

func TestAFirstVisitIsRecommendedForFromWhatIsStated(t *testing.T) {
	w, _ := shop()
	r := ranker(t, w.Products...)
	likes := recommender.Stated{Colours: []string{"red"}, Shapes: []string{"round"}, PriceMax: 30000, Currency: "EUR"}
	list := ask(t, r, recommender.Person{Profile: recommender.Profile{Likes: likes}}, recommender.Question{Count: 5})
	if len(list) != 5 {
		t.Fatalf("%d suggestions", len(list))
	}
	c, err := catalog.New(w.Products...)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range list {
		p := c.Product(s.Product)
		if p.Variants[0].Colour != "red" && p.Eyewear.Shape != catalog.Round || p.Variants[0].Price.Minor > 30000 {
			t.Errorf("%s is %s and %s at %v", s.Product, p.Variants[0].Colour, p.Eyewear.Shape, p.Variants[0].Price)
		}
		if len(s.Because) == 0 || s.Because[0].Kind != recommender.Stating {
			t.Errorf("%s: %+v", s.Product, s.Because)
		}
	}
}

func TestOfSomebodyUnknownTheShopsOrderIsSaidToCount(t *testing.T) {
	w, _ := shop()
	r := ranker(t, w.Products...)
	list, err := r.Recommend(context.Background(), recommender.Person{}, recommender.Moment{}, recommender.Question{Count: 3})
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range list {
		if s.Product != w.Products[i].ID || len(s.Because) != 1 || s.Because[0].Kind != recommender.ShopOrder || s.Because[0].Weight != s.Score {
			t.Errorf("place %d: %+v", i+1, s)
		}
	}
	many := recommender.Event{Kind: recommender.Like, Product: w.Products[7].ID, At: time.Unix(1000, 0)}
	r.Observe(nil, many)
	r.Observe(nil, many)
	list, err = r.Recommend(context.Background(), recommender.Person{}, recommender.Moment{}, recommender.Question{Count: 1})
	if err != nil {
		t.Fatal(err)
	}
	if list[0].Product != many.Product || list[0].Because[0].Kind != recommender.Popular {
		t.Errorf("what others like is %+v", list[0])
	}
}

func TestOneProductOneEvent(t *testing.T) {
	w, _ := shop()
	r := ranker(t, w.Products[0])
	e := recommender.Event{Kind: recommender.View, Product: w.Products[0].ID, At: time.Unix(1000, 0)}
	r.Observe(nil, e)
	list := ask(t, r, recommender.Person{Events: []recommender.Event{e}}, recommender.Question{})
	if len(list) != 1 || list[0].Product != w.Products[0].ID || list[0].Variant == "" {
		t.Errorf("%+v", list)
	}
}

func TestALikedProductThatIsSoldNoMoreStillCounts(t *testing.T) {
	w, file := shop()
	trained, err := model.Unmarshal(file)
	if err != nil {
		t.Fatal(err)
	}
	s := w.Shoppers[0]
	gone := s.Events[len(s.Events)-1].Product
	left := slices.DeleteFunc(slices.Clone(w.Products), func(p *catalog.Product) bool { return p.ID == gone })
	r, err := recommender.New(left, recommender.Options{Trained: trained})
	if err != nil {
		t.Fatal(err)
	}
	named := false
	for _, one := range ask(t, r, person(s), recommender.Question{Known: true}) {
		if one.Product == gone {
			t.Errorf("%s is suggested, but it is sold no more", gone)
		}
		for _, b := range one.Because {
			named = named || b.Subject == gone
		}
	}
	if !named {
		t.Errorf("%s is nowhere a reason", gone)
	}
}

func TestAProductThatTheModelDoesNotKnowIsRankedByItsFeatures(t *testing.T) {
	w, file := shop()
	trained, err := model.Unmarshal(file)
	if err != nil {
		t.Fatal(err)
	}
	s := w.Shoppers[0]
	var liked *catalog.Product
	for _, p := range w.Products { // a twin of what this taste likes most
		if liked == nil || w.Tastes[s.Taste].Worth(p) > w.Tastes[s.Taste].Worth(liked) {
			liked = p
		}
	}
	twin := *liked
	twin.ID, twin.Variants = "new-here", slices.Clone(liked.Variants)
	twin.Variants[0].SKU = "NEW-1"
	r, err := recommender.New(append(slices.Clone(w.Products), &twin), recommender.Options{Trained: trained})
	if err != nil {
		t.Fatal(err)
	}
	list := ask(t, r, person(s), recommender.Question{Count: 120})
	if !slices.ContainsFunc(list, func(x recommender.Suggestion) bool { return x.Product == "new-here" }) {
		t.Error("the twin of what is liked most is not in the better half")
	}
}

func TestWhatIsNoNumberAndWhatRunsBackwardsDoNoHarm(t *testing.T) {
	w, r := trainedRanker(t)
	p := person(w.Shoppers[0])
	p.Events = slices.Clone(p.Events)
	p.Events[0].Seconds, p.Events[0].Kind = math.NaN(), recommender.Try
	p.Events[1].Sentiment = math.Inf(1)
	p.Events[2].At = time.Unix(-1e9, 0) // clocks may run backwards
	p.Events = append(p.Events, p.Events[3], p.Events[3], recommender.Event{Kind: recommender.Like, Product: "never-sold"})
	p.Profile.Weights = map[string]float64{"ease": math.NaN(), "session": -1}
	p.Profile.Fit.FaceMM = math.NaN()
	for _, e := range p.Events {
		r.Observe(p.Events, e)
	}
	for _, s := range ask(t, r, p, recommender.Question{}) {
		if s.Score != s.Score || math.IsInf(s.Score, 0) {
			t.Fatalf("%s scores %g", s.Product, s.Score)
		}
	}
}

func TestPicturesThatAreNoNumbersAreLeftOut(t *testing.T) {
	w, _ := shop()
	e := map[string][]float32{}
	for i, p := range w.Products[:50] {
		e[p.ID] = []float32{float32(i % 2), float32((i + 1) % 2), float32(math.NaN())}
	}
	r, err := recommender.New(w.Products[:50], recommender.Options{Embeddings: e})
	if err != nil {
		t.Fatal(err)
	}
	liked := recommender.Event{Kind: recommender.Like, Product: w.Products[0].ID}
	for _, s := range ask(t, r, recommender.Person{Events: []recommender.Event{liked}}, recommender.Question{Count: 5}) {
		if s.Score != s.Score {
			t.Errorf("%s scores NaN", s.Product)
		}
	}
}

func TestDraggedToNothingAModelSaysNothing(t *testing.T) {
	w, r := trainedRanker(t)
	p := person(w.Shoppers[1])
	off := map[string]float64{}
	for name := range r.Models() {
		if name != "ease" {
			off[name] = 0
		}
	}
	p.Profile.Weights = off
	for _, s := range ask(t, r, p, recommender.Question{Count: 20}) {
		for _, b := range s.Because {
			if b.Approximate || b.Kind == recommender.Popular || b.Kind == recommender.Stating {
				t.Fatalf("%s: %+v", s.Product, b)
			}
		}
	}
}

func TestOneTapChangesTheListAsItSays(t *testing.T) {
	w, r := trainedRanker(t)
	c, err := catalog.New(w.Products...)
	if err != nil {
		t.Fatal(err)
	}
	p := person(w.Shoppers[2])
	first := ask(t, r, p, recommender.Question{Count: 1})[0]
	taps, err := r.WhatIfs(context.Background(), p, recommender.Moment{}, recommender.Question{}, first)
	if err != nil {
		t.Fatal(err)
	}
	had := map[string]bool{}
	for _, tap := range taps {
		had[tap.Kind] = true
		was, is := c.Product(first.Product), c.Product(tap.First.Product)
		switch tap.Kind {
		case "cheaper":
			if is.Variants[0].Price.Minor >= was.Variants[0].Price.Minor {
				t.Errorf("cheaper than %v is %v", was.Variants[0].Price, is.Variants[0].Price)
			}
		case "not":
			if is.Eyewear.Shape == was.Eyewear.Shape {
				t.Errorf("%s: still %s", tap.What, is.Eyewear.Shape)
			}
		case "less-like", "without":
			for _, b := range tap.First.Because {
				if b.Kind == recommender.Liked && b.Subject == tap.Subject {
					t.Errorf("%s: still because of it", tap.What)
				}
			}
		}
	}
	if len(had) != 4 {
		t.Errorf("taps %v", had)
	}
}

func TestStaffsPinsAndPromotionsAreSaidBesideTheScore(t *testing.T) {
	w, r := trainedRanker(t)
	p := person(w.Shoppers[3])
	all := ask(t, r, p, recommender.Question{Count: 240})
	low, mid := all[len(all)-1], all[len(all)/2]
	q := recommender.Question{Count: 10, Pins: map[string]int{low.Product: 3}, Boosts: map[string]float64{mid.Product: 100}}
	list := ask(t, r, p, q)
	if list[2].Product != low.Product || list[2].Adjust[0].Kind != recommender.Pinned {
		t.Errorf("place 3: %+v", list[2])
	}
	if list[0].Product != mid.Product || list[0].Adjust[0].Kind != recommender.Boosted || math.Abs(list[0].Score-mid.Score) > 1e-6 {
		t.Errorf("place 1: %+v, its score before was %g", list[0], mid.Score)
	}
}

func TestWhatIsNewForYouIsMarkedWithItsChance(t *testing.T) {
	w, r := trainedRanker(t)
	marked := 0
	for _, s := range ask(t, r, person(w.Shoppers[4]), recommender.Question{Count: 50, Rules: rules.Options{Explore: 0.2, Seed: 5}}) {
		if s.New {
			marked++
			if !(s.Propensity > 0 && s.Propensity < 1) || s.Adjust[0].Kind != recommender.Explored {
				t.Errorf("%+v", s)
			}
		}
	}
	if marked != 10 {
		t.Errorf("%d of 50 are new, want a fifth", marked)
	}
}

func TestALookIsCompletedInStock(t *testing.T) {
	w, r := trainedRanker(t)
	c, err := catalog.New(w.Products...)
	if err != nil {
		t.Fatal(err)
	}
	own := w.Products[0]
	pairs := r.Complete(own.ID, own.Variants[0].SKU, 5)
	if len(pairs) != 5 {
		t.Fatalf("%d pairs", len(pairs))
	}
	for i, p := range pairs {
		if other := c.Product(p.Product); other.Kind == own.Kind {
			t.Errorf("%s is %s as well", p.Product, other.Kind)
		}
		if i > 0 && p.Score > pairs[i-1].Score {
			t.Errorf("place %d scores %g, above it %g", i, p.Score, pairs[i-1].Score)
		}
	}
	if r.Complete("nothing", "", 5) != nil {
		t.Error("pairs of a product that there is not")
	}
}
