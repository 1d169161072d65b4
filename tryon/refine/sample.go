package refine

import (
	"image"

	"cheval/tryon/render"
)

// sampler averages a picture over a grid whose lines fall between pixels: each
// pixel counts by the area of it that lies in a cell, so nothing flickers when
// the grid glides.
type sampler struct {
	columns, rows []piece
	line          []float32 // 3 a cell: a row of pixels, averaged across
}

// piece is a run of pixels of one cell along one axis: whole ones between a
// first and a last that count in part.
type piece struct {
	from, to    int // pixels from to to-1, inside the picture
	first, last float32
}

func (s *sampler) sample(dst []float32, img *image.RGBA, g *render.Guide) {
	n := g.W * g.H
	dst = dst[:3*n]
	clear(dst)
	s.columns = pieces(s.columns, g.W, g.X, g.Cell, img.Rect.Min.X, img.Rect.Max.X)
	s.rows = pieces(s.rows, g.H, g.Y, g.Cell, img.Rect.Min.Y, img.Rect.Max.Y)
	s.line = grow(s.line, 3*g.W)
	known := img.Rect.Min.Y - 1 // the row that line holds
	for j, p := range s.rows {
		sum := float32(0)
		for y := p.from; y < p.to; y++ {
			if y != known {
				s.across(img, y)
				known = y
			}
			k := p.weight(y)
			sum += k
			s.add(dst, j*g.W, n, k)
		}
		k := 1 / (255 * sum)
		for c := range 3 {
			row := dst[c*n+j*g.W : c*n+(j+1)*g.W]
			for i := range row {
				row[i] *= k
			}
		}
	}
}

// add adds k times the line to a row of cells, which starts at the offset at.
func (s *sampler) add(dst []float32, at, n int, k float32) {
	w := len(s.columns)
	r, g, b := dst[at:at+w], dst[n+at:n+at+w], dst[2*n+at:2*n+at+w]
	for i := range r {
		q := (*[3]float32)(s.line[3*i:])
		r[i] += k * q[0]
		g[i] += k * q[1]
		b[i] += k * q[2]
	}
}

// across averages row y of the picture over the columns.
func (s *sampler) across(img *image.RGBA, y int) {
	row := img.Pix[img.PixOffset(img.Rect.Min.X, y):][:4*img.Rect.Dx()]
	for i, p := range s.columns {
		at := row[4*(p.from-img.Rect.Min.X) : 4*(p.to-img.Rect.Min.X)]
		last := at[len(at)-4:]
		var r, g, b int32
		for k := 4; k < len(at)-4; k += 4 {
			r += int32(at[k])
			g += int32(at[k+1])
			b += int32(at[k+2])
		}
		f, l := p.first, p.last
		q := [3]float32{
			float32(r) + f*float32(at[0]) + l*float32(last[0]),
			float32(g) + f*float32(at[1]) + l*float32(last[1]),
			float32(b) + f*float32(at[2]) + l*float32(last[2]),
		}
		k := 1 / (f + l + float32(max(p.to-p.from-2, 0)))
		s.line[3*i], s.line[3*i+1], s.line[3*i+2] = q[0]*k, q[1]*k, q[2]*k
	}
}

// weight of pixel i, which lies in p.
func (p *piece) weight(i int) float32 {
	switch {
	case i == p.from && i == p.to-1:
		return p.first + p.last
	case i == p.from:
		return p.first
	case i == p.to-1:
		return p.last
	}
	return 1
}

// pieces cuts an axis of the picture, pixels lo to hi-1, into n cells of that
// size from x on. Beyond the picture a cell is its outermost pixel.
func pieces(out []piece, n int, x, cell float32, lo, hi int) []piece {
	out = out[:0]
	for i := range n {
		a := clamp(x+float32(i)*cell, float32(lo), float32(hi))
		b := clamp(x+float32(i+1)*cell, float32(lo), float32(hi))
		p := piece{from: min(int(a), hi-1), to: min(int(b)+1, hi)}
		switch {
		case b-a < 1e-3: // beyond the picture
			p.to, p.first = p.from+1, 1
		case p.to-p.from == 1:
			p.first = b - a
		default:
			p.first, p.last = float32(p.from+1)-a, b-float32(p.to-1)
		}
		out = append(out, p)
	}
	return out
}

func clamp(x, lo, hi float32) float32 { return min(max(x, lo), hi) }
