// Command pairs is the Go half of making the refiner's truth (pairs.py is the
// other): it puts eyewear on a head that is known exactly, and makes the
// refiner's input from what the mirror draws of it.
//
//	go run ./tools/pairs place DIR...
//	go run ./tools/pairs draw DIR...
//	go run ./tools/pairs geometry
//
// geometry prints the canonical face, for landmarks.py. Each DIR holds scene.json. place writes the product's parts in camera space
// with their materials, and which crop is looked at. draw reads frame.png (the
// head without) and truth.png (path-traced with the product), and writes
// drawn.png and the network's planes.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"

	"cheval/assets"
	"cheval/catalog"
	"cheval/models"
	"cheval/models/facegeometry"
	"cheval/tryon"
	"cheval/tryon/eyewear"
	"cheval/tryon/fit"
	"cheval/tryon/perceive"
	"cheval/tryon/render"
)

// scene is one head before the camera, and what it wears.
type scene struct {
	Width     int          `json:"width"`
	Height    int          `json:"height"`
	Focal     float32      `json:"focal"`
	Product   string       `json:"product"`
	Variant   int          `json:"variant"`
	Landmarks [][3]float32 `json:"landmarks"` // 468, camera space, mm
	Irises    [][3]float32 `json:"irises"`    // 2, left in the picture first
}

func main() {
	if len(os.Args) < 2 || os.Args[1] != "geometry" && (len(os.Args) == 2 || os.Args[1] != "place" && os.Args[1] != "draw") {
		fmt.Fprintln(os.Stderr, "pairs: say place or draw and the scenes' folders, or geometry")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "pairs:", err)
		os.Exit(1)
	}
}

func run(what string, folders []string) error {
	store, err := models.OpenHome()
	if err != nil {
		return err
	}
	geometry, err := tryon.ReadGeometry(store)
	if err != nil {
		return err
	}
	if what == "geometry" {
		return json.NewEncoder(os.Stdout).Encode(map[string]any{"vertices": geometry.Vertices, "triangles": geometry.Triangles})
	}
	shop, err := catalog.Load(assets.Catalogue())
	if err != nil {
		return err
	}
	w := &work{geometry: geometry, shop: shop, renderer: render.New(geometry), meshes: map[string]*eyewear.Mesh{}}
	do := w.place
	if what == "draw" {
		do = w.draw
	}
	for _, dir := range folders {
		if err := do(dir); err != nil {
			return fmt.Errorf("%s %s: %w", what, dir, err)
		}
	}
	return nil
}

// work is what all scenes share.
type work struct {
	geometry *facegeometry.Geometry
	shop     *catalog.Catalogue
	renderer *render.Renderer
	meshes   map[string]*eyewear.Mesh
	faces    int // seen so far: each is a stranger to the renderer
}

// dressed is a scene's head with its product.
type dressed struct {
	scene scene
	face  *perceive.Face
	item  render.Item
}

func (w *work) open(dir string) (*dressed, error) {
	b, err := os.ReadFile(filepath.Join(dir, "scene.json"))
	if err != nil {
		return nil, err
	}
	d := &dressed{}
	if err := json.Unmarshal(b, &d.scene); err != nil {
		return nil, err
	}
	p := w.shop.Product(d.scene.Product)
	if p == nil || d.scene.Variant < 0 || d.scene.Variant >= len(p.Variants) {
		return nil, fmt.Errorf("the starter catalogue has no %s in variant %d", d.scene.Product, d.scene.Variant)
	}
	m := w.meshes[p.ID]
	if m == nil {
		if m, err = eyewear.Build(p.Eyewear); err != nil {
			return nil, err
		}
		w.meshes[p.ID] = m
	}
	if d.face, err = faceOf(&d.scene, w.geometry); err != nil {
		return nil, err
	}
	w.faces++
	d.face.ID = w.faces
	d.item = render.Item{Mesh: m, Variant: &p.Variants[d.scene.Variant], Placement: fit.Place(m, &p.Eyewear, d.face)}
	return d, nil
}

// dress draws the scene's product over img and fills g.
func (w *work) dress(d *dressed, img *image.RGBA, light render.Light, g *render.Guide) error {
	w.renderer.DrawAll(img, render.Wearer{Face: d.face, Light: light, Guide: g, Items: []render.Item{d.item}})
	if !g.Drawn {
		return errors.New("nothing of the product lies in the picture")
	}
	return nil
}

func readPicture(path string, w, h int) (*image.RGBA, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	src, err := png.Decode(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if src.Bounds().Size() != image.Pt(w, h) {
		return nil, fmt.Errorf("%s is %v, want %d by %d", path, src.Bounds().Size(), w, h)
	}
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(img, img.Rect, src, src.Bounds().Min, draw.Src)
	return img, nil
}

func writeJSON(path string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return os.WriteFile(path, b, 0o644)
}
