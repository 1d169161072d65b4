package catalog

import (
	"bytes"
	"image/color"
	"strings"
	"testing"
	"testing/fstest"
)

// shop is a small catalogue: two products of the samples and a cheap copy.
func shop(t *testing.T) *Catalogue {
	t.Helper()
	cheap := strings.NewReplacer(`"id": "corso"`, `"id": "corsetto"`, "CORSO-", "CORSETTO-", "119000", "49000").
		Replace(string(sample(t, "corso.json")))
	c, err := Load(fstest.MapFS{
		"1.json": {Data: sample(t, "corso.json")}, "2.json": {Data: sample(t, "alto.json")},
		"3.json": {Data: []byte(cheap)}, "notes.txt": {Data: []byte("not a product")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestLoadKeepsTheOrderOfNames(t *testing.T) {
	c := shop(t)
	var ids []string
	for _, p := range c.All() {
		ids = append(ids, p.ID)
	}
	if got := strings.Join(ids, " "); got != "corso alto corsetto" || c.Len() != 3 {
		t.Errorf("order %s", got)
	}
}

func TestLookUp(t *testing.T) {
	c := shop(t)
	if p := c.Product("alto"); p == nil || p.ID != "alto" {
		t.Errorf("Product(alto) = %v", p)
	}
	if c.Product("nothing") != nil {
		t.Error("an unknown ID was found")
	}
	p, i := c.SKU("CORSO-SILV")
	if p == nil || p.Variants[i].SKU != "CORSO-SILV" {
		t.Errorf("SKU(CORSO-SILV) = %v, %d", p, i)
	}
	if p, _ := c.SKU("X"); p != nil {
		t.Error("an unknown SKU was found")
	}
}

func TestLoadNamesTheBadFile(t *testing.T) {
	for name, files := range map[string]fstest.MapFS{
		"2.json":     {"1.json": {Data: sample(t, "corso.json")}, "2.json": {Data: []byte("{")}},
		"corso":      {"1.json": {Data: sample(t, "corso.json")}, "2.json": {Data: sample(t, "corso.json")}},
		"no product": {"readme.txt": {Data: []byte("hello")}},
	} {
		if _, err := Load(files); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("error %v does not name %q", err, name)
		}
	}
}

func TestFind(t *testing.T) {
	c := shop(t)
	for _, q := range []struct {
		name string
		f    Filter
		want string
	}{
		{"everything", Filter{}, "corso/0 alto/0 corsetto/0"},
		{"a shape", Filter{Shapes: []Shape{Geometric}}, "alto/0"},
		{"either shape", Filter{Shapes: []Shape{Geometric, Aviator}}, "corso/0 alto/0 corsetto/0"},
		{"a colour picks the variant", Filter{Colours: []string{"silver"}}, "corso/1 corsetto/1"},
		{"kind and price", Filter{Kinds: []Kind{Sun}, PriceMax: 50000}, "corsetto/0"},
		{"at least", Filter{PriceMin: 90000}, "corso/0 alto/0"},
		{"colour and material", Filter{Colours: []string{"tortoise"}, Materials: []Material{Metal}}, ""},
		{"fits", Filter{Fits: func(p *Product) bool { return p.Eyewear.LensWidth < 50 }}, "alto/0"},
	} {
		var got []string
		for _, m := range c.Find(q.f) {
			got = append(got, m.Product.ID+"/"+string(rune('0'+m.Variant)))
		}
		if strings.Join(got, " ") != q.want {
			t.Errorf("%s: found %v, want %s", q.name, got, q.want)
		}
	}
}

func TestFacetsCountWhatAChoiceWouldShow(t *testing.T) {
	c := shop(t)
	asked := 0
	f := c.Facets(Filter{Shapes: []Shape{Aviator}, Fits: func(*Product) bool { asked++; return true }})
	if f.Shapes[Aviator] != 2 || f.Shapes[Geometric] != 1 {
		t.Errorf("shapes %v: a facet counts as if its own choice were open", f.Shapes)
	}
	if f.Materials[Metal] != 2 || f.Materials[Acetate] != 0 {
		t.Errorf("materials %v", f.Materials)
	}
	if f.Colours["gold"] != 2 || f.Colours["green"] != 0 {
		t.Errorf("colours %v", f.Colours)
	}
	if f.PriceMin != 49000 || f.PriceMax != 119000 {
		t.Errorf("prices %d to %d", f.PriceMin, f.PriceMax)
	}
	if asked != 3 {
		t.Errorf("fit was asked %d times for 3 products", asked)
	}
}

func TestMoney(t *testing.T) {
	for m, want := range map[Money]string{
		{89900, "CNY"}: "CNY 899.00", {1290, "JPY"}: "JPY 1290", {1, "EUR"}: "EUR 0.01",
	} {
		if got := m.String(); got != want {
			t.Errorf("%+v is written %q, want %q", m, got, want)
		}
	}
}

func TestSurfacesHaveTheUsualDefaults(t *testing.T) {
	p, err := Decode(bytes.NewReader(sample(t, "corso.json")))
	if err != nil {
		t.Fatal(err)
	}
	v := p.Variants[0]
	if v.TempleSurface() != v.Frame {
		t.Error("temples without a surface of their own are not as the frame")
	}
	if v.MetalSurface() != v.Frame {
		t.Error("a metal frame's small parts are not of its metal")
	}
	v.Frame = Surface{Base: color.NRGBA{1, 2, 3, 255}}
	if v.MetalSurface().Metallic != 1 {
		t.Error("an acetate frame's small parts are not of metal")
	}
}
