package detect

import (
	"math"
)

// An echo is looked for up to a third of a second after it was played, and
// cancelled over 32 ms of the room's answer.
const (
	echoSearch = Rate * 3 / 8
	echoTaps   = 512
	echoStep   = 0.5   // of the normalised least-mean-squares filter
	echoAlign  = Frame // samples that are compared to find the delay
	echoKeep   = 3 * Rate / 2
	echoLearn  = 16  // frames (half a second) until the filter knows the room
	echoOnly   = 0.8 // of the energy cancelled: nobody else speaks
)

// Canceller takes the mirror's own voice out of what the microphone hears: it
// finds the delay by correlation with what was played and subtracts what a
// normalised least-mean-squares filter predicts (S. Haykin, Adaptive Filter
// Theory, ch. 6). One goroutine at a time may use it.
type Canceller struct {
	played   []float32 // what was played, the newest at the end
	silent   int       // samples since anything was played
	delay    int       // of the echo, in samples; −1 unknown
	searched int       // frames in which no delay was found
	learned  int       // frames since the delay was found
	trust    int       // frames in which the delay was found again
	taps     [echoTaps]float64
	cleaned  []float32
}

// NewCanceller makes a canceller that has heard nothing.
func NewCanceller() *Canceller { return &Canceller{delay: -1, silent: echoKeep} }

// Clean takes as many samples as were played (nil: silence) and as were heard
// in the same time, a frame of Frame, and returns what is left, valid until the
// next call, with the part of the heard energy that was echo (0–1).
func (c *Canceller) Clean(played, heard []float32) (left []float32, echo float64) {
	c.remember(played, len(heard))
	if c.silent > echoSearch+echoTaps+Frame {
		return heard, 0
	}
	c.align(heard)
	if c.delay < 0 {
		if c.searched++; c.searched > 2*echoLearn { // the loudspeaker is not heard here
			return heard, 0
		}
		return c.nothing(), 1
	}
	before := energy(heard)
	c.cleaned = c.filter(c.cleaned[:0], heard)
	if c.learned++; c.learned < echoLearn {
		return c.nothing(), 1
	}
	if echo = math.Max(0, 1-energy(c.cleaned)/(before+1e-12)); echo > echoOnly {
		return c.nothing(), echo
	}
	return c.cleaned, echo
}

// nothing is a silent frame: while the room is not known, or nothing but the
// mirror is heard.
func (c *Canceller) nothing() []float32 { return make([]float32, Frame) }

func (c *Canceller) remember(played []float32, n int) {
	c.silent += n
	for _, s := range played {
		if s != 0 {
			c.silent = 0
			break
		}
	}
	c.played = append(c.played, played...)
	for range n - len(played) {
		c.played = append(c.played, 0)
	}
	if extra := len(c.played) - 2*echoKeep; extra > 0 {
		c.played = append(c.played[:0], c.played[len(c.played)-echoKeep:]...)
	}
}

// align looks for the delay at which what was played matches what is heard; a
// match must be clear.
func (c *Canceller) align(heard []float32) {
	power := energy(heard)
	end := len(c.played) - len(heard)
	best, at := 0.0, -1
	for d := 0; d < echoSearch && end-d >= 0; d += 4 {
		from := c.played[end-d : end-d+len(heard)]
		var dot, norm float64
		for i := 0; i < len(heard); i += 2 {
			dot += float64(heard[i]) * float64(from[i])
			norm += float64(from[i]) * float64(from[i])
		}
		if norm == 0 {
			continue
		}
		if m := math.Abs(dot) / math.Sqrt(norm*power/2+1e-12); m > best {
			best, at = m, d
		}
	}
	if best < 0.3 {
		return
	}
	at = max(0, at-echoTaps/4) // the filter reaches before and after the peak
	if c.delay >= 0 && at >= c.delay-echoTaps/4 && at <= c.delay+echoTaps/2 {
		c.trust = min(c.trust+1, 10)
		return
	}
	if c.trust--; c.trust < 0 {
		c.delay, c.trust, c.learned, c.taps = at, 0, 0, [echoTaps]float64{}
	}
}

// filter subtracts the predicted echo and learns from what is left.
func (c *Canceller) filter(out, heard []float32) []float32 {
	base := len(c.played) - len(heard) - c.delay
	for i, h := range heard {
		var predicted, norm float64
		for k := range echoTaps {
			j := base + i - k
			if j < 0 || j >= len(c.played) {
				continue
			}
			x := float64(c.played[j])
			predicted += c.taps[k] * x
			norm += x * x
		}
		left := float64(h) - predicted
		if norm > 1e-6 {
			step := echoStep * left / (norm + 1e-3)
			for k := range echoTaps {
				if j := base + i - k; j >= 0 && j < len(c.played) {
					c.taps[k] += step * float64(c.played[j])
				}
			}
		}
		out = append(out, float32(left))
	}
	return out
}

func energy(samples []float32) (sum float64) {
	for _, s := range samples {
		sum += float64(s) * float64(s)
	}
	return sum
}
