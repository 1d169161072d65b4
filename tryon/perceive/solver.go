package perceive

import (
	"errors"
	"fmt"
	"math"

	"github.com/go-gl/mathgl/mgl32"

	"cheval/models/facegeometry"
)

// Solver finds the head behind 478 landmarks: it fits the canonical face to
// them in perspective. It holds no state between calls and may be shared.
type Solver struct {
	model     [Landmarks]vec3 // canonical face, millimetres; irises on the plane of the pupils
	normals   [meshPoints]vec3
	stable    []stablePoint
	triangles [][3]uint16
	pupilZ    float64 // head-space depth of the irises' plane, millimetres
}

type stablePoint struct {
	landmark int
	weight   float64
}

// rigid places the canonical face, at its average size, in camera space:
// p = R·x + t, millimetres.
type rigid struct {
	R mat3
	T vec3
}

func (g rigid) apply(v vec3) vec3   { return g.R.apply(v).add(g.T) }
func (g rigid) inverse(p vec3) vec3 { return g.R.transpose().apply(p.sub(g.T)) }

// errNoFit is returned where landmarks fit no head before the camera.
var errNoFit = errors.New("perceive: the landmarks fit no head before the camera")

// focalOfLongSide is the focal length that is assumed where the camera's is
// unknown, as a share of the frame's long side: 64° across. Built-in webcams
// have 60 to 70° across 16:9 (Logitech's C920: 70°, MacBook's and ThinkPad's
// about 60 to 65°), and a phone's main camera 65 to 70° along the long side.
// An error of 10 % here moves distances by 10 %, angles by under 1°, and
// millimetres from an iris or card not at all.
const focalOfLongSide = 0.8

// DefaultFocal is the focal length in pixels assumed for a frame of w x h.
func DefaultFocal(w, h int) float32 { return focalOfLongSide * float32(max(w, h)) }

// pupilDepthBehindLids is how far the plane of iris and limbus lies behind the
// lids' rims: the lids rest on the cornea, whose apex stands 2.5 to 3 mm
// before the limbus (Gross et al., Clin. Anat. 2016; corneal sagitta of a
// 11.7 mm chord of radius 7.8 mm: 2.6 mm); the rims touch it half-way up.
const pupilDepthBehindLids = 2.0

// NewSolver prepares a solver for the canonical face. It refuses a geometry
// that has not the face mesh's 468 vertices.
func NewSolver(g *facegeometry.Geometry) (*Solver, error) {
	if g == nil || len(g.Vertices) != meshPoints {
		return nil, fmt.Errorf("perceive: the face geometry must have %d vertices: install the models again", meshPoints)
	}
	s := &Solver{triangles: g.Triangles}
	for i, v := range g.Vertices {
		s.model[i] = vec3{10 * float64(v[0]), 10 * float64(v[1]), 10 * float64(v[2])}
	}
	for _, t := range g.Triangles {
		a, b, c := s.model[t[0]], s.model[t[1]], s.model[t[2]]
		n := b.sub(a).cross(c.sub(a))
		for _, i := range t {
			s.normals[i] = s.normals[i].add(n)
		}
	}
	for i := range s.normals {
		s.normals[i] = s.normals[i].unit()
	}
	s.pupilZ = (s.model[lmLidUpperLeft][2]+s.model[lmLidLowerLeft][2])/2 - pupilDepthBehindLids
	s.placeIrises()
	s.setStable()
	return s, nil
}

// placeIrises completes the model: irises of average size amid the lids.
func (s *Solver) placeIrises() {
	for side, lids := range [2][2]int{{lmEyeOuterLeft, lmEyeInnerLeft}, {lmEyeOuterRight, lmEyeInnerRight}} {
		c := s.model[lids[0]].add(s.model[lids[1]]).mul(0.5)
		const r = IrisMM / 2
		for k, rim := range [5][2]float64{{}, {r, 0}, {0, r}, {-r, 0}, {0, -r}} {
			s.model[lmIrisLeft+5*side+k] = vec3{c[0] + rim[0], c[1] + rim[1], s.pupilZ}
		}
	}
}

