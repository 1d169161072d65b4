package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"cheval/camera"
	"cheval/catalog"
	"cheval/catalog/store"
	"cheval/studio/publish"
)

// headDrawer draws a variant worn at five angles, side by side, always the
// same for the same product and program.
type headDrawer interface {
	Draw(p *catalog.Product, variant int) (*image.RGBA, error)
}

// fixedHeads are the heads that products are compared on, opened when they are
// first used. draw blocks and may be called from any goroutine.
type fixedHeads struct {
	open func(context.Context) (headDrawer, error)

	mu    sync.Mutex
	heads headDrawer
}

func (f *fixedHeads) draw(ctx context.Context, p *catalog.Product, variant int) (*image.RGBA, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := ctx.Err(); err != nil { // another was asked for meanwhile
		return nil, err
	}
	if f.heads == nil {
		h, err := f.open(ctx)
		if err != nil {
			return nil, err
		}
		f.heads = h
	}
	return f.heads.Draw(p, variant)
}

// wornLook is how one variant looks worn, now and when it was last approved.
type wornLook struct {
	sku           string
	approved, now *image.RGBA // approved nil: never yet
	changed       bool        // it looks different from what was approved
	agreed        bool        // a person has approved it now
}

// examination is what speaks for and against publishing a product.
type examination struct {
	product  *catalog.Product // as it would be published
	findings []publish.Finding
	looks    []wornLook
}

// examine applies the rules to a product as the store has it, and has it worn.
func (a *App) examine(ctx context.Context, p *catalog.Product) (*examination, error) {
	x := &examination{product: p}
	p.State = catalog.Published
	shots, err := a.shots(ctx, p)
	if err != nil {
		return nil, err
	}
	x.findings = publish.Check(p, shots, nil)                   // the store keeps one product a handle
	if len(x.findings) > 1 && publish.Blocked(x.findings[1:]) { // what is wrong with the record is said more exactly
		x.findings = slices.DeleteFunc(x.findings, func(f publish.Finding) bool { return f.Rule == "record" })
	}
	if isDrawn(p) {
		x.findings = slices.DeleteFunc(x.findings, func(f publish.Finding) bool { return f.Rule == "picture" })
	}
	if !p.Wearable() {
		return x, nil
	}
	if x.looks, err = a.wornLooks(ctx, p); err != nil {
		if ctx.Err() != nil {
			return nil, err
		}
		x.findings = append(x.findings, publish.Finding{Rule: "preview", Why: err.Error(), Blocks: true})
	}
	return x, nil
}

// isDrawn says whether a product has no photo at all: its pictures are drawn
// from its measures, so that none can be missing.
func isDrawn(p *catalog.Product) bool {
	return p.Wearable() && !slices.ContainsFunc(p.Pictures, func(x catalog.Picture) bool {
		return x.Role == catalog.Original || x.Role == catalog.CutOut || x.Role == catalog.Enhanced
	})
}

