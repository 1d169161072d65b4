package detect

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"cheval/models/modelstest"
	"cheval/voice/sound"
)

func silero(t testing.TB) *Silero {
	t.Helper()
	r := modelstest.Runtime(t)
	s, err := NewSilero(r)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// spoken is a question that takes two seconds.
func spoken(t testing.TB) (samples []float32) {
	t.Helper()
	s, err := sound.OpenSpeech("../recognise/testdata/show_me_round_sunglasses_under_fifty.wav")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	buf := make([]float32, 1000)
	for {
		n, err := s.Read(buf)
		if err != nil {
			return samples
		}
		samples = append(samples, buf[:n]...)
	}
}

func silence(seconds float64) []float32 { return make([]float32, int(seconds*Rate)) }

func concat(parts ...[]float32) (all []float32) {
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

// events runs sound through detection.
func events(t testing.TB, s *Silero, e *Endpointer, samples []float32) (found []Event) {
	t.Helper()
	s.Reset()
	for ; len(samples) >= Frame; samples = samples[Frame:] {
		p, err := s.Judge(samples[:Frame])
		if err != nil {
			t.Fatal(err)
		}
		if ev := e.Push(samples[:Frame], p); ev.Kind != 0 {
			ev.Samples = append([]float32(nil), ev.Samples...)
			found = append(found, ev)
		}
	}
	return found
}

func only(all []Event, k Kind) (found []Event) {
	for _, e := range all {
		if e.Kind == k {
			found = append(found, e)
		}
	}
	return found
}

func TestASentenceIsFoundWhole(t *testing.T) {
	s, word := silero(t), spoken(t)
	found := only(events(t, s, &Endpointer{}, concat(silence(1), word, silence(2))), Ended)
	if len(found) != 1 {
		t.Fatalf("%d sentences", len(found))
	}
	if n := len(found[0].Samples); n < len(word) {
		t.Errorf("%d samples of %d", n, len(word))
	}
	if d := found[0].Delay; d > 600*time.Millisecond {
		t.Errorf("it took %v of silence to decide", d)
	}
}

// What is no speech must not begin a sentence: silence, noise, a click, music.
func TestWhatIsNoSpeechBeginsNothing(t *testing.T) {
	s, random := silero(t), rand.New(rand.NewPCG(3, 4))
	noise, clicks, music := silence(4), silence(4), silence(4)
	for i := range noise {
		noise[i] = float32(random.NormFloat64() * 0.05)
		at := float64(i) / Rate
		for _, f := range []float64{220, 277, 330} {
			music[i] += float32(0.1 * math.Sin(2*math.Pi*f*at) * math.Exp(-2*math.Mod(at, 0.5)))
		}
	}
	clicks[16000], clicks[40000] = 1, -1
	for name, samples := range map[string][]float32{"silence": silence(4), "noise": noise, "clicks": clicks, "music": music} {
		if found := events(t, s, &Endpointer{}, samples); len(found) > 0 {
			t.Errorf("%s: %d events", name, len(found))
		}
	}
}

// From here on the probabilities are given: speech, then a pause, then speech.
func push(e *Endpointer, seconds, p float64) (found []Event) {
	var frame [Frame]float32
	for range int(seconds * Rate / Frame) {
		if ev := e.Push(frame[:], p); ev.Kind != 0 {
			found = append(found, ev)
		}
	}
	return found
}

func TestAPauseDoesNotCutASpeakerWhoPauses(t *testing.T) {
	var e Endpointer
	for range 5 { // the speaker breathes for 0.42 s between words
		push(&e, 1, 0.9)
		push(&e, 0.42, 0.1)
		push(&e, 1, 0.9)
		push(&e, 2, 0.1)
	}
	push(&e, 1, 0.9)
	if found := push(&e, 0.55, 0.1); len(only(found, Ended)) > 0 {
		t.Error("a sentence ended in a pause that the speaker was known to make")
	}
	push(&e, 1, 0.9)
	ended := only(push(&e, 1.3, 0.1), Ended)
	if len(ended) != 1 || ended[0].Delay > 1250*time.Millisecond {
		t.Errorf("%+v", ended)
	}
}

func TestAnUnfinishedSentenceIsWaitedFor(t *testing.T) {
	var e Endpointer
	push(&e, 1, 0.9)
	found := push(&e, 0.3, 0.1)
	if len(found) != 1 || found[0].Kind != Paused {
		t.Fatalf("%+v", found)
	}
	e.Hold() // "show me the …"
	if found := push(&e, 0.6, 0.1); len(found) > 0 {
		t.Errorf("%+v", found)
	}
	if found := push(&e, 0.5, 0.1); len(found) != 1 || found[0].Kind != Ended {
		t.Errorf("%+v", found)
	}
}

func TestASentenceWithoutEndIsEnded(t *testing.T) {
	var e Endpointer
	ended := only(push(&e, 60, 0.9), Ended)
	if len(ended) != 2 || !ended[0].Cut || len(ended[0].Samples) > 30*Rate {
		t.Errorf("%d", len(ended))
	}
}

func TestFinishEndsWhatIsSaid(t *testing.T) {
	var e Endpointer
	if ev := e.Finish(); ev.Kind != 0 {
		t.Errorf("nobody spoke: %+v", ev)
	}
	push(&e, 1, 0.9)
	if ev := e.Finish(); ev.Kind != Ended || ev.Delay != 0 {
		t.Errorf("%+v", ev)
	}
}

// room is what a microphone hears of a loudspeaker: late, fainter, reflected.
func room(played []float32) []float32 {
	heard := make([]float32, len(played))
	for i := range heard {
		for _, r := range []struct {
			late int
			gain float32
		}{{1900, 0.5}, {1960, -0.2}, {2100, 0.1}, {2250, 0.05}} {
			if i >= r.late {
				heard[i] += r.gain * played[i-r.late]
			}
		}
	}
	return heard
}

// heardBeside runs a microphone's sound through the canceller and detection.
func heardBeside(t *testing.T, s *Silero, played, heard []float32) (found []Event) {
	t.Helper()
	s.Reset()
	c, e := NewCanceller(), &Endpointer{}
	for i := 0; i+Frame <= len(heard); i += Frame {
		left, echo := c.Clean(played[i:i+Frame], heard[i:i+Frame])
		if e.Least = 0; echo > 0.5 {
			e.Least = 0.8
		}
		p, err := s.Judge(left)
		if err != nil {
			t.Fatal(err)
		}
		if ev := e.Push(left, p); ev.Kind != 0 {
			found = append(found, ev)
		}
	}
	return found
}

func TestTheMirrorDoesNotHearItself(t *testing.T) {
	s, word := silero(t), spoken(t)
	played := concat(silence(0.5), word, word, silence(1))
	heard := room(played)
	if found := only(events(t, s, &Endpointer{}, heard), Began); len(found) == 0 {
		t.Fatal("without the canceller it should")
	}
	if found := only(heardBeside(t, s, played, heard), Began); len(found) > 0 {
		t.Errorf("it heard itself %d times", len(found))
	}
}

func TestSpeakingInterruptsTheMirror(t *testing.T) {
	s, word := silero(t), spoken(t)
	played := concat(silence(0.5), word, word, word, word, silence(1))
	heard := room(played)
	from := 3 * Rate
	for i, v := range word { // another voice, at another time of its sentence
		heard[from+i] += 0.8 * v
	}
	if found := only(heardBeside(t, s, played, heard), Began); len(found) == 0 {
		t.Error("it did not hear a person who spoke while it spoke")
	}
}

func TestJudgingAllocatesNothing(t *testing.T) {
	s := silero(t)
	frame := silence(1)[:Frame]
	if n := testing.AllocsPerRun(20, func() { s.Judge(frame) }); n > 0 {
		t.Errorf("%v allocations a frame", n)
	}
}
