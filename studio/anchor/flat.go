package anchor

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// plane maps the front, laid flat, to the view: a homography. Flat coordinates
// are view pixels in the middle of the front, u to the picture's right from
// the axis of symmetry, v down.
type plane [9]float64

func (h *plane) place(p point) point {
	w := h[6]*p.x + h[7]*p.y + h[8]
	return point{(h[0]*p.x + h[1]*p.y + h[2]) / w, (h[3]*p.x + h[4]*p.y + h[5]) / w}
}

// inverse is the map from the view to flat coordinates.
func (h *plane) inverse() plane {
	a, b, c, d, e, f, g, i, j := h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7], h[8]
	return plane{
		e*j - f*i, c*i - b*j, b*f - c*e,
		f*g - d*j, a*j - c*g, c*d - a*f,
		d*i - e*g, b*g - a*i, a*e - b*d,
	}
}

// flatten fits the plane in which both openings are one shape and its mirror
// image. A front is bent by a few degrees, which the two halves of a
// symmetrical thing hide from each other: the fit takes it up as a little
// foreshortening that both share.
func (p *pair) flatten() (plane, bool) {
	var pairs [][2]point
	for side := range p.warps {
		s, to := p.star(side), p.to(side)
		for k := range s.r {
			pairs = append(pairs, [2]point{s.at(k), to(s.at(k))})
		}
	}
	return fitPlane(pairs)
}

// fitPlane fits the homography that maps the first points to the second, by
// least squares, its vertical vanishing line held to none: it is seen badly on
// so low a thing.
func fitPlane(pairs [][2]point) (plane, bool) {
	m, rhs := mat.NewSymDense(8, nil), mat.NewVecDense(8, nil)
	norm := 0.0
	for _, q := range pairs {
		norm = math.Max(norm, math.Max(math.Abs(q[0].x), math.Abs(q[0].y)))
	}
	add := func(row [8]float64, want float64) {
		for i := range row {
			rhs.SetVec(i, rhs.AtVec(i)+row[i]*want)
			for j := i; j < 8; j++ {
				m.SetSym(i, j, m.At(i, j)+row[i]*row[j])
			}
		}
	}
	mid := point{}
	for _, q := range pairs {
		mid = mid.add(q[1].scale(1 / float64(len(pairs))))
	}
	for _, q := range pairs {
		x, y := q[0].x/norm, q[0].y/norm
		at := q[1].sub(mid).scale(1 / norm)
		add([8]float64{x, y, 1, 0, 0, 0, -x * at.x, -y * at.x}, at.x)
		add([8]float64{0, 0, 0, x, y, 1, -x * at.y, -y * at.y}, at.y)
	}
	m.SetSym(7, 7, m.At(7, 7)+0.2*float64(len(pairs)))
	var chol mat.Cholesky
	var x mat.VecDense
	if norm == 0 || !chol.Factorize(m) || chol.SolveVecTo(&x, rhs) != nil {
		return plane{}, false
	}
	at := x.AtVec
	g, k := at(6)/norm, at(7)/norm
	return plane{
		at(0) + mid.x*g, at(1) + mid.x*k, at(2)*norm + mid.x,
		at(3) + mid.y*g, at(4) + mid.y*k, at(5)*norm + mid.y,
		g, k, 1,
	}, true
}

// residue is how far the plane's openings lie from those found, in view pixels,
// as a root of the mean square.
func (p *pair) residue(h *plane) float64 {
	var sum, n float64
	for side := range p.own {
		s, to := p.star(side), p.to(side)
		for k := range s.r {
			d := h.place(s.at(k)).sub(to(p.own[side].at(k)))
			sum, n = sum+d.dot(d), n+1
		}
	}
	return math.Sqrt(sum / n)
}
