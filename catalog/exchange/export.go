package exchange

import (
	"bufio"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cheval/catalog"
	"cheval/internal/wholefile"
)

// Products calls visit with every product to export, whole with its Sheet,
// in order. It is called twice.
type Products func(ctx context.Context, visit func(*catalog.Product) error) error

// Exported is what an export did.
type Exported struct {
	Format   Format    `json:"format"`
	Products int       `json:"products"`
	Rows     int       `json:"rows"` // written, without the header
	Problems []Problem `json:"problems"`
}

// Export writes products to a file: as Shopify's product CSV, as Google's feed
// (.xml, .tsv or .csv), or as a table for people (.csv, .tsv or .xlsx), in
// which cells that a spreadsheet program would run are made harmless. The file
// appears when it is whole.
func Export(ctx context.Context, path string, format Format, products Products) (Exported, error) {
	x := &exporter{Exported: Exported{Format: format}, found: &problems{}, layouts: map[string]*layout{}}
	if err := x.toFile(ctx, path, products); err != nil {
		return Exported{}, fmt.Errorf("export %s: %w", filepath.Base(path), err)
	}
	x.Problems = x.found.all()
	return x.Exported, nil
}

// FormatOf is the format that a file's name asks for: .csv is Shopify's, .xml
// the feed's, .tsv and .xlsx are tables.
func FormatOf(path string) (Format, error) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".csv":
		return Shopify, nil
	case ".xml":
		return Feed, nil
	case ".tsv", ".xlsx":
		return Table, nil
	}
	return "", fmt.Errorf("export %s: the name must end in .csv, .tsv, .xlsx or .xml", filepath.Base(path))
}

// endings are what each format can be written as.
var endings = map[Format][]string{
	Shopify: {".csv"},
	Feed:    {".xml", ".tsv", ".txt", ".csv"},
	Table:   {".csv", ".tsv", ".xlsx"},
}

type exporter struct {
	Exported
	found   *problems
	layouts map[string]*layout // of headers that products came with
}

// toFile writes the file, whole or not at all.
func (x *exporter) toFile(ctx context.Context, path string, products Products) error {
	ending := strings.ToLower(filepath.Ext(path))
	if !slices.Contains(endings[x.Format], ending) {
		return fmt.Errorf("%s is written to a file that ends in %s", x.Format, strings.Join(endings[x.Format], ", "))
	}
	var failed error // to make the rows, which says itself on what
	err := wholefile.Write(path, 0o644, func(f *os.File) error {
		out := bufio.NewWriterSize(f, 256<<10)
		if failed = x.write(ctx, out, ending, products); failed != nil {
			return failed
		}
		return out.Flush()
	})
	if failed != nil {
		return failed
	}
	return reason(err)
}

// all writes a header and the rows of every product, and counts them.
func (x *exporter) all(ctx context.Context, w rowWriter, products Products, header []string, rows func(*catalog.Product) [][]string) error {
	if err := w.row(header); err != nil {
		return err
	}
	err := products(ctx, func(p *catalog.Product) error {
		for _, row := range rows(p) {
			if err := w.row(row); err != nil {
				return err
			}
			x.Rows++
		}
		x.Products++
		return nil
	})
	if err != nil {
		return err
	}
	return w.end()
}

func (x *exporter) write(ctx context.Context, w io.Writer, ending string, products Products) error {
	switch {
	case x.Format == Shopify:
		return x.shopify(ctx, csvRows(w, ','), products)
	case x.Format == Feed && ending == ".xml":
		return x.feed(ctx, newRSS(w), products)
	case x.Format == Feed && ending == ".csv":
		return x.feed(ctx, csvRows(w, ','), products)
	case x.Format == Feed:
		return x.feed(ctx, csvRows(w, '\t'), products)
	case ending == ".xlsx":
		return x.table(ctx, newXLSXWriter(w), products)
	}
	if _, err := io.WriteString(w, "\ufeff"); err != nil { // by which Excel knows UTF-8
		return err
	}
	comma := ','
	if ending == ".tsv" {
		comma = '\t'
	}
	return x.table(ctx, harmless{csvRows(w, comma)}, products)
}

// rowWriter takes a header and then rows.
type rowWriter interface {
	row(cells []string) error
	end() error
}

type csvWriter struct{ *csv.Writer }

func csvRows(w io.Writer, comma rune) csvWriter {
	c := csv.NewWriter(w)
	c.Comma = comma
	return csvWriter{c}
}

func (c csvWriter) row(cells []string) error { return c.Write(cells) }

func (c csvWriter) end() error {
	c.Flush()
	return c.Error()
}

// harmless puts an apostrophe before what a spreadsheet program would run.
type harmless struct{ rowWriter }

func (h harmless) row(cells []string) error {
	safe := slices.Clone(cells)
	for i, s := range safe {
		if formula(s) {
			safe[i] = "'" + s
		}
	}
	return h.rowWriter.row(safe)
}

// layoutFor is the layout of a product's sheet, with the mapping that a person
// chose when it was imported.
func (x *exporter) layoutFor(p *catalog.Product) *layout {
	chosen := chosenColumns(p)
	key := p.Sheet.Format + "\x00" + strings.Join(p.Sheet.Header, "\x00") + fmt.Sprint(chosen)
	if l := x.layouts[key]; l != nil {
		return l
	}
	m := guess(p.Sheet.Header, Format(p.Sheet.Format), nil)
	for header, field := range chosen {
		_ = m.Set(header, field) // a column that is gone means nothing any more
	}
	l := newLayout(Format(p.Sheet.Format), m)
	if len(x.layouts) < 1000 {
		x.layouts[key] = &l
	}
	return &l
}

// chosenColumns are the columns whose meaning a person gave, by header.
func chosenColumns(p *catalog.Product) map[string]Field {
	var chosen map[string]Field
	for _, step := range p.Origin.Steps {
		for what, field := range step.Parameters {
			if header, ok := strings.CutPrefix(what, "column "); ok && step.Tool == "import" {
				if chosen == nil {
					chosen = map[string]Field{}
				}
				chosen[header] = Field(field)
			}
		}
	}
	return chosen
}

// currencyOf is the currency that a product's prices are in.
func currencyOf(p *catalog.Product) string {
	for i := range p.Variants {
		for _, m := range []catalog.Money{p.Variants[i].Price, p.Variants[i].Compare} {
			if m.Currency != "" {
				return m.Currency
			}
		}
	}
	return "CNY"
}

// baseline reads a product's sheet again: what the product was when it came in.
func (x *exporter) baseline(p *catalog.Product) (*layout, *reading) {
	if p.Sheet == nil || len(p.Sheet.Rows) == 0 {
		return nil, nil
	}
	l := x.layoutFor(p)
	r := reader{layout: *l, currency: currencyOf(p), found: &problems{}}
	rows := make([]Row, len(p.Sheet.Rows))
	for i, cells := range p.Sheet.Rows {
		rows[i] = Row{i + 1, cells}
	}
	g := grouper{layout: l}
	_, handle := g.key(rows[0])
	b := r.product(handle, rows)
	if b == nil {
		return nil, nil
	}
	if b.product.ID != p.ID { // it has an ID of its own, and so have names made of it
		b.product.ID = p.ID
	}
	return l, b
}
