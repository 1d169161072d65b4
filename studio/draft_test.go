package studio

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"testing"
	"time"

	"cheval/catalog"
	"cheval/catalog/store"
	"cheval/studio/embed"
	"cheval/studio/generate"
)

func TestADesignBecomesADraftWithItsRecord(t *testing.T) {
	s := openStudio(t)
	shop, err := store.Open(t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer shop.Close()
	data, err := os.ReadFile("generate/testdata/garment.png")
	if err != nil {
		t.Fatal(err)
	}
	m, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	design := &generate.Design{Number: 2, Seed: 7, Category: "t-shirt", Colour: "red", Image: m.(*image.NRGBA)}
	step := catalog.Step{Tool: generate.Tool, Model: "designer 0123456789ab", Seed: 7, Parameters: map[string]string{"style": "AAAA"}, At: time.Now().UTC().Truncate(time.Second)}
	b, err := s.Draft(t.Context(), shop, design, step, map[string]string{"en": "Red T-shirt"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := shop.Apply(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	p, err := shop.Product(b.Put[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	if p.State != catalog.Draft || p.Category != "t-shirt" || p.Variants[0].Colour != "red" || len(p.Origin.Steps) != 1 || p.Origin.Steps[0].Seed != 7 {
		t.Errorf("the draft is %+v", p)
	}
	for i, want := range []struct {
		role catalog.Role
		side int
	}{{catalog.Original, 128}, {catalog.CutOut, 1024}, {catalog.Enhanced, 900}} {
		x := p.Pictures[i]
		if x.Role != want.role || max(x.Width, x.Height) < want.side {
			t.Errorf("picture %d is %s, %d×%d", i, x.Role, x.Width, x.Height)
		}
	}
	kept, err := shop.Picture(p.Pictures[0].Hash)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := png.Decode(bytes.NewReader(kept)); err != nil || !bytes.Equal(again.(*image.NRGBA).Pix, design.Image.Pix) {
		t.Errorf("the kept picture is not the design's, error %v", err)
	}
	if missing, err := embed.Missing(shop, []*catalog.Product{p}); err != nil || len(missing) > 0 {
		t.Errorf("what it looks like was not kept: %v", err)
	}
}
