package camera

import (
	"time"

	"github.com/go-gl/mathgl/mgl32"
)

// angles of a head, in degrees, as Truth has them.
type angles struct{ yaw, pitch, roll float32 }

// rotation is the head's in camera space (x right, y up, z towards the
// viewer): Ry(yaw)·Rx(-pitch)·Rz(-roll), as tryon/perceive takes poses apart.
func (a angles) rotation() mgl32.Mat3 {
	return mgl32.Rotate3DY(float32(radians(a.yaw))).
		Mul3(mgl32.Rotate3DX(float32(radians(-a.pitch)))).
		Mul3(mgl32.Rotate3DZ(float32(radians(-a.roll))))
}

func (a angles) plus(b angles) angles {
	return angles{a.yaw + b.yaw, a.pitch + b.pitch, a.roll + b.roll}
}

// keyframe is where the head stands at a time, against how it stands in the
// portrait.
type keyframe struct {
	at   time.Duration
	turn angles
}

// choreography is one round of the demo: a look to each side, up and down, and
// about, as before a mirror, with rests between.
var choreography = [...]keyframe{
	{0, angles{0, 0, 0}},
	{1200 * time.Millisecond, angles{0, 0, 0}},
	{2700 * time.Millisecond, angles{35, 0, 1.5}},
	{3300 * time.Millisecond, angles{35, 0, 1.5}},
	{5800 * time.Millisecond, angles{-35, 0, -1.5}},
	{6400 * time.Millisecond, angles{-35, 0, -1.5}},
	{7900 * time.Millisecond, angles{0, 0, 0}},
	{8700 * time.Millisecond, angles{0, 0, 0}},
	{9600 * time.Millisecond, angles{0, 12, 0}},
	{10100 * time.Millisecond, angles{0, 12, 0}},
	{11400 * time.Millisecond, angles{0, -12, 0}},
	{11900 * time.Millisecond, angles{0, -12, 0}},
	{12800 * time.Millisecond, angles{0, 0, 0}},
	{13200 * time.Millisecond, angles{0, 0, 0}},
	{14300 * time.Millisecond, angles{20, 4, 5}},
	{16000 * time.Millisecond, angles{-20, -3, -5}},
	{17100 * time.Millisecond, angles{0, 0, 0}},
	{18000 * time.Millisecond, angles{0, 0, 0}},
}

// round is how long the choreography takes.
const round = 18000 * time.Millisecond

// turnAt is the head's turn at a time, without a jerk: speed and acceleration
// are 0 at every keyframe.
func turnAt(t time.Duration) angles {
	t %= round
	for i := 1; i < len(choreography); i++ {
		a, b := choreography[i-1], choreography[i]
		if t > b.at {
			continue
		}
		s := ease(float32(t-a.at) / float32(b.at-a.at))
		mix := func(u, v float32) float32 { return u + (v-u)*s }
		return angles{mix(a.turn.yaw, b.turn.yaw), mix(a.turn.pitch, b.turn.pitch), mix(a.turn.roll, b.turn.roll)}
	}
	return angles{}
}

func ease(t float32) float32 { return t * t * t * (t*(t*6-15) + 10) }
