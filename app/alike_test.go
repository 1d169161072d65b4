package app

import (
	"bytes"
	"image/jpeg"
	"testing"

	"cheval/catalog"
	"cheval/catalog/store"
)

// The same photo, saved once more at another quality, is found beside the
// first; another photo is not. Keeping one takes the other's draft away.
func TestNearlyTheSamePhotosAreFoundAndMergedByChoice(t *testing.T) {
	b, page := studioPage(t, "en")
	one := photographed(t, b, "octagon-gold-folded")
	photographed(t, b, "almond-white-lying")
	img, err := b.storedPicture(one.Pictures[0].Hash)
	if err != nil {
		t.Fatal(err)
	}
	var again bytes.Buffer
	if err := jpeg.Encode(&again, img, &jpeg.Options{Quality: 60}); err != nil {
		t.Fatal(err)
	}
	hash, err := b.store.PutPicture(&again)
	if err != nil {
		t.Fatal(err)
	}
	twin := &catalog.Product{ID: "twin", State: catalog.Draft, Name: map[string]string{"en": "Twin"}, Variants: []catalog.Variant{{SKU: "twin"}},
		Pictures: []catalog.Picture{{Hash: hash, Role: catalog.Original}}, Origin: catalog.Origin{Source: "photos"}}
	if _, err := b.store.Apply(t.Context(), store.Batch{Kind: store.Photos, Put: []*catalog.Product{twin}}); err != nil {
		t.Fatal(err)
	}
	page.showAlike()
	b.settle()
	for range 2 { // the second time from what the store keeps
		groups, err := b.alikePhotos(t.Context())
		if err != nil || len(groups) != 1 || len(groups[0]) != 2 {
			t.Fatalf("groups %d, %v", len(groups), err)
		}
	}
	groups, _ := b.alikePhotos(t.Context())
	page.keepOne(groups[0], 0)
	b.settle()
	if p, err := b.store.Product("twin"); err == nil {
		t.Errorf("the twin is still there: %v", p)
	}
	if p, err := b.store.Product(one.ID); err != nil || len(p.Pictures) != len(one.Pictures) {
		t.Errorf("the kept one has %v, %v", p, err)
	}
	if _, err := b.store.Undo(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := b.store.Product("twin"); err != nil {
		t.Errorf("undo did not bring it back: %v", err)
	}
}
