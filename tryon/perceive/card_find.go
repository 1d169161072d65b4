package perceive

import (
	"image"
	"math"

	"github.com/go-gl/mathgl/mgl32"
)

// A card is found as a rectangle of edges of about the right size near the
// face: the picture about the head is drawn upright, one pixel a millimetre
// (of an average head), for some tilts; edge strength is summed along rows and
// columns, and rectangles of a card's shape are weighed by their weakest side.

// ISO/IEC 7810 ID-1, millimetres.
const (
	cardWidthMM, cardHeightMM = 85.60, 53.98
	cardThicknessMM           = 0.76
	cardShape                 = cardWidthMM / cardHeightMM
)

const (
	cardPatch = 256 // pixels and millimetres that the search sees
	// cardLeast to cardMost bound the width in the patch: heads differ by
	// ±20 %, and a tilted card is narrower.
	cardLeast, cardMost = 66, 110
	// cardAspect is how far the shape may be from a card's, as a factor.
	cardAspect = 1.12
	// edgeCap is the step of brightness that counts as an edge in full.
	edgeCap = 0.12
	// A side may be held by fingers for a good part; together they may not.
	sideLeast, sidesMean = 0.30, 0.52
	// sideEnds is cut off either end of a side: round corners.
	sideEnds = 0.08
	// tilts against the face's roll: so many, tiltStep radians apart.
	tilts, tiltStep = 11, 0.05
	// tiltsAFrame are tried in one frame of a live picture, where a search
	// must not hold up the mirror: a tilt takes 5 ms.
	tiltsAFrame = 2
)

// cardFinder searches a frame for a card. It keeps its buffers; one goroutine
// at a time.
type cardFinder struct {
	cut        *sampler
	rgb        []float32
	gx, gy     []float32 // edge strength across columns and across rows, 0..1
	down       []float32 // gx summed down each column
	along      []float32 // gy summed along each row
	sums       []float32
	hits       []int
	turn       int // which tilt comes next
	bestSides  float32
	bestCorner [4]float64 // x0, y0, x1, y1 in the patch
}

func newCardFinder(cut *sampler) *cardFinder {
	const n = cardPatch * cardPatch
	return &cardFinder{
		cut: cut, rgb: make([]float32, 3*n), gx: make([]float32, n), gy: make([]float32, n),
		down: make([]float32, n+cardPatch), along: make([]float32, n+cardPatch),
		sums: make([]float32, cardPatch), hits: make([]int, 0, cardPatch),
	}
}

// find tries the next so many tilts and returns the corners of the likeliest
// card about a head, clockwise from the top left, roughly.
func (c *cardFinder) find(img *image.RGBA, cam Camera, head rigid, points *[Landmarks]mgl32.Vec3, count int) ([4]vec2, bool) {
	mid := head.apply(vec3{0, 10, 45})
	px := project(mid, cam)
	pxPerMM := float64(cam.F) / -mid[2]
	area := region{cx: px[0], cy: px[1], w: cardPatch * pxPerMM, h: cardPatch * pxPerMM}
	if !area.valid() {
		return [4]vec2{}, false
	}
	roll := rollOf(points)
	c.bestSides = 0
	var best affine
	for range count {
		area.turn = roll + tiltStep*float64(c.turn-tilts/2)
		c.turn = (c.turn + 4) % tilts // to and fro, so that all are soon near
		a := area.toFrame(cardPatch)
		if c.draw(img, a) == nil && c.search(a, points) {
			best = a
		}
	}
	if c.bestSides == 0 {
		return [4]vec2{}, false
	}
	x0, y0, x1, y1 := c.bestCorner[0], c.bestCorner[1], c.bestCorner[2], c.bestCorner[3]
	var quad [4]vec2
	for i, q := range [4]vec2{{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}} {
		quad[i][0], quad[i][1] = best.apply(q[0], q[1])
	}
	return quad, true
}

// draw fills the patch's edge strengths and their sums.
func (c *cardFinder) draw(img *image.RGBA, a affine) error {
	const w, n = cardPatch, cardPatch * cardPatch
	if err := c.cut.draw(img, a, w, 1.0/255, 0, replicate, c.rgb); err != nil {
		return err
	}
	clear(c.gx)
	clear(c.gy)
	for ch := range 3 {
		p := c.rgb[ch*n : (ch+1)*n]
		for y := 1; y < w-1; y++ {
			for x := 1; x < w-1; x++ {
				i := y*w + x
				c.gx[i] = max(c.gx[i], abs(p[i+1]-p[i-1]))
				c.gy[i] = max(c.gy[i], abs(p[i+w]-p[i-w]))
			}
		}
	}
	for i := range c.gx {
		c.gx[i], c.gy[i] = min(1, c.gx[i]/edgeCap), min(1, c.gy[i]/edgeCap)
	}
	for x := range w {
		for y := range w {
			c.down[(y+1)*w+x] = c.down[y*w+x] + c.gx[y*w+x]
		}
	}
	for y := range w {
		row := c.along[y*(w+1) : (y+1)*(w+1)]
		for x := range w {
			row[x+1] = row[x] + c.gy[y*w+x]
		}
	}
	return nil
}

