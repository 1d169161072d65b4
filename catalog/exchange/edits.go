package exchange

import (
	"fmt"
	"slices"
	"strings"

	"cheval/catalog"
)

// sheetEdit writes into a product's rows what was changed since they came in.
// A cell whose meaning did not change keeps every byte.
type sheetEdit struct {
	*layout
	p     *catalog.Product
	b     *reading   // the product as the rows say it
	rows  [][]string // padded to the header's length
	pairs []int      // for each variant of p, the one of b; -1: new
	found *problems
}

func newSheetEdit(l *layout, p *catalog.Product, b *reading, found *problems) *sheetEdit {
	e := &sheetEdit{layout: l, p: p, b: b, found: found, rows: make([][]string, len(p.Sheet.Rows))}
	for i, cells := range p.Sheet.Rows {
		e.rows[i] = append(slices.Clone(cells), make([]string, max(0, len(l.header)-len(cells)))...)
	}
	e.pair()
	return e
}

// pair finds the variant of the rows that each variant of the product was: by
// its SKU, then by its options, then, where just one is left, that one.
func (e *sheetEdit) pair() {
	e.pairs = make([]int, len(e.p.Variants))
	taken := make([]bool, len(e.b.product.Variants))
	for i := range e.pairs {
		e.pairs[i] = -1
	}
	match := func(same func(v, w *catalog.Variant) bool) {
		for i := range e.p.Variants {
			for k := range taken {
				if e.pairs[i] < 0 && !taken[k] && same(&e.p.Variants[i], &e.b.product.Variants[k]) {
					e.pairs[i], taken[k] = k, true
				}
			}
		}
	}
	match(func(v, w *catalog.Variant) bool { return v.SKU == w.SKU })
	match(func(v, w *catalog.Variant) bool { return slices.Equal(v.Options, w.Options) })
	if len(e.p.Variants) == len(taken) {
		match(func(_, _ *catalog.Variant) bool { return true })
	}
}

// set writes one cell; a field without a column is reported.
func (e *sheetEdit) set(row []string, f Field, value string) {
	at := e.at[f]
	if len(at) == 0 {
		if value != "" {
			e.found.add(0, string(f), "product %s: %.60q cannot be written, because the file it came from has no column for it", e.p.ID, value)
		}
		return
	}
	row[at[0]] = value
}

// changeAll writes a product's field wherever its old value stands, or where
// it stands nowhere into the first row.
func (e *sheetEdit) changeAll(f Field, value string) {
	at := e.at[f]
	done := false
	old := ""
	for _, row := range e.rows {
		if len(at) == 0 || strings.TrimSpace(row[at[0]]) == "" || done && row[at[0]] != old {
			continue
		}
		old, done = row[at[0]], true
		row[at[0]] = value
	}
	if !done {
		e.set(e.rows[0], f, value)
	}
}

// product writes what is the product's own.
func (e *sheetEdit) product() {
	was := e.b.product
	for _, t := range []struct {
		fields   [3]Field
		now, was map[string]string
		write    func(string) string
	}{
		{[3]Field{Title, TitleEN, TitleZH}, e.p.Name, was.Name, func(s string) string { return s }},
		{[3]Field{Text, TextEN, TextZH}, e.p.Text, was.Text, toHTML},
	} {
		for lang, now := range t.now {
			if now == t.was[lang] {
				continue
			}
			f := t.fields[0]
			if other := map[string]Field{"en": t.fields[1], "zh": t.fields[2]}[lang]; other != None && e.has(other) {
				f = other
			} else if t.was[lang] == "" && len(t.was) > 0 {
				continue // a translation, for which the file has no column
			}
			e.changeAll(f, t.write(now))
		}
	}
	if e.p.Brand != was.Brand {
		e.changeAll(Brand, e.p.Brand)
	}
	if !slices.Equal(e.p.Tags, was.Tags) && e.format != Feed { // which has none
		e.changeAll(Tags, strings.Join(e.p.Tags, ", "))
	}
}

