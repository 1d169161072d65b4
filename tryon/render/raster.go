package render

import "cheval/tryon/eyewear"

const (
	tileSize = 32
	tilePx   = tileSize * tileSize
	subpixel = 256 // vertices are snapped to 1/256 pixel, so that edges are exact
)

// sampleAt are the four samples of a pixel, on a grid rotated so that no two
// share a row or a column; pixels from its middle.
var sampleAt = [4][2]float32{{-0.125, -0.375}, {0.375, -0.125}, {-0.375, 0.125}, {0.125, 0.375}}

// bins lists, for every tile of the region, the triangles that touch it, in
// drawing order.
type bins struct {
	cols, rows int
	start      []int32 // of each tile in list; one more at the end
	list       []uint32
	box        []tileBox // of each triangle
}

// maxTileTriangles is how many triangles of one tile are drawn: a frame has
// some 5000 that face the camera.
const maxTileTriangles = 1<<16 - 2

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
		if g.fade.on && g.fade.gone(v.at(a)) && g.fade.gone(v.at(b)) && g.fade.gone(v.at(c)) {
			continue // behind the ear
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
// infinitely far, the greater the nearer. ids are places in list, from 1.
type tile struct {
	depth  [tilePx * 4]float32
	id     [tilePx * 4]uint16
	opaque [tilePx * 4]float32 // depth of the opaque layer, where front is not 0
	// What a pixel's samples add and let through, once it is touched.
	state     [tilePx]uint8
	px        [tilePx]shaded     // of whole pixels
	samples   [tilePx * 4]shaded // of split ones
	fine      [tileSize]uint32   // pixels with detail, a bit each
	far, near float32            // the head's reach here, 1/mm
	toView    float32            // makes (x, y, 1) of a direction to the camera unit, here
	// A lens's samples, the triangle that covered a pixel last, and the nearest
	// opaque sample of each pixel.
	mask  [tilePx]uint8
	owner [tilePx]uint16
	front [tilePx]float32
	// Shading shared by blocks of pixels: 1 hidden, 2 shown; and, of what is
	// solid, the triangle it is of.
	blockState [tilePx]uint8
	blockOwner [tilePx]uint16
	block      [tilePx]shaded
	// The corners of a lens's blocks.
	node      [lensNodes * lensNodes]shaded
	nodeKnown [lensNodes * lensNodes]bool
	// What the current layer wrote, and all of them.
	layer, touched box
	list           []uint32 // the tile's triangles
	behind         box      // what the opaque layer wrote
}

// States of a pixel.
const (
	untouched uint8 = iota
	whole           // all samples alike: only the first counts
	split           // each sample its own
)

// edges is a triangle set up for a tile: its box of pixels, its edge functions
// (at least 0 inside, exact integers) and 1/distance at the middle of the box's
// first pixel, with what a step and the samples' offsets add.
type edges struct {
	box
	a, b, c    int // at the first pixel
	ax, bx, cx int // a pixel to the right
	ay, by, cy int // a pixel down
	a0, b0, c0 int // at the first sample; the fourth is its opposite
	a1, b1, c1 int // at the second; the third is its opposite
	ra, rb, rc int // the largest of these: how far samples reach
	z, zx, zy  float32
	z0, z1     float32
	id         uint16
}

// setUp prepares triangle t for the tile whose first pixel is (ox, oy); false
// where it does not meet it.
func (e *edges) setUp(v *vertices, t tri, id uint16, ox, oy int) bool {
	ox, oy = ox*subpixel, oy*subpixel
	ax, ay := int(v.sx[t.a])-ox, int(v.sy[t.a])-oy
	bx, by := int(v.sx[t.b])-ox, int(v.sy[t.b])-oy
	cx, cy := int(v.sx[t.c])-ox, int(v.sy[t.c])-oy
	e.x0, e.y0 = max(min(ax, bx, cx)/subpixel, 0), max(min(ay, by, cy)/subpixel, 0)
	e.x1, e.y1 = min(max(ax, bx, cx)/subpixel, tileSize-1), min(max(ay, by, cy)/subpixel, tileSize-1)
	area := (bx-ax)*(cy-ay) - (cx-ax)*(by-ay)
	if e.x0 > e.x1 || e.y0 > e.y1 || area <= 0 {
		return false
	}
	e.id = id
	// By a sub-pixel to the right and down; the edge opposite each corner.
	dax, day, dbx, dby, dcx, dcy := by-cy, cx-bx, cy-ay, ax-cx, ay-by, bx-ax
	px, py := e.x0*subpixel+subpixel/2, e.y0*subpixel+subpixel/2
	e.a = (px-bx)*dax + (py-by)*day
	e.b = (px-cx)*dbx + (py-cy)*dby
	e.c = (px-ax)*dcx + (py-ay)*dcy
	e.ax, e.bx, e.cx = dax*subpixel, dbx*subpixel, dcx*subpixel
	e.ay, e.by, e.cy = day*subpixel, dby*subpixel, dcy*subpixel
	const p0x, p0y, p1x, p1y = -subpixel / 8, -3 * subpixel / 8, 3 * subpixel / 8, -subpixel / 8
	e.a0, e.a1 = dax*p0x+day*p0y, dax*p1x+day*p1y
	e.b0, e.b1 = dbx*p0x+dby*p0y, dbx*p1x+dby*p1y
	e.c0, e.c1 = dcx*p0x+dcy*p0y, dcx*p1x+dcy*p1y
	e.ra, e.rb, e.rc = max(e.a0, -e.a0, e.a1, -e.a1), max(e.b0, -e.b0, e.b1, -e.b1), max(e.c0, -e.c0, e.c1, -e.c1)
	// 1/distance is affine on the picture.
	za, zb, zc := v.iz[t.a], v.iz[t.b], v.iz[t.c]
	k := 1 / float32(area)
	zx := (float32(dbx)*(zb-za) + float32(dcx)*(zc-za)) * k
	zy := (float32(dby)*(zb-za) + float32(dcy)*(zc-za)) * k
	e.z = za + zx*float32(px-ax) + zy*float32(py-ay)
	e.zx, e.zy = zx*subpixel, zy*subpixel
	e.z0, e.z1 = zx*p0x+zy*p0y, zx*p1x+zy*p1y
	return true
}

// raster draws the triangle into the samples of the tile, nearest first.
func (tl *tile) raster(e *edges) {
	wa, wb, wc, z := e.a, e.b, e.c, e.z
	a0, b0, c0, a1, b1, c1, z0, z1 := e.a0, e.b0, e.c0, e.a1, e.b1, e.c1, e.z0, e.z1
	for y := e.y0; y <= e.y1; y++ {
		a, b, c, zz := wa, wb, wc, z
		row := y * tileSize
		in := false
		for x := e.x0; x <= e.x1; x++ {
			if (a+e.ra)|(b+e.rb)|(c+e.rc) >= 0 {
				in = true
				i := (row + x) * 4
				d, n := (*[4]float32)(tl.depth[i:]), (*[4]uint16)(tl.id[i:])
				within := (a-e.ra)|(b-e.rb)|(c-e.rc) >= 0
				if within || (a+a0)|(b+b0)|(c+c0) >= 0 {
					if s := zz + z0; s > d[0] {
						d[0], n[0] = s, e.id
					}
				}
				if within || (a+a1)|(b+b1)|(c+c1) >= 0 {
					if s := zz + z1; s > d[1] {
						d[1], n[1] = s, e.id
					}
				}
				if within || (a-a1)|(b-b1)|(c-c1) >= 0 {
					if s := zz - z1; s > d[2] {
						d[2], n[2] = s, e.id
					}
				}
				if within || (a-a0)|(b-b0)|(c-c0) >= 0 {
					if s := zz - z0; s > d[3] {
						d[3], n[3] = s, e.id
					}
				}
			} else if in {
				break // a triangle's row has no gaps
			}
			a += e.ax
			b += e.bx
			c += e.cx
			zz += e.zx
		}
		wa += e.ay
		wb += e.by
		wc += e.cy
		z += e.zy
	}
	tl.layer = tl.layer.join(e.box)
}

// rasterSheet draws a triangle of a lens, a sheet that does not overlap itself:
// a pixel's samples in one mask, tested against the opaque layer alone.
func (tl *tile) rasterSheet(e *edges) {
	wa, wb, wc, z := e.a, e.b, e.c, e.z
	for y := e.y0; y <= e.y1; y++ {
		a, b, c, zz := wa, wb, wc, z
		row := y * tileSize
		in := false
		for x := e.x0; x <= e.x1; x++ {
			if (a+e.ra)|(b+e.rb)|(c+e.rc) >= 0 {
				in = true
				m := uint8(15)
				if (a-e.ra)|(b-e.rb)|(c-e.rc) < 0 {
					m = e.covered(a, b, c)
				}
				i := row + x
				if o := tl.front[i]; o > 0 {
					m &= tl.before(i, zz, e)
				}
				if m != 0 {
					tl.mask[i] |= m
					tl.owner[i] = e.id
				}
			} else if in {
				break // a triangle's row has no gaps
			}
			a += e.ax
			b += e.bx
			c += e.cx
			zz += e.zx
		}
		wa += e.ay
		wb += e.by
		wc += e.cy
		z += e.zy
	}
	tl.layer = tl.layer.join(e.box)
}

// covered tests the four samples.
func (e *edges) covered(a, b, c int) (m uint8) {
	if (a+e.a0)|(b+e.b0)|(c+e.c0) >= 0 {
		m |= 1
	}
	if (a+e.a1)|(b+e.b1)|(c+e.c1) >= 0 {
		m |= 2
	}
	if (a-e.a1)|(b-e.b1)|(c-e.c1) >= 0 {
		m |= 4
	}
	if (a-e.a0)|(b-e.b0)|(c-e.c0) >= 0 {
		m |= 8
	}
	return m
}

// before says which samples of pixel i lie before the opaque layer.
func (tl *tile) before(i int, z float32, e *edges) (m uint8) {
	d := (*[4]float32)(tl.opaque[4*i:])
	for j, s := range [4]float32{z + e.z0, z + e.z1, z - e.z1, z - e.z0} {
		if s > d[j] {
			m |= 1 << j
		}
	}
	return m
}
