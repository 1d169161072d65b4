package exchange

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"cheval/catalog"
)

// shelf is a shop in memory, in the order in which products came.
type shelf struct {
	products map[string]*catalog.Product
	order    []string
	pictures map[string][]byte
	puts     int
	fail     int // fails the put with this number
}

func newShelf() *shelf {
	return &shelf{products: map[string]*catalog.Product{}, pictures: map[string][]byte{}}
}

func (s *shelf) Product(id string) (*catalog.Product, error) { return s.products[id], nil }

func (s *shelf) Put(_ context.Context, products []*catalog.Product) error {
	if s.puts++; s.puts == s.fail {
		return errors.New("the disk is full")
	}
	for _, p := range products {
		if s.products[p.ID] == nil {
			s.order = append(s.order, p.ID)
		}
		s.products[p.ID] = p
	}
	return nil
}

func (s *shelf) PutPicture(r io.Reader) (string, error) {
	data, err := io.ReadAll(r)
	sum := sha256.Sum256(data)
	hash := hex.EncodeToString(sum[:])
	s.pictures[hash] = data
	return hash, err
}

func (s *shelf) all(_ context.Context, visit func(*catalog.Product) error) error {
	for _, id := range s.order {
		if err := visit(s.products[id]); err != nil {
			return err
		}
	}
	return nil
}

// imported brings a file into a new shelf.
func imported(t *testing.T, path string, o Options) (*shelf, Result) {
	t.Helper()
	s := newShelf()
	return s, importInto(t, s, path, o)
}

func importInto(t *testing.T, s *shelf, path string, o Options) Result {
	t.Helper()
	f, err := Open(path, "")
	if err != nil {
		t.Fatal(err)
	}
	result, err := f.Import(context.Background(), s, o)
	if err != nil {
		t.Fatal(err)
	}
	for id, p := range s.products {
		if err := p.Validate(); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
	return result
}

// file writes a spreadsheet for one test.
func file(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func exported(t *testing.T, s *shelf, name string, format Format) (string, Exported) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	report, err := Export(context.Background(), path, format, s.all)
	if err != nil {
		t.Fatal(err)
	}
	return path, report
}

// cells are all rows of a CSV file.
func cells(t *testing.T, path string) [][]string {
	t.Helper()
	f, err := Open(path, "")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := f.rows()
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out [][]string
	for {
		row, err := rows.next()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, row.Cells)
	}
}

// same holds that two shelves hold the same but for when it came.
func same(t *testing.T, a, b *shelf) {
	t.Helper()
	if !slices.Equal(a.order, b.order) {
		t.Fatalf("products are %v and %v", a.order, b.order)
	}
	for id := range a.products {
		p, q := *a.products[id], *b.products[id]
		p.Origin, q.Origin = catalog.Origin{}, catalog.Origin{}
		if !reflect.DeepEqual(p, q) {
			t.Errorf("%s differs:\n%+v\n%+v", id, p, q)
		}
	}
}

func find1(t *testing.T, r Result, row int, field, why string) {
	t.Helper()
	for _, p := range r.Problems {
		if p.Row == row && p.Field == field && strings.Contains(p.Why, why) {
			return
		}
	}
	t.Errorf("no problem in row %d, %s: %q; there are %v", row, field, why, r.Problems)
}

func TestShopifyExportIsCounted(t *testing.T) {
	for _, name := range []string{"shopify-export.csv", "shopify-template-new-names.csv"} {
		t.Run(name, func(t *testing.T) {
			s, r := imported(t, "testdata/"+name, Options{Currency: "EUR"})
			if r.Rows != 13 || r.Products != 5 || r.Variants != 11 || r.Images != 7 {
				t.Errorf("got %d rows, %d products, %d variants, %d images", r.Rows, r.Products, r.Variants, r.Images)
			}
			aria := s.products["aria-panto"]
			if aria.Kind != catalog.Optical || aria.Category != catalog.Worn || aria.Eyewear.LensWidth != 52 || aria.Eyewear.Bridge != 18 || aria.Eyewear.Temple != 145 {
				t.Errorf("aria is %+v", aria)
			}
			if v := aria.Variants[1]; v.SKU != "NL-ARIA-HAV" || v.Colour != "tortoise" || v.Stock != 0 || v.Price != (catalog.Money{Minor: 18900, Currency: "EUR"}) || v.Barcode != "4006381333948" {
				t.Errorf("havana is %+v", v)
			}
			if want := "Aria\nA panto frame of Italian acetate, 52□18-145.\nFits prescription & blue-light lenses.\n• Keyhole bridge, 5\" box\n• Five-barrel hinges"; aria.Text["zh"]+aria.Text["en"] != want {
				t.Errorf("text is %q", aria.Text)
			}
			if p := s.products["lune-sunglasses"]; p.Kind != catalog.Sun || len(p.Variants) != 1 || p.Variants[0].SKU != "lune-sunglasses" || len(p.Variants[0].Options) != 0 {
				t.Errorf("lune is %+v", p)
			}
			if p := s.products["leather-case"]; p.Category != "Accessories" || p.Name["en"] != `Leather Case, "Tan"` {
				t.Errorf("the case is %+v", p)
			}
			find1(t, r, 3, aria.Sheet.Header[slices.IndexFunc(aria.Sheet.Header, func(h string) bool { return fieldOf(h, Shopify) == Stock })], "below zero")
		})
	}
}

func TestShopifyGoesOutAsItCameIn(t *testing.T) {
	for _, name := range []string{"shopify-export.csv", "shopify-template-new-names.csv"} {
		t.Run(name, func(t *testing.T) {
			in := filepath.Join("testdata", name)
			s, before := imported(t, in, Options{Currency: "EUR"})
			out, report := exported(t, s, "out.csv", Shopify)
			if !reflect.DeepEqual(cells(t, in), cells(t, out)) {
				t.Errorf("cells differ")
			}
			if len(report.Problems) > 0 || report.Rows != 13 {
				t.Errorf("export says %+v", report)
			}
			again, after := imported(t, out, Options{Currency: "EUR"})
			same(t, s, again)
			if !reflect.DeepEqual(before, after) {
				t.Errorf("results differ: %+v, %+v", before, after)
			}
		})
	}
}

func TestImportingTheSameFileTwiceChangesNothing(t *testing.T) {
	s, _ := imported(t, "testdata/shopify-export.csv", Options{})
	first := newShelf()
	for id, p := range s.products {
		q := *p
		first.products[id] = &q
	}
	first.order = slices.Clone(s.order)
	importInto(t, s, "testdata/shopify-export.csv", Options{})
	same(t, first, s)
}
