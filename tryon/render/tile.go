package render

// planes are the product's layer over the region: for each pixel what it adds
// (3 floats) and what it lets through (3 floats), both linear.
type planes struct {
	px   []float32 // 6 a pixel
	tmp  []float32
	rows []span // what each row touches
}

type span struct{ x0, x1 int } // x0 >= x1: nothing

func (p *planes) reset(w, h int) {
	p.px = grow(p.px, 6*w*h)
	p.rows = grow(p.rows, h)
	for i := range p.rows {
		p.rows[i] = span{w, 0}
	}
	if len(p.px) == 0 {
		return
	}
	copy(p.px, []float32{0, 0, 0, 1, 1, 1})
	for n := 6; n < len(p.px); n *= 2 {
		copy(p.px[n:], p.px[:n])
	}
}

// drawTiles renders the collected triangles into the planes.
func (s *scene) drawTiles(tl *tile) {
	s.out.reset(s.w, s.h)
	for y := range s.bins.rows {
		for x := range s.bins.cols {
			k := y*s.bins.cols + x
			if list := s.bins.list[s.bins.start[k]:s.bins.start[k+1]]; len(list) > 0 {
				s.drawTile(tl, list, x*tileSize, y*tileSize)
			}
		}
	}
}

// drawTile draws the opaque triangles of the list, which come first, then one
// translucent group after the other, each over what is there.
func (s *scene) drawTile(tl *tile, list []uint32, ox, oy int) {
	clear(tl.state[:])
	clear(tl.depth[:])
	clear(tl.opaque[:])
	for i := 0; i < len(list); {
		g := s.tris[list[i]].group
		translucent := s.groups[g].translucent
		clear(tl.id[:])
		if translucent {
			copy(tl.depth[:], tl.opaque[:])
		}
		tl.x0, tl.y0, tl.x1, tl.y1 = tileSize, tileSize, -1, -1
		for ; i < len(list); i++ {
			t := s.tris[list[i]]
			if t.group != g && (translucent || s.groups[t.group].translucent) {
				break
			}
			tl.raster(&s.v, t, list[i]+1, float32(ox), float32(oy))
		}
		if !translucent {
			tl.opaque = tl.depth
		}
		s.resolve(tl, ox, oy)
	}
	s.flush(tl, ox, oy)
}

// resolve shades what the layer left in the tile, once a pixel and group.
func (s *scene) resolve(tl *tile, ox, oy int) {
	var sl slopes
	for y := tl.y0; y <= tl.y1 && oy+y < s.h; y++ {
		for x := tl.x0; x <= tl.x1 && ox+x < s.w; x++ {
			i := y*tileSize + x
			ids := tl.id[i*4 : i*4+4 : i*4+4]
			if ids[0]|ids[1]|ids[2]|ids[3] == 0 {
				continue
			}
			fx, fy := float32(ox+x)+0.5, float32(oy+y)+0.5
			if ids[0] == ids[1] && ids[0] == ids[2] && ids[0] == ids[3] {
				t := s.tris[ids[0]-1]
				if sl.id != ids[0] {
					sl.set(&s.v, t, ids[0])
				}
				f := sl.at(fx, fy)
				if out, ok := s.shadeFrag(&s.groups[t.group], &f, fx, fy); ok {
					tl.apply(i, 15, out)
				}
				continue
			}
			s.resolveSplit(tl, &sl, i, ids, fx, fy)
		}
	}
}

// piece is what one triangle, or several alike, show in a pixel.
type piece struct {
	f     frag
	group uint32
	mask  uint8
}

// alike is the cosine under which neighbours are shaded apart: the mean of a
// thin wire's two flanks would reflect what neither does.
const alike = 0.88

