package render

import (
	"image"
	"math"
	"time"

	"cheval/tryon/eyewear"
)

// Guide is what a refining network is told of the product besides its pixels:
// its coverage, depth and normals in the cells of a crop around it. Drawing a
// Wearer that has one fills it; it may be used again and then allocates nothing.
//
// The crop is a grid of W×H square cells over the picture, fixed to the product
// rather than to pixels, so that it glides with it. It may reach beyond the
// picture. Planes are row-major, W·H long, and hold means over each cell.
type Guide struct {
	W, H int // cells; set before drawing

	// Drawn says whether anything of the product lies in the picture; if not,
	// the rest means nothing.
	Drawn bool
	// X and Y are the upper left corner of the first cell, in the picture's
	// pixels, and Cell is a cell's edge in pixels.
	X, Y, Cell float32
	// Width is the product's width in cells where it stands.
	Width float32
	// Share is how much of a cell the product covers, frame and lenses alike,
	// less what the head hides, 0..1.
	Share []float32
	// Pass is how much of the light from behind comes through, in luminance,
	// 0..1: 1 beside the product, 0 behind an opaque frame.
	Pass []float32
	// Depth is the distance behind the product's nearest point, in units of
	// 100 mm, times Share.
	Depth []float32
	// Normal is the surface's normal in camera space (x to the picture's right,
	// y up, z to the viewer), one plane a component, times Share.
	Normal [3][]float32

	// Took is how long filling it took.
	Took time.Duration

	box     image.Rectangle // of the cells that the product may cover
	samples []guideSample
}

const (
	// guideFine samples a cell's side.
	guideFine = 2
	// guideTail is where the temples' ends begin, mm behind the front: nothing of
	// them is seen behind the ear, so they do not widen the crop.
	guideTail = 105
	// GuideMargin is how far the crop reaches beyond the product, in parts of
	// its width: what it shades and reflects in lies within 16 mm of 140.
	GuideMargin = 0.135
	guideDepth  = 0.01 // of a plane, per mm
)

// guideSample is what is seen at one point.
type guideSample struct {
	iz, opaque float32 // 1/distance of the nearest surface, and of the opaque one
	tri, group uint32  // the nearest triangle and the last translucent group, from 1
	seen, pass float32
}

// aim lays the grid around the product, while its vertices are in the
// picture's pixels.
func (g *Guide) aim(s *scene) {
	x0, y0, x1, y1 := float32(math.MaxFloat32), float32(math.MaxFloat32), float32(-math.MaxFloat32), float32(-math.MaxFloat32)
	var width float32
	for i := range s.groups {
		gr := &s.groups[i]
		mm := s.cam.F / max(-s.origins[gr.item][2], minDepth)
		from := gr.part.VertexFirst
		for k, p := range gr.mesh.Positions[from : from+gr.part.VertexCount] {
			if p[2] < -guideTail {
				continue
			}
			x, y := s.v.x[gr.first+from+k], s.v.y[gr.first+from+k]
			x0, x1, y0, y1 = min(x0, x), max(x1, x), min(y0, y), max(y1, y)
			width = max(width, 2*mm*abs(p[0]))
		}
	}
	const far = 1 << 20
	g.Took = 0
	g.Drawn = g.W > 0 && g.H > 0 && x0 <= x1 && x0 > -far && y0 > -far && x1 < far && y1 < far && width > 0
	if !g.Drawn {
		return
	}
	w, h := x1-x0+2*GuideMargin*width, y1-y0+2*GuideMargin*width
	g.Cell = max(w/float32(g.W), h/float32(g.H))
	g.X = (x0+x1)/2 - g.Cell*float32(g.W)/2
	g.Y = (y0+y1)/2 - g.Cell*float32(g.H)/2
	g.Width = width / g.Cell
	g.box = image.Rect(int((x0-g.X)/g.Cell), int((y0-g.Y)/g.Cell), int((x1-g.X)/g.Cell)+1, int((y1-g.Y)/g.Cell)+1).
		Intersect(image.Rect(0, 0, g.W, g.H))
}

// draw fills the planes from the scene's triangles, which are in drawing order:
// the opaque ones, then the translucent ones from the back to the front.
func (g *Guide) draw(s *scene) {
	start := time.Now()
	r := guideRaster{Guide: g, scene: s, w: g.box.Dx() * guideFine, h: g.box.Dy() * guideFine}
	g.samples = grow(g.samples, r.w*r.h)
	for i := range g.samples {
		g.samples[i] = guideSample{pass: 1}
	}
	r.scale = guideFine / g.Cell
	r.x = (float32(s.origin.X)-g.X)*r.scale - float32(g.box.Min.X*guideFine)
	r.y = (float32(s.origin.Y)-g.Y)*r.scale - float32(g.box.Min.Y*guideFine)
	k := 0
	for ; k < len(s.tris) && !s.groups[s.tris[k].group].translucent; k++ {
		r.opaque(s.tris[k], uint32(k+1))
	}
	r.hide()
	for ; k < len(s.tris); k++ {
		r.translucent(s.tris[k], uint32(k+1))
	}
	r.average()
	g.Took = time.Since(start)
}

