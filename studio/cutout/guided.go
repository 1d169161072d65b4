package cutout

import "image"

// guidedEpsilon is the variance of colour (0..1 squared) below which a
// neighbourhood counts as even, and coverage is smoothed instead of following
// it: a step of 4 % of the range.
const guidedEpsilon = 1.5e-3

// guided is one worker's memory for the guided filter on a tile. Planes are
// row-major,
// w cells wide.
type guided struct {
	radius, step int // in cells; the cells' side in pixels
	w, h         int
	mask         []float32 // the coarse coverage, 0..1
	near         []bool    // within the band
	weight       []float32 // how sure the network is of it
	// Weighted means over the window: of colour, coverage, their products.
	meanRGB  [3][]float32
	meanMask []float32
	cross    [3][]float32
	square   [6][]float32 // rr rg rb gg gb bb
	// For the box filter: a row, and a plane.
	line, whole []float32
	scratch     []float32
}

func newGuided(most, radius, step int) *guided {
	n := most * most
	g := &guided{radius: radius, step: step, near: make([]bool, n), line: make([]float32, most)}
	planes := make([]float32, 17*n)
	take := func() []float32 {
		p := planes[:n:n]
		planes = planes[n:]
		return p
	}
	for c := range 3 {
		g.meanRGB[c], g.cross[c] = take(), take()
	}
	for i := range 6 {
		g.square[i] = take()
	}
	g.mask, g.meanMask, g.scratch, g.whole, g.weight = take(), take(), take(), take(), take()
	return g
}

// refine writes the tile's coverage into out. The fit is made in cells of
// step×step pixels, as fine as the network saw or finer, and applied to every
// pixel (the fast guided filter of He and Sun, 2015).
func (g *guided) refine(img *image.RGBA, coarse, base, out *image.Alpha, tile image.Rectangle) {
	area := tile.Inset(-2 * g.radius * g.step).Intersect(base.Rect)
	g.load(img, coarse, base, area)
	g.fit()
	for y := tile.Min.Y; y < tile.Max.Y; y++ {
		for x := tile.Min.X; x < tile.Max.X; x++ {
			if i := (y-area.Min.Y)/g.step*g.w + (x-area.Min.X)/g.step; g.near[i] {
				a := g.apply(img.Pix[y*img.Stride+4*x:], x-area.Min.X, y-area.Min.Y)
				out.Pix[y*out.Stride+x] = uint8(steepen(a)*255 + 0.5)
			}
		}
	}
}

// apply is the coverage of the pixel with these colours at (x, y) of the area,
// by the linear functions of the four cells around it.
func (g *guided) apply(pix []uint8, x, y int) float32 {
	fx := max(0, min(float32(g.w-1), (float32(x)+0.5)/float32(g.step)-0.5))
	fy := max(0, min(float32(g.h-1), (float32(y)+0.5)/float32(g.step)-0.5))
	x0, y0 := int(fx), int(fy)
	i00 := y0*g.w + x0
	i01, i10 := i00+min(1, g.w-1-x0), i00+g.w*min(1, g.h-1-y0)
	i11 := i10 + i01 - i00
	tx, ty := fx-float32(x0), fy-float32(y0)
	w00, w01, w10, w11 := (1-tx)*(1-ty), tx*(1-ty), (1-tx)*ty, tx*ty
	at := func(p []float32) float32 { return w00*p[i00] + w01*p[i01] + w10*p[i10] + w11*p[i11] }
	return at(g.meanMask) + (at(g.cross[0])*float32(pix[0])+at(g.cross[1])*float32(pix[1])+at(g.cross[2])*float32(pix[2]))/255
}

// load reads the area's colours and coverage and forms their products, each
// weighted by how sure the network is.
func (g *guided) load(img *image.RGBA, coarse, base *image.Alpha, area image.Rectangle) {
	g.w, g.h = (area.Dx()+g.step-1)/g.step, (area.Dy()+g.step-1)/g.step
	for y := range g.h {
		for x := range g.w {
			i := y*g.w + x
			cell := image.Rect(0, 0, g.step, g.step).Add(image.Pt(area.Min.X+x*g.step, area.Min.Y+y*g.step)).Intersect(area)
			r, gr, b, a, said := g.average(img, coarse, base, cell)
			g.mask[i] = a
			w := sureness(said)
			wr, wg, wb := w*r, w*gr, w*b
			g.weight[i] = w
			g.meanRGB[0][i], g.meanRGB[1][i], g.meanRGB[2][i], g.meanMask[i] = wr, wg, wb, w*a
			g.cross[0][i], g.cross[1][i], g.cross[2][i] = wr*a, wg*a, wb*a
			g.square[0][i], g.square[1][i], g.square[2][i] = wr*r, wr*gr, wr*b
			g.square[3][i], g.square[4][i], g.square[5][i] = wg*gr, wg*b, wb*b
		}
	}
	g.markNear()
}

