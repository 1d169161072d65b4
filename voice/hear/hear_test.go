package hear

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"cheval/models/modelstest"
	"cheval/voice/detect"
	"cheval/voice/recognise"
	"cheval/voice/sound"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// script is sound whose loudness says how likely it is speech: a frame of the
// script is a quarter of a second.
type script struct {
	frames []float32
	at     int
	end    error
	on     func(at int) // called before each quarter of a second
}

const quarter = detect.Rate / detect.Frame / 4

// say turns "--####--" into sound: # is speech.
func say(text string, end error) *script {
	s := &script{end: end}
	for _, c := range text {
		v := float32(0)
		if c == '#' {
			v = 0.9
		}
		for range quarter {
			s.frames = append(s.frames, v)
		}
	}
	return s
}

func (s *script) Read(ctx context.Context, dst []float32) error {
	if s.at%quarter == 0 && s.on != nil {
		s.on(s.at / quarter)
	}
	if s.at == len(s.frames) {
		return s.end
	}
	for i := range dst {
		dst[i] = s.frames[s.at]
	}
	s.at++
	return ctx.Err()
}

// loudness judges by the script.
type loudness struct{}

func (loudness) Judge(frame []float32) (float64, error) { return float64(frame[0]), nil }
func (loudness) Reset()                                 {}

// words answers each recognition with the next text; the last stays.
type words struct {
	mu    sync.Mutex
	texts []string
	calls int
}

func (w *words) Transcribe(ctx context.Context, _ []float32, _ recognise.Options) (recognise.Result, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls++
	text := w.texts[0]
	if len(w.texts) > 1 {
		w.texts = w.texts[1:]
	}
	return recognise.Result{Text: text, Language: "en"}, ctx.Err()
}

// listen runs a listener to the end and returns what it told, levels left out.
func listen(t *testing.T, mode Mode, s *script, w *words, prepare func(*Listener)) (told []Event, err error) {
	t.Helper()
	l := New(Config{Source: s, Judge: loudness{}, Recogniser: w, Mode: mode, Tell: func(e Event) {
		if e.Kind != Level {
			told = append(told, e)
		}
	}})
	if prepare != nil {
		prepare(l)
	}
	err = l.Run(t.Context())
	return told, err
}

// heard are the sentences told.
func heard(told []Event) (texts []string) {
	for _, e := range told {
		if e.Kind == Heard {
			texts = append(texts, e.Result.Text)
		}
	}
	return texts
}

func TestASentenceIsHeard(t *testing.T) {
	told, err := listen(t, Always, say("--####------", io.EOF), &words{texts: []string{"show me round ones"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := heard(told); len(got) != 1 || got[0] != "show me round ones" {
		t.Fatalf("%v", got)
	}
	if told[0].Kind != Speaking {
		t.Errorf("speaking must be told first, so that the mirror falls silent: %v", told[0].Kind)
	}
	if d := told[len(told)-1].Delay; d <= 0 || d.Milliseconds() > 600 {
		t.Errorf("decided after %v", d)
	}
}

func TestTappedItHearsOneSentence(t *testing.T) {
	w := &words{texts: []string{"one"}}
	s := say("-####-----####-----", io.EOF)
	told, _ := listen(t, Tap, s, w, nil)
	if len(told) > 0 {
		t.Errorf("nobody tapped: %v", told)
	}
	told, _ = listen(t, Tap, say("-####-----####-----", io.EOF), w, (*Listener).Press)
	if got := heard(told); len(got) != 1 {
		t.Errorf("%v", got)
	}
}

func TestATapWithoutWordsEnds(t *testing.T) {
	told, _ := listen(t, Tap, say(strings.Repeat("-", 40), io.EOF), &words{texts: []string{""}}, (*Listener).Press)
	if len(told) != 1 || told[0].Kind != Nothing {
		t.Errorf("%+v", told)
	}
}

func TestPushedItHearsUntilReleased(t *testing.T) {
	s := say("####-###########", io.EOF)
	var l *Listener
	s.on = func(at int) {
		switch at {
		case 1:
			l.Press()
		case 10:
			l.Release()
		}
	}
	told, _ := listen(t, Push, s, &words{texts: []string{"held"}}, func(x *Listener) { l = x })
	if got := heard(told); len(got) != 1 || got[0] != "held" {
		t.Errorf("%v", told)
	}
}

func TestAWakeWordCallsTheMirror(t *testing.T) {
	for _, c := range []struct {
		said []string
		want string
	}{
		{[]string{"Hello mirror, show me round ones."}, "show me round ones."},
		{[]string{"Hello, Mirror!", "show me round ones"}, "show me round ones"},
		{[]string{"Shall we go for lunch?", "yes"}, ""},
		{[]string{"魔镜，有没有便宜一点的？"}, "有没有便宜一点的？"},
	} {
		s := say(strings.Repeat("-##-----", len(c.said)), io.EOF) // short: each is recognised once, in its pause
		told, _ := listen(t, Wake, s, &words{texts: c.said}, nil)
		if got := strings.Join(heard(told), "|"); got != c.want {
			t.Errorf("%q: heard %q, not %q", c.said, got, c.want)
		}
	}
}

func TestAMicrophoneThatVanishesMidSentenceIsSaid(t *testing.T) {
	gone := errors.New("microphone: Desk is gone: plug it in again")
	told, err := listen(t, Always, say("-####", gone), &words{texts: []string{"half"}}, nil)
	if !errors.Is(err, gone) || len(heard(told)) > 0 {
		t.Errorf("%v %v", err, told)
	}
}

func TestUnfinishedSentencesAreKnown(t *testing.T) {
	for text, want := range map[string]bool{
		"Show me the": true, "sunglasses under": true, "round and...": true, "我想要黑色和": true, "show me round ones": false, "红色的": false, "": false,
	} {
		if unfinished(text) != want {
			t.Errorf("%q", text)
		}
	}
}

func TestMirrorsAreNotTheMirror(t *testing.T) {
	if rest, called := afterWakeWord("Hello mirrors are nice"); called {
		t.Errorf("%q", rest)
	}
}

// A file goes through Silero: two sentences with a pause are two, noise is
// none.
func TestAFileIsHeardSentenceBySentence(t *testing.T) {
	r := modelstest.Runtime(t)
	judge, err := detect.NewSilero(r)
	if err != nil {
		t.Fatal(err)
	}
	in, err := sound.OpenSpeech("../recognise/testdata/show_me_round_sunglasses_under_fifty.wav")
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	word := make([]float32, 4*detect.Rate)
	for n := 0; ; {
		k, err := in.Read(word[n:])
		if n += k; err != nil {
			break
		}
	}
	path := filepath.Join(t.TempDir(), "two.wav")
	if err := sound.WriteWAV(path, append(append([]float32(nil), word...), word...), detect.Rate); err != nil {
		t.Fatal(err)
	}
	w := &words{texts: []string{"first", "second"}}
	var got []string
	err = File(t.Context(), path, judge, w, recognise.Options{}, func(r recognise.Result) bool { got = append(got, r.Text); return true })
	if err != nil || strings.Join(got, " ") != "first second" {
		t.Errorf("%v %v", got, err)
	}
}
