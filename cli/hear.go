package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"cheval/voice/detect"
	"cheval/voice/hear"
	"cheval/voice/recognise"
)

// ears hear recordings as the mirror hears its microphone; the models load with
// the first.
type ears struct {
	judge      *detect.Silero
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

// hear recognises the sentences of a WAV file of any length, found as they are
// found at the microphone. The language is the first sentence's.
func (m *meaning) hear(ctx context.Context, path, lang string) (heardText, error) {
	if err := m.openEars(); err != nil {
		return heardText{}, err
	}
	var out heardText
	var parts []string
	o := recognise.Options{Bias: m.ears.bias, Language: lang}
	err := hear.File(ctx, path, m.ears.judge, m.ears.recogniser, o, func(r recognise.Result) bool {
		if len(parts) == 0 {
			out.lang = r.Language
		}
		parts = append(parts, r.Text)
		out.ms += r.EncodeMS + r.DecodeMS
		return true
	})
	if err != nil {
		return out, err
	}
	gap := " "
	if out.lang == "zh" {
		gap = ""
	}
	out.text = strings.Join(parts, gap)
	if out.text == "" {
		return out, fmt.Errorf("ask: %w in %s; record the question again, nearer to the microphone", errNobody, path)
	}
	return out, nil
}

func (m *meaning) openEars() error {
	if m.ears != nil {
		return nil
	}
	r, err := recognise.Open(m.store, m.device)
	if err != nil {
		return err
	}
	judge, err := detect.NewSilero(m.runtime) // the runtime closes it
	if err != nil {
		return errors.Join(err, r.Close())
	}
	m.ears = &ears{judge, r, m.assistant.Words()}
	return nil
}

func (e *ears) close() { e.recogniser.Close() }
