package render

import (
	"math"

	"cheval/tryon/eyewear"

	"github.com/go-gl/mathgl/mgl32"
)

// vec is a vector that the compiler keeps in registers, as it does not arrays.
type vec struct{ x, y, z float32 }

func toVec(v mgl32.Vec3) vec             { return vec{v[0], v[1], v[2]} }
func (a vec) dot(b vec) float32          { return a.x*b.x + a.y*b.y + a.z*b.z }
func (a vec) scale(k float32) vec        { return vec{a.x * k, a.y * k, a.z * k} }
func (a vec) plane(p mgl32.Vec4) float32 { return p[0]*a.x + p[1]*a.y + p[2]*a.z + p[3] }

// mirrored returns v, which points away from the surface, reflected about n.
func (a vec) mirrored(n vec, nv float32) vec {
	k := 2 * nv
	return vec{k*n.x - a.x, k*n.y - a.y, k*n.z - a.z}
}

// unitFromNear makes a mean of unit vectors that differ little unit again.
func (a vec) unitFromNear() vec {
	l := a.dot(a)
	if l > 0.7 && l < 1.3 { // two terms of the root's series, then Newton's
		k := 1.5 - 0.5*l
		return a.scale(k * (1.5 - 0.5*l*k*k))
	}
	return a.scale(1 / sqrt(max(l, 1e-12)))
}

// lighting is a Light made ready for shading.
type lighting struct {
	ambient, direct rgb
	dir             vec
	room, window    rgb     // factors of the environment's channels
	behind          rgb     // the same of the room, for what lies behind the wearer
	cos, sin        float32 // turn of the environment about the vertical
	fill            float32 // share of light that reaches surfaces which face the head
}

// windowAzimuth is where the environments have their main window, degrees.
const windowAzimuth = -45

func newLighting(l Light, fill float32) lighting {
	l = l.orDefault()
	g := lighting{ambient: toRGB(l.Ambient), direct: toRGB(l.Direct), dir: toVec(l.Direction), fill: fill}
	g.room = g.ambient
	// Even in flat light something is brighter than the rest.
	g.window = g.direct.add(g.ambient.scale(0.22))
	g.behind = toRGB(l.Behind)
	if g.behind == (rgb{}) {
		g.behind = g.ambient.scale(0.6)
	}
	az := math.Atan2(float64(l.Direction[0]), math.Max(float64(l.Direction[2]), 0.15)) * 180 / math.Pi
	// The main window follows the light.
	turn := math.Max(0, math.Min(az-windowAzimuth, -2*windowAzimuth)) * math.Pi / 180
	g.cos, g.sin = float32(math.Cos(turn)), float32(math.Sin(turn))
	return g
}

// irradiance is what a white matt surface of normal n shows: the first two
// bands of spherical harmonics, kept from going dark behind.
func (g *lighting) irradiance(n vec) rgb {
	c := n.dot(g.dir)
	if c < 0 {
		c *= 0.4
	}
	return rgb{
		max(g.ambient.r+g.direct.r*c, 0.1*g.ambient.r),
		max(g.ambient.g+g.direct.g*c, 0.1*g.ambient.g),
		max(g.ambient.b+g.direct.b*c, 0.1*g.ambient.b),
	}
}

// reflected is the environment's light from direction r, unit.
func (s *scene) reflected(level float32, r vec) rgb {
	g := &s.light
	room, win := s.env.lookup(level, g.cos*r.x-g.sin*r.z, r.y, g.sin*r.x+g.cos*r.z)
	base := g.room
	if r.z < 0.1 {
		back := ease((0.1 - r.z) * (1 / 0.45))
		win *= 1 - back
		base = base.mix(g.behind, back)
	}
	return rgb{room*base.r + win*g.window.r, room*base.g + win*g.window.g, room*base.b + win*g.window.b}
}

// slopes are a triangle's attributes as planes over the picture.
type slopes struct {
	id     uint16
	ax, ay float32
	turn   float32    // square of the normal's change a pixel, over distance²
	v      [6]float32 // 1/distance, normal and u, v over distance: at a
	x, y   [6]float32 // and by x, by y
}

