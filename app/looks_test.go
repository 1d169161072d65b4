package app

import (
	"context"
	"testing"

	"cheval/catalog/store"
	"cheval/studio/embed"
)

// viewOf is an embedding that points that way, of two.
func viewOf(x, y float32) embed.Embedding {
	e := make(embed.Embedding, embed.Width)
	e[0], e[1] = x, y
	return e
}

func TestMoreLikeThisShowsTheLikestFirst(t *testing.T) {
	b, page := studioPage(t, "en")
	put := func(id string, views ...embed.Embedding) {
		v := store.Vector{Key: id}
		for _, e := range views {
			v.Values = append(v.Values, e...)
		}
		if err := b.store.PutVectors(context.Background(), store.PictureVectors, v); err != nil {
			t.Fatal(err)
		}
	}
	put("aria", viewOf(1, 0), viewOf(0, 1))
	put("lune", viewOf(1, 1))
	put("corso", viewOf(0.1, 1))
	put("vela", viewOf(-1, 0), viewOf(1, 0.01)) // one of its colourways is the likest
	page.moreLike(b.shopper.stock.Product("aria"))
	b.settle()
	var got []string
	for _, p := range page.list.shown {
		got = append(got, p.ID)
	}
	want := []string{"aria", "vela", "corso", "lune"}
	if len(got) != len(want) {
		t.Fatalf("%v are shown", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("%v are shown, want %v", got, want)
		}
	}
	page.clearLikest()
	if len(page.list.shown) != len(page.list.all) {
		t.Error("the others did not come back")
	}
}

func TestWhatWasNotLookedAtYetIsSaid(t *testing.T) {
	b, page := studioPage(t, "zh")
	page.moreLike(b.shopper.stock.Product("aria"))
	b.settle()
	if b.stage.sheet == nil || len(page.list.shown) != len(page.list.all) {
		t.Error("nothing is said")
	}
}
