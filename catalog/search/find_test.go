package search

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cheval/catalog"
)

// starters is the catalogue that the program ships.
func starters(t testing.TB) *catalog.Catalogue {
	t.Helper()
	c, err := catalog.Load(os.DirFS("../../assets/catalogue"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func synced(t testing.TB, folder string, c *catalog.Catalogue) *Index {
	t.Helper()
	x, err := Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = x.Close() })
	if err := x.Sync(t.Context(), c, nil); err != nil {
		t.Fatal(err)
	}
	return x
}

func find(t testing.TB, x *Index, q Query) Result {
	t.Helper()
	r, err := x.Find(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func ids(r Result) (out []string) {
	for _, h := range r.Hits {
		out = append(out, h.Product.ID)
	}
	return out
}

// mixed is the starters with products of another kind beside them.
func mixed(t testing.TB) *catalog.Catalogue {
	t.Helper()
	bag := func(id, en, zh, text string) *catalog.Product {
		return &catalog.Product{
			ID: id, Category: "bags", Brand: "Levant", State: catalog.Draft, Tags: []string{"travel"},
			Name: map[string]string{"en": en, "zh": zh}, Text: map[string]string{"en": text},
			Variants: []catalog.Variant{{SKU: strings.ToUpper(id) + "-01", Colour: "brown"}},
		}
	}
	c, err := catalog.New(append(starters(t).All(),
		bag("weekender", "Weekender", "旅行包", "<p>Full-grain leather &amp; brass, carries <b>two</b> days</p>"),
		bag("satchel", "Satchel", "剑桥包", "<p>A small satchel for a weekend of books</p>"))...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestFindsWordsInBothLanguagesAndForgivesTypos(t *testing.T) {
	x := synced(t, filepath.Join(t.TempDir(), "search"), mixed(t))
	for _, c := range []struct{ text, want string }{
		{"corso", "corso"},
		{"Corsso", "corso"},
		{"weekendr", "weekender"}, // as it is typed
		{"WEEK", "weekender"},
		{"leather bag", "weekender"}, // category and description
		{"lether", "weekender"},
		{"brass", "weekender"},
		{"旅行包", "weekender"},
		{"旅行", "weekender"},
		{"剑桥", "satchel"},
		{"旅", "weekender"},
		{"WEEKENDER-01", "weekender"}, // a number from a label
		{"satchels", "satchel"},
	} {
		got := ids(find(t, x, Query{Text: c.text}))
		if len(got) == 0 || got[0] != c.want {
			t.Errorf("%q finds %v, want %s first", c.text, got, c.want)
		}
	}
}

func TestFindsWhatShoppersCallThings(t *testing.T) {
	c := starters(t)
	x := synced(t, filepath.Join(t.TempDir(), "search"), c)
	for text, is := range map[string]func(p *catalog.Product) bool{
		"sunglasses": func(p *catalog.Product) bool { return p.Kind == catalog.Sun },
		"墨镜":         func(p *catalog.Product) bool { return p.Kind == catalog.Sun },
		"round":      func(p *catalog.Product) bool { return p.Eyewear.Shape == catalog.Round },
		"圆框":         func(p *catalog.Product) bool { return p.Eyewear.Shape == catalog.Round },
		"飞行员墨镜":      func(p *catalog.Product) bool { return p.Eyewear.Shape == catalog.Aviator },
		"torotise":   func(p *catalog.Product) bool { return hasColour(p, "tortoise") },
		"havana acetate": func(p *catalog.Product) bool {
			return hasColour(p, "tortoise") && p.Eyewear.Material == catalog.Acetate
		},
		"黑色 板材": func(p *catalog.Product) bool { return hasColour(p, "black") && p.Eyewear.Material == catalog.Acetate },
	} {
		r := find(t, x, Query{Text: text})
		if len(r.Hits) == 0 || !is(r.Hits[0].Product) {
			t.Errorf("%q finds %v", text, ids(r))
		}
	}
}

func hasColour(p *catalog.Product, colour string) bool {
	return slices.ContainsFunc(p.Variants, func(v catalog.Variant) bool { return v.Colour == colour })
}

func TestAFilterNarrowsWhatWordsFind(t *testing.T) {
	c := mixed(t)
	x := synced(t, filepath.Join(t.TempDir(), "search"), c)
	all := find(t, x, Query{Text: "black", Limit: 100})
	f := catalog.Filter{Shapes: []catalog.Shape{catalog.Round}, Colours: []string{"black"}, PriceMax: 100000}
	some := find(t, x, Query{Text: "black", Filter: f, Limit: 100})
	if len(some.Hits) == 0 || len(some.Hits) >= len(all.Hits) || some.Total != len(some.Hits) {
		t.Fatalf("%d of %d pass the filter, total %d", len(some.Hits), len(all.Hits), some.Total)
	}
	for _, h := range some.Hits {
		v := h.Product.Variants[h.Variant]
		if h.Product.Eyewear.Shape != catalog.Round || v.Colour != "black" || v.Price.Minor > 100000 {
			t.Errorf("%s (%s) passed", h.Product.ID, v.Colour)
		}
	}
	if got := ids(find(t, x, Query{Text: "travel", Filter: catalog.Filter{States: []catalog.State{catalog.Published}}})); len(got) != 0 {
		t.Errorf("drafts passed as published: %v", got)
	}
	facets, err := x.Facets(t.Context(), Query{Text: "travel"})
	if err != nil || facets.Categories["bags"] != 2 || facets.Brands["Levant"] != 2 || len(facets.Shapes) != 0 {
		t.Errorf("facets of travel %+v, %v", facets, err)
	}
	var pages []string
	for skip := range all.Total {
		pages = append(pages, ids(find(t, x, Query{Text: "black", Limit: 1, Skip: skip}))...)
	}
	if !slices.Equal(pages, ids(all)) {
		t.Errorf("page by page %v, at once %v", pages, ids(all))
	}
}

func TestWithoutWordsItIsTheShopsOrder(t *testing.T) {
	c := mixed(t)
	x := synced(t, filepath.Join(t.TempDir(), "search"), c)
	r := find(t, x, Query{Text: "  ", Limit: 3, Skip: 1})
	if r.Total != c.Len() || !slices.Equal(ids(r), []string{"lune", "corso", "vela"}) {
		t.Errorf("of %d: %v", r.Total, ids(r))
	}
	if r := find(t, x, Query{Text: "!?—"}); len(r.Hits) != 0 {
		t.Errorf("marks alone find %v", ids(r))
	}
}

func TestSomeWordsAreBetterThanNothing(t *testing.T) {
	x := synced(t, filepath.Join(t.TempDir(), "search"), mixed(t))
	r := find(t, x, Query{Text: "weekender zzzzqqqq"})
	if !r.Partly || len(r.Hits) == 0 || r.Hits[0].Product.ID != "weekender" {
		t.Errorf("partly %v: %v", r.Partly, ids(r))
	}
}

func TestHostileTextFindsNothingAndHarmsNothing(t *testing.T) {
	x := synced(t, filepath.Join(t.TempDir(), "search"), starters(t))
	for _, text := range []string{strings.Repeat("a ", 100_000), strings.Repeat("眼", 10_000), "\xff\xfe", "*", "title:x^99", `"unclosed`, strings.Repeat("长", 133) + "\xe9"} {
		find(t, x, Query{Text: text})
	}
}

func TestTheIndexFollowsTheCatalogueAndSurvives(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "search")
	c := mixed(t)
	x, err := Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x.Find(t.Context(), Query{Text: "corso"}); !errors.Is(err, ErrNotReady) {
		t.Errorf("before the first Sync: %v", err)
	}
	indexed := func(c *catalog.Catalogue) (n int) {
		if err := x.Sync(t.Context(), c, func(_, of int) { n = of }); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := indexed(c); n != c.Len() {
		t.Errorf("%d products were indexed at first, want %d", n, c.Len())
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	if x, err = Open(folder); err != nil {
		t.Fatal(err)
	}
	if n := indexed(c); n != 0 {
		t.Errorf("%d products were indexed again at the next start", n)
	}
	products := c.All()
	edited := *products[0]
	edited.Name = map[string]string{"en": "Phoenix"}
	products[0] = &edited
	changed, err := catalog.Of(products[:len(products)-1]) // the satchel is gone
	if err != nil {
		t.Fatal(err)
	}
	if n := indexed(changed); n != 1 {
		t.Errorf("%d products were indexed after one changed", n)
	}
	if got := ids(find(t, x, Query{Text: "phoenix"})); len(got) != 1 || got[0] != products[0].ID {
		t.Errorf("the new name finds %v", got)
	}
	if got := ids(find(t, x, Query{Text: "satchel"})); len(got) != 0 {
		t.Errorf("what is gone is found: %v", got)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "index_meta.json"), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	x = synced(t, folder, changed)
	if got := ids(find(t, x, Query{Text: "phoenix"})); len(got) != 1 {
		t.Errorf("after its folder was damaged the index finds %v", got)
	}
}

func TestSyncCanBeCancelled(t *testing.T) {
	x, err := Open(filepath.Join(t.TempDir(), "search"))
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := x.Sync(ctx, starters(t), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
