package app

import (
	"bytes"
	"fmt"
	"image"

	"golang.org/x/image/draw"

	"cheval/camera"
	"cheval/catalog"
)

// drawProduct pictures a product for a card: what can be worn is drawn, of
// everything else its photo is shown. Called on the goroutine of pictures.
func (a *App) drawProduct(p *catalog.Product, variant int, size image.Point) (image.Image, error) {
	if p.Wearable() {
		worn, err := a.photoFronts.load(p)
		if err != nil {
			return nil, err
		}
		return a.parts.draw(worn, variant, size)
	}
	hash := bestPicture(p)
	if hash == "" || a.store == nil {
		return nil, nil
	}
	data, err := a.store.Picture(hash)
	if err != nil {
		return nil, err
	}
	img, err := camera.DecodeImage(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("picture of %s: %w", p.ID, err)
	}
	return within(img, size), nil
}

// bestPicture is the picture to show of a product; "": it has none.
func bestPicture(p *catalog.Product) string {
	if pictures := p.PicturesOf(catalog.Enhanced, catalog.CutOut, catalog.Original); len(pictures) > 0 {
		return pictures[0].Hash
	}
	return ""
}

// within shrinks a picture until it fits a size; it is never enlarged.
func within(img image.Image, size image.Point) image.Image {
	b := img.Bounds()
	scale := min(float64(size.X)/float64(b.Dx()), float64(size.Y)/float64(b.Dy()), 1)
	out := image.NewRGBA(image.Rect(0, 0, max(int(float64(b.Dx())*scale), 1), max(int(float64(b.Dy())*scale), 1)))
	draw.CatmullRom.Scale(out, out.Rect, img, b, draw.Src, nil)
	return out
}
