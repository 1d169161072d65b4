package exchange

import (
	"context"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"cheval/catalog"
)

// tableColumns are the columns of a table for people. An import knows each.
var tableColumns = []struct {
	header string
	of     func(p *catalog.Product, v *catalog.Variant) string
}{
	{"Handle", func(p *catalog.Product, _ *catalog.Variant) string { return p.ID }},
	{"Name (EN)", func(p *catalog.Product, _ *catalog.Variant) string { return p.Name["en"] }},
	{"Name (ZH)", func(p *catalog.Product, _ *catalog.Variant) string { return p.Name["zh"] }},
	{"Brand", func(p *catalog.Product, _ *catalog.Variant) string { return p.Brand }},
	{"Category", func(p *catalog.Product, _ *catalog.Variant) string { return p.Category }},
	{"Kind", func(p *catalog.Product, _ *catalog.Variant) string { return string(p.Kind) }},
	{"SKU", func(_ *catalog.Product, v *catalog.Variant) string { return v.SKU }},
	{"Colour", colourOf},
	{"Size", sizeText},
	{"Price", func(_ *catalog.Product, v *catalog.Variant) string { return amountFor(Table, v.Price) }},
	{"Compare at price", func(_ *catalog.Product, v *catalog.Variant) string { return amountFor(Table, v.Compare) }},
	{"Currency", func(_ *catalog.Product, v *catalog.Variant) string { return v.Price.Currency }},
	{"Stock", func(_ *catalog.Product, v *catalog.Variant) string { return strconv.Itoa(v.Stock) }},
	{"Barcode", func(_ *catalog.Product, v *catalog.Variant) string { return v.Barcode }},
	{"Shape", func(p *catalog.Product, _ *catalog.Variant) string { return string(p.Eyewear.Shape) }},
	{"Material", func(p *catalog.Product, _ *catalog.Variant) string { return string(p.Eyewear.Material) }},
	{"Lens width (mm)", func(p *catalog.Product, _ *catalog.Variant) string { return measure(p.Eyewear.LensWidth) }},
	{"Lens height (mm)", func(p *catalog.Product, _ *catalog.Variant) string { return measure(p.Eyewear.LensHeight) }},
	{"Bridge (mm)", func(p *catalog.Product, _ *catalog.Variant) string { return measure(p.Eyewear.Bridge) }},
	{"Temple (mm)", func(p *catalog.Product, _ *catalog.Variant) string { return measure(p.Eyewear.Temple) }},
	{"Total width (mm)", func(p *catalog.Product, _ *catalog.Variant) string { return measure(p.Eyewear.FrontWidth) }},
	{"Tags", func(p *catalog.Product, _ *catalog.Variant) string { return strings.Join(p.Tags, ", ") }},
	{"Images", pictureNames},
	{"Description (EN)", func(p *catalog.Product, _ *catalog.Variant) string { return p.Text["en"] }},
	{"Description (ZH)", func(p *catalog.Product, _ *catalog.Variant) string { return p.Text["zh"] }},
}

func measure(mm float32) string {
	if mm == 0 {
		return ""
	}
	return strconv.FormatFloat(float64(mm), 'f', -1, 32)
}

func pictureNames(p *catalog.Product, v *catalog.Variant) string {
	var names []string
	for _, pic := range p.Pictures {
		if pic.From != "" || pic.SKU != "" && pic.SKU != v.SKU {
			continue
		}
		if pic.URL != "" {
			names = append(names, pic.URL)
		} else if pic.Name != "" {
			names = append(names, pic.Name)
		}
	}
	return strings.Join(names, "\n")
}

// table writes a row a variant: what Cheval knows, and behind it the columns
// that tables came with and Cheval does not know.
func (x *exporter) table(ctx context.Context, w rowWriter, products Products) error {
	header, err := x.tableHeader(ctx, products)
	if err != nil {
		return err
	}
	return x.all(ctx, w, products, header, func(p *catalog.Product) (rows [][]string) {
		for i, kept := range x.keptCells(p) {
			row := make([]string, len(header))
			for c := range header {
				if c < len(tableColumns) {
					row[c] = tableColumns[c].of(p, &p.Variants[i])
				} else {
					row[c] = kept[header[c]]
				}
			}
			rows = append(rows, row)
		}
		return rows
	})
}

