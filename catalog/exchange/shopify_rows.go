package exchange

import (
	"slices"
	"strconv"
	"strings"

	"cheval/catalog"
)

// editShopify writes a product's changes into its rows, and lays the rows
// anew only where variants or pictures came, went or moved.
func editShopify(e *sheetEdit) [][]string {
	e.product()
	e.variants()
	pics := e.exported()
	e.variantImages(pics)
	if e.samePlaces(pics) {
		e.alts(pics)
		return e.rows
	}
	return e.layAnew(pics)
}

// samePlaces says whether variants and pictures are those of the rows, in
// their order.
func (e *sheetEdit) samePlaces(pics []catalog.Picture) bool {
	if len(e.pairs) != len(e.b.variantRow) || !isOrder(e.pairs) {
		return false
	}
	named := e.named(pics)
	if len(named) != len(pics) {
		return false
	}
	for i, k := range named {
		if samePicture(pics, &e.b.product.Pictures[k]) != i {
			return false
		}
	}
	return true
}

func isOrder(list []int) bool {
	for i, k := range list {
		if i != k {
			return false
		}
	}
	return true
}

// alts writes changed descriptions of pictures.
func (e *sheetEdit) alts(pics []catalog.Picture) {
	for i, k := range e.named(pics) {
		if row := e.b.pictureRow[k]; row >= 0 && pics[i].Alt != e.b.product.Pictures[k].Alt {
			e.set(e.rows[row], ImageAlt, pics[i].Alt)
		}
	}
}

// variantImages writes which picture shows a variant, where that changed.
func (e *sheetEdit) variantImages(pics []catalog.Picture) {
	for i, k := range e.pairs {
		if k < 0 {
			continue
		}
		now := pictureOf(pics, e.p.Variants[i].SKU)
		if was := pictureOf(e.b.product.Pictures, e.b.product.Variants[k].SKU); now != was && (now != "" || !e.sharesImage(k, pics)) {
			e.set(e.rows[e.b.variantRow[k]], VariantImage, now)
		}
	}
}

// sharesImage says whether a variant's cell names a picture that is still
// there: several variants may show one.
func (e *sheetEdit) sharesImage(k int, pics []catalog.Picture) bool {
	address := e.get(e.rows[e.b.variantRow[k]], VariantImage)
	return slices.ContainsFunc(pics, func(p catalog.Picture) bool { return p.SKU != "" && sameAddress(p.URL, address) })
}

func pictureOf(pics []catalog.Picture, sku string) string {
	for _, p := range pics {
		if p.SKU == sku {
			return p.URL + map[bool]string{true: p.Name}[p.URL == ""]
		}
	}
	return ""
}

// part is which of the three tables in Shopify's CSV a column belongs to.
type part byte

const (
	ofProduct part = iota
	ofVariant
	ofImage
)

func partOf(header string) part {
	switch fieldOf(header, Shopify) {
	case Image, ImagePlace, ImageAlt:
		return ofImage
	case Option1Value, Option2Value, Option3Value, SKU, Barcode, Price, Compare, Stock, VariantImage:
		return ofVariant
	}
	h := plain(header)
	for _, start := range []string{"variant ", "price /", "compare at price /", "compare-at price /", "unit price ", "weight ", "packed product "} {
		if strings.HasPrefix(h, start) {
			return ofVariant
		}
	}
	switch h {
	case "cost per item", "inventory tracker", "continue selling when out of stock", "requires shipping",
		"fulfillment service", "charge tax", "tax code", "hs code", "country of origin":
		return ofVariant
	}
	if strings.Contains(h, "(variant.metafields.") {
		return ofVariant
	}
	return ofProduct
}

// layAnew takes the rows apart into product, variants and images, and puts
// those that are there now side by side.
func (e *sheetEdit) layAnew(pics []catalog.Picture) [][]string {
	parts := make([]part, len(e.rows[0]))
	for i := range parts {
		if i < len(e.header) {
			parts[i] = partOf(e.header[i])
		}
	}
	variants, images := e.variantCells(), e.imageCells(pics)
	for i, row := range e.rows { // rows that could not be taken stay as they are
		if !slices.Contains(e.b.variantRow, i) && !slices.Contains(e.b.pictureRow, i) && i > 0 {
			variants, images = append(variants, row), append(images, make([]string, len(row)))
		}
	}
	out := make([][]string, max(len(variants), len(images), 1))
	for i := range out {
		out[i] = make([]string, len(e.rows[0]))
		for c := range out[i] {
			switch {
			case parts[c] == ofVariant && i < len(variants):
				out[i][c] = variants[i][c]
			case parts[c] == ofImage && i < len(images):
				out[i][c] = images[i][c]
			case parts[c] == ofProduct && i == 0:
				out[i][c] = e.rows[0][c]
			}
		}
		for _, c := range e.at[Handle] {
			out[i][c] = e.rows[0][c]
		}
	}
	return out
}

// variantCells are the rows of the variants that there are. A new one takes
// from the first what Cheval does not know (how it is shipped and taxed).
func (e *sheetEdit) variantCells() (rows [][]string) {
	for i, k := range e.pairs {
		if k >= 0 {
			rows = append(rows, e.rows[e.b.variantRow[k]])
			continue
		}
		row := slices.Clone(e.rows[e.b.variantRow[0]])
		for _, f := range []Field{SKU, Price, Compare, Stock, Barcode, VariantImage} {
			if e.has(f) {
				e.set(row, f, "")
			}
		}
		v := &e.p.Variants[i]
		e.variant(row, v, &catalog.Variant{Stock: -1, Options: e.b.product.Variants[0].Options})
		rows = append(rows, row)
	}
	return rows
}

// imageCells are the image cells of the pictures that there are, numbered.
func (e *sheetEdit) imageCells(pics []catalog.Picture) (rows [][]string) {
	for _, pic := range pics {
		row := make([]string, len(e.rows[0]))
		k := samePicture(e.b.product.Pictures, &pic)
		switch {
		case k >= 0 && e.b.pictureRow[k] < 0:
			continue // a variant's own
		case k >= 0:
			row = slices.Clone(e.rows[e.b.pictureRow[k]])
		default:
			e.set(row, Image, pic.URL)
		}
		if k < 0 || pic.Alt != e.b.product.Pictures[k].Alt {
			if e.has(ImageAlt) {
				e.set(row, ImageAlt, pic.Alt)
			}
		}
		rows = append(rows, row)
		if e.has(ImagePlace) {
			e.set(row, ImagePlace, strconv.Itoa(len(rows)))
		}
	}
	return rows
}
