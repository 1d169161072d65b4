package speak

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"cheval/voice/sound"
)

// espeakTime bounds one call, which takes some 20 ms.
const espeakTime = 10 * time.Second

// maxSpoken bounds the sound of one sentence, in samples.
const maxSpoken = 60 * 48000

func haveEspeak() bool {
	_, err := exec.LookPath("espeak-ng")
	return err == nil
}

// espeakVoice names espeak-ng's voice of a language. The other Mandarin voice
// reads its own pinyin as English.
func espeakVoice(language string) string {
	if language == "zh" {
		return "cmn-latn-pinyin"
	}
	return "en-us"
}

// espeakSays lets espeak-ng speak.
func espeakSays(ctx context.Context, sentence, language string, speed float64) ([]float32, int, error) {
	words := strconv.Itoa(int(165 * speed))
	out, err := espeak(ctx, sentence, "-v", espeakVoice(language), "-s", words, "--stdout")
	if err != nil || len(out) == 0 {
		return nil, 0, err
	}
	wav, err := sound.NewWAV(bytes.NewReader(out))
	if err != nil {
		return nil, 0, fmt.Errorf("speak: espeak-ng gave no sound for %q: %w", sentence, err)
	}
	var samples []float32
	buf := make([]float32, 4096)
	for len(samples) < maxSpoken {
		n, err := wav.Read(buf)
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, 0, fmt.Errorf("speak: %w", err)
		}
		samples = append(samples, buf[:n]...)
	}
	return samples, wav.Format.Rate, nil
}

// phonemes asks espeak-ng for the sounds of a sentence in the phonetic
// alphabet, a clause a line.
func phonemes(ctx context.Context, sentence, voice string) ([]string, error) {
	out, err := espeak(ctx, sentence, "-v", voice, "-q", "--ipa")
	if err != nil {
		return nil, err
	}
	var clauses []string
	for line := range strings.Lines(string(out)) {
		if line = strings.TrimSpace(line); line != "" {
			clauses = append(clauses, line)
		}
	}
	return clauses, nil
}

// espeak runs it on a sentence, which goes through its input and so can be no
// option.
func espeak(ctx context.Context, sentence string, options ...string) ([]byte, error) {
	path, err := exec.LookPath("espeak-ng")
	if err != nil {
		return nil, ErrNoEspeak
	}
	ctx, cancel := context.WithTimeout(ctx, espeakTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, append([]string{"-b", "1", "--stdin"}, options...)...)
	cmd.Stdin = strings.NewReader(sentence)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return nil, fmt.Errorf("speak: espeak-ng: %w %s", err, strings.TrimSpace(complaint.String()))
	}
	return out, nil
}
