package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"

	"cheval/models"
	"cheval/voice/recognise"
	"cheval/voice/sound"
	"cheval/voice/speak"

	"github.com/spf13/cobra"
)

// benchTalk asks the real app by voice; see Program.BenchTalk.
type benchTalk func(ctx context.Context, device models.Device, rounds int) (map[string]any, error)

// voiceBench are the flags.
type voiceBench struct {
	files, reference string
	rounds           int
	talk             benchTalk
}

// newBenchVoiceCmd measures hearing and speaking.
func newBenchVoiceCmd(talk benchTalk) *cobra.Command {
	b := voiceBench{talk: talk}
	cmd := &cobra.Command{
		Use:   "voice",
		Short: "Measure hearing, answering and speaking, beside faster-whisper if it is there",
		Long: `Measures how long and how well recordings are recognised and how soon the voice
begins; and, on a display, be it a virtual one, the way from the end of a spoken
question to the changed screen and to the first sound of the answer, in the real
app, with the mirror running and paused.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if b.rounds < 0 || b.rounds > 100 {
				return usagef("bench voice: --rounds is 0 to 100, not %d", b.rounds)
			}
			return b.run(cmd)
		},
	}
	cmd.Flags().IntVar(&b.rounds, "rounds", 5, "ask the real app three questions so `many` times; 0: not at all")
	cmd.Flags().StringVar(&b.files, "files", "", "recordings: a JSON `LIST` of {\"audio\",\"text\",\"lang\"}; else six questions that Cheval speaks")
	cmd.Flags().StringVar(&b.reference, "reference", "", "a `PYTHON` that has faster-whisper, to run it on the same files")
	addDevice(cmd)
	return cmd
}

// recording is one sentence with what is said in it.
type recording struct {
	Audio string `json:"audio"`
	Text  string `json:"text"`
	Lang  string `json:"lang"`
	Group string `json:"group,omitempty"`
}

// heardOne is one recording recognised, by Cheval and by the reference.
type heardOne struct {
	recording
	Heard     string  `json:"heard"`
	MS        float64 `json:"ms"`
	Reference string  `json:"reference,omitempty"`
	RefMS     float64 `json:"reference_ms,omitempty"`
}

func (b *voiceBench) run(cmd *cobra.Command) error {
	device, err := askedDevice(cmd)
	if err != nil {
		return err
	}
	store, err := models.OpenHome()
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "cheval-bench-voice-")
	if err != nil {
		return fmt.Errorf("bench voice: %w", err)
	}
	defer os.RemoveAll(folder)
	figures, err := b.talked(cmd, device)
	if err != nil {
		return fmt.Errorf("bench voice: %w", err)
	}
	list, err := benchRecordings(cmd.Context(), store, folder, b.files, figures)
	if err != nil {
		return err
	}
	r, err := recognise.Open(store, device)
	if err != nil {
		return err
	}
	defer r.Close()
	tellFallback(cmd.ErrOrStderr(), r.Provider())
	if err := benchLoad(r, figures); err != nil {
		return err
	}
	var other *referee
	if b.reference != "" {
		if other, err = startReferee(context.WithoutCancel(cmd.Context()), b.reference, store, folder); err != nil {
			return err
		}
		defer other.close()
	}
	rows, err := benchRecognise(cmd, r, other, list)
	if err != nil {
		return err
	}
	addRecognitionFigures(figures, rows, other != nil)
	if asJSON(cmd) {
		return printJSON(cmd, map[string]any{"figures": figures, "machine": machineOf(), "provider": r.Provider(), "recordings": rows})
	}
	return printFigures(cmd.OutOrStdout(), figures)
}

// talked are the figures of the real app, none where there is no display.
func (b *voiceBench) talked(cmd *cobra.Command, device models.Device) (map[string]any, error) {
	switch {
	case b.rounds == 0 || b.talk == nil:
		return map[string]any{}, nil
	case os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "":
		fmt.Fprintln(cmd.ErrOrStderr(), "bench voice: there is no display, so the way to the screen is not measured; run it under xvfb-run")
		return map[string]any{}, nil
	}
	return b.talk(cmd.Context(), device, b.rounds)
}

// benchLoad measures what the recogniser adds to memory.
func benchLoad(r *recognise.Recogniser, figures map[string]any) error {
	before, start := residentMB(), time.Now()
	if err := r.Load(); err != nil {
		return err
	}
	figures["load_ms"] = msSince(start)
	if _, err := r.Transcribe(context.Background(), tone(), recognise.Options{}); err != nil {
		return err
	}
	figures["recogniser_mb"] = residentMB() - before
	return nil
}

// tone is a second of a quiet sawtooth, enough to run every part once.
func tone() []float32 {
	t := make([]float32, recognise.Rate)
	for i := range t {
		t[i] = float32(i%100)/1000 - 0.05
	}
	return t
}

// benchRecordings reads the list, or speaks six questions; either way it
// measures how soon the voice begins.
func benchRecordings(ctx context.Context, store *models.Store, folder, files string, figures map[string]any) ([]recording, error) {
	spoken, err := speakQuestions(ctx, store, folder, figures)
	if files == "" || err != nil {
		return spoken, err
	}
	b, err := os.ReadFile(files)
	if err != nil {
		return nil, fmt.Errorf("bench voice: %w", err)
	}
	var list []recording
	if err := json.Unmarshal(b, &list); err != nil || len(list) == 0 {
		return nil, fmt.Errorf("bench voice: read %s: it is no list of recordings (audio, text, lang)", filepath.Base(files))
	}
	for i := range list {
		if !filepath.IsAbs(list[i].Audio) {
			list[i].Audio = filepath.Join(filepath.Dir(files), list[i].Audio)
		}
	}
	return list, nil
}

func speakQuestions(ctx context.Context, store *models.Store, folder string, figures map[string]any) (list []recording, err error) {
	for _, voice := range speak.Voices(store) {
		s, err := speak.Open(store, speak.Settings{Voice: voice})
		if err != nil {
			return nil, err
		}
		var first []float64
		for i, text := range benchQuestions() {
			start, all, rate := time.Now(), []float32(nil), 0
			err := s.Say(ctx, text, "en", func(one speak.Sound) error {
				if rate == 0 {
					first, rate = append(first, msSince(start)), one.Rate
				}
				all = append(all, one.Samples...)
				return nil
			})
			path := filepath.Join(folder, fmt.Sprintf("%s-%d.wav", voice, i))
			if err = errors.Join(err, sound.WriteWAV(path, all, rate)); err != nil {
				return nil, errors.Join(err, s.Close())
			}
			list = append(list, recording{Audio: path, Text: text, Lang: "en", Group: voice})
		}
		figures["first_sound_"+voice+"_ms"] = median(first)
		if err := s.Close(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func benchQuestions() []string {
	return []string{
		"Show me round sunglasses under fifty dollars.", "Do you have anything like this in green?",
		"Does this frame fit me?", "What did I try before?", "Put the second one on, please.", "Is there something cheaper?",
	}
}

func benchRecognise(cmd *cobra.Command, r *recognise.Recogniser, other *referee, list []recording) (rows []heardOne, err error) {
	for i, rec := range list {
		if cmd.Context().Err() != nil && len(rows) > 0 { // interrupted: the figures so far
			return rows, nil
		}
		samples, err := readSpeech(rec.Audio)
		if err != nil {
			return nil, err
		}
		start := time.Now()
		result, err := r.Transcribe(context.WithoutCancel(cmd.Context()), samples, recognise.Options{})
		if err != nil {
			return nil, err
		}
		row := heardOne{recording: rec, Heard: result.Text, MS: msSince(start)}
		if other != nil {
			if row.Reference, row.RefMS, err = other.hear(rec); err != nil {
				return nil, err
			}
		}
		rows = append(rows, row)
		if (i+1)%10 == 0 {
			fmt.Fprintf(cmd.ErrOrStderr(), "bench voice: %d of %d\n", i+1, len(list))
		}
	}
	return rows, nil
}

// readSpeech reads a whole recording of at most ten minutes.
func readSpeech(path string) (samples []float32, err error) {
	s, err := sound.OpenSpeech(path)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	buf := make([]float32, recognise.Rate)
	for {
		n, err := s.Read(buf)
		samples = append(samples, buf[:n]...)
		switch {
		case err == io.EOF:
			return samples, nil
		case err != nil:
			return nil, err
		case len(samples) > 600*recognise.Rate:
			return nil, fmt.Errorf("bench voice: %s is longer than ten minutes: cut it into sentences", filepath.Base(path))
		}
	}
}

func addRecognitionFigures(figures map[string]any, rows []heardOne, compared bool) {
	var ms, ref, ratio []float64
	for _, r := range rows {
		ms, ref, ratio = append(ms, r.MS), append(ref, r.RefMS), append(ratio, r.MS/r.RefMS)
	}
	figures["sentences"], figures["recognise_ms"] = len(rows), median(ms)
	for _, lang := range []string{"en", "zh"} {
		addErrors(figures, rows, lang, compared)
	}
	if compared {
		figures["reference_ms"], figures["ratio"] = median(ref), median(ratio)
	}
}

// addErrors adds word errors (of Chinese, characters) in percent.
func addErrors(figures map[string]any, rows []heardOne, lang string, compared bool) {
	var ours, theirs, total []int
	for _, r := range rows {
		if r.Lang != lang {
			continue
		}
		e, n := recognise.WordErrors(r.Text, r.Heard)
		ours, total = append(ours, e), append(total, n)
		e, _ = recognise.WordErrors(r.Text, r.Reference)
		theirs = append(theirs, e)
	}
	if len(total) == 0 {
		return
	}
	figures["wer_"+lang] = errorRate(ours, total, nil)
	if !compared {
		return
	}
	figures["reference_wer_"+lang] = errorRate(theirs, total, nil)
	figures["wer_difference_"+lang] = errorRate(ours, total, nil) - errorRate(theirs, total, nil)
	figures["wer_difference_"+lang+"_95"] = bootstrap(ours, theirs, total)
}

// errorRate sums errors over words, of the rows chosen (nil: all).
func errorRate(errs, total, rows []int) float64 {
	e, n := 0, 0
	for i := range total {
		if rows != nil {
			i = rows[i]
		}
		e, n = e+errs[i], n+total[i]
	}
	return 100 * float64(e) / float64(max(n, 1))
}

// bootstrap is the 95 % interval of the difference, sentences drawn again 2000
// times.
func bootstrap(ours, theirs, total []int) [2]float64 {
	random := rand.New(rand.NewPCG(1, 2))
	rows, diffs := make([]int, len(total)), make([]float64, 2000)
	for i := range diffs {
		for j := range rows {
			rows[j] = random.IntN(len(total))
		}
		diffs[i] = errorRate(ours, total, rows) - errorRate(theirs, total, rows)
	}
	slices.Sort(diffs)
	return [2]float64{diffs[50], diffs[1949]}
}

func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}
