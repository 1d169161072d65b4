package exchange

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"cheval/catalog"
)

func TestGoogleFeedIsCounted(t *testing.T) {
	s, r := imported(t, "testdata/feed.xml", Options{})
	if r.Rows != 3 || r.Products != 2 || r.Variants != 3 || r.Images != 5 {
		t.Errorf("got %+v", r)
	}
	aria := s.products["aria-panto"]
	black := aria.Variants[0]
	if black.SKU != "NL-ARIA-BLK" || black.Price != (catalog.Money{Minor: 18900, Currency: "EUR"}) || black.Compare.Minor != 22900 ||
		black.Stock != 1 || black.Colour != "black" || aria.Variants[1].Stock != 0 {
		t.Errorf("black is %+v", black)
	}
	if aria.Category != catalog.Worn || aria.Eyewear.LensWidth != 52 || aria.Eyewear.Material != catalog.Acetate || aria.Text["en"] != "A panto frame of acetate.\nFits prescription lenses." {
		t.Errorf("aria is %+v", aria)
	}
	yun := s.products["yun-1"]
	if yun.Kind != catalog.Sun || yun.Name["zh"] != "云 偏光太阳镜" || yun.Variants[0].Price != (catalog.Money{Minor: 89900, Currency: "CNY"}) {
		t.Errorf("yun is %+v", yun)
	}
}

func TestAtomFeed(t *testing.T) {
	s, r := imported(t, "testdata/feed-atom.xml", Options{})
	p := s.products["lune-1"]
	if r.Products != 1 || p.Variants[0].Stock != 4 || p.Text["en"] != "Round metal sunglasses & a case" {
		t.Errorf("got %+v, %+v", r, p)
	}
	if i := slices.Index(p.Sheet.Header, "link"); p.Sheet.Rows[0][i] != "https://shop.example.com/products/lune" {
		t.Errorf("the link is lost: %q", p.Sheet)
	}
}

func TestFeedGoesOutAsItCameIn(t *testing.T) {
	for _, name := range []string{"out.xml", "out.tsv", "out.csv"} {
		t.Run(name, func(t *testing.T) {
			s, before := imported(t, "testdata/feed.xml", Options{})
			out, report := exported(t, s, name, Feed)
			if report.Rows != 3 || len(report.Problems) > 0 {
				t.Errorf("export says %+v", report)
			}
			again, after := imported(t, out, Options{})
			for id, p := range s.products {
				q := again.products[id]
				if q == nil {
					t.Fatalf("%s is gone", id)
				}
				attributes := func(s *catalog.Sheet, row int) map[string]string {
					m := map[string]string{}
					for i, h := range s.Header {
						if v := cell(s.Rows[row], i); v != "" {
							m[h] = v
						}
					}
					return m
				}
				for i := range p.Sheet.Rows {
					if a, b := attributes(p.Sheet, i), attributes(q.Sheet, i); !reflect.DeepEqual(a, b) {
						t.Errorf("%s, item %d:\n%q\n%q", id, i, a, b)
					}
				}
				a, b := *p, *q
				a.Sheet, b.Sheet, a.Origin, b.Origin = nil, nil, catalog.Origin{}, catalog.Origin{}
				if !reflect.DeepEqual(a, b) {
					t.Errorf("%s differs:\n%+v\n%+v", id, a, b)
				}
			}
			if before.Images != after.Images {
				t.Errorf("%d images became %d", before.Images, after.Images)
			}
		})
	}
}

func TestAnEditOfAFeedChangesItsAttribute(t *testing.T) {
	s, _ := imported(t, "testdata/feed.xml", Options{})
	v := &s.products["aria-panto"].Variants[0]
	v.Price.Minor, v.Stock = 17900, 0
	out, _ := exported(t, s, "out.xml", Feed)
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"<g:sale_price>179.00 EUR</g:sale_price>", "<g:price>229.00 EUR</g:price>", "<g:availability>out_of_stock</g:availability>",
		"<g:shipping>\n<g:country>", "<g:service>Post, 2: tracked</g:service>",
		"<g:additional_image_link>https://cdn.example.com/aria-side.jpg</g:additional_image_link>",
	} {
		if want = strings.ReplaceAll(want, "<g:shipping>\n<g:country>", "<g:shipping><g:country>"); !strings.Contains(string(data), want) {
			t.Errorf("no %s in\n%s", want, data)
		}
	}
}

