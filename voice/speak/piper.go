package speak

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"cheval/models"

	"golang.org/x/text/unicode/norm"
)

// Sounds that Piper's voices all have: beginning, end, and what stands between
// any two.
const (
	soundBegin = "^"
	soundEnd   = "$"
	soundGap   = "_"
)

// maxSounds bounds one sentence.
const maxSounds = 1500

// piper is a loaded VITS voice. One goroutine at a time may use it.
type piper struct {
	config  config
	runtime *models.Runtime
	session *models.OpenSession
}

func loadPiper(store *models.Store, name string) (_ *piper, err error) {
	files, err := findVoice(store, name)
	if err != nil {
		return nil, err
	}
	p := &piper{}
	if p.config, err = readConfig(files.config); err != nil {
		return nil, err
	}
	return p, p.start(store, files.model)
}

func (p *piper) start(store *models.Store, path string) (err error) {
	if p.runtime, err = models.OpenRuntime(store, models.CPU); err != nil {
		return err
	}
	inputs := []string{"input", "input_lengths", "scales"}
	if p.config.Speakers > 1 {
		inputs = append(inputs, "sid")
	}
	p.session, err = p.runtime.LoadOpenFile("the voice", path, models.OpenOptions{Inputs: inputs, Outputs: []string{"output"}, Threads: 2})
	if err != nil {
		return errors.Join(err, p.close())
	}
	return nil
}

// speaks says whether the voice is of a language; espeak-ng calls Mandarin cmn.
func (p *piper) speaks(language string) bool {
	voice := p.config.Espeak.Voice
	return strings.HasPrefix(voice, language) || language == "zh" && strings.HasPrefix(voice, "cmn")
}

func (p *piper) close() error { return p.runtime.Close() }

// say makes the sound of one sentence.
func (p *piper) say(ctx context.Context, sentence string, speed float64) ([]float32, error) {
	clauses, err := phonemes(ctx, sentence, p.config.Espeak.Voice)
	if err != nil {
		return nil, err
	}
	sounds := p.sounds(withStops(clauses, sentence))
	if len(sounds) <= 4 { // nothing to say
		return nil, nil
	}
	return p.speak(sounds, speed)
}

// withStops puts the punctuation, which espeak-ng drops and the voice was
// trained with, back behind the clauses.
func withStops(clauses []string, sentence string) string {
	var stops []string
	runes := []rune(sentence)
	for i, r := range runes {
		if strings.ContainsRune(",.;:?!", r) && (i+1 == len(runes) || runes[i+1] == ' ') {
			stops = append(stops, string(r))
		}
	}
	if len(stops) > 0 && len(stops) == len(clauses)-1 {
		stops = append(stops, ".")
	}
	var b strings.Builder
	for i, c := range clauses {
		b.WriteString(c)
		switch {
		case len(stops) == len(clauses):
			b.WriteString(stops[i])
		case i+1 < len(clauses):
			b.WriteString(",")
		default:
			b.WriteString(".")
		}
		if i+1 < len(clauses) {
			b.WriteString(" ")
		}
	}
	return b.String()
}

// sounds turns phonemes into the voice's numbers; those it does not have are
// left out.
func (p *piper) sounds(text string) []int64 {
	gap := p.config.Sounds[soundGap]
	ids := append(append([]int64(nil), p.config.Sounds[soundBegin]...), gap...)
	for _, r := range norm.NFD.String(text) {
		if id, ok := p.config.Sounds[string(r)]; ok && len(ids) < maxSounds {
			ids = append(append(ids, id...), gap...)
		}
	}
	return append(ids, p.config.Sounds[soundEnd]...)
}

// speak runs the voice.
func (p *piper) speak(sounds []int64, speed float64) ([]float32, error) {
	var in []*models.Value
	defer func() {
		for _, v := range in {
			v.Close()
		}
	}()
	scales := []float32{p.config.Inference.Noise, p.config.Inference.Length / float32(speed), p.config.Inference.NoiseW}
	for _, make := range []func() (*models.Value, error){
		func() (*models.Value, error) { return models.NewValue(sounds, 1, int64(len(sounds))) },
		func() (*models.Value, error) { return models.NewValue([]int64{int64(len(sounds))}, 1) },
		func() (*models.Value, error) { return models.NewValue(scales, 3) },
		func() (*models.Value, error) { return models.NewValue([]int64{0}, 1) }, // the first of several speakers
	} {
		v, err := make()
		if err != nil {
			return nil, err
		}
		in = append(in, v)
	}
	n := 3
	if p.config.Speakers > 1 {
		n = 4
	}
	out, err := p.session.Run(in[:n]...)
	if err != nil {
		return nil, err
	}
	defer out[0].Close()
	return tidy(out[0].Floats())
}

// tidy copies the voice's samples, within ±1.
func tidy(raw []float32) ([]float32, error) {
	if len(raw) > maxSpoken {
		return nil, fmt.Errorf("speak: the voice made %d samples of one sentence", len(raw))
	}
	samples := make([]float32, len(raw))
	for i, v := range raw {
		if math.IsNaN(float64(v)) {
			return nil, errors.New("speak: the voice made no sound but nonsense: choose another")
		}
		samples[i] = max(-1, min(1, v))
	}
	return samples, nil
}
