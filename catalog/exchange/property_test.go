package exchange

import (
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"cheval/catalog"
)

// anyShopify draws a file as a web shop could export it: products with
// variants and pictures side by side, unknown columns, everything in cells.
func anyShopify(t *rapid.T) [][]string {
	header := slices.Clone(shopifyHeader)
	if rapid.Bool().Draw(t, "new names") {
		header = strings.Split("Title,URL handle,Description,Vendor,Type,Tags,Published on online store,Status,SKU,Barcode,Option1 name,Option1 value,Option2 name,Option2 value,Price,Compare-at price,Inventory quantity,Product image URL,Image position,Image alt text,Variant image URL,Note (product.metafields.custom.note),Price / Deutschland", ",")
	}
	l := layoutOf(Shopify, header)
	text := rapid.OneOf(
		rapid.StringMatching(`[a-zA-Zé0-9 "',;=@+<&/-]{0,20}`),
		rapid.SampledFrom([]string{"", " ", "圆框 眼镜", "a\r\nb", "<p>x &amp; y</p>", "=1+1", "\"", "￥", "52□18-145", "'007", "-"}))
	rows := [][]string{header}
	for i := range rapid.IntRange(1, 4).Draw(t, "products") {
		handle := fmt.Sprintf("%s%d", rapid.SampledFrom([]string{"alto-", "Alto ", "眼镜", "é", "a_b-"}).Draw(t, "handle"), i)
		variants, images := rapid.IntRange(1, 4).Draw(t, "variants"), rapid.IntRange(0, 5).Draw(t, "images")
		for k := range max(variants, images) {
			row := make([]string, len(header))
			for c := range row { // whatever stands in unknown columns
				if fieldOf(header[c], Shopify) == None && rapid.IntRange(0, 3).Draw(t, "filled") == 0 {
					row[c] = text.Draw(t, header[c])
				}
			}
			set := func(f Field, v string) {
				if at := l.at[f]; len(at) > 0 {
					row[at[0]] = v
				}
			}
			set(Handle, handle)
			if k == 0 {
				set(Title, "T"+text.Draw(t, "title"))
				set(Text, text.Draw(t, "text"))
				set(Brand, text.Draw(t, "brand"))
				set(Tags, text.Draw(t, "tags"))
				set(Category, rapid.SampledFrom([]string{"", "Sunglasses", "Bags"}).Draw(t, "type"))
				set(Option1Name, rapid.SampledFrom([]string{"Color", "Size", ""}).Draw(t, "option"))
			}
			if k < variants {
				set(Option1Value, fmt.Sprint(rapid.SampledFrom([]string{"Black", "黑", "S", "a b"}).Draw(t, "value"), k))
				set(SKU, rapid.SampledFrom([]string{"", "X-1", fmt.Sprintf("S%d-%d", i, k)}).Draw(t, "sku"))
				set(Price, rapid.SampledFrom([]string{"5", "5.00", "1299.90", "0.00", ""}).Draw(t, "price"))
				set(Compare, rapid.SampledFrom([]string{"", "1500.00"}).Draw(t, "compare"))
				set(Stock, rapid.SampledFrom([]string{"", "0", "7", "-3", "12.0"}).Draw(t, "stock"))
				set(Barcode, rapid.SampledFrom([]string{"", "'4006381333931"}).Draw(t, "barcode"))
			}
			if k < images {
				set(Image, fmt.Sprintf("https://cdn.example.com/%d-%d.jpg?v=%d", i, k, k))
				set(ImagePlace, fmt.Sprint(k+1))
				set(ImageAlt, text.Draw(t, "alt"))
			}
			rows = append(rows, row)
		}
	}
	return rows
}

func writeRows(t *rapid.T, path string, rows [][]string) {
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := csv.NewWriter(f)
	if err := w.WriteAll(rows); err != nil {
		t.Fatal(err)
	}
}

func bring(t *rapid.T, path string) (*shelf, Result) {
	f, err := Open(path, "")
	if err != nil {
		t.Fatal(err)
	}
	s := newShelf()
	r, err := f.Import(t.Context(), s, Options{Currency: "EUR"})
	if err != nil {
		t.Fatal(err)
	}
	return s, r
}

