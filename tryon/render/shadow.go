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
	shadowTexel  = 0.8 // mm, of the finest level
	shadowLevels = 5   // each twice as coarse
	shadowMaxW   = 384 // texels
	shadowMaxH   = 256
	// keySpread and aroundSpread are σ of the blur per mm of gap: windows and
	// lamps indoors span some 25°, the rest of the room a half-space.
	keySpread, aroundSpread = 0.24, 0.85
	// maxBlur keeps the faintest shadows within the region that is drawn.
	maxBlur = 5.5
	// levelBlur is the σ that building and reading a level add, in its texels.
	levelBlur = 0.75
	// keyDepth and aroundDepth are how much of each light the product takes away.
	keyDepth, aroundDepth = 0.92, 0.70
)

// skinBleed makes shadows on skin warmer: light that entered beside scatters
// out in them, red the farthest.
var skinBleed = rgb{0.90, 1.0, 1.04}

// shadowCell is coverage, coverage·depth of the frame, then of the lenses
// (weighted by what they take away). Depth grows towards the light.
type shadowCell [4]float32

type shadowMap struct {
	t, b, d mgl32.Vec3 // axes in camera space, d towards the light
	at      mgl32.Vec3 // origin, camera space
	x0, y0  float32    // of the first texel's corner, mm
	w, h    [shadowLevels]int
	cells   [shadowLevels][]shadowCell
	x, y, z []float32 // the product's vertices in the map
	flat    []shadowCell
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
		m.cells[l] = grow(m.cells[l], m.w[l]*m.h[l])
	}
	clear(m.cells[0])
}

// cast draws a group into the finest level. hidden tells which points are out
// of the light's way (behind the ear).
func (m *shadowMap) cast(g *group) {
	block := float32(1)
	sheet := g.kind == eyewear.LensLeft || g.kind == eyewear.LensRight
	switch {
	case g.kind == eyewear.LensEdge:
		return
	case g.kind == eyewear.NosePad:
		block = 0.5
	case g.mat != nil:
		block = 0.35 + 0.65*g.mat.opacity
	}
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
		k, ch := block, 0
		if sheet {
			p := g.mesh.UV
			k, ch = 1-g.lens.at((p[t[0]][1]+p[t[1]][1]+p[t[2]][1])/3).luminance(), 2
		}
		if area < 4 {
			m.splat((ax+bx+cx)/3, (ay+by+cy)/3, z, area/2*k, ch)
		} else {
			m.fill(ax, ay, bx, by, cx, cy, area, z, k, ch)
		}
	}
}

func (m *shadowMap) behindEar(g *group, x, y, z float32) bool {
	x, y = x*shadowTexel+m.x0, y*shadowTexel+m.y0
	p := m.at.Add(m.t.Mul(x)).Add(m.b.Mul(y)).Add(m.d.Mul(z))
	return g.fade.visible(p[0], p[1], p[2]) < 0.5
}

// splat spreads a small triangle's area over the four nearest texels.
func (m *shadowMap) splat(x, y, z, area float32, ch int) {
	x, y = x-0.5, y-0.5
	ix, iy := int(x), int(y)
	if ix < 0 || iy < 0 || ix+1 >= m.w[0] || iy+1 >= m.h[0] {
		return
	}
	fx, fy := x-float32(ix), y-float32(iy)
	i := iy*m.w[0] + ix
	c := m.cells[0]
	add := func(i int, k float32) {
		c[i][ch] += k
		c[i][ch+1] += k * z
	}
	add(i, area*(1-fx)*(1-fy))
	add(i+1, area*fx*(1-fy))
	add(i+m.w[0], area*(1-fx)*fy)
	add(i+m.w[0]+1, area*fx*fy)
}

// fill covers the texels whose middles a larger triangle covers.
func (m *shadowMap) fill(ax, ay, bx, by, cx, cy, area, z, k float32, ch int) {
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
			c := &m.cells[0][y*m.w[0]+x]
			c[ch] += k
			c[ch+1] += k * z
		}
	}
}

