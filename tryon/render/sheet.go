package render

// drawSheet draws a lens over what the tile holds.
func (s *scene) drawSheet(tl *tile, g *group, from, to, ox, oy int) {
	clear(tl.mask[:])
	var e edges
	for k := from; k < to; k++ {
		if e.setUp(&s.v, s.tris[tl.list[k]], uint16(k+1), ox, oy) {
			tl.rasterSheet(&e)
		}
	}
	s.resolveLens(tl, g, ox, oy)
}

// lensNodes is the largest number of nodes of a tile's lens grid: blocks of two
// pixels, and one more at the end.
const lensNodes = tileSize/2 + 1

// resolveLens shades a lens at the corners of blocks of pixels, and blends
// between them: tint and reflection change slowly over a millimetre. Its outline
// stays as fine as all edges.
func (s *scene) resolveLens(tl *tile, g *group, ox, oy int) {
	var sl slopes
	if s.lensBlock == 0 {
		s.resolveLensPixels(tl, g, &sl, ox, oy)
		return
	}
	clear(tl.nodeKnown[:])
	shift := s.lensBlock
	last := func(v int) int { return min(v, tileSize-1) >> shift }
	for by := tl.layer.y0 >> shift; by <= last(tl.layer.y1); by++ {
		for bx := tl.layer.x0 >> shift; bx <= last(tl.layer.x1); bx++ {
			s.resolveBlock(tl, g, &sl, bx, by, ox, oy)
		}
	}
}

func (s *scene) resolveLensPixels(tl *tile, g *group, sl *slopes, ox, oy int) {
	var out shaded
	for y := tl.layer.y0; y <= tl.layer.y1 && oy+y < s.h; y++ {
		for x := tl.layer.x0; x <= tl.layer.x1 && ox+x < s.w; x++ {
			i := y*tileSize + x
			mask := tl.mask[i]
			if mask == 0 {
				continue
			}
			if mask != 15 {
				tl.fine[y] |= 1 << x
			}
			if id := tl.owner[i]; sl.id != id {
				sl.set(&s.v, s.triOf(tl, id), id)
			}
			if s.shadeAt(g, sl, float32(ox+x)+0.5, float32(oy+y)+0.5, tl, &out) {
				tl.apply(i, mask, &out)
			}
		}
	}
}

// resolveBlock shades one block of a lens.
func (s *scene) resolveBlock(tl *tile, g *group, sl *slopes, bx, by, ox, oy int) {
	size := 1 << s.lensBlock
	x0, y0 := bx*size, by*size
	owner := uint16(0)
	for y := y0; y < y0+size; y++ {
		for i := y*tileSize + x0; i < y*tileSize+x0+size; i++ {
			if tl.mask[i] != 0 {
				owner = tl.owner[i]
			}
		}
	}
	if owner == 0 {
		return
	}
	a, b := s.lensNode(tl, g, sl, owner, bx, by, ox, oy), s.lensNode(tl, g, sl, owner, bx+1, by, ox, oy)
	c, d := s.lensNode(tl, g, sl, owner, bx, by+1, ox, oy), s.lensNode(tl, g, sl, owner, bx+1, by+1, ox, oy)
	inv := 1 / float32(size)
	for y := y0; y < y0+size; y++ {
		f := float32(y-y0) * inv
		v, end := a.mix(c, f), b.mix(d, f)
		step := shaded{end.add.add(v.add.scale(-1)).scale(inv), end.pass.add(v.pass.scale(-1)).scale(inv)}
		for i := y*tileSize + x0; i < y*tileSize+x0+size; i++ {
			if m := tl.mask[i]; m != 0 {
				if m != 15 {
					tl.fine[y] |= 1 << (i - y*tileSize)
				}
				tl.apply(i, m, &v)
			}
			v.add, v.pass = v.add.add(step.add), v.pass.add(step.pass)
		}
	}
}

// lensNode shades the middle of the first pixel of a block, once, by the slopes
// of a triangle near it; where nothing is seen, it lets everything through.
func (s *scene) lensNode(tl *tile, g *group, sl *slopes, owner uint16, bx, by, ox, oy int) *shaded {
	k := by*lensNodes + bx
	n := &tl.node[k]
	if tl.nodeKnown[k] {
		return n
	}
	tl.nodeKnown[k] = true
	if sl.id != owner {
		sl.set(&s.v, s.triOf(tl, owner), owner)
	}
	x, y := float32(ox+bx<<s.lensBlock)+0.5, float32(oy+by<<s.lensBlock)+0.5
	if !s.shadeAt(g, sl, x, y, tl, n) {
		*n = shaded{pass: rgb{1, 1, 1}}
	}
	return n
}

func (s *shaded) mix(o *shaded, t float32) shaded {
	return shaded{s.add.mix(o.add, t), s.pass.mix(o.pass, t)}
}
