package anchor

import (
	"fmt"

	"cheval/catalog"
)

// Product makes a product of a wearable frame: a draft where the anchors are
// doubtful. id is its handle and name what it is called, in English.
func Product(id, name string, w *Wearable, a *catalog.Anchors) (*catalog.Product, error) {
	p := &catalog.Product{
		ID: id, Brand: "", Category: catalog.Worn, Name: map[string]string{"en": name},
		Kind: w.Kind, Eyewear: w.Eyewear, Anchors: []catalog.Anchors{*a}, State: catalog.Draft,
		Origin: catalog.Origin{Source: "photos"},
	}
	v := w.Variant
	v.SKU = id
	p.Variants = []catalog.Variant{v}
	if err := p.Validate(); err != nil {
		return nil, fmt.Errorf("anchor: make a product of the photo: %w", err)
	}
	return p, nil
}
