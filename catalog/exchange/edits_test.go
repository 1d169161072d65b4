package exchange

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"cheval/catalog"
)

// change is a cell that an export is to differ in: a row from 0 with the
// header, a header and what stands there.
type change struct {
	row    int
	header string
	value  string
}

// changed compares an export with what came in, cell by cell.
func changed(t *testing.T, before, after [][]string) (out []change) {
	t.Helper()
	if len(before) != len(after) {
		t.Fatalf("%d rows became %d", len(before), len(after))
	}
	for i := range before {
		for c := range before[0] {
			if a, b := cell(before[i], c), cell(after[i], c); a != b {
				out = append(out, change{i, before[0][c], b})
			}
		}
	}
	return out
}

func TestAnEditChangesItsCellAndNoOther(t *testing.T) {
	s, _ := imported(t, "testdata/shopify-export.csv", Options{Currency: "EUR"})
	aria := s.products["aria-panto"]
	aria.Name["zh"], aria.Variants[0].Price.Minor = "", 17950
	delete(aria.Name, "zh")
	aria.Name["en"] = "Aria Panto"
	aria.Text["en"] = "One & only.\nTwo."
	aria.Variants[1].Stock = 4
	aria.Variants[2].Compare = catalog.Money{Minor: 22000, Currency: "EUR"}
	aria.Variants[2].Barcode = "4006381333955"
	aria.Pictures[2].Alt = "Side view"
	aria.Tags = append(aria.Tags, "sale")
	lune := s.products["lune-sunglasses"]
	lune.Variants[0].SKU = "LUNE-1"
	yun := s.products[idOf("墨镜-云")]
	yun.Variants[2].Options = []catalog.Option{{Name: "颜色", Value: "玫瑰金"}, {Name: "镜片", Value: "绿色偏光"}}
	yun.Brand = "澄明眼镜"

	out, report := exported(t, s, "out.csv", Shopify)
	got := changed(t, cells(t, "testdata/shopify-export.csv"), cells(t, out))
	want := []change{
		{1, "Title", "Aria Panto"}, {1, "Body (HTML)", "<p>One &amp; only.</p><p>Two.</p>"},
		{1, "Tags", "acetate, new-in, panto, unisex, sale"}, {1, "Variant Price", "179.50"},
		{2, "Variant Inventory Qty", "4"},
		{3, "Variant Compare At Price", "220.00"}, {3, "Variant Barcode", "4006381333955"},
		{4, "Image Alt Text", "Side view"},
		{6, "Variant SKU", "LUNE-1"}, {7, "Vendor", "澄明眼镜"}, {9, "Option2 Value", "绿色偏光"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("changed:\n%v\nwant:\n%v", got, want)
	}
	if len(report.Problems) > 0 {
		t.Errorf("export says %v", report.Problems)
	}
}

func TestPicturesThatCameWentOrMovedAreLaidOutAnew(t *testing.T) {
	s, _ := imported(t, "testdata/shopify-export.csv", Options{Currency: "EUR"})
	aria := s.products["aria-panto"]
	case0, added := aria.Pictures[3], catalog.Picture{Role: catalog.Original, URL: "https://cdn.example.com/aria-worn.jpg", Alt: "Worn"}
	aria.Pictures = []catalog.Picture{case0, aria.Pictures[0], aria.Pictures[1], added,
		{Role: catalog.CutOut, Hash: strings.Repeat("ab", 32), From: strings.Repeat("cd", 32)}}
	out, _ := exported(t, s, "out.csv", Shopify)
	rows := cells(t, out)
	l := layoutOf(Shopify, rows[0])
	var images [][3]string
	for _, row := range rows[1:] {
		if l.get(row, Handle) == "aria-panto" {
			images = append(images, [3]string{fileOf(l.get(row, Image)), l.get(row, ImagePlace), l.get(row, SKU)})
		}
	}
	want := [][3]string{
		{"aria-case.png", "1", "NL-ARIA-BLK"}, {"aria-black-front.jpg", "2", "NL-ARIA-HAV"},
		{"aria-havana-front.jpg", "3", "NL-ARIA-CRY"}, {"aria-worn.jpg", "4", ""},
	}
	if !reflect.DeepEqual(images, want) {
		t.Errorf("images are %v", images)
	}
	if got := rows[1][slices.Index(rows[0], "SEO Title")]; got != "Aria Panto | Nordlicht" {
		t.Errorf("an unknown column became %q", got)
	}
	again, r := imported(t, out, Options{Currency: "EUR"})
	if p := again.products["aria-panto"]; r.Images != 7 || len(p.Variants) != 3 || p.Pictures[3].Alt != "Worn" || !reflect.DeepEqual(p.Variants, aria.Variants) {
		t.Errorf("again it is %+v", p)
	}
}

func TestVariantsThatCameAndWent(t *testing.T) {
	s, _ := imported(t, "testdata/shopify-export.csv", Options{Currency: "EUR"})
	aria := s.products["aria-panto"]
	added := catalog.Variant{SKU: "NL-ARIA-GRN", Price: catalog.Money{Minor: 18900, Currency: "EUR"}, Stock: 3,
		Options: []catalog.Option{{Name: "Color", Value: "Green"}}}
	aria.Variants = []catalog.Variant{aria.Variants[1], aria.Variants[2], added}
	aria.Pictures[0].SKU = ""
	out, _ := exported(t, s, "out.csv", Shopify)
	again, r := imported(t, out, Options{Currency: "EUR"})
	p := again.products["aria-panto"]
	if r.Variants != 11 || len(p.Variants) != 3 || p.Variants[2].SKU != "NL-ARIA-GRN" || p.Variants[2].Options[0] != added.Options[0] {
		t.Errorf("variants are %+v", p.Variants)
	}
	rows := cells(t, out)
	at := func(row int, h string) string { return rows[row][slices.Index(rows[0], h)] }
	if at(1, "Title") != "Aria Panto 52□18-145" || at(1, "Variant SKU") != "NL-ARIA-HAV" || at(1, "Option1 Name") != "Color" ||
		at(3, "Variant Inventory Policy") != "deny" || at(3, "Variant Barcode") != "" || at(3, "Variant Inventory Qty") != "3" {
		t.Errorf("rows are %q", rows[1:5])
	}
}

func TestProductsOfOtherOriginGoOutToShopify(t *testing.T) {
	s, _ := imported(t, "testdata/shopify-template-new-names.csv", Options{Currency: "EUR"})
	own := &catalog.Product{ID: "own", State: catalog.Draft, Category: "Bags", Name: map[string]string{"en": "Own", "zh": "自"},
		Variants: []catalog.Variant{{SKU: "OWN-1", Stock: 2, Price: catalog.Money{Minor: 1200, Currency: "EUR"}}},
		Pictures: []catalog.Picture{{Role: catalog.Original, Hash: strings.Repeat("ab", 32), Name: "own.jpg"}}}
	if err := s.Put(t.Context(), []*catalog.Product{own}); err != nil {
		t.Fatal(err)
	}
	out, report := exported(t, s, "out.csv", Shopify)
	rows := cells(t, out)
	if got, want := len(rows[0]), len(cells(t, "testdata/shopify-template-new-names.csv")[0]); got != want {
		t.Errorf("the header has %d columns, not %d: %q", got, want, rows[0])
	}
	last := rows[len(rows)-1]
	l := layoutOf(Shopify, rows[0])
	if l.get(last, Title) != "Own" || l.get(last, Price) != "12.00" || l.get(last, Option1Value) != "Default Title" || l.get(last, Stock) != "2" {
		t.Errorf("the row is %q", last)
	}
	if len(report.Problems) != 1 || !strings.Contains(report.Problems[0].Why, "no address") {
		t.Errorf("export says %v", report.Problems)
	}
}