// guideRaster draws the scene's triangles into a guide's samples, those of its
// box.
type guideRaster struct {
	*Guide
	scene *scene
	w, h  int     // in samples
	scale float32 // samples a pixel
	x, y  float32 // of the region's corner, in samples
	edges guideEdges
}

// guideEdges is a triangle in samples: its box, and weights of its second and
// third corner and 1/distance as planes over it.
type guideEdges struct {
	x0, y0, x1, y1     int
	b, bx, by, c       float32
	cx, cy, iz, zx, zy float32
}

// setUp is false where no sample lies in the triangle's box.
func (r *guideRaster) setUp(t tri) bool {
	v, k := &r.scene.v, r.scale/r.scene.zoom
	ax, ay := v.x[t.a]*k+r.x, v.y[t.a]*k+r.y
	bx, by := v.x[t.b]*k+r.x-ax, v.y[t.b]*k+r.y-ay
	cx, cy := v.x[t.c]*k+r.x-ax, v.y[t.c]*k+r.y-ay
	e := &r.edges
	e.x0, e.x1 = int(max(ax+min(0, bx, cx)+0.5, 0)), int(min(ax+max(0, bx, cx)+0.5, float32(r.w)))
	e.y0, e.y1 = int(max(ay+min(0, by, cy)+0.5, 0)), int(min(ay+max(0, by, cy)+0.5, float32(r.h)))
	area := bx*cy - cx*by
	if e.x0 >= e.x1 || e.y0 >= e.y1 || !(area > 1e-9) {
		return false
	}
	inv := 1 / area
	dx, dy := float32(e.x0)+0.5-ax, float32(e.y0)+0.5-ay
	e.bx, e.by, e.cx, e.cy = cy*inv, -cx*inv, -by*inv, bx*inv
	e.b, e.c = e.bx*dx+e.by*dy, e.cx*dx+e.cy*dy
	za := v.iz[t.a]
	zb, zc := v.iz[t.b]-za, v.iz[t.c]-za
	e.zx, e.zy = e.bx*zb+e.cx*zc, e.by*zb+e.cy*zc
	e.iz = za + e.b*zb + e.c*zc
	return true
}

// opaque draws one triangle, the nearest winning.
func (r *guideRaster) opaque(t tri, id uint32) {
	if !r.setUp(t) {
		return
	}
	e := &r.edges
	for y := e.y0; y < e.y1; y++ {
		b, c, iz := e.b, e.c, e.iz
		row := r.samples[y*r.w : (y+1)*r.w]
		for x := e.x0; x < e.x1; x++ {
			if b >= 0 && c >= 0 && b+c <= 1 && iz > row[x].iz {
				row[x].iz, row[x].tri = iz, id
			}
			b, c, iz = b+e.bx, c+e.cx, iz+e.zx
		}
		e.b, e.c, e.iz = e.b+e.by, e.c+e.cy, e.iz+e.zy
	}
}

// hide takes away what of the opaque surfaces the head hides.
func (r *guideRaster) hide() {
	for i := range r.samples {
		p := &r.samples[i]
		if p.tri == 0 {
			continue
		}
		p.seen = r.seen(i%r.w, i/r.w, p.iz, &r.scene.groups[r.scene.tris[p.tri-1].group])
		if p.seen == 0 {
			*p = guideSample{pass: 1}
			continue
		}
		p.pass, p.opaque = 1-p.seen, p.iz
	}
}

// translucent draws one triangle over what is there. A group covers a sample
// once: neighbours share edges, and what is thick has two sides.
func (r *guideRaster) translucent(t tri, id uint32) {
	if !r.setUp(t) {
		return
	}
	e, g := &r.edges, &r.scene.groups[t.group]
	through := g.lets(t)
	for y := e.y0; y < e.y1; y++ {
		b, c, iz := e.b, e.c, e.iz
		row := r.samples[y*r.w : (y+1)*r.w]
		for x := e.x0; x < e.x1; x++ {
			if p := &row[x]; b >= 0 && c >= 0 && b+c <= 1 && iz > p.opaque && p.group != t.group+1 {
				if seen := r.seen(x, y, iz, g); seen > 0 {
					p.group = t.group + 1
					p.pass *= 1 - seen*(1-through)
					if iz > p.iz {
						p.iz, p.tri, p.seen = iz, id, max(seen, p.seen)
					}
				}
			}
			b, c, iz = b+e.bx, c+e.cx, iz+e.zx
		}
		e.b, e.c, e.iz = e.b+e.by, e.c+e.cy, e.iz+e.zy
	}
}