// tableHeader is Cheval's own columns and those that tables came with.
func (x *exporter) tableHeader(ctx context.Context, products Products) (header []string, err error) {
	for _, c := range tableColumns {
		header = append(header, c.header)
	}
	err = products(ctx, func(p *catalog.Product) error {
		if p.Sheet == nil || p.Sheet.Format != string(Table) {
			return nil
		}
		for _, i := range x.unknown(p) {
			if h := p.Sheet.Header[i]; !slices.Contains(header[len(tableColumns):], h) && len(header) < MaxColumns {
				header = append(header, h)
			}
		}
		return nil
	})
	return header, err
}

// unknown are the columns of a product's table that mean nothing to Cheval.
func (x *exporter) unknown(p *catalog.Product) (out []int) {
	l := x.layoutFor(p)
	known := map[int]bool{}
	for _, at := range l.at {
		for _, i := range at {
			known[i] = true
		}
	}
	for i, h := range l.header {
		if !known[i] && strings.TrimSpace(h) != "" {
			out = append(out, i)
		}
	}
	return out
}

// keptCells are, for each variant, the cells under unknown columns.
func (x *exporter) keptCells(p *catalog.Product) []map[string]string {
	out := make([]map[string]string, len(p.Variants))
	if p.Sheet == nil || p.Sheet.Format != string(Table) {
		return out
	}
	l, b := x.baseline(p)
	if b == nil {
		return out
	}
	unknown := x.unknown(p)
	for i, k := range newSheetEdit(l, p, b, x.found).pairs {
		if k < 0 {
			continue
		}
		out[i] = map[string]string{}
		for _, c := range unknown {
			out[i][l.header[c]] = cell(p.Sheet.Rows[b.variantRow[k]], c)
		}
	}
	return out
}

// xlsxWriter writes rows to an XLSX file. Cells are text, which no program
// runs.
type xlsxWriter struct {
	w       io.Writer
	book    *excelize.File
	stream  *excelize.StreamWriter
	rows    int
	numbers map[int]bool // columns that are written as numbers
	err     error
}

// numbers are the columns that a spreadsheet program is to count with.
var numbers = []string{"Price", "Compare at price", "Stock", "Lens width (mm)", "Lens height (mm)", "Bridge (mm)", "Temple (mm)", "Total width (mm)"}

func newXLSXWriter(w io.Writer) *xlsxWriter {
	x := &xlsxWriter{w: w, book: excelize.NewFile(), numbers: map[int]bool{}}
	x.stream, x.err = x.book.NewStreamWriter(x.book.GetSheetName(0))
	return x
}

// maxCellRunes is what a cell of a spreadsheet program holds.
const maxCellRunes = 32767

func (x *xlsxWriter) row(cells []string) error {
	if x.err != nil {
		return x.err
	}
	x.rows++
	values := make([]any, len(cells))
	for i, s := range cells {
		if r := []rune(s); len(r) > maxCellRunes {
			s = string(r[:maxCellRunes])
		}
		values[i] = visible(s)
		if n, err := strconv.ParseFloat(s, 64); err == nil && x.numbers[i] && x.rows > 1 {
			values[i] = n
		}
		if x.rows == 1 && slices.Contains(numbers, s) {
			x.numbers[i] = true
		}
	}
	at, err := excelize.CoordinatesToCellName(1, x.rows)
	if err == nil {
		err = x.stream.SetRow(at, values)
	}
	x.err = err
	return err
}

func (x *xlsxWriter) end() error {
	defer x.book.Close()
	if x.err != nil {
		return x.err
	}
	if err := x.stream.Flush(); err != nil {
		return err
	}
	_, err := x.book.WriteTo(x.w)
	return err
}
