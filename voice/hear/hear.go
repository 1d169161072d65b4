// Package hear listens: it brings sound from a microphone through speech
// detection to recognition, and tells what happens as it happens.
//
// It leaves to others what was meant (voice/understand), and stopping the
// mirror's own voice when somebody speaks (the app, which is told).
package hear

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"cheval/voice/detect"
	"cheval/voice/recognise"
	"cheval/voice/sound"
)

// Mode is when the mirror listens.
type Mode int

// Modes.
const (
	Push Mode = iota // between Press and Release
	Tap              // one sentence after Press
	Wake             // what follows a wake word
	Always
)

// Source gives sound at detect.Rate; io.EOF ends it.
type Source interface {
	Read(ctx context.Context, dst []float32) error
}

// Judge says how likely a frame holds speech.
type Judge interface {
	Judge(frame []float32) (float64, error)
	Reset()
}

// Recogniser turns speech into text.
type Recogniser interface {
	Transcribe(ctx context.Context, samples []float32, o recognise.Options) (recognise.Result, error)
}

// Kind is what an Event tells.
type Kind int

// Kinds of events.
const (
	Level     Kind = iota + 1 // ten a second, while there is sound
	Speaking                  // somebody began to speak: stop the mirror's voice
	Partial                   // Result.Text so far
	Heard                     // a sentence
	Nothing                   // no sentence came, or it had no words
	Attending                 // the wake word alone was said: a sentence may follow
)

// Event is told on the listener's goroutine: return soon.
type Event struct {
	Kind   Kind
	Level  sound.Level
	Result recognise.Result
	// Delay is the silence that it took to decide that speech had ended, and
	// Waited what recognition took after that.
	Delay, Waited time.Duration
	// Decided is when that was decided, of Heard.
	Decided time.Time
}

// Config is what a listener works with. Played and Bias may be nil.
type Config struct {
	Source     Source
	Judge      Judge
	Recogniser Recogniser
	Mode       Mode
	Language   string                // "en", "zh" or "" (detected)
	Likely     func() string         // the language that is expected; nil or "": none
	Bias       func() []string       // the catalogue's words
	Played     func(n int) []float32 // the mirror's own voice, to be taken out
	Tell       func(Event)
}

// patience is how long a tapped mirror, or one that was called, waits for a
// sentence.
const patience = 8 * time.Second

// Listener listens until its context or its source ends.
type Listener struct {
	Config
	points    detect.Endpointer
	canceller *detect.Canceller
	frame     [detect.Frame]float32
	work      worker
	attentive int // frames that are left to begin a sentence in

	mu       sync.Mutex
	open     bool // Press was called and not Release
	released bool
}

// New makes a listener. Run it.
func New(c Config) *Listener {
	return &Listener{Config: c, canceller: detect.NewCanceller()}
}

// Press opens the ear: in Push until Release, in Tap for one sentence. Any
// goroutine may call it.
func (l *Listener) Press() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open = true
}

// Release ends a sentence in Push.
func (l *Listener) Release() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.released = l.open
	l.open = false
}

// Run listens. It returns nil at the end of the source, ctx's error, or what
// went wrong with the source (an unplugged microphone: open it anew and Run
// again). Recognition that is under way ends first.
func (l *Listener) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer func() { cancel(); l.work.wait() }()
	l.Judge.Reset()
	loudest := make([]float32, 0, 4*detect.Frame)
	for {
		err := l.Source.Read(ctx, l.frame[:])
		if errors.Is(err, io.EOF) {
			return l.handle(ctx, l.points.Finish())
		}
		if err != nil {
			l.points.Finish() // half a sentence is none
			return err
		}
		if loudest = append(loudest, l.frame[:]...); len(loudest) == cap(loudest) {
			l.Tell(Event{Kind: Level, Level: sound.Measure(loudest)})
			loudest = loudest[:0]
		}
		if err := l.step(ctx); err != nil {
			return err
		}
	}
}

