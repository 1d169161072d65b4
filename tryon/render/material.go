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
	}
	return m.base
}

// stripe is 1 on half of each period, its edges as wide as a pixel.
func stripe(x, footprint float32) float32 {
	x -= float32(floor(x))
	w := max(footprint, 0.06)
	if w >= 0.5 {
		return 0.5
	}
	d := 0.25 - abs(x-0.5) // positive within the stripe
	return smoothstep(-w/2, w/2, d)
}

// tortoise is havana's field: how dark the blotch, and the honey's tone, in
// bytes, so that it stays in the processor's cache.
type tortoise struct {
	texels             [tortoiseSize * tortoiseSize]struct{ dark, tone uint8 }
	meanDark, meanTone float32
}

// tortoiseSize texels hold tortoiseCells pattern lengths, then repeat.
const tortoiseSize, tortoiseCells = 256, 12

// leastTone and toneRange scale a tone's byte.
const leastTone, toneRange = 0.72, 0.56

var sharedTortoise = sync.OnceValue(func() *tortoise {
	t := &tortoise{}
	for y := range tortoiseSize {
		for x := range tortoiseSize {
			u := float64(x) / tortoiseSize * tortoiseCells
			v := float64(y) / tortoiseSize * tortoiseCells
			// The sheet is pressed from flakes: domains warped, then cut off.
			wu := u + 0.7*(tileNoise(u, v, tortoiseCells, 1)-0.5)
			wv := v + 0.7*(tileNoise(u, v, tortoiseCells, 2)-0.5)
			n := 0.62*tileNoise(wu, wv, tortoiseCells, 3) + 0.28*tileNoise(2*wu, 2*wv, 2*tortoiseCells, 4) +
				0.10*tileNoise(5*wu, 5*wv, 5*tortoiseCells, 5)
			dark := smoothstep(0.44, 0.60, float32(n)) * (0.82 + 0.18*float32(tileNoise(3*u, 3*v, 3*tortoiseCells, 6)))
			tone := float32(tileNoise(1.5*wu, 1.5*wv, tortoiseCells*3/2, 7))
			i := y*tortoiseSize + x
			t.texels[i].dark, t.texels[i].tone = uint8(dark*255+0.5), uint8(tone*255+0.5)
			t.meanDark += dark / (tortoiseSize * tortoiseSize)
			t.meanTone += (leastTone + toneRange*tone) / (tortoiseSize * tortoiseSize)
		}
	}
	return t
})

// at returns the field at (u, v) pattern lengths, fading to its mean where a
// pixel covers more than a blotch.
func (t *tortoise) at(u, v, footprint float32) (dark, tone float32) {
	x, y := u*(float32(tortoiseSize)/tortoiseCells), v*(float32(tortoiseSize)/tortoiseCells)
	const mask = tortoiseSize - 1
	ix, iy := floor(x), floor(y)
	fx, fy := x-float32(ix), y-float32(iy)
	ix, iy = ix&mask, iy&mask
	jx, jy := (ix+1)&mask, (iy+1)&mask
	a, b := t.texels[iy*tortoiseSize+ix], t.texels[iy*tortoiseSize+jx]
	c, d := t.texels[jy*tortoiseSize+ix], t.texels[jy*tortoiseSize+jx]
	dark = mix2(float32(a.dark), float32(b.dark), float32(c.dark), float32(d.dark), fx, fy) * (1.0 / 255)
	tone = leastTone + toneRange/255*mix2(float32(a.tone), float32(b.tone), float32(c.tone), float32(d.tone), fx, fy)
	f := ease((footprint - 0.25) * (1 / 0.75))
	return dark + (t.meanDark-dark)*f, tone + (t.meanTone-tone)*f
}

func mix2(a, b, c, d, fx, fy float32) float32 {
	a += (b - a) * fx
	c += (d - c) * fx
	return a + (c-a)*fy
}

// tileNoise is value noise in 0..1 that repeats every period cells.
func tileNoise(u, v float64, period int, seed uint32) float64 {
	fu, fv := math.Floor(u), math.Floor(v)
	x, y := u-fu, v-fv
	x, y = x*x*(3-2*x), y*y*(3-2*y)
	at := func(i, j int) float64 {
		i, j = ((i%period)+period)%period, ((j%period)+period)%period
		return hash01(uint32(i), uint32(j), seed)
	}
	i, j := int(fu), int(fv)
	a := at(i, j) + (at(i+1, j)-at(i, j))*x
	b := at(i, j+1) + (at(i+1, j+1)-at(i, j+1))*x
	return a + (b-a)*y
}

func hash01(x, y, seed uint32) float64 {
	h := x*0x9E3779B1 ^ y*0x85EBCA77 ^ seed*0xC2B2AE3D
	h ^= h >> 15
	h *= 0x2C1B3C6D
	h ^= h >> 12
	h *= 0x297A2D39
	h ^= h >> 15
	return float64(h) / (1 << 32)
}
