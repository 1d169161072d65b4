package render

import (
	"math"

	"cheval/tryon/eyewear"

	"github.com/go-gl/mathgl/mgl32"
)

// Shadows are found in two maps of what stands in the light's way, one seen
// from the key light, one from the camera, which stands for the light from all
// around. A map is flat, in millimetres, fixed to the product, so that it does
// not swim; each holds coverage and depth of frame and lenses at growing
// blurs. A point of skin reads it where its ray to the light passes, blurred by
// the gap between: near the pads sharp, far below the lens soft (the idea of
// R. Fernando, "Percentage-closer soft shadows", 2005, with a blur pyramid in
// place of taps).
const (
	shadowTexel  = 1.25 // mm, of the finest level
	shadowLevels = 4    // each twice as coarse
	shadowMaxW   = 240  // texels
	shadowMaxH   = 176
	// keySpread and aroundSpread are σ of the blur per mm of gap: windows and
	// lamps indoors span some 25°, the rest of the room a half-space.
	keySpread, aroundSpread = 0.24, 0.85
	// maxBlur keeps the faintest shadows within the region that is drawn.
	maxBlur = 5.5
	// levelBlur is the σ that building and reading a level add, in its texels.
	levelBlur = 0.75
	// keyDepth and aroundDepth are how much of each light the product takes away.
	keyDepth, aroundDepth = 0.92, 0.50
)

// skinBleed makes shadows on skin warmer: light that entered beside scatters
// out in them, red the farthest.
var skinBleed = rgb{0.90, 1.0, 1.04}

// shadowCell is coverage and coverage·depth, of lenses weighted by what they
// take away. Depth grows towards the light.
type shadowCell struct{ cover, depth float32 }

// shadowLayer is the pyramid of the frame, or that of the lenses.
type shadowLayer struct {
	cells [shadowLevels][]shadowCell
	flat  []shadowCell
	empty bool
}

type shadowMap struct {
	t, b, d mgl32.Vec3 // axes in camera space, d towards the light
	at      mgl32.Vec3 // origin, camera space
	x0, y0  float32    // of the first texel's corner, mm
	w, h    [shadowLevels]int
	layers  [2]shadowLayer // frame and lenses
	near    []bool         // texels of the coarsest level in or beside which anything is
	x, y, z []float32      // the product's vertices in the map
}

// aim points the map at direction d and sizes it to the vertices.
func (m *shadowMap) aim(v *vertices, at, d mgl32.Vec3) {
	m.at, m.d = at, d
	// Up on the map is as near as may be up in the picture: it turns with the light only.
	m.t = mgl32.Vec3{0, 1, 0}.Cross(d)
	if m.t.Len() < 0.05 {
		m.t = mgl32.Vec3{1, 0, 0}
	}
	m.t = m.t.Normalize()
	m.b = d.Cross(m.t)
	n := len(v.px)
	m.x, m.y, m.z = grow(m.x, n), grow(m.y, n), grow(m.z, n)
	x0, y0, x1, y1 := float32(1e9), float32(1e9), float32(-1e9), float32(-1e9)
	for i := range n {
		px, py, pz := v.px[i]-at[0], v.py[i]-at[1], v.pz[i]-at[2]
		x := px*m.t[0] + py*m.t[1] + pz*m.t[2]
		y := px*m.b[0] + py*m.b[1] + pz*m.b[2]
		m.x[i], m.y[i], m.z[i] = x, y, px*d[0]+py*d[1]+pz*d[2]
		x0, x1, y0, y1 = min(x0, x), max(x1, x), min(y0, y), max(y1, y)
	}
	const coarse = shadowTexel * (1 << (shadowLevels - 1))
	snap := func(v float32) float32 { return float32(math.Floor(float64(v/coarse))) * coarse }
	m.x0, m.y0 = snap(x0-2*coarse), snap(y0-2*coarse)
	w := min(int((x1+2*coarse-m.x0)/shadowTexel)+1, shadowMaxW)
	h := min(int((y1+2*coarse-m.y0)/shadowTexel)+1, shadowMaxH)
	const whole = 1<<(shadowLevels-1) - 1
	w, h = (w+whole)&^whole, (h+whole)&^whole
	for l := range shadowLevels {
		m.w[l], m.h[l] = w>>l, h>>l
		for k := range m.layers {
			m.layers[k].cells[l] = grow(m.layers[k].cells[l], m.w[l]*m.h[l])
		}
	}
	for k := range m.layers {
		clear(m.layers[k].cells[0])
		m.layers[k].empty = true
	}
}

