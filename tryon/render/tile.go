package render

import "math/bits"

// drawAll renders the collected triangles into whole planes.
func (s *scene) drawAll(tl *tile) {
	s.out.reset(s.w, s.h, s.h)
	s.out.clearBox(0, 0, s.w, s.h)
	for y := range s.bins.rows {
		s.drawTileRow(tl, y)
	}
}

// drawTileRow renders a row of tiles.
func (s *scene) drawTileRow(tl *tile, y int) {
	for x := range s.bins.cols {
		k := y*s.bins.cols + x
		if list := s.bins.list[s.bins.start[k]:s.bins.start[k+1]]; len(list) > 0 {
			s.drawTile(tl, list[:min(len(list), maxTileTriangles)], x*tileSize, y*tileSize)
		}
	}
}

// drawTile draws the opaque triangles of the list, which come first, then one
// translucent group after the other, each over what is there.
func (s *scene) drawTile(tl *tile, list []uint32, ox, oy int) {
	clear(tl.state[:])
	clear(tl.front[:])
	tl.behind = box{tileSize, tileSize, -1, -1}
	rx, ry := (float32(ox)+tileSize/2+s.left)*s.invF, (float32(oy)+tileSize/2+s.top)*s.invF
	tl.toView = 1 / sqrt(1+rx*rx+ry*ry)
	tl.far, tl.near = 0, 0
	if s.head != nil {
		z := int(s.zoom)
		tl.far, tl.near = s.head.reach(ox/z, oy/z, tileSize/z+1)
	}
	tl.touched = box{tileSize, tileSize, -1, -1}
	tl.list = list
	for i := 0; i < len(list); {
		g := s.tris[list[i]].group
		n := i + 1
		for n < len(list) && s.sameLayer(g, s.tris[list[n]].group) {
			n++
		}
		tl.layer = box{tileSize, tileSize, -1, -1}
		if gr := &s.groups[g]; gr.lens != nil {
			s.drawSheet(tl, gr, i, n, ox, oy)
		} else {
			s.drawSolid(tl, gr.translucent, i, n, ox, oy)
		}
		tl.touched = tl.touched.join(tl.layer)
		i = n
	}
	s.flush(tl, ox, oy)
}

// sameLayer says whether group b is drawn together with a: all that is opaque
// is, what is translucent only with itself.
func (s *scene) sameLayer(a, b uint32) bool {
	return a == b || !s.groups[a].translucent && !s.groups[b].translucent
}

func (s *scene) drawSolid(tl *tile, translucent bool, from, to, ox, oy int) {
	clear(tl.depth[:])
	clear(tl.id[:])
	tl.recallOpaque()
	var e edges
	for k := from; k < to; k++ {
		t := s.tris[tl.list[k]]
		if s.groups[t.group].temple && s.hidden(tl, t) {
			continue
		}
		if e.setUp(&s.v, t, uint16(k+1), ox, oy) {
			tl.raster(&e)
		}
	}
	s.resolve(tl, ox, oy)
	if !translucent {
		tl.keepOpaque()
	}
}

// hidden says whether a temple's triangle lies behind all that the head shows
// in the tile.
func (s *scene) hidden(tl *tile, t tri) bool {
	iz := max(s.v.iz[t.a], s.v.iz[t.b], s.v.iz[t.c])
	return tl.far*(1-iz*(templeSlack+slackSoft)) > iz
}

// keepOpaque remembers the depths of the opaque layer for those over it.
func (tl *tile) keepOpaque() {
	b := tl.layer
	tl.behind = b
	for y := b.y0; y <= b.y1; y++ {
		for i := y*tileSize + b.x0; i <= y*tileSize+b.x1; i++ {
			d := (*[4]float32)(tl.depth[4*i:])
			*(*[4]float32)(tl.opaque[4*i:]) = *d
			tl.front[i] = max(d[0], d[1], d[2], d[3])
		}
	}
}

