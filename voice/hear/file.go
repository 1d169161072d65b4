package hear

import (
	"context"
	"errors"
	"io"

	"cheval/voice/detect"
	"cheval/voice/mic"
	"cheval/voice/recognise"
)

// File recognises the sentences of a WAV file of any rate, channels and length,
// one after the other, and gives each to next until it answers false. It holds
// one sentence in memory. Where nobody speaks next is never called.
func File(ctx context.Context, path string, judge Judge, r Recogniser, o recognise.Options, next func(recognise.Result) bool) error {
	source, err := mic.OpenRecording(path, false)
	if err != nil {
		return err
	}
	defer source.Close()
	judge.Reset()
	var points detect.Endpointer
	var frame [detect.Frame]float32
	for {
		err := source.Read(ctx, frame[:])
		end := errors.Is(err, io.EOF)
		if err != nil && !end {
			return err
		}
		var event detect.Event
		if end {
			event = points.Finish()
		} else {
			p, err := judge.Judge(frame[:])
			if err != nil {
				return err
			}
			event = points.Push(frame[:], p)
			points.Hold() // nobody waits: a pause must be long to end a sentence
		}
		if event.Kind == detect.Ended {
			result, err := r.Transcribe(ctx, event.Samples, o)
			if err != nil {
				return err
			}
			if result.Text != "" && !next(result) {
				return nil
			}
		}
		if end {
			return nil
		}
	}
}
