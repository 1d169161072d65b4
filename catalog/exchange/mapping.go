package exchange

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Column is what one column of a file means.
type Column struct {
	Header string
	Field  Field
	// Because says where Field comes from: "header" (its words), "content"
	// (what stands in it), "person", or "" where it has none.
	Because string
}

// Mapping says what each column of a file means, in the file's order. It is
// plain data: a screen shows it, a person changes it.
type Mapping []Column

// Set maps the column with a header to a field. The column that had the field
// loses it.
func (m Mapping) Set(header string, f Field) error {
	if f != None && !slices.Contains(Fields(), f) {
		return fmt.Errorf("%q is no field; it must be one of %v", f, Fields())
	}
	at := m.column(header)
	if at < 0 {
		return fmt.Errorf("no column is called %q; there are %s", header, strings.Join(m.headers(), ", "))
	}
	for i := range m {
		if m[i].Field == f {
			m[i].Field, m[i].Because = None, ""
		}
	}
	m[at].Field, m[at].Because = f, "person"
	return nil
}

func (m Mapping) column(header string) int {
	for i, c := range m {
		if plain(c.Header) == plain(header) {
			return i
		}
	}
	return -1
}

func (m Mapping) headers() (out []string) {
	for _, c := range m {
		if c.Header != "" {
			out = append(out, c.Header)
		}
	}
	return out
}

// has says whether a column has one of the fields.
func (m Mapping) has(fields ...Field) bool {
	return slices.ContainsFunc(m, func(c Column) bool { return c.Field != None && slices.Contains(fields, c.Field) })
}

// check says what a mapping lacks so that products can be made.
func (m Mapping) check(f Format) error {
	switch {
	case m.has(Title, TitleEN, TitleZH):
		return nil
	case f == Shopify:
		return errors.New("it has no column \"Title\"; export it from Shopify again, with all columns")
	}
	return fmt.Errorf("none of its columns (%s) is known to hold the product's name; say which with --map, as in --map %q",
		strings.Join(m.headers(), ", "), strings.Join(append(m.headers()[:min(1, len(m.headers()))], ""), "=")+"title")
}

// guess maps columns: by the words over them, then, in a plain table, by what
// stands in them. A field goes to the first column that means it, but several
// may hold images.
func guess(header []string, f Format, sample []Row) Mapping {
	m := make(Mapping, len(header))
	taken := map[Field]bool{}
	for i, h := range header {
		m[i].Header = h
		field := fieldOf(h, f)
		if field == None || taken[field] && !(f == Table && field == Image) {
			continue
		}
		if len(plain(h)) == 1 && !mostly(sample, i, func(s string) bool { _, ok := millimetres(s); return ok }) {
			continue // "A" may be the boxed width, or just the first column
		}
		taken[field] = true
		m[i].Field, m[i].Because = field, "header"
	}
	if f == Table {
		guessByContent(m, sample, taken)
	}
	return m
}

// contents are what tells a column by its cells, the surest first: most must
// hold for a field to be guessed.
var contents = []struct {
	field Field
	holds func(string) bool
}{
	{Image, isPicture},
	{Size, func(s string) bool { _, ok := sizeOf(s); return ok && len(s) < 40 }},
	{Barcode, func(s string) bool { return gtin(s) }},
	{Price, func(s string) bool { return priceForm.MatchString(s) }},
	{Colour, func(s string) bool { _, ok := find(colourWords, s); return ok && len(s) < 30 }},
	{Text, func(s string) bool { return strings.Contains(s, "</") || len(s) > 200 }},
	{Title, func(s string) bool { n := len([]rune(s)); return n >= 4 && n <= 120 && numberless.MatchString(s) }},
}

var (
	// A price among other numbers is known by its currency or its cents.
	priceForm  = regexp.MustCompile(`^\s*(?:[¥￥$€£]|CNY|RMB|USD|EUR|GBP)\s*\d[\d., ']*$|^\s*\d[\d., ']*(?:[€元円]|\s(?:CNY|RMB|USD|EUR|GBP))\s*$|^\s*\d+[.,]\d\d\s*$`)
	numberless = regexp.MustCompile(`\p{L}{2}`)
)

func guessByContent(m Mapping, sample []Row, taken map[Field]bool) {
	for _, c := range contents {
		if taken[c.field] || c.field == Title && (taken[TitleEN] || taken[TitleZH]) {
			continue
		}
		for i := range m {
			if m[i].Field == None && mostly(sample, i, c.holds) {
				m[i].Field, m[i].Because = c.field, "content"
				taken[c.field] = true
				break
			}
		}
	}
}

// mostly says whether four of five filled cells of a column hold.
func mostly(sample []Row, column int, holds func(string) bool) bool {
	n, yes := 0, 0
	for _, row := range sample {
		s := cell(row.Cells, column)
		if strings.TrimSpace(s) == "" {
			continue
		}
		n++
		if holds(s) {
			yes++
		}
	}
	return n > 0 && yes*5 >= n*4
}

func cell(cells []string, i int) string {
	if i < 0 || i >= len(cells) {
		return ""
	}
	return cells[i]
}

var pictureEndings = []string{".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".heic", ".avif"}

// isPicture says whether a cell names a picture, by an address or a file.
func isPicture(s string) bool {
	s, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(s)), "?")
	return slices.Contains(pictureEndings, path.Ext(s)) && !strings.ContainsAny(s, "<>\n")
}

// gtin says whether s is an EAN, UPC or GTIN-14 with a right check digit.
func gtin(s string) bool {
	s = strings.Trim(s, "' ")
	if n := len(s); n != 8 && n != 12 && n != 13 && n != 14 {
		return false
	}
	sum := 0
	for i := range len(s) {
		d := int(s[len(s)-1-i]) - '0'
		if d < 0 || d > 9 {
			return false
		}
		if i%2 == 1 {
			d *= 3
		}
		sum += d
	}
	return sum%10 == 0
}

// decimalComma says whether the prices of a sample are written with a comma.
func decimalComma(m Mapping, sample []Row) bool {
	comma, dot := 0, 0
	for i, c := range m {
		switch c.Field {
		case Price, SalePrice, Compare:
		default:
			continue
		}
		for _, row := range sample {
			s := cell(row.Cells, i)
			if saysComma(s) {
				comma++
			}
			if saysDot(s) {
				dot++
			}
		}
	}
	return comma > dot
}
