package render

import (
	"image"
	"math"

	"cheval/catalog"
	"cheval/tryon/eyewear"
	"cheval/tryon/perceive"

	"github.com/go-gl/mathgl/mgl32"
)

// scene is one drawing being made: everything in camera space (millimetres)
// and in pixels of a region of the picture. Its buffers are reused.
type scene struct {
	cam                   perceive.Camera
	origin                image.Point // of the region, in the picture
	rw, rh                int         // of the region
	w, h                  int         // of the drawing: the region's, or several times as large
	zoom                  float32     // so many times
	invF, left, top       float32     // (x+left)·z·invF is a region pixel's x at distance z
	lensBlock, solidBlock uint        // log2 of the pixels across that share one shading
	light                 lighting
	env                   *environment
	head                  *headDepth // nil: nothing hides the product

	v      vertices
	groups []group
	layers []int32 // groups by drawing order; the opaque ones first
	tris   []tri
	bins   bins
	out    planes  // as drawn
	small  planes  // averaged to the picture's pixels
	layer  *planes // which of the two counts

	origins           []mgl32.Vec3 // of each item's own space
	shade             shadeGrid
	keyMap, aroundMap shadowMap
}

// vertices of all items, by component.
type vertices struct {
	px, py, pz []float32 // camera space
	nx, ny, nz []float32 // camera space, unit
	u, v       []float32
	x, y, iz   []float32 // region pixels and 1/distance
	sx, sy     []int32   // the same in 1/subpixel, for the rasteriser
}

func (v *vertices) resize(n int) {
	for _, s := range []*[]float32{&v.px, &v.py, &v.pz, &v.nx, &v.ny, &v.nz, &v.u, &v.v, &v.x, &v.y, &v.iz} {
		*s = grow(*s, n)
	}
	v.sx, v.sy = grow(v.sx, n), grow(v.sy, n)
}

// grow returns s with length n and its content kept.
func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		t := make([]T, n, n+n/4)
		copy(t, s)
		return t
	}
	return s[:n]
}

// group is one part of one item, with what its shading needs.
type group struct {
	kind        eyewear.PartKind
	item        int
	mesh        *eyewear.Mesh
	part        eyewear.Part
	first       int // its first vertex in vertices, less part.VertexFirst
	mat         *material
	lens        *lensMaterial
	translucent bool
	depth       float32 // of its middle, mm before the camera
	// up maps a camera-space point to its height above the lenses' middle,
	// back to its distance behind the front: dot product plus the 4th.
	up, back mgl32.Vec4
	half     float32 // of the front's height, mm
	axis     vec
	temple   bool
	fade     fading
	frame    affine // the item's own space to camera space
}

// tri is a triangle to draw, wound so that its area on the picture is positive.
type tri struct {
	a, b, c uint32
	group   uint32
}

// addItem moves an item into camera space and lists its groups.
func (s *scene) addItem(it Item, r *Renderer) {
	m := it.Mesh
	base := len(s.v.px)
	s.v.resize(base + len(m.Positions))
	inv := it.Placement.Frame.Inv()
	frame := mat34(it.Placement.Frame)
	half := frontHalfHeight(m)
	for _, p := range m.Parts {
		g := group{kind: p.Kind, item: len(s.origins), frame: frame, mesh: m, part: p, first: base, half: half,
			up: inv.Row(1), back: inv.Row(2).Mul(-1), temple: isTemple(p.Kind), axis: toVec(frame.dir(mgl32.Vec3{0, 0, 1}).Normalize())}
		g.setSurface(it.Variant, r)
		s.transform(&g, frame, hingeOf(it, p.Kind))
		s.groups = append(s.groups, g)
	}
	s.origins = append(s.origins, frame.point(mgl32.Vec3{}))
}

func (g *group) setSurface(v *catalog.Variant, r *Renderer) {
	switch g.kind {
	case eyewear.LensLeft, eyewear.LensRight, eyewear.LensEdge:
		g.lens = r.lens(v.Lens)
		g.translucent = true
		return
	case eyewear.NosePad:
		g.mat = r.surface(silicone)
	case eyewear.Metalwork:
		g.mat = r.surface(v.MetalSurface())
	case eyewear.TempleLeft, eyewear.TempleRight:
		g.mat = r.surface(v.TempleSurface())
	case eyewear.TipLeft, eyewear.TipRight:
		g.mat = r.surface(v.TipSurface())
	default:
		g.mat = r.front(v)
	}
	g.translucent = g.mat.opacity < 0.999
}

// hinge is a temple's rotation about its vertical axis: none for other parts.
type hinge struct {
	x, z     float32
	cos, sin float32
	turns    bool
}

