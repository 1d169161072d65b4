package exchange

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"cheval/catalog"
)

func TestTextInEveryEncoding(t *testing.T) {
	encode := func(s string, err error) string {
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	zh := "款号,品名,价格\nA1,圆框板材眼镜,¥899\nA2,\"方框太阳镜,偏光\",¥1299\n"
	latin := "SKU,Title,Price\nA1,Lunettes dorées à monture fine,89.00\nA2,Größe 52 Brille für Müller,99.00\n"
	for _, c := range []struct {
		name, text, says string
		title            string
	}{
		{"UTF-8", zh, "", "圆框板材眼镜"},
		{"UTF-8 with a mark", "\ufeff" + zh, "", "圆框板材眼镜"},
		{"GB18030", encode(simplifiedchinese.GB18030.NewEncoder().String(zh)), "GB18030", "圆框板材眼镜"},
		{"UTF-16 little", encode(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(zh)), "", "圆框板材眼镜"},
		{"UTF-16 big", encode(unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String(zh)), "", "圆框板材眼镜"},
		{"UTF-16 without a mark", encode(unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder().String(latin)), "", "Lunettes dorées à monture fine"},
		{"Windows-1252", encode(charmap.Windows1252.NewEncoder().String(latin)), "Windows-1252", "Lunettes dorées à monture fine"},
		{"Latin-1", encode(charmap.ISO8859_1.NewEncoder().String(latin)), "Windows-1252", "Lunettes dorées à monture fine"},
		{"CRLF", strings.ReplaceAll(zh, "\n", "\r\n"), "", "圆框板材眼镜"},
		{"CR alone", strings.ReplaceAll(zh, "\n", "\r"), "", "圆框板材眼镜"},
		{"semicolons", "sep=;\r\n" + strings.ReplaceAll(strings.ReplaceAll(zh, ",", ";"), "\n", "\r\n"), "", "圆框板材眼镜"},
		{"tabs", strings.ReplaceAll(zh, ",", "\t"), "", "圆框板材眼镜"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, r := imported(t, file(t, "a.csv", c.text), Options{})
			if r.Rows != 2 || r.Products != 2 {
				t.Fatalf("got %+v", r)
			}
			if p := s.products["a1"]; p == nil || bothNames(p.Name) != c.title+"\n" && bothNames(p.Name) != "\n"+c.title {
				t.Errorf("the product is %+v", p)
			}
			said := false
			for _, p := range r.Problems {
				said = said || p.Row == 0 && strings.Contains(p.Why, "read as") && strings.Contains(p.Why, c.says)
			}
			if said != (c.says != "") {
				t.Errorf("problems are %v", r.Problems)
			}
		})
	}
}

func TestAMostlyUTF8FileStaysUTF8(t *testing.T) {
	text := "SKU,Title,Price\n" + strings.Repeat("A,圆框板材眼镜,9\n", 20) + "B,caf\xe9,9\n"
	e, err := detect(strings.NewReader(text))
	if e != UTF8 || err != nil {
		t.Errorf("it is %s, %v", e, err)
	}
	_, r := imported(t, file(t, "a.csv", text), Options{})
	find1(t, r, 22, "Title", "could not be read")
}

func TestWhatIsEyewear(t *testing.T) {
	for _, c := range []struct {
		category, title string
		is, sun         bool
	}{
		{"Sunglasses", "Lune", true, true},
		{"Apparel & Accessories > Clothing Accessories > Sunglasses", "Lune", true, true},
		{"Health & Beauty > Personal Care > Vision Care > Eyeglasses", "Aria", true, false},
		{"太阳镜", "云", true, true},
		{"眼镜", "云", true, false},
		{"Glasses", "Aria", true, false},
		{"Optical > Frames", "Aria", true, false},
		{"", "Aria round sunglasses", true, true},
		{"Accessories", "Aria eyeglasses", true, false},
		{"Kitchen > Glasses", "Wine glass", false, false},
		{"Frames\nHome & Garden > Decor > Picture Frames", "Oak frame", false, false},
		{"", "Sunglasses case", false, false},
		{"", "Wine glasses, set of 6", false, false},
		{"Bags", "Tote 52-18-145", false, false},
		{"Uncategorized", "Mustache wax", false, false},
	} {
		if is, sun := eyewear(c.category, c.title, false); is != c.is || sun && !c.sun || c.sun && !sun {
			t.Errorf("%q, %q: %v, %v", c.category, c.title, is, sun)
		}
	}
}

