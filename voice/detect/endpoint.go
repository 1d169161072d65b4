package detect

import "time"

// Thresholds of the probability of speech: to begin, and to go on.
const (
	beginAt = 0.5
	goOnAt  = 0.35
)

// How long things last, in frames of 32 ms.
const (
	beginFrames = 3   // speech shorter than this is a click
	leadFrames  = 12  // kept of the time before speech was noticed
	pauseFrames = 6   // silence after which recognition may begin
	minHang     = 14  // 0.45 s of silence end a sentence at the earliest
	maxHang     = 38  // 1.2 s end it at the latest
	usualHang   = 16  // 0.51 s, until the speaker's pauses are known
	maxFrames   = 875 // 28 s: then a sentence ends, whatever follows
)

// What happened in the sound.
type Kind int

// Kinds of events.
const (
	// Began: somebody speaks. Samples are what was said so far.
	Began Kind = iota + 1
	// Paused: silence; recognition may begin with Samples.
	Paused
	// WentOn: it was a pause only; what was recognised is out of date.
	WentOn
	// Ended: the sentence is over. Samples are all of it, Delay the silence
	// that it took to decide.
	Ended
)

// Event is something that happened. Samples are valid until the next Push.
type Event struct {
	Kind    Kind
	Samples []float32
	Delay   time.Duration
	Cut     bool // it ended because it was too long
}

// Endpointer finds sentences from the probabilities of frames. It learns how
// long the speaker pauses within a sentence and waits longer than that. One
// goroutine at a time may use it.
type Endpointer struct {
	samples  []float32
	lead     []float32 // before speech
	run      int       // frames of speech in a row, before it begins
	silent   int       // frames of silence at the end
	frames   int       // of the sentence
	speaking bool
	paused   bool
	longest  int     // pause within this sentence
	pauses   float64 // the speaker's usual longest pause, in frames
	hold     int     // frames to wait in this sentence, 0: as usual
	// Least raises the threshold of speech (0–1), for noise or while the
	// mirror speaks. 0 changes nothing.
	Least float64
}

// Push takes a frame with its probability and returns what happened, or a zero
// Event.
func (e *Endpointer) Push(frame []float32, p float64) Event {
	if !e.speaking {
		return e.wait(frame, p)
	}
	e.samples = append(e.samples, frame...)
	e.frames++
	if p >= max(goOnAt, e.Least-0.15) {
		return e.voiced()
	}
	e.silent++
	switch {
	case e.frames >= maxFrames:
		return e.end(true)
	case e.silent >= e.hang():
		return e.end(false)
	case e.silent == pauseFrames:
		e.paused = true
		return Event{Kind: Paused, Samples: e.samples}
	}
	return Event{}
}

func (e *Endpointer) wait(frame []float32, p float64) Event {
	e.lead = append(e.lead, frame...)
	if extra := len(e.lead) - (leadFrames+beginFrames)*Frame; extra > 0 {
		e.lead = append(e.lead[:0], e.lead[extra:]...)
	}
	if p < max(beginAt, e.Least) {
		e.run = 0
		return Event{}
	}
	if e.run++; e.run < beginFrames {
		return Event{}
	}
	e.speaking, e.samples = true, append(e.samples[:0], e.lead...)
	e.frames, e.silent, e.longest, e.paused, e.hold = beginFrames, 0, 0, false, 0
	return Event{Kind: Began, Samples: e.samples}
}

func (e *Endpointer) voiced() Event {
	was := e.paused
	if e.frames >= maxFrames {
		return e.end(true)
	}
	e.longest = max(e.longest, e.silent)
	e.silent, e.paused, e.hold = 0, false, 0
	if was {
		return Event{Kind: WentOn, Samples: e.samples}
	}
	return Event{}
}

// hang is how many silent frames end the sentence.
func (e *Endpointer) hang() int {
	if e.hold > 0 {
		return e.hold
	}
	n := usualHang
	if known := max(float64(e.longest), e.pauses); known > 0 {
		n = int(1.5*known) + 2
	}
	return min(maxHang, max(minHang, n))
}

// Hold makes the endpointer wait its longest in this pause: what was said so
// far is no whole sentence.
func (e *Endpointer) Hold() { e.hold = maxHang }

func (e *Endpointer) end(cut bool) Event {
	if e.longest >= pauseFrames { // breaths between words tell nothing
		e.pauses += 0.5 * (float64(e.longest) - e.pauses)
	} else {
		e.pauses *= 0.8
	}
	ev := Event{Kind: Ended, Samples: e.samples, Delay: time.Duration(e.silent) * Frame * time.Second / Rate, Cut: cut}
	e.speaking, e.run, e.lead = false, 0, e.lead[:0]
	return ev
}

// Finish ends the sentence now, as when a button is let go or the sound ends;
// a zero Event where nobody spoke.
func (e *Endpointer) Finish() Event {
	if !e.speaking {
		e.run, e.lead = 0, e.lead[:0]
		return Event{}
	}
	return e.end(false)
}

// Speaking says whether a sentence is under way.
func (e *Endpointer) Speaking() bool { return e.speaking }

// SoFar is what was said of the sentence that is under way, nil between two;
// valid until the next Push.
func (e *Endpointer) SoFar() []float32 {
	if !e.speaking {
		return nil
	}
	return e.samples
}
