package enhance

import (
	"image"
	"math"

	"cheval/studio/internal/pixels"
)

const (
	// mostTilt is the largest angle, in degrees, that counts as a crooked photo
	// and not as the way in which a thing was laid.
	mostTilt = 12
	// leastTilt is the smallest that is worth resampling the picture for.
	leastTilt = 0.6
	// symmetryLeast and symmetryGain: a product is turned only where it is so
	// symmetric about an upright axis, and so much more than unturned, that it
	// must have been meant to stand like that. Parts of the outline's overlap
	// with its mirror image.
	symmetryLeast = 0.88
	symmetryGain  = 0.012
	tiltSide      = 96 // pixels a side at which the outline is turned
)

// Tilt returns by how many degrees (clockwise positive) a product is to be
// turned to stand upright: the angle at which its outline is most symmetric
// about an upright axis; 0 where it has no such symmetry, as a shoe from the
// side, or hardly gains by it.
func Tilt(cut *image.NRGBA) (float64, error) {
	m, err := outline(cut)
	if err != nil || m == nil {
		return 0, err
	}
	level := m.symmetry(0)
	near, _ := m.best(0, 1, mostTilt)
	at, best := m.best(near, 0.2, 4)
	edge := math.Abs(at) >= mostTilt // still rising where the search ends
	if best < symmetryLeast || best < level+symmetryGain || math.Abs(at) < leastTilt || edge {
		return 0, nil
	}
	return math.Round(at*10) / 10, nil
}

// best is the most symmetric of the angles at middle ± n steps.
func (m *shape) best(middle, step float64, n int) (at, best float64) {
	found := make([]float64, 2*n+1)
	pixels.Rows(len(found), func(from, to int) {
		for i := from; i < to; i++ {
			found[i] = m.symmetry(middle + float64(i-n)*step)
		}
	})
	for i, s := range found {
		if s > best {
			at, best = middle+float64(i-n)*step, s
		}
	}
	return at, best
}

// shape is a small outline with its middle.
type shape struct {
	w, h   int
	grid   []bool
	cx, cy float64
}

// outline is the product at tiltSide; nil where there is none.
func outline(cut *image.NRGBA) (*shape, error) {
	box := Bounds(cut)
	if box.Empty() {
		return nil, nil
	}
	alpha := image.NewAlpha(box.Sub(box.Min))
	for y := range box.Dy() {
		row := cut.Pix[(box.Min.Y+y)*cut.Stride+4*box.Min.X:]
		for x := range box.Dx() {
			alpha.Pix[y*alpha.Stride+x] = row[4*x+3]
		}
	}
	long := max(box.Dx(), box.Dy())
	w, h := max(1, box.Dx()*tiltSide/long), max(1, box.Dy()*tiltSide/long)
	small := image.NewAlpha(image.Rect(0, 0, w, h))
	if err := pixels.Scale(alpha, small); err != nil {
		return nil, err
	}
	m, n := &shape{w: w, h: h, grid: make([]bool, w*h)}, 0
	for y := range h {
		for x := range w {
			if small.Pix[y*small.Stride+x] > 127 {
				m.grid[y*w+x] = true
				m.cx, m.cy = m.cx+float64(x)+0.5, m.cy+float64(y)+0.5
				n++
			}
		}
	}
	if n == 0 {
		return nil, nil
	}
	m.cx, m.cy = m.cx/float64(n), m.cy/float64(n)
	return m, nil
}

// symmetry is the largest overlap (intersection over union) of the outline,
// turned by degrees, with its mirror image about an upright axis near its
// middle.
func (m *shape) symmetry(degrees float64) float64 {
	const side = 2 * tiltSide
	rows := m.turned(degrees)
	total := 0
	for y := range rows {
		total += count(&rows[y])
	}
	best := 0.0
	for shift := -6; shift <= 6; shift++ {
		both := 0
		for y := range rows {
			for x := max(0, shift); x < min(side, side+shift); x++ {
				if rows[y][x] && rows[y][side-1+shift-x] {
					both++
				}
			}
		}
		best = max(best, float64(both)/float64(2*total-both))
	}
	return best
}

// turned is the outline turned about its middle, in the middle of a square.
func (m *shape) turned(degrees float64) *[2 * tiltSide][2 * tiltSide]bool {
	var rows [2 * tiltSide][2 * tiltSide]bool
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	for y := range rows {
		for x := range rows[y] {
			dx, dy := float64(x)+0.5-tiltSide, float64(y)+0.5-tiltSide
			sx, sy := int(math.Floor(dx*cos+dy*sin+m.cx)), int(math.Floor(dy*cos-dx*sin+m.cy))
			rows[y][x] = sx >= 0 && sy >= 0 && sx < m.w && sy < m.h && m.grid[sy*m.w+sx]
		}
	}
	return &rows
}

func count(row *[2 * tiltSide]bool) (n int) {
	for _, on := range row {
		if on {
			n++
		}
	}
	return n
}

// Bounds is the smallest rectangle with everything that is covered visibly.
func Bounds(cut *image.NRGBA) image.Rectangle {
	const seen = 16
	box := image.Rectangle{}
	for y := range cut.Rect.Dy() {
		row := cut.Pix[y*cut.Stride : y*cut.Stride+4*cut.Rect.Dx()]
		left, right := -1, -1
		for x := 0; 4*x+3 < len(row); x++ {
			if row[4*x+3] >= seen {
				if left < 0 {
					left = x
				}
				right = x
			}
		}
		if left >= 0 {
			box = box.Union(image.Rect(left, y, right+1, y+1))
		}
	}
	return box
}
