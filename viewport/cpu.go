package viewport

import (
	"encoding/binary"
	"image"
	"image/draw"
	"math"
)

// cpuPainter draws scenes without a graphics driver: for machines that have
// none, for snapshots, and until Ebitengine is up. One goroutine uses it.
type cpuPainter struct {
	last *image.RGBA // the picture painted last, whose pixels are its caller's
	old  *image.RGBA // the picture that fades out
	cols []column    // of the quad being drawn
	row  []byte      // of a quad that is blended
}

// column says where a column of the output samples a row of the source.
type column struct {
	at, next int // byte offsets of the two pixels
	weight   uint32
}

func (*cpuPainter) name() string { return "CPU" }

// paint draws s into dst, which has the scene's size and is opaque afterwards.
func (p *cpuPainter) paint(s *scene, dst *image.RGBA) error {
	if s.begin {
		p.keep(s.size)
	}
	if s.blank {
		draw.Draw(dst, dst.Rect, image.Black, image.Point{}, draw.Src)
	}
	for i := range s.quads {
		q := &s.quads[i]
		p.quad(q, s.images[q.src], dst)
	}
	if s.shade.alpha > 0 {
		darken(dst, s.shade)
	}
	if s.fade > 0 && p.old != nil && p.old.Rect.Size() == s.size {
		blend(dst.Pix, p.old.Pix, uint32(s.fade*256))
	}
	for i := range s.lines {
		drawSegment(dst, &s.lines[i])
	}
	p.last = dst
	return nil
}

// keep copies the picture painted last, if it has that size.
func (p *cpuPainter) keep(size image.Point) {
	if p.last == nil || p.last.Rect.Size() != size {
		p.old = nil
		return
	}
	if p.old == nil || p.old.Rect.Size() != size {
		p.old = image.NewRGBA(image.Rectangle{Max: size})
	}
	copy(p.old.Pix, p.last.Pix)
}

// quad draws one quad: pixel for pixel where it may, else bilinearly.
func (p *cpuPainter) quad(q *quad, src, dst *image.RGBA) {
	out := covered(q.to).Intersect(dst.Rect)
	if out.Empty() {
		return
	}
	kx, ky := q.from.w()/q.to.w(), q.from.h()/q.to.h()
	// The middle of the first pixel, in the source.
	x := q.from.x0 + (float32(out.Min.X)+0.5-q.to.x0)*kx
	if q.flip {
		x, kx = q.from.x1-(float32(out.Min.X)+0.5-q.to.x0)*kx, -kx
	}
	y := q.from.y0 + (float32(out.Min.Y)+0.5-q.to.y0)*ky
	if exact(x, kx) && exact(y, ky) && ky > 0 {
		copyQuad(src, dst, out, int(math.Floor(float64(x))), int(math.Floor(float64(y))), kx < 0, q.over)
		return
	}
	if halves(x, kx) && halves(y, ky) && ky > 0 && !q.over {
		halveQuad(src, dst, out, int(math.Round(float64(x)))-1, int(math.Round(float64(y)))-1, kx < 0)
		return
	}
	p.columns(src, out.Dx(), x, kx)
	for oy := out.Min.Y; oy < out.Max.Y; oy++ {
		row0, row1, wy := rowsAt(src, y-0.5)
		d := dst.Pix[dst.PixOffset(out.Min.X, oy):][:4*out.Dx()]
		if q.over {
			sampleRow(p.rowOf(len(d)), row0, row1, p.cols, wy)
			overRow(d, p.row, 0, false)
		} else {
			sampleRow(d, row0, row1, p.cols, wy)
		}
		y += ky
	}
}

// covered returns the pixels whose middles lie in r.
func covered(r rect) image.Rectangle {
	f := func(x float32) int { return int(math.Ceil(float64(x) - 0.5)) }
	return image.Rect(f(r.x0), f(r.y0), f(r.x1), f(r.y1))
}

// exact says whether steps of k from the pixel middle x meet pixel middles.
func exact(x, k float32) bool {
	frac := float64(x) - math.Floor(float64(x))
	return math.Abs(math.Abs(float64(k))-1) < 1e-4 && math.Abs(frac-0.5) < 0.02
}

