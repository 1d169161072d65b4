package hear

import (
	"context"
	"sync"

	"cheval/voice/recognise"
)

// job is one recognition.
type job struct {
	recogniser Recogniser
	samples    []float32
	options    recognise.Options
	pause      bool // it was begun in a pause, so it may be the whole sentence
}

// worker runs one recognition at a time beside the listener, whose goroutine
// alone calls it.
type worker struct {
	group   sync.WaitGroup
	cancel  context.CancelFunc
	done    chan outcome // of the job under way; nil when idle
	pause   bool
	isFresh bool // the last job covers all speech so far
	covered int  // samples of the last job
	last    *outcome
	shown   bool
}

type outcome struct {
	result recognise.Result
	err    error
}

// begin ends the job that is under way and starts another.
func (w *worker) begin(ctx context.Context, j job) {
	w.stop()
	ctx, w.cancel = context.WithCancel(ctx)
	done := make(chan outcome, 1)
	w.done, w.pause, w.isFresh, w.covered, w.last, w.shown = done, j.pause, j.pause, len(j.samples), nil, false
	w.group.Go(func() {
		r, err := j.recogniser.Transcribe(ctx, j.samples, j.options)
		done <- outcome{r, err}
	})
}

// stop ends what is under way; its result is dropped.
func (w *worker) stop() {
	if w.cancel != nil {
		w.cancel()
	}
	w.done, w.cancel = nil, nil
}

// drop forgets the sentence before.
func (w *worker) drop() {
	w.stop()
	w.covered, w.last, w.isFresh, w.shown = 0, nil, false, true
}

// stale says that more was said since.
func (w *worker) stale() { w.isFresh = false }

func (w *worker) fresh() bool { return w.isFresh }

func (w *worker) idle() bool { return w.done == nil }

// ready returns a result once, when it is there.
func (w *worker) ready() (r recognise.Result, pause, ok bool) {
	if w.done != nil {
		select {
		case o := <-w.done:
			w.last, w.done = &o, nil
		default:
		}
	}
	if w.last == nil || w.shown || w.last.err != nil {
		return r, false, false
	}
	w.shown = true
	return w.last.result, w.pause && w.isFresh, true
}

// finish waits for the result.
func (w *worker) finish() (recognise.Result, error) {
	if w.done != nil {
		o := <-w.done
		w.last, w.done = &o, nil
	}
	w.shown = true
	return w.last.result, w.last.err
}

// wait ends everything.
func (w *worker) wait() {
	w.stop()
	w.group.Wait()
}
