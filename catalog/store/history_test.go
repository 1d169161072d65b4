package store

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"cheval/catalog"
)

func TestEveryChangeHasAnUndo(t *testing.T) {
	s := openAt(t, t.TempDir())
	apply(t, s, Batch{Kind: Import, Note: "spring.csv", Put: []*catalog.Product{frame(t, "corso"), frame(t, "alto")}})
	edited := frame(t, "vela")
	edited.Brand = "Other"
	apply(t, s, Batch{Kind: Edit, Put: []*catalog.Product{edited}})
	apply(t, s, Batch{Kind: Remove, Delete: []string{"aria"}})
	if got := ids(t, s); got != "vela corso alto" {
		t.Fatalf("products %s", got)
	}
	s = reopened(t, s)
	for _, want := range []struct {
		kind ChangeKind
		ids  string
	}{{Remove, "vela aria corso alto"}, {Edit, "vela aria corso alto"}, {Import, "vela aria"}} {
		c, err := s.Undo(t.Context())
		if err != nil || c.Kind != want.kind || ids(t, s) != want.ids {
			t.Errorf("undid %s (%v), products %s; want %s and %s", c.Kind, err, ids(t, s), want.kind, want.ids)
		}
		whole(t, s)
	}
	if _, err := s.Undo(t.Context()); !errors.Is(err, ErrNothing) {
		t.Errorf("nothing left to undo: %v", err)
	}
	for _, kind := range []ChangeKind{Import, Edit, Remove} {
		if c, err := s.Redo(t.Context()); err != nil || c.Kind != kind {
			t.Errorf("redid %s, %v; want %s", c.Kind, err, kind)
		}
	}
	p, err := s.Product("vela")
	if got := ids(t, s); got != "vela corso alto" || err != nil || p.Brand != "Other" {
		t.Errorf("after all was redone: %s, %v", got, p)
	}
	whole(t, s)
}

func TestAnImportOfManyBatchesIsUndoneAsOne(t *testing.T) {
	s := openAt(t, t.TempDir())
	first := apply(t, s, Batch{Kind: Import, Note: "spring.csv", Put: []*catalog.Product{frame(t, "corso")}})
	edited := frame(t, "vela")
	edited.Brand = "Other"
	for _, p := range []*catalog.Product{frame(t, "alto"), edited} {
		if c := apply(t, s, Batch{Kind: Import, Put: []*catalog.Product{p}, Into: first.ID}); c.ID != first.ID {
			t.Errorf("went on with %d as %d", first.ID, c.ID)
		}
	}
	all, err := s.Changes()
	if err != nil || len(all) != 1 || all[0].Products != 3 || all[0].Note != "spring.csv" {
		t.Errorf("changes %+v, %v", all, err)
	}
	if _, err := s.Undo(t.Context()); err != nil {
		t.Fatal(err)
	}
	if p, _ := s.Product("vela"); ids(t, s) != "vela aria" || p.Brand == "Other" {
		t.Errorf("after undo: %s", ids(t, s))
	}
}

func TestAChangeEndsWhatCouldBeRedone(t *testing.T) {
	s := openAt(t, t.TempDir())
	apply(t, s, Batch{Kind: Import, Put: []*catalog.Product{pictured(t, s, frame(t, "corso"), "x")}})
	if _, err := s.Undo(t.Context()); err != nil {
		t.Fatal(err)
	}
	if u, _ := s.Undone(); len(u) != 1 || u[0].Kind != Import {
		t.Errorf("undone %+v", u)
	}
	apply(t, s, Batch{Kind: Import, Put: []*catalog.Product{frame(t, "alto")}})
	if _, err := s.Redo(t.Context()); !errors.Is(err, ErrNothing) {
		t.Errorf("redone after another change: %v", err)
	}
	s = reopened(t, s)
	if s.Swept() != 1 {
		t.Errorf("swept %d, want the picture of what can no more be redone", s.Swept())
	}
	whole(t, s)
}

func TestHistoryIsBounded(t *testing.T) {
	s := openAt(t, t.TempDir())
	for i := range keptChanges + 20 {
		e := frame(t, "vela")
		e.Brand = fmt.Sprint("Brand ", i)
		apply(t, s, Batch{Kind: Edit, Put: []*catalog.Product{e}})
	}
	all, err := s.Changes()
	if err != nil || len(all) != keptChanges {
		t.Errorf("%d changes are kept, %v; want %d", len(all), err, keptChanges)
	}
}

// TestUndoIsExact does random changes and takes them all back and forth.
func TestUndoIsExact(t *testing.T) {
	names := []string{"a", "b", "c", "d"}
	samples := map[string]*catalog.Product{}
	for _, n := range names {
		samples[n] = frame(t, n)
	}
	s := openAt(t, t.TempDir())
	s.db.NoSync = true // a machine that stops is another test's matter
	content := func() string {
		var b strings.Builder
		c, err := s.Catalogue()
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range c.All() {
			fmt.Fprintf(&b, "%s:%s:%v ", p.ID, p.Brand, p.Pictures)
		}
		return b.String()
	}
	rapid.Check(t, func(t2 *rapid.T) {
		states := []string{content()}
		for range rapid.IntRange(1, 6).Draw(t2, "changes") {
			var b Batch
			for _, n := range rapid.SliceOfNDistinct(rapid.SampledFrom(names), 1, 4, rapid.ID[string]).Draw(t2, "products") {
				c, _ := s.Catalogue()
				if c.Product(n) != nil && rapid.Bool().Draw(t2, "delete") {
					b.Delete = append(b.Delete, n)
					continue
				}
				p := *samples[n]
				p.Brand = rapid.SampledFrom([]string{"X", "Y", "Z"}).Draw(t2, "brand")
				if rapid.Bool().Draw(t2, "picture") {
					pictured(t, s, &p, rapid.SampledFrom([]string{"1", "2"}).Draw(t2, "file"))
				}
				b.Put = append(b.Put, &p)
			}
			if c := apply(t, s, b); c.ID != 0 {
				states = append(states, content())
			}
		}
		for i := len(states) - 2; i >= 0; i-- {
			if _, err := s.Undo(t.Context()); err != nil || content() != states[i] {
				t2.Fatalf("undone to %s, %v; want %s", content(), err, states[i])
			}
		}
		for _, want := range states[1:] {
			if _, err := s.Redo(t.Context()); err != nil || content() != want {
				t2.Fatalf("redone to %s, %v; want %s", content(), err, want)
			}
		}
		s.mu.Lock()
		s.loaded = false // what is on the disk must be the same
		s.snapshot = nil
		s.mu.Unlock()
		if content() != states[len(states)-1] {
			t2.Fatalf("the disk has %s, want %s", content(), states[len(states)-1])
		}
		if r, err := s.Verify(t.Context(), nil); err != nil || !r.OK {
			t2.Fatalf("verify: %+v, %v", r, err)
		}
	})
}
