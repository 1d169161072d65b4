package eyewear

import (
	"maps"
	"math"
	"testing"

	"cheval/assets"
	"cheval/catalog"

	"github.com/go-gl/mathgl/mgl32"
)

// specs are frames of every construction.
var specs = map[string]catalog.Eyewear{
	"panto keyhole":   {Shape: catalog.Panto, Material: catalog.Acetate, LensWidth: 49, LensHeight: 44, Bridge: 21, Temple: 145, FrontWidth: 140, Rim: 4, Thickness: 4.2, Wrap: 5, Tilt: 8, TempleDrop: 12, BridgeStyle: catalog.Keyhole},
	"square saddle":   {Shape: catalog.Square, Material: catalog.Acetate, LensWidth: 53, LensHeight: 42, Bridge: 18, Temple: 145, FrontWidth: 144, Rim: 5, Thickness: 4.5, Wrap: 5, Tilt: 8, TempleDrop: 13},
	"cat-eye":         {Shape: catalog.CatEye, Material: catalog.Acetate, LensWidth: 53, LensHeight: 40, Bridge: 17, Temple: 140, Rim: 4, Thickness: 4.2, Wrap: 5, Tilt: 8, TempleDrop: 16},
	"aviator":         {Shape: catalog.Aviator, Material: catalog.Metal, LensWidth: 58, LensHeight: 50, Bridge: 14, Temple: 140, Rim: 1.2, Thickness: 1.8, Wrap: 6, Tilt: 9, TempleDrop: 16, NosePads: true},
	"hexagon":         {Shape: catalog.Geometric, Material: catalog.Metal, LensWidth: 50, LensHeight: 45, Bridge: 20, Temple: 145, FrontWidth: 138, Rim: 1.1, Thickness: 1.8, Wrap: 4, Tilt: 8, TempleDrop: 12, NosePads: true},
	"rimless":         {Shape: catalog.Oval, Material: catalog.Rimless, LensWidth: 52, LensHeight: 36, Bridge: 18, Temple: 140, Thickness: 2, Wrap: 4, Tilt: 8, TempleDrop: 8, NosePads: true},
	"browline":        {Shape: catalog.Browline, Material: catalog.Acetate, LensWidth: 51, LensHeight: 40, Bridge: 20, Temple: 145, Rim: 5, Thickness: 3.6, Wrap: 5, Tilt: 8, TempleDrop: 14, NosePads: true},
	"sport half rim":  {Shape: catalog.Sport, Material: catalog.Acetate, LensWidth: 62, LensHeight: 40, Bridge: 16, Temple: 130, Rim: 4, Thickness: 4, Wrap: 16, Tilt: 8, TempleDrop: 10, HalfRim: true},
	"metal half rim":  {Shape: catalog.Rectangle, Material: catalog.Metal, LensWidth: 54, LensHeight: 34, Bridge: 18, Temple: 145, Rim: 1.6, Thickness: 2, Wrap: 5, Tilt: 8, TempleDrop: 8, HalfRim: true, NosePads: true},
	"metal temples":   {Shape: catalog.Round, Material: catalog.Acetate, LensWidth: 47, LensHeight: 46, Bridge: 22, Temple: 145, FrontWidth: 136, Rim: 3, Thickness: 4, Wrap: 4, Tilt: 8, TempleDrop: 10, TempleMaterial: catalog.Metal},
	"drawn by points": {Shape: catalog.Round, Material: catalog.Acetate, LensWidth: 50, LensHeight: 40, Bridge: 19, Temple: 145, Rim: 4, Thickness: 4, Wrap: 5, Tilt: 8, TempleDrop: 9, Outline: [][2]float32{{1, 0.2}, {0.8, 0.8}, {0, 1}, {-0.8, 0.9}, {-1, 0.3}, {-0.8, -0.6}, {0, -1}, {0.7, -0.7}}},
}