// average is the mean colour, coverage and answer of a cell, each 0..1.
func (g *guided) average(img *image.RGBA, coarse, base *image.Alpha, cell image.Rectangle) (red, green, blue, cover, said float32) {
	var r, gr, b, a, s int
	for y := cell.Min.Y; y < cell.Max.Y; y++ {
		pix := img.Pix[y*img.Stride+4*cell.Min.X:]
		for x := range cell.Dx() {
			r, gr, b = r+int(pix[4*x]), gr+int(pix[4*x+1]), b+int(pix[4*x+2])
			a += int(base.Pix[y*base.Stride+cell.Min.X+x])
			s += int(coarse.Pix[y*coarse.Stride+cell.Min.X+x])
		}
	}
	n := 1 / (255 * float32(cell.Dx()*cell.Dy()))
	return float32(r) * n, float32(gr) * n, float32(b) * n, float32(a) * n, float32(s) * n
}

// fit computes each window's linear function and averages them: afterwards
// cross holds the factors of the colours and meanMask the constant.
func (g *guided) fit() {
	for c := range 3 {
		g.box(g.meanRGB[c])
		g.box(g.cross[c])
	}
	for i := range 6 {
		g.box(g.square[i])
	}
	g.box(g.meanMask)
	g.box(g.weight)
	for i := range g.w * g.h {
		g.solve(i)
	}
	for c := range 3 {
		g.box(g.cross[c])
	}
	g.box(g.meanMask)
}

// solve fits coverage to colour in the window around i, by the inverse of the
// colours' covariance (symmetric, 3x3).
func (g *guided) solve(i int) {
	n := 1 / g.weight[i]
	mr, mg, mb, ma := n*g.meanRGB[0][i], n*g.meanRGB[1][i], n*g.meanRGB[2][i], n*g.meanMask[i]
	rr, rg, rb := n*g.square[0][i]-mr*mr+guidedEpsilon, n*g.square[1][i]-mr*mg, n*g.square[2][i]-mr*mb
	gg, gb, bb := n*g.square[3][i]-mg*mg+guidedEpsilon, n*g.square[4][i]-mg*mb, n*g.square[5][i]-mb*mb+guidedEpsilon
	cr, cg, cb := n*g.cross[0][i]-mr*ma, n*g.cross[1][i]-mg*ma, n*g.cross[2][i]-mb*ma
	i00, i01, i02 := gg*bb-gb*gb, rb*gb-rg*bb, rg*gb-rb*gg
	i11, i12, i22 := rr*bb-rb*rb, rg*rb-rr*gb, rr*gg-rg*rg
	det := rr*i00 + rg*i01 + rb*i02
	if det <= 0 { // by rounding, where all is even
		g.cross[0][i], g.cross[1][i], g.cross[2][i], g.meanMask[i] = 0, 0, 0, ma
		return
	}
	fr := (i00*cr + i01*cg + i02*cb) / det
	fg := (i01*cr + i11*cg + i12*cb) / det
	fb := (i02*cr + i12*cg + i22*cb) / det
	g.cross[0][i], g.cross[1][i], g.cross[2][i] = fr, fg, fb
	g.meanMask[i] = ma - fr*mr - fg*mg - fb*mb
}

// sureness of the network's answer, 0.02..1: what it is half sure of hardly
// counts in the fit.
func sureness(said float32) float32 {
	d := 2*said - 1
	return max(0.02, d*d)
}

// markNear marks the pixels within radius of undecided coverage, or of both
// kinds.
func (g *guided) markNear() {
	// A window's mean of "decided product" is neither 0 nor 1 in the band.
	for i, a := range g.mask[:g.w*g.h] {
		switch {
		case a >= surely/255.0:
			g.scratch[i] = 1
		case a <= surelyNot/255.0:
			g.scratch[i] = 0
		default:
			g.scratch[i] = 0.5
		}
	}
	g.box(g.scratch)
	for i, v := range g.scratch[:g.w*g.h] {
		g.near[i] = v > 1e-4 && v < 1-1e-4
	}
}

// box replaces a plane by its means over the window, which is cut at the
// area's edges.
func (g *guided) box(p []float32) {
	r := g.radius
	for y := range g.h {
		row := p[y*g.w : (y+1)*g.w]
		copy(g.line, row)
		boxRow(row, g.line[:g.w], r)
	}
	g.boxColumns(p)
}

func boxRow(dst, src []float32, r int) {
	n := len(src)
	sum, count := float32(0), 0
	for x := 0; x < min(r, n); x++ {
		sum += src[x]
		count++
	}
	for x := range n {
		if x+r < n {
			sum += src[x+r]
			count++
		}
		if x-r-1 >= 0 {
			sum -= src[x-r-1]
			count--
		}
		dst[x] = sum / float32(count)
	}
}

// boxColumns filters all columns at once, row by row, as memory lies.
func (g *guided) boxColumns(p []float32) {
	r, w, h := g.radius, g.w, g.h
	src := g.whole[:w*h]
	copy(src, p)
	sum := g.line[:w]
	clear(sum)
	count := 0
	add := func(y int, sign float32) {
		for x, v := range src[y*w : (y+1)*w] {
			sum[x] += sign * v
		}
	}
	for y := 0; y < min(r, h); y++ {
		add(y, 1)
		count++
	}
	for y := range h {
		if y+r < h {
			add(y+r, 1)
			count++
		}
		if y-r-1 >= 0 {
			add(y-r-1, -1)
			count--
		}
		inv := 1 / float32(count)
		for x, s := range sum {
			p[y*w+x] = s * inv
		}
	}
}
