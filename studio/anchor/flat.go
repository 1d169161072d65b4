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
// image, and expresses the shape in it. A front is bent by a few degrees, which
// the two halves of a symmetrical thing hide from each other: the fit takes it
// up as a little foreshortening that both share.
func (p *pair) flatten() (plane, bool) {
	m, rhs := mat.NewSymDense(8, nil), mat.NewVecDense(8, nil)
	norm := p.shape.mid.x
	add := func(row [8]float64, want, weight float64) {
		for i := range row {
			rhs.SetVec(i, rhs.AtVec(i)+weight*row[i]*want)
			for j := i; j < 8; j++ {
				m.SetSym(i, j, m.At(i, j)+weight*row[i]*row[j])
			}
		}
	}
	for side := range p.warps {
		s, to := p.star(side), p.to(side)
		for k := range s.r {
			q, at := s.at(k), to(s.at(k))
			x, y := q.x/norm, q.y/norm
			u, v := at.x/norm, at.y/norm
			add([8]float64{x, y, 1, 0, 0, 0, -x * u, -y * u}, u, 1)
			add([8]float64{0, 0, 0, x, y, 1, -x * v, -y * v}, v, 1)
		}
	}
	// The vertical vanishing line is seen badly on so low a thing: hold it to none.
	m.SetSym(7, 7, m.At(7, 7)+0.5*float64(len(p.shape.r)))
	var chol mat.Cholesky
	var x mat.VecDense
	if !chol.Factorize(m) || chol.SolveVecTo(&x, rhs) != nil {
		return plane{}, false
	}
	at := func(i int) float64 { return x.AtVec(i) }
	return plane{
		at(0), at(1), at(2) * norm, at(3), at(4), at(5) * norm,
		at(6) / norm, at(7) / norm, 1,
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