// cast draws a group into the finest level. hidden tells which points are out
// of the light's way (behind the ear).
func (m *shadowMap) cast(g *group) {
	block := float32(1)
	sheet := g.kind == eyewear.LensLeft || g.kind == eyewear.LensRight
	layer := &m.layers[0]
	switch {
	case g.lens != nil && (!sheet || g.lens.clear): // takes next to nothing
		return
	case sheet:
		layer = &m.layers[1]
	case g.kind == eyewear.NosePad:
		block = 0.5
	case g.mat != nil:
		block = 0.35 + 0.65*g.mat.opacity
	}
	layer.empty = false
	for _, t := range g.mesh.Triangles[g.part.First : g.part.First+g.part.Count] {
		a, b, c := int(t[0])+g.first, int(t[1])+g.first, int(t[2])+g.first
		ax, ay := (m.x[a]-m.x0)*(1/shadowTexel), (m.y[a]-m.y0)*(1/shadowTexel)
		bx, by := (m.x[b]-m.x0)*(1/shadowTexel), (m.y[b]-m.y0)*(1/shadowTexel)
		cx, cy := (m.x[c]-m.x0)*(1/shadowTexel), (m.y[c]-m.y0)*(1/shadowTexel)
		area := (bx-ax)*(cy-ay) - (cx-ax)*(by-ay)
		if area <= 0 { // turned from the light
			if !sheet {
				continue
			}
			bx, by, cx, cy, area = cx, cy, bx, by, -area
		}
		z := (m.z[a] + m.z[b] + m.z[c]) / 3
		if g.fade.on && m.behindEar(g, (ax+bx+cx)/3, (ay+by+cy)/3, z) {
			continue
		}
		k := block
		if sheet {
			p := g.mesh.UV
			k = 1 - g.lens.at((p[t[0]][1]+p[t[1]][1]+p[t[2]][1])/3).luminance()
		}
		if area < 4 {
			m.splat(layer.cells[0], (ax+bx+cx)/3, (ay+by+cy)/3, z, area/2*k)
		} else {
			m.fill(layer.cells[0], ax, ay, bx, by, cx, cy, area, z, k)
		}
	}
}

func (m *shadowMap) behindEar(g *group, x, y, z float32) bool {
	x, y = x*shadowTexel+m.x0, y*shadowTexel+m.y0
	p := m.at.Add(m.t.Mul(x)).Add(m.b.Mul(y)).Add(m.d.Mul(z))
	return g.fade.visible(toVec(p)) < 0.5
}

// splat spreads a small triangle's area over the four nearest texels.
func (m *shadowMap) splat(c []shadowCell, x, y, z, area float32) {
	x, y = x-0.5, y-0.5
	ix, iy := int(x), int(y)
	if ix < 0 || iy < 0 || ix+1 >= m.w[0] || iy+1 >= m.h[0] {
		return
	}
	fx, fy := x-float32(ix), y-float32(iy)
	i := iy*m.w[0] + ix
	c[i].add(area*(1-fx)*(1-fy), z)
	c[i+1].add(area*fx*(1-fy), z)
	c[i+m.w[0]].add(area*(1-fx)*fy, z)
	c[i+m.w[0]+1].add(area*fx*fy, z)
}

func (c *shadowCell) add(k, z float32) {
	c.cover += k
	c.depth += k * z
}

// fill covers the texels whose middles a larger triangle covers.
func (m *shadowMap) fill(cells []shadowCell, ax, ay, bx, by, cx, cy, area, z, k float32) {
	x0, x1 := max(int(min(ax, bx, cx)), 0), min(int(max(ax, bx, cx)), m.w[0]-1)
	y0, y1 := max(int(min(ay, by, cy)), 0), min(int(max(ay, by, cy)), m.h[0]-1)
	for y := y0; y <= y1; y++ {
		py := float32(y) + 0.5
		for x := x0; x <= x1; x++ {
			px := float32(x) + 0.5
			wa := (bx-px)*(cy-py) - (cx-px)*(by-py)
			wb := (cx-px)*(ay-py) - (ax-px)*(cy-py)
			if wa < 0 || wb < 0 || wa+wb > area {
				continue
			}
			cells[y*m.w[0]+x].add(k, z)
		}
	}
}

// build saturates the finest level and makes the coarser ones, each texel the
// mean of 4×4 below by the weights 1 3 3 1.
func (m *shadowMap) build() {
	for k := range m.layers {
		y := &m.layers[k]
		if y.empty {
			continue
		}
		for i := range y.cells[0] {
			if c := &y.cells[0][i]; c.cover > 1 {
				*c = shadowCell{1, c.depth / c.cover}
			}
		}
		for l := 1; l < shadowLevels; l++ {
			y.reduce(l, m.w[l], m.h[l], m.w[l-1], m.h[l-1])
		}
	}
	m.markNear()
}

// markNear notes where a look is worth its time.
func (m *shadowMap) markNear() {
	const l = shadowLevels - 1
	w, h := m.w[l], m.h[l]
	m.near = grow(m.near, w*h)
	clear(m.near)
	for k := range m.layers {
		if m.layers[k].empty {
			continue
		}
		for i, c := range m.layers[k].cells[l] {
			if c.cover < 0.002 {
				continue
			}
			for y := max(i/w-1, 0); y <= min(i/w+1, h-1); y++ {
				for x := max(i%w-1, 0); x <= min(i%w+1, w-1); x++ {
					m.near[y*w+x] = true
				}
			}
		}
	}
}