// resolveSplit shades a pixel that several triangles share: samples of one
// group whose normals are alike together, at the mean of their attributes.
func (s *scene) resolveSplit(tl *tile, sl *slopes, i int, ids []uint32, fx, fy float32) {
	var pieces [4]piece
	n := 0
	for done := uint8(0); done != 15; {
		j := 0
		for done>>j&1 != 0 {
			j++
		}
		var mask uint8
		var cx, cy, count float32
		for l := j; l < 4; l++ {
			if ids[l] == ids[j] {
				mask |= 1 << l
				cx += sampleF[l][0]
				cy += sampleF[l][1]
				count++
			}
		}
		done |= mask
		if ids[j] == 0 {
			continue
		}
		t := s.tris[ids[j]-1]
		if sl.id != ids[j] {
			sl.set(&s.v, t, ids[j])
		}
		f := sl.at(fx+cx/count, fy+cy/count) // at the centroid of its samples
		n = addPiece(&pieces, n, f, count, t.group, mask)
	}
	for k := range n {
		p := &pieces[k]
		p.f.scale(1 / float32(bitCount[p.mask]))
		if out, ok := s.shadeFrag(&s.groups[p.group], &p.f, fx, fy); ok {
			tl.apply(i, p.mask, out)
		}
	}
}

// addPiece joins f to a piece that is alike, or adds it as a new one.
func addPiece(pieces *[4]piece, n int, f frag, count float32, group uint32, mask uint8) int {
	for k := range n {
		p := &pieces[k]
		c := float32(bitCount[p.mask])
		if p.group == group && (p.f.nx*f.nx+p.f.ny*f.ny+p.f.nz*f.nz) > alike*c {
			p.f.addScaled(f, count)
			p.mask |= mask
			return n
		}
	}
	pieces[n] = piece{group: group, mask: mask}
	pieces[n].f.addScaled(f, count)
	return n + 1
}

// sampleF are sampleAt in pixels.
var sampleF = [4][2]float32{{-0.125, -0.375}, {0.375, -0.125}, {-0.375, 0.125}, {0.125, 0.375}}

var bitCount = [16]uint8{0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4}

// apply puts a shaded surface over the samples of mask in pixel i.
func (tl *tile) apply(i int, mask uint8, out shaded) {
	k := i * 4
	if mask == 15 && tl.state[i] != split {
		if tl.state[i] == untouched {
			tl.add[k], tl.pass[k], tl.state[i] = out.add, out.pass, whole
			return
		}
		tl.add[k], tl.pass[k] = out.add.add(out.pass.mul(tl.add[k])), out.pass.mul(tl.pass[k])
		return
	}
	switch tl.state[i] {
	case untouched:
		for j := k; j < k+4; j++ {
			tl.add[j], tl.pass[j] = rgb{}, rgb{1, 1, 1}
		}
	case whole:
		for j := k + 1; j < k+4; j++ {
			tl.add[j], tl.pass[j] = tl.add[k], tl.pass[k]
		}
	}
	tl.state[i] = split
	for j := range 4 {
		if mask>>j&1 != 0 {
			tl.add[k+j], tl.pass[k+j] = out.add.add(out.pass.mul(tl.add[k+j])), out.pass.mul(tl.pass[k+j])
		}
	}
}

// flush averages the samples into the planes.
func (s *scene) flush(tl *tile, ox, oy int) {
	for y := 0; y < tileSize && oy+y < s.h; y++ {
		row := &s.out.rows[oy+y]
		for x := 0; x < tileSize && ox+x < s.w; x++ {
			i := y*tileSize + x
			st := tl.state[i]
			if st == untouched {
				continue
			}
			a, p := tl.add[i*4], tl.pass[i*4]
			if st == split {
				for j := i*4 + 1; j < i*4+4; j++ {
					a, p = a.add(tl.add[j]), p.add(tl.pass[j])
				}
				a, p = a.scale(0.25), p.scale(0.25)
			}
			o := s.out.px[6*((oy+y)*s.w+ox+x):]
			_ = o[5]
			o[0], o[1], o[2], o[3], o[4], o[5] = a[0], a[1], a[2], p[0], p[1], p[2]
			row.x0, row.x1 = min(row.x0, ox+x), max(row.x1, ox+x+1)
		}
	}
}