// build saturates the finest level and makes the coarser ones, each texel the
// mean of 4×4 below by the weights 1 3 3 1.
func (m *shadowMap) build() {
	for i := range m.cells[0] {
		c := &m.cells[0][i]
		for ch := 0; ch < 4; ch += 2 {
			if c[ch] > 1 {
				c[ch+1] /= c[ch]
				c[ch] = 1
			}
		}
	}
	for l := 1; l < shadowLevels; l++ {
		m.reduce(l)
	}
}

func (m *shadowMap) reduce(l int) {
	w, h, sw, sh := m.w[l], m.h[l], m.w[l-1], m.h[l-1]
	src, dst := m.cells[l-1], m.cells[l]
	m.flat = grow(m.flat, w*sh)
	for y := range sh {
		row := src[y*sw : y*sw+sw]
		for x := range w {
			p, q := &row[max(2*x-1, 0)], &row[min(2*x+2, sw-1)]
			a, b := &row[2*x], &row[2*x+1]
			o := &m.flat[y*w+x]
			for k := range o {
				o[k] = (p[k] + q[k] + 3*(a[k]+b[k])) * 0.125
			}
		}
	}
	for y := range h {
		p, q := m.flat[max(2*y-1, 0)*w:], m.flat[min(2*y+2, sh-1)*w:]
		a, b := m.flat[2*y*w:], m.flat[(2*y+1)*w:]
		for x := range w {
			o := &dst[y*w+x]
			for k := range o {
				o[k] = (p[x][k] + q[x][k] + 3*(a[x][k]+b[x][k])) * 0.125
			}
		}
	}
}

// sample reads a level at (x, y) mm from the map's corner; nothing outside.
func (m *shadowMap) sample(l int, x, y float32) (c shadowCell) {
	k := float32(1) / (shadowTexel * float32(int(1)<<l))
	x, y = x*k-0.5, y*k-0.5
	if x < 0 || y < 0 {
		return c
	}
	ix, iy := int(x), int(y)
	if ix+1 >= m.w[l] || iy+1 >= m.h[l] {
		return c
	}
	fx, fy := x-float32(ix), y-float32(iy)
	i := iy*m.w[l] + ix
	p, q := m.cells[l][i:i+2:i+2], m.cells[l][i+m.w[l]:i+m.w[l]+2]
	for j := range c {
		a := p[0][j] + (p[1][j]-p[0][j])*fx
		b := q[0][j] + (q[1][j]-q[0][j])*fx
		c[j] = a + (b-a)*fy
	}
	return c
}

// blocked is how much of the light at a point of the head the frame and the
// lenses stop, 0..1 each.
func (m *shadowMap) blocked(p mgl32.Vec3, spread float32) (frame, lens float32) {
	p = p.Sub(m.at)
	x, y, z := p.Dot(m.t)-m.x0, p.Dot(m.b)-m.y0, p.Dot(m.d)
	wide := m.sample(shadowLevels-2, x, y)
	return m.part(x, y, z, spread, 0, wide), m.part(x, y, z, spread, 2, wide)
}

// part reads one channel: the gap where the map is blurred much, then the
// coverage blurred by that gap.
func (m *shadowMap) part(x, y, z, spread float32, ch int, wide shadowCell) float32 {
	if wide[ch] < 0.004 {
		return 0
	}
	near := m.sample(1, x, y) // under the product its own depth there counts
	cov, depth := wide[ch]*0.1+near[ch], wide[ch+1]*0.1+near[ch+1]
	gap := depth/cov - z
	if gap < -5 {
		return 0
	}
	blur := min(max(gap, 0)*spread+0.35, maxBlur)
	level := float32(math.Log2(float64(blur / (levelBlur * shadowTexel))))
	level = clamp(level, 0, shadowLevels-1.001)
	l := int(level)
	f := level - float32(l)
	a, b := m.sample(l, x, y)[ch], m.sample(l+1, x, y)[ch]
	return (a + (b-a)*f) * smoothstep(-5, -1, gap)
}

