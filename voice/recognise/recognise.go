// Package recognise turns speech into text: Whisper base, English and Chinese,
// with the catalogue's own words preferred where the sound allows them.
//
// It leaves to others when somebody speaks (voice/detect), where sound comes
// from (voice/mic, voice/sound), and what the text means (voice/understand).
package recognise

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"cheval/models"
)

// Rate is the sampling rate of all speech here, in Hz.
const Rate = 16000

// Options of one recognition.
type Options struct {
	// Bias are words and names that are likely, of the catalogue: at most
	// MaxBias are used.
	Bias []string
	// Language is "en" or "zh"; empty, it is detected among the two.
	Language string
	// Likely is the language that is expected where none is given, such as the
	// screen's; "" for none.
	Likely string
}

// MaxBias bounds how many phrases bias the decoder.
const MaxBias = 4000

// Result is what was heard.
type Result struct {
	Text               string  // without spaces around; empty where nobody spoke
	Language           string  // "en" or "zh"
	LanguageConfidence float64 // of the two, 0–1; 1 where it was given
	NoSpeech           float64 // how likely it is that nobody spoke, 0–1
	LogProb            float64 // mean of the tokens' log probabilities
	Temperature        float64 // 0 unless the first try failed
	Repeated           bool    // the model fell into repetition, which was cut
	EncodeMS           float64
	DecodeMS           float64
}

// Recogniser holds Whisper. Nothing is in memory until the first Transcribe
// (or Load). Any goroutine may use it; one sentence is recognised at a time.
type Recogniser struct {
	store  *models.Store
	asked  models.Device
	mu     sync.Mutex
	loaded *whisper
	closed bool
}

// Open prepares a recogniser without loading it: it only checks that the
// models are there.
func Open(store *models.Store, device models.Device) (*Recogniser, error) {
	if _, err := models.ParseDevice(string(device)); err != nil {
		return nil, err
	}
	for _, name := range []string{encoderModel, decoderModel, tokensModel} {
		if _, err := store.Path(name); err != nil {
			return nil, err
		}
	}
	return &Recogniser{store: store, asked: device}, nil
}

// Provider tells what runs the recogniser: always the CPU, because CUDA has no
// kernels for its 8-bit weights.
func (r *Recogniser) Provider() models.Provider {
	p := models.Provider{Asked: r.asked, Ran: models.CPU, Why: "speech is recognised with 8-bit weights, which run on the CPU"}
	if r.asked == models.CPU {
		p.Why = "asked for"
	}
	return p
}

// Load loads the models, so that the first sentence does not wait for it.
func (r *Recogniser) Load() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.load()
}

func (r *Recogniser) load() (err error) {
	if r.closed {
		return errors.New("recognise: the recogniser was used after it was closed")
	}
	if r.loaded == nil {
		r.loaded, err = loadWhisper(r.store)
	}
	return err
}

// Transcribe recognises samples (mono, Rate, ±1) of any length, half a minute
// at a time. It loads the models at first. Silence gives an empty text.
func (r *Recogniser) Transcribe(ctx context.Context, samples []float32, o Options) (Result, error) {
	if o.Language != "" && o.Language != "en" && o.Language != "zh" {
		return Result{}, fmt.Errorf("recognise: language %q is not one of en, zh", o.Language)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.load(); err != nil {
		return Result{}, err
	}
	var all Result
	for start := 0; start == 0 || start < len(samples); start += maxWindow * Rate {
		part := samples[start:min(len(samples), start+maxWindow*Rate)]
		one, err := r.loaded.transcribe(ctx, part, o)
		if err != nil {
			return Result{}, err
		}
		all = join(all, one, start == 0)
	}
	return all, nil
}

// join adds the result of the next half minute.
func join(a, b Result, first bool) Result {
	if first {
		return b
	}
	a.EncodeMS, a.DecodeMS = a.EncodeMS+b.EncodeMS, a.DecodeMS+b.DecodeMS
	if b.Text == "" {
		return a
	}
	if a.Text == "" {
		b.EncodeMS, b.DecodeMS = a.EncodeMS, a.DecodeMS
		return b
	}
	gap := " "
	if a.Language == "zh" {
		gap = ""
	}
	a.Text += gap + b.Text
	a.Repeated = a.Repeated || b.Repeated
	a.LogProb = min(a.LogProb, b.LogProb)
	return a
}

// Close frees the models. It waits for a recognition that runs, and may be
// called twice.
func (r *Recogniser) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	if r.loaded == nil {
		return nil
	}
	err := r.loaded.close()
	r.loaded = nil
	return err
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