// shots are a product's pictures for the shop.
func (a *App) shots(ctx context.Context, p *catalog.Product) (out []publish.Shot, err error) {
	for _, x := range p.Pictures {
		if x.Role != catalog.Enhanced || x.Hash == "" {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		img, err := a.storedPicture(x.Hash)
		if err != nil {
			return nil, fmt.Errorf("publish %s: %w", p.ID, err)
		}
		name := x.Name
		if x.SKU != "" {
			name = x.SKU
		}
		out = append(out, publish.Shot{Name: name, Image: onWhite(img)})
	}
	return out, nil
}

func (a *App) storedPicture(hash string) (image.Image, error) {
	data, err := a.store.Picture(hash)
	if err != nil {
		return nil, err
	}
	return camera.DecodeImage(bytes.NewReader(data))
}

// onWhite is a picture as a page shows it.
func onWhite(img image.Image) *image.RGBA {
	out := image.NewRGBA(image.Rectangle{Max: img.Bounds().Size()})
	draw.Draw(out, out.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(out, out.Rect, img, img.Bounds().Min, draw.Over)
	return out
}

// wornLooks has every variant worn and compares it with what was approved.
func (a *App) wornLooks(ctx context.Context, p *catalog.Product) (out []wornLook, err error) {
	worn := *p
	worn.Variants = slices.Clone(p.Variants)
	if err := catalog.LoadFronts(&worn, a.readFront); err != nil {
		return nil, err
	}
	for i := range worn.Variants {
		w := wornLook{sku: worn.Variants[i].SKU}
		if w.now, err = a.heads.draw(ctx, &worn, i); err != nil {
			return nil, err
		}
		if w.approved, err = a.approvedLook(p, w.sku); err != nil {
			return nil, err
		}
		if w.approved != nil {
			d, err := publish.Compare(w.approved, w.now)
			w.changed = err != nil || d.Changed // of another size: the heads are others
		}
		out = append(out, w)
	}
	return out, nil
}

// approvedLook is how a variant looked when it was last approved; nil: never.
func (a *App) approvedLook(p *catalog.Product, sku string) (*image.RGBA, error) {
	for _, x := range p.Pictures {
		if x.Role == catalog.WornPreview && x.SKU == sku && x.Hash != "" {
			img, err := a.storedPicture(x.Hash)
			if err != nil {
				return nil, err
			}
			return toRGBA(img), nil
		}
	}
	return nil, nil
}

// blocked says whether a rule forbids publishing.
func (x *examination) blocked() bool { return publish.Blocked(x.findings) }

// changed says whether a variant looks different and nobody has approved it.
func (x *examination) changed() bool {
	return slices.ContainsFunc(x.looks, func(w wornLook) bool { return w.changed && !w.agreed })
}

// agreed says whether a person has approved every look that is new or different.
func (x *examination) agreed() bool {
	return !slices.ContainsFunc(x.looks, func(w wornLook) bool { return (w.approved == nil || w.changed) && !w.agreed })
}

// approve keeps the looks that are new as those that later ones are compared
// with.
func (a *App) approve(x *examination) error {
	p := x.product
	for _, w := range x.looks {
		if w.approved != nil && !w.changed {
			continue
		}
		data, err := encodePNG(w.now)
		if err != nil {
			return err
		}
		hash, err := a.store.PutPicture(bytes.NewReader(data))
		if err != nil {
			return err
		}
		p.Pictures = slices.DeleteFunc(slices.Clone(p.Pictures), func(o catalog.Picture) bool {
			return o.Role == catalog.WornPreview && o.SKU == w.sku
		})
		p.Pictures = append(p.Pictures, catalog.Picture{Hash: hash, Role: catalog.WornPreview, SKU: w.sku,
			Width: w.now.Rect.Dx(), Height: w.now.Rect.Dy(), Steps: []catalog.Step{{Tool: "worn-preview", Version: a.opts.Version,
				Parameters: map[string]string{"angles": strconv.Itoa(publish.Angles)}, At: a.now().UTC().Truncate(time.Second)}}})
	}
	return nil
}

// toPublish is a product ready to be written as published, or why it is not:
// what a batch does, in which a look that was never approved is approved by
// publishing it, and one that changed is refused.
func (a *App) toPublish(ctx context.Context, p *catalog.Product, t *translator) (*catalog.Product, error) {
	x, err := a.examine(ctx, p)
	if err != nil {
		return nil, err
	}
	var why []error
	for _, f := range x.findings {
		if f.Blocks {
			why = append(why, errors.New(findingText(t, f)))
		}
	}
	if x.changed() {
		why = append(why, errors.New(t.t("edit.rule.looks-different")))
	}
	if err := errors.Join(why...); err != nil {
		return nil, err
	}
	return x.product, a.approve(x)
}

// findingText is a finding as a sentence.
func findingText(t *translator, f publish.Finding) string {
	key := "edit.rule." + f.Rule
	text := t.t(key, args{"where": f.Where, "why": f.Why, "measure": sizeOf(f.Measure), "limit": sizeOf(f.Limit)})
	switch f.Rule {
	case "size":
		return t.t(key, args{"what": missingSize(t, f.Why)})
	case "anchors":
		return doubtText(t, catalog.Doubt{What: f.Where, Why: f.Why, Measure: float32(f.Measure), Limit: float32(f.Limit)})
	}
	if text == key {
		return f.Why
	}
	return text
}

// doubtText is a doubt about anchors as a sentence.
func doubtText(t *translator, d catalog.Doubt) string {
	key := "edit.doubt." + d.What
	if text := t.t(key, args{"measure": sizeOf(float64(d.Measure)), "limit": sizeOf(float64(d.Limit))}); text != key {
		return text
	}
	return d.Why
}

// sizeOf writes a measure with as many digits as tell something: shares in
// percent, all else with at most one after the point.
func sizeOf(v float64) string {
	if v > 0 && v < 1 {
		return strconv.FormatFloat(v*100, 'f', 0, 64) + " %"
	}
	return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
}

// publish writes what was examined and approved.
func (a *App) publish(ctx context.Context, x *examination) error {
	if x.blocked() || !x.agreed() {
		return errors.New("publish: it is not approved")
	}
	if err := a.approve(x); err != nil {
		return err
	}
	_, err := a.store.Apply(ctx, store.Batch{Kind: store.Publish, Put: []*catalog.Product{x.product}})
	return err
}

// withdraw makes a product a draft again and returns it.
func (a *App) withdraw(ctx context.Context, id string) (*catalog.Product, error) {
	p, err := a.store.Product(id)
	if err != nil {
		return nil, err
	}
	p.State = catalog.Draft
	_, err = a.store.Apply(ctx, store.Batch{Kind: store.Withdraw, Put: []*catalog.Product{p}})
	return p, err
}

// missingSize names the measure that a finding misses.
func missingSize(t *translator, why string) string {
	for name, key := range map[string]string{
		"lens width": "edit.size.lens", "lens height": "edit.size.height", "bridge": "edit.size.bridge",
		"temple length": "edit.size.temple", "total width": "edit.size.total",
	} {
		if strings.Contains(why, "the "+name+" is missing") {
			return t.t(key)
		}
	}
	return why
}
