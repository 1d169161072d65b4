package exchange

import (
	"maps"
	"slices"

	"cheval/catalog"
)

// merge is the product that the shop has with what a file says of it: what the
// file has a column for is the file's, all else stays.
func (im *importer) merge(fresh, old *catalog.Product, row Row) *catalog.Product {
	p := *old
	p.Sheet = fresh.Sheet
	p.Name, p.Text = joined(old.Name, fresh.Name), joined(old.Text, fresh.Text)
	if im.has(Brand) {
		p.Brand = fresh.Brand
	}
	if im.has(Tags) {
		p.Tags = fresh.Tags
	}
	// What a person filed as eyewear stays it.
	if fresh.Category == catalog.Worn || old.Category != catalog.Worn && fresh.Category != "" {
		p.Category, p.Kind = fresh.Category, fresh.Kind
	}
	if fresh.Category == catalog.Worn {
		p.Eyewear = mergeEyewear(fresh.Eyewear, old.Eyewear)
	}
	p.Variants = slices.Clone(fresh.Variants)
	for i := range p.Variants {
		im.mergeVariant(&p.Variants[i], old)
	}
	p.Pictures = im.mergePictures(fresh, old)
	if p.State == catalog.Published {
		if err := p.Validate(); err != nil {
			p.State = catalog.Draft
			im.found.add(row.Number, "", "the product was published and is a draft again: %v", err)
		}
	}
	return &p
}

// joined is old with what is new in it.
func joined(old, fresh map[string]string) map[string]string {
	if len(old) == 0 {
		return fresh
	}
	out := maps.Clone(old)
	maps.Copy(out, fresh)
	return out
}

// mergeEyewear is the frame that the shop has, with the measures of a file.
func mergeEyewear(fresh, old catalog.Eyewear) catalog.Eyewear {
	e := old
	for _, m := range []struct {
		to   *float32
		from float32
	}{
		{&e.LensWidth, fresh.LensWidth}, {&e.LensHeight, fresh.LensHeight}, {&e.Bridge, fresh.Bridge},
		{&e.Temple, fresh.Temple}, {&e.FrontWidth, fresh.FrontWidth},
	} {
		if m.from != 0 {
			*m.to = m.from
		}
	}
	if e.Shape == "" {
		e.Shape = fresh.Shape
	}
	if e.Material == "" {
		e.Material = fresh.Material
	}
	return e
}

// mergeVariant gives a variant of a file how it looks in the shop.
func (im *importer) mergeVariant(v *catalog.Variant, old *catalog.Product) {
	i := slices.IndexFunc(old.Variants, func(o catalog.Variant) bool { return o.SKU == v.SKU })
	if i < 0 {
		i = slices.IndexFunc(old.Variants, func(o catalog.Variant) bool {
			return len(o.Options) > 0 && slices.Equal(o.Options, v.Options)
		})
	}
	if i < 0 {
		return
	}
	m := old.Variants[i]
	if said := joined(m.ColourName, v.ColourName); v.Colour != "" && (m.Colour == "" || !maps.Equal(said, m.ColourName)) {
		m.Colour = v.Colour // else of the same words: a person may have filed it
	}
	m.SKU, m.Options, m.ColourName = v.SKU, v.Options, joined(m.ColourName, v.ColourName)
	if im.has(Price) {
		m.Price, m.Compare = v.Price, v.Compare
	}
	if im.has(Stock) || im.has(Availability) {
		m.Stock = v.Stock
	}
	if im.has(Barcode) {
		m.Barcode = v.Barcode
	}
	*v = m
}

// mergePictures is the file's pictures, then those that did not come from a
// file: those that were added by hand, and what the studio made.
func (im *importer) mergePictures(fresh, old *catalog.Product) []catalog.Picture {
	out := slices.Clone(fresh.Pictures)
	for i := range out {
		if k := samePicture(old.Pictures, &out[i]); k >= 0 {
			keep := old.Pictures[k]
			keep.Alt, keep.SKU = out[i].Alt, out[i].SKU
			if out[i].Hash != "" {
				keepFile(&keep, &out[i])
			}
			out[i] = keep
		}
	}
	for _, o := range old.Pictures {
		dropped := o.URL != "" && o.From == "" && im.has(Image) // the file no longer names it
		there := slices.ContainsFunc(out, func(q catalog.Picture) bool {
			return o.Hash != "" && q.Hash == o.Hash || o.URL != "" && q.URL == o.URL
		})
		if !dropped && !there && len(out) < catalog.MaxPictures {
			out = append(out, o)
		}
	}
	return out
}
