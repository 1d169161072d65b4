package eyewear

import (
	"fmt"
	"math"

	"cheval/catalog"
)

// buildPhotographed makes the mesh of a front whose outer edge is its own, from
// a photo: a plate between that edge and the openings, its surface coordinates
// the flat front's, so that the photo lies on it.
func buildPhotographed(spec *catalog.Eyewear, outline curve) (*Mesh, error) {
	half := 0.0
	for _, p := range spec.Contour {
		half = max(half, float64(p[0]))
	}
	b := newBuilder(spec, outline, half)
	if err := b.photographed(); err != nil {
		return nil, err
	}
	b.lensSheet()
	if spec.HalfRim {
		b.lensEdge()
	}
	b.temples()
	return b.mesh(), nil
}

// photographed fills the parts of the half x >= 0.
func (b *builder) photographed() error {
	const outerPoints, middle = 132, 4
	raw := b.ownEdge()
	if gap := b.gap(raw); gap < 0.2 {
		return fmt.Errorf("eyewear: the front's Contour comes within %.1f mm of the lens or crosses it; correct the anchors", gap)
	}
	edge := thin(raw, outerPoints)
	plate := &band{innerSteps: 2, outerSteps: 3, backColumns: 2, flat: true}
	b.setColumns(plate, edge, middle)
	b.setDepths(plate, edge)
	if b.e.HalfRim {
		plate.from, plate.to = b.upperRun(plate.inner)
	}
	b.parts[Front] = plate.soup(b.f.place)
	b.acetateContacts(plate, outerPoints)
	b.setTemple(float64(b.e.TempleDrop), b.back, 0.25)
	b.acetateHinge()
	if b.e.NosePads {
		b.contacts = nil // the pads touch, not the edge
		b.nosePads()
	}
	return nil
}

// ownEdge is the contour in steps of about half a millimetre.
func (b *builder) ownEdge() []vec2 {
	var out []vec2
	for i, p := range b.e.Contour {
		q := vec2{float64(p[0]), float64(p[1])}
		if i > 0 {
			last := out[len(out)-1]
			for n, k := math.Ceil(q.Sub(last).Len()/0.45), 1.0; k < n; k++ {
				out = append(out, mix2(last, q, k/n))
			}
		}
		if i == 0 || q.Sub(out[len(out)-1]).Len() > 1e-6 {
			out = append(out, q)
		}
	}
	return out
}

// gap is how near the edge comes to the lens's opening, in millimetres; below
// 0 it crosses it.
func (b *builder) gap(edge []vec2) float64 {
	near := newLocator(b.lens.offset(func(int) float64 { return -b.groove() }).resample(160))
	gap := math.Inf(1)
	for _, p := range edge {
		d, _, _ := near.nearest(p)
		gap = math.Min(gap, d)
	}
	return gap
}

// overall is the front's width: what it was asked to be, or what its own
// contour makes it.
func (b *builder) overall() float64 {
	if len(b.e.Contour) > 0 {
		return 2 * b.halfWidth()
	}
	return float64(b.e.Overall())
}
