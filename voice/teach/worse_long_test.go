//go:build long

package teach

import (
	"testing"
	"time"

	"cheval/voice/understand"
)

// TestWorseClassifiersAreNotSwappedIn: examples that contradict the grammar
// make it worse, and are refused as training; what was taught holds all the same.
func TestWorseClassifiersAreNotSwappedIn(t *testing.T) {
	l := open(t, t.TempDir())
	guard, err := understand.Sentences(guardEach)
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range guard {
		if g.Language != understand.English {
			continue
		}
		e := Example{g, Taught, "", time.Unix(1, 0)}
		e.Intent = understand.Erase
		if err := l.Add(e); err != nil {
			t.Fatal(err)
		}
	}
	_, o, err := l.Retrain(t.Context(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if o.Swapped || o.After.Guard >= o.Before.Guard {
		t.Errorf("nonsense was swapped in: %+v", o)
	}
}
