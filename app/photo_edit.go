package app

import (
	"bytes"
	"context"
	"errors"
	"image"
	"strconv"

	"golang.org/x/image/draw"

	"cheval/camera"
	"cheval/catalog"
	"cheval/studio"
	"cheval/studio/anchor"
	"cheval/studio/brush"
	"cheval/studio/cutout"
	"cheval/studio/enhance"
	"cheval/studio/photo"
)

// previewLong is the longer side of the copy that previews are made of: the
// window shows no more, and a slider is followed several times a second.
const previewLong = 1000

// photoEdit is one photo of the product that is edited: its cut-out, which is
// found once, and what is to be made of it.
type photoEdit struct {
	picture catalog.Picture // the original
	cut     *studio.Cut     // at full size
	base    []catalog.Step  // how the mask was found, before the brush
	small   *studio.Cut     // what previews are made of
	mask    *brush.Mask     // nil until the brush is used
	adjust  enhance.Adjust
	auto    bool // the sliders stand where enhance.Auto puts them
	plan    studio.Plan
	made    *image.NRGBA // the preview
	before  *image.RGBA  // the photo, framed as the preview
	dressed *dressedPhoto

	anchors    *catalog.Anchors // nil: not eyewear, or not found
	anchorsWhy string           // they were not found
	worn       *image.RGBA      // at five angles; nil: not drawn
	wornWhy    string           // it could not be drawn

	changed bool // pictures are to be made anew
	dragged bool // anchors are to be saved
}

// dressedPhoto is the photo as the sliders make it, of which a front is cut.
type dressedPhoto struct {
	adjust enhance.Adjust
	image  *image.RGBA
}

var errNoModels = errors.New("the photo cannot be cut out: the models are not installed or could not start")

// load reads the photo and finds its product, by the cut-out that the store
// has of it or, where there is none, by the network. It blocks.
func (p *photoEdit) load(ctx context.Context, a *App, of *catalog.Product, s *studio.Studio, models bool) error {
	data, err := a.store.Picture(p.picture.Hash)
	if err != nil {
		return err
	}
	shot, err := photo.Decode(data)
	if err != nil {
		return err
	}
	stored, alpha, err := storedAlpha(a, of, p.picture.Hash, shot.Image.Rect)
	switch {
	case err != nil:
		return err
	case alpha != nil:
		if p.cut, err = s.Recut(shot, alpha, nil, nil); err == nil {
			p.cut.Steps = stored.Steps
		}
	case shot.Alpha == nil && !models:
		return errNoModels
	default:
		p.cut, err = s.CutOut(ctx, shot)
	}
	if err != nil {
		return err
	}
	p.base = p.cut.Steps
	p.small = smallCut(p.cut)
	p.plan, p.adjust, p.auto = planOf(enhancedOf(of, p.picture.Hash), enhance.Auto(p.cut.Estimate))
	return nil
}

// storedAlpha is the mask of the cut-out that the store has of a photo; nil:
// it has none of its size.
func storedAlpha(a *App, of *catalog.Product, hash string, size image.Rectangle) (catalog.Picture, *image.Alpha, error) {
	for _, x := range of.Pictures {
		if x.Role != catalog.CutOut || x.From != hash || x.Width != size.Dx() || x.Height != size.Dy() {
			continue
		}
		data, err := a.store.Picture(x.Hash)
		if err != nil {
			return x, nil, err
		}
		img, err := camera.DecodeImage(bytes.NewReader(data))
		if err != nil {
			return x, nil, err
		}
		return x, alphaOf(img), nil
	}
	return catalog.Picture{}, nil, nil
}

func alphaOf(img image.Image) *image.Alpha {
	src := toNRGBAImage(img)
	out := image.NewAlpha(src.Rect)
	for y := range src.Rect.Dy() {
		for x := range src.Rect.Dx() {
			out.Pix[y*out.Stride+x] = src.Pix[y*src.Stride+4*x+3]
		}
	}
	return out
}