func TestBadRowsAreListedAndGoodRowsGoIn(t *testing.T) {
	const head = "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Inventory Qty,Image Src\n"
	for _, c := range []struct {
		name, rows         string
		products, variants int
		row                int
		field, why         string
	}{
		{"negative price", "a,A,Title,Default Title,S1,-5.00,1,\nb,B,Title,Default Title,S2,5.00,1,\n", 1, 1, 2, "Variant Price", "below zero"},
		{"no price at all", "a,A,Title,Default Title,S1,ask us,1,\nb,B,Title,Default Title,S2,5.00,1,\n", 1, 1, 2, "Variant Price", "is no price"},
		{"missing price", "a,A,Title,Default Title,S1,,1,\n", 1, 1, 2, "Variant Price", "missing"},
		{"negative stock", "a,A,Title,Default Title,S1,5,-3,\n", 1, 1, 2, "Variant Inventory Qty", "below zero"},
		{"words for stock", "a,A,Title,Default Title,S1,5,many,\n", 1, 1, 2, "Variant Inventory Qty", "no number"},
		{"formula", "a,=HYPERLINK(\"\"x\"\"),Title,Default Title,S1,5,1,\n", 1, 1, 2, "Title", "formula"},
		{"formula in a SKU", "a,A,Title,Default Title,+cmd|' /C calc'!A0,5,1,\n", 1, 1, 2, "Variant SKU", "formula"},
		{"two products with one handle", "a,A,Title,Default Title,S1,5,1,\na,B,Title,Default Title,S2,6,1,\nc,C,Title,Default Title,S3,5,1,\n", 2, 2, 3, "Handle", "goes by the handle a"},
		{"two products with one handle apart", "a,A,Size,S,S1,5,1,\nc,C,Title,Default Title,S3,5,1,\na,B,Size,M,S2,6,1,\n", 2, 2, 4, "Handle", "goes by the handle a"},
		{"rows apart", "a,A,Size,S,S1,5,1,\nc,C,Title,Default Title,S3,5,1,\na,,,M,S2,6,1,\n", 2, 3, 4, "Handle", "in several places"},
		{"a name of its own for a variant", "a,A,Size,S,S1,5,1,\na,A medium,,M,S2,6,1,\n", 1, 2, 3, "Title", "another name"},
		{"the same variant again", "a,A,Size,S,S1,5,1,\na,,,S,S1,5,1,\n", 1, 1, 3, "Option1 Value", "same variant"},
		{"one SKU twice", "a,A,Size,S,S1,5,1,\na,,,M,S1,5,1,\n", 1, 2, 3, "Variant SKU", "another variant"},
		{"no name", "a,,,,,,,\nb,B,Title,Default Title,S2,5.00,1,\n", 1, 1, 2, "Title", "no name"},
		{"no handle and no product above", ",,,M,S1,5,1,\nb,B,Title,Default Title,S2,5.00,1,\n", 1, 1, 2, "Handle", "names no product"},
		{"too many cells", "a,A, and more,Title,Default Title,S1,5,1,x\nb,B,Title,Default Title,S2,5,1,\n", 1, 1, 2, "", "9 cells, but there are 8 columns"},
		{"a quote that is never closed", "a,\"A,Title,Default Title,S1,5,1,\nb,B,Title,Default Title,S2,5,1,\n", 1, 1, 2, "", "never closed"},
		{"an image that is no address", "a,A,Title,Default Title,S1,5,1,ftp://x/y.jpg\n", 1, 1, 2, "Image Src", "no address"},
		{"an image that is a lost file", "a,A,Title,Default Title,S1,5,1,front.jpg\n", 1, 1, 2, "Image Src", "no picture file"},
		{"the same image twice", "a,A,Size,S,S1,5,1,https://x/y.jpg\na,,,M,S2,5,1,https://x/y.jpg\n", 1, 2, 3, "Image Src", "in row 2 too"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, r := imported(t, file(t, "a.csv", head+c.rows), Options{})
			if r.Products != c.products || r.Variants != c.variants {
				t.Errorf("%d products, %d variants: %v", r.Products, r.Variants, r.Problems)
			}
			find1(t, r, c.row, c.field, c.why)
			for _, p := range s.products {
				for _, v := range p.Variants {
					if v.Price.Minor < 0 || v.Stock < 0 {
						t.Errorf("%+v went in", v)
					}
				}
			}
		})
	}
}

func TestOneSKUTwiceInAFlatTable(t *testing.T) {
	s, r := imported(t, file(t, "a.csv", "SKU,Name,Price\nA,Spoon,5\nB,Fork,6\nA,Knife,7\n"), Options{})
	if r.Products != 2 || len(s.products["a"].Variants) != 1 || s.products["a"].Name["en"] != "Spoon" {
		t.Errorf("got %+v", r)
	}
	find1(t, r, 4, "SKU", "stands in row 2 already")
}

