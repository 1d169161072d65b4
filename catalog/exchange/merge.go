package exchange

import (
	"maps"
	"slices"

	"cheval/catalog"
)

// merge is the product that the shop has with what a file says of it: what the
// file has a column for is the file's, all else stays. A file of the kind that
// the product came in decides which variants and pictures there are; another
// (a price list for products of Shopify's) adds to them, and the rows of
// Shopify's stay for its export.
func (im *importer) merge(fresh, old *catalog.Product, row Row) *catalog.Product {
	p := *old
	decides := old.Sheet != nil && old.Sheet.Format == fresh.Sheet.Format
	if decides || old.Sheet == nil || old.Sheet.Format != string(Shopify) {
		p.Sheet = fresh.Sheet
	} else {
		im.keptSheets++
	}
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
	p.Variants = im.mergeVariants(fresh, old, decides, row)
	p.Pictures = im.mergePictures(fresh, old, decides)
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

// mergeVariants is the file's variants as they look in the shop. Where the
// file does not decide, they stand in the shop's order, and those that only
// the shop has stay.
func (im *importer) mergeVariants(fresh, old *catalog.Product, decides bool, row Row) []catalog.Variant {
	out := slices.Clone(fresh.Variants)
	from := map[int]int{} // index in old → in out
	for i := range out {
		if k := variantLike(old.Variants, &out[i], from); k >= 0 {
			from[k] = i
			im.mergeVariant(&out[i], old.Variants[k])
		}
	}
	if decides {
		for k, v := range old.Variants {
			if _, there := from[k]; !there {
				im.found.add(row.Number, im.name(SKU), "variant %.60q of product %s is not in the file any more and is taken out", v.SKU, old.ID)
			}
		}
		return out
	}
	kept := slices.Clone(old.Variants)
	taken := map[int]bool{}
	for k, i := range from {
		kept[k], taken[i] = out[i], true
	}
	for i, v := range out {
		if !taken[i] && len(kept) < catalog.MaxVariants {
			kept = append(kept, v)
		}
	}
	return kept
}

// variantLike is the index of the variant with v's SKU, else with its options;
// -1 none.
func variantLike(list []catalog.Variant, v *catalog.Variant, used map[int]int) int {
	for k := range list {
		if _, is := used[k]; !is && list[k].SKU == v.SKU {
			return k
		}
	}
	for k := range list {
		if _, is := used[k]; !is && len(v.Options) > 0 && slices.Equal(list[k].Options, v.Options) {
			return k
		}
	}
	return -1
}

// mergeVariant gives a variant of a file how it looks in the shop.
func (im *importer) mergeVariant(v *catalog.Variant, m catalog.Variant) {
	if said := joined(m.ColourName, v.ColourName); v.Colour != "" && (m.Colour == "" || !maps.Equal(said, m.ColourName)) {
		m.Colour = v.Colour // else of the same words: a person may have filed it
	}
	m.SKU, m.ColourName = v.SKU, joined(m.ColourName, v.ColourName)
	if im.format == Shopify || len(m.Options) == 0 {
		m.Options = v.Options // else a column's words for an option that it has
	}
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

// mergePictures is the file's pictures, then those that it does not decide
// about: those that were added by hand, and what the studio made. Where it
// decides about none, the shop's come first.
func (im *importer) mergePictures(fresh, old *catalog.Product, decides bool) []catalog.Picture {
	files, had := slices.Clone(fresh.Pictures), slices.Clone(old.Pictures)
	for i := range files {
		if k := samePicture(had, &files[i]); k >= 0 {
			if decides {
				had[k].Alt, had[k].SKU = files[i].Alt, files[i].SKU
			}
			if files[i].Hash != "" {
				keepFile(&had[k], &files[i])
			}
			files[i] = had[k]
		}
	}
	var shop []catalog.Picture
	for _, o := range had {
		if !decides || o.URL == "" || o.From != "" || !im.has(Image) { // else the file names it, or no longer does
			shop = append(shop, o)
		}
	}
	first, then := files, shop
	if !decides {
		first, then = shop, files
	}
	for _, o := range then {
		there := slices.ContainsFunc(first, func(q catalog.Picture) bool {
			return o.Hash != "" && q.Hash == o.Hash || o.URL != "" && q.URL == o.URL
		})
		if !there && len(first) < catalog.MaxPictures {
			first = append(first, o)
		}
	}
	return first
}
