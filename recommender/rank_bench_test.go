package recommender_test

import (
	"context"
	"testing"

	"cheval/recommender"
	"cheval/recommender/model"
	"cheval/recommender/simulate"
)

// BenchmarkTop100 ranks 100 000 products, most of which the model does not know.
func BenchmarkTop100(b *testing.B) {
	w, file := shop()
	trained, err := model.Unmarshal(file)
	if err != nil {
		b.Fatal(err)
	}
	more := simulate.New(simulate.Options{Products: 100_000, Seed: 9})
	r, err := recommender.New(more.Products, recommender.Options{Trained: trained})
	if err != nil {
		b.Fatal(err)
	}
	p := person(w.Shoppers[0])
	for b.Loop() {
		if _, err := r.Recommend(context.Background(), p, recommender.Moment{}, recommender.Question{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkObserve(b *testing.B) {
	w, file := shop()
	trained, err := model.Unmarshal(file)
	if err != nil {
		b.Fatal(err)
	}
	r, err := recommender.New(w.Products, recommender.Options{Trained: trained})
	if err != nil {
		b.Fatal(err)
	}
	e := w.Shoppers[0].Events
	for b.Loop() {
		r.Observe(e[:len(e)-1], e[len(e)-1])
	}
}
