package cutout

import (
	"image"

	"cheval/studio/internal/pixels"
)

const (
	// islandCells is how many cells the longer side has when islands are
	// looked for.
	islandCells = 256
	// islandLeast is the smallest island that is kept, as a part of the
	// largest: a second shoe is a product, a fluff on the rug is not.
	islandLeast = 0.02
	// islandCover is the coverage, of 255, from which a cell counts as land.
	islandCover = 96
)

// dropIslands takes small islands and far veils out of a mask.
func dropIslands(m *image.Alpha) {
	cell := max(1, (max(m.Rect.Dx(), m.Rect.Dy())+islandCells-1)/islandCells)
	g := newCells(m, cell)
	keep := g.largeIslands()
	pixels.Rows(g.h, func(from, to int) {
		for i := from * g.w; i < to*g.w; i++ {
			if !keep[i] {
				g.clear(m, i, cell)
			}
		}
	})
}

// cells is a mask seen coarsely: where a cell holds product.
type cells struct {
	w, h  int
	land  []bool
	label []int32 // from 1; 0 sea
	area  []int   // by label
}

func newCells(m *image.Alpha, cell int) *cells {
	w, h := (m.Rect.Dx()+cell-1)/cell, (m.Rect.Dy()+cell-1)/cell
	g := &cells{w: w, h: h, land: make([]bool, w*h), label: make([]int32, w*h), area: []int{0}}
	pixels.Rows(h, func(from, to int) {
		for i := from * w; i < to*w; i++ {
			g.land[i] = g.holds(m, i, cell)
		}
	})
	for i, l := range g.land {
		if l && g.label[i] == 0 {
			g.flood(i)
		}
	}
	return g
}

// part is a cell's part of the mask.
func (g *cells) part(m *image.Alpha, i, cell int) image.Rectangle {
	x, y := i%g.w*cell, i/g.w*cell
	return image.Rect(x, y, x+cell, y+cell).Intersect(m.Rect)
}

// holds says whether there is product in a cell.
func (g *cells) holds(m *image.Alpha, i, cell int) bool {
	r := g.part(m, i, cell)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for _, a := range m.Pix[y*m.Stride+r.Min.X : y*m.Stride+r.Max.X] {
			if a >= islandCover {
				return true
			}
		}
	}
	return false
}

func (g *cells) clear(m *image.Alpha, i, cell int) {
	r := g.part(m, i, cell)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		clear(m.Pix[y*m.Stride+r.Min.X : y*m.Stride+r.Max.X])
	}
}

// flood gives the island at i the next label.
func (g *cells) flood(i int) {
	label, area := int32(len(g.area)), 0
	g.label[i] = label
	for stack := []int{i}; len(stack) > 0; area++ {
		at := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		g.around(at, func(n int) {
			if g.land[n] && g.label[n] == 0 {
				g.label[n] = label
				stack = append(stack, n)
			}
		})
	}
	g.area = append(g.area, area)
}

// around visits a cell's up to eight neighbours.
func (g *cells) around(i int, visit func(int)) {
	x, y := i%g.w, i/g.w
	for ny := max(0, y-1); ny <= min(g.h-1, y+1); ny++ {
		for nx := max(0, x-1); nx <= min(g.w-1, x+1); nx++ {
			if n := ny*g.w + nx; n != i {
				visit(n)
			}
		}
	}
}

// largeIslands marks the cells of large islands and two cells around them.
func (g *cells) largeIslands() []bool {
	largest := 0
	for _, a := range g.area {
		largest = max(largest, a)
	}
	keep := make([]bool, len(g.land))
	for i, l := range g.label {
		keep[i] = l > 0 && float64(g.area[l]) >= islandLeast*float64(largest)
	}
	for range 2 {
		grown := append([]bool(nil), keep...)
		for i, k := range keep {
			if k {
				g.around(i, func(n int) { grown[n] = true })
			}
		}
		keep = grown
	}
	return keep
}
