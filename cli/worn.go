package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"cheval/catalog"
	"cheval/catalog/store"
	"cheval/models"
	"cheval/tryon"
)

// findWorn finds the product and variant that the command names.
func findWorn(cmd *cobra.Command, f tryFlags) (tryon.Worn, error) {
	p, err := findProduct(cmd, f.product)
	if err != nil {
		return tryon.Worn{}, err
	}
	if !p.Wearable() {
		return tryon.Worn{}, notWorn(p)
	}
	i, err := findVariant(p, f)
	return tryon.Worn{Product: p, Variant: i}, err
}

// notWorn says why a product cannot be tried on.
func notWorn(p *catalog.Product) error {
	if p.Category != catalog.Worn {
		return fmt.Errorf("try: %s is catalogued as %q, which cannot be worn yet; choose eyewear", p.ID, p.Category)
	}
	why := p.Eyewear.Validate()
	if why == nil {
		why = errors.New("a variant has no lens")
	}
	return fmt.Errorf("try: %s is a draft that cannot be worn yet (%w); finish it in the studio", p.ID, why)
}

// findProduct takes the ID of a product in the shop's catalogue, or one of the
// starter products where there is no such catalogue, or the path of a product
// file; an ID comes first. Where the app holds the catalogue, the starter
// products can be named all the same.
func findProduct(cmd *cobra.Command, name string) (*catalog.Product, error) {
	if strings.EqualFold(filepath.Ext(name), ".json") || strings.ContainsRune(name, filepath.Separator) {
		return readProduct(name)
	}
	shop, held, err := wornStock(cmd, name)
	if err != nil {
		return nil, err
	}
	if p := shop.Product(name); p != nil {
		return p, nil
	}
	if _, err := os.Stat(name); err == nil {
		return readProduct(name)
	}
	if held != nil {
		return nil, fmt.Errorf("try: no starter product is called %q, and the shop's own cannot be read: %w", name, held)
	}
	var ids []string
	for _, p := range shop.ToWear().All() {
		ids = append(ids, p.ID)
	}
	if more := len(ids) - mostNamed; more > 0 {
		ids = append(ids[:mostNamed], fmt.Sprintf("%d more (`cheval catalog list`)", more))
	}
	return nil, fmt.Errorf("try: no product is called %q; choose one of %s, or a product file", name, strings.Join(ids, ", "))
}

// mostNamed is how many products an error names.
const mostNamed = 60

// wornStock is the shop's catalogue, the fronts of the named product loaded; or
// the starter products where there is none or, with the reason in held, where it
// cannot be opened, as while the app has it.
func wornStock(cmd *cobra.Command, name string) (c *catalog.Catalogue, held error, err error) {
	home, err := models.Home()
	if err != nil {
		return nil, nil, err
	}
	if store.Exists(home) {
		s, err := store.Open(home, store.Options{Wait: 500 * time.Millisecond})
		if err == nil {
			tellRecovery(cmd, s)
			if c, err = s.Catalogue(); err == nil && c.Product(name) != nil {
				err = catalog.LoadFronts(c.Product(name), func(f *catalog.FrontPhoto) ([]byte, error) { return s.Picture(f.Hash) })
			}
			return c, nil, errors.Join(err, s.Close())
		}
		held = err // a starter product can be worn all the same
	}
	c, err = starterProducts()
	return c, held, err
}

func readProduct(path string) (*catalog.Product, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("try: open %s: there is no such product file", filepath.Base(path))
	case err != nil:
		return nil, fmt.Errorf("try: open %s: %w", filepath.Base(path), err)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("try: open %s: it is no product file", filepath.Base(path))
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("try: open %s: %w", filepath.Base(path), err)
	}
	defer f.Close()
	p, err := catalog.Decode(f)
	if err != nil {
		return nil, fmt.Errorf("try: read %s: %w", filepath.Base(path), err)
	}
	if err := catalog.LoadFronts(p, besideFile(path)); err != nil {
		return nil, fmt.Errorf("try: read %s: %w", filepath.Base(path), err)
	}
	return p, nil
}

// besideFile reads front photos from the folder of a product file, and from
// nowhere else.
func besideFile(path string) func(*catalog.FrontPhoto) ([]byte, error) {
	return func(f *catalog.FrontPhoto) (data []byte, err error) {
		if f.File == "" {
			return nil, errors.New("the product file does not name it")
		}
		dir, err := os.OpenRoot(filepath.Dir(path))
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, dir.Close()) }()
		file, err := dir.Open(f.File)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		return catalog.ReadFront(file)
	}
}

// findVariant chooses by SKU or colour, else takes the first.
func findVariant(p *catalog.Product, f tryFlags) (int, error) {
	if f.variant == "" && f.colour == "" {
		return 0, nil
	}
	i := slices.IndexFunc(p.Variants, func(v catalog.Variant) bool {
		if f.variant != "" {
			return strings.EqualFold(v.SKU, f.variant)
		}
		return strings.EqualFold(v.Colour, f.colour)
	})
	if i >= 0 {
		return i, nil
	}
	var known []string
	for _, v := range p.Variants {
		known = append(known, fmt.Sprintf("%s (%s)", v.SKU, v.Colour))
	}
	return 0, fmt.Errorf("try: %s has no variant %s; choose one of %s", p.ID, f.variant+f.colour, strings.Join(known, ", "))
}