// variants writes what changed of those that the rows have.
func (e *sheetEdit) variants() {
	for i, k := range e.pairs {
		if k >= 0 {
			e.variant(e.rows[e.b.variantRow[k]], &e.p.Variants[i], &e.b.product.Variants[k])
		}
	}
}

func (e *sheetEdit) variant(row []string, now, was *catalog.Variant) {
	if now.SKU != was.SKU {
		e.set(row, SKU, now.SKU)
	}
	e.prices(row, now, was)
	if now.Stock != was.Stock {
		e.stock(row, now.Stock)
	}
	if now.Barcode != was.Barcode {
		e.set(row, Barcode, now.Barcode)
	}
	if !slices.Equal(now.Options, was.Options) {
		e.options(row, now.Options, was.Options)
	}
}

func (e *sheetEdit) prices(row []string, now, was *catalog.Variant) {
	if now.Price == was.Price && now.Compare == was.Compare {
		return
	}
	if e.has(SalePrice) { // the feed's way: the lower price stands apart
		full, sale := now.Price, catalog.Money{}
		if now.Compare.Minor > now.Price.Minor {
			full, sale = now.Compare, now.Price
		}
		e.set(row, Price, e.amount(full))
		e.set(row, SalePrice, e.amount(sale))
		return
	}
	if now.Price != was.Price {
		e.set(row, Price, e.amount(now.Price))
	}
	if now.Compare != was.Compare {
		e.set(row, Compare, e.amount(now.Compare))
	}
}

// amount writes a price as the format does.
func (e *sheetEdit) amount(m catalog.Money) string { return amountFor(e.format, m) }

func amountFor(f Format, m catalog.Money) string {
	switch {
	case m == (catalog.Money{}):
		return ""
	case f == Feed:
		return fmt.Sprintf("%.*f %s", m.Decimals(), m.Major(), m.Currency)
	}
	return fmt.Sprintf("%.*f", m.Decimals(), m.Major())
}

func (e *sheetEdit) stock(row []string, n int) {
	if e.has(Stock) || !e.has(Availability) {
		e.set(row, Stock, fmt.Sprint(n))
	}
	if e.has(Availability) {
		e.set(row, Availability, availability(n))
	}
}

func availability(stock int) string {
	if stock > 0 {
		return "in_stock"
	}
	return "out_of_stock"
}

// options writes a variant's options into the cells that they came from.
func (e *sheetEdit) options(row []string, now, was []catalog.Option) {
	for _, o := range now {
		for _, f := range []Field{Colour, Size} {
			if e.format != Shopify && e.has(f) && (strings.EqualFold(o.Name, string(f)) || o.Name == e.name(f)) {
				e.set(row, f, o.Value)
			}
		}
	}
	if e.format != Shopify {
		return
	}
	for k, f := range optionFields {
		switch {
		case k < len(now):
			e.set(row, f[1], now[k].Value)
			if k >= len(was) || was[k].Name != now[k].Name {
				e.set(e.rows[0], f[0], now[k].Name)
			}
		case k == 0:
			e.set(row, f[1], "Default Title")
			e.set(e.rows[0], f[0], "Title")
		case k < len(was):
			e.set(row, f[1], "")
		}
	}
}

// exported are the pictures that a spreadsheet can name: the merchant's own
// that have an address, or a file name that the rows gave.
func (e *sheetEdit) exported() (pics []catalog.Picture) {
	lost := 0
	for _, pic := range e.p.Pictures {
		switch {
		case pic.From != "" || pic.Role != catalog.Original:
		case pic.URL != "" || samePicture(e.b.product.Pictures, &pic) >= 0:
			pics = append(pics, pic)
		default:
			lost++
		}
	}
	if lost > 0 {
		e.found.add(0, e.name(Image), "product %s: %d pictures have no address on the web and are not in the file; upload them to the shop", e.p.ID, lost)
	}
	return pics
}

// named are the pictures of the rows that went into the shop, or could have:
// one whose file was never found is not missed.
func (e *sheetEdit) named(pics []catalog.Picture) (at []int) {
	for i, pic := range e.b.product.Pictures {
		if pic.URL != "" || samePicture(pics, &pic) >= 0 {
			at = append(at, i)
		}
	}
	return at
}
