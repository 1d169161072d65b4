package render

import (
	"image"
	"math"

	"cheval/models/facegeometry"
	"cheval/tryon/eyewear"
	"cheval/tryon/perceive"

	"github.com/go-gl/mathgl/mgl32"
)

const (
	faceVertices = 468
	skullRings   = 7
)

// headModel is a face mesh closed to a head: what is fixed of it.
type headModel struct {
	face    [][3]uint16 // triangles of the face mesh
	outline []uint16    // its border, in order around the face
	skull   [][3]uint16 // triangles behind it; vertices after the face's, ring by ring
}

func newHeadModel(g *facegeometry.Geometry) *headModel {
	h := &headModel{face: g.Triangles, outline: borderOf(g.Triangles)}
	n := len(h.outline)
	at := func(ring, i int) uint16 {
		i %= n
		if ring == 0 {
			return h.outline[i]
		}
		return uint16(faceVertices + (ring-1)*n + i)
	}
	for r := range skullRings {
		for i := range n {
			h.skull = append(h.skull,
				[3]uint16{at(r, i+1), at(r, i), at(r+1, i)}, [3]uint16{at(r, i+1), at(r+1, i), at(r+1, i+1)})
		}
	}
	return h
}

// borderOf follows the edges that only one triangle has.
func borderOf(triangles [][3]uint16) []uint16 {
	edges := map[[2]uint16]bool{}
	for _, t := range triangles {
		for k := range 3 {
			edges[[2]uint16{t[k], t[(k+1)%3]}] = true
		}
	}
	next := map[uint16]uint16{}
	first := uint16(math.MaxUint16)
	for e := range edges {
		if !edges[[2]uint16{e[1], e[0]}] {
			next[e[0]] = e[1]
			first = min(first, e[0])
		}
	}
	var loop []uint16
	for v, ok := first, true; ok && len(loop) <= len(next); v, ok = next[v] {
		if len(loop) > 0 && v == first {
			break
		}
		loop = append(loop, v)
	}
	return loop
}

// Proportions of a skull, against the size of the canonical face (millimetres
// at scale 1; origin and axes of head space). Lengths agree with the mean head
// of ISO/TS 16976-2: 192 mm from the glabella to the back, 152 mm wide, 223 mm
// from the chin to the top.
var (
	skullCentre = mgl32.Vec3{0, 38, -38}
	skullRadii  = mgl32.Vec3{76, 98, 96} // across is taken from the face's own width
)

// Landmarks of the face's outline, left in the picture first.
var (
	templePoints = [2]int{127, 356} // at the height of the eyes
	tragusPoints = [2]int{234, 454} // before the ears
)

// earBehind is how far the root of the ear (otobasion superius) lies behind
// the mesh's last points before it: the temple of a frame bends there, some
// 95 mm behind its hinge.
const earBehind = 21

// head is one person's head in one frame, in camera space. Its buffers are reused.
type head struct {
	model  *headModel
	p, n   []mgl32.Vec3 // the face's vertices, then the skull's
	ear    [2]float32   // where temples vanish behind the ear: head space -z, left and right
	behind mgl32.Vec4   // maps camera space to head space -z
	scale  float32
	skin   []float32 // 1 on the face, falling to 0 over the skull
}

func (h *head) set(m *headModel, f *perceive.Face) {
	h.model = m
	n := len(m.outline)
	total := faceVertices + skullRings*n
	h.p, h.n, h.skin = grow(h.p, total), grow(h.n, total), grow(h.skin, total)
	copy(h.p, f.Metric[:faceVertices])
	inv := f.Pose.Head.Inv()
	h.behind = inv.Row(2).Mul(-1)
	h.scale = f.Pose.Scale
	if !(h.scale > 0.2) {
		h.scale = 1
	}
	h.setSkull(mat34(f.Pose.Head), mat34(inv))
	a := mat34(inv)
	for k := range h.ear {
		z := min(a.point(h.p[templePoints[k]])[2], a.point(h.p[tragusPoints[k]])[2])
		h.ear[k] = earBehind*h.scale - z
	}
	h.setNormals()
}

