package render

import "github.com/go-gl/mathgl/mgl32"

// shadeGrid is the shadows' grid over the region: what is left of the light.
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
	key.aim(&s.v, at, mgl32.Vec3{s.light.dir.x, s.light.dir.y, s.light.dir.z})
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
	if l == nil {
		return rgb{1, 1, 1}
	}
	t := l.at(0)
	took := max(1-t.luminance(), 0.01)
	return rgb{clamp((1-t.r)/took, 0, 2), clamp((1-t.g)/took, 0, 2), clamp((1-t.b)/took, 0, 2)}
}

func (g *shadeGrid) reset(w, h int, pxPerMM float32) {
	g.pxPerMM = pxPerMM
	g.step = int(clamp(pxPerMM*2.1, 1, 12))
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
	fade := float32(g.step) / (5 * g.pxPerMM) // nothing ends at the border in a line
	for j := range g.h {
		y := min(j*g.step, s.rh-1)
		row := (y/d.cell+headBorder)*d.w + headBorder
		for i := range g.w {
			x := min(i*g.step, s.rw-1)
			cell := row + x/d.cell
			iz, kw, aw := d.iz[cell], d.key[cell], d.around[cell]
			if iz == 0 || kw+aw < 0.01 {
				continue
			}
			z := 1 / iz
			zoom := s.zoom
			k := z * s.invF
			p := vec{((float32(x)+0.5)*zoom + s.left) * k, -((float32(y)+0.5)*zoom + s.top) * k, -z}
			frame, lens := s.aroundMap.blocked(p, aroundSpread)
			frame, lens = frame*aroundDepth*aw, lens*aroundDepth*aw
			if kw > 0.02 {
				f, l := s.keyMap.blocked(p, keySpread)
				frame, lens = frame+f*keyDepth*kw, lens+l*keyDepth*kw
			}
			if frame+lens < 0.004 {
				continue
			}
			inside := min(1, float32(min(i, g.w-2-i, j, g.h-2-j))*fade)
			frame, lens = frame*inside, lens*inside
			o := &g.nodes[j*g.w+i]
			*o = o.mul(rgb{
				max(1-frame*skinBleed.r-lens*hue.r, 0.03),
				max(1-frame*skinBleed.g-lens*hue.g, 0.03),
				max(1-frame*skinBleed.b-lens*hue.b, 0.03),
			})
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
		key := direct * max(toVec(h.n[i]).dot(l.dir), 0)
		share := key / max(key+ambient, 1e-4)
		pts[i].key, pts[i].around = h.skin[i]*share, h.skin[i]*(1-share)
	}
}