// copyQuad copies pixels into out of dst, beginning at (x, y) of src.
func copyQuad(src, dst *image.RGBA, out image.Rectangle, x, y int, flip, over bool) {
	for oy := out.Min.Y; oy < out.Max.Y; oy, y = oy+1, y+1 {
		sy := min(max(y, 0), src.Rect.Dy()-1)
		row := src.Pix[sy*src.Stride : sy*src.Stride+4*src.Rect.Dx()]
		d := dst.Pix[dst.PixOffset(out.Min.X, oy):][:4*out.Dx()]
		switch {
		case over:
			overRow(d, row, x, flip)
		case flip:
			flipRow(d, row, x)
		default:
			copy(d, row[4*min(max(x, 0), src.Rect.Dx()):])
		}
	}
}

// halves says whether steps of k from x meet the borders between two pixels,
// so that each pixel is the mean of two.
func halves(x, k float32) bool {
	return math.Abs(math.Abs(float64(k))-2) < 1e-4 && math.Abs(float64(x)-math.Round(float64(x))) < 0.02
}

// halveQuad fills out of dst with the means of 2×2 pixels, beginning with those
// whose upper left one is (x, y) of src.
func halveQuad(src, dst *image.RGBA, out image.Rectangle, x, y int, flip bool) {
	step := 8
	if flip {
		step = -8
	}
	for oy := out.Min.Y; oy < out.Max.Y; oy, y = oy+1, y+2 {
		above, below := rowAt(src, y), rowAt(src, y+1)
		d := dst.Pix[dst.PixOffset(out.Min.X, oy):][:4*out.Dx()]
		for i := 4 * x; len(d) >= 4; d, i = d[4:], i+step {
			at := min(max(i, 0), len(above)-8)
			binary.LittleEndian.PutUint32(d, meanOf(binary.LittleEndian.Uint64(above[at:]), binary.LittleEndian.Uint64(below[at:])))
		}
	}
}

func rowAt(src *image.RGBA, y int) []byte {
	y = min(max(y, 0), src.Rect.Dy()-1)
	return src.Pix[y*src.Stride:][:4*src.Rect.Dx()]
}

// meanOf is the mean of four pixels, two in each word.
func meanOf(a, b uint64) uint32 {
	const mask = 0x00ff00ff00ff00ff
	rb, ga := a&mask+b&mask, a>>8&mask+b>>8&mask
	rb, ga = rb+rb>>32, ga+ga>>32
	const half, low = 0x00020002, 0x00ff00ff
	return uint32((rb+half)>>2&low) | uint32((ga+half)>>2&low)<<8
}

// flipRow fills d with the pixels of row from x leftwards.
func flipRow(d, row []byte, x int) {
	i := 4 * min(x, len(row)/4-1)
	for ; len(d) >= 8 && i >= 4; d, i = d[8:], i-8 { // two pixels at once
		v := binary.LittleEndian.Uint64(row[i-4:])
		binary.LittleEndian.PutUint64(d, v>>32|v<<32)
	}
	for ; len(d) >= 4 && i >= 0; d, i = d[4:], i-4 {
		copy(d[:4], row[i:i+4])
	}
}

// overRow blends the pixels of row from x on over d.
func overRow(d, row []byte, x int, flip bool) {
	step := 4
	if flip {
		step = -4
	}
	for i := 4 * x; len(d) >= 4; d, i = d[4:], i+step {
		if i < 0 || i+4 > len(row) {
			continue
		}
		if a := 255 - uint32(row[i+3]); a < 255 {
			for c := range 4 {
				d[c] = byte(uint32(row[i+c]) + (uint32(d[c])*a+127)/255)
			}
		}
	}
}

// rowOf returns p.row with n bytes.
func (p *cpuPainter) rowOf(n int) []byte {
	if cap(p.row) < n {
		p.row = make([]byte, n)
	}
	p.row = p.row[:n]
	return p.row
}

// columns prepares p.cols for n pixels from x on in steps of k.
func (p *cpuPainter) columns(src *image.RGBA, n int, x, k float32) {
	if cap(p.cols) < n {
		p.cols = make([]column, n)
	}
	p.cols = p.cols[:n]
	last := src.Rect.Dx() - 1
	for i := range p.cols {
		at, w := split(x+float32(i)*k-0.5, last)
		p.cols[i] = column{4 * at, 4 * min(at+1, last), w}
	}
}

// split returns the pixel before x, between 0 and last, and the weight of the
// one after it, 0..256.
func split(x float32, last int) (at int, weight uint32) {
	if !(x > 0) {
		return 0, 0
	}
	at = int(x)
	if at >= last {
		return last, 0
	}
	return at, uint32((x - float32(at)) * 256)
}

