package render

import (
	"math"

	"cheval/tryon/eyewear"
)

const (
	tileSize = 32
	tilePx   = tileSize * tileSize
	subpixel = 256 // vertices are snapped to 1/256 pixel, so that edges are exact
)

// sampleAt are the four samples of a pixel, on a grid rotated so that no two
// share a row or a column; in 1/8 pixel from its middle.
var sampleAt = [4][2]int{{-1, -3}, {3, -1}, {-3, 1}, {1, 3}}

// bins lists, for every tile of the region, the triangles that touch it, in
// drawing order.
type bins struct {
	cols, rows int
	start      []int32 // of each tile in list; one more at the end
	list       []uint32
	box        []tileBox // of each triangle
}

type tileBox struct{ x0, y0, x1, y1 uint16 }

// collect turns the groups' triangles that face the camera into s.tris, layer
// by layer, and bins them. The opaque groups come first, then the translucent
// ones from the back to the front.
func (s *scene) collect() {
	s.sortLayers()
	s.tris = s.tris[:0]
	s.bins.box = s.bins.box[:0]
	for _, gi := range s.layers {
		s.collectGroup(uint32(gi))
	}
	s.bins.fill(s.w, s.h)
}

func (s *scene) sortLayers() {
	s.layers = s.layers[:0]
	for i := range s.groups {
		s.layers = append(s.layers, int32(i))
	}
	less := func(a, b *group) bool {
		if a.translucent != b.translucent {
			return !a.translucent
		}
		return a.translucent && a.depth > b.depth
	}
	for i := 1; i < len(s.layers); i++ { // a handful: insertion is stable and allocates nothing
		for j := i; j > 0 && less(&s.groups[s.layers[j]], &s.groups[s.layers[j-1]]); j-- {
			s.layers[j], s.layers[j-1] = s.layers[j-1], s.layers[j]
		}
	}
}

func (s *scene) collectGroup(gi uint32) {
	g, v := &s.groups[gi], &s.v
	sheet := g.kind == eyewear.LensLeft || g.kind == eyewear.LensRight // seen from both sides
	maxX, maxY := float32(s.w), float32(s.h)
	for _, t := range g.mesh.Triangles[g.part.First : g.part.First+g.part.Count] {
		a, b, c := int(t[0])+g.first, int(t[1])+g.first, int(t[2])+g.first
		ax, ay, bx, by, cx, cy := v.x[a], v.y[a], v.x[b], v.y[b], v.x[c], v.y[c]
		area := (bx-ax)*(cy-ay) - (cx-ax)*(by-ay)
		if area >= 0 { // y runs down: outward faces come out negative
			if !sheet || area == 0 {
				continue
			}
			b, c = c, b
		}
		x0, x1 := min(ax, bx, cx), max(ax, bx, cx)
		y0, y1 := min(ay, by, cy), max(ay, by, cy)
		if x1 < 0 || y1 < 0 || x0 >= maxX || y0 >= maxY {
			continue
		}
		// Wound the other way round, its area on the picture is positive.
		s.tris = append(s.tris, tri{uint32(a), uint32(c), uint32(b), gi})
		s.bins.box = append(s.bins.box, tileBox{
			uint16(int(max(x0-0.5, 0)) / tileSize), uint16(int(max(y0-0.5, 0)) / tileSize),
			uint16(int(min(x1+0.5, maxX-1)) / tileSize), uint16(int(min(y1+0.5, maxY-1)) / tileSize),
		})
	}
}

// fill sorts the triangles into tiles by counting.
func (b *bins) fill(w, h int) {
	b.cols, b.rows = (w+tileSize-1)/tileSize, (h+tileSize-1)/tileSize
	n := b.cols * b.rows
	b.start = grow(b.start, n+1)
	clear(b.start)
	total := 0
	for _, t := range b.box {
		for y := int(t.y0); y <= int(t.y1); y++ {
			for x := int(t.x0); x <= int(t.x1); x++ {
				b.start[y*b.cols+x]++
				total++
			}
		}
	}
	var sum int32
	for i, c := range b.start {
		b.start[i] = sum
		sum += c
	}
	b.list = grow(b.list, total)
	for i, t := range b.box {
		for y := int(t.y0); y <= int(t.y1); y++ {
			for x := int(t.x0); x <= int(t.x1); x++ {
				k := y*b.cols + x
				b.list[b.start[k]] = uint32(i)
				b.start[k]++
			}
		}
	}
	copy(b.start[1:], b.start[:n]) // each start has moved to its end: the next one's start
	b.start[0] = 0
}

