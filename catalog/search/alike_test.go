package search

import (
	"context"
	"errors"
	"fmt"
	"image/color"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"cheval/catalog"
	"cheval/catalog/store"
)

func TestLabIsTheStandardsOwn(t *testing.T) {
	for _, c := range []struct {
		rgb  color.NRGBA
		want Lab
	}{ // Lindbloom's figures for sRGB's corners under D65
		{color.NRGBA{255, 255, 255, 255}, Lab{100, 0, 0}},
		{color.NRGBA{255, 0, 0, 255}, Lab{53.24, 80.09, 67.20}},
		{color.NRGBA{0, 255, 0, 255}, Lab{87.73, -86.18, 83.18}},
		{color.NRGBA{0, 0, 255, 255}, Lab{32.30, 79.19, -107.86}},
		{color.NRGBA{0, 0, 0, 255}, Lab{0, 0, 0}},
	} {
		got := LabOf(c.rgb)
		if math.Abs(got.L-c.want.L)+math.Abs(got.A-c.want.A)+math.Abs(got.B-c.want.B) > 0.1 {
			t.Errorf("%v is %+v, want %+v", c.rgb, got, c.want)
		}
	}
}

func TestByColourFindsTheFacetsColour(t *testing.T) {
	c := starters(t)
	for name, rgb := range map[string]color.NRGBA{"gold": {205, 170, 100, 255}, "black": {18, 18, 18, 255}, "green": {55, 100, 65, 255}} {
		found := ByColour(c, rgb, catalog.Filter{}, 3)
		if len(found) != 3 {
			t.Fatalf("%s: %d found", name, len(found))
		}
		if got := found[0].Product.Variants[found[0].Variant].Colour; got != name {
			t.Errorf("near %s is first a %s one of %s", name, got, found[0].Product.ID)
		}
		if found[0].Difference > found[2].Difference {
			t.Errorf("%s: not in order", name)
		}
	}
	for _, a := range ByColour(c, color.NRGBA{255, 0, 0, 255}, catalog.Filter{Colours: []string{"black"}}, 5) {
		if a.Product.Variants[a.Variant].Colour != "black" {
			t.Errorf("%s passed a filter for black", a.Product.Variants[a.Variant].SKU)
		}
	}
}

func TestByShapeFindsItselfThenItsKind(t *testing.T) {
	c := starters(t)
	for _, p := range c.All() {
		found := ByShape(c, &p.Eyewear, catalog.Filter{}, 3)
		if found[0].Product != p || found[0].Difference != 0 {
			t.Errorf("nearest to %s is %s at %.2f", p.ID, found[0].Product.ID, found[0].Difference)
		}
	}
	aviator := c.Find(catalog.Filter{Shapes: []catalog.Shape{catalog.Aviator}})[0].Product
	round := c.Find(catalog.Filter{Shapes: []catalog.Shape{catalog.Round}})[0].Product
	near := ByShape(c, &aviator.Eyewear, catalog.Filter{Shapes: []catalog.Shape{catalog.Aviator, catalog.Round}}, 2)
	if near[1].Product.Eyewear.Shape != catalog.Aviator || ShapeDifference(&aviator.Eyewear, &round.Eyewear) < 1 {
		t.Errorf("nearest to an aviator is %s", near[1].Product.ID)
	}
}

func TestNearestIsExact(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	s := &Space{}
	var all [][]float32
	for i := range 10_000 {
		v := make([]float32, 16)
		for j := range v {
			v[j] = random.Float32() - 0.5
		}
		all = append(all, v)
		if err := s.Add(fmt.Sprint(i), v); err != nil {
			t.Fatal(err)
		}
	}
	for _, q := range []int{7, 4999, 9999} {
		near, err := s.Nearest(all[q], 5, func(key string) bool { return key != "4999" })
		if err != nil {
			t.Fatal(err)
		}
		if q == 4999 {
			if slices.ContainsFunc(near, func(n Near) bool { return n.Key == "4999" }) {
				t.Error("what was not allowed was found")
			}
			continue
		}
		if near[0].Key != fmt.Sprint(q) || near[0].Cosine < 0.9999 {
			t.Errorf("nearest to %d is %+v", q, near[0])
		}
		if !slices.IsSortedFunc(near, func(a, b Near) int { return int(math.Copysign(1, float64(b.Cosine-a.Cosine))) }) {
			t.Errorf("not in order: %+v", near)
		}
	}
	for name, v := range map[string][]float32{"size": {1}, "zero": make([]float32, 16), "no number": slices.Repeat([]float32{float32(math.NaN())}, 16)} {
		if _, err := s.Nearest(v, 1, nil); err == nil {
			t.Errorf("%s: accepted", name)
		}
		if err := s.Add("x", v); err == nil {
			t.Errorf("%s: added", name)
		}
	}
	if near, err := (&Space{}).Nearest([]float32{1}, 3, nil); err != nil || len(near) != 0 {
		t.Errorf("an empty space: %v, %v", near, err)
	}
}

