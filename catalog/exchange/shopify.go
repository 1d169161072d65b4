package exchange

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cheval/catalog"
)

// shopifyHeader is the header of a file whose products did not come from
// Shopify, in the order and words of its own export.
var shopifyHeader = []string{
	"Handle", "Title", "Body (HTML)", "Vendor", "Product Category", "Type", "Tags", "Published",
	"Option1 Name", "Option1 Value", "Option2 Name", "Option2 Value", "Option3 Name", "Option3 Value",
	"Variant SKU", "Variant Grams", "Variant Inventory Tracker", "Variant Inventory Qty", "Variant Inventory Policy",
	"Variant Fulfillment Service", "Variant Price", "Variant Compare At Price", "Variant Requires Shipping",
	"Variant Taxable", "Variant Barcode", "Image Src", "Image Position", "Image Alt Text", "Gift Card",
	"SEO Title", "SEO Description", "Variant Image", "Variant Weight Unit", "Status",
}

// shopify writes Shopify's product CSV.
func (x *exporter) shopify(ctx context.Context, w rowWriter, products Products) error {
	h, err := x.shopifyColumns(ctx, products)
	if err != nil {
		return err
	}
	return x.all(ctx, w, products, h.header, func(p *catalog.Product) [][]string { return x.shopifyRows(h, p) })
}

// outHeader is the header that is written, and where the columns of the
// headers that products came with go in it.
type outHeader struct {
	layout
	places map[string][]int
}