// shade is the shadows' grid over the region: what is left of the light.
type shadeGrid struct {
	step    int // pixels between nodes
	pxPerMM float32
	w, h    int
	nodes   []rgb
	rows    []span // nodes of each row that are shaded
	line    []rgb
}

// castShadows fills the grid with what each item takes from the head's light.
func (s *scene) castShadows(item int) {
	key, around := &s.keyMap, &s.aroundMap
	at := s.origins[item]
	key.aim(&s.v, at, s.light.dir)
	around.aim(&s.v, at, at.Mul(-1/at.Len()))
	var lens *lensMaterial
	for i := range s.groups {
		if g := &s.groups[i]; g.item == item {
			key.cast(g)
			around.cast(g)
			if g.lens != nil {
				lens = g.lens
			}
		}
	}
	key.build()
	around.build()
	s.shadeNodes(lensHue(lens))
}

// lensHue is how much of each channel a lens takes against the luminance it takes.
func lensHue(l *lensMaterial) rgb {
	hue := rgb{1, 1, 1}
	if l == nil {
		return hue
	}
	t := l.at(0)
	took := max(1-t.luminance(), 0.01)
	for i := range hue {
		hue[i] = clamp((1-t[i])/took, 0, 2)
	}
	return hue
}

func (g *shadeGrid) reset(w, h int, pxPerMM float32) {
	g.pxPerMM = pxPerMM
	g.step = int(clamp(pxPerMM*1.1, 1, 8))
	g.w, g.h = w/g.step+2, h/g.step+2
	g.nodes, g.rows, g.line = grow(g.nodes, g.w*g.h), grow(g.rows, g.h), grow(g.line, g.w)
	for i := range g.nodes {
		g.nodes[i] = rgb{1, 1, 1}
	}
	for i := range g.rows {
		g.rows[i] = span{g.w, 0}
	}
}

func (s *scene) shadeNodes(hue rgb) {
	g, d := &s.shade, s.head
	inv := 1 / s.cam.F
	fade := float32(g.step) / (5 * g.pxPerMM) // over the last 5 mm
	for j := range g.h {
		y := min(j*g.step, s.h-1)
		for i := range g.w {
			x := min(i*g.step, s.w-1)
			k := (y+headBorder)*d.w + x + headBorder
			iz := d.iz[k]
			if iz == 0 || d.key[k]+d.around[k] < 0.01 {
				continue
			}
			z := 1 / iz
			p := mgl32.Vec3{(float32(x+s.origin.X) + 0.5 - s.cam.Cx) * z * inv, -(float32(y+s.origin.Y) + 0.5 - s.cam.Cy) * z * inv, -z}
			// Nothing ends at the region's border in a line.
			inside := min(1, float32(min(i, g.w-2-i, j, g.h-2-j))*fade)
			kf, kl := s.keyMap.blocked(p, keySpread)
			af, al := s.aroundMap.blocked(p, aroundSpread)
			kf, kl, af, al = kf*inside, kl*inside, af*inside, al*inside
			frame := kf*keyDepth*d.key[k] + af*aroundDepth*d.around[k]
			lens := kl*keyDepth*d.key[k] + al*aroundDepth*d.around[k]
			if frame+lens < 0.003 {
				continue
			}
			o := &g.nodes[j*g.w+i]
			for c := range o {
				o[c] *= max(1-frame*skinBleed[c]-lens*hue[c], 0.03)
			}
			g.rows[j] = span{min(g.rows[j].x0, i), max(g.rows[j].x1, i+1)}
		}
	}
}

// weighShadows sets how much of the light at each of the head's vertices comes
// from the key and from around, where it is skin.
func (s *scene) weighShadows(h *head, pts []headPoint) {
	l := &s.light
	direct, ambient := l.direct.luminance(), l.ambient.luminance()
	for i := range pts {
		key := direct * max(h.n[i].Dot(l.dir), 0)
		share := key / max(key+ambient, 1e-4)
		pts[i].key, pts[i].around = h.skin[i]*share, h.skin[i]*(1-share)
	}
}
