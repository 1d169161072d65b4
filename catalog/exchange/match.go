package exchange

import (
	"path"
	"strings"
)

// matcher finds the products that picture files belong to. It is told first
// what all products are called, so that "alto-sun-1.jpg" goes to "alto-sun"
// and not to "alto".
type matcher struct {
	named map[string][]string // a file's name in the sheet, with and without its ending → products
	keys  map[string]owner    // SKU, handle, barcode → its product
}

// owner is what a key stands for: a product, or one of its variants.
type owner struct {
	product string
	sku     string // the cell; "" the whole product
}

func newMatcher() *matcher {
	return &matcher{map[string][]string{}, map[string]owner{}}
}

// learn notes what a row of a product calls itself and its pictures.
func (m *matcher) learn(r *reader, product string, row Row) {
	m.key(product, owner{product, ""})
	for _, f := range []Field{Handle, SKU, Barcode} {
		if s := strings.TrimPrefix(r.get(row.Cells, f), "'"); s != "" {
			o := owner{product, ""}
			if f != Handle {
				o.sku = r.get(row.Cells, SKU)
			}
			m.key(s, o)
		}
	}
	for _, f := range []Field{Image, MoreImages, VariantImage} {
		for _, at := range r.at[f] {
			for _, a := range r.addresses(cell(row.Cells, at)) {
				name := strings.ToLower(fileOf(a))
				for _, n := range []string{name, stem(name)} {
					if list := m.named[n]; len(list) == 0 || list[len(list)-1] != product {
						m.named[n] = append(list, product)
					}
				}
			}
		}
	}
}

func (m *matcher) key(s string, o owner) {
	s = keyOf(s)
	if _, taken := m.keys[s]; !taken && s != "" {
		m.keys[s] = o
	}
}

// keyOf makes names comparable: lower case, one hyphen between words.
func keyOf(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return strings.ContainsRune(" -_.,()[]#/+", r)
	}), "-")
}

// stem is a file's name without its ending.
func stem(name string) string { return strings.TrimSuffix(name, path.Ext(name)) }

// assigned is a file of a product.
type assigned struct {
	file  imageFile
	sku   string // the cell of the variant that it shows; ""
	named bool   // the sheet names the file
}

// assign gives each file to the products it belongs to: those whose sheet
// names it, else the one with the longest key that its name begins with, else
// one that a folder above it is called by. The rest is reported.
func (m *matcher) assign(files []imageFile, found *problems) map[string][]assigned {
	out := map[string][]assigned{}
	for _, f := range files {
		name := strings.ToLower(path.Base(f.name))
		products := m.named[name]
		if len(products) == 0 {
			products = m.named[stem(name)] // the sheet says .jpg, the file is .png
		}
		if len(products) > 0 {
			for _, p := range products {
				out[p] = append(out[p], assigned{f, "", true})
			}
			continue
		}
		o, ok := m.owner(f.name)
		if !ok {
			found.add(0, "images", "%.120s belongs to no product: no row names it, and its name begins with no SKU or handle", f.name)
			continue
		}
		out[o.product] = append(out[o.product], assigned{f, o.sku, false})
	}
	return out
}

func (m *matcher) owner(name string) (owner, bool) {
	if o, ok := m.prefix(stem(path.Base(name))); ok {
		return o, true
	}
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if o, ok := m.keys[keyOf(path.Base(dir))]; ok {
			return o, true
		}
	}
	return owner{}, false
}

// prefix finds the longest key that whole words of s begin with.
func (m *matcher) prefix(s string) (owner, bool) {
	for s = keyOf(s); s != ""; {
		if o, ok := m.keys[s]; ok {
			return o, true
		}
		at := strings.LastIndexByte(s, '-')
		if at < 0 {
			break
		}
		s = s[:at]
	}
	return owner{}, false
}
