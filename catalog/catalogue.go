package catalog

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"sort"
)

// MaxProducts is the most products that a folder is read for.
const MaxProducts = 100_000

// Catalogue is a set of products in a fixed order. It does not change after it
// is made, so any goroutine may read it.
type Catalogue struct {
	products []*Product
	byID     map[string]*Product
	bySKU    map[string]place
}

type place struct {
	product *Product
	variant int
}

// New makes a catalogue of valid products. IDs must be unique; of products
// that share a SKU, as they may in a web shop, it finds the first.
func New(products ...*Product) (*Catalogue, error) {
	for _, p := range products {
		if err := p.Validate(); err != nil {
			return nil, err
		}
	}
	return Of(products)
}

// Of is New for products that are known to be valid, as those that a store
// has checked.
func Of(products []*Product) (*Catalogue, error) {
	c := &Catalogue{products: products, byID: make(map[string]*Product, len(products)), bySKU: make(map[string]place, len(products))}
	for _, p := range products {
		if c.byID[p.ID] != nil {
			return nil, fmt.Errorf("catalog: two products have the ID %s; give one another", p.ID)
		}
		c.byID[p.ID] = p
		for i := range p.Variants {
			if _, taken := c.bySKU[p.Variants[i].SKU]; !taken {
				c.bySKU[p.Variants[i].SKU] = place{p, i}
			}
		}
	}
	return c, nil
}

// ToWear is the part of c that shoppers try on: published and wearable.
func (c *Catalogue) ToWear() *Catalogue {
	var some []*Product
	for _, p := range c.products {
		if p.State == Published && p.Wearable() {
			some = append(some, p)
		}
	}
	out, _ := Of(some) // a part has no more doubles than the whole
	return out
}

// Load reads every .json file at the top of a folder, one product each, in the
// order of their names.
func Load(fsys fs.FS) (*Catalogue, error) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, fmt.Errorf("catalog: read the catalogue's folder: %w", err)
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() && path.Ext(e.Name()) == ".json" {
			names = append(names, e.Name())
		}
	}
	if len(names) == 0 {
		return nil, errors.New("catalog: the folder holds no product (.json file)")
	}
	if len(names) > MaxProducts {
		return nil, fmt.Errorf("catalog: the folder holds %d products, but at most %d are read", len(names), MaxProducts)
	}
	sort.Strings(names)
	products := make([]*Product, 0, len(names))
	for _, name := range names {
		p, err := decodeFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("catalog: file %s: %w", name, err)
		}
		products = append(products, p)
	}
	return New(products...)
}

func decodeFile(fsys fs.FS, name string) (*Product, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return Decode(f)
}

// All returns the products in order. The slice is the caller's, the products
// are shared and must not be changed.
func (c *Catalogue) All() []*Product { return append([]*Product(nil), c.products...) }

// Len is how many products there are.
func (c *Catalogue) Len() int { return len(c.products) }

// Product returns the product with an ID, nil if there is none.
func (c *Catalogue) Product(id string) *Product { return c.byID[id] }

// SKU returns the product and the index of the first variant with a SKU, nil
// if there is none.
func (c *Catalogue) SKU(sku string) (*Product, int) {
	at := c.bySKU[sku]
	return at.product, at.variant
}
