package viewport

import (
	"time"

	"cheval/tryon/perceive"
)

// Constants of the follower, found by watching people walk before it: a view
// that moves with every nod is as bad as one that loses the face.
const (
	// deadZone is how far, in widths of the face, it may move before the view
	// goes with it.
	deadZone = 0.35
	// stiffness of the critically damped spring that the view hangs on, 1/s:
	// it covers 90 % of a move in 3.9/stiffness = 0.65 s.
	stiffness = 6
	// forget is after how long without a face the view goes back to the middle.
	forget = 3 * time.Second
)

// follower moves a view's focus after the active face, smoothly.
type follower struct {
	pos, vel, goal [2]float32
	started        bool
	chasing        [2]bool
	at, seen       time.Time
}

// follow returns the focus in pixels of a frame of size w×h that was captured
// at t, with the active face, or nil.
func (f *follower) follow(face *perceive.Face, w, h int, t time.Time) [2]float32 {
	middle := [2]float32{float32(w) / 2, float32(h) / 2}
	switch {
	case face != nil:
		f.chase(face)
		f.seen = t
	case !f.started || t.Sub(f.seen) > forget:
		f.goal = middle
	}
	if !f.started { // nothing to move from
		f.pos, f.started = f.goal, true
	}
	f.step(t)
	return f.pos
}

// chase sends the view after a face that left the dead zone, until it stands
// in its middle again.
func (f *follower) chase(face *perceive.Face) {
	b := rectOf(face.Box)
	at := [2]float32{(b.x0 + b.x1) / 2, (b.y0 + b.y1) / 2}
	zone := deadZone * b.w()
	for i := range at {
		away := max(at[i]-f.pos[i], f.pos[i]-at[i])
		switch {
		case !f.started || away > zone:
			f.chasing[i] = true
		case away < zone/8:
			f.chasing[i] = false
		}
		if f.chasing[i] {
			f.goal[i] = at[i]
		}
	}
}

// step moves the spring on to time t.
func (f *follower) step(t time.Time) {
	dt := float32(t.Sub(f.at).Seconds())
	f.at = t
	if !(dt > 0) {
		return
	}
	if dt > 0.25 { // it stood still: nothing to animate
		f.pos, f.vel = f.goal, [2]float32{}
		return
	}
	for i := range f.pos { // implicit Euler, stable for every dt
		v := (f.vel[i] + dt*stiffness*stiffness*(f.goal[i]-f.pos[i])) /
			(1 + 2*stiffness*dt + stiffness*stiffness*dt*dt)
		f.vel[i] = v
		f.pos[i] += dt * v
	}
}
