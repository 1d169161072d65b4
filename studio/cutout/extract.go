package cutout

import (
	"image"

	"cheval/studio/internal/pixels"
)

// Extract returns the product alone: coverage as alpha and, where it is
// partial, the product's own colour without the background's that shines
// through (alpha not multiplied in). Pixels without coverage are empty. img and
// alpha have the same size; neither is changed.
//
// The colours are found by blurred fusion (Forte, "Approximate fast foreground
// colour estimation", 2021): the product's and the background's colour nearby,
// each weighted by its coverage, then what makes the pixel itself of the two.
func Extract(img *image.RGBA, alpha *image.Alpha) *image.NRGBA {
	out := image.NewNRGBA(img.Rect)
	pixels.Rows(img.Rect.Dy(), func(from, to int) {
		for y := from; y < to; y++ {
			copyCovered(out, img, alpha, y)
		}
	})
	far := newSurroundings(img, alpha)
	eachEdgeTile(alpha, fusionTile, nearRadius, func() func(image.Rectangle) {
		f := newFusion(fusionTile + 2*nearRadius)
		return func(tile image.Rectangle) { f.clean(out, img, alpha, far, tile) }
	})
	return out
}

// copyCovered copies a row's colours under its coverage.
func copyCovered(out *image.NRGBA, img *image.RGBA, alpha *image.Alpha, y int) {
	src, dst := img.Pix[y*img.Stride:], out.Pix[y*out.Stride:]
	for x, a := range alpha.Pix[y*alpha.Stride : y*alpha.Stride+alpha.Rect.Dx()] {
		if a == 0 {
			continue
		}
		dst[4*x], dst[4*x+1], dst[4*x+2], dst[4*x+3] = src[4*x], src[4*x+1], src[4*x+2], a
	}
}

// The side of the squares that are cleaned at once, and the radii of the two
// fusions, in pixels of the photo and in cells of farCell.
const (
	fusionTile = 32
	nearRadius = 3
	farCell    = 8
	farRadius  = 4
)

// sums is colour weighted by coverage, for the product and the background.
type sums struct {
	rgb    [3]float32
	weight float32
}

func (s *sums) add(o *sums, sign float32) {
	for c := range 3 {
		s.rgb[c] += sign * o.rgb[c]
	}
	s.weight += sign * o.weight
}

// mix is the weighted colour, or other where there is no weight.
func (s *sums) mix(other [3]float32) [3]float32 {
	if s.weight < 1e-3 {
		return other
	}
	return [3]float32{s.rgb[0] / s.weight, s.rgb[1] / s.weight, s.rgb[2] / s.weight}
}

// surroundings are the colours of product and background around each cell of
// the photo, a cell being farCell pixels square.
type surroundings struct {
	w, h    int
	product []sums
	ground  []sums
}

func newSurroundings(img *image.RGBA, alpha *image.Alpha) *surroundings {
	w, h := (img.Rect.Dx()+farCell-1)/farCell, (img.Rect.Dy()+farCell-1)/farCell
	s := &surroundings{w: w, h: h, product: make([]sums, w*h), ground: make([]sums, w*h)}
	pixels.Rows(h, func(from, to int) {
		for cy := from; cy < to; cy++ {
			for y := cy * farCell; y < min((cy+1)*farCell, img.Rect.Dy()); y += 2 {
				s.gather(img, alpha, y, cy)
			}
		}
	})
	// Twice a box is near enough to a Gaussian, and reaches into the product
	// where coverage is certain.
	for range 2 {
		blurSums(s.product, w, h, farRadius)
		blurSums(s.ground, w, h, farRadius)
	}
	return s
}

// gather adds every second pixel of a row to its cells. Certain coverage counts
// for more: what is partly covered has both colours in it.
func (s *surroundings) gather(img *image.RGBA, alpha *image.Alpha, y, cy int) {
	row := img.Pix[y*img.Stride : y*img.Stride+4*img.Rect.Dx()]
	cover := alpha.Pix[y*alpha.Stride : y*alpha.Stride+alpha.Rect.Dx()]
	for x := 0; x < len(cover); x += 2 {
		i, pix := cy*s.w+x/farCell, row[4*x:4*x+3]
		switch a := cover[x]; a {
		case 0:
			s.ground[i].gather(pix, 1)
		case 255:
			s.product[i].gather(pix, 1)
		default:
			p := float32(a) / 255
			q := 1 - p
			s.product[i].gather(pix, p*p*p)
			s.ground[i].gather(pix, q*q*q)
		}
	}
}

func (s *sums) gather(pix []uint8, weight float32) {
	for c := range s.rgb {
		s.rgb[c] += weight * float32(pix[c])
	}
	s.weight += weight
}

// blurSums sums over a window in both directions; sums need no normalising.
func blurSums(p []sums, w, h, r int) {
	line := make([]sums, max(w, h))
	for y := range h {
		blurLine(p[y*w:], line[:w], 1, r)
	}
	for x := range w {
		blurLine(p[x:], line[:h], w, r)
	}
}