// lets is how much light, in luminance, passes a translucent group at a triangle.
func (g *group) lets(t tri) float32 {
	if g.lens == nil {
		return 1 - g.mat.opacity
	}
	uv := g.mesh.UV
	k := g.lens.at((uv[int(t.a)-g.first][1] + uv[int(t.b)-g.first][1] + uv[int(t.c)-g.first][1]) / 3).luminance()
	if g.kind == eyewear.LensEdge {
		k *= lensEdgePass
	}
	return k
}

// seen is how much of a group the head, the ear and the picture's border leave
// to be seen at a sample.
func (r *guideRaster) seen(x, y int, iz float32, g *group) float32 {
	s := r.scene
	px, py := (float32(x)+0.5-r.x)/r.scale, (float32(y)+0.5-r.y)/r.scale
	if px < 0 || py < 0 || px >= float32(s.rw) || py >= float32(s.rh) {
		return 0
	}
	z, k := 1/iz, s.invF*s.zoom // k: by region pixels
	left, top := s.left/s.zoom, s.top/s.zoom
	seen := float32(1)
	if g.fade.on {
		seen = g.fade.visible(vec{(px + left) * k * z, -(py + top) * k * z, -z})
	}
	if s.head != nil && seen > 0 {
		seen *= s.head.visible(px, py, z, g.kind)
	}
	return seen
}

// average makes the planes from the samples.
func (r *guideRaster) average() {
	g := r.Guide
	n := g.W * g.H
	for _, p := range [...]*[]float32{&g.Share, &g.Depth, &g.Normal[0], &g.Normal[1], &g.Normal[2]} {
		*p = grow(*p, n)
		clear(*p)
	}
	g.Pass = grow(g.Pass, n)
	for i := range g.Pass {
		g.Pass[i] = 1
	}
	near := r.scene.nearest()
	for y := range g.box.Dy() {
		for x := range g.box.Dx() {
			r.cell(x, y, near)
		}
	}
}

// cell makes the means of one cell of the box.
func (r *guideRaster) cell(cx, cy int, near float32) {
	g := r.Guide
	var share, pass, depth float32
	var sum vec
	for j := range guideFine * guideFine {
		x, y := cx*guideFine+j%guideFine, cy*guideFine+j/guideFine
		p := &r.samples[y*r.w+x]
		pass += p.pass
		if p.tri == 0 {
			continue
		}
		m := r.normal(p.tri, x, y)
		share += p.seen
		depth += p.seen * (1/p.iz - near)
		sum = vec{sum.x + p.seen*m.x, sum.y + p.seen*m.y, sum.z + p.seen*m.z}
	}
	const k = 1. / (guideFine * guideFine)
	i := (cy+g.box.Min.Y)*g.W + cx + g.box.Min.X
	g.Share[i], g.Pass[i], g.Depth[i] = share*k, pass*k, depth*k*guideDepth
	g.Normal[0][i], g.Normal[1][i], g.Normal[2][i] = sum.x*k, sum.y*k, sum.z*k
}

// nearest is the distance of the product's nearest point, mm.
func (s *scene) nearest() float32 {
	iz := float32(1e-6)
	for i := range s.groups {
		g := &s.groups[i]
		from := g.first + g.part.VertexFirst
		for _, v := range s.v.iz[from : from+g.part.VertexCount] {
			iz = max(iz, v)
		}
	}
	return 1 / iz
}

// normal is that of the triangle at a sample, towards the viewer.
func (r *guideRaster) normal(id uint32, x, y int) vec {
	t, v := r.scene.tris[id-1], &r.scene.v
	k := r.scale / r.scene.zoom
	ax, ay := v.x[t.a]*k+r.x, v.y[t.a]*k+r.y
	bx, by := v.x[t.b]*k+r.x-ax, v.y[t.b]*k+r.y-ay
	cx, cy := v.x[t.c]*k+r.x-ax, v.y[t.c]*k+r.y-ay
	inv := 1 / (bx*cy - cx*by)
	dx, dy := float32(x)+0.5-ax, float32(y)+0.5-ay
	b, c := (dx*cy-dy*cx)*inv, (dy*bx-dx*by)*inv
	a := 1 - b - c
	n := vec{a*v.nx[t.a] + b*v.nx[t.b] + c*v.nx[t.c], a*v.ny[t.a] + b*v.ny[t.b] + c*v.ny[t.c], a*v.nz[t.a] + b*v.nz[t.b] + c*v.nz[t.c]}
	n = n.scale(1 / sqrt(max(n.dot(n), 1e-12)))
	// The viewer is at the origin: from the surface towards them is against its place.
	px, py := (float32(x)+0.5-r.x)/r.scale, (float32(y)+0.5-r.y)/r.scale
	s := r.scene
	f := s.invF * s.zoom
	if n.dot(vec{(px + s.left/s.zoom) * f, -(py + s.top/s.zoom) * f, -1}) > 0 {
		return n.scale(-1)
	}
	return n
}
