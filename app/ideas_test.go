package app

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"slices"
	"strings"
	"testing"

	"cheval/catalog"
	"cheval/catalog/store"
	"cheval/studio"
	"cheval/studio/embed"
	"cheval/studio/generate"
	"cheval/studio/photo"
)

// flatGarments designs garments of one colour, so that the screen is tested
// without models.
type flatGarments struct {
	asked []generate.Request
	kept  []generate.Request
}

func (f *flatGarments) knows() generate.Known {
	return generate.Known{Categories: []string{"dress", "hat"}, Colours: []string{"red", "blue"}}
}

func (f *flatGarments) design(ctx context.Context, r generate.Request, give func(*generate.Design)) error {
	f.asked = append(f.asked, r)
	for n := range r.Count {
		give(flatDesign(r, n))
	}
	return ctx.Err()
}

func flatDesign(r generate.Request, n int) *generate.Design {
	img := image.NewNRGBA(image.Rect(0, 0, embed.Edge, embed.Edge))
	for y := 30; y < 100; y++ {
		for x := 30; x < 100; x++ {
			img.SetNRGBA(x, y, color.NRGBA{200, uint8(n), 40, 255})
		}
	}
	return &generate.Design{Number: n, Seed: r.Seed, Category: r.Category, Colour: "red", Image: img, Quality: 0.5}
}

func (f *flatGarments) recolour(m *generate.Design, colour string) (*generate.Design, error) {
	out := *m
	out.Colour = colour
	return &out, nil
}

func (f *flatGarments) attention(*generate.Design) (*generate.Attention, error) {
	a := &generate.Attention{}
	a.Quality[3][3] = 1
	return a, nil
}

func (f *flatGarments) nearest(*generate.Design) ([]remembered, error) {
	return []remembered{{Nearest: generate.Nearest{Photo: "train/dress/a.jpg", Distance: 0.2}}}, nil
}

func (f *flatGarments) style(context.Context, *photo.Photo) (generate.Style, error) {
	return generate.Style{}, nil
}

func (f *flatGarments) draft(_ context.Context, _ studio.Drafts, m *generate.Design, asked generate.Request, name map[string]string) (store.Batch, error) {
	f.kept = append(f.kept, asked)
	p := &catalog.Product{ID: "design-" + m.Category, Category: m.Category, State: catalog.Draft, Name: name, Variants: []catalog.Variant{{SKU: "d"}},
		Origin: catalog.Origin{Source: "generated"}}
	return store.Batch{Kind: store.Generate, Put: []*catalog.Product{p}}, nil
}

func (f *flatGarments) runs() string { return "cpu" }
func (f *flatGarments) Close() error { return nil }

// ideasBench is the generate screen of a bench.
func ideasBench(t *testing.T, lang string, w, h float32) (*bench, *flatGarments) {
	t.Helper()
	f := &flatGarments{}
	b := newBench(t, lang, w, h, withStore, func(p *parts) { p.garments = func(string) (garmentMaker, error) { return f, nil } })
	b.section = sectionGenerate
	b.stage.goTo(screenStaff)
	b.settle()
	return b, f
}

func TestARequestInWordsFillsTheWall(t *testing.T) {
	for _, c := range []struct{ lang, words, ignored string }{{"en", "15 red summer dresses", "summer"}, {"zh", "15件夏天的红色连衣裙", "夏天"}} {
		b, f := ideasBench(t, c.lang, 1280, 800)
		b.ideas.hear(c.words)
		if b.ideas.category != "dress" || b.ideas.colour != "red" || b.ideas.count != 15 {
			t.Errorf("%q was understood as %d %s %s", c.words, b.ideas.count, b.ideas.colour, b.ideas.category)
		}
		if said := b.ideas.page.says(); !strings.Contains(said, c.ignored) {
			t.Errorf("%q is not said to be ignored: %q", c.ignored, said)
		}
		b.ideas.begin()
		b.settle()
		if len(b.ideas.wall) != 15 || b.ideas.chosen != b.ideas.wall[0] || f.asked[0].Seed != b.ideas.seed {
			t.Errorf("%d designs are on the wall", len(b.ideas.wall))
		}
	}
}