// setStable takes stableLeft and its mirror images.
func (s *Solver) setStable() {
	for _, p := range stableLeft {
		s.stable = append(s.stable, stablePoint{p.landmark, p.weight})
		if m := s.mirror(p.landmark); m != p.landmark {
			s.stable = append(s.stable, stablePoint{m, p.weight})
		}
	}
}

// mirror is the landmark on the other side of the face.
func (s *Solver) mirror(i int) int {
	v, best, least := s.model[i], i, math.Inf(1)
	v[0] = -v[0]
	for j, u := range s.model[:meshPoints] {
		if d := u.sub(v).norm(); d < least {
			best, least = j, d
		}
	}
	return best
}

// Solve fits the head to the landmarks of a frame of w x h pixels. focal is in
// pixels, 0 where unknown (DefaultFocal). The head is taken at its average
// size (Pose.Scale 1). metric receives the landmarks in camera space. It allocates nothing.
func (s *Solver) Solve(points *[Landmarks]mgl32.Vec3, w, h int, focal float32, metric *[Landmarks]mgl32.Vec3) (Pose, Camera, error) {
	cam := cameraFor(w, h, focal)
	head, err := s.fit(points, cam, nil)
	if err != nil {
		return Pose{}, cam, err
	}
	s.metric(points, cam, head, 1, metric)
	return poseFrom(head, 1), cam, nil
}

func cameraFor(w, h int, focal float32) Camera {
	if !(focal > 0) {
		focal = DefaultFocal(w, h)
	}
	return Camera{F: focal, Cx: float32(w) / 2, Cy: float32(h) / 2}
}

// headMiddle is about the middle of the face, in head space.
var headMiddle = vec3{0, 0, 40}

// seen are the head's angles as the camera sees it, radians: about the ray to
// the face, so that a face that looks into the lens has none.
func (g rigid) seen() (yaw, pitch, roll float64) {
	ray := g.apply(headMiddle).mul(-1).unit()
	return eulerFrom(between(ray, vec3{0, 0, 1}).mul(g.R))
}

// poseFrom publishes a fitted head of the given size. A head of another size
// looks the same from as many times the distance.
func poseFrom(g rigid, scale float64) Pose {
	yaw, pitch, roll := g.seen()
	const deg = 180 / math.Pi
	m, t := g.R, g.T.mul(scale)
	return Pose{
		Yaw: float32(yaw * deg), Pitch: float32(pitch * deg), Roll: float32(roll * deg),
		Head: mgl32.Mat4{ // column-major
			float32(m[0][0]), float32(m[1][0]), float32(m[2][0]), 0,
			float32(m[0][1]), float32(m[1][1]), float32(m[2][1]), 0,
			float32(m[0][2]), float32(m[1][2]), float32(m[2][2]), 0,
			float32(t[0]), float32(t[1]), float32(t[2]), 1,
		},
		Scale: float32(scale),
	}
}

// PoseOf is the pose of a head where that is known: head as in Pose, scale
// likewise.
func PoseOf(head mgl32.Mat4, scale float32) Pose {
	var g rigid
	for i := range 3 {
		for j := range 3 {
			g.R[i][j] = float64(head.At(i, j))
		}
		g.T[i] = float64(head.At(i, 3))
	}
	p := poseFrom(g, 1)
	p.Scale = scale
	return p
}

// fit starts from a weighted weak-perspective Procrustes fit, or from near
// where that is given (the last frame's head), and refines it by Gauss–Newton
// on the reprojection error.
func (s *Solver) fit(points *[Landmarks]mgl32.Vec3, cam Camera, near *rigid) (rigid, error) {
	var g rigid
	if near != nil {
		g = *near
	} else {
		var ok bool
		if g, ok = s.procrustes(points, cam); !ok {
			return rigid{}, errNoFit
		}
	}
	const steps = 8
	const closeEnough = 1e-4 // radians: a hundredth of a pixel on a face
	for range steps {
		change, ok := s.gaussNewton(points, cam, &g)
		if !ok {
			return rigid{}, errNoFit
		}
		if change < closeEnough {
			break
		}
	}
	return g, nil
}

