package render

import (
	"math"

	"cheval/tryon/eyewear"

	"github.com/go-gl/mathgl/mgl32"
)

// lighting is a Light made ready for shading.
type lighting struct {
	ambient, direct rgb
	dir             mgl32.Vec3
	room, window    rgb     // factors of the environment's channels
	behind          rgb     // the same of the room, for what lies behind the wearer
	cos, sin        float32 // turn of the environment about the vertical
	fill            float32 // share of light that reaches surfaces which face the head
}

// windowAzimuth is where the environments have their main window, degrees.
const windowAzimuth = -45

func newLighting(l Light, fill float32) lighting {
	l = l.orDefault()
	g := lighting{ambient: l.Ambient, direct: l.Direct, dir: l.Direction, fill: fill}
	g.room = g.ambient
	// Even in flat light something is brighter than the rest.
	g.window = g.direct.add(g.ambient.scale(0.22))
	g.behind = l.Behind
	if g.behind == (rgb{}) {
		g.behind = g.ambient.scale(0.6)
	}
	az := math.Atan2(float64(l.Direction[0]), math.Max(float64(l.Direction[2]), 0.15)) * 180 / math.Pi
	// The main window follows the light.
	turn := az - windowAzimuth
	turn = math.Max(0, math.Min(turn, -2*windowAzimuth)) * math.Pi / 180
	g.cos, g.sin = float32(math.Cos(turn)), float32(math.Sin(turn))
	return g
}

// irradiance is what a white matt surface of normal n shows: the first two
// bands of spherical harmonics, kept from going dark behind.
func (g *lighting) irradiance(nx, ny, nz float32) rgb {
	c := nx*g.dir[0] + ny*g.dir[1] + nz*g.dir[2]
	if c < 0 {
		c *= 0.4
	}
	return rgb{
		max(g.ambient[0]+g.direct[0]*c, 0.1*g.ambient[0]),
		max(g.ambient[1]+g.direct[1]*c, 0.1*g.ambient[1]),
		max(g.ambient[2]+g.direct[2]*c, 0.1*g.ambient[2]),
	}
}

// reflected is the environment's light from direction r, unit.
func (s *scene) reflected(level, rx, ry, rz float32) rgb {
	g := &s.light
	room, win := s.env.lookup(level, g.cos*rx-g.sin*rz, ry, g.sin*rx+g.cos*rz)
	if rz < 0.1 {
		back := smoothstep(0.1, -0.35, rz)
		win *= 1 - back
		return rgb{
			room*(g.room[0]+(g.behind[0]-g.room[0])*back) + win*g.window[0],
			room*(g.room[1]+(g.behind[1]-g.room[1])*back) + win*g.window[1],
			room*(g.room[2]+(g.behind[2]-g.room[2])*back) + win*g.window[2],
		}
	}
	return rgb{
		room*g.room[0] + win*g.window[0],
		room*g.room[1] + win*g.window[1],
		room*g.room[2] + win*g.window[2],
	}
}

// slopes are a triangle's attributes as planes over the picture.
type slopes struct {
	id      uint32
	ax, ay  float32
	v, x, y [6]float32 // 1/distance, normal and u, v over distance: at a, by x, by y
	turn    float32    // square of the normal's change a pixel, over distance²
}

