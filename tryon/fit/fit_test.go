package fit

import (
	"math"
	"sync"
	"testing"

	"cheval/assets"
	"cheval/catalog"
	"cheval/models"
	"cheval/models/facegeometry"
	"cheval/tryon/eyewear"
	"cheval/tryon/perceive"

	"github.com/go-gl/mathgl/mgl32"
)

func geometry(t testing.TB) *facegeometry.Geometry {
	t.Helper()
	g, err := loadFace()
	if err != nil {
		t.Fatalf("the canonical face is needed: run `make models` (%v)", err)
	}
	return g
}

func readFace() (*facegeometry.Geometry, error) {
	store, err := models.OpenHome()
	if err != nil {
		return nil, err
	}
	b, err := store.Read("face_geometry")
	if err != nil {
		return nil, err
	}
	return facegeometry.Parse(b)
}

// personScale is a usual head's against the canonical face, whose iris is
// larger than 11.7 mm.
const personScale = 0.96

// neutral is the canonical face of that scale, turned and 600 mm away, with
// its millimetres known.
func neutral(t testing.TB, yaw, pitch, roll float32) *perceive.Face {
	t.Helper()
	f := &perceive.Face{Score: 1, Camera: perceive.Camera{F: 1000, Cx: 640, Cy: 360}}
	turn := mgl32.HomogRotate3DZ(mgl32.DegToRad(-roll)).
		Mul4(mgl32.HomogRotate3DX(mgl32.DegToRad(-pitch))).
		Mul4(mgl32.HomogRotate3DY(mgl32.DegToRad(yaw)))
	f.Pose = perceive.Pose{Yaw: yaw, Pitch: pitch, Roll: roll, Scale: personScale,
		Head: mgl32.Translate3D(20, -10, -600).Mul4(turn)}
	for i, v := range geometry(t).Vertices {
		f.Metric[i] = f.Pose.Head.Mul4x1(v.Mul(10 * personScale).Vec4(1)).Vec3()
	}
	f.Measure = perceive.Measure{Source: perceive.MeasureCard, PDmm: 58, PDFarmm: 60, PDErrormm: 1}
	return f
}

// eachProduct builds every product of the starter catalogue.
func eachProduct(t *testing.T, f func(t *testing.T, p *catalog.Product, m *eyewear.Mesh)) {
	t.Helper()
	for _, p := range shop(t).All() {
		t.Run(p.ID, func(t *testing.T) { f(t, p, built(t, p)) })
	}
}