func TestAChineseTableIsUnderstood(t *testing.T) {
	f, err := Open("testdata/table-zh.csv", "")
	if err != nil {
		t.Fatal(err)
	}
	if f.Format != Table || f.HeaderRow != 3 {
		t.Errorf("it is a %s, header in row %d", f.Format, f.HeaderRow)
	}
	s, r := imported(t, "testdata/table-zh.csv", Options{})
	if r.Rows != 4 || r.Products != 3 || r.Variants != 4 {
		t.Errorf("got %+v", r)
	}
	p := s.products["yj8801"]
	e := p.Eyewear
	if p.Name["zh"] != "复古圆框眼镜" || e.LensWidth != 52 || e.Bridge != 18 || e.Temple != 145 || e.FrontWidth != 142 ||
		e.Shape != catalog.Round || e.Material != catalog.Acetate || p.Variants[1].Colour != "tortoise" || p.Variants[0].Price != (catalog.Money{Minor: 12800, Currency: "CNY"}) {
		t.Errorf("the product is %+v", p)
	}
	if q := s.products["yj8803"]; q.Eyewear.Material != catalog.Rimless && q.Eyewear.Material != catalog.Metal || q.Eyewear.Temple != 148 {
		t.Errorf("the product is %+v", q)
	}
	if q := s.products["yj8802"]; q.Kind != catalog.Sun || q.Eyewear.Shape != catalog.Aviator {
		t.Errorf("the product is %+v", q)
	}
	find1(t, r, 4, "图片", "no picture file")
	find1(t, r, 6, "备注", "formula")
}

func TestAGermanTableIsUnderstood(t *testing.T) {
	s, r := imported(t, "testdata/table-de.csv", Options{Currency: "CHF"})
	p, q := s.products["4711"], s.products["4712"]
	if r.Products != 2 || p.Variants[0].Price != (catalog.Money{Minor: 118950, Currency: "EUR"}) || p.Eyewear.LensWidth != 52 || p.Eyewear.FrontWidth != 142 || p.Variants[0].Colour != "black" {
		t.Errorf("got %+v, %+v", r, p)
	}
	if q.Kind != catalog.Sun || q.Eyewear.FrontWidth != 138 {
		t.Errorf("got %+v", q)
	}
}

func TestATableForPeopleComesBack(t *testing.T) {
	for _, name := range []string{"out.csv", "out.tsv", "out.xlsx"} {
		t.Run(name, func(t *testing.T) {
			s, _ := imported(t, "testdata/shopify-export.csv", Options{Currency: "EUR"})
			importInto(t, s, "testdata/table-zh.csv", Options{})
			p := s.products["yj8802"]
			p.Name["en"] = "=cmd|' /C calc'!A0"
			out, report := exported(t, s, name, Table)
			if report.Products != 8 || report.Rows != 15 {
				t.Errorf("export says %+v", report)
			}
			again, r := imported(t, out, Options{})
			if r.Products != 8 || r.Variants != 15 {
				t.Errorf("again: %+v", r)
			}
			for id, p := range s.products {
				q := again.products[id]
				if q == nil {
					t.Fatalf("%s is gone", id)
				}
				if !reflect.DeepEqual(p.Name, q.Name) || !reflect.DeepEqual(p.Text, q.Text) || p.Eyewear.LensWidth != q.Eyewear.LensWidth || p.Category != q.Category {
					t.Errorf("%s differs:\n%+v\n%+v", id, p, q)
				}
				for i := range p.Variants {
					if a, b := p.Variants[i], q.Variants[i]; a.SKU != b.SKU || a.Price != b.Price || a.Stock != b.Stock || a.Barcode != b.Barcode || a.Compare != b.Compare {
						t.Errorf("%s differs:\n%+v\n%+v", id, a, b)
					}
				}
			}
			if i := slices.Index(again.products["yj8801"].Sheet.Header, "备注"); i < 0 || again.products["yj8801"].Sheet.Rows[0][i] != "爆款" {
				t.Errorf("an unknown column is lost")
			}
		})
	}
}

func TestATableForPeopleRunsNothing(t *testing.T) {
	s, _ := imported(t, file(t, "a.csv", "SKU,Title,Price,Note\n+1,=HYPERLINK(\"x\"),5,@SUM(1)\nB,-cmd,6,-7\n"), Options{})
	out, _ := exported(t, s, "out.csv", Table)
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	for row := range strings.Lines(strings.TrimPrefix(string(data), "\ufeff")) {
		for c := range strings.SplitSeq(row, ",") {
			if formula(strings.Trim(strings.TrimSpace(c), `"`)) {
				t.Errorf("%q would be run", c)
			}
		}
	}
	if !strings.Contains(string(data), "'@SUM(1)") || !strings.Contains(string(data), ",-7") {
		t.Errorf("the table is %s", data)
	}
	again, _ := imported(t, out, Options{})
	if again.products["b"].Name["en"] != "-cmd" {
		t.Errorf("the name came back as %q", again.products["b"].Name)
	}
}