func hingeOf(it Item, k eyewear.PartKind) hinge {
	var at mgl32.Vec3
	var angle float32
	switch k {
	case eyewear.TempleLeft, eyewear.TipLeft: // opens towards -x: its tip, at -z, moves by -x
		at, angle = it.Mesh.HingeLeft, it.Placement.SplayLeft
	case eyewear.TempleRight, eyewear.TipRight:
		at, angle = it.Mesh.HingeRight, -it.Placement.SplayRight
	default:
		return hinge{}
	}
	s, c := math.Sincos(float64(angle))
	return hinge{x: at[0], z: at[2], cos: float32(c), sin: float32(s), turns: angle != 0}
}

// affine is a 3×4 transformation.
type affine [12]float32

func mat34(m mgl32.Mat4) affine {
	return affine{m[0], m[4], m[8], m[12], m[1], m[5], m[9], m[13], m[2], m[6], m[10], m[14]}
}

func (a *affine) point(p mgl32.Vec3) mgl32.Vec3 {
	return mgl32.Vec3{
		a[0]*p[0] + a[1]*p[1] + a[2]*p[2] + a[3],
		a[4]*p[0] + a[5]*p[1] + a[6]*p[2] + a[7],
		a[8]*p[0] + a[9]*p[1] + a[10]*p[2] + a[11],
	}
}

func (a *affine) dir(p mgl32.Vec3) mgl32.Vec3 {
	return mgl32.Vec3{
		a[0]*p[0] + a[1]*p[1] + a[2]*p[2],
		a[4]*p[0] + a[5]*p[1] + a[6]*p[2],
		a[8]*p[0] + a[9]*p[1] + a[10]*p[2],
	}
}

// minDepth keeps what is at or behind the camera out of the division.
const minDepth = 20

func (s *scene) transform(g *group, frame affine, h hinge) {
	v, m := &s.v, g.mesh
	lo, n := g.part.VertexFirst, g.part.VertexCount
	if n == 0 {
		return
	}
	a := h.before(frame)
	a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11 := a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9], a[10], a[11]
	unit := 1 / frame.dir(mgl32.Vec3{0, 0, 1}).Len()
	f, cx, cy := s.cam.F, s.cam.Cx, s.cam.Cy
	k := g.first + lo
	var mid float32
	for i, p := range m.Positions[lo : lo+n] {
		x := a0*p[0] + a1*p[1] + a2*p[2] + a3
		y := a4*p[0] + a5*p[1] + a6*p[2] + a7
		z := a8*p[0] + a9*p[1] + a10*p[2] + a11
		v.px[k+i], v.py[k+i], v.pz[k+i] = x, y, z
		d := max(-z, minDepth)
		iz := 1 / d
		v.x[k+i], v.y[k+i], v.iz[k+i] = cx+f*x*iz, cy-f*y*iz, iz
		mid += d
	}
	if g.kind == eyewear.LensLeft || g.kind == eyewear.LensRight {
		if c, ok := sphereOf(m.Positions[lo : lo+n]); ok {
			s.setSphere(k, n, a.point(c))
			n = 0 // its normals are known
		}
	}
	for i, d := range m.Normals[lo : lo+n] {
		v.nx[k+i] = (a0*d[0] + a1*d[1] + a2*d[2]) * unit
		v.ny[k+i] = (a4*d[0] + a5*d[1] + a6*d[2]) * unit
		v.nz[k+i] = (a8*d[0] + a9*d[1] + a10*d[2]) * unit
	}
	for i, t := range m.UV[lo : lo+g.part.VertexCount] {
		v.u[k+i], v.v[k+i] = t[0], t[1]
	}
	g.depth = mid / float32(g.part.VertexCount)
}

// setSphere makes normals of n vertices from k on those of a sphere.
func (s *scene) setSphere(k, n int, centre mgl32.Vec3) {
	v := &s.v
	inverse, mid := float32(0), n/2
	d := mgl32.Vec3{v.px[k+mid], v.py[k+mid], v.pz[k+mid]}.Sub(centre)
	inverse = 1 / d.Len()
	for i := k; i < k+n; i++ {
		v.nx[i], v.ny[i], v.nz[i] = (v.px[i]-centre[0])*inverse, (v.py[i]-centre[1])*inverse, (v.pz[i]-centre[2])*inverse
	}
}