// recallOpaque puts the opaque layer's depths back, for what is drawn over it.
func (tl *tile) recallOpaque() {
	b := tl.behind
	for y := b.y0; y <= b.y1; y++ {
		for i := y*tileSize + b.x0; i <= y*tileSize+b.x1; i++ {
			if tl.front[i] > 0 {
				*(*[4]float32)(tl.depth[4*i:]) = *(*[4]float32)(tl.opaque[4*i:])
			}
		}
	}
}

// box is a rectangle of pixels of a tile, its last ones included.
type box struct{ x0, y0, x1, y1 int }

func (b box) join(c box) box {
	return box{min(b.x0, c.x0), min(b.y0, c.y0), max(b.x1, c.x1), max(b.y1, c.y1)}
}

// triOf is the triangle of an id of the tile.
func (s *scene) triOf(tl *tile, id uint16) tri { return s.tris[tl.list[id-1]] }

// resolve shades what the layer left in the tile, once a pixel and surface.
func (s *scene) resolve(tl *tile, ox, oy int) {
	var sl slopes
	shift := s.solidBlock
	if shift > 0 {
		clear(tl.blockOwner[:])
	}
	for y := tl.layer.y0; y <= tl.layer.y1 && oy+y < s.h; y++ {
		for x := tl.layer.x0; x <= tl.layer.x1 && ox+x < s.w; x++ {
			i := y*tileSize + x
			ids := tl.id[i*4 : i*4+4 : i*4+4]
			id := ids[0]
			if id|ids[1]|ids[2]|ids[3] == 0 {
				continue
			}
			fx, fy := float32(ox+x)+0.5, float32(oy+y)+0.5
			tl.fine[y] |= 1 << x
			if id != ids[1] || id != ids[2] || id != ids[3] {
				if shift == 0 || !s.onePlane(tl, ids) {
					s.resolveSplit(tl, &sl, i, ids, fx, fy)
					continue
				}
			}
			// Neighbours of one plane share their shading where pixels are small.
			k := (y>>shift)*tileSize + x>>shift
			t := s.triOf(tl, id)
			if o := tl.blockOwner[k]; shift == 0 || o != id && (o == 0 || !s.coplanar(t, s.triOf(tl, o))) {
				if sl.id != id {
					sl.set(&s.v, t, id)
				}
				tl.blockOwner[k], tl.blockState[k] = id, 1
				if s.shadeAt(&s.groups[t.group], &sl, fx, fy, tl, &tl.block[k]) {
					tl.blockState[k] = 2
				}
			}
			if tl.blockState[k] == 2 {
				tl.apply(i, 15, &tl.block[k])
			}
		}
	}
}

// onePlane says whether all samples are covered, by triangles of one plane.
func (s *scene) onePlane(tl *tile, ids []uint16) bool {
	if ids[0] == 0 || ids[1] == 0 || ids[2] == 0 || ids[3] == 0 {
		return false
	}
	t := s.triOf(tl, ids[0])
	for _, id := range ids[1:] {
		if id != ids[0] && !s.coplanar(t, s.triOf(tl, id)) {
			return false
		}
	}
	return true
}

// coplanar says whether two triangles of a group share their normals to within
// three degrees.
func (s *scene) coplanar(a, b tri) bool {
	v := &s.v
	return a.group == b.group && v.nx[a.a]*v.nx[b.b]+v.ny[a.a]*v.ny[b.b]+v.nz[a.a]*v.nz[b.b] > 0.9986
}

// Cosines under which neighbours are shaded apart; metal reflects so sharply
// that one flank of a thin wire must not stand for the other.
const alikeMatt, alikeMetal = 0.9, 0.975

