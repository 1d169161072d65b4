package exchange

import (
	"context"
	"encoding/xml"
	"io"
	"slices"
	"strings"

	"cheval/catalog"
)

// feedAttributes are the attributes that Cheval knows, in the feed's words.
var feedAttributes = []string{
	"id", "item_group_id", "title", "description", "link", "image_link", "additional_image_link", "availability",
	"price", "sale_price", "brand", "gtin", "color", "size", "material", "product_type", "google_product_category", "condition",
}

// feed writes Google's product feed: an item a variant.
func (x *exporter) feed(ctx context.Context, w rowWriter, products Products) error {
	header := slices.Clone(feedAttributes)
	err := products(ctx, func(p *catalog.Product) error {
		if p.Sheet == nil || p.Sheet.Format != string(Feed) {
			return nil
		}
		for _, h := range p.Sheet.Header {
			if !slices.Contains(header, attribute(h)) {
				header = append(header, attribute(h))
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return x.all(ctx, w, products, header, func(p *catalog.Product) (rows [][]string) {
		for _, item := range x.items(p) {
			row := make([]string, len(header))
			for i, h := range header {
				row[i] = item[h]
			}
			rows = append(rows, row)
		}
		return rows
	})
}

// attribute is a header as the feed's XML names it.
func attribute(header string) string {
	return strings.ReplaceAll(plain(header), " ", "_")
}

// items are a product's items, by attribute: as they came, with what changed.
func (x *exporter) items(p *catalog.Product) (items []map[string]string) {
	if p.Sheet != nil && p.Sheet.Format == string(Feed) {
		if l, b := x.baseline(p); b != nil {
			e := newSheetEdit(l, p, b, x.found)
			e.product()
			e.variants()
			e.feedPictures()
			for i, k := range e.pairs {
				if k < 0 {
					items = append(items, x.newItem(p, i))
					continue
				}
				item := map[string]string{}
				for c, h := range l.header {
					item[attribute(h)] = e.rows[b.variantRow[k]][c]
				}
				items = append(items, item)
			}
			return items
		}
	}
	for i := range p.Variants {
		items = append(items, x.newItem(p, i))
	}
	return items
}

// feedPictures writes a product's pictures into each of its items, where they
// are not those that came.
func (e *sheetEdit) feedPictures() {
	now := e.exported()
	same := func(a, b catalog.Picture) bool { return a.URL == b.URL && a.Name == b.Name }
	if slices.EqualFunc(now, e.b.product.Pictures, same) {
		return
	}
	for i, k := range e.pairs {
		if k >= 0 {
			first, more := splitPictures(now, e.p.Variants[i].SKU)
			e.set(e.rows[e.b.variantRow[k]], Image, first)
			e.set(e.rows[e.b.variantRow[k]], MoreImages, more)
		}
	}
}

// splitPictures is the picture that shows a variant, or the first, and the
// others in one cell.
func splitPictures(pics []catalog.Picture, sku string) (first, more string) {
	at := max(0, slices.IndexFunc(pics, func(p catalog.Picture) bool { return p.SKU == sku && sku != "" }))
	var rest []string
	for i, p := range pics {
		if i == at {
			first = p.URL
		} else if len(rest) < 10 { // the most that a feed may have
			rest = append(rest, p.URL)
		}
	}
	return first, strings.Join(rest, ",")
}

// newItem is one variant as an item.
func (x *exporter) newItem(p *catalog.Product, i int) map[string]string {
	v, lang := &p.Variants[i], mainLanguage(p.Name)
	price, sale := v.Price, catalog.Money{}
	if v.Compare.Minor > v.Price.Minor {
		price, sale = v.Compare, v.Price
	}
	item := map[string]string{
		"id": v.SKU, "title": p.Name[lang], "description": p.Text[lang], "brand": p.Brand, "gtin": v.Barcode,
		"availability": availability(v.Stock), "condition": "new", "product_type": p.Category,
		"price": amountFor(Feed, price), "sale_price": amountFor(Feed, sale),
		"color": colourOf(p, v), "size": sizeText(p, v), "material": string(p.Eyewear.Material),
	}
	if len(p.Variants) > 1 {
		item["item_group_id"] = p.ID
	}
	pics := withAddress(p)
	item["image_link"], item["additional_image_link"] = splitPictures(pics, v.SKU)
	if len(pics) == 0 && i == 0 {
		x.found.add(0, "image_link", "product %s has no picture with an address on the web; a feed needs one", p.ID)
	}
	return item
}

// colourOf is a variant's colour in words.
func colourOf(p *catalog.Product, v *catalog.Variant) string {
	for _, o := range v.Options {
		if isColour(o.Name) {
			return o.Value
		}
	}
	if name := v.ColourName[mainLanguage(p.Name)]; name != "" {
		return name
	}
	return v.Colour
}

// sizeText is a variant's size, of a frame in the trade's notation.
func sizeText(p *catalog.Product, v *catalog.Variant) string {
	for _, o := range v.Options {
		if fieldOf(o.Name, Table) == Size {
			return o.Value
		}
	}
	if p.Category == catalog.Worn && p.Eyewear.LensWidth > 0 && p.Eyewear.Bridge > 0 {
		return catalog.Notation{Lens: p.Eyewear.LensWidth, Bridge: p.Eyewear.Bridge, Temple: p.Eyewear.Temple}.String()
	}
	return ""
}

// rss writes rows as items of an RSS 2.0 feed.
type rss struct {
	w      io.Writer
	header []string
	err    error
}

func newRSS(w io.Writer) *rss { return &rss{w: w} }

func (r *rss) put(parts ...string) {
	for _, s := range parts {
		if r.err == nil {
			_, r.err = io.WriteString(r.w, s)
		}
	}
}

func (r *rss) text(s string) {
	if r.err == nil {
		r.err = xml.EscapeText(r.w, []byte(visible(s)))
	}
}

func (r *rss) row(cells []string) error {
	if r.header == nil {
		r.header = slices.Clone(cells)
		r.put(xml.Header, `<rss xmlns:g="http://base.google.com/ns/1.0" version="2.0">`, "\n<channel>\n<title>Products</title>\n<link></link>\n<description>Products</description>\n")
		return r.err
	}
	r.put("<item>\n")
	for i, s := range cells {
		name, parts, nested := strings.Cut(strings.TrimSuffix(r.header[i], ")"), "(")
		if s == "" || !xmlName(name) {
			continue
		}
		if !nested && name != "additional_image_link" && name != "product_highlight" {
			r.element(name, s)
			continue
		}
		for _, one := range splitEscaped(s, ',') {
			if !nested {
				r.element(name, strings.TrimSpace(one))
				continue
			}
			r.put("<g:", name, ">")
			values := splitEscaped(one, ':')
			for k, part := range strings.Split(parts, ":") {
				if k < len(values) && xmlName(part) && values[k] != "" {
					r.element(part, unescape(values[k]))
				}
			}
			r.put("</g:", name, ">\n")
		}
	}
	r.put("</item>\n")
	return r.err
}

func (r *rss) element(name, text string) {
	r.put("<g:", name, ">")
	r.text(text)
	r.put("</g:", name, ">\n")
}

// xmlName says whether a name can be one of an element.
func xmlName(s string) bool {
	for i, c := range s {
		letter := c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || c != '-' && (c < '0' || c > '9')) {
			return false
		}
	}
	return s != ""
}

// splitEscaped splits at a sign that no backslash stands before.
func splitEscaped(s string, at byte) (out []string) {
	start := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case at:
			out = append(out, s[start:i])
			start = i + 1
		}
	}
	return append(out, s[start:])
}

func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func (r *rss) end() error {
	r.put("</channel>\n</rss>\n")
	return r.err
}
