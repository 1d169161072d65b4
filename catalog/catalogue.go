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

// New makes a catalogue of valid products. IDs and SKUs must be unique.
func New(products ...*Product) (*Catalogue, error) {
	c := &Catalogue{byID: map[string]*Product{}, bySKU: map[string]place{}}
	for _, p := range products {
		if err := p.Validate(); err != nil {
			return nil, err
		}
		if c.byID[p.ID] != nil {
			return nil, fmt.Errorf("catalog: two products have the ID %s; give one another", p.ID)
		}
		c.byID[p.ID] = p
		for i := range p.Variants {
			sku := p.Variants[i].SKU
			if other, taken := c.bySKU[sku]; taken {
				return nil, fmt.Errorf("catalog: products %s and %s share the SKU %s; give one another", other.product.ID, p.ID, sku)
			}
			c.bySKU[sku] = place{p, i}
		}
		c.products = append(c.products, p)
	}
	return c, nil
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

// SKU returns the product and the index of its variant with a SKU, nil if
// there is none.
func (c *Catalogue) SKU(sku string) (*Product, int) {
	at := c.bySKU[sku]
	return at.product, at.variant
}