// resolveSplit shades a pixel that several triangles share: samples of one
// group whose normals are alike together, by the first of them.
func (s *scene) resolveSplit(tl *tile, sl *slopes, i int, ids []uint16, fx, fy float32) {
	var out shaded
	for done := uint8(0); done != 15; {
		j := bits.TrailingZeros8(^done)
		id := ids[j]
		if id == 0 {
			done |= 1 << j
			continue
		}
		t := s.triOf(tl, id)
		var mask uint8
		var cx, cy, count float32
		for l := j; l < 4; l++ {
			if done>>l&1 != 0 || ids[l] == 0 || ids[l] != id && !s.alike(t, s.triOf(tl, ids[l])) {
				continue
			}
			mask |= 1 << l
			if ids[l] == id {
				cx += sampleAt[l][0]
				cy += sampleAt[l][1]
				count++
			}
		}
		done |= mask
		if sl.id != id {
			sl.set(&s.v, t, id)
		}
		// At the centroid of its samples.
		if s.shadeAt(&s.groups[t.group], sl, fx+cx/count, fy+cy/count, tl, &out) {
			tl.apply(i, mask, &out)
		}
	}
}

// alike says whether two triangles of a group lie about in one plane or, where
// pixels are small, go over into each other smoothly, which those do that share
// a vertex: meshes have two at hard edges.
func (s *scene) alike(a, b tri) bool {
	if a.group != b.group {
		return false
	}
	if s.solidBlock > 0 && (a.a == b.a || a.a == b.b || a.a == b.c ||
		a.b == b.a || a.b == b.b || a.b == b.c || a.c == b.a || a.c == b.b || a.c == b.c) {
		return true
	}
	v, least := &s.v, float32(alikeMatt)
	if m := s.groups[a.group].mat; m != nil && m.metallic > 0 {
		least = alikeMetal
	}
	return v.nx[a.a]*v.nx[b.b]+v.ny[a.a]*v.ny[b.b]+v.nz[a.a]*v.nz[b.b] > least
}

// apply puts a shaded surface over the samples of mask in pixel i.
func (tl *tile) apply(i int, mask uint8, out *shaded) {
	k := i * 4
	if mask == 15 && tl.state[i] != split {
		if tl.state[i] == untouched {
			tl.px[i], tl.state[i] = *out, whole
			return
		}
		tl.px[i].under(out)
		return
	}
	switch tl.state[i] {
	case untouched:
		for j := range 4 {
			tl.samples[k+j] = shaded{pass: rgb{1, 1, 1}}
		}
	case whole:
		for j := range 4 {
			tl.samples[k+j] = tl.px[i]
		}
	}
	tl.state[i] = split
	for ; mask != 0; mask &= mask - 1 {
		tl.samples[k+bits.TrailingZeros8(mask)].under(out)
	}
}

// under lays o over s.
func (s *shaded) under(o *shaded) {
	s.add = o.add.add(o.pass.mul(s.add))
	s.pass = o.pass.mul(s.pass)
}

// flush averages the samples into the planes.
func (s *scene) flush(tl *tile, ox, oy int) {
	b := tl.touched
	for y := b.y0; y <= b.y1 && oy+y < s.h; y++ {
		row, line := s.out.rows[oy+y], s.out.line(oy+y)
		s.out.fine[(oy+y)*s.out.words+ox/64] |= uint64(tl.fine[y]) << (ox & 63)
		tl.fine[y] = 0
		for x := b.x0; x <= b.x1 && ox+x < s.w; x++ {
			i := y*tileSize + x
			if tl.state[i] == untouched {
				continue
			}
			o := (*[6]float32)(line[6*(ox+x):])
			if tl.state[i] == whole {
				v := &tl.px[i]
				o[0], o[1], o[2], o[3], o[4], o[5] = v.add.r, v.add.g, v.add.b, v.pass.r, v.pass.g, v.pass.b
			} else {
				v := (*[4]shaded)(tl.samples[4*i:])
				a := v[0].add.add(v[1].add).add(v[2].add).add(v[3].add)
				p := v[0].pass.add(v[1].pass).add(v[2].pass).add(v[3].pass)
				o[0], o[1], o[2], o[3], o[4], o[5] = a.r*0.25, a.g*0.25, a.b*0.25, p.r*0.25, p.g*0.25, p.b*0.25
			}
			row = span{min(row.x0, ox+x), max(row.x1, ox+x+1)}
		}
		s.out.rows[oy+y] = row
	}
}
