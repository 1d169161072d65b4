package eyewear

import (
	"math"
)

// browline builds a wire front with heavy brow pieces over it.
func (b *builder) browline() error {
	rim := b.wire(0.4, 0.75, 0.9, -0.9, 56)
	rim.innerSteps = 1
	b.parts[Metalwork] = append(b.parts[Metalwork], rim.soup(b.f.place)...)
	s := &silhouette{lens: newLocator(b.lens.resample(240)), meltEnd: 4.5, end: b.acetateEnd()}
	s.rim = make([]float64, len(s.lens.c))
	for i, p := range s.lens.c {
		v := p[1] / float64(b.e.LensHeight) * 2
		s.rim[i] = mix(0.9, float64(b.e.Rim), smoothstep(-0.05, 0.75, v))
	}
	raw, err := s.contour()
	if err != nil {
		return err
	}
	const points = 84
	outer := raw.resampleBy(points, bendWeight(raw))
	plate := &band{innerSteps: 2, outerSteps: 3, backColumns: 1, outer: outer, innerFillet: 0.4, outerFillet: 0.85}
	for _, n := range outer.normals() {
		plate.outerN = append(plate.outerN, n.Mul(-1))
	}
	opening := b.lens.offset(func(int) float64 { return -0.55 })
	plate.inner, plate.innerN = opening.sample(matched(opening, outer))
	plate.front = func(vec2) float64 { return b.front }
	plate.back = func(vec2) float64 { return b.back }
	cut := func(j int) bool { return b.overBrow(plate.inner[((j%points)+points)%points]) }
	for j := range points {
		if cut(j) && !cut(j-1) {
			plate.from = j
		}
		if !cut(j) && cut(j-1) {
			plate.to = j
		}
	}
	if len(outer) == 0 || plate.from == plate.to {
		return errContour
	}
	b.parts[Front] = plate.soup(b.f.place)
	b.browBridge()
	b.setTemple(s.end.toY, b.back, 0.25)
	b.acetateHinge()
	b.rivets(s.end)
	b.nosePads()
	return nil
}

// overBrow says whether a point of the lens's edge lies under the brow piece.
func (b *builder) overBrow(p vec2) bool {
	v := p[1] / float64(b.e.LensHeight) * 2
	u := (p[0] - b.f.centre) / b.f.width * 2
	return v > mix(0.12, -0.02, (u+1)/2)
}

// browBridge is the metal bar between the brow pieces.
func (b *builder) browBridge() {
	rise := 0.1 * float64(b.e.Bridge)
	b.bar(Metalwork, b.rimAt(b.crest()+1-rise, true), rise, 0, 0.95, 1.2)
}

// bendWeight makes points denser where c bends.
func bendWeight(c curve) func(i int) float64 {
	return func(i int) float64 {
		a, d := c[i].Sub(c.at(i-2)), c.at(i+2).Sub(c[i])
		return 1 + 5*min(math.Abs(math.Atan2(a[0]*d[1]-a[1]*d[0], a.Dot(d)))/max(d.Len(), 0.05), 0.6)
	}
}
