package app

import (
	"context"
	"fmt"
	"slices"

	"cheval/catalog"
	"cheval/studio"
	"cheval/studio/anchor"
)

// leastShopSide is the longer side that a shop's picture is enlarged to:
// marketplaces ask for a thousand pixels.
const leastShopSide = 1000

// editJob is what save has to do beside the form, apart from what the UI
// goroutine may change meanwhile.
type editJob struct {
	a         *App
	maker     *studio.Studio
	models    bool
	originals []catalog.Picture
	fresh     []catalog.Variant
	extra     []madePicture
	photos    []photoJob
	hint      anchor.Hint
	eyewear   bool
	looks     bool // it may look different from what was approved
}

// photoJob is one photo that was changed.
type photoJob struct {
	photoEdit         // a copy: its parts are not changed any more
	pictures, anchors bool
}

// job gathers what is to be saved.
func (e *editing) job() *editJob {
	j := &editJob{a: e.a, originals: slices.Clone(e.originals), fresh: slices.Clone(e.fresh), extra: slices.Clone(e.extra),
		hint: e.hint(), eyewear: e.isEyewear()}
	j.maker, j.models = e.maker()
	was := formOf(e.product)
	resized := was.notation != e.form.notation || was.width != e.form.width
	for _, x := range e.originals {
		p := e.photos[x.Hash]
		if p == nil || p.cut == nil {
			if stored := anchorsOf(e.product, x.Hash); stored != nil && resized {
				j.photos = append(j.photos, photoJob{photoEdit: photoEdit{picture: x, anchors: stored}, anchors: true})
			}
			continue
		}
		k := photoJob{photoEdit: *p, pictures: p.changed, anchors: p.anchors != nil && (p.dragged || resized || p.changed || anchorsOf(e.product, x.Hash) == nil)}
		if p.anchors != nil {
			k.photoEdit.anchors = cloneAnchors(p.anchors)
		}
		if k.pictures || k.anchors {
			j.photos = append(j.photos, k)
		}
	}
	j.looks = len(j.photos)+len(j.fresh) > 0 || resized && j.eyewear
	return j
}

// onto writes pictures, anchors and what is worn into a product. Only files are
// written; the product is the caller's.
func (j *editJob) onto(ctx context.Context, p *catalog.Product) error {
	for _, x := range j.originals {
		if !slices.ContainsFunc(p.Pictures, func(o catalog.Picture) bool { return o.Hash == x.Hash && o.Role == catalog.Original }) {
			p.Pictures = append(p.Pictures, x)
		}
	}
	for i := range j.photos {
		k := &j.photos[i]
		if k.pictures {
			if err := j.makePictures(ctx, p, k); err != nil {
				return err
			}
		}
		if k.anchors && j.eyewear {
			if err := j.wear(ctx, p, k); err != nil {
				return err
			}
		}
	}
	for _, m := range j.extra {
		x, err := j.a.keepPicture(m)
		if err != nil {
			return err
		}
		p.Pictures = append(p.Pictures, x)
	}
	for i := range p.Variants { // fronts of recoloured variants have no file yet
		if err := j.keepFront(p, i, ""); err != nil {
			return err
		}
	}
	return nil
}

// makePictures makes a photo's cut-out and its picture for the shop anew.
func (j *editJob) makePictures(ctx context.Context, p *catalog.Product, k *photoJob) error {
	plan := k.planned()
	plan.Colour = ""
	if j.models {
		plan.Least = leastShopSide
	}
	made, err := j.maker.Make(ctx, k.cut, plan)
	if err != nil {
		return err
	}
	p.Pictures = slices.DeleteFunc(p.Pictures, func(o catalog.Picture) bool {
		return o.From == k.picture.Hash && o.SKU == k.picture.SKU && (o.Role == catalog.CutOut || o.Role == catalog.Enhanced)
	})
	for _, m := range []madePicture{
		{role: catalog.CutOut, image: k.cut.Image, steps: k.cut.Steps}, {role: catalog.Enhanced, image: made.Image, steps: made.Steps},
	} {
		m.from, m.name, m.sku = k.picture.Hash, k.picture.Name, k.picture.SKU
		x, err := j.a.keepPicture(m)
		if err != nil {
			return err
		}
		p.Pictures = append(p.Pictures, x)
	}
	return nil
}

