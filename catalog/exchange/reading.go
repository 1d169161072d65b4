package exchange

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"cheval/catalog"
)

// reader makes products of rows. The same rows always give the same product:
// export reads a product's sheet again to see what was changed since.
type reader struct {
	layout
	currency     string // of prices that name none
	decimalComma bool
	found        *problems
}

// reading is a product as its rows say it, and which row said what.
type reading struct {
	product    *catalog.Product
	variantRow []int // for each variant, an index of rows
	pictureRow []int // for each picture; -1: a variant's own, without an image row
}

// product reads the rows of one product; nil where none of them can be taken.
func (r *reader) product(handle string, rows []Row) *reading {
	title := r.title(rows)
	if len(title) == 0 {
		r.found.add(rows[0].Number, r.name(Title), "the product has no name; its %d rows are left out", len(rows))
		return nil
	}
	p := &catalog.Product{
		ID: idOf(handle), State: catalog.Draft, Name: title,
		Brand: r.cut(rows[0], Brand, oneLine(r.first(rows, Brand)), 255),
		Sheet: &catalog.Sheet{Format: string(r.format), Header: r.header, Rows: cellsOf(rows)},
	}
	out := &reading{product: p}
	p.Text = r.texts(rows)
	p.Tags = r.tags(rows)
	r.category(p, rows)
	r.variants(out, rows)
	if len(p.Variants) == 0 {
		r.found.add(rows[0].Number, r.name(Handle), "product %.60q is left out, because no row of it can be taken", handle)
		return nil
	}
	r.pictures(out, rows)
	r.eyewear(p, rows)
	r.tellCells(rows)
	return out
}

func cellsOf(rows []Row) [][]string {
	out := make([][]string, len(rows))
	for i, row := range rows {
		out[i] = row.Cells
	}
	return out
}

// cut shortens a text that is longer than a catalogue keeps, and says so.
func (r *reader) cut(row Row, f Field, s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	r.found.add(row.Number, r.name(f), "it has over %d characters; Cheval shows the first, the cell is kept whole", most)
	return strings.TrimSpace(string([]rune(s)[:most]))
}

// title is a product's name, by language.
func (r *reader) title(rows []Row) map[string]string {
	names := map[string]string{}
	for _, f := range []Field{Title, TitleEN, TitleZH} {
		s := oneLine(r.first(rows, f))
		if s == "" {
			continue
		}
		names[languageFor(f, s)] = r.cut(rows[0], f, s, 300)
	}
	return names
}

// texts are the descriptions, by language, without their HTML.
func (r *reader) texts(rows []Row) map[string]string {
	var texts map[string]string
	for _, f := range []Field{Text, TextEN, TextZH} {
		s := plainText(r.first(rows, f))
		if s == "" {
			continue
		}
		if texts == nil {
			texts = map[string]string{}
		}
		texts[languageFor(f, s)] = r.cut(rows[0], f, s, catalog.MaxText)
	}
	return texts
}

func languageFor(f Field, s string) string {
	switch f {
	case TitleEN, TextEN:
		return "en"
	case TitleZH, TextZH:
		return "zh"
	}
	return languageOf(s)
}

func (r *reader) tags(rows []Row) (tags []string) {
	for tag := range strings.FieldsFuncSeq(r.first(rows, Tags), func(c rune) bool { return strings.ContainsRune(",;\uff0c\u3001\uff1b", c) }) {
		if tag = oneLine(tag); tag == "" || slices.Contains(tags, tag) {
			continue
		}
		if len(tags) == catalog.MaxTags {
			r.found.add(rows[0].Number, r.name(Tags), "it has over %d tags; Cheval takes the first, the cell is kept whole", catalog.MaxTags)
			break
		}
		tags = append(tags, r.cut(rows[0], Tags, tag, 255))
	}
	return tags
}

// category files the product: as eyewear, or as what the file says.
func (r *reader) category(p *catalog.Product, rows []Row) {
	own, taxonomy := r.first(rows, Category), r.first(rows, Taxonomy)
	is, sun := eyewear(own+"\n"+taxonomy, bothNames(p.Name), r.sized(p, rows))
	switch kind := strings.ToLower(r.first(rows, KindOf)); {
	case has(kind, "sun") || strings.Contains(kind, "太阳"):
		is, sun = true, true
	case has(kind, "optical") || strings.Contains(kind, "光学"):
		is, sun = true, false
	}
	if is {
		p.Category, p.Kind = catalog.Worn, catalog.Optical
		if sun {
			p.Kind = catalog.Sun
		}
		return
	}
	if own == "" {
		own = taxonomy[strings.LastIndexByte(taxonomy, '>')+1:]
	}
	p.Category = r.cut(rows[0], Category, oneLine(own), 255)
}

func bothNames(names map[string]string) string { return names["en"] + "\n" + names["zh"] }

// sized says whether a frame's size stands where a shop files it.
func (r *reader) sized(p *catalog.Product, rows []Row) bool {
	_, ok := sizeOf(r.first(rows, Size) + "\n" + bothNames(p.Name))
	return ok || r.first(rows, LensWidth) != ""
}

// notation finds a frame's size where the trade writes it: in a column of its
// own, the title, an option, the tags, the description.
func (r *reader) notation(p *catalog.Product, rows []Row) (n catalog.Notation, ok bool) {
	places := []string{r.first(rows, Size), bothNames(p.Name)}
	for _, f := range optionFields {
		places = append(places, r.first(rows, f[1]))
	}
	places = append(places, p.Tags...)
	for _, s := range append(places, bothNames(p.Text)) {
		if n, ok = sizeOf(s); ok {
			return n, true
		}
	}
	return n, false
}

