package app

import (
	"context"
	"maps"
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"cheval/catalog"
	"cheval/studio"
	"cheval/studio/enhance"
)

// makeVariant makes a variant in the colour that the photo is recoloured to,
// with a picture of its own. It is the product's when it is saved.
func (g *editorPage) makeVariant(c *fyne.Container, x *photoEdit) {
	e, t := g.e, g.look.tr
	v, ok := e.recoloured(x)
	if !ok {
		e.tell(t.t("edit.recolour.there"), true)
		return
	}
	colour, name := x.plan.Colour, x.picture
	cut, plan := x.coloured(x.cut, e.a.opts.Version)
	maker, models := e.maker()
	if models {
		plan.Least = leastShopSide
	}
	var made *studio.Picture
	e.making.do(func(ctx context.Context) (err error) {
		if made, err = maker.Make(ctx, cut, plan); err != nil {
			return err
		}
		return recolourFront(e.a, &v, colour)
	}, func(err error) {
		if err != nil {
			e.fail(err)
			return
		}
		e.fresh = append(e.fresh, v)
		e.form.variants = append(e.form.variants, variantFormOf(&v))
		e.extra = append(e.extra, madePicture{role: catalog.Enhanced, sku: v.SKU, from: name.Hash, name: name.Name, image: made.Image, steps: made.Steps})
		x.plan.Colour = ""
		e.touch()
		e.tell(t.t("edit.recolour.made", args{"sku": v.SKU}), false)
		g.fillPhoto(c, x)
		e.remake()
	})
}

// recoloured is the variant that a photo shows, in the colour that is chosen;
// false where the product has one of that name.
func (e *editing) recoloured(x *photoEdit) (catalog.Variant, bool) {
	colour := x.plan.Colour
	v := e.product.Variants[variantOf(e.product, x.picture)]
	v.SKU = strings.TrimSuffix(v.SKU, "-"+v.Colour) + "-" + colour
	v.Barcode, v.Stock, v.Options = "", 0, slices.Clone(v.Options)
	for _, f := range e.form.variants {
		if f.sku == v.SKU {
			return v, false
		}
	}
	for i := range v.Options {
		if strings.EqualFold(v.Options[i].Name, "colour") || strings.EqualFold(v.Options[i].Name, "color") || v.Options[i].Name == "颜色" {
			v.Options[i].Value = colour
		}
	}
	if slices.Contains(catalog.Colours(), colour) {
		v.Colour = colour
	}
	v.ColourName = maps.Clone(v.ColourName)
	if v.ColourName == nil {
		v.ColourName = map[string]string{}
	}
	for _, lang := range languages {
		v.ColourName[lang] = newTranslator(e.a.bundle, lang).t("edit.colour." + colour)
	}
	if rgb, err := enhance.ParseColour(colour); err == nil && v.Frame != (catalog.Surface{}) {
		v.Frame = catalog.Surface{Base: rgb, Roughness: v.Frame.Roughness, Metallic: v.Frame.Metallic}
		v.Temples = nil
	}
	return v, true
}

// recolourFront gives the photo that a front is drawn with its new colour.
func recolourFront(a *App, v *catalog.Variant, colour string) error {
	if v.Front == nil {
		return nil
	}
	own := *v.Front
	p := catalog.Product{Variants: []catalog.Variant{{Front: &own}}}
	if err := catalog.LoadFronts(&p, a.readFront); err != nil {
		return err
	}
	rgb, err := enhance.ParseColour(colour)
	if err != nil {
		return err
	}
	own.Image, own.Hash, own.File = enhance.Recolour(own.Image, rgb), "", ""
	v.Front = &own
	return nil
}