func TestXLSXWithTabsAndNumbers(t *testing.T) {
	book := excelize.NewFile()
	defer book.Close()
	if _, err := book.NewSheet("价目"); err != nil {
		t.Fatal(err)
	}
	for i, row := range [][]any{{"货号", "名称", "价格", "条码"}, {"A1", "圆框眼镜", 899.5, 6901234567892}, {"A2", "方框眼镜", 1299, "6901234567892"}} {
		at, _ := excelize.CoordinatesToCellName(1, i+1)
		if err := book.SetSheetRow("价目", at, &row); err != nil {
			t.Fatal(err)
		}
	}
	path := file(t, "a.xlsx", "")
	if err := book.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, "nope"); err == nil || !strings.Contains(err.Error(), "no tab") {
		t.Errorf("got %v", err)
	}
	f, err := Open(path, "价目")
	if err != nil {
		t.Fatal(err)
	}
	s := newShelf()
	r, err := f.Import(t.Context(), s, Options{})
	if err != nil || r.Products != 2 || s.products["a1"].Variants[0].Price.Minor != 89950 || s.products["a1"].Variants[0].Barcode != "6901234567892" {
		t.Errorf("got %+v, %v, %+v", r, err, s.products["a1"])
	}
}

func TestMergedCellsOfAPriceList(t *testing.T) {
	text := "款号,品名,颜色,单价,库存\nYJ1,圆框眼镜,黑色,￥128,5\n,,金色,,6\n,,银色,138,7\nYJ2,方框眼镜,黑色,￥99,1\n"
	s, r := imported(t, file(t, "a.csv", text), Options{})
	p := s.products["yj1"]
	if r.Products != 2 || r.Variants != 4 || len(p.Variants) != 3 || p.Variants[1].Price.Minor != 12800 || p.Variants[2].Price.Minor != 13800 ||
		p.Variants[1].Colour != "gold" || p.Variants[1].SKU == p.Variants[2].SKU || len(r.Problems) > 0 {
		t.Errorf("got %+v, %+v", r, p)
	}
	// A flat list's row without a name is no variant of the one above.
	flat, r := imported(t, file(t, "b.csv", "SKU,Name,Price\nA,Spoon,5\nB,,6\n"), Options{})
	if r.Products != 1 || len(flat.products["a"].Variants) != 1 {
		t.Errorf("got %+v", r)
	}
	find1(t, r, 3, "Name", "has no name")
}

func TestPicturesInCellsGoIn(t *testing.T) {
	book := excelize.NewFile()
	defer book.Close()
	for i, row := range [][]any{{"货号", "名称", "颜色", "图片", "价格"}, {"A1", "圆框眼镜", "黑色", "", 899}, {"A1", "圆框眼镜", "金色", "", 899}, {"A2", "方框眼镜", "", "", 99}} {
		at, _ := excelize.CoordinatesToCellName(1, i+1)
		if err := book.SetSheetRow("Sheet1", at, &row); err != nil {
			t.Fatal(err)
		}
		if i > 0 {
			pic := &excelize.Picture{Extension: ".png", File: picturePNG(t, uint8(i)), Format: &excelize.GraphicOptions{}}
			if err := book.AddPictureFromBytes("Sheet1", fmt.Sprintf("D%d", i+1), pic); err != nil {
				t.Fatal(err)
			}
		}
	}
	path := file(t, "a.xlsx", "")
	if err := book.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	s, r := imported(t, path, Options{})
	again := importInto(t, s, path, Options{})
	pics := s.products["a1"].Pictures
	if r.Images != 3 || again.Images != 3 || len(pics) != 2 || s.pictures[pics[0].Hash] == nil || pics[1].SKU != "A1-2" || len(s.products["a2"].Pictures) != 1 {
		t.Errorf("got %+v, %+v", r, pics)
	}
}

func TestColumnsAreGuessedByWhatStandsInThem(t *testing.T) {
	path := file(t, "a.csv", "A,B,C,D,E\nAria round frame,black,52-18-145,¥899.00,aria.jpg\nLune sunglasses,gold,50-21-140,¥1299.00,lune.jpg\n")
	f, err := Open(path, "")
	if err != nil {
		t.Fatal(err)
	}
	var got []Field
	for _, c := range f.Columns {
		got = append(got, c.Field)
		if c.Because != "content" {
			t.Errorf("%s is %s because of its %s", c.Header, c.Field, c.Because)
		}
	}
	if want := []Field{Title, Colour, Size, Price, Image}; !slices.Equal(got, want) {
		t.Errorf("columns are %v", got)
	}
	s := newShelf()
	if r, err := f.Import(t.Context(), s, Options{}); err != nil || r.Products != 2 || s.products["aria-round-frame"].Variants[0].Colour != "black" {
		t.Errorf("got %+v, %v", r, err)
	}
}