// procrustes treats x, y and z of the landmarks as a scaled picture of the
// head (MediaPipe's mesh is one), and reads rotation, scale and place off it.
func (s *Solver) procrustes(points *[Landmarks]mgl32.Vec3, cam Camera) (rigid, bool) {
	var sum float64
	var pm, qm vec3
	for _, k := range s.stable {
		sum += k.weight
		pm = pm.add(s.model[k.landmark].mul(k.weight))
		qm = qm.add(upright(points[k.landmark]).mul(k.weight))
	}
	pm, qm = pm.mul(1/sum), qm.mul(1/sum)
	var c mat3
	var size, spread float64
	for _, k := range s.stable {
		p, q := s.model[k.landmark].sub(pm), upright(points[k.landmark]).sub(qm)
		for i := range 3 {
			for j := range 3 {
				c[i][j] += k.weight * p[i] * q[j]
			}
		}
		size += k.weight * p.dot(p)
		spread += k.weight * q.dot(q)
	}
	pxPerMM := math.Sqrt(spread / size)
	if !(pxPerMM > 1e-6) || math.IsInf(pxPerMM, 0) {
		return rigid{}, false
	}
	g := rigid{R: hornRotation(c)}
	depth := float64(cam.F) / pxPerMM
	at := vec3{(qm[0] - float64(cam.Cx)) / pxPerMM, (qm[1] + float64(cam.Cy)) / pxPerMM, -depth}
	// The rotation seen off the axis is turned by the ray towards the face.
	ray := at.mul(-1).unit()
	g.R = between(vec3{0, 0, 1}, ray).mul(g.R)
	g.T = at.sub(g.R.apply(pm))
	return g, true
}

// upright turns a landmark (y down, z away from the viewer) into camera axes.
func upright(p mgl32.Vec3) vec3 { return vec3{float64(p[0]), -float64(p[1]), -float64(p[2])} }

// between is the smallest rotation that takes unit vector a to b.
func between(a, b vec3) mat3 {
	x := a.cross(b)
	n := x.norm()
	if n < 1e-12 {
		return expSO3(vec3{})
	}
	return expSO3(x.mul(math.Atan2(n, a.dot(b)) / n))
}

// outlier is the reprojection error, as a share of the face's width in pixels,
// beyond which a landmark's pull stops growing (Huber).
const outlier = 0.02

// faceWidthMM is the canonical face's width, cheek to cheek.
const faceWidthMM = 153

// gaussNewton takes one step and returns its length in radians (a shift counts
// as the angle it is seen under).
func (s *Solver) gaussNewton(points *[Landmarks]mgl32.Vec3, cam Camera, g *rigid) (float64, bool) {
	var a [6][6]float64
	var b [6]float64
	f := float64(cam.F)
	if !(g.T[2] < -50) { // a head is deeper than that
		return 0, false
	}
	limit := outlier * faceWidthMM * f / -g.T[2]
	for _, k := range s.stable {
		r := g.R.apply(s.model[k.landmark])
		p := r.add(g.T)
		if p[2] > -20 {
			return 0, false
		}
		inv := 1 / -p[2]
		u, v := float64(cam.Cx)+f*p[0]*inv, float64(cam.Cy)-f*p[1]*inv
		du, dv := float64(points[k.landmark][0])-u, float64(points[k.landmark][1])-v
		w := k.weight * visibility(g.R.apply(s.normals[k.landmark]), p)
		if e := math.Hypot(du, dv); e > limit {
			w *= limit / e
		}
		// Derivatives of (u, v) by p, then by a small turn about the head's
		// origin (left: p' = p + ω×r) and a shift.
		ju := vec3{f * inv, 0, f * p[0] * inv * inv}
		jv := vec3{0, -f * inv, -f * p[1] * inv * inv}
		accumulate(&a, &b, w, r.cross(ju), ju, du)
		accumulate(&a, &b, w, r.cross(jv), jv, dv)
	}
	for i := range 6 {
		a[i][i] *= 1 + 1e-9
	}
	x, ok := cholesky6(&a, &b)
	if !ok {
		return 0, false
	}
	turn, shift := vec3{x[0], x[1], x[2]}, vec3{x[3], x[4], x[5]}
	g.R = expSO3(turn).mul(g.R)
	g.T = g.T.add(shift)
	change := turn.norm() + shift.norm()/-g.T[2]
	return change, !math.IsNaN(change) && !math.IsInf(change, 0)
}

