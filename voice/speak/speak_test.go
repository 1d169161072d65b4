package speak

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cheval/models"
	"cheval/models/modelstest"
	"cheval/voice/sound"
)

func TestSentencesAreSpokenOneByOne(t *testing.T) {
	for text, want := range map[string][]string{
		"It costs 49.90 euros. Would you like it?": {"It costs 49.90 euros.", "Would you like it?"},
		"有三副。最便宜的是四十九元！":                           {"有三副。", "最便宜的是四十九元！"},
		"  \n\t ":                                nil,
		"<b>Aria</b>\x00\x1b[31m [[h@'l@U]] {x}": {"b Aria /b 31m h@'l@U x"},
		"--help":                                 {"--help"},
	} {
		if got := Sentences(text); !slices.Equal(got, want) {
			t.Errorf("%q: %q", text, got)
		}
	}
}

// A sentence of 10,000 characters is said in breaths, and nothing is lost.
func TestALongSentenceIsSaidInBreaths(t *testing.T) {
	long := strings.Repeat("round sunglasses, ", 560)
	parts := Sentences(long)
	for _, p := range parts {
		if len([]rune(p)) > maxSentence {
			t.Fatalf("%d characters in one breath", len([]rune(p)))
		}
	}
	if got := strings.Join(parts, " "); got != strings.TrimSpace(long) {
		t.Error("something was lost")
	}
	if parts := Sentences(strings.Repeat("镜", 10000)); len([]rune(strings.Join(parts, ""))) != 10000 {
		t.Error("something was lost of one long word")
	}
}

func TestTheFirstWordsComeEarly(t *testing.T) {
	for text, want := range map[string]int{
		"I found twelve round sunglasses, and the first is called Aria. Try it?": 3,
		"Yes, it fits.": 1,
		"我找到了三副圆形的太阳镜，最便宜的一副是四十九元，要试试看吗？": 2,
	} {
		if got := early(Sentences(text)); len(got) != want {
			t.Errorf("%q", got)
		}
	}
}

func TestStopsComeBackBehindTheirClauses(t *testing.T) {
	for _, c := range []struct {
		clauses        []string
		sentence, want string
	}{
		{[]string{"həlˈoʊ", "aɪm aˈɹiə"}, "Hello, I'm Aria.", "həlˈoʊ, aɪm aˈɹiə."},
		{[]string{"dˈʌz ɪt fˈɪt"}, "Does it fit?", "dˈʌz ɪt fˈɪt?"},
		{[]string{"a", "b"}, "a (b)", "a, b."},
		{[]string{"it kˈɔsts"}, "It costs 49.90", "it kˈɔsts."},
	} {
		if got := withStops(c.clauses, c.sentence); got != c.want {
			t.Errorf("%q: %q, not %q", c.sentence, got, c.want)
		}
	}
}

func TestVoicesSpeak(t *testing.T) {
	for _, c := range []struct{ voice, language, text string }{
		{Espeak, "en", "Hello."}, {Espeak, "zh", "你好。"}, {Joe, "en", "Hello. There are two."}, {Joe, "zh", "你好。"},
	} {
		s, err := Open(modelstest.Store(t), Settings{Voice: c.voice})
		if err != nil {
			t.Fatalf("%v (the tests speak with espeak-ng and the installed models: `make models`)", err)
		}
		n := 0
		err = s.Say(t.Context(), c.text, c.language, func(one Sound) error {
			n++
			if l := sound.Measure(one.Samples); l.RMS < 0.005 || len(one.Samples) < one.Rate/5 {
				t.Errorf("%+v: %d samples, %+v", c, len(one.Samples), l)
			}
			return nil
		})
		if err != nil || n != len(Sentences(c.text)) {
			t.Errorf("%+v: %d sentences, %v", c, n, err)
		}
		if err := errors.Join(s.Close(), s.Close()); err != nil {
			t.Error(err)
		}
	}
}

