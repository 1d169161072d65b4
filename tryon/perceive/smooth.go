package perceive

import (
	"math"
	"time"

	"github.com/go-gl/mathgl/mgl32"
)

// smoother makes a head still at rest without making it late in motion.
//
// A face moves in two ways: the head turns and shifts as one, and skin moves
// upon it. The two are filtered apart. The head's pose goes through one filter
// whose gain rises with the distance between where the head is seen and where
// it was expected (One Euro's idea, Casiez et al. 2012, but driven by the
// error itself, which answers within the same frame instead of waiting for a
// smoothed speed), and which carries a speed (an alpha-beta filter), so that a
// head that turns steadily is not drawn behind. Each landmark's place on the
// head is then filtered by itself, in head space: jitter of single points goes,
// and a turning head costs it nothing.
//
// Lengths are millimetres on an average head: the mesh model sees a face in
// about 128 of its 192 pixels, 1.4 mm each, whatever its size in the frame, so
// its jitter has the same size in this unit everywhere (0.2 to 0.4 mm on
// landmarks at a sensor noise of 3/255, a third of that on the whole head).
type smoother struct {
	started bool
	at      time.Duration
	head    rigid
	turn    vec3 // radians a second
	shift   vec3 // millimetres a second
	offset  [Landmarks]vec3
}

// The smoother's constants, chosen on a noisy still (jitter), on turning heads
// (lag) and on people who speak (how soon lips follow).
const (
	// headRestHz is the pose filter's cutoff at rest: low enough to take two
	// thirds of the jitter, high enough that a slow drift is not stepped.
	headRestHz = 1.2
	// headErrorMM is the error at which the pose filter follows half-way: three
	// times the head's jitter, and what a turn of 1° moves the nose by.
	headErrorMM = 0.9
	// skinRestHz and skinErrorMM are the same for a landmark upon the head. A
	// single landmark jitters more than the head; lips in speech move by 1.5 to
	// 5 mm a frame and eyelids by more, and so pass.
	skinRestHz  = 1.5
	skinErrorMM = 1.2
	// restart is the time without a frame after which the past says nothing.
	restart = 500 * time.Millisecond
)

// probes are points about a head whose movement is the head's movement.
var probes = [...]vec3{{-70, 70, 20}, {70, 70, 20}, {-60, -70, 20}, {60, -70, 20}, {0, 0, 70}}

// reset forgets the past.
func (s *smoother) reset() { s.started = false }

// step takes a frame's fitted head and its landmarks in camera space, and
// returns the smoothed head; points and metric are replaced by smoothed ones.
func (s *smoother) step(at time.Duration, raw rigid, cam Camera, model *[Landmarks]vec3, points, metric *[Landmarks]mgl32.Vec3) rigid {
	dt := (at - s.at).Seconds()
	if !s.started || dt <= 0 || at-s.at > restart {
		s.begin(raw, model, metric)
		s.at = at
		return raw
	}
	s.at = at
	s.stepHead(raw, cam, dt)
	rest := 1 - math.Exp(-2*math.Pi*skinRestHz*dt)
	for i := range metric {
		seen := raw.inverse(wide(metric[i])).sub(model[i])
		move := seen.sub(s.offset[i])
		s.offset[i] = s.offset[i].add(move.mul(gain(rest, move.norm(), skinErrorMM)))
		p := s.head.apply(model[i].add(s.offset[i]))
		metric[i] = narrow(p)
		px := cam.Project(metric[i])
		points[i][0], points[i][1] = px[0], px[1]
	}
	return s.head
}

func (s *smoother) begin(raw rigid, model *[Landmarks]vec3, metric *[Landmarks]mgl32.Vec3) {
	s.started, s.head, s.turn, s.shift = true, raw, vec3{}, vec3{}
	for i := range metric {
		s.offset[i] = raw.inverse(wide(metric[i])).sub(model[i])
	}
}

// stepHead is the alpha-beta filter of the pose.
func (s *smoother) stepHead(raw rigid, cam Camera, dt float64) {
	expected := rigid{R: expSO3(s.turn.mul(dt)).mul(s.head.R), T: s.head.T.add(s.shift.mul(dt))}
	a := gain(1-math.Exp(-2*math.Pi*headRestHz*dt), seenApart(raw, expected, cam), headErrorMM)
	b := a * a / (2 - a) // Benedict and Bordner 1962: the least lag for its noise
	turn := logSO3(raw.R.mul(expected.R.transpose()))
	shift := raw.T.sub(expected.T)
	s.head = rigid{R: expSO3(turn.mul(a)).mul(expected.R), T: expected.T.add(shift.mul(a))}
	s.turn = s.turn.add(turn.mul(b / dt))
	s.shift = s.shift.add(shift.mul(b / dt))
}

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

// speed is how fast the head moves across the picture, millimetres a second: its
// shift, and its
// turn at the eyes.
func (s *smoother) speed() float64 {
	const eyesFromOrigin = 45
	return math.Hypot(s.shift[0], s.shift[1]) + eyesFromOrigin*s.turn.norm()
}
