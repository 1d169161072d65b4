package embed

import (
	"bytes"
	"context"
	"image/png"
	"slices"
	"testing"

	"cheval/assets"
	"cheval/catalog"
	"cheval/catalog/store"
)

func shop(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(t.TempDir(), store.Options{Seed: func() (*catalog.Catalogue, error) {
		c, err := catalog.Load(assets.Catalogue())
		if err != nil {
			return nil, err
		}
		return catalog.Of(c.All()[:4])
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// addGarment adds a product with a cut-out.
func addGarment(t *testing.T, s *store.Store, id, picture string) {
	t.Helper()
	var b bytes.Buffer
	m := load(t, picture)
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	hash, err := s.PutPicture(&b)
	if err != nil {
		t.Fatal(err)
	}
	p := &catalog.Product{ID: id, State: catalog.Draft, Name: map[string]string{"en": id}, Variants: []catalog.Variant{{SKU: id}},
		Pictures: []catalog.Picture{{Hash: hash, Role: catalog.CutOut, Width: m.Rect.Dx(), Height: m.Rect.Dy()}}, Origin: catalog.Origin{Source: "photos"}}
	if _, err := s.Apply(context.Background(), store.Batch{Kind: store.Edit, Put: []*catalog.Product{p}}); err != nil {
		t.Fatal(err)
	}
}

func all(t *testing.T, s *store.Store) []*catalog.Product {
	t.Helper()
	c, err := s.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	return c.All()
}

func missing(t *testing.T, s *store.Store) []*catalog.Product {
	t.Helper()
	out, err := Missing(s, all(t, s))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestACatalogueIsSeenOnceAndAgainWhereItChanged(t *testing.T) {
	s, e := shop(t), open(t)
	addGarment(t, s, "garment", "larger")
	first := missing(t, s)
	if len(first) != len(all(t, s)) {
		t.Fatalf("%d of %d products are to be seen", len(first), len(all(t, s)))
	}
	if err := e.Update(context.Background(), s, first, nil); err != nil {
		t.Fatal(err)
	}
	vectors := map[string]store.Vector{}
	if err := s.Vectors(store.PictureVectors, func(v store.Vector) { vectors[v.Key] = v }); err != nil {
		t.Fatal(err)
	}
	// Frames look more like each other than like a garment.
	aria, lune, garment := Whole(vectors["aria"]), Whole(vectors["lune"]), Whole(vectors["garment"])
	if Distance(aria, lune) >= Distance(aria, garment) {
		t.Errorf("aria is %.3f from lune and %.3f from a garment", Distance(aria, lune), Distance(aria, garment))
	}
	if views := Views(vectors["aria"]); len(views) != 2*len(first[0].Variants) {
		t.Errorf("aria is known by %d views of %d colourways", len(views), len(first[0].Variants))
	}
	if left := missing(t, s); len(left) > 0 {
		t.Errorf("%d products are to be seen again", len(left))
	}
	addGarment(t, s, "garment", "smaller")
	if left := missing(t, s); len(left) != 1 || left[0].ID != "garment" {
		t.Errorf("after its picture changed, %d products are to be seen again", len(left))
	}
}

func TestAPictureThatCannotBeReadDoesNotStopTheOthers(t *testing.T) {
	s, e := shop(t), open(t)
	addGarment(t, s, "garment", "larger")
	products := slices.Clone(all(t, s))[len(all(t, s))-2:]
	broken := *products[0]
	broken.ID, broken.Category, broken.Pictures = "broken", "dress", []catalog.Picture{{Hash: "00", Role: catalog.CutOut}}
	err := e.Update(context.Background(), s, []*catalog.Product{&broken, products[1]}, nil)
	if err == nil {
		t.Error("nothing is said of the broken picture")
	}
	n := 0
	if err := s.Vectors(store.PictureVectors, func(store.Vector) { n++ }); err != nil || n != 1 {
		t.Errorf("%d embeddings are kept, error %v", n, err)
	}
}