// step judges one frame.
func (l *Listener) step(ctx context.Context) error {
	heard := l.frame[:]
	l.points.Least = 0
	if l.Played != nil {
		var echo float64
		heard, echo = l.canceller.Clean(l.Played(len(heard)), heard)
		if echo > 0.5 {
			l.points.Least = 0.8
		}
	}
	p, err := l.Judge.Judge(heard)
	if err != nil {
		return err
	}
	listening, released := l.listening()
	if !listening {
		p = 0
	}
	event := l.points.Push(heard, p)
	if released {
		event = l.points.Finish()
		if event.Kind == 0 {
			l.Tell(Event{Kind: Nothing})
		}
	}
	if err := l.handle(ctx, event); err != nil {
		return err
	}
	l.poll(ctx)
	return nil
}

// listening says whether sound counts now, and whether the button was just let
// go.
func (l *Listener) listening() (now, released bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	released, l.released = l.released, false
	if l.Mode == Tap && l.open {
		l.open = false
		l.attentive = int(patience * detect.Rate / detect.Frame / time.Second)
	}
	switch l.Mode {
	case Push:
		return l.open, released
	case Tap:
		if l.attentive > 0 && !l.points.Speaking() {
			if l.attentive--; l.attentive == 0 {
				l.Tell(Event{Kind: Nothing})
			}
		}
		return l.attentive > 0 || l.points.Speaking(), false
	}
	if l.attentive > 0 {
		l.attentive--
	}
	return true, false
}

func (l *Listener) handle(ctx context.Context, e detect.Event) error {
	switch e.Kind {
	case detect.Began:
		l.work.drop()
		l.Tell(Event{Kind: Speaking})
	case detect.Paused:
		l.work.begin(ctx, l.job(e.Samples, true))
	case detect.WentOn:
		l.work.stale()
	case detect.Ended:
		return l.ended(ctx, e)
	}
	return nil
}

// poll shows what was recognised so far, and recognises again when a second
// more has been said.
func (l *Listener) poll(ctx context.Context) {
	if r, pause, ok := l.work.ready(); ok {
		if pause && l.points.Speaking() && unfinished(r.Text) {
			l.points.Hold()
		}
		if r.Text != "" && l.Mode != Wake {
			l.Tell(Event{Kind: Partial, Result: r})
		}
	}
	if samples := l.points.SoFar(); l.work.idle() && len(samples)-l.work.covered > detect.Rate {
		l.work.begin(ctx, l.job(samples, false))
	}
}

func (l *Listener) job(samples []float32, pause bool) job {
	o := recognise.Options{Language: l.Language}
	if l.Likely != nil {
		o.Likely = l.Likely()
	}
	if l.Bias != nil {
		o.Bias = l.Bias()
	}
	return job{recogniser: l.Recogniser, samples: append([]float32(nil), samples...), options: o, pause: pause}
}

// ended recognises the sentence, or takes what was recognised in its last
// pause.
func (l *Listener) ended(ctx context.Context, e detect.Event) error {
	start := time.Now()
	if !l.work.fresh() {
		l.work.begin(ctx, l.job(e.Samples, true))
	}
	r, err := l.work.finish()
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return err
	}
	l.judged(Event{Kind: Heard, Result: r, Delay: e.Delay, Waited: time.Since(start), Decided: start})
	return nil
}

// judged tells of a sentence, if it was meant for the mirror.
func (l *Listener) judged(heard Event) {
	r, called := heard.Result, false
	if l.Mode == Wake {
		if heard.Result.Text, called = afterWakeWord(r.Text); !called && l.attentive == 0 {
			return
		}
		if !called {
			heard.Result.Text = r.Text
		}
	}
	if heard.Result.Text != "" {
		l.attentive = 0
		l.Tell(heard)
		return
	}
	if called {
		l.attentive = int(patience * detect.Rate / detect.Frame / time.Second)
		l.Tell(Event{Kind: Attending})
		return
	}
	l.attentive = 0
	l.Tell(Event{Kind: Nothing})
}