// sphereOf fits a sphere to a lens's surface: normals averaged from the faces
// of a mesh would make the edges of reflections wavy. False where the surface
// is none, bulges backwards, or is flat.
func sphereOf(points []mgl32.Vec3) (centre mgl32.Vec3, ok bool) {
	if len(points) < 8 {
		return centre, false
	}
	o := points[0]
	var m [4][5]float64 // |p|² = 2c·p + k, p from the first point
	for _, p := range points {
		p = p.Sub(o)
		r := [4]float64{float64(p[0]), float64(p[1]), float64(p[2]), 1}
		q := r[0]*r[0] + r[1]*r[1] + r[2]*r[2]
		for i := range r {
			for j := range r {
				m[i][j] += r[i] * r[j]
			}
			m[i][4] += r[i] * q
		}
	}
	x := solve4(&m)
	c := mgl32.Vec3{float32(x[0] / 2), float32(x[1] / 2), float32(x[2] / 2)}
	radius := c.Sub(points[len(points)/2].Sub(o)).Len()
	if !(radius > 20 && radius < 1000) || c[2] > 0 {
		return centre, false
	}
	for i := 0; i < len(points); i += 1 + len(points)/32 {
		if abs(points[i].Sub(o).Sub(c).Len()-radius) > 0.1 {
			return centre, false
		}
	}
	return o.Add(c), true
}

// before is the hinge's turn followed by a.
func (h *hinge) before(a affine) affine {
	if !h.turns {
		return a
	}
	// x' = cos·(x-hx) + sin·(z-hz) + hx, z' = -sin·(x-hx) + cos·(z-hz) + hz.
	out := a
	for r := 0; r < 12; r += 4 {
		out[r] = a[r]*h.cos - a[r+2]*h.sin
		out[r+2] = a[r]*h.sin + a[r+2]*h.cos
		out[r+3] = a[r+3] + (a[r]-out[r])*h.x + (a[r+2]-out[r+2])*h.z
	}
	return out
}

// frontHalfHeight is half the height of the front, from its lenses' boxes.
func frontHalfHeight(m *eyewear.Mesh) float32 {
	var half float32 = 1
	for _, p := range m.Parts {
		if p.Kind != eyewear.Front && p.Kind != eyewear.LensLeft {
			continue
		}
		for _, q := range m.Positions[p.VertexFirst : p.VertexFirst+p.VertexCount] {
			half = max(half, abs(q[1]))
		}
	}
	return half
}

// at is vertex i in camera space.
func (v *vertices) at(i int) vec { return vec{v.px[i], v.py[i], v.pz[i]} }

// bounds is the rectangle of what is to be seen, in pixels.
func (s *scene) bounds() image.Rectangle {
	const inf = math.MaxFloat32
	x0, y0, x1, y1 := float32(inf), float32(inf), float32(-inf), float32(-inf)
	for i := range s.groups {
		g := &s.groups[i]
		from := g.first + g.part.VertexFirst
		for k := from; k < from+g.part.VertexCount; k++ {
			if g.fade.on && g.fade.gone(s.v.at(k)) {
				continue
			}
			x, y := s.v.x[k], s.v.y[k]
			x0, x1, y0, y1 = min(x0, x), max(x1, x), min(y0, y), max(y1, y)
		}
	}
	const far = 1 << 20
	if !(x0 <= x1 && x0 > -far && y0 > -far && x1 < far && y1 < far) {
		return image.Rectangle{}
	}
	return image.Rect(int(math.Floor(float64(x0)))-1, int(math.Floor(float64(y0)))-1,
		int(math.Ceil(float64(x1)))+2, int(math.Ceil(float64(y1)))+2)
}

// setRegion moves the projected vertices into the region r of the picture,
// which is drawn zoom times as large.
func (s *scene) setRegion(r image.Rectangle, zoom int) {
	s.origin, s.rw, s.rh = r.Min, r.Dx(), r.Dy()
	s.w, s.h, s.zoom = s.rw*zoom, s.rh*zoom, float32(zoom)
	dx, dy := float32(r.Min.X), float32(r.Min.Y)
	s.invF, s.left, s.top = 1/(s.cam.F*s.zoom), (dx-s.cam.Cx)*s.zoom, (dy-s.cam.Cy)*s.zoom
	const far = 1 << 14 // beyond any region; keeps the edge functions exact
	for i := range s.v.x {
		x, y := (s.v.x[i]-dx)*s.zoom, (s.v.y[i]-dy)*s.zoom
		s.v.x[i], s.v.y[i] = x, y
		s.v.sx[i] = int32(floor(clamp(x, -far, far)*subpixel + 0.5))
		s.v.sy[i] = int32(floor(clamp(y, -far, far)*subpixel + 0.5))
	}
}

func (s *scene) reset(cam perceive.Camera, env *environment, l lighting) {
	s.cam, s.env, s.light, s.head = cam, env, l, nil
	s.lensBlock, s.solidBlock = 0, 0
	s.groups, s.tris, s.origins = s.groups[:0], s.tris[:0], s.origins[:0]
	s.v.resize(0)
}

// right says whether the part belongs to the picture's right.
func (g *group) right() bool {
	return g.kind == eyewear.TempleRight || g.kind == eyewear.TipRight || g.kind == eyewear.LensRight
}