// setSkull continues the face's outline over an ellipsoid to the back of the
// head: each point keeps its own distance from the ellipsoid at first, so that
// skull and face meet without a step.
func (h *head) setSkull(out, in affine) {
	outline := h.model.outline
	n := len(outline)
	centre, radii := skullCentre.Mul(h.scale), skullRadii.Mul(h.scale)
	wide := in.point(h.p[templePoints[1]])[0] - in.point(h.p[templePoints[0]])[0]
	radii[0] = clamp(wide/2, 0.8*radii[0], 1.2*radii[0])
	centre[0] = (in.point(h.p[templePoints[1]])[0] + in.point(h.p[templePoints[0]])[0]) / 2
	back := mgl32.Vec3{0, -0.12, -1}.Normalize()
	for i, o := range outline {
		h.skin[o] = 1
		d := in.point(h.p[o]).Sub(centre)
		// Directions are taken in the space where the ellipsoid is a sphere.
		q := mgl32.Vec3{d[0] / radii[0], d[1] / radii[1], d[2] / radii[2]}
		reach := q.Len()
		q = q.Mul(1 / max(reach, 1e-3))
		angle := float32(math.Acos(float64(clamp(q.Dot(back), -1, 1))))
		sin := max(float32(math.Sin(float64(angle))), 1e-3)
		for r := 1; r <= skullRings; r++ {
			t := float32(r) / skullRings
			a := float32(math.Sin(float64((1-t)*angle))) / sin
			b := float32(math.Sin(float64(t*angle))) / sin
			e := q.Mul(a).Add(back.Mul(b)).Mul(1 + (reach-1)*(1-t)*(1-t))
			k := faceVertices + (r-1)*n + i
			h.p[k] = out.point(centre.Add(mgl32.Vec3{e[0] * radii[0], e[1] * radii[1], e[2] * radii[2]}))
			h.skin[k] = clamp(1-2*t, 0, 1)
		}
	}
	for i := range faceVertices {
		h.skin[i] = 1
	}
}

func (h *head) setNormals() {
	clear(h.n)
	for _, list := range [2][][3]uint16{h.model.face, h.model.skull} {
		for _, t := range list {
			a, b, c := h.p[t[0]], h.p[t[1]], h.p[t[2]]
			n := b.Sub(a).Cross(c.Sub(a))
			for _, k := range t {
				h.n[k] = h.n[k].Add(n)
			}
		}
	}
	for i, n := range h.n {
		if l := n.Len(); l > 1e-9 {
			h.n[i] = n.Mul(1 / l)
		}
	}
}

// headDepth is the head as the camera sees it, over the region and a border
// around it, in cells of about a millimetre: 1/distance (0 where there is no
// head), and how much of the key and the ambient light a shadow may take from
// the skin there.
type headDepth struct {
	cell        int // pixels
	inv         float32
	w, h        int // with the border
	iz          []float32
	key, around []float32
}

// headBorder is the border's width in cells.
const headBorder = 2

func (d *headDepth) reset(w, h int, pxPerMM float32) {
	d.cell = int(clamp(pxPerMM*1.1, 1, 8))
	d.inv = 1 / float32(d.cell)
	d.w, d.h = w/d.cell+1+2*headBorder, h/d.cell+1+2*headBorder
	n := d.w * d.h
	d.iz, d.key, d.around = grow(d.iz, n), grow(d.key, n), grow(d.around, n)
	clear(d.iz)
	clear(d.key)
	clear(d.around)
}

// headPoint is a head's vertex on the picture, in cells.
type headPoint struct{ x, y, iz, key, around float32 }

// draw rasterises a head, whose points hold the weights of their shadows.
func (d *headDepth) draw(h *head, cam perceive.Camera, origin image.Point, pts []headPoint) {
	f := cam.F * d.inv
	cx, cy := (cam.Cx-float32(origin.X))*d.inv+headBorder, (cam.Cy-float32(origin.Y))*d.inv+headBorder
	for i := range pts {
		p := h.p[i]
		iz := 1 / max(-p[2], minDepth)
		pts[i].x, pts[i].y, pts[i].iz = cx+f*p[0]*iz, cy-f*p[1]*iz, iz
	}
	for _, list := range [2][][3]uint16{h.model.face, h.model.skull} {
		for _, t := range list {
			d.triangle(&pts[t[0]], &pts[t[2]], &pts[t[1]])
		}
	}
}

