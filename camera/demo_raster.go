package camera

import (
	"encoding/binary"
	"image"
)

// vertex is a node as it is drawn.
type vertex struct {
	x, y int32   // on the frame, in 1/16 pixel
	z    float32 // larger is nearer
	u, v float32 // in the texture
	gain float32 // of its light, at most 1
}

const (
	subpixel = 16
	texelOne = 1 << 16
)

// canvas is what a head is drawn on: a frame and its depths.
type canvas struct {
	img   *image.RGBA
	depth []float32
}

// wipe forgets the depths within r.
func (c *canvas) wipe(r image.Rectangle) {
	const far = -1e30
	w := c.img.Rect.Dx()
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := c.depth[y*w+r.Min.X : y*w+r.Max.X]
		for i := range row {
			row[i] = far
		}
	}
}

// triangle draws one textured triangle, the nearest surface winning; what
// faces away is not drawn. Pixels on a shared edge belong to one of its two
// triangles (top-left rule).
func (c *canvas) triangle(tex *image.RGBA, a, b, d *vertex, solid bool) {
	area := (b.x-a.x)*(d.y-a.y) - (d.x-a.x)*(b.y-a.y)
	if area <= 0 {
		return
	}
	minX := max(0, (min(a.x, b.x, d.x)+subpixel-1)/subpixel)
	minY := max(0, (min(a.y, b.y, d.y)+subpixel-1)/subpixel)
	maxX := min(int32(c.img.Rect.Dx())-1, max(a.x, b.x, d.x)/subpixel)
	maxY := min(int32(c.img.Rect.Dy())-1, max(a.y, b.y, d.y)/subpixel)
	if minX > maxX || minY > maxY {
		return
	}
	s := newSlope(a, b, d, float32(area), minX, minY)
	s.e[0], s.e[1], s.e[2] = newEdge(b, d, minX, minY), newEdge(d, a, minX, minY), newEdge(a, b, minX, minY)
	for y := minY; y <= maxY; y++ {
		c.span(tex, &s, int(y)*c.img.Rect.Dx()+int(minX), int(maxX-minX)+1, solid)
		s.stepDown()
	}
}

// edge is twice the area beside one side of a triangle, at a pixel, and how it
// grows; negative outside.
type edge struct{ at, right, down int32 }

func newEdge(p, q *vertex, x, y int32) edge {
	dx, dy := q.x-p.x, q.y-p.y
	e := edge{right: -dy * subpixel, down: dx * subpixel}
	e.at = dx*(y*subpixel-p.y) - dy*(x*subpixel-p.x)
	if !(dy < 0 || (dy == 0 && dx > 0)) {
		e.at--
	}
	return e
}

// slope is what varies over a triangle, at the first pixel of a row of its
// bounds, with its growth to the right and down: depth, place in the texture
// (1/65536 pixel) and gain (1/65536).
type slope struct {
	e                      [3]edge
	z, zRight, zDown       float32
	u, v, g                int32
	uRight, vRight, gRight int32
	uDown, vDown, gDown    int32
}

func newSlope(a, b, d *vertex, area float32, x, y int32) (s slope) {
	k := subpixel / area
	bx, by, dx, dy := float32(b.x-a.x), float32(b.y-a.y), float32(d.x-a.x), float32(d.y-a.y)
	ox, oy := float32(x)-float32(a.x)/subpixel, float32(y)-float32(a.y)/subpixel
	plane := func(va, vb, vd float32) (at, right, down float32) {
		right = ((vb-va)*dy - (vd-va)*by) * k
		down = ((vd-va)*bx - (vb-va)*dx) * k
		return va + right*ox + down*oy, right, down
	}
	fixed := func(va, vb, vd float32) (at, right, down int32) {
		p, q, r := plane(va, vb, vd)
		return int32(p * texelOne), int32(q * texelOne), int32(r * texelOne)
	}
	s.z, s.zRight, s.zDown = plane(a.z, b.z, d.z)
	s.u, s.uRight, s.uDown = fixed(a.u, b.u, d.u)
	s.v, s.vRight, s.vDown = fixed(a.v, b.v, d.v)
	s.g, s.gRight, s.gDown = fixed(a.gain, b.gain, d.gain)
	return s
}

