package app

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"cheval/app/live"
	"cheval/camera"
	"cheval/models"
	"cheval/voice/assistant"
	"cheval/voice/hear"
	"cheval/voice/mic"
	"cheval/voice/sound"
	"cheval/voice/speak"
)

// talkBench asks the real app, in a window, by voice: recorded questions take
// the microphone's place, at its pace, and the loudspeaker's place is taken by
// a clock.
type talkBench struct {
	newFyne func() fyne.App
	device  models.Device
	rounds  int
	store   *models.Store
	watch   *benchWatch
	ear     *questionEar
	mouth   *silentMouth
	answers chan answered
	figures map[string]any
}

// answered is one question on its way back: when its end was decided, how long
// that took, and when the answer had been done on the screens.
type answered struct {
	decided, done time.Time
	delay         time.Duration
	heard         string
	err           error
}

// talkTimes are of one question, from the decision that it had ended.
type talkTimes struct{ delay, screen, sound time.Duration }

// talkQuestions take about three seconds each to say.
func talkQuestions() []string {
	return []string{
		"Could you show me some round sunglasses under eight hundred?",
		"Do you have anything like this one in green or in brown?",
		"Which of these frames would you recommend for my face?",
	}
}

// BenchTalk measures the way from the end of a spoken question to the changed
// screen and to the first sound of the answer, the mirror paused (a still, one
// frame a second) and running, in rounds of three questions of three seconds.
// It must be called on the main goroutine and needs a display.
func BenchTalk(newFyne func() fyne.App) func(ctx context.Context, device models.Device, rounds int) (map[string]any, error) {
	return func(ctx context.Context, device models.Device, rounds int) (map[string]any, error) {
		b := &talkBench{newFyne: newFyne, device: device, rounds: rounds, watch: newBenchWatch(),
			ear: newQuestionEar(), mouth: &silentMouth{}, answers: make(chan answered, 1), figures: map[string]any{}}
		err := b.run(ctx)
		return b.figures, err
	}
}

