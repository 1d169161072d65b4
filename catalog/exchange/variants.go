package exchange

import (
	"fmt"
	"strings"
	"unicode"

	"cheval/catalog"
)

// variants reads the rows that are variants.
func (r *reader) variants(out *reading, rows []Row) {
	p := out.product
	names, oneSize := r.optionNames(rows), r.oneSize(rows)
	at := r.variantRows(rows)
	skus := map[string]bool{}
	for _, i := range at {
		above := catalog.Variant{}
		if n := len(p.Variants); n > 0 && r.goesOn(rows[i]) {
			above = p.Variants[n-1]
		}
		v, ok := r.variant(rows[i], r.options(rows[i], names, oneSize), above)
		if !ok {
			continue
		}
		if v.Colour == "" && v.ColourName == nil && len(at) == 1 {
			v.Colour, _ = find(colourWords, bothNames(p.Name))
		}
		v.SKU = r.sku(p, rows[i], v, skus)
		p.Variants, out.variantRow = append(p.Variants, v), append(out.variantRow, i)
	}
}

// variantRows are the rows that are variants: in Shopify's CSV a row may as
// well hold only another image, in other tables each row is one. A variant
// that stands twice counts once.
func (r *reader) variantRows(rows []Row) (at []int) {
	same := map[string]int{}
	for i, row := range rows {
		if r.format == Shopify && !r.isVariant(row) {
			continue
		}
		key := r.optionKey(row) + "\x00" + r.get(row.Cells, SKU)
		first, again := same[key]
		switch {
		case again && r.format == Shopify:
			r.found.add(row.Number, r.name(Option1Value), "the same variant stands in row %d; this one is kept in the sheet only", rows[first].Number)
		case len(at) == catalog.MaxVariants:
			r.found.add(row.Number, "", "the product has over %d variants; this one is kept in the sheet only", catalog.MaxVariants)
		default:
			same[key] = i
			at = append(at, i)
		}
	}
	if len(at) == 0 {
		at = []int{0} // only Handle and Title: Shopify makes one variant of it
	}
	return at
}

// isVariant says whether a row of Shopify's CSV is a variant.
func (r *reader) isVariant(row Row) bool {
	for _, f := range []Field{Option1Value, Option2Value, Option3Value, SKU, Price, Barcode} {
		if r.get(row.Cells, f) != "" {
			return true
		}
	}
	return false
}

// optionNames are the names of the options, which stand in the first row only.
func (r *reader) optionNames(rows []Row) (names [3]string) {
	for k, f := range optionFields {
		names[k] = r.cut(rows[0], f[0], oneLine(r.first(rows, f[0])), 255)
	}
	return names
}

// oneSize says whether all rows give the same size of a frame: that is a
// measure of the product, by which its variants do not differ.
func (r *reader) oneSize(rows []Row) bool {
	size := r.first(rows, Size)
	for _, row := range rows {
		if s := r.get(row.Cells, Size); s != "" && s != size {
			return false
		}
	}
	_, ok := sizeOf(size)
	return ok
}

func (r *reader) options(row Row, names [3]string, oneSize bool) (options []catalog.Option) {
	for k, f := range optionFields {
		value := r.cut(row, f[1], oneLine(r.get(row.Cells, f[1])), 255)
		if value == "" || strings.EqualFold(value, "Default Title") {
			continue
		}
		name := names[k]
		if name == "" {
			name = fmt.Sprintf("Option%d", k+1)
		}
		options = append(options, catalog.Option{Name: name, Value: value})
	}
	for _, f := range []Field{Colour, Size} {
		if f == Size && oneSize {
			continue
		}
		if value := r.cut(row, f, oneLine(r.get(row.Cells, f)), 255); value != "" && r.format != Shopify {
			options = append(options, catalog.Option{Name: r.optionName(f), Value: value})
		}
	}
	return options
}

// optionName is what the option of a table's column is called: as the column,
// if that says so.
func (r *reader) optionName(f Field) string {
	if name := oneLine(r.name(f)); r.format == Table && len(name) <= 100 && tableNames[words(name)] == f {
		return name
	}
	return strings.ToUpper(string(f[:1])) + string(f[1:])
}

// goesOn says whether a row of a table has no name of its own, as in price
// lists that merge the cells of a product: what is merged stands in the row
// above.
func (r *reader) goesOn(row Row) bool {
	return r.format == Table && r.get(row.Cells, Handle)+r.get(row.Cells, Title)+r.get(row.Cells, TitleEN)+r.get(row.Cells, TitleZH) == ""
}

// variant reads one row. above is the variant that the row goes on from.
func (r *reader) variant(row Row, options []catalog.Option, above catalog.Variant) (v catalog.Variant, ok bool) {
	v.Options = options
	if v.Price, v.Compare, ok = r.prices(row); !ok {
		return v, false
	}
	if v.Price == (catalog.Money{}) {
		v.Price, v.Compare = above.Price, above.Compare
	}
	if v.Price == (catalog.Money{}) && r.has(Price) {
		r.found.add(row.Number, r.name(Price), "the price is missing; the product stays a draft until it has one")
	}
	v.Stock = r.stockOf(row)
	// Shopify puts an apostrophe before numbers so that Excel leaves them alone.
	v.Barcode = r.cut(row, Barcode, oneLine(strings.TrimPrefix(r.get(row.Cells, Barcode), "'")), 64)
	for _, o := range options {
		if isColour(o.Name) {
			v.ColourName = map[string]string{languageOf(o.Value): o.Value}
			v.Colour, _ = find(colourWords, o.Value)
		}
	}
	return v, true
}

// isColour says whether an option of that name is a colour.
func isColour(name string) bool {
	name = strings.ToLower(name)
	for _, w := range []string{"colo", "farbe", "couleur", "färg", "kleur", "kolor", "颜色", "色"} {
		if strings.Contains(name, w) {
			return true
		}
	}
	return false
}

// sku is the row's SKU, or where it has none that can be one, a name that is
// made of the product and its options and always the same. The cell stays as
// it is.
func (r *reader) sku(p *catalog.Product, row Row, v catalog.Variant, taken map[string]bool) string {
	said := strings.TrimPrefix(r.get(row.Cells, SKU), "'")
	sku := graphic(said)
	if len(sku) > 255 {
		sku = ""
	}
	if sku == "" {
		sku = madeSKU(p.ID, v.Options)
	}
	unique := sku
	for n := 2; taken[unique]; n++ {
		unique = fmt.Sprintf("%.240s-%d", sku, n)
	}
	switch {
	case said == "":
	case unique != sku && sku == said:
		r.found.add(row.Number, r.name(SKU), "%.60q stands at another variant of the product too; this one is called %s here, the cell is kept", said, unique)
	case unique != said:
		r.found.add(row.Number, r.name(SKU), "%.60q cannot be printed; the variant is called %s here, the cell is kept", said, unique)
	}
	taken[unique] = true
	return unique
}

// graphic is s without what cannot be printed, single spaces.
func graphic(s string) string {
	return oneLine(strings.Map(func(c rune) rune {
		if !unicode.IsGraphic(c) && c != ' ' {
			return -1
		}
		return c
	}, s))
}

func madeSKU(id string, options []catalog.Option) string {
	parts := []string{id}
	for _, o := range options {
		slug, whole := slugOf(o.Value)
		switch {
		case slug == "":
			slug = hashOf(o.Value)
		case !whole:
			slug += "-" + hashOf(o.Value)
		}
		parts = append(parts, slug)
	}
	sku := strings.Join(parts, "-")
	if len(sku) > 200 {
		sku = sku[:192] + "-" + hashOf(sku)
	}
	return sku
}
