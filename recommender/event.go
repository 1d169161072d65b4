package recommender

import (
	"fmt"
	"math"
	"time"
)

// EventKind is what a person did.
type EventKind string

const (
	View    EventKind = "view"    // looked at a product's page
	Try     EventKind = "try"     // wore it
	Turn    EventKind = "turn"    // turned the head while wearing it
	Compare EventKind = "compare" // laid it beside Other
	Like    EventKind = "like"
	Dislike EventKind = "dislike" // "not for me"
	Keep    EventKind = "keep"    // kept the look, or put it into the basket
	Buy     EventKind = "buy"     // staff marked its ticket sold
	Skip    EventKind = "skip"    // shown and passed over
	Ask     EventKind = "ask"     // asked about it
)

// EventKinds are all kinds, in the order of a visit.
func EventKinds() []EventKind {
	return []EventKind{View, Try, Turn, Compare, Like, Dislike, Keep, Buy, Skip, Ask}
}

// Event is one thing that a person did with one product.
type Event struct {
	// ID orders all events of a store and is given by it, from 1; 0: not kept.
	ID uint64 `json:"id,omitempty"`
	// Profile is who did it; "" for a person without one.
	Profile string `json:"profile,omitempty"`
	// Session is the visit. It is no person: nothing links two visits but Profile.
	Session string    `json:"session,omitempty"`
	Kind    EventKind `json:"kind"`
	Product string    `json:"product"`           // its ID
	Variant string    `json:"variant,omitempty"` // its SKU
	Other   string    `json:"other,omitempty"`   // the product's ID that Compare laid beside it
	At      time.Time `json:"at"`
	// Seconds is how long it took: of a view, a try. 0: not known.
	Seconds float64 `json:"seconds,omitempty"`
	// Worn is the ID of the product that was worn meanwhile.
	Worn string `json:"worn,omitempty"`
	// Sentiment of what was said with it, -1..1; 0: nothing said.
	Sentiment float64 `json:"sentiment,omitempty"`
	// Verdict is what the mirror said of the fit of a try: "good",
	// "too-wide", "too-narrow"; "": nothing.
	Verdict string `json:"verdict,omitempty"`
	// Policy chose to show the product, with probability Propensity (0..1; 0:
	// not known) at place Place (from 1; 0: was not in a list).
	Policy     string  `json:"policy,omitempty"`
	Propensity float64 `json:"propensity,omitempty"`
	Place      int     `json:"place,omitempty"`
}

// Limits of one event's texts, in bytes.
const (
	maxID   = 128
	maxWord = 64
)

// Validate says in one sentence why an event cannot be kept.
func (e *Event) Validate() error {
	switch e.Kind {
	case View, Try, Turn, Compare, Like, Dislike, Keep, Buy, Skip, Ask:
	default:
		return fmt.Errorf("recommender: an event's kind is one of view, try, turn, compare, like, dislike, keep, buy, skip, ask, not %q", e.Kind)
	}
	if e.Product == "" {
		return fmt.Errorf("recommender: a %s event names no product", e.Kind)
	}
	for _, s := range []struct{ name, value string }{
		{"product", e.Product}, {"variant", e.Variant}, {"other product", e.Other}, {"worn product", e.Worn},
		{"profile", e.Profile}, {"session", e.Session},
	} {
		if len(s.value) > maxID {
			return fmt.Errorf("recommender: the %s of a %s event is %d bytes long, but at most %d are kept", s.name, e.Kind, len(s.value), maxID)
		}
	}
	if len(e.Verdict) > maxWord || len(e.Policy) > maxWord {
		return fmt.Errorf("recommender: the verdict or policy of a %s event is longer than %d bytes", e.Kind, maxWord)
	}
	return e.validateNumbers()
}

func (e *Event) validateNumbers() error {
	for _, n := range []struct {
		name      string
		v, lo, hi float64
	}{
		{"seconds", e.Seconds, 0, 86400},
		{"sentiment", e.Sentiment, -1, 1},
		{"propensity", e.Propensity, 0, 1},
	} {
		if math.IsNaN(n.v) || n.v < n.lo || n.v > n.hi {
			return fmt.Errorf("recommender: %s of a %s event is %g, but lies between %g and %g", n.name, e.Kind, n.v, n.lo, n.hi)
		}
	}
	if e.Place < 0 {
		return fmt.Errorf("recommender: a %s event has place %d, but places count from 1", e.Kind, e.Place)
	}
	return nil
}

// Strength is how much an event tells of a person's taste: above 0 for, below
// 0 against, 1 a spoken like. A long try counts more, up to twice; what was
// said with it moves it by as much as its sentiment.
func (e *Event) Strength() float64 {
	var s float64
	switch e.Kind {
	case View:
		s = 0.2
	case Try:
		s = 0.5 * (1 + math.Min(e.Seconds, 60)/60)
	case Turn, Compare, Ask:
		s = 0.3
	case Like:
		s = 1
	case Keep:
		s = 1.2
	case Buy:
		s = 1.5
	case Skip:
		s = -0.2
	case Dislike:
		s = -1
	}
	return s + 0.5*e.Sentiment
}