func blurLine(p, line []sums, step, r int) {
	n := len(line)
	for i := range n {
		line[i] = p[i*step]
	}
	var sum sums
	for i := 0; i < min(r, n); i++ {
		sum.add(&line[i], 1)
	}
	for i := range n {
		if i+r < n {
			sum.add(&line[i+r], 1)
		}
		if i-r-1 >= 0 {
			sum.add(&line[i-r-1], -1)
		}
		p[i*step] = sum
	}
}

// fusion is one worker's memory for cleaning the colours of a tile.
type fusion struct {
	product, ground []sums
	// inner is how far a pixel lies within the product: 0 at its edge, 1 from
	// bleed pixels on.
	inner []float32
}

// bleed is how far, in pixels, JPEG carries the background's hue into the
// product: its colours have half the resolution.
const bleed = 2

func newFusion(most int) *fusion {
	return &fusion{product: make([]sums, most*most), ground: make([]sums, most*most), inner: make([]float32, most*most)}
}

// clean takes the background out of the tile's partly covered pixels, and its
// hue out of those just within the edge.
func (f *fusion) clean(out *image.NRGBA, img *image.RGBA, alpha *image.Alpha, far *surroundings, tile image.Rectangle) {
	area := tile.Inset(-nearRadius).Intersect(img.Rect)
	w, h := area.Dx(), area.Dy()
	f.measureInner(alpha, area)
	for y := range h {
		for x := range w {
			f.first(y*w+x, img, alpha, far, area.Min.X+x, area.Min.Y+y)
		}
	}
	blurSums(f.product[:w*h], w, h, nearRadius)
	blurSums(f.ground[:w*h], w, h, nearRadius)
	for y := tile.Min.Y; y < tile.Max.Y; y++ {
		for x := tile.Min.X; x < tile.Max.X; x++ {
			i := (y-area.Min.Y)*w + x - area.Min.X
			a := alpha.Pix[y*alpha.Stride+x]
			if a == 0 || f.inner[i] >= 1 {
				continue
			}
			product := f.product[i].mix([3]float32{})
			ground := f.ground[i].mix(product)
			colour := fuse(img.Pix[y*img.Stride+4*x:], float32(a)/255, product, ground)
			colour = rehue(colour, product, 1-f.inner[i])
			d := out.Pix[y*out.Stride+4*x:]
			d[0], d[1], d[2] = byteOf(colour[0]), byteOf(colour[1]), byteOf(colour[2])
		}
	}
}

// measureInner fills inner for the area.
func (f *fusion) measureInner(alpha *image.Alpha, area image.Rectangle) {
	w, h := area.Dx(), area.Dy()
	n := w * h
	for y := range h {
		for x, a := range alpha.Pix[(area.Min.Y+y)*alpha.Stride+area.Min.X:][:w] {
			f.inner[y*w+x] = float32(a) / 255
		}
	}
	pixels.BoxSum(f.inner[:n], w, h, bleed)
	for y := range h {
		rows := min(y+bleed, h-1) - max(y-bleed, 0) + 1
		for x := range w {
			columns := min(x+bleed, w-1) - max(x-bleed, 0) + 1
			// Half of the window is product at an edge.
			f.inner[y*w+x] = max(0, min(1, 2.02*f.inner[y*w+x]/float32(rows*columns)-1))
		}
	}
}

// first is the fusion with what is far around.
func (f *fusion) first(i int, img *image.RGBA, alpha *image.Alpha, far *surroundings, x, y int) {
	a := float32(alpha.Pix[y*alpha.Stride+x]) / 255
	pix := img.Pix[y*img.Stride+4*x:]
	cell := (y/farCell)*far.w + x/farCell
	own := [3]float32{float32(pix[0]), float32(pix[1]), float32(pix[2])}
	product := far.product[cell].mix(own)
	ground := far.ground[cell].mix(own)
	product = fuse(pix, a, product, ground)
	// What lies within counts; a thin part, with nothing within, is judged by
	// all that it has.
	p, q := f.inner[i]+0.02*a*a*a*a+1e-4, 1-a+0.02
	for c := range 3 {
		f.product[i].rgb[c] = p * product[c]
		f.ground[i].rgb[c] = q * ground[c]
	}
	f.product[i].weight, f.ground[i].weight = p, q
}

// rehue moves a colour's hue by k towards the product's, at the same luma.
func rehue(c, product [3]float32, k float32) [3]float32 {
	l, m := luma(c), luma(product)
	for i := range c {
		own, want := c[i]-l, product[i]-m
		c[i] = max(0, min(255, l+own+k*(want-own)))
	}
	return c
}

func luma(c [3]float32) float32 { return 0.299*c[0] + 0.587*c[1] + 0.114*c[2] }

// fuse is the product's colour in a pixel of which it covers a.
func fuse(pix []uint8, a float32, product, ground [3]float32) (c [3]float32) {
	for i := range c {
		rest := float32(pix[i]) - a*product[i] - (1-a)*ground[i]
		c[i] = max(0, min(255, product[i]+a*rest))
	}
	return c
}

func byteOf(v float32) uint8 { return uint8(v + 0.5) }
