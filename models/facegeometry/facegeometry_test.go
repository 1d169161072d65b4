package facegeometry

import (
	"math"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"cheval/models/modelstest"
)

// pyramid is a small face: a tip before four corners, three of which place it.
func pyramid() []byte {
	return message(
		[]float32{
			-1, -1, 0, 0, 1,
			1, -1, 0, 1, 1,
			1, 1, 0, 1, 0,
			-1, 1, 0, 0, 0,
			0, 0, 1.5, 0.5, 0.5,
		},
		[]uint64{0, 1, 4, 1, 2, 4, 2, 3, 4, 3, 0, 4},
		[]weightedRef{{0, 0.25}, {1, 0.25}, {4, 0.5}},
	)
}

func message(vertices []float32, indices []uint64, basis []weightedRef) []byte {
	var mesh []byte
	mesh = protowire.AppendTag(mesh, fieldVertexType, protowire.VarintType)
	mesh = protowire.AppendVarint(mesh, 0)
	for _, v := range vertices {
		mesh = protowire.AppendTag(mesh, fieldVertices, protowire.Fixed32Type)
		mesh = protowire.AppendFixed32(mesh, math.Float32bits(v))
	}
	for _, i := range indices {
		mesh = protowire.AppendTag(mesh, fieldIndices, protowire.VarintType)
		mesh = protowire.AppendVarint(mesh, i)
	}
	b := protowire.AppendTag(nil, fieldMesh, protowire.BytesType)
	b = protowire.AppendBytes(b, mesh)
	for _, w := range basis {
		ref := protowire.AppendTag(nil, fieldLandmark, protowire.VarintType)
		ref = protowire.AppendVarint(ref, w.landmark)
		ref = protowire.AppendTag(ref, fieldWeight, protowire.Fixed32Type)
		ref = protowire.AppendFixed32(ref, math.Float32bits(w.weight))
		b = protowire.AppendTag(b, fieldBasis, protowire.BytesType)
		b = protowire.AppendBytes(b, ref)
	}
	b = protowire.AppendTag(b, 3, protowire.VarintType) // input source
	return protowire.AppendVarint(b, 1)
}

func TestParse(t *testing.T) {
	g, err := Parse(pyramid())
	if err != nil {
		t.Fatal(err)
	}
	if len(g.Vertices) != 5 || len(g.UV) != 5 || len(g.Triangles) != 4 || len(g.Basis) != 3 {
		t.Fatalf("got %d vertices, %d uv, %d triangles, %d weights", len(g.Vertices), len(g.UV), len(g.Triangles), len(g.Basis))
	}
	if got := g.Vertices[4]; got != [3]float32{0, 0, 1.5} {
		t.Errorf("vertex 4 = %v", got)
	}
	if got := g.UV[1]; got != [2]float32{1, 1} {
		t.Errorf("uv 1 = %v", got)
	}
	if got := g.Triangles[3]; got != [3]uint16{3, 0, 4} {
		t.Errorf("triangle 3 = %v", got)
	}
	if got := g.Basis[2]; got != (Weight{4, 0.5}) {
		t.Errorf("weight 2 = %v", got)
	}
}

func TestParsePacked(t *testing.T) {
	var floats, ints []byte
	for range 15 {
		floats = protowire.AppendFixed32(floats, math.Float32bits(0.5))
	}
	for i := range uint64(3) {
		ints = protowire.AppendVarint(ints, i)
	}
	mesh := protowire.AppendBytes(protowire.AppendTag(nil, fieldVertices, protowire.BytesType), floats)
	mesh = protowire.AppendBytes(protowire.AppendTag(mesh, fieldIndices, protowire.BytesType), ints)
	b := protowire.AppendBytes(protowire.AppendTag(nil, fieldMesh, protowire.BytesType), mesh)
	b = append(b, message(nil, nil, []weightedRef{{0, 1}, {1, 1}, {2, 1}})...)
	g, err := Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	if len(g.Vertices) != 3 || g.Triangles[0] != [3]uint16{0, 1, 2} {
		t.Errorf("got %v, %v", g.Vertices, g.Triangles)
	}
}