// accumulate adds one residual's row (turn, shift) to the normal equations.
func accumulate(a *[6][6]float64, b *[6]float64, w float64, turn, shift vec3, e float64) {
	j := [6]float64{turn[0], turn[1], turn[2], shift[0], shift[1], shift[2]}
	for m := range 6 {
		wm := w * j[m]
		for n := 0; n <= m; n++ {
			a[m][n] += wm * j[n]
		}
		b[m] += wm * e
	}
}

// visibility weighs a landmark by how far its skin faces the camera: the mesh
// guesses what lies on the far side.
func visibility(normal, p vec3) float64 {
	c := normal.dot(p.mul(-1).unit())
	return 0.1 + 0.9*smoothstep(-0.2, 0.4, c)
}

func smoothstep(lo, hi, x float64) float64 {
	t := max(0, min(1, (x-lo)/(hi-lo)))
	return t * t * (3 - 2*t)
}

// metric lifts the landmarks into camera space, where each projects exactly
// onto its point: at the depth of the fitted head's surface, the irises on the
// plane of the pupils. scale is the head's size against the canonical face.
func (s *Solver) metric(points *[Landmarks]mgl32.Vec3, cam Camera, g rigid, scale float64, out *[Landmarks]mgl32.Vec3) {
	for i := range points {
		var z float64
		if i < meshPoints {
			z = g.R[2][0]*s.model[i][0] + g.R[2][1]*s.model[i][1] + g.R[2][2]*s.model[i][2] + g.T[2]
		} else {
			z = s.onPupilPlane(float64(points[i][0]), float64(points[i][1]), cam, g)[2]
		}
		out[i] = cam.Unproject(points[i][0], points[i][1], float32(z*scale))
	}
}

// onPupilPlane is where the ray through a pixel meets the plane of the pupils.
func (s *Solver) onPupilPlane(x, y float64, cam Camera, g rigid) vec3 {
	return meet(x, y, cam, g.apply(vec3{0, 0, s.pupilZ}), g.R.apply(vec3{0, 0, 1}))
}

// meet is where the ray through a pixel meets the plane through on with the
// given normal; where that is edge on, where it has on's depth.
func meet(x, y float64, cam Camera, on, normal vec3) vec3 {
	ray := vec3{(x - float64(cam.Cx)) / float64(cam.F), -(y - float64(cam.Cy)) / float64(cam.F), -1}
	depth := -on[2]
	if d := normal.dot(ray); math.Abs(d) > 0.05 {
		depth = normal.dot(on) / d
	}
	return ray.mul(depth)
}

// FromLandmarks builds a face from landmarks alone, at the average size and
// without measures. It serves where a mesh is known and no frame is: tests,
// and tools that draw on recorded landmarks. Nil when the points fit no head.
func FromLandmarks(g *facegeometry.Geometry, points [Landmarks]mgl32.Vec3, w, h int) *Face {
	s, err := NewSolver(g)
	if err != nil {
		return nil
	}
	f := &Face{Score: 1, Points: points}
	f.Pose, f.Camera, err = s.Solve(&f.Points, w, h, 0, &f.Metric)
	if err != nil {
		return nil
	}
	f.Box = boundsOf(&f.Points)
	return f
}