func TestMoreLikeOneBetweenTwoAndBack(t *testing.T) {
	b, f := ideasBench(t, "en", 1280, 800)
	b.ideas.hear("12 hats")
	b.ideas.begin()
	b.settle()
	first := b.ideas.wall
	b.ideas.choose(first[4])
	b.ideas.choose(first[7])
	b.ideas.moreLike(b.ideas.chosen, b.ideas.other)
	b.settle()
	like := f.asked[len(f.asked)-1].Like
	if len(like) != 2 || like[0].Name != first[7].number() || like[1].Name != first[4].number() {
		t.Errorf("designs are like %+v", like)
	}
	b.ideas.back()
	if !slices.Equal(b.ideas.wall, first) || b.ideas.chosen != first[7] {
		t.Error("the wall before did not come back")
	}
	b.ideas.recolour("blue")
	b.settle()
	if n := len(b.ideas.wall); n != 13 || b.ideas.chosen.design.Colour != "blue" {
		t.Errorf("%d designs, the chosen one %s", n, b.ideas.chosen.design.Colour)
	}
}

func TestAKeptDesignIsADraftThatUndoTakesBack(t *testing.T) {
	b, f := ideasBench(t, "zh", 1080, 1700)
	b.ideas.hear("3 red dresses")
	b.ideas.begin()
	b.settle()
	i := b.ideas.wall[1]
	b.ideas.keep(i)
	b.ideas.keep(i) // a second touch
	b.settle()
	p, err := b.store.Product(i.kept)
	if err != nil || p.State != catalog.Draft || p.Name["zh"] == "" || p.Name["en"] == p.Name["zh"] {
		t.Fatalf("kept as %q: %+v, %v", i.kept, p, err)
	}
	if len(f.kept) != 1 || f.kept[0].Colour != "red" {
		t.Errorf("kept %+v", f.kept)
	}
	if was, err := b.store.Undo(t.Context()); err != nil || was.Kind != store.Generate {
		t.Errorf("undo took back %+v, %v", was, err)
	}
}

func TestEyewearIsDesignedWithoutModelsAndMadeAgainFromItsRecord(t *testing.T) {
	b, _ := ideasBench(t, "en", 1280, 800)
	b.ideas.hear("4 tortoise panto frames")
	b.ideas.begin()
	b.settle()
	if len(b.ideas.wall) != 4 || b.ideas.wall[0].frame == nil {
		t.Fatalf("%d frames are on the wall", len(b.ideas.wall))
	}
	i := b.ideas.wall[2]
	b.ideas.keep(i)
	b.settle()
	p, err := b.store.Product(i.kept)
	if err != nil || !p.Wearable() || p.Origin.Steps[0].Seed != b.ideas.seed {
		t.Fatalf("%+v, %v", p, err)
	}
}

func TestTheMapIsLaidOverTheDesign(t *testing.T) {
	b, _ := ideasBench(t, "en", 1280, 800)
	b.ideas.hear("1 hat")
	b.ideas.begin()
	b.settle()
	page, i := b.ideas.page, b.ideas.chosen
	page.shows = mapQuality
	page.look(i)
	b.settle()
	hot := page.shown(i).(*image.NRGBA)
	if bytes.Equal(hot.Pix, i.design.Image.Pix) || hot.NRGBAAt(38, 38).R <= hot.NRGBAAt(90, 90).R {
		t.Errorf("what matters is %v, the rest %v", hot.NRGBAAt(38, 38), hot.NRGBAAt(90, 90))
	}
}

func TestWithoutADesignerTheScreenSaysSo(t *testing.T) {
	b := newBench(t, "en", 1280, 800, withStore, func(p *parts) { p.garments = func(string) (garmentMaker, error) { return &noGarments{}, nil } })
	b.section = sectionGenerate
	b.stage.goTo(screenStaff)
	b.settle()
	if !strings.Contains(b.ideas.page.says(), "No designer") || !slices.Equal(b.ideas.categories(), []string{catalog.Worn}) {
		t.Errorf("it says %q and offers %v", b.ideas.page.says(), b.ideas.categories())
	}
}

// noGarments is a build without a designer.
type noGarments struct{ flatGarments }

func (*noGarments) knows() generate.Known { return generate.Known{} }
