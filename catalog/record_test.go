package catalog

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"
)

// bag is a product that cannot be worn, with all that a record can keep.
func bag() *Product {
	at := time.Date(2026, 3, 5, 10, 0, 0, 0, time.UTC)
	hash := strings.Repeat("0a", 32)
	return &Product{
		ID: "weekender", Brand: "Levant", Category: "bags", Name: map[string]string{"en": "Weekender", "zh": "旅行包"},
		Text: map[string]string{"en": "<p>Full-grain leather</p>"}, Tags: []string{"leather", "travel"}, State: Draft,
		Variants: []Variant{
			{SKU: "WK/1 brown", Price: Money{24900, "EUR"}, Compare: Money{29900, "EUR"}, Stock: 3, Barcode: "4006381333931",
				Options: []Option{{"Colour", "Brown"}, {"Size", "L"}}},
			{SKU: "WK/2 black", Colour: "black"},
		},
		Pictures: []Picture{
			{URL: "https://shop.example/weekender.jpg", Role: Original, Alt: "front"},
			{Hash: hash, Role: CutOut, Width: 640, Height: 480, Name: "weekender.jpg", SKU: "WK/2 black", From: strings.Repeat("1b", 32),
				Steps: []Step{{Tool: "cutout", Model: "isnet b6e8497b", Version: "1.0", Seed: 7, Parameters: map[string]string{"edge": "2"}, At: at}}},
		},
		Origin: Origin{Source: "shopify", File: "products.csv", At: at, Steps: []Step{{Tool: "import", At: at}}},
		Sheet:  &Sheet{Format: "shopify", Header: []string{"Handle", "Odd column"}, Rows: [][]string{{"weekender", "=1+1"}, {"weekender", ""}}},
	}
}

func TestARecordSurvivesEncodeAndDecode(t *testing.T) {
	first := bag()
	var buf bytes.Buffer
	if err := Encode(&buf, first); err != nil {
		t.Fatal(err)
	}
	second, err := Decode(&buf)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(first, second) {
		t.Errorf("written and read again, the product differs:\n%+v\n%+v", first, second)
	}
}

func TestOnlyFinishedEyewearIsWearable(t *testing.T) {
	shop := shop(t)
	corso := *shop.Product("corso")
	if !corso.Wearable() || bag().Wearable() {
		t.Error("corso is wearable, a bag is not")
	}
	corso.Eyewear.Bridge = 0
	if corso.Wearable() {
		t.Error("a frame without a bridge is wearable")
	}
	if err := corso.Validate(); err == nil || !strings.Contains(err.Error(), "Bridge") {
		t.Errorf("published without a bridge: %v", err)
	}
	corso.State = Draft
	if err := corso.Validate(); err != nil {
		t.Errorf("a draft may lack measures: %v", err)
	}
}

func TestToWearIsWhatShoppersSee(t *testing.T) {
	draft := *shop(t).Product("alto")
	draft.ID, draft.State = "alto-two", Draft
	all := append(shop(t).All(), bag(), &draft)
	c, err := New(all...)
	if err != nil {
		t.Fatal(err)
	}
	if c.Len() != 5 || c.ToWear().Len() != 3 || c.ToWear().Product("weekender") != nil {
		t.Errorf("of %d products %d can be tried on, want 3 of 5", c.Len(), c.ToWear().Len())
	}
	if got := len(c.Find(Filter{States: []State{Published}, Wearable: true})); got != 3 {
		t.Errorf("the filter finds %d, want 3", got)
	}
}

func TestFacetsOfAMixedShop(t *testing.T) {
	c, err := New(append(shop(t).All(), bag())...)
	if err != nil {
		t.Fatal(err)
	}
	f := c.Facets(Filter{Categories: []string{"bags"}})
	if f.Categories["bags"] != 1 || f.Categories[Worn] != 3 {
		t.Errorf("categories %v", f.Categories)
	}
	if f.Tags["leather"] != 1 || f.States[Draft] != 1 || len(f.Shapes) != 0 || len(f.Sizes) != 0 {
		t.Errorf("facets of bags %+v", f)
	}
	f = c.Facets(Filter{Sizes: []Size{Wide}})
	if f.Sizes[Wide] != 2 || f.Sizes[Medium]+f.Sizes[Narrow] != 1 || f.Brands["Levant"] != 0 {
		t.Errorf("sizes %v, brands %v", f.Sizes, f.Brands)
	}
	if got := c.Find(Filter{Tags: []string{"travel", "beach"}}); len(got) != 1 || got[0].Product.ID != "weekender" {
		t.Errorf("tagged travel: %v", got)
	}
}

// TestBadRecordsAreRefusedInOneSentence spoils one thing of a good record.
func TestBadRecordsAreRefusedInOneSentence(t *testing.T) {
	for says, spoil := range map[string]func(*Product){
		"state":                      func(p *Product) { p.State = "sold" },
		"only a product of category": func(p *Product) { p.Eyewear.LensWidth = 50 },
		"role":                       func(p *Product) { p.Pictures[0].Role = "front" },
		"neither a file":             func(p *Product) { p.Pictures[0].URL = "" },
		"hash":                       func(p *Product) { p.Pictures[1].Hash = "../../etc/passwd" },
		"SKU":                        func(p *Product) { p.Variants[0].SKU = "a\nb" },
		"compare price":              func(p *Product) { p.Variants[0].Compare.Minor = -5 },
		"no price":                   func(p *Product) { p.State = Published },
		"tag":                        func(p *Product) { p.Tags = []string{""} },
		"UTF-8":                      func(p *Product) { p.Sheet.Rows[0][1] = "\xff" },
		"tool":                       func(p *Product) { p.Origin.Steps[0].Tool = "" },
		"variants":                   func(p *Product) { p.Variants = nil },
	} {
		p := bag()
		spoil(p)
		err := p.Validate()
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("says %v, want one sentence with %q", err, says)
		}
	}
}