func (y *shadowLayer) reduce(l, w, h, sw, sh int) {
	src, dst := y.cells[l-1], y.cells[l]
	y.flat = grow(y.flat, w*sh)
	for j := range sh {
		row, out := src[j*sw:j*sw+sw], y.flat[j*w:j*w+w]
		for x := range out {
			p, q := row[max(2*x-1, 0)], row[min(2*x+2, sw-1)]
			a, b := row[2*x], row[2*x+1]
			out[x] = shadowCell{(p.cover + q.cover + 3*(a.cover+b.cover)) * 0.125, (p.depth + q.depth + 3*(a.depth+b.depth)) * 0.125}
		}
	}
	for j := range h {
		p, q := y.flat[max(2*j-1, 0)*w:][:w], y.flat[min(2*j+2, sh-1)*w:][:w]
		a, b, out := y.flat[2*j*w:][:w], y.flat[(2*j+1)*w:][:w], dst[j*w:][:w]
		for x := range out {
			out[x] = shadowCell{(p[x].cover + q[x].cover + 3*(a[x].cover+b[x].cover)) * 0.125, (p[x].depth + q[x].depth + 3*(a[x].depth+b[x].depth)) * 0.125}
		}
	}
}

// sample reads a level at (x, y) mm from the map's corner; nothing outside.
func (m *shadowMap) sample(y *shadowLayer, l int, px, py float32) shadowCell {
	k := texelInverse[l]
	px, py = px*k-0.5, py*k-0.5
	ix, iy, w := int(px), int(py), m.w[l]
	if px < 0 || py < 0 || ix+1 >= w || iy+1 >= m.h[l] {
		return shadowCell{}
	}
	fx, fy := px-float32(ix), py-float32(iy)
	i := iy*w + ix
	p, q := y.cells[l][i:i+2:i+2], y.cells[l][i+w:i+w+2:i+w+2]
	return shadowCell{mix2(p[0].cover, p[1].cover, q[0].cover, q[1].cover, fx, fy), mix2(p[0].depth, p[1].depth, q[0].depth, q[1].depth, fx, fy)}
}

// blocked is how much of the light at a point of the head the frame and the
// lenses stop, 0..1 each.
func (m *shadowMap) blocked(p vec, spread float32) (frame, lens float32) {
	p = vec{p.x - m.at[0], p.y - m.at[1], p.z - m.at[2]}
	x, y := p.x*m.t[0]+p.y*m.t[1]+p.z*m.t[2]-m.x0, p.x*m.b[0]+p.y*m.b[1]+p.z*m.b[2]-m.y0
	const l = shadowLevels - 1
	if cx, cy := int(x*texelInverse[l]), int(y*texelInverse[l]); x < 0 || y < 0 || cx >= m.w[l] || cy >= m.h[l] || !m.near[cy*m.w[l]+cx] {
		return 0, 0
	}
	z := p.dot(toVec(m.d))
	return m.blockedBy(&m.layers[0], x, y, z, spread), m.blockedBy(&m.layers[1], x, y, z, spread)
}

// blockedBy finds the gap where the layer is blurred much, and returns the
// coverage blurred by that gap; nothing where what covers lies behind.
func (m *shadowMap) blockedBy(y *shadowLayer, px, py, pz, spread float32) float32 {
	if y.empty {
		return 0
	}
	wide := m.sample(y, shadowLevels-2, px, py)
	if wide.cover < 0.003 {
		return 0
	}
	near := m.sample(y, 1, px, py) // under the product its own depth counts most
	gap := (wide.depth*0.1+near.depth)/(wide.cover*0.1+near.cover) - pz
	if gap < -5 {
		return 0
	}
	blur := min(max(gap, 0)*spread+0.35, maxBlur)
	level := clamp(log2(blur*(1/(levelBlur*shadowTexel))), 0, shadowLevels-1.001)
	l := int(level)
	a := near.cover
	if l != 1 {
		a = m.sample(y, l, px, py).cover
	}
	if f := level - float32(l); f > 0.02 {
		b := near.cover
		if l != 0 {
			b = m.sample(y, l+1, px, py).cover
		}
		a += (b - a) * f
	}
	if gap < -1 {
		a *= smoothstep(-5, -1, gap)
	}
	return a
}

// log2 to about 0.01, for positive numbers.
func log2(x float32) float32 {
	b := math.Float32bits(x)
	m := math.Float32frombits(b&0x007fffff | 0x3f800000) // 1..2
	return float32(int(b>>23)-127) + (m-1)*(1.3465-0.3465*m)
}

// texelInverse is 1/mm of each level.
var texelInverse = [shadowLevels]float32{1 / shadowTexel, 1 / (2 * shadowTexel), 1 / (4 * shadowTexel), 1 / (8 * shadowTexel)}
