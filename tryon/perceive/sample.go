package perceive

import (
	"encoding/binary"
	"image"
)

// border says what lies outside the frame.
type border uint8

const (
	replicate border = iota // the frame's edge, as the mesh models want
	black                   // as the detectors want
)

// fraction bits of a sampling position, and what of them weighs the four
// neighbours: 5 bits an axis, the precision of OpenCV's own warps.
const (
	posBits  = 16
	fracBits = 5
	fracOne  = 1 << fracBits
	fracMask = fracOne - 1
)

// maxInput is the largest side of a model's input.
const maxInput = 256

// sample draws the n x n pixels that a maps into img bilinearly, and writes
// them as planes of red, green and blue: value·gain + bias, value in 0..255.
// dst holds 3·n·n numbers, n is at most maxInput. It allocates nothing.
//
// A row is drawn in two passes, pixels then numbers, because one loop needs
// more registers than there are.
func sample(img *image.RGBA, a affine, n int, gain, bias float32, edge border, dst []float32) {
	gain /= fracOne * fracOne
	plane := n * n
	r, g, b := dst[:plane], dst[plane:2*plane], dst[2*plane:3*plane]
	const one = 1 << posBits
	var row [maxInput]uint64
	w := walk{dx: int64(a.xu * one), dy: int64(a.yu * one)}
	for v := range n {
		x, y := a.apply(0, float64(v))
		// Half of a weight's step rounds to the nearest.
		w.x = int64(x*one) + 1<<(posBits-fracBits-1)
		w.y = int64(y*one) + 1<<(posBits-fracBits-1)
		lo, hi := w.inside(img, n)
		w.careful(img, row[:lo], edge)
		w.at(lo).fast(img, row[lo:hi])
		w.at(hi).careful(img, row[hi:n], edge)
		scale(row[:n], gain, bias, r[v*n:v*n+n], g[v*n:v*n+n], b[v*n:v*n+n])
	}
}

// walk is a line of sampling positions across a frame, in 1/2^posBits pixels.
type walk struct{ x, y, dx, dy int64 }

func (w walk) at(i int) walk {
	return walk{w.x + int64(i)*w.dx, w.y + int64(i)*w.dy, w.dx, w.dy}
}

// inside returns the run of the first n positions whose four neighbours all
// lie inside the frame: lo <= i < hi.
func (w walk) inside(img *image.RGBA, n int) (lo, hi int) {
	lo, hi = clip(w.x, w.dx, int64(img.Rect.Dx()-1)<<posBits, n)
	l, h := clip(w.y, w.dy, int64(img.Rect.Dy()-1)<<posBits, n)
	lo, hi = max(lo, l), min(hi, h)
	if hi <= lo {
		return n, n
	}
	return lo, hi
}

// clip solves 0 <= p + i·d < limit for i in 0..n.
func clip(p, d, limit int64, n int) (lo, hi int) {
	switch {
	case d == 0 && (p < 0 || p >= limit):
		return n, n
	case d == 0:
		return 0, n
	case d < 0: // the same, seen from the other end
		p, d = limit-1-p, -d
	}
	var first, last int64 // last is exclusive
	if p < 0 {
		first = (-p + d - 1) / d
	}
	if p < limit {
		last = (limit-1-p)/d + 1
	}
	return int(min(first, int64(n))), int(max(0, min(last, int64(n))))
}

// A sampled pixel is one word: red, green and blue, each times fracOne² (18
// bits), laneBits apart.
const (
	laneBits = 21
	laneMask = 1<<laneBits - 1
)

// spread takes the lower pixel of p (R G B A bytes) apart into lanes.
func spread(p uint64) uint64 {
	return p&0xff | p&0xff00<<(laneBits-8) | p&0xff0000<<(2*laneBits-16)
}

// fast samples positions that all lie inside.
func (w walk) fast(img *image.RGBA, row []uint64) {
	pix, stride := img.Pix, img.Stride
	x, y, dx, dy := w.x, w.y, w.dx, w.dy
	for i := range row {
		at := int(y>>posBits)*stride + int(x>>posBits)*4
		top := binary.LittleEndian.Uint64(pix[at:])
		bottom := binary.LittleEndian.Uint64(pix[at+stride:])
		fx := uint64(x>>(posBits-fracBits)) & fracMask
		fy := uint64(y>>(posBits-fracBits)) & fracMask
		t := spread(top)*(fracOne-fx) + spread(top>>32)*fx
		u := spread(bottom)*(fracOne-fx) + spread(bottom>>32)*fx
		row[i] = t*(fracOne-fy) + u*fy
		x += dx
		y += dy
	}
}

// careful samples positions that may lie on or beyond the frame's edge.
func (w walk) careful(img *image.RGBA, row []uint64, edge border) {
	for i := range row {
		p := w.at(i)
		ix, iy := int(p.x>>posBits), int(p.y>>posBits)
		fx := uint64(p.x>>(posBits-fracBits)) & fracMask
		fy := uint64(p.y>>(posBits-fracBits)) & fracMask
		t := pixelAt(img, ix, iy, edge)*(fracOne-fx) + pixelAt(img, ix+1, iy, edge)*fx
		u := pixelAt(img, ix, iy+1, edge)*(fracOne-fx) + pixelAt(img, ix+1, iy+1, edge)*fx
		row[i] = t*(fracOne-fy) + u*fy
	}
}

// pixelAt is one pixel, in lanes.
func pixelAt(img *image.RGBA, x, y int, edge border) uint64 {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	if x < 0 || y < 0 || x >= w || y >= h {
		if edge == black {
			return 0
		}
		x, y = max(0, min(x, w-1)), max(0, min(y, h-1))
	}
	return spread(uint64(binary.LittleEndian.Uint32(img.Pix[y*img.Stride+x*4:])))
}

// scale writes a row of sampled pixels as numbers.
func scale(row []uint64, gain, bias float32, r, g, b []float32) {
	r, g, b = r[:len(row)], g[:len(row)], b[:len(row)]
	for i, s := range row {
		r[i] = float32(int32(s&laneMask))*gain + bias
		g[i] = float32(int32(s>>laneBits&laneMask))*gain + bias
		b[i] = float32(int32(s>>(2*laneBits)))*gain + bias
	}
}
