package recommender_test

import (
	"context"
	"math"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"cheval/recommender"
	"cheval/recommender/model"
	"cheval/recommender/rules"
	"cheval/recommender/simulate"
)

// shop is a small simulated world and a model trained on it, once for all tests.
var shop = sync.OnceValues(func() (*simulate.World, []byte) {
	w := simulate.New(simulate.Options{Products: 240, Shoppers: 260, Events: 14, Seed: 3})
	dir, err := filepath.Abs(filepath.Join(tempDir, "model"))
	if err != nil {
		panic(err)
	}
	trained, err := recommender.Train(context.Background(), lessons(w), dir, func(float64, string) {})
	if err != nil {
		panic(err)
	}
	return w, model.Marshal(trained)
})

func lessons(w *simulate.World) recommender.Lessons {
	l := recommender.Lessons{Products: w.Products, Simulated: true, Seed: 1}
	for _, s := range w.Shoppers {
		l.People = append(l.People, person(s))
	}
	return l
}

func person(s simulate.Shopper) recommender.Person {
	return recommender.Person{Profile: recommender.Profile{ID: s.ID, Likes: s.Stated}, Events: s.Events}
}

func trainedRanker(t *testing.T) (*simulate.World, *recommender.Ranker) {
	t.Helper()
	w, file := shop()
	trained, err := model.Unmarshal(file)
	if err != nil {
		t.Fatal(err)
	}
	r, err := recommender.New(w.Products, recommender.Options{Trained: trained})
	if err != nil {
		t.Fatal(err)
	}
	return w, r
}

func ask(t *testing.T, r *recommender.Ranker, p recommender.Person, a recommender.Question) []recommender.Suggestion {
	t.Helper()
	list, err := r.Recommend(context.Background(), p, recommender.Moment{At: time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)}, a)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestReasonsAddUpToTheScoreAndHalfOfItIsExact(t *testing.T) {
	w, r := trainedRanker(t)
	for _, s := range w.Shoppers[:20] {
		p := person(s)
		p.Profile.Fit.Width = recommender.Medium
		list := ask(t, r, p, recommender.Question{Rules: rules.Options{Diversity: 0.3, MaxBrand: 20, Explore: 0.1}})
		if len(list) != recommender.DefaultCount {
			t.Fatalf("%s: %d suggestions", s.ID, len(list))
		}
		for _, one := range list {
			sum, exact, guessed := 0.0, 0.0, 0.0
			for _, b := range one.Because {
				sum += b.Weight
				if b.Approximate {
					guessed += b.Weight
				} else {
					exact += b.Weight
				}
			}
			if math.Abs(sum-one.Score) > 1e-6 {
				t.Errorf("%s, %s: reasons add up to %g, the score is %g", s.ID, one.Product, sum, one.Score)
			}
			if math.Abs(guessed) > math.Abs(exact)+recommender.ExtrasMost+1e-5 {
				t.Errorf("%s, %s: %g is approximate, %g exact", s.ID, one.Product, guessed, exact)
			}
		}
	}
}

func TestTheListIsInTheOrderOfTheReasonsSums(t *testing.T) {
	w, r := trainedRanker(t)
	for _, s := range w.Shoppers[:20] {
		list := ask(t, r, person(s), recommender.Question{})
		for i := 1; i < len(list); i++ {
			if list[i].Score > list[i-1].Score+1e-4 {
				t.Errorf("%s: place %d scores %g, the one above %g", s.ID, i+1, list[i].Score, list[i-1].Score)
			}
		}
	}
}

func TestWithoutTheMostTellingProductTheSuggestionFalls(t *testing.T) {
	w, r := trainedRanker(t)
	fell, all := 0, 0
	for _, s := range w.Shoppers[:45] {
		p := person(s)
		first := ask(t, r, p, recommender.Question{Count: 1})[0]
		for _, b := range first.Because {
			if b.Kind != recommender.Liked || b.Approximate || b.Weight <= 0 {
				continue
			}
			all++
			for _, then := range ask(t, r, p, recommender.Question{Count: len(w.Products), Without: []string{b.Subject}, Known: true}) {
				if then.Product == first.Product && then.Score < first.Score-b.Weight/3 {
					fell++
				}
				for _, reason := range then.Because {
					if reason.Subject == b.Subject && reason.Kind == recommender.Liked {
						t.Fatalf("%s is not counted, yet it is a reason", b.Subject)
					}
				}
			}
			break
		}
	}
	if all < 25 || fell < all*9/10 {
		t.Errorf("of %d suggestions %d fell by what their first reason said", all, fell)
	}
}

func TestAShopperIsShownWhatTheirTasteLikes(t *testing.T) {
	w, r := trainedRanker(t)
	worth, chance := 0.0, 0.0
	for _, s := range w.Shoppers[:30] {
		for _, p := range w.Products {
			chance += w.Tastes[s.Taste].Worth(p) / float64(30*len(w.Products))
		}
	}
	for _, s := range w.Shoppers[:30] {
		for _, one := range ask(t, r, person(s), recommender.Question{Count: 10}) {
			for _, p := range w.Products {
				if p.ID == one.Product {
					worth += w.Tastes[s.Taste].Worth(p) / 300
				}
			}
		}
	}
	if worth < chance+1.5 {
		t.Errorf("suggestions are worth %.2f to their shoppers, drawn ones %.2f", worth, chance)
	}
}