// shopifyColumns is the header that most products came with, and behind it
// what others have more.
func (x *exporter) shopifyColumns(ctx context.Context, products Products) (*outHeader, error) {
	type kept struct {
		header []string
		n      int
	}
	var all []*kept
	index := map[string]*kept{}
	foreign := false
	err := products(ctx, func(p *catalog.Product) error {
		if p.Sheet == nil || p.Sheet.Format != string(Shopify) {
			foreign = true
			return nil
		}
		key := strings.Join(p.Sheet.Header, "\x00")
		if index[key] == nil {
			index[key] = &kept{header: slices.Clone(p.Sheet.Header)}
			all = append(all, index[key])
		}
		index[key].n++
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(all, func(a, b *kept) int { return b.n - a.n })
	h := &outHeader{places: map[string][]int{}}
	for _, k := range all {
		h.add(k.header)
	}
	switch {
	case len(all) == 0:
		h.add(shopifyHeader)
	case foreign: // what Cheval itself has to write
		h.add(slices.DeleteFunc(slices.Clone(shopifyHeader), func(s string) bool { return fieldOf(s, Shopify) == None }))
	}
	h.layout = layoutOf(Shopify, h.header)
	return h, nil
}

// add makes room for a header's columns: each goes to the one of the same
// name, else of the same meaning, else behind the last.
func (h *outHeader) add(header []string) {
	m := guess(h.header, Shopify, nil)
	used := map[int]bool{}
	places := make([]int, len(header))
	for i, c := range guess(header, Shopify, nil) {
		at := -1
		for k := range h.header {
			same := plain(h.header[k]) == plain(c.Header) || c.Field != None && k < len(m) && m[k].Field == c.Field
			if same && !used[k] {
				at = k
				break
			}
		}
		if at < 0 {
			at = len(h.header)
			h.header = append(h.header, c.Header)
		}
		used[at], places[i] = true, at
	}
	h.places[strings.Join(header, "\x00")] = places
}

// shopifyRows are a product's rows.
func (x *exporter) shopifyRows(h *outHeader, p *catalog.Product) (out [][]string) {
	if p.Sheet == nil || p.Sheet.Format != string(Shopify) {
		return x.newRows(h, p)
	}
	l, b := x.baseline(p)
	if b == nil {
		return x.newRows(h, p)
	}
	places := h.places[strings.Join(p.Sheet.Header, "\x00")]
	for _, row := range editShopify(newSheetEdit(l, p, b, x.found)) {
		wide := make([]string, len(h.header))
		for i, at := range places {
			wide[at] = cell(row, i)
		}
		out = append(out, wide)
	}
	return out
}

// newRow is a row under a header, filled by what cells mean.
type newRow struct {
	h     *outHeader
	cells []string
}

func (n *newRow) set(f Field, value string) {
	if at := n.h.at[f]; len(at) > 0 {
		n.cells[at[0]] = value
	}
}

// put fills a column that means nothing to Cheval but something to Shopify.
func (n *newRow) put(header, value string) {
	if at := n.h.column(header); at >= 0 {
		n.cells[at] = value
	}
}

// newRows writes a product that did not come from Shopify.
func (x *exporter) newRows(h *outHeader, p *catalog.Product) (out [][]string) {
	pics := withAddress(p)
	if n := countFiles(p); n > 0 {
		x.found.add(0, h.name(Image), "product %s: %d pictures have no address on the web and are not in the file; upload them to the shop", p.ID, n)
	}
	for i := range max(len(p.Variants), len(pics)) {
		row := &newRow{h, make([]string, len(h.header))}
		row.set(Handle, p.ID)
		if i == 0 {
			row.product(p)
		}
		if i < len(p.Variants) {
			x.newVariant(p, i, row)
			row.set(VariantImage, pictureOf(pics, p.Variants[i].SKU))
		}
		if i < len(pics) {
			row.set(Image, pics[i].URL)
			row.set(ImagePlace, strconv.Itoa(i+1))
			row.set(ImageAlt, pics[i].Alt)
		}
		out = append(out, row.cells)
	}
	return out
}

// product fills in what is the product's own.
func (n *newRow) product(p *catalog.Product) {
	lang := mainLanguage(p.Name)
	n.set(Title, p.Name[lang])
	n.set(Text, toHTML(p.Text[lang]))
	n.set(Brand, p.Brand)
	n.set(Category, p.Category)
	n.set(Tags, strings.Join(p.Tags, ", "))
	published, status := "false", "draft"
	if p.State == catalog.Published {
		published, status = "true", "active"
	}
	n.put("published", published)
	n.put("published on online store", strings.ToUpper(published))
	n.put("status", status)
	n.put("gift card", "false")
}

// withAddress are the merchant's pictures that have an address on the web.
func withAddress(p *catalog.Product) (pics []catalog.Picture) {
	for _, pic := range p.Pictures {
		if pic.URL != "" && pic.From == "" {
			pics = append(pics, pic)
		}
	}
	return pics
}

// newVariant writes one variant with what Shopify needs beside.
func (x *exporter) newVariant(p *catalog.Product, i int, row *newRow) {
	v := &p.Variants[i]
	row.set(SKU, v.SKU)
	row.set(Price, amountFor(Shopify, v.Price))
	row.set(Compare, amountFor(Shopify, v.Compare))
	row.set(Stock, fmt.Sprint(v.Stock))
	row.set(Barcode, v.Barcode)
	options := optionsOf(p, v)
	if len(options) == 0 {
		options = []catalog.Option{{Name: "Title", Value: "Default Title"}}
	}
	if len(options) > len(optionFields) {
		x.found.add(0, "", "product %s: Shopify has three options a product; the others are left out", p.ID)
	}
	for k, o := range options[:min(len(options), len(optionFields))] {
		row.set(optionFields[k][1], o.Value)
		if i == 0 {
			row.set(optionFields[k][0], o.Name)
		}
	}
	for name, value := range map[string]string{
		"variant inventory tracker": "shopify", "inventory tracker": "shopify",
		"variant inventory policy": "deny", "continue selling when out of stock": "DENY",
		"variant fulfillment service": "manual", "fulfillment service": "manual",
		"variant requires shipping": "true", "requires shipping": "TRUE",
		"variant taxable": "true", "charge tax": "TRUE", "variant weight unit": "g", "variant grams": "0",
	} {
		row.put(name, value)
	}
}

// optionsOf are a variant's options; colourways without any differ by colour.
func optionsOf(p *catalog.Product, v *catalog.Variant) []catalog.Option {
	if len(v.Options) > 0 || len(p.Variants) == 1 {
		return v.Options
	}
	name := v.ColourName[mainLanguage(p.Name)]
	if name == "" {
		name = v.SKU
	}
	return []catalog.Option{{Name: "Color", Value: name}}
}

// mainLanguage is the language that goes out where there is room for one.
func mainLanguage(texts map[string]string) string {
	for _, lang := range []string{"en", "zh"} {
		if texts[lang] != "" {
			return lang
		}
	}
	for lang := range texts {
		return lang
	}
	return "en"
}

func countFiles(p *catalog.Product) (n int) {
	for _, pic := range p.Pictures {
		if pic.URL == "" && pic.From == "" && pic.Role == catalog.Original {
			n++
		}
	}
	return n
}

// column is the index of a header; -1 none.
func (h *outHeader) column(name string) int {
	return slices.IndexFunc(h.header, func(s string) bool { return plain(s) == name })
}
