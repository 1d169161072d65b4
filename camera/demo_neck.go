package camera

import (
	"math"

	"gocv.io/x/gocv"
)

// raiseNeck paints the neck into the hole that the head leaves in the plate:
// a column between the jaw's corners, each of its lines of the colour that the
// neck has where it comes out below the jaw.
func (l *layout) raiseNeck(plate, hole gocv.Mat) error {
	pix, err := plate.DataPtrUint8()
	if err != nil {
		return err
	}
	mask, err := hole.DataPtrUint8()
	if err != nil {
		return err
	}
	n := neck{left: l.points[lmNeckLeft][0], right: l.points[lmNeckRight][0]}
	n.read(l, pix, mask)
	top := max(0, int(l.jawLine()-0.25*l.faceSpan()))
	for i := range n.ends {
		x := n.x0 + i
		if x < 0 || x >= l.size.X {
			continue
		}
		share := smoothstep((float32(x)-n.left)/neckSoft+0.5) * smoothstep((n.right-float32(x))/neckSoft+0.5)
		for y := top; y < n.ends[i]; y++ {
			if at := y*l.size.X + x; mask[at] != 0 {
				colour := n.at(i, y)
				for c := range 3 {
					p := &pix[3*at+c]
					*p = byte(max(0, min(255, float32(*p)*(1-share)+colour[c]*share+0.5)))
				}
			}
		}
	}
	return nil
}

// neck is what is seen of it below the jaw, column by column from x0 on.
type neck struct {
	left, right float32
	x0          int
	ends        []int        // the first row below the hole
	rims        [][3]float32 // the colour there
	skin        [][3]float32 // the colour of the skin further down, smooth
}

// at is the colour of column i at row y: the picture's own at the rim, running
// into the skin's, which darkens upwards in the shadow of the jaw.
func (n *neck) at(i, y int) (out [3]float32) {
	up := float64(n.ends[i] - y)
	k := float32(math.Exp(-up / 7))
	shade := float32(1 - 0.2*(1-math.Exp(-up/30)))
	for c := range 3 {
		out[c] = n.skin[i][c]*shade*(1-k) + n.rims[i][c]*k
	}
	return out
}

// neckSoft is how many pixels wide the neck's edge is.
const neckSoft = 6

// Rows below the rim that are averaged: first the jaw's edge is skipped.
const skipRows, skinRows = 3, 12

// read looks at the columns below the hole. Beside the neck it repeats the
// neck's outermost columns.
func (n *neck) read(l *layout, pix, mask []byte) {
	inset := int(0.05 * (n.right - n.left))
	n.left = n.side(l, pix, mask, int(n.left)+inset, int(n.left), -1)
	n.right = n.side(l, pix, mask, int(n.right)-inset, int(n.right), 1)
	n.x0 = int(n.left) - neckSoft
	for x := n.x0; x <= int(n.right)+neckSoft; x++ {
		inside := max(int(n.left)+inset, min(int(n.right)-inset, x))
		end := rimBelow(l, mask, inside)
		n.ends = append(n.ends, end)
		n.rims = append(n.rims, meanColumn(pix, l.size.X, inside, end, end+1))
		n.skin = append(n.skin, meanColumn(pix, l.size.X, inside, end+skipRows, end+skipRows+skinRows))
	}
	n.rims, n.skin = smoothAlong(n.rims, 2), smoothAlong(n.skin, 24)
}

// side walks from a column that is neck outwards, as far as the skin's colour
// goes.
func (n *neck) side(l *layout, pix, mask []byte, from, to, step int) float32 {
	const alike = 75 // summed over the channels
	colour := func(x int) [3]float32 {
		end := rimBelow(l, mask, x)
		return meanColumn(pix, l.size.X, x, end, end+skipRows)
	}
	skin := colour(from)
	for x := from; x != to; x += step {
		c := colour(x)
		if absolute(c[0]-skin[0])+absolute(c[1]-skin[1])+absolute(c[2]-skin[2]) > alike {
			return float32(x)
		}
	}
	return float32(to)
}

func absolute(v float32) float32 { return max(v, -v) }

// rimBelow is the first row below the hole in column x.
func rimBelow(l *layout, mask []byte, x int) int {
	x = max(0, min(l.size.X-1, x))
	y := min(l.size.Y-skipRows-skinRows-1, int(l.points[lmChin][1]+0.1*l.faceSpan()))
	for y > 0 && mask[y*l.size.X+x] == 0 {
		y--
	}
	return y + 1
}

func meanColumn(bgr []byte, width, x, y0, y1 int) (out [3]float32) {
	for y := y0; y < y1; y++ {
		for c := range 3 {
			out[c] += float32(bgr[3*(y*width+x)+c]) / float32(y1-y0)
		}
	}
	return out
}

// smoothAlong averages each colour with those up to reach away.
func smoothAlong(colours [][3]float32, reach int) [][3]float32 {
	out := make([][3]float32, len(colours))
	for i := range colours {
		lo, hi := max(0, i-reach), min(len(colours)-1, i+reach)
		for k := lo; k <= hi; k++ {
			for c := range 3 {
				out[i][c] += colours[k][c] / float32(hi-lo+1)
			}
		}
	}
	return out
}