func readRows(t *rapid.T, path string) [][]string {
	f, err := Open(path, "")
	if err != nil {
		t.Fatal(err)
	}
	out := [][]string{f.Header}
	err = f.each(t.Context(), func(row Row) error {
		out = append(out, row.Cells)
		return nil
	}, func(row int, why string) { t.Fatalf("row %d: %s", row, why) })
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAnyShopifyFileComesBackCellByCell(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		rows := anyShopify(t)
		in, out := filepath.Join(dir, "in.csv"), filepath.Join(dir, "out.csv")
		writeRows(t, in, rows)
		s, r := bring(t, in)
		if r.Products == 0 {
			t.Fatalf("nothing went in: %v", r.Problems)
		}
		if _, err := Export(t.Context(), out, Shopify, s.all); err != nil {
			t.Fatal(err)
		}
		if got := readRows(t, out); !reflect.DeepEqual(got, rows) {
			t.Fatalf("came back as\n%q\nfrom\n%q\n%v", got, rows, r.Problems)
		}
	})
}

// anyEdit changes a product as a person would.
func anyEdit(t *rapid.T, p *catalog.Product) {
	q := p
	v := &q.Variants[rapid.IntRange(0, len(q.Variants)-1).Draw(t, "which")]
	switch rapid.IntRange(0, 8).Draw(t, "edit") {
	case 0:
		v.Price = catalog.Money{Minor: rapid.Int64Range(0, 1e6).Draw(t, "minor"), Currency: "EUR"}
	case 1:
		v.Stock = rapid.IntRange(0, 500).Draw(t, "stock")
	case 2:
		v.SKU = fmt.Sprintf("NEW-%d", rand.IntN(1e9))
	case 3:
		for lang := range q.Name {
			q.Name[lang] = map[string]string{"en": "New name", "zh": "新名"}[lang]
		}
	case 4:
		q.Pictures = append(q.Pictures, catalog.Picture{Role: catalog.Original, URL: fmt.Sprintf("https://cdn.example.com/new-%d.jpg", rand.IntN(1e9)), Alt: "new"})
	case 5:
		if n := len(q.Pictures); n > 0 {
			i := rapid.IntRange(0, n-1).Draw(t, "picture")
			q.Pictures = slices.Delete(slices.Clone(q.Pictures), i, i+1)
		}
	case 6:
		slices.Reverse(q.Pictures)
	case 7:
		if len(q.Variants) > 1 {
			q.Variants = slices.Delete(slices.Clone(q.Variants), 0, 1)
		}
	case 8:
		q.Variants = append(slices.Clone(q.Variants), catalog.Variant{SKU: fmt.Sprintf("MORE-%d", rand.IntN(1e9)), Stock: 1,
			Price: catalog.Money{Minor: 100, Currency: "EUR"}, Options: []catalog.Option{{Name: q.Variants[0].Options[0].Name, Value: fmt.Sprint("more", rand.IntN(1e9))}}})
	}
}

func TestAnyEditComesBack(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		in, out := filepath.Join(dir, "in.csv"), filepath.Join(dir, "out.csv")
		writeRows(t, in, anyShopify(t))
		s, _ := bring(t, in)
		for _, id := range s.order {
			for range rapid.IntRange(0, 4).Draw(t, "edits") {
				anyEdit(t, s.products[id])
			}
		}
		if _, err := Export(t.Context(), out, Shopify, s.all); err != nil {
			t.Fatal(err)
		}
		again, _ := bring(t, out)
		for _, id := range s.order {
			p, q := s.products[id], again.products[id]
			if q == nil {
				t.Fatalf("%s is gone", id)
			}
			if fmt.Sprint(p.Name, p.Brand, p.Tags) != fmt.Sprint(q.Name, q.Brand, q.Tags) || len(p.Variants) != len(q.Variants) || len(p.Pictures) != len(q.Pictures) {
				t.Fatalf("%s differs:\n%+v\n%+v", id, p, q)
			}
			for i := range p.Variants {
				a, b := p.Variants[i], q.Variants[i]
				if a.Price != b.Price || a.Stock != b.Stock || !slices.Equal(a.Options, b.Options) || a.Barcode != b.Barcode ||
					strings.HasPrefix(a.SKU, "NEW") && a.SKU != b.SKU {
					t.Fatalf("%s differs:\n%+v\n%+v", id, a, b)
				}
			}
			for i := range p.Pictures {
				if p.Pictures[i].URL != q.Pictures[i].URL || p.Pictures[i].Alt != q.Pictures[i].Alt {
					t.Fatalf("%s differs:\n%+v\n%+v", id, p.Pictures, q.Pictures)
				}
			}
		}
	})
}
