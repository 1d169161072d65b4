// Package speak says sentences aloud: by a VITS voice (Piper's form) through
// ONNX Runtime, whose phonemes espeak-ng makes, or by espeak-ng itself.
// espeak-ng is called as a process and never linked.
//
// It leaves to others what is said (voice/answer) and playing it (voice/mic).
package speak

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"cheval/models"
)

// ErrNoEspeak says that espeak-ng is missing: then there are captions only.
var ErrNoEspeak = errors.New("speak: espeak-ng is not installed, so answers are shown but not spoken: install the package espeak-ng")

// The voices that need no import.
const (
	// Espeak is espeak-ng's own voice, the default; Chinese is always its.
	Espeak = "espeak"
	// Joe is Piper's en_US-joe-medium. Staff choose it after JoeTerms.
	Joe = "joe"
)

// JoeTerms are what staff accept when they choose Joe.
const JoeTerms = "The voice en_US-joe-medium was made from recordings that are free (CC0), but its training began from another voice (Lessac) whose terms allow research only. Use it where those terms allow it."

// Settings of a Speaker.
type Settings struct {
	Voice string  // Espeak, Joe, or the name of an imported voice; empty is Espeak
	Speed float64 // 0.5–2; 0 is 1
}

// Speaker turns text into sound. Any goroutine may use it; one sentence is made
// at a time.
type Speaker struct {
	set    Settings
	mu     sync.Mutex
	piper  *piper // nil: espeak-ng speaks
	closed bool
}

// Open prepares a speaker and loads its voice. Without espeak-ng it returns
// ErrNoEspeak.
func Open(store *models.Store, set Settings) (*Speaker, error) {
	if set.Speed == 0 {
		set.Speed = 1
	}
	if set.Speed < 0.5 || set.Speed > 2 {
		return nil, fmt.Errorf("speak: speed %.2f is not between 0.5 and 2", set.Speed)
	}
	if !haveEspeak() {
		return nil, ErrNoEspeak
	}
	s := &Speaker{set: set}
	if set.Voice == "" || set.Voice == Espeak {
		return s, nil
	}
	var err error
	s.piper, err = loadPiper(store, set.Voice)
	return s, err
}

// Sound is one sentence spoken.
type Sound struct {
	Text    string    // what is said, for captions
	Samples []float32 // mono, ±1
	Rate    int       // Hz
}

// MaxText bounds what is said at once, in characters.
const MaxText = 20000

// Say makes the sound of text in a language ("en", "zh"), a sentence at a time
// (the first up to its comma), and gives each to play as soon as it is ready, so that sound starts early.
// It stops when ctx ends or play returns an error.
func (s *Speaker) Say(ctx context.Context, text, language string, play func(Sound) error) error {
	if len([]rune(text)) > MaxText {
		return fmt.Errorf("speak: the text has %d characters, and at most %d are spoken at once: say less", len([]rune(text)), MaxText)
	}
	for _, sentence := range early(Sentences(text)) {
		if err := ctx.Err(); err != nil {
			return err
		}
		sound, err := s.one(ctx, sentence, language)
		if err != nil {
			return err
		}
		if len(sound.Samples) == 0 {
			continue
		}
		if err := play(sound); err != nil {
			return err
		}
	}
	return nil
}

func (s *Speaker) one(ctx context.Context, sentence, language string) (Sound, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return Sound{}, errors.New("speak: the voice was used after it was closed")
	}
	out := Sound{Text: sentence}
	var err error
	if s.piper != nil && s.piper.speaks(language) {
		out.Samples, err = s.piper.say(ctx, sentence, s.set.Speed)
		out.Rate = s.piper.config.Audio.Rate
	} else {
		out.Samples, out.Rate, err = espeakSays(ctx, sentence, language, s.set.Speed)
	}
	return out, err
}

// Close frees the voice. It waits for a sentence that is being made, and may be
// called twice.
func (s *Speaker) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.piper == nil {
		s.closed = true
		return nil
	}
	s.closed = true
	return s.piper.close()
}
