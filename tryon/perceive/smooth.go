package perceive

import (
	"math"
	"time"

	"github.com/go-gl/mathgl/mgl32"
)

// smoother makes a head still at rest without making it late in motion.
//
// A face moves in two ways: the head turns and shifts as one, and skin moves
// upon it. The two are filtered apart. Where the picture itself told how the
// head moved since the last frame (aligner), the head is moved so, at once, and
// the mesh's pose only corrects it: slowly where they are close, for that is
// jitter, faster the further they are apart. Where it did not, the head is
// expected to go on at its speed (an alpha-beta filter). Each landmark's place
// on the head is then filtered by itself, in head space: jitter of single
// points goes, and a turning head costs it nothing. This is One Euro's idea
// (Casiez et al. 2012), that a filter's gain should rise with motion, but
// driven by the error against an expectation instead of by a smoothed speed,
// which answers within the same frame.
//
// Lengths are millimetres on an average head: the mesh sees a face in about 128
// of its 192 pixels, 1.4 mm each, whatever its size in the frame, so its jitter
// has the same size in this unit everywhere (0.2 to 0.4 mm on landmarks at a
// sensor noise of 3/255, a third of that on the whole head).
type smoother struct {
	started bool
	at      time.Duration // of the last frame
	meshAt  time.Duration // of the last with a mesh
	head    rigid
	turn    vec3 // radians a second
	shift   vec3 // millimetres a second
	motion  rigid
	offset  [Landmarks]vec3
	depth   [Landmarks]float64 // the mesh's own z, millimetres
}

// The smoother's constants, chosen on a noisy still (jitter), on turning heads
// (lag) and on people who speak (how soon lips follow).
const (
	// alignedRestHz is the cutoff of the mesh's correction at rest, where the
	// picture tells the motion: it holds no motion back, so it can be low.
	alignedRestHz = 0.7
	// headRestHz is the same where the picture does not.
	headRestHz = 1.2
	// headErrorMM is the error at which the correction is half: three times the
	// head's jitter, and what a turn of 1° moves the nose by.
	headErrorMM = 0.9
	// skinRestHz and skinErrorMM are the same for a landmark upon the head. A
	// single landmark jitters more than the head; lips in speech move by 1.5 to
	// 5 mm a frame and eyelids by more, and so pass.
	skinRestHz  = 1.5
	skinErrorMM = 1.2
	// speedHz smooths the head's speed.
	speedHz = 6.0
	// restart is the time without a frame after which the past says nothing.
	restart = 500 * time.Millisecond
)

// probes are points about a head whose movement is the head's movement.
var probes = [...]vec3{{-70, 70, 20}, {70, 70, 20}, {-60, -70, 20}, {60, -70, 20}, {0, 0, 70}}

// stale says whether the past says nothing about a frame at this time.
func (s *smoother) stale(at time.Duration) bool {
	return !s.started || at <= s.at || at-s.at > restart
}

// expected is where the head is at a time if it goes on as it did.
func (s *smoother) expected(at time.Duration) rigid {
	dt := (at - s.at).Seconds()
	return rigid{R: expSO3(s.turn.mul(dt)).mul(s.head.R), T: s.head.T.add(s.shift.mul(dt))}
}

// begin takes a first mesh as it is.
func (s *smoother) begin(at time.Duration, raw rigid, cam Camera, model *[Landmarks]vec3, points, metric *[Landmarks]mgl32.Vec3) {
	*s = smoother{started: true, at: at, meshAt: at, head: raw, motion: rigid{R: expSO3(vec3{})}}
	for i := range metric {
		s.offset[i] = raw.inverse(wide(metric[i])).sub(model[i])
		s.depth[i] = float64(points[i][2]) / s.pxPerMM(cam)
	}
}

// pxPerMM is the frame's scale at the head, of an average one.
func (s *smoother) pxPerMM(cam Camera) float64 { return float64(cam.F) / -s.head.T[2] }

// coast takes a frame without a mesh, in which the picture showed the head at
// expected.
func (s *smoother) coast(at time.Duration, expected rigid) { s.move(at, expected) }

