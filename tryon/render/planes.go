package render

// planes are the product's layer over the region: for each pixel what it adds
// (3 floats) and what it lets through (3 floats), both linear. Only the last
// rows are kept where the picture takes them as they are made: they stay in the
// processor's cache.
type planes struct {
	w, h, keep int
	px         []float32 // 6 a pixel, keep rows, row y at y modulo keep
	rows       []span    // what each row touches
	// fine marks, a bit a pixel, what has detail: edges and opaque surfaces.
	fine  []uint64
	words int // a row
}

type span struct{ x0, x1 int } // x0 >= x1: nothing

func (s span) empty() bool { return s.x0 >= s.x1 }

func (s span) join(t span) span { return span{min(s.x0, t.x0), max(s.x1, t.x1)} }

// keepRows are enough for a row of tiles, the one before, and softening.
const keepRows = 3 * tileSize

// reset sizes the planes to w×h, of which keep rows are held at a time. What
// they hold is undefined until it is cleared or written.
func (p *planes) reset(w, h, keep int) {
	p.w, p.h, p.keep, p.words = w, h, min(keep, h), (w+63)/64
	p.px = grow(p.px, 6*w*p.keep)
	p.rows = grow(p.rows, h)
	p.fine = grow(p.fine, p.words*h)
	clear(p.fine)
	for i := range p.rows {
		p.rows[i] = span{w, 0}
	}
}

// line is row y.
func (p *planes) line(y int) []float32 {
	y %= p.keep
	return p.px[6*y*p.w : 6*(y+1)*p.w]
}

// clearBox lets everything through from (x0, y0) to before (x1, y1).
func (p *planes) clearBox(x0, y0, x1, y1 int) {
	x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, p.w), min(y1, p.h)
	if x0 >= x1 || y0 >= y1 {
		return
	}
	first := p.line(y0)[6*x0 : 6*x1]
	copy(first, []float32{0, 0, 0, 1, 1, 1})
	for n := 6; n < len(first); n *= 2 {
		copy(first[n:], first[:n])
	}
	for y := y0 + 1; y < y1; y++ {
		copy(p.line(y)[6*x0:], first)
	}
}

// prepare clears, of a row of tiles, what they, those between them and the
// softening of their neighbours above and below will read.
func (p *planes) prepare(b *bins, row int) {
	tiles := span{b.cols, 0}
	for y := max(row-1, 0); y <= min(row+1, b.rows-1); y++ {
		for x := range b.cols {
			if k := y*b.cols + x; b.start[k] < b.start[k+1] {
				tiles = tiles.join(span{x, x + 1})
			}
		}
	}
	if !tiles.empty() {
		p.clearBox((tiles.x0-1)*tileSize, row*tileSize, (tiles.x1+1)*tileSize, (row+1)*tileSize)
	}
}

// average takes the planes of a drawing zoom times as large.
func (p *planes) average(from *planes, zoom, w, h int) {
	p.reset(w, h, h)
	p.clearBox(0, 0, w, h)
	k := 1 / float32(zoom*zoom)
	for y := range h {
		all := span{w, 0}
		for _, row := range from.rows[y*zoom : (y+1)*zoom] {
			if !row.empty() {
				all = all.join(span{row.x0 / zoom, (row.x1-1)/zoom + 1})
			}
		}
		p.rows[y] = all
		for x := all.x0; x < all.x1; x++ {
			o := (*[6]float32)(p.px[6*(y*w+x):])
			*o = [6]float32{}
			fine := uint64(0)
			for j := y * zoom; j < (y+1)*zoom; j++ {
				for i := x * zoom; i < (x+1)*zoom; i++ {
					q := (*[6]float32)(from.px[6*(j*from.w+i):])
					for c := range o {
						o[c] += q[c] * k
					}
					fine |= from.fine[j*from.words+i/64] >> (i & 63) & 1
				}
			}
			p.fine[y*p.words+x/64] |= fine << (x & 63)
		}
	}
}