func (p *slopes) set(v *vertices, t tri, id uint16) {
	p.id = id
	a, b, c := t.a, t.b, t.c
	p.ax, p.ay = v.x[a], v.y[a]
	e1x, e1y, e2x, e2y := v.x[b]-p.ax, v.y[b]-p.ay, v.x[c]-p.ax, v.y[c]-p.ay
	k := 1 / (e1x*e2y - e1y*e2x)
	e1x, e1y, e2x, e2y = e1x*k, e1y*k, e2x*k, e2y*k
	za, zb, zc := v.iz[a], v.iz[b], v.iz[c]
	set := func(i int, fa, fb, fc float32) {
		fb, fc = fb-fa, fc-fa
		p.v[i], p.x[i], p.y[i] = fa, fb*e2y-fc*e1y, fc*e1x-fb*e2x
	}
	set(0, za, zb, zc)
	set(1, v.nx[a]*za, v.nx[b]*zb, v.nx[c]*zc)
	set(2, v.ny[a]*za, v.ny[b]*zb, v.ny[c]*zc)
	set(3, v.nz[a]*za, v.nz[b]*zb, v.nz[c]*zc)
	set(4, v.u[a]*za, v.u[b]*zb, v.u[c]*zc)
	set(5, v.v[a]*za, v.v[b]*zb, v.v[c]*zc)
	p.turn = p.x[1]*p.x[1] + p.x[2]*p.x[2] + p.x[3]*p.x[3] + p.y[1]*p.y[1] + p.y[2]*p.y[2] + p.y[3]*p.y[3]
}

// shaded is a surface's effect on what lies behind: out = pass·behind + add.
type shaded struct{ add, pass rgb }

// shade lights what group g shows at region pixel (x, y), by its triangle's
// slopes. It is false where nothing of it is seen.
func (s *scene) shadeAt(g *group, sl *slopes, x, y float32, tl *tile, out *shaded) bool {
	dx, dy := x-sl.ax, y-sl.ay
	iz := sl.v[0] + sl.x[0]*dx + sl.y[0]*dy
	z := 1 / iz
	k := z * s.invF
	rx, ry := (x+s.left)*s.invF, -(y+s.top)*s.invF
	p := vec{rx * z, ry * z, -z}
	seen := float32(1)
	if g.fade.on {
		seen = g.fade.visible(p)
	}
	if tl.near*(z-s.slackOf(g)) > 1 && seen > 0 {
		seen *= s.head.visible(x/s.zoom, y/s.zoom, z, g.kind)
	}
	if seen < 0.004 {
		return false
	}
	n := vec{
		(sl.v[1] + sl.x[1]*dx + sl.y[1]*dy) * z,
		(sl.v[2] + sl.x[2]*dx + sl.y[2]*dy) * z,
		(sl.v[3] + sl.x[3]*dx + sl.y[3]*dy) * z,
	}
	n = n.unitFromNear()
	v := vec{-rx * tl.toView, -ry * tl.toView, tl.toView}
	tu, tv := (sl.v[4]+sl.x[4]*dx+sl.y[4]*dy)*z, (sl.v[5]+sl.x[5]*dx+sl.y[5]*dy)*z
	if g.lens != nil {
		s.shadeLens(g, n, v, tv, out)
	} else {
		s.shadeSurface(g, n, v, p, tu, tv, k, sl.turn*z*z, out)
	}
	if seen < 1 {
		out.add = out.add.scale(seen)
		out.pass = rgb{1, 1, 1}.mix(out.pass, seen)
	}
	return true
}

// spread is what a surface whose normal turns by √turn within the pixel adds to
// α² of its highlight (Y. Tokuyoshi, A. Kaplanyan, "Improved geometric specular
// antialiasing", 2019).
func spread(turn float32) float32 { return min(0.5*turn, 0.18) }

