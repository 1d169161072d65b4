package fit

import (
	"math"

	"cheval/catalog"
	"cheval/tryon/eyewear"
	"cheval/tryon/perceive"

	"github.com/go-gl/mathgl/mgl32"
)

// Where a frame wants to sit; docs/fit.md says where the figures come from.
const (
	vertexDistance = 13  // mm from the cornea to the lens's back
	lensThickness  = 2   // mm at the middle
	pupilAbove     = 3   // mm from the lens's middle up to the pupil
	skinClearance  = 1   // mm between the front's back and brow or cheek
	maxPitch       = 7   // degrees that temples are raised or lowered to the ears
	maxSplayOut    = 12  // degrees that a temple is pressed outwards
	maxSplayIn     = 3.5 // and that it leans in
	templeGap      = 0.3 // mm between temple and skin
	skinGives      = 1   // mm that the skin of the nose gives way under a bridge
)

// brow and cheek are points of the skin that a front must stay clear of, in
// millimetres of the canonical face from the mean of the corners of its eyes
// (x from the midline): the ridge under the brows, then the cheek under the
// eye. They are the mean face's, so that raised brows and smiles do not move
// what is worn.
var clearOf = [...]mgl32.Vec3{
	{14, 24, 18.5}, {27.6, 24.8, 15.5}, {39.9, 24.8, 10}, {49.9, 21.8, 2.9}, {52.5, 12.6, -1},
	{23.4, -20.5, 8.3}, {33.3, -25.2, 6.5}, {28.4, -33.4, 9.7}, {47.7, -33.2, 0.7}, {38.3, -41.6, 6.7},
}

// Place finds where a frame sits on a face: on the bridge of the nose, at its
// true scale, with its temples on the ears. It depends on nothing but its
// arguments, and on rigid landmarks only: a smooth pose gives a smooth place.
// It allocates nothing and is safe for concurrent use.
func Place(m *eyewear.Mesh, spec *catalog.Eyewear, f *perceive.Face) Placement {
	var h head
	h.set(f)
	p := h.place(m, spec)
	return Placement{
		Frame:      f.Pose.Head.Mul4(p.matrix(h.middle)),
		SplayLeft:  h.splay(m, &p, 0),
		SplayRight: h.splay(m, &p, 1),
	}
}

// stand is where a frame stands in head space: the place of its origin (x is
// the nose's midline) and its pitch about x, radians, tips up.
type stand struct{ y, z, pitch float32 }

func (p *stand) matrix(x float32) mgl32.Mat4 {
	return mgl32.Translate3D(x, p.y, p.z).Mul4(mgl32.HomogRotate3DX(p.pitch))
}

// pitched turns a point of the mesh by the stand's pitch.
func pitched(v mgl32.Vec3, sin, cos float32) mgl32.Vec3 {
	return mgl32.Vec3{v[0], v[1]*cos - v[2]*sin, v[2]*cos + v[1]*sin}
}

// place slides the frame along the nose to where it sits best, then raises or
// lowers its temples to the ears, and once more.
func (h *head) place(m *eyewear.Mesh, spec *catalog.Eyewear) stand {
	var p stand
	for range 2 {
		s := newSlide(h, m, spec, p.pitch)
		p.y, p.z = s.rest()
		p.pitch = h.pitch(m, &p)
	}
	s := newSlide(h, m, spec, p.pitch)
	p.y, p.z = s.rest()
	return p
}

// pitch is the angle at which the temples' lower edges meet the ears.
func (h *head) pitch(m *eyewear.Mesh, p *stand) float32 {
	ear := h.ear[0].Add(h.ear[1]).Mul(0.5)
	// The line from the origin to the resting point, as if it reached the ear.
	rest := m.TempleRest
	dy, dz := ear[1]-p.y, p.z-ear[2]
	reach := float32(math.Hypot(float64(dy), float64(dz)))
	along := rest[1] + (rest[1]-m.HingeRight[1])*(reach+rest[2])/max(m.HingeRight[2]-rest[2], 1)
	sin := mgl32.Clamp((dy-along)/reach, -1, 1)
	limit := mgl32.DegToRad(maxPitch)
	return mgl32.Clamp(float32(math.Asin(float64(sin))), -limit, limit)
}

// splay is the angle by which a temple opens so that it lies along the head.
func (h *head) splay(m *eyewear.Mesh, p *stand, side int) float32 {
	sign := float32(2*side - 1)
	sin, cos := sincos(p.pitch)
	hinge := pitched(m.HingeRight, sin, cos)
	// How far inwards the temple's inner face runs for each mm backwards.
	rest := m.TempleRest
	inward := (m.HingeRight[0] - rest[0]) / max(m.HingeRight[2]-rest[2], 1)
	best := -mgl32.DegToRad(maxSplayIn)
	for _, q := range [...]mgl32.Vec3{h.ear[side], h.temple[side], h.fore[side]} {
		back := p.z + hinge[2] - q[2]
		if back < 25 {
			continue
		}
		need := sign*(q[0]-h.middle) + templeGap - (hinge[0] - inward*back)
		best = max(best, float32(math.Atan2(float64(need), float64(back))))
	}
	return min(best, mgl32.DegToRad(maxSplayOut))
}

