package render

import (
	"image"
	"math"
	"sync"
)

// paint renders the product and lays it, with its shadows and softened as the
// picture is, over the picture, in linear light: a row of tiles at a time, or
// all at once where it is drawn finer than the picture.
func (r *Renderer) paint(dst *image.RGBA, light Light) (touched image.Rectangle) {
	s := &r.scene
	r.soft.set(s.rw, light.Blur)
	r.grain.set(dst, light.Noise)
	if s.zoom > 1 {
		s.drawAll(&r.tile)
		s.small.average(&s.out, int(s.zoom), s.rw, s.rh)
		s.layer = &s.small
		return r.composite(dst, 0, s.rh).Add(s.origin)
	}
	s.layer = &s.out
	s.out.reset(s.w, s.h, keepRows)
	done := 0
	for y := range s.bins.rows {
		s.out.prepare(&s.bins, y)
		s.drawTileRow(&r.tile, y)
		end := s.h
		if y+1 < s.bins.rows {
			end = (y+1)*tileSize - softReach
		}
		touched = touched.Union(r.composite(dst, done, end))
		done = end
	}
	return touched.Add(s.origin)
}

// composite does rows y0 to y1 of the region and returns what they touch of it.
func (r *Renderer) composite(dst *image.RGBA, y0, y1 int) (touched image.Rectangle) {
	s := &r.scene
	for y := y0; y < y1; y++ {
		row, segments := r.soft.row(s.layer, y)
		lit := span{s.rw, 0}
		if r.model != nil {
			lit = s.shade.lineAt(y, s.rw)
		}
		if row.empty() && lit.empty() {
			continue
		}
		all := row.join(lit)
		r.blendRow(dst, y, all, row, segments, !lit.empty())
		touched = touched.Union(image.Rect(all.x0, y, all.x1, y+1))
	}
	return touched
}

// blendRow does one row: its shadows alone beside the product, then the
// product's segments, from the planes or as they were softened.
func (r *Renderer) blendRow(dst *image.RGBA, y int, all, row span, segments []segment, shaded bool) {
	s := &r.scene
	pix := dst.Pix[dst.PixOffset(s.origin.X, s.origin.Y+y):]
	line := s.layer.line(y)
	if shaded {
		if row.empty() {
			row = span{all.x1, all.x1}
		}
		r.shadeOnly(pix, span{all.x0, row.x0})
		r.shadeOnly(pix, span{row.x1, all.x1})
	}
	for _, g := range segments {
		from := line
		if g.blurred {
			from = r.soft.out
		}
		if shaded {
			r.blendShaded(pix, from, y, g.span)
		} else {
			r.blend(pix, from, y, g.span)
		}
	}
}

// lineAt interpolates the grid's nodes to row y and returns what is shaded.
func (g *shadeGrid) lineAt(y, w int) span {
	j := y / g.step
	a, b := g.rows[j], g.rows[j+1]
	lit := span{min(a.x0, b.x0), max(a.x1, b.x1)}
	if lit.x0 >= lit.x1 {
		return lit
	}
	f := float32(y%g.step) / float32(g.step)
	p, q := g.nodes[j*g.w:(j+1)*g.w], g.nodes[(j+1)*g.w:(j+2)*g.w]
	for i := range g.line {
		g.line[i] = p[i].mix(q[i], f)
	}
	return span{max(lit.x0-1, 0) * g.step, min(lit.x1*g.step, w)}
}

// blend lays a piece of the layer over the picture where no shadow falls.
func (r *Renderer) blend(pix []uint8, line []float32, y int, part span) {
	c := r.curves
	for x := part.x0; x < part.x1; x++ {
		p, q := (*[6]float32)(line[6*x:]), (*[4]uint8)(pix[4*x:])
		if p[3]+p[4]+p[5] == 3 {
			continue
		}
		q[0] = c.encode(c.linear[q[0]]*p[3] + p[0])
		q[1] = c.encode(c.linear[q[1]]*p[4] + p[1])
		q[2] = c.encode(c.linear[q[2]]*p[5] + p[2])
		if r.grain.amount > 0 {
			r.grain.apply(q, x, y, p[4])
		}
	}
}