func TestQuotesAndNewlinesWithinCells(t *testing.T) {
	r := newCSVReader(strings.NewReader("a,\"b \"\"q\"\"\r\nc\",12\" x 9\"\r\n\"5\" lens\",,\"\"\n\n\"x\ny\"\n"), ',')
	want := []Row{{1, []string{"a", "b \"q\"\r\nc", "12\" x 9\""}}, {2, []string{"5\" lens", "", ""}}, {4, []string{"x\ny"}}}
	for _, w := range want {
		row, err := r.next()
		if err != nil || !reflect.DeepEqual(row, w) {
			t.Errorf("got %v, %v; want %v", row, err, w)
		}
	}
	if _, err := r.next(); err != io.EOF {
		t.Errorf("the end is %v", err)
	}
}

// endless gives n times a byte between two texts.
func endless(before string, n int64, after string) io.Reader {
	return io.MultiReader(strings.NewReader(before), io.LimitReader(zeros{}, n), strings.NewReader(after))
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '0'
	}
	return len(p), nil
}

func TestTenMegabytesInOneFieldLoseThatRowOnly(t *testing.T) {
	path := file(t, "a.csv", "")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	text := endless("Handle,Title,Body (HTML),Variant Price\na,A,\"", 10<<20, "\",5\nb,B,short,6\n")
	if _, err := io.Copy(f, text); err != nil {
		t.Fatal(err)
	}
	_, r := imported(t, path, Options{})
	if r.Rows != 2 || r.Products != 1 {
		t.Errorf("got %+v", r)
	}
	find1(t, r, 2, "", "over 1 MB")
}

func TestAFieldThatNeverEndsIsHeldInBounds(t *testing.T) {
	r := newCSVReader(endless("a,\"", 8<<20, ""), ',')
	if _, err := r.next(); err == nil || !strings.Contains(err.Error(), "never closed") {
		t.Errorf("got %v", err)
	}
	if n := cap(r.raw) + cap(r.cell); n > 4*MaxRow {
		t.Errorf("it held %d bytes", n)
	}
}

