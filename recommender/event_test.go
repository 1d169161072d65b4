package recommender

import (
	"math"
	"strings"
	"testing"
)

func TestAnEventThatCannotBeKeptSaysWhy(t *testing.T) {
	for _, c := range []struct {
		why string
		e   Event
	}{
		{`not "stare"`, Event{Kind: "stare", Product: "aria"}},
		{"names no product", Event{Kind: View}},
		{"seconds of a try event is NaN", Event{Kind: Try, Product: "aria", Seconds: math.NaN()}},
		{"propensity of a view event is 2", Event{Kind: View, Product: "aria", Propensity: 2}},
		{"place -1", Event{Kind: View, Product: "aria", Place: -1}},
		{"the product of a view event is 200 bytes long", Event{Kind: View, Product: strings.Repeat("a", 200)}},
	} {
		if err := c.e.Validate(); err == nil || !strings.Contains(err.Error(), c.why) {
			t.Errorf("%+v: %v, want a sentence with %q", c.e, err, c.why)
		}
	}
	ok := Event{Kind: Try, Product: "aria", Seconds: 30, Sentiment: -1, Propensity: 1, Place: 3}
	if err := ok.Validate(); err != nil {
		t.Error(err)
	}
}

func TestAPathIsNoProfile(t *testing.T) {
	for _, id := range []string{"", "../people", "a/b", `a\b`, "a.db", "naïve", "a b", "a\x00", strings.Repeat("a", 65)} {
		if CheckProfileID(id) == nil {
			t.Errorf("%q passes as a profile's ID", id)
		}
	}
	if err := CheckProfileID("Mei-Lin_2"); err != nil {
		t.Error(err)
	}
}

func TestALongerTryTellsMoreAndADislikeTellsAgainst(t *testing.T) {
	short, long := Event{Kind: Try, Seconds: 2}, Event{Kind: Try, Seconds: 45}
	if short.Strength() >= long.Strength() {
		t.Errorf("a try of 2 s counts %g, one of 45 s %g", short.Strength(), long.Strength())
	}
	if d := (&Event{Kind: Dislike}).Strength(); d >= 0 {
		t.Errorf("a dislike counts %g", d)
	}
}
