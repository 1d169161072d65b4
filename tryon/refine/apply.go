package refine

import (
	"image"

	"cheval/tryon/render"
)

// applier lays a change over a picture's own pixels: the small change is
// blended between the middles of its cells, the picture keeps its detail.
type applier struct {
	line   []float32 // 6 a cell: a row of pixels' change, blended downwards
	places []place   // of the columns
}

// place is where a column of pixels lies among the cells.
type place struct {
	cell int // and the one after it
	part float32
}

// apply changes dst = clamp(dst·(1 + gain) + offset) and returns the rectangle
// that it may have changed. Where all cells around a pixel have no change, the
// pixel stays as it is, bit for bit.
func (a *applier) apply(dst *image.RGBA, change []float32, g *render.Guide) image.Rectangle {
	box := a.reach(dst.Rect, change, g)
	if box.Empty() {
		return box
	}
	a.line = grow(a.line, 6*g.W)
	a.places = grow(a.places, box.Dx())
	for i := range a.places {
		a.places[i] = placeOf(box.Min.X+i, g.X, g.Cell, g.W)
	}
	for y := box.Min.Y; y < box.Max.Y; y++ {
		from, to := a.down(change, placeOf(y, g.Y, g.Cell, g.H), g.W, g.H)
		if from < to {
			a.row(dst.Pix[dst.PixOffset(box.Min.X, y):], from, to)
		}
	}
	return box
}

// placeOf finds pixel i among n cells.
func placeOf(i int, x, cell float32, n int) place {
	at := clamp((float32(i)+0.5-x)/cell-0.5, 0, float32(n-1))
	k := min(int(at), n-2)
	return place{k, at - float32(k)}
}

// reach is the rectangle of the pixels that a change reaches.
func (a *applier) reach(bounds image.Rectangle, change []float32, g *render.Guide) image.Rectangle {
	x0, y0, x1, y1 := g.W, g.H, -1, -1
	n := g.W * g.H
	for i := range n {
		if change[i] != 0 || change[n+i] != 0 || change[2*n+i] != 0 || change[3*n+i] != 0 || change[4*n+i] != 0 || change[5*n+i] != 0 {
			x, y := i%g.W, i/g.W
			x0, x1, y0, y1 = min(x0, x), max(x1, x), min(y0, y), max(y1, y)
		}
	}
	if x1 < 0 {
		return image.Rectangle{}
	}
	px := func(origin float32, cell int) int {
		return int(clamp(origin+(float32(cell)+0.5)*g.Cell, -1<<20, 1<<20))
	}
	return image.Rect(px(g.X, x0-1)-1, px(g.Y, y0-1)-1, px(g.X, x1+1)+2, px(g.Y, y1+1)+2).Intersect(bounds)
}

// down blends two rows of cells into the line and returns which cells of it
// have a change.
func (a *applier) down(change []float32, p place, w, h int) (from, to int) {
	n := w * h
	from, to = w, 0
	for c := range changePlanes {
		above, below := change[c*n+p.cell*w:][:w], change[c*n+(p.cell+1)*w:][:w]
		for i, v := range above {
			v += (below[i] - v) * p.part
			a.line[6*i+c] = v
			if v != 0 {
				from, to = min(from, i), max(to, i+1)
			}
		}
	}
	return from, to
}

// row changes a row of pixels, where cells from to to-1 have a change.
func (a *applier) row(pix []uint8, from, to int) {
	for i, p := range a.places {
		if p.cell+1 < from || p.cell >= to {
			continue
		}
		u, v := (*[6]float32)(a.line[6*p.cell:]), (*[6]float32)(a.line[6*p.cell+6:])
		q := (*[4]uint8)(pix[4*i:])
		t := p.part
		q[0] = laid(q[0], u[0]+(v[0]-u[0])*t, u[3]+(v[3]-u[3])*t)
		q[1] = laid(q[1], u[1]+(v[1]-u[1])*t, u[4]+(v[4]-u[4])*t)
		q[2] = laid(q[2], u[2]+(v[2]-u[2])*t, u[5]+(v[5]-u[5])*t)
	}
}

// laid is a value of a pixel with gain and offset laid over it.
func laid(q uint8, gain, offset float32) uint8 {
	x := float32(q)
	return uint8(clamp(x+x*gain+255*offset, 0, 255) + 0.5)
}
