package recommender_test

import (
	"context"
	"testing"
	"time"

	"cheval/recommender"
	"cheval/recommender/evaluate"
	"cheval/recommender/simulate"
)

// hits is how often a shopper's last product is among the first ten of itself
// and 99 drawn ones, by the blend, of shoppers of some tastes.
func hits(t *testing.T, r *recommender.Ranker, w *simulate.World, taste func(int) bool) float64 {
	t.Helper()
	n, hit := 0.0, 0.0
	for k, s := range w.Shoppers {
		if !taste(s.Taste) || len(s.Events) < 4 {
			continue
		}
		last := s.Events[len(s.Events)-1].Product
		p := person(s)
		p.Events = s.Events[:len(s.Events)-1]
		drawn := map[string]bool{last: true}
		for i := range 99 {
			drawn[w.Products[(k*37+i*101)%len(w.Products)].ID] = true
		}
		n++
		place := 0
		for _, one := range ask(t, r, p, recommender.Question{Count: len(w.Products), Known: true}) {
			if drawn[one.Product] {
				place++
			}
			if one.Product == last {
				if place <= 10 {
					hit++
				}
				break
			}
		}
	}
	return hit / n
}

func TestLearningOneTasteDoesNotUnlearnTheOthers(t *testing.T) {
	w, r := trainedRanker(t)
	small := *w
	small.Shoppers = w.Shoppers[:150]
	others := func(taste int) bool { return taste != 0 }
	before := hits(t, r, &small, others)
	for n := 0; n < 10_000; {
		for _, s := range w.Shoppers {
			if s.Taste != 0 {
				continue
			}
			for k, e := range s.Events {
				if e.Kind == recommender.Skip || n >= 10_000 {
					continue
				}
				e.At = time.Date(2026, 6, 1, 10, 0, n, 0, time.UTC)
				r.Observe(s.Events[:k], e)
				n++
			}
		}
	}
	after := hits(t, r, &small, others)
	t.Logf("HR@10 of the other tastes: %.4f, after 10 000 events of one taste %.4f", before, after)
	if after < before*0.98 {
		t.Errorf("HR@10 of the other tastes fell from %.4f to %.4f", before, after)
	}
}

func TestColdProductsAreRankedBetterThanByContentAlone(t *testing.T) {
	w := simulate.New(simulate.Options{Products: 1000, Shoppers: 1000, Events: 20, Seed: 4})
	l := lessons(w)
	data, _ := l.Data()
	c, err := evaluate.ColdProducts(context.Background(), data, 1, func(float64, string) {})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("simulated shoppers, %d cold products: %+v", c.Products, c)
	if c.Ratio < 1.5 {
		t.Errorf("NDCG@10 is %.2f times the content baseline's, want 1.5 (%v)", c.Ratio, c.NDCG10)
	}
}