func abs(x float32) float32 {
	if x < 0 {
		return -x
	}
	return x
}

// column is the mean edge strength of a left or right side.
func (c *cardFinder) column(x, y0, y1 int) float32 {
	cut := floor(sideEnds * float64(y1-y0))
	y0, y1 = y0+cut, y1-cut
	return (c.down[y1*cardPatch+x] - c.down[y0*cardPatch+x]) / float32(y1-y0)
}

// row is the mean edge strength of a top or bottom side.
func (c *cardFinder) row(y, x0, x1 int) float32 {
	cut := floor(sideEnds * float64(x1-x0))
	x0, x1 = x0+cut, x1-cut
	return (c.along[y*(cardPatch+1)+x1] - c.along[y*(cardPatch+1)+x0]) / float32(x1-x0)
}

// search weighs every rectangle of a card's shape in the patch; true when one
// is better than those of earlier tilts.
func (c *cardFinder) search(a affine, points *[Landmarks]mgl32.Vec3) bool {
	inv, ok := a.invert()
	if !ok {
		return false
	}
	var eyes [2]vec2
	for i, k := range [2]int{lmIrisLeft, lmIrisRight} {
		eyes[i][0], eyes[i][1] = inv.apply(float64(points[k][0]), float64(points[k][1]))
	}
	least, most := floor(cardLeast/cardShape/cardAspect), floor(cardMost/cardShape*cardAspect)
	better := false
	for h := least; h <= most; h += 2 {
		for y0 := 2; y0+h < cardPatch-2; y0 += 2 {
			y1 := y0 + h
			if covers(eyes[0][1], y0, y1) || covers(eyes[1][1], y0, y1) {
				continue // a card over the eyes measures nothing
			}
			better = c.sides(y0, y1) || better
		}
	}
	return better
}

func floor(x float64) int { return int(math.Floor(x)) }

func covers(y float64, y0, y1 int) bool { return y > float64(y0)-3 && y < float64(y1)+3 }

// sides pairs the upright edges between two rows.
func (c *cardFinder) sides(y0, y1 int) (better bool) {
	c.hits = c.hits[:0]
	for x := 2; x < cardPatch-2; x++ {
		c.sums[x] = c.column(x, y0, y1)
	}
	for x := 3; x < cardPatch-3; x++ {
		if s := c.sums[x]; s > sideLeast && s >= c.sums[x-1] && s > c.sums[x+1] {
			c.hits = append(c.hits, x)
		}
	}
	h := float64(y1 - y0)
	for i, x0 := range c.hits {
		for _, x1 := range c.hits[i+1:] {
			w := x1 - x0
			shape := float64(w) / h / cardShape
			if w < cardLeast || w > cardMost || shape > cardAspect || shape < 1/cardAspect {
				continue
			}
			better = c.weigh(x0, y0, x1, y1) || better
		}
	}
	return better
}

// weigh scores a rectangle: the mean of its sides, the weakest counting twice,
// each at the best of three neighbouring lines.
func (c *cardFinder) weigh(x0, y0, x1, y1 int) bool {
	top := max(c.row(y0-1, x0, x1), c.row(y0, x0, x1), c.row(y0+1, x0, x1))
	bottom := max(c.row(y1-1, x0, x1), c.row(y1, x0, x1), c.row(y1+1, x0, x1))
	if top < sideLeast || bottom < sideLeast {
		return false
	}
	left, right := c.sums[x0], c.sums[x1]
	mean := (top + bottom + left + right) / 4
	score := (4*mean + min(top, bottom, left, right)) / 5
	if mean < sidesMean || score <= c.bestSides {
		return false
	}
	c.bestSides = score
	c.bestCorner = [4]float64{float64(x0), float64(y0), float64(x1), float64(y1)}
	return true
}

type vec2 [2]float64

func (a vec2) add(b vec2) vec2    { return vec2{a[0] + b[0], a[1] + b[1]} }
func (a vec2) sub(b vec2) vec2    { return vec2{a[0] - b[0], a[1] - b[1]} }
func (a vec2) mul(s float64) vec2 { return vec2{a[0] * s, a[1] * s} }
func (a vec2) norm() float64      { return math.Hypot(a[0], a[1]) }
func (a vec2) cross(b vec2) float64 {
	return a[0]*b[1] - a[1]*b[0]
}