// slide is a frame of fixed pitch that moves up and down the nose.
type slide struct {
	h        *head
	spec     *catalog.Eyewear
	contacts [maxContacts]mgl32.Vec3
	count    int
	centre   mgl32.Vec3 // of the right lens's box, pitched
	normal   mgl32.Vec3
	across   mgl32.Vec3
	up       mgl32.Vec3
	radius   float32
	edge     float32 // sphere's height at the box's nasal edge
}

const maxContacts = 48

func newSlide(h *head, m *eyewear.Mesh, spec *catalog.Eyewear, pitch float32) slide {
	s := slide{h: h, spec: spec, radius: m.LensRadius}
	sin, cos := sincos(pitch)
	for _, c := range m.Contacts {
		if s.count < maxContacts {
			s.contacts[s.count] = pitched(c, sin, cos)
			s.count++
		}
	}
	s.centre, s.normal = pitched(m.LensCentre[1], sin, cos), pitched(m.LensNormal[1], sin, cos)
	s.across = mgl32.Vec3{s.normal[2], 0, -s.normal[0]}.Normalize()
	s.up = s.normal.Cross(s.across)
	half := spec.LensWidth / 2
	s.edge = sqrt(max(s.radius*s.radius-half*half, 0))
	return s
}

// rest finds the height with the least cost, and the depth there.
func (s *slide) rest() (y, z float32) {
	from := s.h.eye[1] - s.centre[1] - 14
	best, least := from, float32(math.Inf(1))
	for k := range 24 {
		y := from + float32(k)
		if c := s.cost(y); c < least {
			best, least = y, c
		}
	}
	for step := float32(0.5); step > 0.004; step /= 2 { // between the whole millimetres
		for _, y := range [...]float32{best - step, best + step} {
			if c := s.cost(y); c < least {
				best, least = y, c
			}
		}
	}
	z = s.contact(best)
	for range 3 { // moving forwards may bring another point before the front
		z += min(s.intrusion(best, z), 4)
	}
	return best, z
}

// cost weighs a height: the vertex distance, the pupil's place in the lens, and
// how deep brow and cheek would lie in the front.
func (s *slide) cost(y float32) float32 {
	z := s.contact(y)
	vertex := (s.vertex(y, z) - vertexDistance) / 2
	pupil := (s.h.eye[1] - s.centre[1] - y - pupilAbove) / 3.2
	deep := s.intrusion(y, z)
	return vertex*vertex + pupil*pupil + deep*deep
}

// contact is the depth at which the frame at height y touches the nose.
func (s *slide) contact(y float32) float32 {
	z := float32(math.Inf(-1))
	for _, c := range s.contacts[:s.count] {
		if n, ok := s.h.surface(c[0]+skinGives, c[1]+y); ok {
			z = max(z, n-c[2])
		}
	}
	if z < s.h.eye[2]-40 { // touches nothing: stands off the eye as it should
		return s.h.eye[2] + vertexDistance + lensThickness - s.lens(y)
	}
	return z
}

// lens is the depth of the lens's front before the pupil.
func (s *slide) lens(y float32) float32 {
	dx, dy := s.h.eye[0]-s.centre[0], s.h.eye[1]-y-s.centre[1]
	plane := s.centre[2] - (s.normal[0]*dx+s.normal[1]*dy)/s.normal[2]
	return plane + s.sag(dx, dy)
}

// sag is the lens's height over its box's plane.
func (s *slide) sag(u, v float32) float32 {
	return sqrt(max(s.radius*s.radius-u*u-v*v, 0)) - s.edge
}

func (s *slide) vertex(y, z float32) float32 {
	return s.lens(y) + z - lensThickness - s.h.eye[2]
}

// intrusion is how deep skin of brow or cheek would stand in the front.
func (s *slide) intrusion(y, z float32) float32 {
	deep := float32(0)
	e := s.spec
	rim := e.Rim + 1
	back := 0.6*e.Thickness + skinClearance
	for _, p := range clearOf {
		q := p.Mul(s.h.scale).Add(mgl32.Vec3{0, s.h.eye[1] - y, s.h.eye[2] - corneaBefore*s.h.scale - z}).Sub(s.centre)
		u, v := q.Dot(s.across), q.Dot(s.up)
		if u < -e.LensWidth/2-rim || u > e.LensWidth/2+rim || v < -e.LensHeight/2-rim || v > e.LensHeight/2+rim {
			continue
		}
		deep = max(deep, q.Dot(s.normal)-s.sag(u, v)+back)
	}
	return deep
}

func sincos(a float32) (sin, cos float32) {
	s, c := math.Sincos(float64(a))
	return float32(s), float32(c)
}

func sqrt(x float32) float32 { return float32(math.Sqrt(float64(x))) }