func (s *slope) stepDown() {
	for i := range s.e {
		s.e[i].at += s.e[i].down
	}
	s.z += s.zDown
	s.u += s.uDown
	s.v += s.vDown
	s.g += s.gDown
}

// span draws one row: n pixels from at on, those within the triangle.
func (c *canvas) span(tex *image.RGBA, s *slope, at, n int, solid bool) {
	e0, e1, e2 := s.e[0].at, s.e[1].at, s.e[2].at
	z, u, v, g := s.z, s.u, s.v, s.g
	inside := false
	for _, was := range c.depth[at : at+n] {
		if e0|e1|e2 >= 0 {
			inside = true
			if z > was {
				c.put(at, z, dim(bilinear(tex, u, v), uint32(g)>>8), solid)
			}
		} else if inside {
			return
		}
		e0 += s.e[0].right
		e1 += s.e[1].right
		e2 += s.e[2].right
		z += s.zRight
		u += s.uRight
		v += s.vRight
		g += s.gRight
		at++
	}
}

// soften mixes the pixels at both sides of each step in depth within r, so
// that outlines that hide what is behind them do not show stairs.
func (c *canvas) soften(r image.Rectangle) {
	const step = 10
	w := c.img.Rect.Dx()
	for y := r.Min.Y; y < r.Max.Y-1; y++ {
		at := y*w + r.Min.X
		z := c.depth[at]
		for range r.Dx() - 1 {
			right, below := c.depth[at+1], c.depth[at+w]
			if d := z - right; d > step || d < -step {
				c.meet(at, at+1)
			}
			if d := z - below; d > step || d < -step {
				c.meet(at, at+w)
			}
			at, z = at+1, right
		}
	}
}

// meet moves two pixels a third towards each other.
func (c *canvas) meet(i, j int) {
	p, q := c.img.Pix[4*i:4*i+4], c.img.Pix[4*j:4*j+4]
	a, b := binary.LittleEndian.Uint32(p), binary.LittleEndian.Uint32(q)
	binary.LittleEndian.PutUint32(p, mix(a, b, 85))
	binary.LittleEndian.PutUint32(q, mix(b, a, 85))
}

// put lays a premultiplied pixel over the frame.
func (c *canvas) put(at int, z float32, rgba uint32, solid bool) {
	dst := c.img.Pix[4*at : 4*at+4 : 4*at+4]
	if !solid {
		a := rgba >> 24
		if a == 0 {
			return
		}
		rgba += fade(binary.LittleEndian.Uint32(dst), 256-(a+a>>7))
	}
	c.depth[at] = z
	binary.LittleEndian.PutUint32(dst, rgba|0xff000000)
}

// fade scales all four channels by k/256.
func fade(rgba, k uint32) uint32 {
	const even = 0x00ff00ff
	return (rgba&even)*k>>8&even | (rgba>>8&even)*k&^even
}

// dim scales the colours by k/256 and leaves alpha.
func dim(rgba, k uint32) uint32 {
	if k >= 256 {
		return rgba
	}
	return fade(rgba, k)&0x00ffffff | rgba&0xff000000
}

// bilinear reads a texture between its pixels; u and v in 1/65536 pixel.
func bilinear(tex *image.RGBA, u, v int32) uint32 {
	x, y := int(u>>16), int(v>>16)
	if x < 0 || y < 0 || x >= tex.Rect.Max.X-1 || y >= tex.Rect.Max.Y-1 {
		return clampedTexel(tex, x, y)
	}
	fx, fy := uint32(u>>8)&255, uint32(v>>8)&255
	at := y*tex.Stride + 4*x
	top := binary.LittleEndian.Uint64(tex.Pix[at:])
	low := binary.LittleEndian.Uint64(tex.Pix[at+tex.Stride:])
	return mix(mix(uint32(top), uint32(top>>32), fx), mix(uint32(low), uint32(low>>32), fx), fy)
}

// mix goes from a to b by k/256, all four channels at once.
func mix(a, b, k uint32) uint32 { return fade(a, 256-k) + fade(b, k) }

func clampedTexel(tex *image.RGBA, x, y int) uint32 {
	x, y = max(0, min(tex.Rect.Max.X-1, x)), max(0, min(tex.Rect.Max.Y-1, y))
	return binary.LittleEndian.Uint32(tex.Pix[y*tex.Stride+4*x:])
}
