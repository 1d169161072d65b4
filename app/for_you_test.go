package app

import (
	"slices"
	"testing"
	"time"

	"cheval/recommender"
)

func TestTheRailShowsWhatSuitsThePersonFirstAndSaysWhy(t *testing.T) {
	b := newBench(t, "en", 1280, 800)
	b.settle()
	liked := b.shopper.all[1]
	b.wear(liked)
	b.clock.advance(20 * time.Second)
	b.toggleLike()
	b.settle()
	b.toggleForYou()
	b.settle()
	sh := b.shopper
	if len(b.suggest.list) == 0 || len(sh.shown) != len(sh.best)+1 && !slices.Contains(sh.best, sh.worn) {
		t.Fatalf("%d suggestions, the rail shows %d", len(b.suggest.list), len(sh.shown))
	}
	if sh.shown[0] != liked {
		t.Errorf("what is worn stands not first but at %d", slices.Index(sh.shown, liked))
	}
	s := b.suggestion(sh.shown[1])
	sum := 0.0
	for _, r := range s.Because {
		sum += r.Weight
	}
	if d := sum - s.Score; d > 1e-6 || d < -1e-6 {
		t.Errorf("the reasons sum to %g, the score is %g", sum, s.Score)
	}
	if note := b.reasonNote(sh.shown[1]); note == "" {
		t.Error("the first suggestion gives no reason")
	}
}

func TestATapMakesTheListCheaper(t *testing.T) {
	b := newBench(t, "zh", 1080, 1920)
	b.settle()
	b.wear(b.shopper.all[1])
	b.toggleForYou()
	b.settle()
	b.openWhy()
	b.settle()
	i := slices.IndexFunc(b.suggest.whatIfs, func(w recommender.WhatIf) bool { return w.Kind == "cheaper" })
	if i < 0 {
		t.Fatalf("nothing makes it cheaper: %+v", b.suggest.whatIfs)
	}
	p := b.shopper.stock.Product(b.suggest.of)
	price := p.Variants[0].Price.Minor
	b.suggest.changes = append(b.suggest.changes, taken{b.suggest.whatIfs[i].Change, price})
	b.suggestAgain()
	b.settle()
	if len(b.suggest.list) == 0 {
		t.Fatal("nothing is suggested any more")
	}
	for _, s := range b.suggest.list {
		got, v := b.shopper.stock.SKU(s.Variant)
		if got == nil || got.Variants[v].Price.Minor >= price {
			t.Errorf("%s (%s) is suggested, and not below %d", s.Product, s.Variant, price)
		}
	}
	b.endSession()
	b.settle()
	if len(b.suggest.changes) > 0 || b.shopper.forYou {
		t.Error("the next person gets the last one's list")
	}
}