func (p *slopes) set(v *vertices, t tri, id uint32) {
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

// frag is what is shaded: attributes at one point of a pixel, or their mean
// over the samples of one group.
type frag struct {
	nx, ny, nz, u, v, iz float32
	bend                 float32 // how much the normal turns within the pixel: variance
}

func (p *slopes) at(x, y float32) frag {
	x, y = x-p.ax, y-p.ay
	iz := p.v[0] + p.x[0]*x + p.y[0]*y
	z := 1 / iz
	bend := p.turn * z * z
	return frag{
		(p.v[1] + p.x[1]*x + p.y[1]*y) * z,
		(p.v[2] + p.x[2]*x + p.y[2]*y) * z,
		(p.v[3] + p.x[3]*x + p.y[3]*y) * z,
		(p.v[4] + p.x[4]*x + p.y[4]*y) * z,
		(p.v[5] + p.x[5]*x + p.y[5]*y) * z,
		iz, bend,
	}
}

func (f *frag) scale(k float32) {
	*f = frag{f.nx * k, f.ny * k, f.nz * k, f.u * k, f.v * k, f.iz * k, f.bend * k}
}

func (f *frag) addScaled(o frag, k float32) {
	f.nx += o.nx * k
	f.ny += o.ny * k
	f.nz += o.nz * k
	f.u += o.u * k
	f.v += o.v * k
	f.iz += o.iz * k
	f.bend += o.bend * k
}

// shaded is a surface's effect on what lies behind: out = pass·behind + add.
type shaded struct{ add, pass rgb }

// shadeFrag lights the fragment of group g at region pixel (x, y).
func (s *scene) shadeFrag(g *group, f *frag, x, y float32) (shaded, bool) {
	z := 1 / f.iz
	k := z / s.cam.F
	px, py, pz := (x+float32(s.origin.X)-s.cam.Cx)*k, -(y+float32(s.origin.Y)-s.cam.Cy)*k, -z
	seen := float32(1)
	if g.fade.on {
		seen = g.fade.visible(px, py, pz)
	}
	if s.head != nil && seen > 0 {
		seen *= s.head.visible(x, y, z, g.kind)
	}
	if seen < 0.004 {
		return shaded{}, false
	}
	l2 := f.nx*f.nx + f.ny*f.ny + f.nz*f.nz
	if l2 < 1e-8 {
		f.nz, l2 = 1, 1
	}
	inv := 1 / sqrt(l2)
	n := mgl32.Vec3{f.nx * inv, f.ny * inv, f.nz * inv}
	iv := 1 / sqrt(px*px+py*py+pz*pz)
	v := mgl32.Vec3{-px * iv, -py * iv, -pz * iv}
	var out shaded
	if g.lens != nil {
		out = s.shadeLens(g, n, v, f.v)
	} else {
		height := g.up[0]*px + g.up[1]*py + g.up[2]*pz + g.up[3]
		out = s.shadeSurface(g, n, v, f, height, k, spread(f.bend, inv))
	}
	if seen < 1 {
		out.add = out.add.scale(seen)
		out.pass = rgb{1, 1, 1}.mix(out.pass, seen)
	}
	return out, true
}

// spread is what a surface that bends within the pixel adds to α² of its
// highlight: by how its normal turns across a triangle (Y. Tokuyoshi,
// A. Kaplanyan, "Improved geometric specular antialiasing", 2019), and by how
// much shorter the mean normal of several is (M. Toksvig, "Mipmapping normal
// maps", 2005).
func spread(bend, inverseLength float32) float32 {
	return min(0.5*bend, 0.18) + min(max(inverseLength-1, 0), 0.25)*0.5
}

func (s *scene) shadeSurface(g *group, n, v mgl32.Vec3, f *frag, height, mmPerPx, spread float32) shaded {
	m := g.mat
	nv := n[0]*v[0] + n[1]*v[1] + n[2]*v[2]
	nv = max(nv, 0.06) // a pixel at the outline covers more than its last angle
	base := m.albedo(f.u, f.v, height, g.half, mmPerPx/nv)
	f0 := m.f0
	if m.pattern != "" && m.metallic > 0 {
		f0 = rgb{dielectricF0, dielectricF0, dielectricF0}.mix(base, m.metallic)
	}
	rough := m.roughness
	if spread > 0.001 {
		a2 := rough * rough * rough * rough
		rough = sqrt(sqrt(min(a2+spread, 1)))
	}
	spec := m.specular(f0, nv)
	twice := 2 * (n[0]*v[0] + n[1]*v[1] + n[2]*v[2])
	env := s.reflected(s.env.level(rough), twice*n[0]-v[0], twice*n[1]-v[1], twice*n[2]-v[2])
	irr := s.light.irradiance(n[0], n[1], n[2])
	// The back of the front faces the face: little light gets there.
	facing := n[0]*g.axis[0] + n[1]*g.axis[1] + n[2]*g.axis[2]
	shut := s.light.fill + (1-s.light.fill)*smoothstep(-0.7, 0.25, facing)
	if isTemple(g.kind) {
		shut = 1
	}
	var out shaded
	matt := 1 - m.metallic
	if m.opacity < 0.999 {
		return s.shadeClear(m, base, spec, env, irr, nv, shut)
	}
	for i := range out.add {
		out.add[i] = shut * (base[i]*matt*(1-spec[i])*irr[i] + spec[i]*env[i])
	}
	return out
}

// shadeClear is transparent acetate: what is not reflected passes, coloured by
// the way through the material, which is longer where it is seen at an angle;
// a part is scattered.
func (s *scene) shadeClear(m *material, base, spec, env, irr rgb, nv, shut float32) shaded {
	var out shaded
	path := 1 / (0.35 + 0.65*nv)
	for i := range out.add {
		// Opacity is what a head-on view loses; the colour tints what is left.
		t := pow(1-m.opacity, path) * pow(0.25+0.75*base[i], path)
		scatter := base[i] * (1 - t)
		out.pass[i] = (1 - spec[i]) * t
		out.add[i] = shut * ((1-spec[i])*scatter*irr[i] + spec[i]*env[i])
	}
	return out
}

// shadeLens lets light through by the lens's dye and reflects the room.
func (s *scene) shadeLens(g *group, n, v mgl32.Vec3, height float32) shaded {
	l := g.lens
	nv := n[0]*v[0] + n[1]*v[1] + n[2]*v[2]
	if nv < 0 {
		n, nv = n.Mul(-1), -nv
	}
	env := s.reflected(0, 2*nv*n[0]-v[0], 2*nv*n[1]-v[1], 2*nv*n[2]-v[2])
	c := 1 - nv
	c2 := c * c
	fresnel := c2 * c2 * c
	t := l.at(height)
	var out shaded
	if g.kind == eyewear.LensEdge { // the polished edge: it pipes light and hides what is behind
		for i := range out.add {
			out.pass[i] = t[i] * 0.35
			out.add[i] = 0.28*s.light.ambient[i]*(0.3+0.7*t[i]) + (0.06+0.94*fresnel)*env[i]*0.6
		}
		return out
	}
	for i := range out.add {
		r := l.reflect[i] + (1-l.reflect[i])*fresnel
		// Transmission is stated head-on, its reflections included.
		out.pass[i] = min(t[i]*(1-fresnel), 1-r)
		out.add[i] = r * env[i]
	}
	return out
}

func isTemple(k eyewear.PartKind) bool {
	return k == eyewear.TempleLeft || k == eyewear.TempleRight || k == eyewear.TipLeft || k == eyewear.TipRight
}
