package eyewear

import (
	"cheval/catalog"

	"github.com/go-gl/mathgl/mgl32"
)

type mgl3 = mgl32.Vec3

// lensPoints is how many points a lens has around.
const lensPoints = 88

// lensSheet is the lens's front surface, its coordinates -1..1 in the box.
func (b *builder) lensSheet() {
	edge := b.outline.resample(lensPoints)
	rings := []float64{0, 0.4, 0.75, 1}
	half := vec2{float64(b.e.LensWidth) / 2, float64(b.e.LensHeight) / 2}
	at := func(i int, k float64) corner {
		p := edge.at(i).Mul(k)
		return corner{b.f.place(b.f.centre+p[0], p[1], 0), vec2{p[0] / half[0], p[1] / half[1]}}
	}
	s := &b.parts[LensRight]
	for i := range edge {
		s.triangle(at(0, 0), at(i, rings[1]), at(i+1, rings[1]))
		for r := 1; r+1 < len(rings); r++ {
			s.quad(at(i, rings[r]), at(i, rings[r+1]), at(i+1, rings[r+1]), at(i+1, rings[r]))
		}
	}
}

// lensEdge is the polished edge of a bare lens: a thin ring of the lens's
// thickness around its outline.
func (b *builder) lensEdge() {
	depth := 1.9
	if b.e.Material == catalog.Rimless {
		depth = float64(b.e.Thickness)
	}
	w := b.wire(0.45, 0.15, 0.15, -depth, 64)
	w.innerFillet, w.outerFillet, w.innerSteps, w.outerSteps = 0.12, 0.18, 1, 1
	b.parts[LensEdge] = w.soup(b.f.place)
}

// wire is a ring along the lens from in inside its outline to out outside.
func (b *builder) wire(in, out, front, back float64, points int) *band {
	c := b.lens.resample(points)
	n := c.normals()
	w := &band{innerSteps: 2, outerSteps: 2, backColumns: 1,
		front: func(vec2) float64 { return front },
		back:  func(vec2) float64 { return back },
	}
	for i, p := range c {
		w.inner = append(w.inner, p.Sub(n[i].Mul(in)))
		w.outer = append(w.outer, p.Add(n[i].Mul(out)))
		w.innerN = append(w.innerN, n[i])
		w.outerN = append(w.outerN, n[i].Mul(-1))
	}
	r := min((in+out)/2, (front-back)/2) * 0.8
	w.innerFillet, w.outerFillet = r, r
	return w
}