func toNRGBAImage(img image.Image) *image.NRGBA {
	if n, ok := img.(*image.NRGBA); ok && n.Rect.Min == (image.Point{}) {
		return n
	}
	out := image.NewNRGBA(image.Rectangle{Max: img.Bounds().Size()})
	draw.Draw(out, out.Rect, img, img.Bounds().Min, draw.Src)
	return out
}

// smallCut is a cut for previews.
func smallCut(c *studio.Cut) *studio.Cut {
	size := c.Photo.Image.Rect.Max
	k := float64(previewLong) / float64(max(size.X, size.Y))
	if k >= 1 {
		return c
	}
	to := image.Rect(0, 0, max(int(float64(size.X)*k), 1), max(int(float64(size.Y)*k), 1))
	img, alpha := image.NewRGBA(to), image.NewAlpha(to)
	draw.ApproxBiLinear.Scale(img, to, c.Photo.Image, c.Photo.Image.Rect, draw.Src, nil)
	draw.ApproxBiLinear.Scale(alpha, to, c.Alpha, c.Alpha.Rect, draw.Src, nil)
	small := *c
	small.Photo, small.Alpha, small.Coarse = &photo.Photo{Image: img}, alpha, alpha
	small.Image = cutout.Extract(img, alpha)
	return &small
}

// planned is the plan with the sliders as they stand.
func (p *photoEdit) planned() studio.Plan {
	plan, adjust := p.plan, p.adjust
	plan.Adjust, plan.Least = &adjust, 0
	return plan
}

// dressing is the photo as the sliders make it, at full size.
func (p *photoEdit) dressing() (*image.RGBA, error) {
	if p.dressed != nil && p.dressed.adjust == p.adjust {
		return p.dressed.image, nil
	}
	src := p.cut.Photo.Image // opaque: its bytes are the same without premultiplication
	out, err := enhance.Apply(&image.NRGBA{Pix: src.Pix, Stride: src.Stride, Rect: src.Rect}, p.cut.Estimate, p.adjust)
	if err != nil {
		return nil, err
	}
	return &image.RGBA{Pix: out.Pix, Stride: out.Stride, Rect: out.Rect}, nil
}

// find looks for the anchors of a frame. It blocks for up to a second.
func (p *photoEdit) find(hint anchor.Hint) (*catalog.Anchors, error) {
	return anchor.Find(p.cut.Photo.Image, p.cut.Alpha, hint)
}

// enhancedOf is how the shop's picture of a photo was made; nil: there is none.
func enhancedOf(p *catalog.Product, hash string) []catalog.Step {
	for _, x := range p.Pictures {
		if x.Role == catalog.Enhanced && x.From == hash && !hasStep(x.Steps, "recolour") {
			return x.Steps
		}
	}
	return nil
}

func hasStep(steps []catalog.Step, tool string) bool {
	for _, s := range steps {
		if s.Tool == tool {
			return true
		}
	}
	return false
}

// planOf reads from the record of a picture how it was made, so that the
// sliders stand where they were left.
func planOf(steps []catalog.Step, auto enhance.Adjust) (studio.Plan, enhance.Adjust, bool) {
	plan, adjust, isAuto := studio.ShopPlan(), auto, true
	for _, s := range steps {
		number := func(name string) float64 { v, _ := strconv.ParseFloat(s.Parameters[name], 64); return v }
		switch s.Tool {
		case "enhance":
			adjust = enhance.Adjust{Learned: number("learned"), WhiteBalance: number("white_balance"), Exposure: number("exposure"),
				LocalContrast: number("local_contrast"), Denoise: number("denoise"), Sharpness: number("sharpness")}
			isAuto = adjust == auto
		case "frame":
			plan.Framing.Margin, plan.Straighten = min(max(number("margin"), 0), 0.4), number("turn") != 0
		case "shop":
			plan.Backdrop, plan.Shadow = enhance.Backdrop(s.Parameters["backdrop"]), enhance.Shadow(s.Parameters["shadow"])
		}
	}
	if steps == nil {
		plan.Straighten = true
	}
	return plan, adjust, isAuto
}
