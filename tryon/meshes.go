package tryon

import (
	"fmt"
	"slices"
	"sync"

	"cheval/catalog"
	"cheval/tryon/eyewear"
)

// maxMeshes bounds the meshes that are kept: a starter catalogue fits thrice.
const maxMeshes = 96

// meshes keeps the mesh of every product that was worn lately. Colours share
// one mesh. Any goroutine may use it.
type meshes struct {
	mu   sync.Mutex
	kept map[*catalog.Product]keptMesh
}

// keptMesh is a mesh and the measures it was built from, so that a product
// that was edited in the studio gets a new one.
type keptMesh struct {
	spec catalog.Eyewear
	mesh *eyewear.Mesh
}

// of returns the mesh of what is worn, or a sentence about what is wrong with it.
func (c *meshes) of(w Worn) (*eyewear.Mesh, error) {
	if w.Product == nil {
		return nil, fmt.Errorf("tryon: a look without a product")
	}
	if w.Variant < 0 || w.Variant >= len(w.Product.Variants) {
		return nil, fmt.Errorf("tryon: product %s has no variant %d, only 0 to %d", w.Product.ID, w.Variant, len(w.Product.Variants)-1)
	}
	if m := c.get(w.Product); m != nil {
		return m, nil
	}
	m, err := eyewear.Build(w.Product.Eyewear) // takes 30 ms and more: others go on meanwhile
	if err != nil {
		return nil, fmt.Errorf("tryon: build %s: %w", w.Product.ID, err)
	}
	return c.put(w.Product, m), nil
}

// get returns the mesh of p if it is kept.
func (c *meshes) get(p *catalog.Product) *eyewear.Mesh {
	c.mu.Lock()
	defer c.mu.Unlock()
	if k, ok := c.kept[p]; ok && sameSpec(&k.spec, &p.Eyewear) {
		return k.mesh
	}
	return nil
}

// put keeps a mesh and returns it.
func (c *meshes) put(p *catalog.Product, m *eyewear.Mesh) *eyewear.Mesh {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil || len(c.kept) >= maxMeshes {
		c.kept = map[*catalog.Product]keptMesh{}
	}
	spec := p.Eyewear
	spec.Outline, spec.Contour = slices.Clone(spec.Outline), slices.Clone(spec.Contour)
	c.kept[p] = keptMesh{spec, m}
	return m
}

// sameSpec says whether two specs build the same mesh.
func sameSpec(a, b *catalog.Eyewear) bool {
	return a.Shape == b.Shape && a.Material == b.Material && a.LensWidth == b.LensWidth && a.LensHeight == b.LensHeight &&
		a.Bridge == b.Bridge && a.Temple == b.Temple && a.FrontWidth == b.FrontWidth && a.Rim == b.Rim &&
		a.Thickness == b.Thickness && a.Wrap == b.Wrap && a.Tilt == b.Tilt && a.TempleDrop == b.TempleDrop && a.NosePads == b.NosePads &&
		a.BridgeStyle == b.BridgeStyle && a.HalfRim == b.HalfRim &&
		a.TempleMaterial == b.TempleMaterial && a.TempleHeight == b.TempleHeight &&
		slices.Equal(a.Outline, b.Outline) && slices.Equal(a.Contour, b.Contour)
}
