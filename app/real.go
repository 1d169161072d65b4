package app

import (
	"context"
	"fmt"
	"image"
	"time"

	"fyne.io/fyne/v2"

	"cheval/camera"
	"cheval/catalog"
	"cheval/models"
	"cheval/studio/publish"
	"cheval/tryon/eyewear"
	"cheval/tryon/render"
)

// realParts are what the program itself is put together from.
func realParts(o Options) (parts, error) {
	p := parts{
		mirror:  func(s Settings) (Mirror, error) { return openMirror(o.Home, s) },
		draw:    drawPicture,
		preview: newWornPreview(o.Home),
		heads:   func(ctx context.Context) (headDrawer, error) { return openHeads(ctx, o.Home) },
		cameras: camera.List,
		fonts:   loadFonts,
		now:     time.Now,
		onUI:    fyne.Do,
	}
	if o.Shots == "" {
		p.openStore = openShopStore
		return p, nil
	}
	stock, err := starterStock() // the demo is the same in every shop
	if err != nil {
		return parts{}, fmt.Errorf("open the catalogue: %w", err)
	}
	p.catalogue = stock
	return p, nil
}

// drawPicture photographs a product for a card: turned a little, on nothing.
func drawPicture(p *catalog.Product, variant int, size image.Point) (image.Image, error) {
	mesh, err := eyewear.Build(p.Eyewear)
	if err != nil {
		return nil, fmt.Errorf("draw %s: %w", p.ID, err)
	}
	return render.Picture(mesh, p.Eyewear, &p.Variants[variant],
		render.PictureOptions{W: size.X, H: size.Y, Yaw: -24, Pitch: -6}), nil
}

// openHeads opens the heads that products are compared on.
func openHeads(ctx context.Context, home string) (headDrawer, error) {
	files, err := models.OpenStore(home)
	if err != nil {
		return nil, err
	}
	return publish.OpenHeads(ctx, files)
}