func rowsAt(src *image.RGBA, y float32) (row0, row1 []byte, weight uint32) {
	last := src.Rect.Dy() - 1
	at, weight := split(y, last)
	n := 4 * src.Rect.Dx()
	return src.Pix[at*src.Stride:][:n], src.Pix[min(at+1, last)*src.Stride:][:n], weight
}

// sampleRow interpolates between two rows; two channels of a pixel share one
// multiplication.
func sampleRow(d, row0, row1 []byte, cols []column, wy uint32) {
	const mask = 0x00ff00ff
	for i := range cols {
		c := &cols[i]
		a, b := binary.LittleEndian.Uint32(row0[c.at:]), binary.LittleEndian.Uint32(row0[c.next:])
		e, f := binary.LittleEndian.Uint32(row1[c.at:]), binary.LittleEndian.Uint32(row1[c.next:])
		w, v := c.weight, 256-c.weight
		rb0 := ((a&mask)*v + (b&mask)*w) >> 8 & mask
		ga0 := ((a>>8&mask)*v + (b>>8&mask)*w) >> 8 & mask
		rb1 := ((e&mask)*v + (f&mask)*w) >> 8 & mask
		ga1 := ((e>>8&mask)*v + (f>>8&mask)*w) >> 8 & mask
		u := 256 - wy
		rb := (rb0*u + rb1*wy) >> 8 & mask
		ga := (ga0*u + ga1*wy) & (mask << 8)
		binary.LittleEndian.PutUint32(d[4*i:], rb|ga)
	}
}

// blend mixes weight/256 of src into dst.
func blend(dst, src []byte, weight uint32) {
	const mask = 0x00ff00ff
	u := 256 - weight
	for i := 0; i+4 <= len(dst) && i+4 <= len(src); i += 4 {
		a, b := binary.LittleEndian.Uint32(dst[i:]), binary.LittleEndian.Uint32(src[i:])
		rb := ((a&mask)*u + (b&mask)*weight) >> 8 & mask
		ga := ((a>>8&mask)*u + (b>>8&mask)*weight) & (mask << 8)
		binary.LittleEndian.PutUint32(dst[i:], rb|ga)
	}
}

// darken draws a shade over dst.
func darken(dst *image.RGBA, s shade) {
	const mask = 0x00ff00ff
	h := float32(dst.Rect.Dy())
	for y := max(int(s.from), 0); y < dst.Rect.Dy(); y++ {
		t := (float32(y) + 0.5 - s.from) / (h - s.from)
		k := uint32(256 * (1 - clamp(t, 0, 1)*s.alpha))
		for row := dst.Pix[y*dst.Stride:][:4*dst.Rect.Dx()]; len(row) >= 4; row = row[4:] {
			v := binary.LittleEndian.Uint32(row)
			binary.LittleEndian.PutUint32(row, (v&mask*k)>>8&mask|(v>>8&0xff)*k&0xff00|0xff000000)
		}
	}
}

// drawSegment blends a line over dst; its edges are one pixel soft.
func drawSegment(dst *image.RGBA, s *segment) {
	half := s.width/2 + 0.5
	box := rect{min(s.ax, s.bx) - half, min(s.ay, s.by) - half, max(s.ax, s.bx) + half, max(s.ay, s.by) + half}
	out := box.whole().Intersect(dst.Rect)
	dx, dy := s.bx-s.ax, s.by-s.ay
	length := float32(math.Hypot(float64(dx), float64(dy)))
	if length == 0 {
		return
	}
	dx, dy = dx/length, dy/length
	for y := out.Min.Y; y < out.Max.Y; y++ {
		for x := out.Min.X; x < out.Max.X; x++ {
			px, py := float32(x)+0.5-s.ax, float32(y)+0.5-s.ay
			along, away := px*dx+py*dy, px*dy-py*dx
			if along < 0 || along > length {
				continue
			}
			if away < 0 {
				away = -away
			}
			if k := clamp(half-away, 0, 1); k > 0 {
				mix(dst.Pix[dst.PixOffset(x, y):], s, k)
			}
		}
	}
}

// mix blends part k of a segment's colour over one pixel.
func mix(d []byte, s *segment, k float32) {
	u := 1 - k*float32(s.colour.A)/255
	d[0] = byte(float32(s.colour.R)*k + float32(d[0])*u + 0.5)
	d[1] = byte(float32(s.colour.G)*k + float32(d[1])*u + 0.5)
	d[2] = byte(float32(s.colour.B)*k + float32(d[2])*u + 0.5)
	d[3] = 255
}
