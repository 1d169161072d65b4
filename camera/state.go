package camera

import "time"

// State is how a live source stands. The app translates it under the key
// "camera.<state>".
type State string

const (
	Opening   State = "opening"   // asked for, no frame yet
	Ready     State = "ready"     // frames come
	Busy      State = "busy"      // another program has the device
	Unplugged State = "unplugged" // the device or the connection is gone
	Silent    State = "silent"    // open, but no frame came for 2 seconds
	Failed    State = "failed"    // anything else; the sentence says what
	Ended     State = "ended"     // a clip that does not loop came to its end
	Closed    State = "closed"    // by Close
)

// Status is a state with what a person should know about it.
type Status struct {
	State State
	// Text is one English sentence: what is the matter and what to do.
	Text string
	// Since is when the state began; Attempt counts the tries to open since
	// frames last came, from 1.
	Since   time.Time
	Attempt int
}

// Problem is an error of a source whose state is known.
type Problem struct {
	State State
	Text  string
}

func (p *Problem) Error() string { return "camera: " + p.Text }
