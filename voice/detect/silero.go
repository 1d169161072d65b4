// Package detect finds speech in sound: when somebody begins to speak, when
// they pause, and when they have finished. It tells the mirror's own voice from
// theirs.
//
// It leaves to others where sound comes from (voice/mic) and what is said
// (voice/recognise).
package detect

import (
	"cheval/models"
)

// Rate is the sampling rate, in Hz.
const Rate = 16000

// Frame is how many samples are judged at once: 32 ms.
const Frame = 512

// carried samples of the frame before stand in front of each frame.
const carried = 64

// Silero says how likely a frame holds speech. One goroutine at a time may use
// it.
type Silero struct {
	session *models.Session
	tail    [carried]float32
}

// NewSilero starts Silero's model, some 2 MB of memory.
func NewSilero(r *models.Runtime) (*Silero, error) {
	s, err := r.Load("silero_vad")
	if err != nil {
		return nil, err
	}
	return &Silero{session: s}, nil
}

// Judge returns the probability of speech in a frame of Frame samples. It
// allocates nothing.
func (s *Silero) Judge(frame []float32) (float64, error) {
	in := s.session.Input("input")
	copy(in, s.tail[:])
	copy(in[carried:], frame)
	if err := s.session.Run(); err != nil {
		return 0, err
	}
	copy(s.session.Input("state"), s.session.Output("stateN"))
	copy(s.tail[:], frame[Frame-carried:])
	return float64(s.session.Output("output")[0]), nil
}

// Reset forgets the sound so far.
func (s *Silero) Reset() {
	s.tail = [carried]float32{}
	clear(s.session.Input("state"))
}

// Close frees the model.
func (s *Silero) Close() error { return s.session.Close() }
