package recognise

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"cheval/models"
)

// The models of the manifest.
const (
	encoderModel = "whisper_encoder"
	decoderModel = "whisper_decoder"
	tokensModel  = "whisper_tokens"
)

// Sizes of Whisper base.
const (
	layers     = 6
	heads      = 8
	headWidth  = 64
	maxWindow  = 30 // seconds
	perSecond  = 50 // what the encoder hears of a second
	maxContext = 448
	threads    = 2
)

// windows are how many seconds the encoder may look at. Shorter ones are
// dangerous: what follows is filled with silence as the encoder hears it in
// its full half minute (see silence), so that the decoder finds the end.
var windows = [...]int{10, 15, 20, maxWindow}

// whisper is the loaded model. One goroutine at a time may use it.
type whisper struct {
	runtime          *models.Runtime
	encoder, decoder *models.OpenSession
	words            *vocabulary
	mel              *melFilter
	// silence is what the encoder makes of 30 s of silence, for each of the
	// decoder's inputs: keys [8,64,1500] and values [8,1500,64].
	silence [][]float32
	// biased is the tree of biasFor, kept because the catalogue seldom changes.
	biasFor []string
	biased  *bias
}

func loadWhisper(store *models.Store) (_ *whisper, err error) {
	b, err := store.Read(tokensModel)
	if err != nil {
		return nil, err
	}
	w := &whisper{mel: newMelFilter()}
	if w.words, err = readVocabulary(b); err != nil {
		return nil, err
	}
	if w.runtime, err = models.OpenRuntime(store, models.CPU); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.close())
		}
	}()
	cross, past, present := portNames("cross"), portNames("past"), portNames("present")
	w.encoder, err = w.runtime.LoadOpen(encoderModel, models.OpenOptions{Inputs: []string{"mel"}, Outputs: cross, Threads: threads})
	if err != nil {
		return nil, err
	}
	w.decoder, err = w.runtime.LoadOpen(decoderModel, models.OpenOptions{
		Inputs:  append(append([]string{"tokens", "positions", "mask"}, past...), cross...),
		Outputs: append([]string{"logits"}, present...), Threads: threads})
	if err != nil {
		return nil, err
	}
	return w, w.hearSilence()
}

func portNames(of string) (names []string) {
	for i := range layers {
		names = append(names, fmt.Sprintf("%s_k_%d", of, i), fmt.Sprintf("%s_v_%d", of, i))
	}
	return names
}

func (w *whisper) close() error { return w.runtime.Close() }

// hearSilence keeps what the encoder makes of silence.
func (w *whisper) hearSilence() error {
	heard, err := w.encodeWindow(context.Background(), nil, maxWindow)
	if err != nil {
		return err
	}
	defer closeAll(heard)
	for _, v := range heard {
		w.silence = append(w.silence, append([]float32(nil), v.Floats()...))
	}
	return nil
}

// encodeWindow hears that many seconds of samples.
func (w *whisper) encodeWindow(ctx context.Context, samples []float32, seconds int) ([]*models.Value, error) {
	frames := seconds * perSecond * 2
	mel, err := models.NewValue(w.mel.run(samples, frames), 1, melBands, int64(frames))
	if err != nil {
		return nil, err
	}
	defer mel.Close()
	return w.encoder.RunUntil(ctx, mel)
}

// encode hears samples in the shortest window that holds them and fills the
// rest of the half minute with silence.
func (w *whisper) encode(ctx context.Context, samples []float32) ([]*models.Value, error) {
	seconds := maxWindow
	for _, s := range windows {
		if len(samples) <= s*Rate {
			seconds = s
			break
		}
	}
	heard, err := w.encodeWindow(ctx, samples, seconds)
	if err != nil || seconds == maxWindow {
		return heard, err
	}
	defer closeAll(heard)
	filled := make([]*models.Value, len(heard))
	for i, v := range heard {
		if filled[i], err = w.fill(v.Floats(), w.silence[i], i%2 == 0, seconds*perSecond); err != nil {
			closeAll(filled)
			return nil, err
		}
	}
	return filled, nil
}

// contextFrames is how much the decoder sees: speech, then silence.
const contextFrames = maxWindow * perSecond

// fill puts the first n frames over those of silence. Keys lie [8,64,frames],
// values [8,frames,64].
func (w *whisper) fill(heard, silence []float32, keys bool, n int) (*models.Value, error) {
	out := append([]float32(nil), silence...)
	rows, width := heads, headWidth
	shape := []int64{heads, contextFrames, headWidth}
	if keys {
		rows, width = heads*headWidth, 1
		shape = []int64{heads, headWidth, contextFrames}
	}
	for r := range rows {
		copy(out[r*contextFrames*width:], heard[r*n*width:(r+1)*n*width])
	}
	return models.NewValue(out, shape...)
}

// transcribe recognises at most half a minute.
func (w *whisper) transcribe(ctx context.Context, samples []float32, o Options) (Result, error) {
	if quiet(samples) {
		return Result{Language: o.Language, NoSpeech: 1}, ctx.Err()
	}
	start := time.Now()
	cross, err := w.encode(ctx, samples)
	if err != nil {
		return Result{}, err
	}
	defer closeAll(cross)
	encoded := time.Now()
	d := &decoding{w: w, cross: cross, bias: w.biasTree(o.Bias), limit: tokenLimit(len(samples)), likely: o.Likely}
	r, err := d.run(ctx, o.Language)
	if err != nil {
		return Result{}, err
	}
	r.EncodeMS, r.DecodeMS = milliseconds(encoded.Sub(start)), milliseconds(time.Since(encoded))
	return r, nil
}

// quiet says whether the sound is too faint for anybody to have spoken (below
// −66 dB of full scale everywhere).
func quiet(samples []float32) bool {
	for _, s := range samples {
		if math.Abs(float64(s)) > 0.0005 {
			return false
		}
	}
	return true
}

// tokenLimit is how many tokens speech of that length can have: nobody says
// more than eight a second.
func tokenLimit(samples int) int { return min(16+8*samples/Rate, maxContext/2) }

func (w *whisper) biasTree(phrases []string) *bias {
	if w.biased == nil || strings.Join(phrases, "\n") != strings.Join(w.biasFor, "\n") {
		w.biasFor = append([]string(nil), phrases...)
		w.biased = newBias(w.words, phrases)
	}
	return w.biased
}

func closeAll(values []*models.Value) {
	for _, v := range values {
		v.Close()
	}
}
