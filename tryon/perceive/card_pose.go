package perceive

import (
	"image"
	"math"
)

// cardCorners are a card's corners about its middle, in its own plane (x
// right, y up, z to the viewer), clockwise from the top left.
var cardCorners = [4]vec3{
	{-cardWidthMM / 2, cardHeightMM / 2}, {cardWidthMM / 2, cardHeightMM / 2},
	{cardWidthMM / 2, -cardHeightMM / 2}, {-cardWidthMM / 2, -cardHeightMM / 2},
}

// placeCard finds where a card whose corners are seen at quad is, in camera
// space, how far in pixels its corners stray from quad (root mean square), and
// how unlikely all that is: squares of standard deviations, of the corners'
// strays and of the lean against the head.
func placeCard(quad [4]vec2, cam Camera, head rigid) (card rigid, stray, cost float64, ok bool) {
	width := (quad[1].sub(quad[0]).norm() + quad[2].sub(quad[3]).norm()) / 2
	mid := quad[0].add(quad[1]).add(quad[2]).add(quad[3]).mul(0.25)
	depth := float64(cam.F) * cardWidthMM / max(width, 1)
	top := quad[1].sub(quad[0])
	card.R = expSO3(vec3{0, 0, -math.Atan2(top[1], top[0])})
	card.T = vec3{(mid[0] - float64(cam.Cx)) / float64(cam.F), -(mid[1] - float64(cam.Cy)) / float64(cam.F), -1}.mul(depth)
	for range 15 {
		var a [6][6]float64
		var b [6]float64
		f := float64(cam.F)
		stray = 0
		for i, c := range cardCorners {
			r := card.R.apply(c)
			p := r.add(card.T)
			if p[2] > -20 {
				return card, 0, 0, false
			}
			inv := 1 / -p[2]
			du, dv := quad[i][0]-(float64(cam.Cx)+f*p[0]*inv), quad[i][1]-(float64(cam.Cy)-f*p[1]*inv)
			ju, jv := vec3{f * inv, 0, f * p[0] * inv * inv}, vec3{0, -f * inv, -f * p[1] * inv * inv}
			accumulate(&a, &b, 1, r.cross(ju), ju, du)
			accumulate(&a, &b, 1, r.cross(jv), jv, dv)
			stray += (du*du + dv*dv) / 4
		}
		lean := towards(&a, &b, card, head)
		cost = 4*stray/(cornerDeviation*cornerDeviation) + lean*lean/(leanExpected*leanExpected)
		x, solved := cholesky6(&a, &b)
		if !solved {
			return card, 0, 0, false
		}
		card.R = expSO3(vec3{x[0], x[1], x[2]}).mul(card.R)
		card.T = card.T.add(vec3{x[3], x[4], x[5]})
	}
	stray = math.Sqrt(stray)
	return card, stray, cost, !math.IsNaN(cost) && card.T[2] < 0
}

// Leaning out of the picture's plane shows in a card's outline only by a
// pixel or two. So a card is expected to lie flat at the head, loosely where it
// is placed (the head's own pitch is known to some 8° only, and the pupils lie
// a card's height away), more strictly where outlines are told apart: a
// magnetic stripe's edge taken for the card's makes it lean by 25°.
const (
	leanDeviation   = 25 * math.Pi / 180
	leanExpected    = 10 * math.Pi / 180
	cornerDeviation = 0.25 // pixels
)

// towards adds that expectation to the normal equations, and returns the lean.
func towards(a *[6][6]float64, b *[6]float64, card, head rigid) float64 {
	n, want := card.R.apply(vec3{0, 0, 1}), head.R.apply(vec3{0, 0, 1})
	lean := n.cross(want) // the turn that would lay the card flat
	w := cornerDeviation * cornerDeviation / (leanDeviation * leanDeviation)
	for i := range 3 {
		for j := 0; j <= i; j++ {
			e := -n[i] * n[j]
			if i == j {
				e++
			}
			a[i][j] += w * e
		}
		b[i] += w * lean[i]
	}
	return math.Atan2(lean.norm(), n.dot(want))
}

// bestQuad tries a rough outline's sides on the edges near them, and returns
// the outline that is most likely a card's.
func bestQuad(img *image.RGBA, quad [4]vec2, cam Camera, head rigid) ([4]vec2, bool) {
	var store [4][maxRivals]line
	var sides [4][]line
	reach := 0.13 * quad[3].sub(quad[0]).norm()
	for i := range sides {
		sides[i] = rivals(img, quad[i], quad[(i+1)%4], reach, store[i][:0])
	}
	mid := quad[0].add(quad[1]).add(quad[2]).add(quad[3]).mul(0.25)
	high := quad[3].sub(quad[0]).norm()
	best, least := quad, math.Inf(1)
	for _, top := range sides[0] {
		for _, right := range sides[1] {
			for _, bottom := range sides[2] {
				for _, left := range sides[3] {
					q, ok := corners(&[4]line{top, right, bottom, left})
					if !ok {
						continue
					}
					_, _, cost, ok := placeCard(q, cam, head)
					cost += printCost * float64(within(top, sides[0], mid, high)+within(bottom, sides[2], mid, high))
					if ok && cost < least {
						best, least = q, cost
					}
				}
			}
		}
	}
	return best, !math.IsInf(least, 1)
}

// printCost is what an outline costs for each side that has another edge
// outside it, as far off as a magnetic stripe begins from a card's edge (4.5 to
// 6 mm, ISO/IEC 7811; a shadow ends sooner): then it is print.
const (
	printCost             = 14.0
	printLeast, printMost = 0.07, 0.14 // of the card's height
)

// within is 1 when one of the lines runs outside l like that, as seen from mid.
func within(l line, lines []line, mid vec2, high float64) int {
	at := l.foot(mid).sub(mid).norm()
	for _, o := range lines {
		if d := (o.foot(mid).sub(mid).norm() - at) / high; d > printLeast && d < printMost {
			return 1
		}
	}
	return 0
}
