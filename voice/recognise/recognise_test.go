package recognise

import (
	"context"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"cheval/models"
	"cheval/voice/sound"
)

func openTest(t testing.TB) *Recogniser {
	t.Helper()
	store, err := models.OpenHome()
	if err != nil {
		t.Fatal(err)
	}
	r, err := Open(store, models.CPU)
	if err != nil {
		t.Fatalf("%v (the tests hear with the installed models: `make models`)", err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func question(t testing.TB, name string) (samples []float32) {
	t.Helper()
	s, err := sound.OpenSpeech("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	buf := make([]float32, 4000)
	for {
		n, err := s.Read(buf)
		samples = append(samples, buf[:n]...)
		if err == io.EOF {
			return samples
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// One recogniser serves all, because loading it takes longer than hearing.
func TestRecogniser(t *testing.T) {
	r := openTest(t)
	hear := func(t *testing.T, samples []float32, o Options) Result {
		got, err := r.Transcribe(t.Context(), samples, o)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	t.Run("hears English and says so", func(t *testing.T) {
		got := hear(t, question(t, "show_me_round_sunglasses_under_fifty.wav"), Options{})
		if e, _ := WordErrors("show me round sunglasses under 50", got.Text); e > 0 || got.Language != "en" {
			t.Errorf("%+v", got)
		}
	})
	t.Run("hears Chinese and says so", func(t *testing.T) {
		got := hear(t, question(t, "you_mei_you_pian_yi_yi_dian_de.wav"), Options{})
		if e, n := WordErrors("有没有便宜一点的", got.Text); e*2 > n || got.Language != "zh" {
			t.Errorf("%+v", got)
		}
	})
	t.Run("hears what was clipped", func(t *testing.T) {
		samples := question(t, "show_me_round_sunglasses_under_fifty.wav")
		for i := range samples {
			samples[i] = max(-1, min(1, samples[i]*8))
		}
		if got := hear(t, samples, Options{}); !strings.Contains(strings.ToLower(got.Text), "sunglasses") {
			t.Errorf("%+v", got)
		}
	})
	t.Run("hears nothing in silence", func(t *testing.T) {
		for _, seconds := range []int{0, 1, 40} {
			if got := hear(t, make([]float32, seconds*Rate), Options{}); got.Text != "" || got.NoSpeech != 1 {
				t.Errorf("%d s: %+v", seconds, got)
			}
		}
	})
	t.Run("never speaks without end of noise", func(t *testing.T) {
		random := rand.New(rand.NewPCG(1, 1))
		noise := make([]float32, 3*Rate)
		for i := range noise {
			noise[i] = float32(random.NormFloat64() * 0.05)
		}
		if got := hear(t, noise, Options{}); len(got.Text) > 100 {
			t.Errorf("%+v", got)
		}
	})
	t.Run("stops when it is told to", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := r.Transcribe(ctx, question(t, "show_me_round_sunglasses_under_fifty.wav"), Options{}); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	t.Run("refuses a language that it does not know", func(t *testing.T) {
		if _, err := r.Transcribe(t.Context(), nil, Options{Language: "xx"}); err == nil {
			t.Error("no error")
		}
	})
	t.Run("ends", func(t *testing.T) {
		if err := errors.Join(r.Close(), r.Close()); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Transcribe(t.Context(), nil, Options{}); err == nil {
			t.Error("it hears after it was closed")
		}
	})
}

// Of silence every band is at the floor; of a tone the loudest is its own.
func TestMelFramesShowATone(t *testing.T) {
	m := newMelFilter()
	tone := make([]float32, Rate)
	for i := range tone {
		tone[i] = float32(0.5 * math.Sin(2*math.Pi*1000*float64(i)/Rate))
	}
	mel, best := m.run(tone, 100), 0
	for b := range melBands {
		if mel[b*100+50] > mel[best*100+50] {
			best = b
		}
	}
	edges := melEdges()
	if edges[best] > 1000 || edges[best+2] < 1000 {
		t.Errorf("a tone of 1000 Hz is loudest between %.0f and %.0f Hz", edges[best], edges[best+2])
	}
	for _, v := range m.run(nil, 10) {
		if v != (-10+4)/4.0 {
			t.Fatalf("silence is %v", v)
		}
	}
}