// eyewear takes what the rows say of a frame.
func (r *reader) eyewear(p *catalog.Product, rows []Row) {
	if p.Category != catalog.Worn {
		return
	}
	e := &p.Eyewear
	if n, ok := r.notation(p, rows); ok {
		e.LensWidth, e.Bridge, e.Temple = n.Lens, n.Bridge, n.Temple
	}
	for _, m := range []struct {
		field  Field
		to     *float32
		lo, hi float64
	}{
		{LensWidth, &e.LensWidth, 30, 80}, {LensHeight, &e.LensHeight, 15, 80}, {Bridge, &e.Bridge, 5, 35},
		{Temple, &e.Temple, 80, 180}, {FrontWidth, &e.FrontWidth, 90, 190},
	} {
		s := r.first(rows, m.field)
		if s == "" {
			continue
		}
		v, ok := millimetres(s)
		if !ok || v < m.lo || v > m.hi {
			r.found.add(rows[0].Number, r.name(m.field), "%.40q is no such measure of a frame (%g to %g mm); it is left open", s, m.lo, m.hi)
			continue
		}
		*m.to = float32(v)
	}
	words := bothNames(p.Name) + "\n" + strings.Join(p.Tags, "\n") + "\n" + r.first(rows, Category)
	e.Shape = firstOf(shapeWords, r.first(rows, Shape), words)
	e.Material = firstOf(materialWords, r.first(rows, Material), words)
}

// firstOf is the word in what a column says, else in the product's words.
func firstOf[T any](list []word[T], column, words string) T {
	if is, ok := find(list, column); ok {
		return is
	}
	is, _ := find(list, words)
	return is
}

func millimetres(s string) (float64, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	scale := 1.0
	for _, unit := range []string{"mm", "毫米"} {
		s = strings.TrimSuffix(s, unit)
	}
	if c := strings.TrimSuffix(strings.TrimSuffix(s, "cm"), "厘米"); c != s {
		s, scale = c, 10
	}
	v, err := number(strings.TrimSpace(s), true)
	return math.Round(v*scale*10) / 10, err == nil
}

// stockOf reads a stock. What is below zero, as web shops oversell, counts as
// nothing there.
func (r *reader) stockOf(row Row) int {
	s := r.get(row.Cells, Stock)
	if s == "" {
		// A feed says only whether there is any.
		switch strings.ReplaceAll(strings.ToLower(r.get(row.Cells, Availability)), "_", " ") {
		case "in stock", "instock", "available", "yes", "true", "有货", "现货", "是":
			return 1
		}
		return 0
	}
	v, err := strconv.ParseFloat(strings.ReplaceAll(s, ",", ""), 64)
	switch {
	case err != nil || math.IsNaN(v) || math.IsInf(v, 0):
		r.found.add(row.Number, r.name(Stock), "%.40q is no number; the stock counts as 0, the cell is kept", s)
		return 0
	case v < 0:
		r.found.add(row.Number, r.name(Stock), "%s is below zero; the stock counts as 0, the cell is kept", s)
		return 0
	case v > 1e6:
		r.found.add(row.Number, r.name(Stock), "%s is over a million; the stock counts as a million, the cell is kept", s)
		return 1e6
	}
	return int(v)
}

// prices reads a row's price and the one before it. ok is false for a price
// that cannot be one: the row is left out.
func (r *reader) prices(row Row) (price, before catalog.Money, ok bool) {
	usual := r.currency
	if c := strings.ToUpper(r.get(row.Cells, Currency)); c != "" {
		if _, code := cutCurrency(strings.ToLower(c), ""); code != "" {
			usual = code
		} else {
			r.found.add(row.Number, r.name(Currency), "%.20q is no currency; %s is taken", c, usual)
		}
	}
	read := func(f Field) (m catalog.Money, good bool) {
		s := r.get(row.Cells, f)
		if s == "" {
			return m, true
		}
		m, err := money(s, usual, r.decimalComma)
		if err != nil {
			r.found.add(row.Number, r.name(f), "%v", sayPrice(s, err))
			return catalog.Money{}, false
		}
		return m, true
	}
	if price, ok = read(Price); !ok {
		return price, before, false
	}
	before, _ = read(Compare)
	if sale, good := read(SalePrice); good && sale != (catalog.Money{}) && sale.Minor < price.Minor {
		price, before = sale, price
	}
	return price, before, true
}

func sayPrice(s string, err error) error {
	if err == errNegative {
		return fmt.Errorf("%.40q is below zero; the row is left out", s)
	}
	return fmt.Errorf("%w; the row is left out", err)
}

// tellCells reports cells that a spreadsheet program would run, and letters
// that could not be read.
func (r *reader) tellCells(rows []Row) {
	for _, row := range rows {
		for i, s := range row.Cells {
			run, lost := formula(s), strings.ContainsRune(s, utf8.RuneError)
			if !run && !lost {
				continue
			}
			name := ""
			if i < len(r.header) {
				name = r.header[i]
			}
			switch {
			case lost:
				r.found.add(row.Number, name, "%.40q has letters that could not be read; save the file as UTF-8", s)
			case r.format == Shopify:
				r.found.add(row.Number, name, "%.40q: a spreadsheet program would run it as a formula; it is kept as text, and goes out to Shopify as it is", s)
			default:
				r.found.add(row.Number, name, "%.40q: a spreadsheet program would run it as a formula; it is kept as text", s)
			}
		}
	}
}
