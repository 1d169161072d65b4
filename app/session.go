package app

import "time"

// A session is one shopper's visit. It ends when they say so or when nobody
// has stood before the mirror for sessionEnd, of which sessionWarning is
// counted down on screen.
const (
	sessionEnd     = 60 * time.Second
	sessionWarning = 10 * time.Second
)

// sessionPhase is where a visit stands.
type sessionPhase uint8

const (
	sessionIdle    sessionPhase = iota // nothing to forget
	sessionActive                      // somebody is here, or was a moment ago
	sessionLeaving                     // counting down
	sessionEnded                       // to be cleared now; seen once
)

// sessionClock decides when a visit is over. It is told what happens and when;
// it starts no timer, so that a test can give it any clock.
type sessionClock struct {
	began bool
	last  time.Time // when somebody was last seen or touched something
}

// face tells that a face is in the picture. Standing there is a visit only
// once something was touched, but it keeps a visit alive.
func (s *sessionClock) face(now time.Time) { s.last = later(s.last, now) }

// touch tells that a person did something: the visit has begun.
func (s *sessionClock) touch(now time.Time) {
	s.began = true
	s.last = later(s.last, now)
}

// tick says where the visit stands now and, while it is leaving, how long is
// left. Ended is answered once; then the clock is idle.
func (s *sessionClock) tick(now time.Time) (sessionPhase, time.Duration) {
	if !s.began {
		return sessionIdle, 0
	}
	left := sessionEnd - now.Sub(s.last)
	switch {
	case left <= 0:
		s.end()
		return sessionEnded, 0
	case left <= sessionWarning:
		return sessionLeaving, left
	}
	return sessionActive, left
}

// end forgets the visit, as Done does.
func (s *sessionClock) end() { *s = sessionClock{last: s.last} }

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