func TestAnAnswerIsInterruptedBetweenSentences(t *testing.T) {
	s, err := Open(modelstest.Store(t), Settings{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	err = s.Say(ctx, "One. Two. Three.", "en", func(Sound) error { n++; cancel(); return nil })
	if !errors.Is(err, context.Canceled) || n != 1 {
		t.Errorf("%d sentences, %v", n, err)
	}
}

func TestWithoutEspeakThereAreCaptionsOnly(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := Open(modelstest.Store(t), Settings{}); !errors.Is(err, ErrNoEspeak) {
		t.Error(err)
	}
}

func TestTooMuchIsNotSpoken(t *testing.T) {
	s, err := Open(modelstest.Store(t), Settings{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Say(t.Context(), strings.Repeat("a ", MaxText), "en", nil); err == nil {
		t.Error("no error")
	}
	for _, speed := range []float64{0.1, 3, -1} {
		if _, err := Open(modelstest.Store(t), Settings{Speed: speed}); err == nil {
			t.Errorf("speed %v", speed)
		}
	}
}

// home is a store whose models are the installed ones, and whose voices are
// its own.
func home(t *testing.T) *models.Store {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "models"), 0o755); err != nil {
		t.Fatal(err)
	}
	found, err := filepath.Glob(filepath.Join(modelstest.Store(t).Folder(), "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		if filepath.Base(f) != "voices" {
			if err := os.Symlink(f, filepath.Join(dir, "models", filepath.Base(f))); err != nil {
				t.Fatal(err)
			}
		}
	}
	s, err := models.OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAVoiceIsImportedAndSpeaks(t *testing.T) {
	store := home(t)
	joe, err := findVoice(store, Joe)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "shop-voice.onnx")
	for from, to := range map[string]string{joe.model: path, joe.config: path + ".json"} {
		b, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	name, err := Import(store, path)
	if err != nil || name != "shop-voice" || !slices.Contains(Voices(store), name) {
		t.Fatalf("%s, %v, %v", name, err, Voices(store))
	}
	s, err := Open(store, Settings{Voice: name, Speed: 1.5})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Say(t.Context(), "Hello.", "en", func(Sound) error { return nil }); err != nil {
		t.Error(err)
	}
}

func TestWhatIsNoVoiceIsRefused(t *testing.T) {
	store := home(t)
	joe, err := findVoice(store, Joe)
	if err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(joe.config)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	put := func(name string, model, config []byte) string {
		path := filepath.Join(dir, name)
		os.WriteFile(path, model, 0o600)
		if config != nil {
			os.WriteFile(path+".json", config, 0o600)
		}
		return path
	}
	evil := []byte(strings.Replace(string(good), `"en-us"`, `"--load /etc/passwd"`, 1))
	for what, path := range map[string]string{
		"no JSON":             put("a.onnx", []byte("x"), nil),
		"a JSON of something": put("b.onnx", []byte("x"), []byte(`{"a":1}`)),
		"no model":            put("c.onnx", []byte("x"), good),
		"an option as voice":  put("d.onnx", []byte("x"), evil),
		"a name with spaces":  put("e f.onnx", []byte("x"), good),
		"nothing":             filepath.Join(dir, "gone.onnx"),
	} {
		if _, err := Import(store, path); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if got := Voices(store); len(got) != 2 {
		t.Errorf("%v", got)
	}
	if _, err := Open(store, Settings{Voice: "../../etc"}); err == nil {
		t.Error("a path was taken for a voice")
	}
}

func FuzzVoiceJSON(f *testing.F) {
	f.Add([]byte(`{"audio":{"sample_rate":22050},"espeak":{"voice":"en-us"},"inference":{"noise_scale":0.6,"length_scale":1,"noise_w":0.8},"phoneme_id_map":{"^":[1],"$":[2],"_":[0]}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := parseConfig(b)
		if err != nil {
			return
		}
		p := &piper{config: c}
		if n := len(p.sounds(strings.Repeat("aˈɹiə ^$_", 1000))); n > maxSounds+64 {
			t.Fatalf("%d sounds", n)
		}
	})
}

func FuzzSentences(f *testing.F) {
	f.Add("It costs 49.90 euros. Would you like it?")
	f.Add("\x00[[a]]<speak>！，")
	f.Fuzz(func(t *testing.T, s string) {
		for _, one := range Sentences(s) {
			if len([]rune(one)) > maxSentence || strings.ContainsAny(one, "<>[]\n\x00") {
				t.Fatalf("%q", one)
			}
		}
	})
}
