package app

import (
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"time"

	"fyne.io/fyne/v2"

	"cheval/camera"
	"cheval/catalog"
	"cheval/catalog/store"
	"cheval/models"
	"cheval/studio/publish"
	"cheval/tryon/eyewear"
	"cheval/tryon/render"
)

// realParts are what the program itself is put together from.
func realParts(o Options) (parts, error) {
	p := parts{
		mirror:   func(s Settings) (Mirror, error) { return openMirror(o.Home, s) },
		draw:     drawPicture,
		preview:  newWornPreview(o.Home),
		heads:    func(ctx context.Context) (headDrawer, error) { return openHeads(ctx, o.Home) },
		cameras:  camera.List,
		fonts:    loadFonts,
		now:      time.Now,
		onUI:     fyne.Do,
		garments: func(device string) (garmentMaker, error) { return openDesignDesk(o.Home, device, o.Version) },
		looks:    func(ctx context.Context, s *store.Store) (int, error) { return updateLooks(ctx, o.Home, s) },
		sound:    openDevices,
	}
	p.openStore = openShopStore
	if o.Shots != "" {
		p.openStore = openDemoStore
	}
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

// openDemoStore opens a store of the demo's own, with the starter products: the
// demo is the same in every shop, and changes nothing there.
func openDemoStore(string) (*store.Store, error) {
	home, err := os.MkdirTemp("", "cheval-demo-")
	if err != nil {
		return nil, fmt.Errorf("open the demo's catalogue: %w", err)
	}
	s, err := openShopStore(home)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(home))
	}
	return s, nil
}

// openHeads opens the heads that products are compared on.
func openHeads(ctx context.Context, home string) (headDrawer, error) {
	files, err := models.OpenStore(home)
	if err != nil {
		return nil, err
	}
	return publish.OpenHeads(ctx, files)
}
