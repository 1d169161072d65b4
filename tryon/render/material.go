package render

import (
	"math"
	"sync"

	"cheval/catalog"
)

// dielectricF0 is what acetate reflects head-on: ((n-1)/(n+1))², n = 1.49
// (cellulose acetate, 1.47 to 1.50).
const dielectricF0 = 0.0387

const dfgSteps = 64

// material is a Surface made ready for shading. It is immutable.
type material struct {
	base, second rgb
	pattern      catalog.Pattern
	invScale     float32 // 1/mm of the pattern
	opacity      float32 // 1: nothing shines through
	metallic     float32
	roughness    float32
	alpha2       float32 // α², roughness to the fourth
	level        float32 // of the environment
	f0           rgb     // of the plain colour; metals recompute it with the pattern's
	// dfg is the directional albedo of the GGX lobe by N·V: F0·dfg[0] + dfg[1];
	// dfg[2] is what a white mirror loses of the light, against what it returns.
	dfg   [dfgSteps + 1][3]float32
	field *tortoise
	photo *photoTexture // of a photographed front; else nil
	// clear is, by N·V, how much passes transparent acetate: all light, and
	// the power to which its colour tints it.
	clear [dfgSteps + 1]rgb
}

func newMaterial(s catalog.Surface) *material {
	m := &material{
		base: linearOf(s.Base), second: linearOf(s.Second),
		pattern: s.Pattern, opacity: float32(s.Base.A) / 255,
		metallic: clamp(s.Metallic, 0, 1), roughness: clamp(s.Roughness, 0.05, 1),
	}
	scale := s.PatternScale
	if scale <= 0 {
		scale = 6
	}
	m.invScale = 1 / scale
	if m.pattern == catalog.Tortoise {
		m.field = sharedTortoise()
	}
	m.alpha2 = m.roughness * m.roughness * m.roughness * m.roughness
	m.level = shopEnvironment().levelOf(m.roughness) // levels are the same in all
	m.f0 = rgb{dielectricF0, dielectricF0, dielectricF0}.mix(m.base, m.metallic)
	for i := range m.dfg {
		nv := float32(i) / dfgSteps
		d := sharedDFG().at(nv, m.roughness)
		m.dfg[i] = [3]float32{d[0], d[1], 1/(d[0]+d[1]) - 1}
		m.clear[i] = m.passes(m.base, nv)
	}
	return m
}

// specular returns the directional albedo of the lobe for f0 at N·V, the light
// that bounces more than once between facets included (E. Turquin, "Practical
// multiple scattering compensation for microfacet models", 2019), so that a
// white mirror in a white room is white at every roughness.
func (m *material) specular(f0 rgb, nv float32) rgb {
	x := nv * dfgSteps
	i := min(int(x), dfgSteps-1)
	f := x - float32(i)
	p, q := &m.dfg[i], &m.dfg[i+1]
	a, b, more := p[0]+(q[0]-p[0])*f, p[1]+(q[1]-p[1])*f, p[2]+(q[2]-p[2])*f
	return rgb{
		(f0.r*a + b) * (1 + f0.r*more),
		(f0.g*a + b) * (1 + f0.g*more),
		(f0.b*a + b) * (1 + f0.b*more),
	}
}

// passes is how much light goes through transparent acetate of a colour: its
// opacity is what a head-on view loses, and the colour tints what is left, the
// more the longer the way.
func (m *material) passes(base rgb, nv float32) rgb {
	path := 1 / (0.35 + 0.65*nv)
	t := pow(1-m.opacity, path)
	return powRGB(rgb{0.25 + 0.75*base.r, 0.25 + 0.75*base.g, 0.25 + 0.75*base.b}, path).scale(t)
}

// through is passes from the table, as far as the colour is the plain one.
func (m *material) through(base rgb, nv float32) rgb {
	if m.pattern != catalog.Plain {
		return m.passes(base, nv)
	}
	x := nv * dfgSteps
	i := min(int(x), dfgSteps-1)
	return m.clear[i].mix(m.clear[i+1], x-float32(i))
}

// dfgTable is the environment's half of the split-sum approximation (Karis
// 2013): scale and bias of F0 by N·V and roughness.
type dfgTable struct {
	v [dfgRough][dfgView][2]float32
}

const dfgRough, dfgView = 16, 33

var sharedDFG = sync.OnceValue(func() *dfgTable {
	t := &dfgTable{}
	for r := range dfgRough {
		for n := range dfgView {
			t.v[r][n] = integrateDFG(max(float64(n)/(dfgView-1), 0.02), max(float64(r)/(dfgRough-1), 0.03))
		}
	}
	return t
})

func integrateDFG(nv, roughness float64) [2]float32 {
	const n = 128
	vx, vz := math.Sqrt(1-nv*nv), nv
	a2 := math.Pow(roughness, 4)
	var scale, bias float64
	for i := range n {
		u, w := hammersley(i, n)
		h := ggxHalf(u, w, float32(roughness))
		vh := math.Max(0, vx*float64(h[0])+vz*float64(h[2]))
		nl := 2*vh*float64(h[2]) - vz
		if nl <= 0 {
			continue
		}
		// Height-correlated Smith visibility (E. Heitz, 2014) over the sampling density.
		g := 2 * nl * nv / (nl*math.Sqrt(a2+(1-a2)*nv*nv) + nv*math.Sqrt(a2+(1-a2)*nl*nl))
		g *= vh / (float64(h[2]) * nv)
		fc := math.Pow(1-vh, 5)
		scale += (1 - fc) * g / n
		bias += fc * g / n
	}
	return [2]float32{float32(scale), float32(bias)}
}

func (t *dfgTable) at(nv, roughness float32) [2]float32 {
	x, y := nv*(dfgView-1), roughness*(dfgRough-1)
	i, j := min(int(x), dfgView-2), min(int(y), dfgRough-2)
	fx, fy := x-float32(i), y-float32(j)
	var out [2]float32
	for k := range out {
		a := t.v[j][i][k] + (t.v[j][i+1][k]-t.v[j][i][k])*fx
		b := t.v[j+1][i][k] + (t.v[j+1][i+1][k]-t.v[j+1][i][k])*fx
		out[k] = a + (b-a)*fy
	}
	return out
}

// albedo returns the colour at (u, v) mm of the surface, at height y above the
// lenses' middle (half the front's height being half), where a pixel covers
// footprint mm.
func (m *material) albedo(u, v, y, half, footprint float32) rgb {
	switch m.pattern {
	case catalog.Plain:
		return m.base
	case catalog.Gradient:
		return m.base.mix(m.second, smoothstep(0.75, -0.75, y/half))
	case catalog.Striped:
		return m.base.mix(m.second, stripe(v*m.invScale, footprint*m.invScale))
	case catalog.Tortoise:
		dark, tone := m.field.at(u*m.invScale, v*m.invScale, footprint*m.invScale)
		return m.base.scale(tone).mix(m.second, dark)
	case photographed:
		return m.photo.at(u, v, footprint)
	}
	return m.base
}