// starter returns the starter catalogue.
func starter(t *testing.T) *catalog.Catalogue {
	t.Helper()
	c, err := catalog.Load(assets.Catalogue())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// eachSpec builds the frames above and all of the starter catalogue.
func eachSpec(t *testing.T, f func(t *testing.T, e catalog.Eyewear, m *Mesh)) {
	t.Helper()
	all := maps.Clone(specs)
	for _, p := range starter(t).All() {
		all[p.ID] = p.Eyewear
	}
	for name, e := range all {
		t.Run(name, func(t *testing.T) { f(t, e, built(t, name, e)) })
	}
}

// meshes are built once for all tests.
var meshes = map[string]*Mesh{}

func built(t *testing.T, name string, e catalog.Eyewear) *Mesh {
	t.Helper()
	if meshes[name] == nil {
		m, err := Build(e)
		if err != nil {
			t.Fatal(err)
		}
		meshes[name] = m
	}
	return meshes[name]
}

// untilted returns a point of the mesh with the pantoscopic tilt undone.
func untilted(e catalog.Eyewear, p mgl32.Vec3) vec3 {
	s, c := math.Sincos(radians(float64(e.Tilt)))
	x, y, z := float64(p[0]), float64(p[1]), float64(p[2])
	return vec3{x, y*c + z*s, z*c - y*s}
}

func TestBoxingMeasuresAreTheProducts(t *testing.T) {
	eachSpec(t, func(t *testing.T, e catalog.Eyewear, m *Mesh) {
		var inner [2]float64
		for i, kind := range []PartKind{LensLeft, LensRight} {
			w, h, nasal := lensBox(e, m, kind)
			near(t, "lens width", w, float64(e.LensWidth))
			near(t, "lens height", h, float64(e.LensHeight))
			inner[i] = nasal
		}
		near(t, "bridge", inner[1]-inner[0], float64(e.Bridge))
		near(t, "front width", frontWidth(m), float64(e.Overall()))
		near(t, "temple", templeLength(m), float64(e.Temple))
	})
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 0.1 {
		t.Errorf("%s measures %.3f mm on the mesh, want %.3f", what, got, want)
	}
}

// lensBox measures a lens in the plane of its box, and its nasal edge's x.
func lensBox(e catalog.Eyewear, m *Mesh, kind PartKind) (w, h, nasal float64) {
	side := 1.0
	if kind == LensLeft {
		side = -1
	}
	s, c := math.Sincos(radians(float64(e.Wrap)) * side)
	lo, hi := vec2{1e9, 1e9}, vec2{-1e9, -1e9}
	for _, p := range m.Parts {
		if p.Kind != kind {
			continue
		}
		for _, v := range m.Positions[p.VertexFirst : p.VertexFirst+p.VertexCount] {
			q := untilted(e, v)
			u := vec2{q[0]*c - q[2]*s, q[1]}
			for k := range u {
				lo[k], hi[k] = min(lo[k], u[k]), max(hi[k], u[k])
			}
		}
	}
	// The nasal edge of the box, on its plane.
	edge := lo[0]
	centre := untilted(e, m.LensCentre[1])
	if kind == LensLeft {
		edge, centre = hi[0], untilted(e, m.LensCentre[0])
	}
	return hi[0] - lo[0], hi[1] - lo[1], edge*c + (centre[0]*s+centre[2]*c)*s
}

func frontWidth(m *Mesh) float64 {
	w := float32(0)
	for _, p := range m.Parts {
		if p.Kind == Front || p.Kind == Metalwork {
			for _, v := range m.Positions[p.VertexFirst : p.VertexFirst+p.VertexCount] {
				w = max(w, v[0])
			}
		}
	}
	return 2 * float64(w)
}

// templeLength is the right temple's length along its middle line, which its
// surface coordinates count.
func templeLength(m *Mesh) float64 {
	kind, start := TempleRight, -0.7 // it reaches into the front
	for _, p := range m.Parts {
		if p.Kind == TipRight {
			kind, start = TipRight, float64(m.BendLength)-tipCover
		}
	}
	end := float32(0)
	for _, p := range m.Parts {
		if p.Kind == kind {
			for _, uv := range m.UV[p.VertexFirst : p.VertexFirst+p.VertexCount] {
				end = max(end, uv[0])
			}
		}
	}
	return start + float64(end)
}

func TestSolidsAreClosedAndFaceOutwards(t *testing.T) {
	eachSpec(t, func(t *testing.T, _ catalog.Eyewear, m *Mesh) {
		for _, p := range m.Parts {
			if p.Kind == LensLeft || p.Kind == LensRight {
				continue
			}
			if open := openEdges(m, p); open > 0 {
				t.Errorf("part of kind %d has %d open edges", p.Kind, open)
			}
			for i, v := range solidVolumes(m, p) {
				if v <= 0 {
					t.Errorf("solid %d of kind %d is inside out (%.2f mm³)", i, p.Kind, v)
				}
			}
		}
	})
}

func place(v mgl32.Vec3) cell {
	return cellOf(vec3{float64(v[0]), float64(v[1]), float64(v[2])}.Mul(0.1))
}

// openEdges counts edges that are not passed once in each direction.
func openEdges(m *Mesh, p Part) int {
	type edge [2]cell
	passed := map[edge]int{}
	for _, t := range m.Triangles[p.First : p.First+p.Count] {
		for k := range t {
			a, b := place(m.Positions[t[k]]), place(m.Positions[t[(k+1)%3]])
			if a == b {
				continue
			}
			passed[edge{a, b}]++
			passed[edge{b, a}]--
		}
	}
	open := 0
	for _, n := range passed {
		if n > 0 {
			open += n
		}
	}
	return open
}

// solidVolumes splits a part into its connected solids.
func solidVolumes(m *Mesh, p Part) []float64 {
	parent := map[cell]cell{}
	var find func(c cell) cell
	find = func(c cell) cell {
		q, ok := parent[c]
		if !ok || q == c {
			return c
		}
		r := find(q)
		parent[c] = r
		return r
	}
	tris := m.Triangles[p.First : p.First+p.Count]
	for _, t := range tris {
		a := find(place(m.Positions[t[0]]))
		for k := 1; k < 3; k++ {
			if b := find(place(m.Positions[t[k]])); b != a {
				parent[b] = a
			}
		}
	}
	volumes := map[cell]float64{}
	for _, t := range tris {
		a, b, c := m.Positions[t[0]], m.Positions[t[1]], m.Positions[t[2]]
		volumes[find(place(a))] += float64(a.Dot(b.Cross(c))) / 6
	}
	var out []float64
	for _, v := range volumes {
		out = append(out, v)
	}
	return out
}

func TestMeshIsSound(t *testing.T) {
	eachSpec(t, func(t *testing.T, _ catalog.Eyewear, m *Mesh) {
		if n := len(m.Triangles); n < 4000 || n > 10000 {
			t.Errorf("%d triangles", n)
		}
		for i, n := range m.Normals {
			if math.Abs(float64(n.Len())-1) > 1e-3 {
				t.Fatalf("normal %d has length %g", i, n.Len())
			}
		}
		at, vertex := 0, 0
		for _, p := range m.Parts {
			if p.First != at || p.VertexFirst != vertex {
				t.Fatalf("parts leave a gap at triangle %d", at)
			}
			at, vertex = at+p.Count, vertex+p.VertexCount
			for _, tri := range m.Triangles[p.First : p.First+p.Count] {
				for _, v := range tri {
					if int(v) < p.VertexFirst || int(v) >= vertex {
						t.Fatalf("a triangle of kind %d uses a vertex of another part", p.Kind)
					}
				}
			}
		}
		if at != len(m.Triangles) || vertex != len(m.Positions) {
			t.Error("parts do not cover the mesh")
		}
	})
}