// correct takes a frame with a mesh: its fitted head and its landmarks in
// camera space. aligned says that expected was seen, not guessed.
func (s *smoother) correct(at time.Duration, expected rigid, aligned bool, raw rigid, cam Camera, model *[Landmarks]vec3, points, metric *[Landmarks]mgl32.Vec3) {
	since := (at - s.meshAt).Seconds()
	rest := restGain(headRestHz, since)
	if aligned {
		rest = restGain(alignedRestHz, since)
	}
	a := gain(rest, seenApart(raw, expected, cam), headErrorMM)
	turn := logSO3(raw.R.mul(expected.R.transpose())).mul(a)
	shift := raw.T.sub(expected.T).mul(a)
	if !aligned { // alpha-beta: Benedict and Bordner 1962, the least lag for its noise
		dt := (at - s.at).Seconds()
		b := a / (2 - a) / dt
		s.turn, s.shift = s.turn.add(turn.mul(b)), s.shift.add(shift.mul(b))
		s.head, s.at = rigid{R: expSO3(turn).mul(expected.R), T: expected.T.add(shift)}, at
		s.motion = rigid{R: expSO3(s.turn.mul(dt)), T: s.shift.mul(dt)}
	} else {
		s.move(at, expected)
		s.head = rigid{R: expSO3(turn).mul(expected.R), T: expected.T.add(shift)}
	}
	s.meshAt = at
	rest = restGain(skinRestHz, since)
	scale := s.pxPerMM(cam)
	for i := range metric {
		seen := raw.inverse(wide(metric[i])).sub(model[i])
		move := seen.sub(s.offset[i])
		k := gain(rest, move.norm(), skinErrorMM)
		s.offset[i] = s.offset[i].add(move.mul(k))
		s.depth[i] += k * (float64(points[i][2])/scale - s.depth[i])
	}
}

// move puts the head where the picture shows it and learns its speed.
func (s *smoother) move(at time.Duration, to rigid) {
	dt := (at - s.at).Seconds()
	k := restGain(speedHz, dt)
	turn, shift := logSO3(to.R.mul(s.head.R.transpose())), to.T.sub(s.head.T)
	s.turn = s.turn.add(turn.mul(1 / dt).sub(s.turn).mul(k))
	s.shift = s.shift.add(shift.mul(1 / dt).sub(s.shift).mul(k))
	s.motion = rigid{R: expSO3(turn), T: shift}
	s.head, s.at = to, at
}

// place writes the landmarks that the smoothed head carries.
func (s *smoother) place(cam Camera, model *[Landmarks]vec3, points, metric *[Landmarks]mgl32.Vec3) {
	scale := s.pxPerMM(cam)
	for i := range points {
		p := s.head.apply(model[i].add(s.offset[i]))
		px := project(p, cam)
		metric[i] = narrow(p)
		points[i] = mgl32.Vec3{float32(px[0]), float32(px[1]), float32(s.depth[i] * scale)}
	}
}

// restGain is a first-order filter's gain over dt seconds.
func restGain(hz, dt float64) float64 { return 1 - math.Exp(-2*math.Pi*hz*dt) }

// gain rises from rest to 1 as the error passes half.
func gain(rest, e, half float64) float64 {
	return rest + (1-rest)*e*e/(e*e+half*half)
}

// seenApart is how far two places of the head lie apart as the camera sees
// them, in millimetres on the head, root mean square over the probes.
func seenApart(a, b rigid, cam Camera) float64 {
	var sum float64
	for _, p := range probes {
		u, v := project(a.apply(p), cam), project(b.apply(p), cam)
		sum += (u[0]-v[0])*(u[0]-v[0]) + (u[1]-v[1])*(u[1]-v[1])
	}
	return math.Sqrt(sum/float64(len(probes))) * -a.T[2] / float64(cam.F)
}

func project(p vec3, cam Camera) [2]float64 {
	k := float64(cam.F) / -min(p[2], -1)
	return [2]float64{float64(cam.Cx) + k*p[0], float64(cam.Cy) - k*p[1]}
}

func wide(v mgl32.Vec3) vec3   { return vec3{float64(v[0]), float64(v[1]), float64(v[2])} }
func narrow(v vec3) mgl32.Vec3 { return mgl32.Vec3{float32(v[0]), float32(v[1]), float32(v[2])} }

// speed is how fast the head moves across the picture, millimetres a second:
// its shift, and its turn at the eyes.
func (s *smoother) speed() float64 {
	const eyesFromOrigin = 45
	return math.Hypot(s.shift[0], s.shift[1]) + eyesFromOrigin*s.turn.norm()
}
