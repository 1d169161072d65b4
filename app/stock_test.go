package app

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"cheval/catalog"
	"cheval/catalog/store"
)

// withStore has the app keep its catalogue as the program does.
func withStore(p *parts) { p.openStore = openShopStore }

// until runs the UI's queue until something is so.
func (b *bench) until(t *testing.T, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !so(); {
		if time.Now().After(end) {
			t.Fatalf("it never came about that %s", what)
		}
		b.ui.run()
		time.Sleep(time.Millisecond)
	}
}

func TestAFirstStartSellsTheStarterProducts(t *testing.T) {
	b := newBench(t, "en", 1280, 800, withStore)
	if got, want := len(b.shopper.all), starter(t).Len(); got != want {
		t.Errorf("%d products, want the %d starters", got, want)
	}
	if b.shopper.worn.ID != starter(t).All()[0].ID {
		t.Errorf("the first is %s: the order was lost", b.shopper.worn.ID)
	}
}

// What the merchant publishes, edits and withdraws shows before the mirror
// while it runs, and what is worn stays.
func TestPublishingReachesTheMirrorAtOnce(t *testing.T) {
	b := newBench(t, "en", 1280, 800, withStore)
	sh := b.shopper
	b.wear(sh.all[3])
	b.setFilters(filters{shapes: []catalog.Shape{sh.worn.Eyewear.Shape}})
	fresh, edited := *sh.worn, *sh.worn
	fresh.ID, edited.Brand = "fresh", "Other"
	draft := fresh
	draft.ID, draft.State = "not-yet", catalog.Draft
	_, err := b.store.Apply(t.Context(), store.Batch{Kind: store.Publish, Put: []*catalog.Product{&fresh, &edited, &draft}, Delete: []string{sh.all[0].ID}})
	if err != nil {
		t.Fatal(err)
	}
	before := sh.worn
	b.until(t, "the new product is in stock", func() bool { return sh.stock.Product("fresh") != nil })
	if sh.worn == before || sh.worn.ID != before.ID || sh.worn.Brand != "Other" {
		t.Errorf("worn is %s of %s, want %s as it is now", sh.worn.ID, sh.worn.Brand, before.ID)
	}
	if sh.stock.Product("not-yet") != nil {
		t.Error("a draft is shown to shoppers")
	}
	if n := len(sh.shown); n == 0 || sh.shown[n-1].ID != "fresh" {
		t.Errorf("the rail, which is filtered by shape, does not end with the new product")
	}
	if b.still.looks[0].Product != sh.worn {
		t.Error("the mirror still wears the old one")
	}
	if _, err := b.store.Undo(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.until(t, "the undone product is gone", func() bool { return sh.stock.Product("fresh") == nil })
}

func TestTwoAppsDoNotShareACatalogue(t *testing.T) {
	b := newBench(t, "en", 1280, 800, withStore)
	other := newApp(b.fyne, Options{Home: b.opts.Home}, b.parts)
	if err := other.open(); !errors.Is(err, store.ErrHeld) {
		t.Errorf("opened twice: %v", err)
	}
	other.cancel()
}

// TestAKioskRunsThoughItsCatalogueCannotBeKept stands a file where the folder
// of pictures should be.
func TestAKioskRunsThoughItsCatalogueCannotBeKept(t *testing.T) {
	b := newBench(t, "en", 1280, 800, func(p *parts) {
		p.openStore = func(home string) (*store.Store, error) {
			if err := os.WriteFile(filepath.Join(home, "pictures"), nil, 0o644); err != nil {
				return nil, err
			}
			return openShopStore(home)
		}
	})
	if len(b.shopper.all) == 0 || len(b.notices) == 0 {
		t.Errorf("%d products, notices %v", len(b.shopper.all), b.notices)
	}
}

// The studio's search forgives typos and knows Chinese, and finds what was just
// brought in.
func TestTheStudioFindsProductsByWords(t *testing.T) {
	b := newBench(t, "en", 1280, 800, withStore)
	b.until(t, "the index is made", func() bool { return b.finder.index.Load() != nil })
	find := func(words string) string {
		l := newStockList(b.everything())
		l.words = words
		l.found, _ = b.finder.find(t.Context(), words)
		l.narrow()
		if len(l.shown) == 0 {
			return ""
		}
		return l.shown[0].ID
	}
	if got := find("corsso"); got != "corso" {
		t.Errorf("corsso finds %q", got)
	}
	if got := find("飞行员墨镜"); b.shopper.stock.Product(got) == nil || b.shopper.stock.Product(got).Eyewear.Shape != catalog.Aviator {
		t.Errorf("飞行员墨镜 finds %q", got)
	}
	fresh := *b.shopper.all[0]
	fresh.ID, fresh.Name = "fresh", map[string]string{"en": "Meridian"}
	if _, err := b.store.Apply(t.Context(), store.Batch{Kind: store.Import, Put: []*catalog.Product{&fresh}}); err != nil {
		t.Fatal(err)
	}
	b.until(t, "the new product is found", func() bool { return find("meridien") == "fresh" })
}
