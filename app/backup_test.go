package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cheval/catalog"
	"cheval/catalog/store"
	"cheval/recommender"
	"cheval/recommender/people"
)

func TestTheCatalogueIsBackedUpFromTheStudio(t *testing.T) {
	b, page := studioPage(t, "en")
	path := filepath.Join(t.TempDir(), "shop.zip")
	page.backUp(path)
	b.settle()
	if b.stage.sheet == nil {
		t.Fatal("where the backup lies is not said")
	}
	home := t.TempDir()
	back, _, err := store.Restore(t.Context(), home, path, nil)
	if err != nil || back.Products != len(page.list.all) {
		t.Errorf("the backup holds %d products of %d, %v", back.Products, len(page.list.all), err)
	}
	bad := filepath.Join(t.TempDir(), "gone", "shop.zip")
	page.backUp(bad)
	b.settle()
	if _, err := os.Stat(bad); err == nil || b.stage.sheet == nil {
		t.Errorf("a backup into no folder: %v", err)
	}
}

// The one of this morning must be there if that of now fails.
func TestABackupReplacesNone(t *testing.T) {
	folder := t.TempDir()
	for _, want := range []string{"shop.zip", "shop-2.zip", "shop-3.zip"} {
		path := freeName(folder, "shop", ".zip")
		if filepath.Base(path) != want {
			t.Errorf("%s, want %s", path, want)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAReasonAgainstAFrameIsNotWordedAsOneForIt(t *testing.T) {
	b := newBench(t, "en", 1280, 800)
	for weight, want := range map[float64]string{0.3: "suits", -0.3: "does not suit"} {
		if got := b.reasonText(recommender.Reason{Kind: recommender.Fits, Weight: weight}); !strings.Contains(got, want) {
			t.Errorf("weight %g is worded %q", weight, got)
		}
	}
}

func TestSizesOfTheInsightsAreThoseOfTheCatalogue(t *testing.T) {
	all := starter(t).All()
	n := 0
	for size, ids := range sizeGroups(append(all, &catalog.Product{ID: "scarf"})) {
		for _, id := range ids {
			if p := starter(t).Product(id); p == nil || p.Eyewear.Size() != size {
				t.Errorf("%s stands under %s", id, size)
			}
		}
		n += len(ids)
	}
	if n != len(all) {
		t.Errorf("%d of %d products have a size", n, len(all))
	}
}

func TestATicketsCodeIsLookedUp(t *testing.T) {
	b := newBench(t, "en", 1280, 800, withStore)
	b.section = sectionTickets
	b.stage.goTo(screenStaff)
	b.settle()
	if b.people == nil {
		t.Fatal("the store of people is not open")
	}
	var basket people.Basket
	p := starter(t).Product("aria")
	if err := basket.Set(p, 0, 1, "en"); err != nil {
		t.Fatal(err)
	}
	ticket, err := b.people.MakeTicket(&basket, "", "")
	if err != nil {
		t.Fatal(err)
	}
	page := &ticketsPage{a: b.App, look: b.look, body: b.look.column(16)}
	for _, text := range []string{ticket.Text(), strings.ReplaceAll(ticket.Text(), "\n", "\r\n"), "#1", "no ticket", "99"} {
		page.find(text)
		b.settle()
		if b.stage.sheet == nil {
			t.Errorf("%q is not answered", text)
		}
		b.stage.closeSheet()
	}
	read, err := people.ParseTicket(ticket.Text())
	if err != nil {
		t.Fatal(err)
	}
	if kept, err := b.people.Ticket(ticket.Number); err != nil || !kept.Same(read) {
		t.Errorf("the ticket is not the same as its code: %v", err)
	}
	read.Lines[0].Price.Minor--
	if kept, _ := b.people.Ticket(ticket.Number); kept.Same(read) {
		t.Error("another price is not noticed")
	}
}