func TestFilesThatAreNoSpreadsheetSaySo(t *testing.T) {
	for name, c := range map[string]struct{ content, says string }{
		"empty.csv":   {"", "is empty"},
		"blank.csv":   {"\n\n\n", "no rows"},
		"photo.csv":   {"\xff\xd8\xff\xe0abc", "no spreadsheet"},
		"old.xls":     {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1abc", "old format"},
		"broken.xlsx": {"PK\x03\x04nonsense", "cannot be read"},
		"page.xml":    {"<html><body>no</body></html>", "no items"},
		"cut.xml":     {"<rss><channel><item><id>1</id>", "broken in line 1"},
		"binary.csv":  {"a,b\x00\x00\x00\x01c,d\n", "no text"},
	} {
		if _, err := Open(file(t, name, c.content), ""); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Open(t.TempDir(), ""); err == nil || !strings.Contains(err.Error(), "folder") {
		t.Errorf("a folder: %v", err)
	}
}

func TestMissingColumns(t *testing.T) {
	f, err := Open(file(t, "a.csv", "Handle,Variant Price,Option1 Value\na,5,S\n"), "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Import(context.Background(), newShelf(), Options{}); err == nil || !strings.Contains(err.Error(), `no column "Title"`) {
		t.Errorf("got %v", err)
	}
	_, r := imported(t, file(t, "b.csv", "Handle,Title,Body (HTML)\na,A,text\n"), Options{})
	if r.Products != 1 || r.Variants != 1 {
		t.Errorf("got %+v", r)
	}
	find1(t, r, 0, "price", "no column is known to hold prices")
}

func TestAFailedBatchSaysWhatIsIn(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("Handle,Title,Variant Price\n")
	for i := range 1200 {
		fmt.Fprintf(&b, "p%d,P%d,5\n", i, i)
	}
	path := file(t, "a.csv", b.String())
	s := newShelf()
	s.fail = 3
	f, err := Open(path, "")
	if err != nil {
		t.Fatal(err)
	}
	r, err := f.Import(context.Background(), s, Options{})
	if err == nil || !strings.Contains(err.Error(), "the disk is full; 1000 products are in, import the file again to go on") {
		t.Errorf("got %v", err)
	}
	if r.Products != 1000 || len(s.products) != 1000 {
		t.Errorf("it says %d products, %d are there", r.Products, len(s.products))
	}
	s.fail = 0
	if r := importInto(t, s, path, Options{}); r.Products != 1200 || len(s.products) != 1200 {
		t.Errorf("going on: %d products, %d are there", r.Products, len(s.products))
	}
}

func TestACancelledImportStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	f, err := Open("testdata/shopify-export.csv", "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Import(ctx, newShelf(), Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestADryRunWritesNothing(t *testing.T) {
	s, r := imported(t, "testdata/shopify-export.csv", Options{DryRun: true})
	if len(s.products) != 0 || r.Products != 5 || r.Variants != 11 {
		t.Errorf("got %+v, %d products are there", r, len(s.products))
	}
}

func TestAProductOfTheShopKeepsWhatOnlyTheShopKnows(t *testing.T) {
	s, _ := imported(t, "testdata/shopify-export.csv", Options{Currency: "EUR"})
	aria := *s.products["aria-panto"]
	aria.Eyewear.LensHeight, aria.Eyewear.Thickness = 44, 4
	aria.Name = map[string]string{"zh": "艾莉亚", "en": "Aria by hand"}
	aria.Pictures = append(aria.Pictures, catalog.Picture{Role: catalog.Original, Hash: strings.Repeat("ab", 32), Name: "mine.jpg"})
	aria.Pictures[0].Hash = strings.Repeat("cd", 32)
	aria.Variants[0].Lens.Transmission = 0.9
	aria.Variants[0].Price.Minor = 1
	s.products["aria-panto"] = &aria
	importInto(t, s, "testdata/shopify-export.csv", Options{Currency: "EUR"})
	p := s.products["aria-panto"]
	if p.Eyewear.LensHeight != 44 || p.Eyewear.LensWidth != 52 || p.Variants[0].Lens.Transmission != 0.9 ||
		p.Pictures[0].Hash == "" || len(p.Pictures) != 5 || p.Pictures[4].Name != "mine.jpg" || p.Name["zh"] != "艾莉亚" {
		t.Errorf("the shop forgot: %+v", p)
	}
	if p.Variants[0].Price.Minor != 18900 {
		t.Errorf("the file's price was not taken: %v", p.Variants[0].Price)
	}
}

func TestAPriceListAddsToProductsOfShopify(t *testing.T) {
	s, _ := imported(t, "testdata/shopify-export.csv", Options{Currency: "EUR"})
	before := cells(t, "testdata/shopify-export.csv")
	list := file(t, "list.csv", "Handle,SKU,Name,Price,Stock,Shelf\naria-panto,NL-ARIA-HAV,Aria Panto 52□18-145,199.00,6,B7\n")
	r := importInto(t, s, list, Options{Currency: "EUR"})
	if p := s.products["aria-panto"]; len(p.Variants) != 3 || len(p.Pictures) != 4 || p.Sheet.Format != "shopify" {
		t.Errorf("the product is %+v", p)
	}
	find1(t, r, 0, "", "1 products came from Shopify and keep its rows")
	delete(s.products["aria-panto"].Name, "zh")
	out, _ := exported(t, s, "out.csv", Shopify)
	after := cells(t, out)
	l := layoutOf(Shopify, after[0])
	if len(after) != len(before) {
		t.Fatalf("%d rows became %d: %q", len(before), len(after), after)
	}
	for i, row := range after[1:4] {
		if sku := l.get(row, SKU); sku == "NL-ARIA-HAV" && (l.get(row, Price) != "199.00" || l.get(row, Stock) != "6") || sku == "" {
			t.Errorf("row %d is %q", i+2, row)
		}
	}
}

func TestAVariantThatTheFileNoLongerHasIsTakenOutAndSaid(t *testing.T) {
	const head = "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price\n"
	s, _ := imported(t, file(t, "a.csv", head+"a,A,Size,S,S1,5\na,,,M,S2,5\n"), Options{})
	r := importInto(t, s, file(t, "b.csv", head+"a,A,Size,S,S1,6\n"), Options{})
	if p := s.products["a"]; len(p.Variants) != 1 || p.Variants[0].Price.Minor != 600 {
		t.Errorf("the product is %+v", p)
	}
	find1(t, r, 2, "Variant SKU", "not in the file any more")
}

func TestAStarterProductGivesWay(t *testing.T) {
	s := newShelf()
	starter := &catalog.Product{ID: "aria-panto", State: catalog.Draft, Name: map[string]string{"en": "Starter", "fr": "Début"}, Variants: []catalog.Variant{{SKU: "X"}}}
	if err := s.Put(t.Context(), []*catalog.Product{starter}); err != nil {
		t.Fatal(err)
	}
	r := importInto(t, s, "testdata/shopify-export.csv", Options{})
	if s.products["aria-panto"].Name["fr"] != "" {
		t.Errorf("the starter shines through: %v", s.products["aria-panto"].Name)
	}
	find1(t, r, 2, "Handle", "takes the place of the starter product")
}