func TestOfAProductsViewsTheNearestCounts(t *testing.T) {
	var s Space
	for _, v := range []struct {
		key    string
		values []float32
	}{{"a", []float32{1, 0}}, {"a", []float32{0, 1}}, {"b", []float32{1, 0.2}}, {"b", []float32{1, 0.1}}} {
		if err := s.Add(v.key, v.values); err != nil {
			t.Fatal(err)
		}
	}
	near, err := s.Nearest([]float32{0, 1}, 5, nil)
	if err != nil || len(near) != 2 || near[0].Key != "a" || near[0].Cosine != 1 || near[1].Key != "b" {
		t.Errorf("%+v, %v", near, err)
	}
}

// letters counts letters: an encoder whose work can be checked by eye.
type letters struct{ asked int }

func (l *letters) Embed(_ context.Context, texts []string) (out [][]float32, err error) {
	l.asked += len(texts)
	for _, text := range texts {
		v := make([]float32, 26)
		for _, r := range strings.ToLower(text) {
			if r >= 'a' && r <= 'z' {
				v[r-'a']++
			}
		}
		out = append(out, v)
	}
	return out, nil
}

func TestMeaningsAreMadeOnceAndAnewWhenAProductChanges(t *testing.T) {
	s, err := store.Open(t.TempDir(), store.Options{Seed: func() (*catalog.Catalogue, error) { return starters(t), nil }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c, err := s.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	e := &letters{}
	space, err := Meanings(t.Context(), c, s, "letters", e, nil)
	if err != nil || space.Len() != c.Len() || e.asked != c.Len() {
		t.Fatalf("%d in the space, %d encoded, %v", space.Len(), e.asked, err)
	}
	edited := *c.All()[3]
	edited.Text = map[string]string{"en": "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"}
	if _, err := s.Apply(t.Context(), store.Batch{Kind: store.Edit, Put: []*catalog.Product{&edited}}); err != nil {
		t.Fatal(err)
	}
	if c, err = s.Catalogue(); err != nil {
		t.Fatal(err)
	}
	e.asked = 0
	if space, err = Meanings(t.Context(), c, s, "letters", e, nil); err != nil || e.asked != 1 {
		t.Errorf("after one edit %d were encoded, %v", e.asked, err)
	}
	v, _ := (&letters{}).Embed(t.Context(), []string{"zzz"})
	if near, err := space.Nearest(v[0], 1, nil); err != nil || near[0].Key != edited.ID {
		t.Errorf("nearest to its text: %+v, %v", near, err)
	}
	var again Space
	if err := again.Load(s, "letters", 26); err != nil || again.Len() != c.Len() {
		t.Errorf("loaded %d vectors, %v", again.Len(), err)
	}
	failing := errors.New("no model")
	if _, err := Meanings(t.Context(), c, s, "other", fails{failing}, nil); !errors.Is(err, failing) {
		t.Errorf("an encoder that fails: %v", err)
	}
}

type fails struct{ err error }

func (f fails) Embed(context.Context, []string) ([][]float32, error) { return nil, f.err }

func BenchmarkNearest100k(b *testing.B) {
	for _, size := range []int{128, 384} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			random := rand.New(rand.NewPCG(1, 1))
			s := &Space{}
			v := make([]float32, size)
			for i := range manySize {
				for j := range v {
					v[j] = random.Float32() - 0.5
				}
				if err := s.Add(fmt.Sprint(i), v); err != nil {
					b.Fatal(err)
				}
			}
			for b.Loop() {
				if _, err := s.Nearest(v, 50, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAlike100k(b *testing.B) {
	c := many(b, manySize)
	want := c.All()[0]
	b.Run("colour", func(b *testing.B) {
		for b.Loop() {
			ByColour(c, color.NRGBA{200, 160, 90, 255}, catalog.Filter{}, 50)
		}
	})
	b.Run("shape", func(b *testing.B) {
		for b.Loop() {
			ByShape(c, &want.Eyewear, catalog.Filter{}, 50)
		}
	})
	b.Run("facets", func(b *testing.B) {
		for b.Loop() {
			c.Facets(catalog.Filter{})
		}
	})
}