// wear makes the product wear what the photo's anchors say. Without a size
// only the anchors are kept: they wait for it.
func (j *editJob) wear(ctx context.Context, p *catalog.Product, k *photoJob) error {
	if k.cut == nil {
		if err := k.load(ctx, j.a, p, j.maker, j.models); err != nil {
			return err
		}
	}
	anchor.Measure(k.photoEdit.anchors, j.hint)
	k.photoEdit.anchors.Picture = k.picture.Hash
	p.Anchors = slices.DeleteFunc(slices.Clone(p.Anchors), func(o catalog.Anchors) bool { return o.Picture == k.picture.Hash })
	p.Anchors = append(p.Anchors, *k.photoEdit.anchors)
	if k.photoEdit.anchors.MMPerPixel <= 0 {
		return nil
	}
	img, err := k.dressing()
	if err != nil {
		return err
	}
	w, err := anchor.Wear(img, k.cut.Alpha, k.photoEdit.anchors, j.hint)
	if err != nil {
		return err
	}
	i := variantOf(p, k.picture)
	putOn(p, i, w)
	return j.keepFront(p, i, k.picture.Hash)
}

// putOn gives a product the frame that a photo makes, and a variant its look.
func putOn(p *catalog.Product, i int, w *anchor.Wearable) {
	p.Category, p.Eyewear, p.Kind = catalog.Worn, w.Eyewear, w.Kind
	p.Variants = slices.Clone(p.Variants)
	v, now := &p.Variants[i], w.Variant
	v.Frame, v.Temples, v.Tips, v.Metalwork, v.Lens, v.Front = now.Frame, now.Temples, now.Tips, now.Metalwork, now.Lens, now.Front
	if v.Colour == "" {
		v.Colour = now.Colour
	}
	if len(v.ColourName) == 0 {
		v.ColourName = now.ColourName
	}
	for k := range p.Variants { // a frame without lenses or colour cannot be worn: it looks like this one until it has a photo
		if o := &p.Variants[k]; k != i && o.Lens.Transmission == 0 && o.Frame == (catalog.Surface{}) {
			o.Frame, o.Temples, o.Tips, o.Metalwork, o.Lens = now.Frame, now.Temples, now.Tips, now.Metalwork, now.Lens
			if o.Colour == "" {
				o.Colour = now.Colour
			}
		}
	}
}

// keepFront writes the file of a variant's front, where it has none yet, and
// takes out what no variant is drawn with any more.
func (j *editJob) keepFront(p *catalog.Product, i int, from string) error {
	f := p.Variants[i].Front
	if f == nil || f.Image == nil || f.Hash != "" {
		return nil
	}
	x, err := j.a.keepPicture(madePicture{role: catalog.FrontFlat, sku: p.Variants[i].SKU, from: from, name: p.ID, image: f.Image})
	if err != nil {
		return fmt.Errorf("keep the front of %s: %w", p.ID, err)
	}
	own := *f
	own.Hash, own.File = x.Hash, ""
	p.Variants[i].Front = &own
	p.Pictures = slices.DeleteFunc(p.Pictures, func(o catalog.Picture) bool {
		return o.Role == catalog.FrontFlat && (o.SKU == x.SKU || o.Hash == x.Hash)
	})
	p.Pictures = append(p.Pictures, x)
	return nil
}

// anchorsOf are a product's anchors in a photo; nil: it has none there.
func anchorsOf(p *catalog.Product, hash string) *catalog.Anchors {
	for i := range p.Anchors {
		if p.Anchors[i].Picture == hash {
			return cloneAnchors(&p.Anchors[i])
		}
	}
	return nil
}

func cloneAnchors(a *catalog.Anchors) *catalog.Anchors {
	c := *a
	c.Outlines = [2][][2]float32{slices.Clone(a.Outlines[0]), slices.Clone(a.Outlines[1])}
	c.Contour, c.Doubts, c.Dragged = slices.Clone(a.Contour), slices.Clone(a.Doubts), slices.Clone(a.Dragged)
	return &c
}
