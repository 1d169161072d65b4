// Command renders writes pictures of the starter catalogue's eyewear, seen from
// several sides, for the picture encoder to learn from:
//
//	go run ./tools/renders DIR
//
// Files are named PRODUCT_VARIANT_VIEW.png, 128x128 on white.
package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"

	"cheval/assets"
	"cheval/catalog"
	"cheval/tryon/eyewear"
	"cheval/tryon/render"
)

// edge is the pictures' size, that of a normalised product in models/training.
const edge = 128

// views are yaw and pitch in degrees.
var views = [][2]float32{{0, 0}, {-28, -6}, {28, -6}, {-12, -14}, {40, -3}, {-45, -10}}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "renders: give the folder to write to")
		os.Exit(2)
	}
	if err := renderAll(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "renders:", err)
		os.Exit(1)
	}
}

func renderAll(dir string) error {
	shop, err := catalog.Load(assets.Catalogue())
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, p := range shop.All() {
		if err := renderProduct(dir, p); err != nil {
			return fmt.Errorf("%s: %w", p.ID, err)
		}
	}
	return nil
}

func renderProduct(dir string, p *catalog.Product) error {
	mesh, err := eyewear.Build(p.Eyewear)
	if err != nil {
		return err
	}
	for v := range p.Variants {
		for i, view := range views {
			picture := render.Picture(mesh, p.Eyewear, &p.Variants[v], render.PictureOptions{
				W: edge, H: edge, Yaw: view[0], Pitch: view[1],
				Background: color.NRGBA{255, 255, 255, 255}, Bare: true,
			})
			name := filepath.Join(dir, fmt.Sprintf("%s_%d_%d.png", p.ID, v, i))
			if err := write(name, picture); err != nil {
				return err
			}
		}
	}
	return nil
}

func write(name string, picture image.Image) error {
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		return err
	}
	return os.WriteFile(name, b.Bytes(), 0o644)
}
