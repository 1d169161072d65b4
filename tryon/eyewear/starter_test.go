package eyewear

import (
	"testing"

	"cheval/catalog"
)

func TestStarterCatalogueIsAShop(t *testing.T) {
	c := starter(t)
	if c.Len() < 28 {
		t.Errorf("%d products", c.Len())
	}
	shapes, kinds, materials := map[catalog.Shape]int{}, map[catalog.Kind]int{}, map[catalog.Material]int{}
	narrow, wide := 0, 0
	for _, p := range c.All() {
		shapes[p.Eyewear.Shape]++
		kinds[p.Kind]++
		materials[p.Eyewear.Material]++
		if w := p.Eyewear.Overall(); w < 130 {
			narrow++
		} else if w > 145 {
			wide++
		}
		if n := len(p.Variants); n < 2 || n > 4 {
			t.Errorf("%s has %d variants", p.ID, n)
		}
		for _, lang := range []string{"en", "zh"} {
			if p.Name[lang] == "" || p.Text[lang] == "" {
				t.Errorf("%s lacks a name or text in %q", p.ID, lang)
			}
			for _, v := range p.Variants {
				if v.ColourName[lang] == "" {
					t.Errorf("%s lacks the colour's name in %q", v.SKU, lang)
				}
			}
		}
	}
	for _, s := range catalog.Shapes() {
		if shapes[s] == 0 {
			t.Errorf("no %s frame", s)
		}
	}
	if kinds[catalog.Optical] < 8 || kinds[catalog.Sun] < 8 || len(materials) != 3 {
		t.Errorf("kinds %v, materials %v", kinds, materials)
	}
	if narrow < 3 || wide < 3 {
		t.Errorf("%d narrow and %d wide frames", narrow, wide)
	}
}
