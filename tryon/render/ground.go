package render

import (
	"math"

	"cheval/tryon/eyewear"

	"github.com/go-gl/mathgl/mgl32"
)

// groundHeights are where the shadow's layers end, in mm above the table, with
// how far each is blurred (mm) and how dark it is. Under a broad light a
// shadow loses its edge and its depth with the height of what casts it.
var groundHeights = [...]struct{ below, blur, dark float32 }{
	{5, 1.5, 0.70}, {14, 4.5, 0.68}, {30, 9, 0.64}, {1e9, 14, 0.55},
}

// leastTilt is how far the table is seen from above at least, degrees: a
// product pictured straight from the front still stands on something.
const leastTilt = 7

// groundShadow is how much the product darkens the table under it, for each
// pixel of the finished picture. The table touches the lowest points of the
// front and of the temples' tips.
func groundShadow(s *scene, frame affine, w, h int) []float32 {
	on, up := tableOf(s, frame)
	var layers [len(groundHeights)][]float32
	for i := range layers {
		layers[i] = make([]float32, w*h)
	}
	for i := range s.groups {
		castOnTable(s, &s.groups[i], on, up, &layers, w, h)
	}
	pxPerMM := s.cam.F / (pictureDistance * pictureScale)
	out := make([]float32, w*h)
	line := make([]float32, max(w, h))
	for i, l := range layers {
		for range 3 { // three boxes make a bell
			sigma := groundHeights[i].blur * pxPerMM
			boxBlur(l, w, h, sigma, sigma*max(up[2], 0.1), line)
		}
		for k, v := range l {
			out[k] = 1 - (1-out[k])*(1-min(v, 1)*groundHeights[i].dark)
		}
	}
	return out
}

// tableOf returns a point of the table and its normal, camera space.
func tableOf(s *scene, frame affine) (on, up mgl32.Vec3) {
	front, back := mgl32.Vec3{0, 1e9, 0}, mgl32.Vec3{0, 1e9, 0}
	for _, g := range s.groups {
		for _, p := range g.mesh.Positions[g.part.VertexFirst : g.part.VertexFirst+g.part.VertexCount] {
			if p[2] > -30 && p[1] < front[1] {
				front = p
			}
			if p[2] < -60 && p[1] < back[1] {
				back = p
			}
		}
	}
	slope := float32(0)
	if back[1] < 1e8 {
		slope = clamp((front[1]-back[1])/max(front[2]-back[2], 1), -0.35, 0.35)
	}
	up = mgl32.Vec3{0, 1, -slope}.Normalize()
	up = frame.dir(up).Normalize()
	// Seen from above at least by so much.
	if low := float32(math.Sin(leastTilt * math.Pi / 180)); up[2] < low {
		up[2] = low
		up = up.Normalize()
	}
	return frame.point(front), up
}

// castOnTable drops each triangle of the group onto the table.
func castOnTable(s *scene, g *group, on, up mgl32.Vec3, layers *[len(groundHeights)][]float32, w, h int) {
	block := float32(0.5) // each closed part has two sides
	switch {
	case g.kind == eyewear.LensEdge || g.kind == eyewear.NosePad:
		return
	case g.lens != nil:
		block = 1 - g.lens.at(0).luminance()
	case g.translucent:
		block *= 0.3 + 0.7*g.mat.opacity
	}
	v := &s.v
	for _, t := range g.mesh.Triangles[g.part.First : g.part.First+g.part.Count] {
		var q [3]mgl32.Vec2
		var height float32
		for k, i := range t {
			j := int(i) + g.first
			p := mgl32.Vec3{v.px[j], v.py[j], v.pz[j]}
			d := p.Sub(on).Dot(up)
			height += d / 3
			p = p.Sub(up.Mul(d))
			q[k] = mgl32.Vec2{s.cam.Cx - s.cam.F*p[0]/p[2], s.cam.Cy + s.cam.F*p[1]/p[2]}.Mul(1.0 / pictureScale)
		}
		l := 0
		for height > groundHeights[l].below {
			l++
		}
		spreadTriangle(layers[l], w, h, q, block)
	}
}

// spreadTriangle adds a triangle's area to the pixels: small ones to the four
// nearest, larger ones quartered first.
func spreadTriangle(img []float32, w, h int, q [3]mgl32.Vec2, block float32) {
	e, f := q[1].Sub(q[0]), q[2].Sub(q[0])
	area := abs(e[0]*f[1]-e[1]*f[0]) / 2
	reach := max(e.Len(), f.Len(), q[2].Sub(q[1]).Len())
	if reach > 2.5 && reach < 4096 {
		a, b, c := q[0].Add(q[1]).Mul(0.5), q[1].Add(q[2]).Mul(0.5), q[2].Add(q[0]).Mul(0.5)
		for _, t := range [4][3]mgl32.Vec2{{q[0], a, c}, {a, q[1], b}, {c, b, q[2]}, {a, b, c}} {
			spreadTriangle(img, w, h, t, block)
		}
		return
	}
	m := q[0].Add(q[1]).Add(q[2]).Mul(1.0 / 3)
	x, y := floor(m[0]-0.5), floor(m[1]-0.5)
	if x < 0 || y < 0 || x+1 >= w || y+1 >= h {
		return
	}
	fx, fy := m[0]-0.5-float32(x), m[1]-0.5-float32(y)
	k := area * block
	img[y*w+x] += k * (1 - fx) * (1 - fy)
	img[y*w+x+1] += k * fx * (1 - fy)
	img[(y+1)*w+x] += k * (1 - fx) * fy
	img[(y+1)*w+x+1] += k * fx * fy
}

// boxBlur averages over a box whose three-fold use makes a bell of σ pixels
// across and down. line is scratch.
func boxBlur(img []float32, w, h int, across, down float32, line []float32) {
	if r := int(across + 0.5); r > 0 {
		for y := range h {
			slideMean(img[y*w:], line[:w], 1, r)
		}
	}
	if r := int(down + 0.5); r > 0 {
		for x := range w {
			slideMean(img[x:], line[:h], w, r)
		}
	}
}

// slideMean replaces len(line) values, step apart, by the mean of 2r+1.
func slideMean(v, line []float32, step, r int) {
	n := len(line)
	for i := range n {
		line[i] = v[i*step]
	}
	var sum float32
	for i := 0; i < min(r, n); i++ {
		sum += line[i]
	}
	k := 1 / float32(2*r+1)
	for i := range n {
		if i+r < n {
			sum += line[i+r]
		}
		if i-r-1 >= 0 {
			sum -= line[i-r-1]
		}
		v[i*step] = sum * k
	}
}