func shop(t testing.TB) *catalog.Catalogue {
	t.Helper()
	c, err := loadShop()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// What all tests share is loaded and built once.
var (
	loadShop = sync.OnceValues(func() (*catalog.Catalogue, error) { return catalog.Load(assets.Catalogue()) })
	loadFace = sync.OnceValues(readFace)
	meshes   = map[string]*eyewear.Mesh{}
)

func built(t testing.TB, p *catalog.Product) *eyewear.Mesh {
	t.Helper()
	if meshes[p.ID] == nil {
		m, err := eyewear.Build(p.Eyewear)
		if err != nil {
			t.Fatal(err)
		}
		meshes[p.ID] = m
	}
	return meshes[p.ID]
}

func product(t testing.TB, id string) (*catalog.Eyewear, *eyewear.Mesh) {
	t.Helper()
	p := shop(t).Product(id)
	e := p.Eyewear
	return &e, built(t, p)
}

func TestLandmarkPairsMirrorEachOther(t *testing.T) {
	v := geometry(t).Vertices
	pairs := []pair{eyeOuter, eyeInner, templeAt, cheekAt, foreTemple}
	for _, row := range noseGrid {
		pairs = append(pairs, row[:]...)
	}
	for _, p := range pairs {
		a, b := v[p.right], v[p.left]
		if d := a.Sub(mgl32.Vec3{-b[0], b[1], b[2]}).Len(); d > 0.01 || a[0] < 0 {
			t.Errorf("%d is not the mirror image of %d on the right (off by %.3f cm)", p.right, p.left, d)
		}
	}
	for _, i := range midline {
		if math.Abs(float64(v[i][0])) > 0.01 {
			t.Errorf("%d is not on the midline", i)
		}
	}
}

func TestFrameRestsOnTheNose(t *testing.T) {
	f := neutral(t, 0, 0, 0)
	var h head
	h.set(f)
	eachProduct(t, func(t *testing.T, p *catalog.Product, m *eyewear.Mesh) {
		at := h.place(m, &p.Eyewear)
		sin, cos := sincos(at.pitch)
		least := float32(math.Inf(1))
		for _, c := range m.Contacts {
			c = pitched(c, sin, cos)
			if z, ok := h.surface(c[0]+skinGives, c[1]+at.y); ok {
				least = min(least, c[2]+at.z-z)
			}
		}
		if least < -0.1 || least > 2 {
			t.Errorf("the bridge stands %.2f mm off the nose, want 0 to 2 (what brow and cheek may lift it)", least)
		}
	})
}

func TestNothingReachesTheEyes(t *testing.T) {
	f := neutral(t, 0, 0, 0)
	var h head
	h.set(f)
	eachProduct(t, func(t *testing.T, p *catalog.Product, m *eyewear.Mesh) {
		at := h.place(m, &p.Eyewear)
		s := newSlide(&h, m, &p.Eyewear, at.pitch)
		if v := s.vertex(at.y, at.z); v < 9 || v > 18 {
			t.Errorf("vertex distance %.1f mm, want 9 to 18", v)
		}
		if d := s.intrusion(at.y, at.z); d > 0.05 {
			t.Errorf("brow or cheek stand %.2f mm in the front", d)
		}
		if up := h.eye[1] - at.y - s.centre[1]; up < -4 || up > 9 {
			t.Errorf("the pupil stands %.1f mm above the lens's middle", up)
		}
	})
}

func TestTemplesReachTheEars(t *testing.T) {
	f := neutral(t, 0, 0, 0)
	var h head
	h.set(f)
	eachProduct(t, func(t *testing.T, p *catalog.Product, m *eyewear.Mesh) {
		pl := Place(m, &p.Eyewear, f)
		toHead := h.toHead.Mul4(pl.Frame)
		for side, splay := range []float32{pl.SplayLeft, pl.SplayRight} {
			sign := float32(2*side - 1)
			// The inner lower edge, splayed about its hinge, where it passes the ear.
			hinge := toHead.Mul4x1(mgl32.Vec4{sign * m.HingeRight[0], m.HingeRight[1], m.HingeRight[2], 1})
			rel := m.TempleRest.Sub(m.HingeRight)
			s, c := sincos(splay)
			open := mgl32.Vec4{sign * (m.HingeRight[0] + rel[0]*c - rel[2]*s), m.HingeRight[1] + rel[1], m.HingeRight[2] + rel[2]*c + rel[0]*s, 1}
			rest := toHead.Mul4x1(open)
			k := (hinge[2] - h.ear[side][2]) / (hinge[2] - rest[2])
			at := hinge.Add(rest.Sub(hinge).Mul(k))
			out := sign*at[0] - sign*h.ear[side][0]
			pressed, slack := splay >= mgl32.DegToRad(maxSplayOut), splay <= -mgl32.DegToRad(maxSplayIn)
			if (out < -0.6 && !pressed) || (out > 6 && !slack) {
				t.Errorf("side %d passes the ear %.1f mm outside the head (splay %.1f°)", side, out, mgl32.RadToDeg(splay))
			}
			if up := at[1] - h.ear[side][1]; math.Abs(float64(up)) > 5 {
				t.Errorf("side %d passes %.1f mm above the ear's root", side, up)
			}
			if m.BendLength < (hinge[2]-h.ear[side][2])-12 {
				t.Errorf("side %d bends %.0f mm before the ear", side, hinge[2]-h.ear[side][2]-m.BendLength)
			}
		}
	})
}

// TestTheFrameTurnsWithTheHead: seen from any angle it sits in the same place.
func TestTheFrameTurnsWithTheHead(t *testing.T) {
	for _, id := range []string{"aria", "corso", "nimbus", "pista", "savoy"} {
		e, m := product(t, id)
		front := neutral(t, 0, 0, 0)
		want := front.Pose.Head.Inv().Mul4(Place(m, e, front).Frame)
		for yaw := float32(-60); yaw <= 60; yaw += 15 {
			f := neutral(t, yaw, yaw/6, -yaw/4)
			got := f.Pose.Head.Inv().Mul4(Place(m, e, f).Frame)
			for i := range got {
				if math.Abs(float64(got[i]-want[i])) > 0.05 {
					t.Errorf("%s at yaw %.0f: the frame moves in the head:\n%v\nwant\n%v", id, yaw, got, want)
					break
				}
			}
		}
	}
}

func TestBlinkingAndSpeakingMoveNothing(t *testing.T) {
	e, m := product(t, "aria")
	f := neutral(t, 10, 0, 0)
	want := Place(m, e, f)
	for _, i := range []int{159, 145, 386, 374, 13, 14, 17, 61, 291, 152, 70, 105, 334, 300, 468, 473} {
		f.Metric[i] = f.Metric[i].Add(mgl32.Vec3{2, -6, 1})
	}
	if got := Place(m, e, f); got != want {
		t.Errorf("placed at %v, before at %v", got, want)
	}
}

func TestASmallTremorMovesTheFrameLittle(t *testing.T) {
	e, m := product(t, "lune")
	f := neutral(t, 0, 0, 0)
	want := Place(m, e, f).Frame.Col(3)
	for i := range f.Metric {
		a := float64(i)
		f.Metric[i] = f.Metric[i].Add(mgl32.Vec3{0.1 * float32(math.Sin(a)), 0.1 * float32(math.Cos(3*a)), 0})
	}
	if d := Place(m, e, f).Frame.Col(3).Sub(want).Vec3().Len(); d > 0.4 {
		t.Errorf("landmarks that tremble by 0.1 mm move the frame by %.2f mm", d)
	}
}

func TestAWiderBridgeSitsLowerOrCloser(t *testing.T) {
	f := neutral(t, 0, 0, 0)
	var h head
	h.set(f)
	e, _ := product(t, "strada")
	var first, last stand
	for i, bridge := range []float32{15, 17, 19, 21} {
		v := *e
		v.Bridge, v.FrontWidth = bridge, e.FrontWidth+bridge-e.Bridge
		m, err := eyewear.Build(v)
		if err != nil {
			t.Fatal(err)
		}
		at := h.place(m, &v)
		if i == 0 {
			first, last = at, at
		}
		if at.y > last.y+0.3 || at.z > last.z+0.3 {
			t.Errorf("with a bridge of %g mm the frame stands at y %.1f z %.1f, with a narrower one at %.1f %.1f",
				bridge, at.y, at.z, last.y, last.z)
		}
		last = at
	}
	if first.y+first.z < last.y+last.z+2 {
		t.Errorf("the narrowest bridge stands at y %.1f z %.1f, the widest at %.1f %.1f", first.y, first.z, last.y, last.z)
	}
}

func TestWidthIsJudged(t *testing.T) {
	e, _ := product(t, "aria")
	f := neutral(t, 0, 0, 0)
	var h head
	h.set(f)
	for _, c := range []struct {
		off  float32
		want Band
	}{{-11, TooTight}, {-8, Narrow}, {-5, Good}, {0, Good}, {5, Good}, {8, Wide}, {11, TooFar}} {
		v := *e
		v.LensWidth, v.Bridge = 46, 18
		v.FrontWidth = h.width() + c.off
		m, err := eyewear.Build(v)
		if err != nil {
			t.Fatal(err)
		}
		r := Judge(m, &v, f)
		if !r.Known || r.Width != c.want || math.Abs(float64(r.Widthmm-c.off)) > 0.01 {
			t.Errorf("a front %+.0f mm is judged %s (%+.2f mm), want %s", c.off, r.Width, r.Widthmm, c.want)
		}
		if gravity(r.Overall) < gravity(r.Width) {
			t.Errorf("overall %s is better than its width, %s", r.Overall, r.Width)
		}
	}
}

// TestTenMillimetresTooWideLooksTenMillimetresTooWide measures in camera space.
func TestTenMillimetresTooWideLooksTenMillimetresTooWide(t *testing.T) {
	e, _ := product(t, "aria")
	f := neutral(t, 0, 0, 0)
	var got [2]float32
	for i, more := range []float32{0, 10} {
		v := *e
		v.FrontWidth += more
		m, err := eyewear.Build(v)
		if err != nil {
			t.Fatal(err)
		}
		frame := Place(m, &v, f).Frame
		lo, hi := float32(math.Inf(1)), float32(math.Inf(-1))
		for _, p := range m.Parts {
			if p.Kind != eyewear.Front {
				continue
			}
			for _, q := range m.Positions[p.VertexFirst : p.VertexFirst+p.VertexCount] {
				x := frame.Mul4x1(q.Vec4(1))[0]
				lo, hi = min(lo, x), max(hi, x)
			}
		}
		got[i] = hi - lo
	}
	if math.Abs(float64(got[1]-got[0]-10)) > 0.1 || math.Abs(float64(got[0]-e.FrontWidth)) > 0.1 {
		t.Errorf("fronts measure %.2f and %.2f mm before the camera, want %.0f and 10 more", got[0], got[1], e.FrontWidth)
	}
}

func TestFitIsRefusedWithoutMillimetres(t *testing.T) {
	e, m := product(t, "aria")
	f := neutral(t, 0, 0, 0)
	f.Measure = perceive.Measure{Why: "too far"}
	if r := Judge(m, e, f); r.Known || r.Why != "too far" || r.FaceWidthmm != 0 || r.Overall != "" {
		t.Errorf("judged without millimetres: %+v", r)
	}
}

func TestErrorFollowsTheMeasure(t *testing.T) {
	e, m := product(t, "aria")
	f := neutral(t, 0, 0, 0)
	card := Judge(m, e, f).ErrorMM
	f.Measure = perceive.Measure{Source: perceive.MeasureIris, PDmm: 58, PDErrormm: 2.7}
	iris := Judge(m, e, f).ErrorMM
	if card < 3 || card > 5.5 || iris < 6 || iris > 8 {
		t.Errorf("±%.1f mm with a card, ±%.1f mm by the iris", card, iris)
	}
}

func TestFittingAllocatesNothing(t *testing.T) {
	e, m := product(t, "aria")
	f := neutral(t, 0, 0, 0)
	var r Report
	if n := testing.AllocsPerRun(20, func() { Place(m, e, f); r.Set(m, e, f) }); n > 0 {
		t.Errorf("%g allocations", n)
	}
}

func BenchmarkPlace(b *testing.B) {
	e, m := product(b, "aria")
	f := neutral(b, 0, 0, 0)
	b.ReportAllocs()
	for b.Loop() {
		Place(m, e, f)
	}
}