func (s *scene) shadeSurface(g *group, n, v, p vec, tu, tv, mmPerPx, turn float32, out *shaded) {
	m := g.mat
	nv := n.dot(v)
	r := v.mirrored(n, nv)
	nv = max(nv, 0.06) // a pixel at the outline covers more than its last angle
	base := m.base
	f0 := m.f0
	if m.pattern != "" {
		base = m.albedo(tu, tv, p.plane(g.up), g.half, mmPerPx/nv)
		if m.metallic > 0 {
			f0 = rgb{dielectricF0, dielectricF0, dielectricF0}.mix(base, m.metallic)
		}
	}
	level := m.level
	if turn > 0.002 {
		level = s.env.byAlpha[int(sqrt(min(m.alpha2+spread(turn), 1))*levelSteps)]
	}
	spec := m.specular(f0, nv)
	env := s.reflected(level, r)
	irr := s.light.irradiance(n)
	shut := float32(1)
	if !g.temple {
		// The back of the front faces the face: little light gets there.
		shut = s.light.fill + (1-s.light.fill)*ease((n.dot(g.axis)+0.7)*(1/0.95))
	}
	if g.translucent {
		s.shadeClear(m, base, spec, env, irr, nv, shut, out)
		return
	}
	matt := 1 - m.metallic
	out.add = rgb{
		shut * (base.r*matt*(1-spec.r)*irr.r + spec.r*env.r),
		shut * (base.g*matt*(1-spec.g)*irr.g + spec.g*env.g),
		shut * (base.b*matt*(1-spec.b)*irr.b + spec.b*env.b),
	}
	out.pass = rgb{}
}

// shadeClear is transparent acetate: what is not reflected passes, coloured by
// the way through the material, which is longer where it is seen at an angle;
// a part is scattered.
func (s *scene) shadeClear(m *material, base, spec, env, irr rgb, nv, shut float32, out *shaded) {
	t := m.through(base, nv)
	out.pass = rgb{(1 - spec.r) * t.r, (1 - spec.g) * t.g, (1 - spec.b) * t.b}
	out.add = rgb{
		shut * ((1-spec.r)*base.r*(1-t.r)*irr.r + spec.r*env.r),
		shut * ((1-spec.g)*base.g*(1-t.g)*irr.g + spec.g*env.g),
		shut * ((1-spec.b)*base.b*(1-t.b)*irr.b + spec.b*env.b),
	}
}

const (
	// lensGloss dims what lenses reflect: whoever looks into a mirror stands so
	// that the window is not in their glasses.
	lensGloss = 0.7
	// edgeLevel is the environment's level for a lens's edge, which is polished
	// but bevelled and faceted.
	edgeLevel = 3
	// lensEdgePass is what a lens's edge lets through of what its tint does.
	lensEdgePass = 0.35
)

// shadeLens lets light through by the lens's dye and reflects the room.
func (s *scene) shadeLens(g *group, n, v vec, height float32, out *shaded) {
	l := g.lens
	nv := n.dot(v)
	if nv < 0 {
		n, nv = n.scale(-1), -nv
	}
	edge := g.kind == eyewear.LensEdge
	level := float32(0)
	if edge {
		level = edgeLevel
	}
	env := s.reflected(level, v.mirrored(n, nv)).scale(lensGloss)
	c := 1 - nv
	c2 := c * c
	fresnel := c2 * c2 * c
	t := l.at(height)
	if edge { // the polished edge: it pipes light and hides what is behind
		k := (0.06 + 0.94*fresnel) * 0.6
		a := s.light.ambient
		out.pass = t.scale(lensEdgePass)
		out.add = rgb{
			0.28*a.r*(0.3+0.7*t.r) + k*env.r,
			0.28*a.g*(0.3+0.7*t.g) + k*env.g,
			0.28*a.b*(0.3+0.7*t.b) + k*env.b,
		}
		return
	}
	r := l.reflect.mix(rgb{1, 1, 1}, fresnel)
	// Transmission is stated head-on, its reflections included.
	k := 1 - fresnel
	out.pass = rgb{min(t.r*k, 1-r.r), min(t.g*k, 1-r.g), min(t.b*k, 1-r.b)}
	out.add = r.mul(env)
}

func isTemple(k eyewear.PartKind) bool {
	return k == eyewear.TempleLeft || k == eyewear.TempleRight || k == eyewear.TipLeft || k == eyewear.TipRight
}
