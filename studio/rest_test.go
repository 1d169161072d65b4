package studio

import (
	"testing"
	"time"

	"cheval/studio/photo"
)

// open says whether the cut-out's model is in memory.
func (s *Studio) open() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cutter != nil
}

func TestModelsRestWhenNothingIsCutOutAndStartAgain(t *testing.T) {
	s := openStudio(t)
	s.RestAfter(2 * time.Second) // longer than what follows the network takes
	p, err := photo.Decode(large(t, 300))
	if err != nil {
		t.Fatal(err)
	}
	busy := 0
	for range 2 {
		if _, err := s.CutOut(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		busy = max(busy, resident(t))
		for end := time.Now().Add(time.Minute); s.open(); time.Sleep(10 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("the model is still open a minute later")
			}
		}
	}
	time.Sleep(100 * time.Millisecond)
	if rest := resident(t); rest > busy*3/4 {
		t.Errorf("%d MB at rest, %d at work: what the network takes is not given back", rest, busy)
	} else {
		t.Logf("%d MB at rest, %d at work", rest, busy)
	}
}