func (b *talkBench) run(ctx context.Context) (err error) {
	if b.store, err = models.OpenHome(); err != nil {
		return err
	}
	home, err := os.MkdirTemp("", "cheval-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(home)
	if err := os.Symlink(b.store.Folder(), filepath.Join(home, "models")); err != nil {
		return err
	}
	parts, err := realParts(Options{Home: home})
	if err != nil {
		return err
	}
	parts.sound = func(string) (soundDevices, error) { return soundDevices{ear: b.ear, mouth: b.mouth}, nil }
	var pipeline *liveMirror
	parts.mirror = func(Settings) (Mirror, error) {
		pipeline = newLiveMirror(live.Options{Store: b.store, Device: b.device, Source: benchOptions{source: sourceDemo}.spec(),
			OnPainted: b.watch.painted, OnResult: b.watch.result}, b.watch.status)
		return pipeline, nil
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	a := newApp(b.newFyne(), Options{Home: home}, parts)
	a.onAnswered = func(e hear.Event, _ assistant.Response, err error) {
		b.answers <- answered{decided: e.Decided, delay: e.Delay, done: time.Now(), heard: e.Result.Text, err: err}
	}
	done := make(chan error, 1)
	go func() {
		defer stop()
		if _, err := b.watch.firstFrame(ctx, benchFirstFrame); err != nil {
			done <- err
			return
		}
		done <- b.measure(ctx, a, pipeline)
	}()
	err = a.Run(ctx)
	stop()
	return errors.Join(err, <-done)
}

// measure asks with the mirror running, and then with it paused.
func (b *talkBench) measure(ctx context.Context, a *App, pipeline *liveMirror) error {
	questions, err := b.speakQuestions(ctx)
	if err != nil {
		return err
	}
	if _, err := b.ask(ctx, a, questions[0]); err != nil { // opens everything
		return err
	}
	if err := wait(ctx, benchSettle); err != nil {
		return err
	}
	b.watch.begin()
	start := time.Now()
	var delays []time.Duration
	if delays, err = b.series(ctx, a, questions, "running", nil); err != nil {
		return err
	}
	b.figures["mirror_fps"] = float64(len(b.watch.end().delays)) / time.Since(start).Seconds()
	portrait, err := b.store.Path("demo_portrait")
	if err != nil {
		return err
	}
	pipeline.Pipeline.SetSource(camera.Spec{Kind: camera.KindStill, Path: portrait, Paced: true, FPS: 1})
	if err := wait(ctx, benchSettle); err != nil {
		return err
	}
	if delays, err = b.series(ctx, a, questions, "paused", delays); err != nil {
		return err
	}
	b.figures["decision_p50_ms"], b.figures["decision_p95_ms"] = ms(quantile(delays, 0.5)), ms(quantile(delays, 0.95))
	return nil
}

// series asks all questions some times over and keeps their times.
func (b *talkBench) series(ctx context.Context, a *App, questions [][]float32, name string, delays []time.Duration) ([]time.Duration, error) {
	var screen, voice []time.Duration
	for range b.rounds {
		for _, q := range questions {
			t, err := b.ask(ctx, a, q)
			if err != nil {
				return nil, err
			}
			delays, screen, voice = append(delays, t.delay), append(screen, t.screen), append(voice, t.sound)
		}
	}
	for what, times := range map[string][]time.Duration{"screen": screen, "sound": voice} {
		b.figures[what+"_"+name+"_p50_ms"], b.figures[what+"_"+name+"_p95_ms"] = ms(quantile(times, 0.5)), ms(quantile(times, 0.95))
	}
	b.figures["questions"] = len(screen)
	return delays, nil
}

// talkPatience is given to one question.
const talkPatience = 60 * time.Second

// talkRest lies between two questions.
const talkRest = 500 * time.Millisecond

// ask asks one question and waits for the painted screen and the first sound.
func (b *talkBench) ask(ctx context.Context, a *App, question []float32) (t talkTimes, err error) {
	ctx, cancel := context.WithTimeout(ctx, talkPatience)
	defer cancel()
	spoke := b.mouth.expect()
	if err := a.onUI(ctx, a.pressTalk); err != nil {
		return t, err
	}
	if ok, err := a.until(ctx, talkPatience, func() bool { return a.talk.state == talkListening }); err != nil || !ok {
		return t, errors.Join(fmt.Errorf("the mirror did not listen within %v", talkPatience), err)
	}
	b.ear.ask(question)
	var got answered
	select {
	case got = <-b.answers:
	case <-ctx.Done():
		return t, b.silence(a)
	}
	if got.err != nil {
		return t, got.err
	}
	painted, err := a.nextPainting(ctx)
	if err != nil {
		return t, err
	}
	t.delay, t.screen = got.delay, painted.Sub(got.decided)
	select {
	case at := <-spoke:
		t.sound = at.Sub(got.decided)
	case <-ctx.Done():
		return t, fmt.Errorf("the answer to %q was not spoken", got.heard)
	}
	if err := a.onUI(ctx, a.hush); err != nil {
		return t, err
	}
	return t, wait(ctx, talkRest)
}

// silence says why a question was not answered.
func (b *talkBench) silence(a *App) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	said := "the window is closed"
	a.onUI(ctx, func() { said = fmt.Sprintf("%q was heard; notices: %v", a.talk.heard, a.notices) })
	return fmt.Errorf("a question was not answered within %v: %s", talkPatience, said)
}

// nextPainting has the window painted and returns when it had been shown.
func (a *App) nextPainting(ctx context.Context) (time.Time, error) {
	painted := make(chan time.Time, 1)
	pulse := canvas.NewRaster(func(w, h int) image.Image {
		a.parts.onUI(func() { // runs when what is being painted has been shown
			select {
			case painted <- time.Now():
			default:
			}
		})
		return image.NewUniform(color.Transparent)
	})
	err := a.onUI(ctx, func() {
		a.stage.pulse = pulse
		a.stage.show()
	})
	if err != nil {
		return time.Time{}, err
	}
	defer a.onUI(ctx, func() { a.stage.pulse = nil })
	select {
	case at := <-painted:
		return at, nil
	case <-ctx.Done():
		return time.Time{}, errors.New("the window was not painted")
	}
}

// speakQuestions has the questions said, by Joe where he is installed.
func (b *talkBench) speakQuestions(ctx context.Context) (out [][]float32, err error) {
	voice := speak.Espeak
	if _, err := b.store.Path("en_us_joe_medium"); err == nil {
		voice = speak.Joe
	}
	s, err := speak.Open(b.store, speak.Settings{Voice: voice, Speed: 1})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	length := 0
	for _, text := range talkQuestions() {
		var q []float32
		err := s.Say(ctx, text, "en", func(one speak.Sound) error {
			q = append(q, sound.Resample(one.Samples, one.Rate, mic.Rate)...)
			return nil
		})
		if err != nil {
			return nil, err
		}
		out, length = append(out, q), length+len(q)
	}
	b.figures["question_s"] = float64(length) / float64(len(out)) / mic.Rate
	return out, nil
}

// questionEar is a microphone in a quiet room where recordings are played.
type questionEar struct {
	mu     sync.Mutex
	queue  []float32
	due    time.Time
	closed chan struct{}
	once   sync.Once
}

func newQuestionEar() *questionEar { return &questionEar{closed: make(chan struct{})} }

// ask has a question follow.
func (e *questionEar) ask(samples []float32) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.queue = append(e.queue, samples...)
}

// Read gives what is played, in its time.
func (e *questionEar) Read(ctx context.Context, dst []float32) error {
	if now := time.Now(); e.due.IsZero() || now.Sub(e.due) > time.Second {
		e.due = now
	}
	e.due = e.due.Add(time.Duration(len(dst)) * time.Second / mic.Rate)
	t := time.NewTimer(time.Until(e.due))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-e.closed:
		return errors.New("the bench is over")
	case <-t.C:
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	n := copy(dst, e.queue)
	e.queue = e.queue[n:]
	clear(dst[n:])
	return nil
}

// Close ends a Read that waits.
func (e *questionEar) Close() error {
	e.once.Do(func() { close(e.closed) })
	return nil
}

// silentMouth is a loudspeaker that only tells when it first got sound.
type silentMouth struct {
	mu    sync.Mutex
	first chan time.Time
}

// expect waits for the next first sound.
func (m *silentMouth) expect() <-chan time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.first = make(chan time.Time, 1)
	return m.first
}

// Play takes a sound.
func (m *silentMouth) Play([]float32, int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	select {
	case m.first <- time.Now():
	default:
	}
}

func (m *silentMouth) Wait(context.Context) error { return nil }
func (m *silentMouth) Stop()                      {}
func (m *silentMouth) SetVolume(float64)          {}
func (m *silentMouth) Played(int) []float32       { return nil }
func (m *silentMouth) Close() error               { return nil }
