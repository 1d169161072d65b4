package eyewear

import (
	"fmt"
	"math"

	"cheval/catalog"
)

// builder holds a frame while it is put together. Everything is built for
// x >= 0 and mirrored.
type builder struct {
	e        *catalog.Eyewear
	f        *form
	outline  curve              // of the lens at x > 0, about the box's middle
	lens     curve              // the same in flat coordinates of the front
	parts    [LensEdge + 1]soup // of the half x >= 0
	whole    [LensEdge + 1]soup // that crosses x = 0
	temple   *temple
	hinge    vec3
	rest     vec3
	contacts []vec3
	reach    float64 // flat x of the end piece's end
	front    float64 // depth of the front face before the lens's surface
	back     float64 // depth of the back face, negative
}

// Build makes the mesh of a frame. It fails in one sentence where the measures
// cannot be built. It is safe to call from several goroutines.
func Build(spec catalog.Eyewear) (*Mesh, error) {
	if err := spec.Validate(); err != nil {
		return nil, err
	}
	outline, err := lensOutline(&spec)
	if err != nil {
		return nil, err
	}
	if len(spec.Contour) > 0 {
		return buildPhotographed(&spec, outline)
	}
	want := float64(spec.Overall()) / 2
	reach := newBuilder(&spec, outline, want).reachFor(want)
	var b *builder
	// The end pieces lie on a bent front; two or three rounds find the flat
	// length at which the built front has its width to a hundredth.
	for range 5 {
		b = newBuilder(&spec, outline, reach)
		if err := b.assemble(); err != nil {
			return nil, err
		}
		miss := want - b.halfWidth()
		if math.Abs(miss) < 0.005 {
			break
		}
		reach += miss
	}
	if miss := want - b.halfWidth(); math.Abs(miss) > 0.05 {
		return nil, fmt.Errorf("eyewear: FrontWidth %g mm cannot be reached, the rims alone make %.1f; widen it or make the rims thinner",
			spec.Overall(), 2*b.halfWidth())
	}
	return b.mesh(), nil
}

func newBuilder(e *catalog.Eyewear, outline curve, reach float64) *builder {
	t := float64(e.Thickness)
	b := &builder{e: e, outline: outline, reach: reach, front: 0.4 * t, back: -0.6 * t}
	if e.Material == catalog.Rimless {
		b.front, b.back = 0, -t
	}
	b.f = newForm(e, b.front)
	b.lens = make(curve, len(outline))
	for i, p := range outline {
		b.lens[i] = vec2{p[0] + b.f.centre, p[1]}
	}
	return b
}

// reachFor estimates the flat length at which an end piece ends at x.
func (b *builder) reachFor(x float64) float64 {
	reach := x
	for range 6 {
		reach += x - b.f.place(reach, float64(b.e.TempleDrop), b.front/2)[0]
	}
	return reach
}

// assemble fills the parts of the half x >= 0.
func (b *builder) assemble() error {
	switch {
	case b.e.Material == catalog.Rimless:
		b.rimless()
	case b.e.Shape == catalog.Browline:
		if err := b.browline(); err != nil {
			return err
		}
	case b.e.Material == catalog.Metal:
		b.metal()
	default:
		if err := b.acetate(); err != nil {
			return err
		}
	}
	b.lensSheet()
	if b.e.HalfRim || b.e.Material == catalog.Rimless {
		b.lensEdge()
	}
	b.temples()
	return nil
}

// halfWidth is the front's at x > 0: of everything but lenses and temples.
func (b *builder) halfWidth() float64 {
	w := 0.0
	for _, s := range []soup{b.parts[Front], b.parts[Metalwork]} {
		for _, t := range s {
			for _, c := range t {
				w = max(w, c.p[0])
			}
		}
	}
	return w
}

// metalTemples says whether the temples are thin metal with acetate tips.
func (b *builder) metalTemples() bool {
	if b.e.TempleMaterial != "" {
		return b.e.TempleMaterial == catalog.Metal
	}
	return b.e.Material != catalog.Acetate
}

// templeHeight is the temple's at the hinge.
func (b *builder) templeHeight() float64 {
	switch {
	case b.e.TempleHeight > 0:
		return float64(b.e.TempleHeight)
	case b.metalTemples():
		return 3
	}
	return min(max(6.5, 1.2+1.75*float64(b.e.Rim)), 15)
}

func (b *builder) templeThick() float64 {
	if b.metalTemples() {
		return 1.3
	}
	return min(max(3.4, float64(b.e.Thickness)*0.95), 4.6)
}

// setTemple hangs the temple behind the end piece: its outer face inset from
// the front's outermost point, its hinge end at flat depth t and height y.
func (b *builder) setTemple(y, depth, inset float64) {
	w := b.templeThick()
	x := b.overall()/2 - inset - w/2
	// The flat x whose place has that x.
	flat := b.reach
	for range 8 {
		flat += x - b.f.place(flat, y, depth)[0]
	}
	p := b.f.place(flat, y, depth)
	b.temple = &temple{
		start: vec3{x, p[1], p[2]}, length: float64(b.e.Temple), bend: bendLength(b.e),
		metal: b.metalTemples(), height: b.templeHeight(), thick: w, overlap: 0.7,
		shear: b.f.tiltSin / b.f.tiltCos,
	}
	b.hinge = vec3{x - w/2, p[1], p[2]}
}

// temples adds the right temple; the left is its mirror image.
func (b *builder) temples() {
	t := b.temple
	if !t.metal {
		b.parts[TempleRight] = t.body(-t.overlap, t.length, t.acetateProfile(), 5, 18, false)
		return
	}
	b.parts[TempleRight] = t.body(-t.overlap, t.length-6, t.metalProfile(), 4, 12, false)
	b.parts[TipRight] = t.body(t.bend-tipCover, t.length, tipProfile(t.bend, t.length), 2.8, 14, true)
}

// mesh joins both halves.
func (b *builder) mesh() *Mesh {
	m := &Mesh{BendLength: float32(bendLength(b.e))}
	both := func(kind PartKind) {
		s := b.parts[kind]
		append(append(s[:len(s):len(s)], s.mirrored()...), b.whole[kind]...).appendTo(m, kind)
	}
	pair := func(left, right PartKind) {
		b.parts[right].mirrored().appendTo(m, left)
		b.parts[right].appendTo(m, right)
	}
	both(Front)
	pair(TempleLeft, TempleRight)
	pair(TipLeft, TipRight)
	both(Metalwork)
	both(NosePad)
	both(LensEdge)
	pair(LensLeft, LensRight)
	m.HingeLeft, m.HingeRight = to32(vec3{-b.hinge[0], b.hinge[1], b.hinge[2]}), to32(b.hinge)
	m.BridgeRest = to32(b.rest)
	for _, c := range b.contacts {
		m.Contacts = append(m.Contacts, to32(c))
	}
	m.LensRadius, m.TempleRest = float32(b.f.radius), to32(b.temple.restPoint())
	c, n := b.f.lensFrame()
	m.LensCentre = [2]mgl3{to32(vec3{-c[0], c[1], c[2]}), to32(c)}
	m.LensNormal = [2]mgl3{to32(vec3{-n[0], n[1], n[2]}), to32(n)}
	return m
}