// triangle draws one that faces the camera, a cell's middle being its sample.
func (d *headDepth) triangle(a, b, c *headPoint) {
	area := (b.x-a.x)*(c.y-a.y) - (c.x-a.x)*(b.y-a.y)
	if !(area > 1e-6) {
		return
	}
	x0, x1 := max(int(min(a.x, b.x, c.x)), 0), min(int(max(a.x, b.x, c.x)), d.w-1)
	y0, y1 := max(int(min(a.y, b.y, c.y)), 0), min(int(max(a.y, b.y, c.y)), d.h-1)
	if x0 > x1 || y0 > y1 {
		return
	}
	k := 1 / area
	bx, by := (c.y-a.y)*k, -(c.x-a.x)*k // weight of b by x, y
	cx, cy := -(b.y-a.y)*k, (b.x-a.x)*k
	zx, zy := bx*(b.iz-a.iz)+cx*(c.iz-a.iz), by*(b.iz-a.iz)+cy*(c.iz-a.iz)
	const eps = -1e-4 // neighbours overlap by a hair rather than leave a gap
	for y := y0; y <= y1; y++ {
		dx, dy := float32(x0)+0.5-a.x, float32(y)+0.5-a.y
		wb, wc := bx*dx+by*dy, cx*dx+cy*dy
		z := a.iz + zx*dx + zy*dy
		row := y * d.w
		for x := x0; x <= x1; x++ {
			if wb >= eps && wc >= eps && wb+wc <= 1-eps && z > d.iz[row+x] {
				d.iz[row+x] = z
				d.key[row+x] = a.key + (b.key-a.key)*wb + (c.key-a.key)*wc
				d.around[row+x] = a.around + (b.around-a.around)*wb + (c.around-a.around)*wc
			}
			wb += bx
			wc += cx
			z += zx
		}
	}
}

// Slack is how far, in millimetres, a part may lie under the head's surface
// before it is hidden: the mesh is only so true, and the front always rests on
// the face.
const (
	frontSlack  = 9
	templeSlack = 4
	slackSoft   = 3
)

// reach is the least and the greatest 1/distance in and about a tile of size
// pixels at (ox, oy).
func (d *headDepth) reach(ox, oy, size int) (far, near float32) {
	x0, x1 := max(ox/d.cell+headBorder-1, 0), min((ox+size)/d.cell+headBorder+2, d.w)
	y0, y1 := max(oy/d.cell+headBorder-1, 0), min((oy+size)/d.cell+headBorder+2, d.h)
	far = math.MaxFloat32
	for y := y0; y < y1; y++ {
		for _, iz := range d.iz[y*d.w+x0 : y*d.w+x1] {
			far, near = min(far, iz), max(near, iz)
		}
	}
	return far, near
}

// slackOf is how far behind the head's surface a group may lie unharmed.
func (s *scene) slackOf(g *group) float32 {
	if g.temple {
		return templeSlack - slackSoft
	}
	return frontSlack - slackSoft
}

// visible says how much of a part at depth z mm and region pixel (x, y) the
// head leaves to be seen, 0..1: the comparison is made in the four cells
// around and blended, so that the edge is as soft as the head's own outline.
func (d *headDepth) visible(x, y, z float32, k eyewear.PartKind) float32 {
	slack := float32(frontSlack)
	if isTemple(k) {
		slack = templeSlack
	}
	x, y = x*d.inv+headBorder-0.5, y*d.inv+headBorder-0.5
	ix, iy := int(x), int(y)
	i := iy*d.w + ix
	p, q := d.iz[i:i+2:i+2], d.iz[i+d.w:i+d.w+2:i+d.w+2]
	near := 1 / (z - slack + slackSoft) // heads behind this hide nothing
	if p[0] <= near && p[1] <= near && q[0] <= near && q[1] <= near {
		return 1
	}
	fx, fy := x-float32(ix), y-float32(iy)
	lit := func(iz float32) float32 {
		if iz <= near {
			return 1
		}
		return 1 - smoothstep(slack-slackSoft, slack+slackSoft, z-1/iz)
	}
	return mix2(lit(p[0]), lit(p[1]), lit(q[0]), lit(q[1]), fx, fy)
}

// fading takes a temple out of sight where it passes behind the ear, or under
// the hair before it.
type fading struct {
	on      bool
	behind  mgl32.Vec4 // camera space to head space -z
	end     float32    // mm, where nothing is left
	inverse float32    // 1/mm over which it fades
}

func (f *fading) visible(p vec) float32 {
	return ease((f.end - p.plane(f.behind)) * f.inverse)
}

// gone says whether nothing is left at p.
func (f *fading) gone(p vec) bool { return p.plane(f.behind) >= f.end }