// shadeOnly lays the shadows' line over the picture beside the product.
func (r *Renderer) shadeOnly(pix []uint8, part span) {
	c, g := r.curves, &r.scene.shade
	inv := 1 / float32(g.step)
	for x := part.x0; x < part.x1; {
		i := x / g.step
		end := min((i+1)*g.step, part.x1)
		a, b := g.line[i], g.line[i+1]
		if a == (rgb{1, 1, 1}) && b == a {
			x = end
			continue
		}
		d := b.add(a.scale(-1)).scale(inv)
		a = a.add(d.scale(float32(x - i*g.step)))
		for ; x < end; x++ {
			q := (*[4]uint8)(pix[4*x:])
			q[0] = c.encode(c.linear[q[0]] * a.r)
			q[1] = c.encode(c.linear[q[1]] * a.g)
			q[2] = c.encode(c.linear[q[2]] * a.b)
			a = a.add(d)
		}
	}
}

// blendShaded is blend with the shadows' line under the layer.
func (r *Renderer) blendShaded(pix []uint8, line []float32, y int, part span) {
	c, g := r.curves, &r.scene.shade
	inv := 1 / float32(g.step)
	for x := part.x0; x < part.x1; {
		i := x / g.step
		end := min((i+1)*g.step, part.x1)
		a, b := g.line[i], g.line[i+1]
		plain := a == rgb{1, 1, 1} && b == a
		d := b.add(a.scale(-1)).scale(inv)
		a = a.add(d.scale(float32(x - i*g.step)))
		for ; x < end; x++ {
			p, q := (*[6]float32)(line[6*x:]), (*[4]uint8)(pix[4*x:])
			if plain && p[3]+p[4]+p[5] == 3 {
				continue
			}
			q[0] = c.encode(c.linear[q[0]]*a.r*p[3] + p[0])
			q[1] = c.encode(c.linear[q[1]]*a.g*p[4] + p[1])
			q[2] = c.encode(c.linear[q[2]]*a.b*p[5] + p[2])
			if r.grain.amount > 0 && p[4] < 1 {
				r.grain.apply(q, x, y, p[4])
			}
			a = a.add(d)
		}
	}
}

// grain imitates the picture's noise on what covers it.
type grain struct {
	noise  *[grainSize]float32
	amount float32
	seed   uint32
}

const grainSize = 4096

// sharedNoise is normal noise, σ = 1.
var sharedNoise = sync.OnceValue(func() *[grainSize]float32 {
	t := &[grainSize]float32{}
	for i := range t {
		u, v := hash01(uint32(i), 1, 11), hash01(uint32(i), 2, 11)
		t[i] = float32(math.Sqrt(-2*math.Log(1-u)) * math.Cos(2*math.Pi*v))
	}
	return t
})

// set seeds the grain from the picture's own pixels: on a still it stands still.
func (g *grain) set(img *image.RGBA, noise float32) {
	g.noise, g.amount = sharedNoise(), noise
	if noise < 0.8 {
		g.amount = 0
	}
	g.seed = 2166136261
	b := img.Rect
	for i := range 64 {
		q := img.Pix[img.PixOffset(b.Min.X+(i%8)*b.Dx()/8, b.Min.Y+(i/8)*b.Dy()/8):]
		g.seed = (g.seed ^ uint32(q[0]) ^ uint32(q[1])<<8 ^ uint32(q[2])<<16) * 16777619
	}
}

// apply adds grain to the covered share of a pixel.
func (g *grain) apply(q *[4]uint8, x, y int, pass float32) {
	h := uint32(x)*0x9E3779B1 ^ uint32(y)*0x85EBCA77 ^ g.seed
	h ^= h >> 15
	h *= 0x2C1B3C6D
	h ^= h >> 13
	k := g.amount * (1 - pass)
	n := g.noise[h%grainSize] * 0.8 // mostly luminance, as cameras leave it
	for c := range 3 {
		v := float32(q[c]) + k*(n+0.6*g.noise[(h>>8+uint32(c)*977)%grainSize])
		q[c] = uint8(clamp(v+0.5, 0, 255))
	}
}