// tile is where triangles become samples. Depths are 1/distance: 0 is
// infinitely far, the greater the nearer. ids are triangles + 1.
type tile struct {
	depth  [tilePx * 4]float32
	id     [tilePx * 4]uint32
	opaque [tilePx * 4]float32 // depth of the opaque layer, which later ones are tested against
	// What a pixel's samples add and let through, once it is touched.
	state [tilePx]uint8
	add   [tilePx * 4]rgb
	pass  [tilePx * 4]rgb
	// The box of what the current layer wrote.
	x0, y0, x1, y1 int
}

// States of a pixel.
const (
	untouched uint8 = iota
	whole           // all samples alike: only the first counts
	split           // each sample its own
)

// raster draws triangle t into the tile whose first pixel is (ox, oy).
func (tl *tile) raster(v *vertices, t tri, id uint32, ox, oy float32) {
	snap := func(x float32) int { return int(math.Floor(float64(x)*subpixel + 0.5)) }
	fax, fay := v.x[t.a]-ox, v.y[t.a]-oy
	fbx, fby := v.x[t.b]-ox, v.y[t.b]-oy
	fcx, fcy := v.x[t.c]-ox, v.y[t.c]-oy
	ax, ay, bx, by, cx, cy := snap(fax), snap(fay), snap(fbx), snap(fby), snap(fcx), snap(fcy)

	x0, y0 := max(min(ax, bx, cx)/subpixel, 0), max(min(ay, by, cy)/subpixel, 0)
	x1, y1 := min(max(ax, bx, cx)/subpixel, tileSize-1), min(max(ay, by, cy)/subpixel, tileSize-1)
	if x0 > x1 || y0 > y1 {
		return
	}
	// Edge functions, positive inside, exact integers.
	ea, eb, ec := edgeOf(bx, by, cx, cy), edgeOf(cx, cy, ax, ay), edgeOf(ax, ay, bx, by)
	area := (bx-ax)*(cy-ay) - (cx-ax)*(by-ay)
	if area <= 0 {
		return
	}
	// 1/distance is affine on the picture.
	za, zb, zc := v.iz[t.a], v.iz[t.b], v.iz[t.c]
	k := 1 / float32(area)
	zx := (float32(ea.dx)*za + float32(eb.dx)*zb + float32(ec.dx)*zc) * k // a sub-pixel
	zy := (float32(ea.dy)*za + float32(eb.dy)*zb + float32(ec.dy)*zc) * k
	var da, db, dc [4]int
	var dz [4]float32
	for i, p := range sampleAt {
		px, py := p[0]*subpixel/8, p[1]*subpixel/8
		da[i], db[i], dc[i] = ea.dx*px+ea.dy*py, eb.dx*px+eb.dy*py, ec.dx*px+ec.dy*py
		dz[i] = zx*float32(px) + zy*float32(py)
	}
	lo := func(d *[4]int) int { return max(d[0], d[1], d[2], d[3]) }
	ra, rb, rc := lo(&da), lo(&db), lo(&dc) // no sample can be inside below minus these
	px, py := x0*subpixel+subpixel/2, y0*subpixel+subpixel/2
	wa, wb, wc := ea.at(px, py), eb.at(px, py), ec.at(px, py)
	z := za + zx*float32(px-ax) + zy*float32(py-ay)
	for y := y0; y <= y1; y++ {
		a, b, c, zz := wa, wb, wc, z
		row := y * tileSize
		for x := x0; x <= x1; x++ {
			if (a+ra)|(b+rb)|(c+rc) >= 0 {
				i := (row + x) * 4
				d, n := tl.depth[i:i+4:i+4], tl.id[i:i+4:i+4]
				for j := range 4 {
					if (a+da[j])|(b+db[j])|(c+dc[j]) >= 0 {
						if s := zz + dz[j]; s > d[j] {
							d[j], n[j] = s, id
						}
					}
				}
			}
			a += ea.dx * subpixel
			b += eb.dx * subpixel
			c += ec.dx * subpixel
			zz += zx * subpixel
		}
		wa += ea.dy * subpixel
		wb += eb.dy * subpixel
		wc += ec.dy * subpixel
		z += zy * subpixel
	}
	tl.x0, tl.y0 = min(tl.x0, x0), min(tl.y0, y0)
	tl.x1, tl.y1 = max(tl.x1, x1), max(tl.y1, y1)
}

// edgeFn is dx·x + dy·y + c, at least 0 on the inner side of an edge.
type edgeFn struct{ dx, dy, c int }

func edgeOf(x0, y0, x1, y1 int) edgeFn {
	return edgeFn{dx: y0 - y1, dy: x1 - x0, c: x0*y1 - x1*y0}
}

func (e edgeFn) at(x, y int) int { return e.dx*x + e.dy*y + e.c }
