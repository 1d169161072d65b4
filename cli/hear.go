package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"cheval/voice/recognise"
	"cheval/voice/sound"
)

// ears hear recordings; the models load with the first.
type ears struct {
	recogniser *recognise.Recogniser
	bias       []string
}

// errNobody is of a recording without speech.
var errNobody = errors.New("nobody speaks")

// heardText is what was heard in a recording.
type heardText struct {
	text, lang string
	ms         float64
}

// hear recognises a WAV file, half a minute at a time, whatever its length;
// stretches without sound are passed over.
func (m *meaning) hear(ctx context.Context, path, lang string) (heardText, error) {
	if m.ears == nil {
		r, err := recognise.Open(m.store, m.device)
		if err != nil {
			return heardText{}, err
		}
		m.ears = &ears{r, recognise.Names(m.stock.All())}
	}
	in, err := sound.OpenSpeech(path)
	if err != nil {
		return heardText{}, err
	}
	defer in.Close()
	out := heardText{lang: lang}
	var parts []string
	window := make([]float32, 30*sound.SpeechRate)
	for {
		n, err := fillWindow(in, window)
		if n > 0 {
			r, err := m.ears.recogniser.Transcribe(ctx, window[:n], recognise.Options{Bias: m.ears.bias, Language: out.lang})
			if err != nil {
				return out, err
			}
			if r.Text != "" {
				parts = append(parts, r.Text)
				out.lang = r.Language // of the first words; the others follow
			}
			out.ms += r.EncodeMS + r.DecodeMS
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return out, err
		}
	}
	out.text = strings.Join(parts, " ")
	if out.text == "" {
		return out, fmt.Errorf("ask: %w in %s; record the question again, nearer to the microphone", errNobody, path)
	}
	return out, nil
}

// fillWindow reads until dst is full or the recording ends.
func fillWindow(in *sound.Speech, dst []float32) (n int, err error) {
	for n < len(dst) && err == nil {
		var k int
		k, err = in.Read(dst[n:])
		n += k
	}
	return n, err
}

func (e *ears) close() { e.recogniser.Close() }