func TestParseRefuses(t *testing.T) {
	five := []float32{0, 0, 0, 0, 0}
	three := append(append(append([]float32{}, five...), five...), five...)
	with := func(i int, v float32) []float32 {
		out := append([]float32{}, three...)
		out[i] = v
		return out
	}
	weights := []weightedRef{{0, 1}, {1, 1}, {2, 1}}
	nan := float32(math.NaN())
	for _, c := range []struct {
		name string
		b    []byte
		say  string
	}{
		{"empty", nil, "empty"},
		{"text", []byte("not a message at all"), ""},
		{"truncated", pyramid()[:40], ""},
		{"enormous", make([]byte, maxBytes+1), "more than"},
		{"no mesh", message(nil, nil, weights), "vertices"},
		{"a number too few", message(three[:14], []uint64{0, 1, 2}, weights), "vertices"},
		{"not a number", message(with(0, nan), []uint64{0, 1, 2}, weights), "vertex 0"},
		{"far away", message(with(6, 1e9), []uint64{0, 1, 2}, weights), "vertex 1"},
		{"off the texture", message(with(3, -0.5), []uint64{0, 1, 2}, weights), "texture"},
		{"half a triangle", message(three, []uint64{0, 1}, weights), "triangles"},
		{"vertex that is not there", message(three, []uint64{0, 1, 3}, weights), "vertex 3 of 3"},
		{"index beyond 32 bits", message(three, []uint64{0, 1, 1 << 40}, weights), "of 3"},
		{"no basis", message(three, []uint64{0, 1, 2}, nil), "place a head"},
		{"landmark that is not there", message(three, []uint64{0, 1, 2}, []weightedRef{{0, 1}, {1, 1}, {9, 1}}), "landmark 9"},
		{"no weight", message(three, []uint64{0, 1, 2}, []weightedRef{{0, 1}, {1, 1}, {2, 0}}), "weight"},
		{"weight not a number", message(three, []uint64{0, 1, 2}, []weightedRef{{0, 1}, {1, 1}, {2, nan}}), "weight"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g, err := Parse(c.b)
			if err == nil {
				t.Fatalf("accepted: %+v", g)
			}
			if g != nil || !strings.Contains(err.Error(), c.say) {
				t.Errorf("got %v, %q", g, err)
			}
		})
	}
}

// TestInstalled reads the canonical face as installed and holds what
// perceive builds on: a face that looks along +z, upright, mirror-symmetric.
func TestInstalled(t *testing.T) {
	g, err := Parse(modelstest.Read(t, "face_geometry"))
	if err != nil {
		t.Fatal(err)
	}
	if len(g.Vertices) != 468 || len(g.Triangles) != 898 || len(g.Basis) != 33 {
		t.Fatalf("got %d vertices, %d triangles, %d weights", len(g.Vertices), len(g.Triangles), len(g.Basis))
	}
	tip, chin, brow := g.Vertices[1], g.Vertices[152], g.Vertices[10]
	if !(tip.Z() > chin.Z() && tip.Z() > brow.Z() && brow.Y() > tip.Y() && tip.Y() > chin.Y()) {
		t.Errorf("nose %v, chin %v, forehead %v: not an upright face towards +z", tip, chin, brow)
	}
	if !(g.UV[10].Y() < g.UV[1].Y() && g.UV[1].Y() < g.UV[152].Y()) {
		t.Error("texture coordinates do not grow down the face")
	}
	// The outer corners of the eyes: 33 at the picture's left.
	l, r := g.Vertices[33], g.Vertices[263]
	if l.X() >= 0 || math.Abs(float64(l.X()+r.X())) > 1e-3 || math.Abs(float64(l.Y()-r.Y())) > 1e-3 {
		t.Errorf("eye corners %v and %v are not mirror images", l, r)
	}
	var sum float32
	for _, w := range g.Basis {
		sum += w.Value
	}
	if math.Abs(float64(sum)-1.055) > 1e-4 {
		t.Errorf("weights sum to %v", sum)
	}
	var facing float32
	for _, tr := range g.Triangles {
		a, b, c := g.Vertices[tr[0]], g.Vertices[tr[1]], g.Vertices[tr[2]]
		facing += b.Sub(a).Cross(c.Sub(a)).Z()
	}
	if facing <= 0 {
		t.Errorf("triangles wind clockwise seen from outside (%v)", facing)
	}
}

func FuzzFaceGeometry(f *testing.F) {
	whole := pyramid()
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add([]byte{0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Fuzz(func(t *testing.T, b []byte) {
		g, err := Parse(b)
		if err != nil {
			return
		}
		for _, tr := range g.Triangles {
			for _, i := range tr {
				_ = g.Vertices[i]
			}
		}
		for _, w := range g.Basis {
			_ = g.Vertices[w.Landmark]
		}
	})
}
