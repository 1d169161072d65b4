package perceive

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/go-gl/mathgl/mgl32"

	"cheval/models/facegeometry"
)

func solver(t testing.TB) *Solver {
	t.Helper()
	s, err := NewSolver(geometry(t))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// pictureOf projects the canonical face, with irises, as a camera would see it.
func pictureOf(s *Solver, g rigid, cam Camera) *[Landmarks]mgl32.Vec3 {
	var points [Landmarks]mgl32.Vec3
	at := func(v vec3) mgl32.Vec3 {
		p := g.apply(v)
		px := cam.Project(mgl32.Vec3{float32(p[0]), float32(p[1]), float32(p[2])})
		scale := float64(cam.F) / -g.T[2]
		return mgl32.Vec3{px[0], px[1], float32(-(p[2] - g.T[2]) * scale)}
	}
	for i, v := range s.model {
		points[i] = at(v)
	}
	return &points
}

func placed(yaw, pitch, roll float64, t vec3) rigid {
	const rad = math.Pi / 180
	return rigid{R: rotationFrom(yaw*rad, pitch*rad, roll*rad), T: t}
}

func TestSolverFindsTheHeadThatWasProjected(t *testing.T) {
	s := solver(t)
	cam := cameraFor(1280, 720, 0)
	for _, c := range []struct{ yaw, pitch, roll float64 }{
		{0, 0, 0}, {20, 0, 0}, {-60, 0, 0}, {60, 10, -20}, {0, 25, 0}, {0, -25, 10}, {5, 5, 90}, {-10, 0, 175},
	} {
		for _, at := range []vec3{{0, 0, -400}, {150, -60, -700}, {-600, 300, -1500}} {
			g := placed(c.yaw, c.pitch, c.roll, at)
			var metric [Landmarks]mgl32.Vec3
			pose, got, err := s.Solve(pictureOf(s, g, cam), 1280, 720, 0, &metric)
			if err != nil {
				t.Fatalf("%v at %v: %v", c, at, err)
			}
			if got != cam {
				t.Fatalf("camera %v, want %v", got, cam)
			}
			for i, column := range []mgl32.Vec3{pose.Head.Col(0).Vec3(), pose.Head.Col(1).Vec3(), pose.Head.Col(2).Vec3()} {
				want := narrow(vec3{g.R[0][i], g.R[1][i], g.R[2][i]})
				if d := column.Sub(want).Len(); d > 0.001 {
					t.Errorf("%v at %v: axis %d is %.4f beside", c, at, i, d)
				}
			}
			h := pose.Head.Col(3)
			if d := (vec3{float64(h[0]), float64(h[1]), float64(h[2])}).sub(at).norm(); d > 0.5 {
				t.Errorf("%v at %v: head placed %.2f mm away", c, at, d)
			}
			if d := metric[lmIrisLeft].Sub(metric[lmIrisRight]).Len(); math.Abs(float64(d)-63.1) > 0.2 {
				t.Errorf("%v at %v: pupils %.2f mm apart, want 63.1", c, at, d)
			}
		}
	}
}

func TestAFaceThatLooksIntoTheLensHasNoAngles(t *testing.T) {
	for _, at := range []vec3{{0, 0, -500}, {300, 0, -500}, {-200, 150, -900}} {
		g := rigid{T: at}
		for range 5 { // face the lens from the face's middle
			g.R = between(vec3{0, 0, 1}, g.apply(headMiddle).mul(-1).unit())
		}
		pose := poseFrom(g, 1)
		if math.Abs(float64(pose.Yaw))+math.Abs(float64(pose.Pitch)) > 0.1 {
			t.Errorf("at %v: yaw %.2f pitch %.2f, want none", at, pose.Yaw, pose.Pitch)
		}
		turned := rigid{R: rotationFrom(0.3, 0, 0), T: vec3{0, 0, -500}}
		if yaw := poseFrom(turned, 1).Yaw; math.Abs(float64(yaw)-0.3*180/math.Pi) > 1.5 {
			t.Errorf("a face turned by 17.2 to the right has yaw %.2f", yaw)
		}
	}
}

func TestMetricPointsProjectOnTheirLandmarks(t *testing.T) {
	s := solver(t)
	r := rand.New(rand.NewPCG(1, 2))
	points := pictureOf(s, placed(25, -8, 12, vec3{90, 40, -650}), cameraFor(1280, 720, 900))
	for i := range points { // a face is not the canonical one
		points[i][0] += float32(r.NormFloat64() * 3)
		points[i][1] += float32(r.NormFloat64() * 3)
	}
	var metric [Landmarks]mgl32.Vec3
	_, cam, err := s.Solve(points, 1280, 720, 900, &metric)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range metric {
		if d := cam.Project(p).Sub(points[i].Vec2()).Len(); d > 0.01 {
			t.Fatalf("landmark %d projects %.3f px beside its point", i, d)
		}
	}
}

func TestSpeakingAndBlinkingDoNotMoveTheHead(t *testing.T) {
	s := solver(t)
	cam := cameraFor(1280, 720, 0)
	points := pictureOf(s, placed(10, 0, 0, vec3{0, 0, -600}), cam)
	before, _, err := s.Solve(points, 1280, 720, 0, new([Landmarks]mgl32.Vec3))
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range []int{152, 377, 148, 400, 176, 17, 14, 84, 314, 61, 291, 13, 159, 158, 160, 386, 385, 387, 105, 334} {
		points[i][1] += 15
	}
	after, _, err := s.Solve(points, 1280, 720, 0, new([Landmarks]mgl32.Vec3))
	if err != nil || before != after {
		t.Errorf("the head moved from %v to %v (%v)", before, after, err)
	}
}

func TestSolverRefusesWhatIsNoFace(t *testing.T) {
	s := solver(t)
	nan := float32(math.NaN())
	for name, p := range map[string]mgl32.Vec3{"one point": {100, 100, 0}, "not numbers": {nan, nan, nan}, "endless": {float32(math.Inf(1)), 0, 0}} {
		var points [Landmarks]mgl32.Vec3
		for i := range points {
			points[i] = p
		}
		if _, _, err := s.Solve(&points, 640, 480, 0, new([Landmarks]mgl32.Vec3)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := NewSolver(&facegeometry.Geometry{}); err == nil {
		t.Error("an empty geometry was accepted")
	}
}

func TestSolveAllocatesNothing(t *testing.T) {
	s := solver(t)
	points := pictureOf(s, placed(15, 5, 5, vec3{20, 0, -500}), cameraFor(1280, 720, 0))
	var metric [Landmarks]mgl32.Vec3
	if n := testing.AllocsPerRun(20, func() { s.Solve(points, 1280, 720, 0, &metric) }); n > 0 {
		t.Errorf("%v allocations a call", n)
	}
}

func TestAnglesComeBack(t *testing.T) {
	for yaw := -80.0; yaw <= 80; yaw += 20 {
		for roll := -150.0; roll <= 150; roll += 50 {
			g := placed(yaw, 0.5*yaw, roll, vec3{})
			y, p, r := eulerFrom(g.R)
			const deg = 180 / math.Pi
			if math.Abs(y*deg-yaw)+math.Abs(p*deg-0.5*yaw)+math.Abs(r*deg-roll) > 1e-6 {
				t.Errorf("%v %v %v came back as %v %v %v", yaw, 0.5*yaw, roll, y*deg, p*deg, r*deg)
			}
			w := logSO3(g.R)
			back := expSO3(w)
			for i := range 3 {
				for j := range 3 {
					if math.Abs(back[i][j]-g.R[i][j]) > 1e-9 {
						t.Fatalf("log and exp disagree at %v %v", yaw, roll)
					}
				}
			}
		}
	}
}

func BenchmarkSolve(b *testing.B) {
	s := solver(b)
	points := pictureOf(s, placed(15, 5, 5, vec3{20, 0, -500}), cameraFor(1280, 720, 0))
	var metric [Landmarks]mgl32.Vec3
	for b.Loop() {
		s.Solve(points, 1280, 720, 0, &metric)
	}
}

// rotationFrom is the inverse of eulerFrom.
func rotationFrom(yaw, pitch, roll float64) mat3 {
	return expSO3(vec3{0, yaw, 0}).mul(expSO3(vec3{-pitch, 0, 0})).mul(expSO3(vec3{0, 0, -roll}))
}
