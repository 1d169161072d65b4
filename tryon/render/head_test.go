package render

import (
	"image/color"
	"testing"

	"cheval/catalog"
	"cheval/tryon/eyewear"

	"github.com/go-gl/mathgl/mgl32"
)

// glowing is a frame that shows up against everything.
var glowing = catalog.Variant{
	Frame: catalog.Surface{Base: color.NRGBA{0, 255, 0, 255}, Roughness: 1},
	Lens:  catalog.Lens{Transmission: 1},
}

// green counts the pixels in which the glowing frame is seen, left and right
// of column mid.
func green(g interface{ RGBAAt(x, y int) color.RGBA }, mid int) (left, right int) {
	for y := range 720 {
		for x := range 1280 {
			if p := g.RGBAAt(x, y); p.G > 150 && p.R < 120 {
				if x < mid {
					left++
				} else {
					right++
				}
			}
		}
	}
	return left, right
}

// only keeps one part of a mesh.
func only(m *eyewear.Mesh, kinds ...eyewear.PartKind) *eyewear.Mesh {
	out := *m
	out.Parts = nil
	for _, p := range m.Parts {
		for _, k := range kinds {
			if p.Kind == k {
				out.Parts = append(out.Parts, p)
			}
		}
	}
	return &out
}

// rear keeps what of a mesh lies more than mm behind its hinges.
func rear(m *eyewear.Mesh, mm float32) *eyewear.Mesh {
	out := *m
	out.Triangles, out.Parts = nil, nil
	for _, p := range m.Parts {
		q := p
		q.First = len(out.Triangles)
		for _, t := range m.Triangles[p.First : p.First+p.Count] {
			if m.Positions[t[0]][2] < m.HingeRight[2]-mm {
				out.Triangles = append(out.Triangles, t)
			}
		}
		q.Count = len(out.Triangles) - q.First
		out.Parts = append(out.Parts, q)
	}
	return &out
}

func TestTheFarTempleVanishesBehindTheHead(t *testing.T) {
	g := geometry(t)
	for _, yaw := range []float32{35, 45, 60} { // the face turns right: its right temple is the far one
		face := canonicalFace(g, 300, yaw, 0)
		it := worn(t, face, pantoSpec, &glowing)
		seen := func(kind eyewear.PartKind) int {
			img := flat(1280, 720, 40, 40, 40)
			part := it
			part.Mesh = rear(only(it.Mesh, kind), 35)
			New(g).Draw(img, face, Light{}, part)
			l, r := green(img, 640)
			return l + r
		}
		near, far := seen(eyewear.TempleLeft), seen(eyewear.TempleRight)
		if near < 300 || far > 0 {
			t.Errorf("yaw %g: %d pixels of the near temple's rear and %d of the far one's are seen", yaw, near, far)
		}
	}
}

func TestTheTempleEndsAtTheEar(t *testing.T) {
	g := geometry(t)
	face := canonicalFace(g, 300, 55, 0)
	it := worn(t, face, pantoSpec, &glowing)
	it.Mesh = only(it.Mesh, eyewear.TempleLeft)
	img := flat(1280, 720, 188, 150, 130) // all skin: no hair
	before := flat(1280, 720, 188, 150, 130)
	New(g).Draw(img, face, Light{}, it)
	// Along the temple's middle line, 10 mm before the ear's root it is seen, 8
	// behind it not.
	var h head
	h.set(newHeadModel(g), face)
	inv := face.Pose.Head.Inv()
	look := func(behind float32) bool {
		// The temple's own vertices at that depth say where it is.
		for _, p := range it.Mesh.Parts {
			for _, v := range it.Mesh.Positions[p.VertexFirst : p.VertexFirst+p.VertexCount] {
				h := hingeOf(it, p.Kind)
				turned := h.before(mat34(it.Placement.Frame))
				q := mgl32.TransformCoordinate(turned.point(v), inv)
				if abs(-q[2]-behind) > 4 {
					continue
				}
				c := face.Camera.Project(turned.point(v))
				if img.RGBAAt(int(c[0]), int(c[1])).G > before.RGBAAt(int(c[0]), int(c[1])).G+40 {
					return true
				}
			}
		}
		return false
	}
	if !look(h.ear[0] - 12) {
		t.Error("the temple is not seen before the ear")
	}
	if look(h.ear[0] + 9) {
		t.Error("the temple is seen behind the ear")
	}
}

func TestAHeadBeforeAnotherHidesItsGlasses(t *testing.T) {
	g := geometry(t)
	front, back := canonicalFace(g, 320, 0, 0), canonicalFace(g, 160, 0, 0)
	img := flat(1280, 720, 40, 40, 40)
	r := New(g)
	r.DrawAll(img,
		Wearer{Face: front},
		Wearer{Face: back, Items: []Item{worn(t, back, pantoSpec, &glowing)}})
	if l, rr := green(img, 640); l+rr > 0 {
		t.Errorf("%d pixels of glasses are seen through the head before them", l+rr)
	}
	if !r.DrawAll(img, Wearer{Face: front}).Empty() {
		t.Error("a person who wears nothing is drawn on")
	}
}

func TestTheSkullClosesTheFaceOutwards(t *testing.T) {
	g := geometry(t)
	m := newHeadModel(g)
	if len(m.outline) != 36 {
		t.Fatalf("the outline has %d points, want MediaPipe's 36", len(m.outline))
	}
	face := canonicalFace(g, 300, 0, 0)
	var h head
	h.set(m, face)
	inside := face.Pose.Head.Col(3).Vec3()
	for _, tri := range m.skull {
		a, b, c := h.p[tri[0]], h.p[tri[1]], h.p[tri[2]]
		n := b.Sub(a).Cross(c.Sub(a))
		if n.Len() > 1 && n.Dot(a.Sub(inside)) < 0 {
			t.Fatalf("triangle %v of the skull faces inwards", tri)
		}
	}
}
