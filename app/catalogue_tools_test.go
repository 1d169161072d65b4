package app

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"cheval/catalog"
	"cheval/catalog/exchange"
	"cheval/catalog/store"
)

// studioPage is the catalogue's screen of a bench with a store.
func studioPage(t *testing.T, lang string) (*bench, *cataloguePage) {
	t.Helper()
	b := newBench(t, lang, 1280, 800, withStore)
	b.section = sectionCatalogue
	b.stage.goTo(screenStaff)
	page := newCataloguePage(b.stage.staff)
	b.settle()
	return b, page
}

func TestASpreadsheetComesInAsDraftsAndOneUndoTakesItBack(t *testing.T) {
	b, page := studioPage(t, "en")
	before := len(page.list.all)
	file, err := exchange.Open(filepath.Join("..", "catalog", "exchange", "testdata", "shopify-export.csv"), "")
	if err != nil {
		t.Fatal(err)
	}
	s := &sheetImport{page: page, file: file}
	b.stage.open(s.sheet)
	s.start()
	b.settle()
	if s.result == nil || s.result.Products == 0 {
		t.Fatalf("the import came to %+v", s.result)
	}
	b.until(t, "the drafts are shown", func() bool { return len(page.list.all) == before+s.result.Products })
	if page.list.counts[standPublished] != before {
		t.Errorf("%d are published, want the %d from before: what comes in are drafts", page.list.counts[standPublished], before)
	}
	page.undo()
	b.settle()
	if len(page.list.all) != before {
		t.Errorf("%d products after undo, want %d", len(page.list.all), before)
	}
}

func TestWhatMayNotBePublishedStaysTickedAndSaysWhy(t *testing.T) {
	b, page := studioPage(t, "en")
	bare := &catalog.Product{ID: "bare", Category: "eyewear", Name: map[string]string{"en": "Bare"}, State: catalog.Draft,
		Variants: []catalog.Variant{{SKU: "BARE-1"}}}
	if _, err := b.store.Apply(t.Context(), store.Batch{Kind: store.Import, Put: []*catalog.Product{bare}}); err != nil {
		t.Fatal(err)
	}
	b.until(t, "the draft is shown", func() bool { return page.list.counts[standNeedsSize] == 1 })
	page.list.chosen["bare"] = true
	page.setState(catalog.Published, store.Publish)
	b.settle()
	if !page.list.chosen["bare"] || b.stage.sheet == nil {
		t.Error("the product that was refused is not told")
	}
	if p, err := b.store.Product("bare"); err != nil || p.State != catalog.Draft {
		t.Errorf("it is %v, %v", p, err)
	}
}

func TestWordsNarrowTheGrid(t *testing.T) {
	s := newStockList(starter(t).All())
	s.words = "ARIA tort"
	s.narrow()
	if len(s.shown) != 1 || s.shown[0].ID != "aria" {
		t.Errorf("%q shows %d products", s.words, len(s.shown))
	}
	s.words, s.only = "", standNeedsSize
	s.narrow()
	if len(s.shown) != 0 {
		t.Errorf("%d starters need a size", len(s.shown))
	}
	if !strings.Contains(string(standingOf(s.all[0])), "published") {
		t.Errorf("a starter stands as %s", standingOf(s.all[0]))
	}
}

// Giving the checks up writes nothing.
func TestABatchThatIsGivenUpPublishesNothing(t *testing.T) {
	b, page := studioPage(t, "en")
	p, err := b.store.Product("aria")
	if err != nil {
		t.Fatal(err)
	}
	p.State = catalog.Draft
	if _, err := b.store.Apply(t.Context(), store.Batch{Kind: store.Withdraw, Put: []*catalog.Product{p}}); err != nil {
		t.Fatal(err)
	}
	b.until(t, "the draft is shown", func() bool { return page.list.counts[standDraft] == 1 })
	hold := make(chan struct{})
	b.heads.open = func(context.Context) (headDrawer, error) {
		<-hold
		return flatHeads{}, nil
	}
	for _, give := range []bool{true, false} {
		page.list.chosen["aria"] = true
		page.setState(catalog.Published, store.Publish)
		if give {
			b.stage.sheet.close()
			close(hold)
		}
		b.settle()
		p, err := b.store.Product("aria")
		if err != nil || (p.State == catalog.Draft) != give {
			t.Errorf("given up %v: it is %q, %v", give, p.State, err)
		}
	}
	if b.stage.sheet != nil {
		t.Error("the sheet stays")
	}
}
