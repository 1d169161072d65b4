package mic

import (
	"context"
	"io"
	"time"

	"cheval/voice/sound"
)

// Recording is a WAV file in a microphone's place.
type Recording struct {
	speech *sound.Speech
	paced  bool
	start  time.Time
	read   int
}

// OpenRecording opens a WAV file of any rate and length. Paced, it gives sound
// as a microphone would, in its time; else as fast as it is read. The caller
// closes it.
func OpenRecording(path string, paced bool) (*Recording, error) {
	s, err := sound.OpenSpeech(path)
	if err != nil {
		return nil, err
	}
	return &Recording{speech: s, paced: paced}, nil
}

// Read fills dst; the last part is filled up with silence, and then io.EOF
// follows.
func (r *Recording) Read(ctx context.Context, dst []float32) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	n := 0
	for n < len(dst) {
		m, err := r.speech.Read(dst[n:])
		n += m
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
	}
	if n == 0 {
		return io.EOF
	}
	clear(dst[n:])
	if r.paced {
		return r.wait(ctx, len(dst))
	}
	return nil
}

// wait lets the time pass that the sound takes.
func (r *Recording) wait(ctx context.Context, samples int) error {
	if r.start.IsZero() {
		r.start = time.Now()
	}
	r.read += samples
	due := r.start.Add(time.Duration(r.read) * time.Second / Rate)
	timer := time.NewTimer(time.Until(due))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// Close closes the file.
func (r *Recording) Close() error { return r.speech.Close() }
