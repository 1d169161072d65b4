package catalog

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func sample(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestProductSurvivesEncodeAndDecode(t *testing.T) {
	for _, name := range []string{"corso.json", "alto.json"} {
		first, err := Decode(bytes.NewReader(sample(t, name)))
		if err != nil {
			t.Fatal(err)
		}
		var buf bytes.Buffer
		if err := Encode(&buf, first); err != nil {
			t.Fatal(err)
		}
		second, err := Decode(&buf)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(first, second) {
			t.Errorf("%s: written and read again, the product differs:\n%+v\n%+v", name, first, second)
		}
	}
}

func TestDecodeReadsWhatTheFileSays(t *testing.T) {
	p, err := Decode(bytes.NewReader(sample(t, "corso.json")))
	if err != nil {
		t.Fatal(err)
	}
	if p.ID != "corso" || p.Kind != Sun || p.Eyewear.Shape != Aviator || p.Eyewear.LensWidth != 58 {
		t.Errorf("read %+v", p)
	}
	if got := p.Eyewear.Notation(); got != "58□15-140" {
		t.Errorf("notation %q", got)
	}
	v := p.Variants[0]
	if v.SKU != "CORSO-GOLD" || v.Price != (Money{119000, "CNY"}) || v.Frame.Metallic != 1 || v.Lens.Bottom == 0 {
		t.Errorf("read %+v", v)
	}
	if v.Frame.Base.R != 0xd8 || v.Frame.Base.A != 255 {
		t.Errorf("read colour %v", v.Frame.Base)
	}
}

// TestBadProductsAreRefusedInOneSentence changes one thing of a good file.
func TestBadProductsAreRefusedInOneSentence(t *testing.T) {
	good := string(sample(t, "corso.json"))
	for _, c := range []struct{ name, old, new, says string }{
		{"unknown field", `"brand"`, `"brnad"`, "brnad"},
		{"cut off", "", good[:len(good)/2], "not a product"},
		{"two products", "", good + good, "one product"},
		{"empty", "", "", "not a product"},
		{"an array", "", "[]", "not a product"},
		{"bad ID", `"id": "corso"`, `"id": "Cor so"`, "ID"},
		{"no name", `"name": {`, `"name": {}, "text": {`, ""},
		{"wrong language", `"en": "Corso"`, `"english!": "Corso"`, "language"},
		{"kind", `"kind": "sun"`, `"kind": "moon"`, "moon"},
		{"shape", `"shape": "aviator"`, `"shape": "heart"`, "heart"},
		{"material", `"material": "metal"`, `"material": "wood"`, "wood"},
		{"lens too wide", `"lens_width": 58`, `"lens_width": 580`, "LensWidth is 580"},
		{"infinite", `"lens_width": 58`, `"lens_width": 1e999`, ""},
		{"front too narrow", `"front_width": 141`, `"front_width": 120`, "FrontWidth is 120"},
		{"price below zero", `"minor": 119000`, `"minor": -1`, "price"},
		{"currency", `"CNY"`, `"YEN"`, "YEN"},
		{"stock", `"stock": 16`, `"stock": -3`, "stock"},
		{"colour facet", `"colour": "gold"`, `"colour": "shiny"`, "shiny"},
		{"colour form", `"#d8b26a"`, `"gold"`, "#rrggbb"},
		{"roughness", `"roughness": 0.22`, `"roughness": 7`, "roughness"},
		{"transmission", `"transmission": 0.14`, `"transmission": 0`, "transmission"},
		{"same SKU twice", "CORSO-SILV", "CORSO-GOLD", "two variants"},
		{"too large", "", good + strings.Repeat(" ", MaxProductBytes), "KiB"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := c.new
			if c.old != "" {
				if text = strings.Replace(good, c.old, c.new, 1); text == good {
					t.Fatalf("the sample no longer holds %s", c.old)
				}
			}
			_, err := Decode(strings.NewReader(text))
			if err == nil {
				t.Fatal("accepted")
			}
			if msg := err.Error(); !strings.Contains(msg, c.says) || strings.Contains(msg, "\n") || len(msg) > 400 {
				t.Errorf("says %q, want one sentence with %q", msg, c.says)
			}
		})
	}
}

func TestMeasuresThatAreNoNumbersAreRefused(t *testing.T) {
	p, err := Decode(bytes.NewReader(sample(t, "corso.json")))
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(1)), -1} {
		e := p.Eyewear
		e.LensHeight = bad
		if e.Validate() == nil {
			t.Errorf("lens height %g accepted", bad)
		}
		e = p.Eyewear
		e.FrontWidth = bad
		if bad > 0 && e.Validate() == nil {
			t.Errorf("front width %g accepted", bad)
		}
	}
}

// FuzzProduct feeds foreign bytes: what is accepted must be valid, and read
// the same after it is written.
func FuzzProduct(f *testing.F) {
	f.Add(sample(f, "corso.json"))
	f.Add(sample(f, "alto.json"))
	f.Add([]byte(`{}`))
	f.Add([]byte(`{"id":"a","variants":[{"frame":{"base":"#12345678"}}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Decode(bytes.NewReader(data))
		if err != nil {
			return
		}
		var buf bytes.Buffer
		if err := Encode(&buf, p); err != nil {
			t.Fatal(err)
		}
		again, err := Decode(&buf)
		if err != nil {
			t.Fatalf("written and not read again: %v", err)
		}
		if again.ID != p.ID || len(again.Variants) != len(p.Variants) {
			t.Fatalf("%+v became %+v", p, again)
		}
	})
}
