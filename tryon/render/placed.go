package render

import (
	"cheval/catalog"
	"cheval/tryon/eyewear"

	"github.com/go-gl/mathgl/mgl32"
)

// PlacedPart is one part of an item where Draw puts it, with what Draw knows of
// its material: for whoever makes the same scene with another renderer. Colours
// are linear RGB.
type PlacedPart struct {
	Kind      eyewear.PartKind
	Positions []mgl32.Vec3 // camera space, mm
	Normals   []mgl32.Vec3 // camera space, unit
	UV        []mgl32.Vec2 // as in eyewear.Mesh
	Triangles [][3]uint32  // of this part's vertices
	// Colours are the base colour at each vertex, of a lens what it lets through.
	Colours [][3]float32
	// Lens says that the part is one; Reflect is what it reflects head-on.
	Lens    bool
	Reflect [3]float32
	// Opacity under 1 is transparent acetate.
	Opacity, Metallic, Roughness float32
	// Period is the length in mm after which a pattern repeats in u and v, 0
	// where the vertices' colours tell all; Pattern is its colour.
	Period  float32
	Pattern func(u, v float32) [3]float32
}

// Placed returns the parts of an item as Draw places them.
func (r *Renderer) Placed(it Item) []PlacedPart {
	var s scene
	s.addItem(it, r)
	var parts []PlacedPart
	for i := range s.groups {
		if s.groups[i].part.VertexCount > 0 {
			parts = append(parts, s.placed(&s.groups[i]))
		}
	}
	return parts
}

func (s *scene) placed(g *group) PlacedPart {
	out := PlacedPart{Kind: g.kind}
	for _, t := range g.mesh.Triangles[g.part.First : g.part.First+g.part.Count] {
		for k := range t {
			t[k] -= uint32(g.part.VertexFirst)
		}
		out.Triangles = append(out.Triangles, t)
	}
	for k := range g.part.VertexCount {
		i := g.first + g.part.VertexFirst + k
		out.Positions = append(out.Positions, mgl32.Vec3{s.v.px[i], s.v.py[i], s.v.pz[i]})
		out.Normals = append(out.Normals, mgl32.Vec3{s.v.nx[i], s.v.ny[i], s.v.nz[i]})
		out.UV = append(out.UV, mgl32.Vec2{s.v.u[i], s.v.v[i]})
		out.Colours = append(out.Colours, s.colourAt(g, i))
	}
	if g.lens != nil {
		out.Lens, out.Reflect = true, g.lens.reflect.array()
		return out
	}
	m := g.mat
	out.Opacity, out.Metallic, out.Roughness = m.opacity, m.metallic, m.roughness
	out.Pattern = func(u, v float32) [3]float32 { return m.albedo(u, v, 0, g.half, 0).array() }
	switch m.pattern {
	case catalog.Tortoise:
		out.Period = tortoiseCells / m.invScale
	case catalog.Striped:
		out.Period = 1 / m.invScale
	}
	return out
}

// colourAt is the base colour of a part's vertex, of a lens what it lets through.
func (s *scene) colourAt(g *group, i int) [3]float32 {
	if g.lens != nil {
		return g.lens.at(s.v.v[i]).array()
	}
	return g.mat.albedo(s.v.u[i], s.v.v[i], s.v.at(i).plane(g.up), g.half, 0).array()
}
