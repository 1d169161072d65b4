package speak

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"cheval/internal/wholefile"
	"cheval/models"
)

// Bounds of a voice that a person brings.
const (
	maxConfig = 1 << 20
	maxVoice  = 256 << 20
)

// config is what Cheval reads of a Piper voice's JSON.
type config struct {
	Audio struct {
		Rate int `json:"sample_rate"`
	} `json:"audio"`
	Espeak struct {
		Voice string `json:"voice"`
	} `json:"espeak"`
	Inference struct {
		Noise  float32 `json:"noise_scale"`
		Length float32 `json:"length_scale"`
		NoiseW float32 `json:"noise_w"`
	} `json:"inference"`
	Kind     string             `json:"phoneme_type"`
	Sounds   map[string][]int64 `json:"phoneme_id_map"`
	Speakers int                `json:"num_speakers"`
}

var espeakNames = regexp.MustCompile(`^[a-z]{2,3}(-[a-z0-9]{1,8}){0,3}$`)

// parseConfig reads a voice's JSON and refuses what cannot be one.
func parseConfig(b []byte) (c config, err error) {
	if err := json.Unmarshal(b, &c); err != nil {
		return c, errors.New("its JSON cannot be read")
	}
	scale := func(v, most float32) bool { return v >= 0 && v <= most }
	switch {
	case c.Audio.Rate < 8000 || c.Audio.Rate > 48000:
		return c, fmt.Errorf("its JSON claims %d samples a second", c.Audio.Rate)
	case !espeakNames.MatchString(c.Espeak.Voice):
		return c, fmt.Errorf("its JSON names no voice of espeak-ng (%.20q)", c.Espeak.Voice)
	case c.Kind != "" && c.Kind != "espeak":
		return c, fmt.Errorf("its sounds are of kind %.20q: only voices with espeak's sounds can speak here", c.Kind)
	case c.Inference.Length <= 0 || !scale(c.Inference.Length, 4) || !scale(c.Inference.Noise, 2) || !scale(c.Inference.NoiseW, 2):
		return c, errors.New("its JSON has no usable inference scales")
	case len(c.Sounds) > 4096 || c.Speakers < 0 || c.Speakers > 10000:
		return c, errors.New("its JSON is larger than any voice's")
	}
	for _, must := range []string{soundBegin, soundEnd, soundGap} {
		if len(c.Sounds[must]) == 0 {
			return c, fmt.Errorf("its JSON lacks the sound %q", must)
		}
	}
	for _, ids := range c.Sounds {
		for _, id := range ids {
			if len(ids) > 8 || id < 0 || id > 4096 {
				return c, errors.New("its JSON numbers its sounds as no voice does")
			}
		}
	}
	return c, nil
}

func readConfig(path string) (config, error) {
	b, err := readBounded(path, maxConfig)
	if err != nil {
		return config{}, fmt.Errorf("speak: %w", err)
	}
	c, err := parseConfig(b)
	if err != nil {
		return c, fmt.Errorf("speak: voice %s: %w", filepath.Base(path), err)
	}
	return c, nil
}

func readBounded(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(b)) > most {
		err = fmt.Errorf("%s has more than %d MB", filepath.Base(path), most>>20)
	}
	return b, err
}

// voiceFiles are a voice's model and JSON.
type voiceFiles struct{ model, config string }

var voiceNames = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)

func findVoice(store *models.Store, name string) (f voiceFiles, err error) {
	if name == Joe {
		if f.model, err = store.Path("en_us_joe_medium"); err != nil {
			return f, err
		}
		f.config, err = store.Path("en_us_joe_medium_config")
		return f, err
	}
	if !voiceNames.MatchString(name) {
		return f, fmt.Errorf("speak: %.40q is no voice's name", name)
	}
	f.model = filepath.Join(voicesFolder(store), name+".onnx")
	f.config = f.model + ".json"
	if _, err := os.Stat(f.config); err != nil {
		return f, fmt.Errorf("speak: there is no voice %s: choose one of %s", name, strings.Join(Voices(store), ", "))
	}
	return f, nil
}

func voicesFolder(store *models.Store) string { return filepath.Join(store.Folder(), "voices") }

// Voices lists what Settings.Voice may name.
func Voices(store *models.Store) []string {
	names := []string{Espeak}
	if _, err := store.Path("en_us_joe_medium"); err == nil {
		names = append(names, Joe)
	}
	found, _ := filepath.Glob(filepath.Join(voicesFolder(store), "*.onnx.json")) // the pattern is a good one
	for _, path := range found {
		names = append(names, strings.TrimSuffix(filepath.Base(path), ".onnx.json"))
	}
	return names
}

// Import takes a Piper voice, an ONNX file with its JSON beside it (NAME.onnx
// and NAME.onnx.json), lets it say a sound, and keeps it under its name, which
// it returns. Nothing changes where it fails.
func Import(store *models.Store, path string) (string, error) {
	name := strings.TrimSuffix(filepath.Base(path), ".onnx")
	refuse := func(err error) (string, error) {
		return "", fmt.Errorf("speak: import voice %s: %w", filepath.Base(path), err)
	}
	if !voiceNames.MatchString(name) || name == Joe || name == Espeak {
		return refuse(errors.New("a voice's name has at most 64 letters, digits, - and _: rename its two files"))
	}
	raw, err := readBounded(path+".json", maxConfig)
	if err != nil {
		return refuse(fmt.Errorf("its JSON must lie beside it: %w", err))
	}
	c, err := parseConfig(raw)
	if err != nil {
		return refuse(err)
	}
	model, err := readBounded(path, maxVoice)
	if err != nil {
		return refuse(err)
	}
	if err := tryVoice(store, c, path); err != nil {
		return refuse(err)
	}
	to := filepath.Join(voicesFolder(store), name+".onnx")
	if err := writeWhole(to, model); err != nil {
		return refuse(err)
	}
	if err := writeWhole(to+".json", raw); err != nil { // last: a voice without it is none
		return refuse(err)
	}
	return name, nil
}

// tryVoice lets the voice say one sound.
func tryVoice(store *models.Store, c config, path string) error {
	p := &piper{config: c}
	if err := p.start(store, path); err != nil {
		return err
	}
	samples, err := p.speak(p.sounds("a"), 1)
	if err == nil && len(samples) == 0 {
		err = errors.New("it makes no sound")
	}
	return errors.Join(err, p.close())
}

func writeWhole(path string, b []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return wholefile.Write(path, 0o644, func(f *os.File) error {
		_, err := f.Write(b)
		return err
	})
}
