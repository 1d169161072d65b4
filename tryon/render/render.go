// Package render draws placed eyewear into a frame on the CPU: a rasteriser
// with four samples a pixel, an occluding head, materials lit as the face is
// lit, lenses that tint and reflect, a contact shadow; blended in linear light.
// docs/rendering.md explains the model.
//
// It leaves to others where the frame sits (fit) and its shape (eyewear).
package render

import (
	"image/color"
	"sync"

	"cheval/catalog"
	"cheval/models/facegeometry"
	"cheval/tryon/eyewear"
	"cheval/tryon/fit"
)

// Item is one product on a face.
type Item struct {
	Mesh      *eyewear.Mesh
	Variant   *catalog.Variant
	Placement fit.Placement
}

// Renderer draws eyewear. It owns its buffers, which grow to what the largest
// picture needs and are then reused: nothing is allocated per frame. It is for
// one goroutine at a time; several renderers may work at once.
type Renderer struct {
	model    *headModel
	curves   *curves
	scene    scene
	tile     tile
	heads    []head // one a wearer
	points   []headPoint
	depth    headDepth
	soft     softener
	grain    grain
	order    []int
	hair     [hairFaces]hairState
	clock    int
	surfaces map[catalog.Surface]*material
	lenses   map[catalog.Lens]*lensMaterial
	photos   map[photoKey]*material
}

// New returns a renderer for faces of that geometry. With nil it draws without
// heads: nothing is hidden behind them or shaded on them.
func New(geometry *facegeometry.Geometry) *Renderer {
	r := &Renderer{
		curves:   sharedCurves(),
		surfaces: map[catalog.Surface]*material{},
		lenses:   map[catalog.Lens]*lensMaterial{},
		photos:   map[photoKey]*material{},
	}
	if geometry != nil {
		r.model = newHeadModel(geometry)
		shopEnvironment() // takes 0.1 s, which the first frame should not
	}
	return r
}

// silicone is what nose pads are made of.
var silicone = catalog.Surface{Base: color.NRGBA{214, 216, 214, 46}, Roughness: 0.3}

// maxMaterials bounds what is kept of products seen: a catalogue's worth.
const maxMaterials = 512

// surface returns s made ready, from memory after the first time.
func (r *Renderer) surface(s catalog.Surface) *material {
	m := r.surfaces[s]
	if m == nil {
		if len(r.surfaces) >= maxMaterials {
			clear(r.surfaces)
		}
		m = newMaterial(s)
		r.surfaces[s] = m
	}
	return m
}

func (r *Renderer) lens(l catalog.Lens) *lensMaterial {
	m := r.lenses[l]
	if m == nil {
		if len(r.lenses) >= maxMaterials {
			clear(r.lenses)
		}
		m = newLens(l)
		r.lenses[l] = m
	}
	return m
}

var (
	shopEnvironment   = sync.OnceValue(func() *environment { return newEnvironment(&shopRoom) })
	studioEnvironment = sync.OnceValue(func() *environment { return newEnvironment(&studioRoom) })
)
