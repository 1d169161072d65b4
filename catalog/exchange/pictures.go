package exchange

import (
	"cmp"
	"fmt"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"

	"cheval/catalog"
)

// placedPicture is a picture, the index of its row, and its place among the
// product's.
type placedPicture struct {
	catalog.Picture
	row, place int
}

// pictures are what the rows name, in the shop's order.
func (r *reader) pictures(out *reading, rows []Row) {
	var found []placedPicture
	seen := map[string]int{} // address → index in found
	for i, row := range rows {
		for _, f := range []Field{Image, MoreImages} {
			for _, at := range r.at[f] {
				for _, address := range r.addresses(cell(row.Cells, at)) {
					if first, again := seen[address]; again {
						r.sayTwice(row, address, rows[found[first].row])
					} else if pic, ok := r.placed(row, address, len(found)); ok {
						pic.row, seen[address] = i, len(found)
						found = append(found, pic)
					}
				}
			}
		}
	}
	slices.SortStableFunc(found, func(a, b placedPicture) int { return cmp.Compare(a.place, b.place) })
	for _, f := range found {
		out.product.Pictures = append(out.product.Pictures, f.Picture)
		out.pictureRow = append(out.pictureRow, f.row)
	}
	r.variantPictures(out, rows)
}

// sayTwice reports a picture that a product of Shopify's names again; in other
// tables each variant's row names them all.
func (r *reader) sayTwice(row Row, address string, first Row) {
	if r.format == Shopify {
		r.found.add(row.Number, r.name(Image), "%.80q stands in row %d too; it is taken once", address, first.Number)
	}
}

// placed is the picture that a row names; so is how many there are before it.
func (r *reader) placed(row Row, address string, so int) (p placedPicture, ok bool) {
	if so == catalog.MaxPictures {
		r.found.add(row.Number, r.name(Image), "the product has over %d pictures; this one is kept in the sheet only", catalog.MaxPictures)
		return p, false
	}
	pic, why := picture(address)
	if why != "" {
		r.found.add(row.Number, r.name(Image), "%s", why)
		return p, false
	}
	pic.Alt = r.cut(row, ImageAlt, oneLine(r.get(row.Cells, ImageAlt)), 4096)
	place, err := strconv.Atoi(r.get(row.Cells, ImagePlace))
	if err != nil {
		place = math.MaxInt
	}
	return placedPicture{Picture: pic, place: place}, true
}

// addresses are what a cell of images holds: one in Shopify's, else several.
func (r *reader) addresses(s string) []string {
	if s = strings.TrimSpace(s); s == "" {
		return nil
	}
	if r.format == Shopify {
		return []string{s}
	}
	return splitImages(s)
}

// splitImages splits a cell at lines, semicolons and bars, and at commas and
// spaces where an address or a picture's ending shows that one ends there.
func splitImages(s string) (out []string) {
	for part := range strings.FieldsFuncSeq(s, func(c rune) bool { return c == '\n' || c == '\r' || c == ';' || c == '|' || c == '\t' }) {
		start := 0
		for i, c := range part {
			if c != ',' && c != ' ' {
				continue
			}
			before, after := strings.TrimSpace(part[start:i]), strings.TrimLeft(part[i+1:], " ,")
			if isPicture(before) && after != "" || strings.HasPrefix(after, "http://") || strings.HasPrefix(after, "https://") {
				out = append(out, before)
				start = i + 1
			}
		}
		out = append(out, strings.Trim(part[start:], " ,"))
	}
	return slices.DeleteFunc(out, func(s string) bool { return s == "" })
}

// picture is what a cell names: an address, or a file that lies elsewhere. why
// says why it is neither.
func picture(s string) (p catalog.Picture, why string) {
	p.Role = catalog.Original
	lower := strings.ToLower(s)
	switch {
	case len(s) > 8000:
		return p, "the image's address is over 8000 characters; it is kept in the sheet only"
	case strings.HasPrefix(lower, "http://"), strings.HasPrefix(lower, "https://"), strings.HasPrefix(s, "//"):
		p.URL = visible(s)
	case strings.Contains(s, "://"), strings.HasPrefix(lower, "data:"):
		return p, fmt.Sprintf("%.40q is no address of a picture that Cheval knows (https); it is kept in the sheet only", s)
	case len(s) > 255:
		return p, "the image's name is over 255 characters; it is kept in the sheet only"
	default:
		p.Name = visible(s)
	}
	return p, ""
}

// sameAddress compares addresses without what a web shop adds for its cache.
func sameAddress(a, b string) bool { return addressKey(a) == addressKey(b) }

func addressKey(s string) string {
	s, _, _ = strings.Cut(s, "?")
	return s
}

// variantPictures notes which variant a picture shows; a variant's own picture
// that no image row names is one more.
func (r *reader) variantPictures(out *reading, rows []Row) {
	p := out.product
	if !r.has(VariantImage) {
		return
	}
	for v, i := range out.variantRow {
		address := r.get(rows[i].Cells, VariantImage)
		if address == "" {
			continue
		}
		at := slices.IndexFunc(p.Pictures, func(pic catalog.Picture) bool {
			return sameAddress(pic.URL, address) || pic.Name != "" && pic.Name == address
		})
		if at < 0 {
			pic, why := picture(address)
			if why != "" || len(p.Pictures) == catalog.MaxPictures {
				r.found.add(rows[i].Number, r.name(VariantImage), "%.80q is kept in the sheet only", address)
				continue
			}
			p.Pictures, out.pictureRow = append(p.Pictures, pic), append(out.pictureRow, -1)
			at = len(p.Pictures) - 1
		}
		if p.Pictures[at].SKU == "" {
			p.Pictures[at].SKU = p.Variants[v].SKU
		}
	}
}

// fileOf is the last part of an address or a path, without a query.
func fileOf(address string) string {
	s, _, _ := strings.Cut(address, "?")
	return path.Base(strings.ReplaceAll(s, `\`, "/"))
}
