package cli

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"time"

	"github.com/spf13/cobra"

	"cheval/models"
	"cheval/voice/recognise"
	"cheval/voice/understand"
)

func newVoiceCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "voice",
		Short: "Judge and teach what the mirror understands",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return usagef("voice: say what to do: evaluate, coverage, missed, teach or retrain")
		},
	}
	cmd.AddCommand(newVoiceEvaluateCmd(), newVoiceCoverageCmd())
	cmd.AddCommand(newTeachCmds()...)
	return cmd
}

func newVoiceEvaluateCmd() *cobra.Command {
	var f evaluateFlags
	cmd := &cobra.Command{
		Use:   "evaluate FILE",
		Short: "Compare what is understood of labelled sentences with their labels",
		Long: `Reads a JSON list of {"lang","text" or "audio","intent","slots"} and reports,
for each language, the accuracy of intents, F1 by intent and by slot, and for
recordings with a "text" beside them the word error rate, with 95 % intervals.
An "audio" is the name of a WAV file beside FILE. With --reference each recording
is recognised by faster-whisper too, one after the other, so that both meet the
same load.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return evaluateVoice(cmd, args[0], f) },
	}
	cmd.Flags().BoolVar(&f.wrong, "wrong", false, "list the sentences that were understood otherwise")
	cmd.Flags().StringVar(&f.reference, "reference", "", "a `PYTHON` that has faster-whisper, to run it on the same recordings")
	addDevice(cmd)
	return cmd
}

type evaluateFlags struct {
	wrong     bool
	reference string
}

// evaluated is the result for programs.
type evaluated struct {
	Languages map[understand.Language]languageReport `json:"languages"`
	Wrong     []wrongSentence                        `json:"wrong,omitempty"`
	Runs      models.Provider                        `json:"provider"`
}

type languageReport struct {
	understand.Report
	WER          *understand.Interval `json:"wer,omitempty"` // of recordings whose text is known
	Audio        int                  `json:"audio"`
	RecogniseMS  float64              `json:"recognise_ms_p50,omitempty"`
	Reference    *referenceReport     `json:"reference,omitempty"`
	UnderstandMS float64              `json:"understand_ms_p50"`
}

type wrongSentence struct {
	Text   string           `json:"text"`
	Heard  string           `json:"heard,omitempty"`
	Want   understand.Label `json:"want"`
	Got    understand.Label `json:"got"`
	Chance float64          `json:"confidence"`
}

// referenceReport is what faster-whisper made of the same recordings.
type referenceReport struct {
	WER         understand.Interval `json:"wer"`
	Difference  understand.Interval `json:"wer_difference"` // ours less its
	RecogniseMS float64             `json:"recognise_ms_p50"`
	Ratio       float64             `json:"ratio_p50"` // our time to its, a recording
}

// spoken is one recording recognised: its word errors and the milliseconds it
// took, ours and the reference's.
type spoken struct {
	errors, words int
	ms            float64
	otherErrors   int
	otherMS       float64
}

func evaluateVoice(cmd *cobra.Command, path string, flags evaluateFlags) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("voice: open %s: %w", path, err)
	}
	defer f.Close()
	rows, err := understand.ReadLabelled(f)
	if err != nil {
		return fmt.Errorf("voice: %s: %w", path, err)
	}
	m, err := openMeaning(cmd)
	if err != nil {
		return err
	}
	defer m.close()
	other, err := m.referee(cmd, flags.reference)
	if err != nil {
		return err
	}
	if other != nil {
		defer other.close()
	}
	out := evaluated{Languages: map[understand.Language]languageReport{}, Runs: m.runtime.Provider()}
	by := map[understand.Language][]understand.Understood{}
	said := map[understand.Language][]spoken{}
	times := map[understand.Language][]float64{}
	told := time.Now()
	for i, row := range rows {
		if err := cmd.Context().Err(); err != nil {
			return fmt.Errorf("voice: stopped: %w", err)
		}
		heard := row.Text
		if row.Audio != "" {
			s, text, err := m.listenTo(cmd.Context(), row, beside(path, row.Audio), other)
			if err != nil {
				return err
			}
			if heard = text; row.Text != "" {
				said[row.Language] = append(said[row.Language], s)
			}
		}
		u, ms := m.understand(row, heard)
		lang := u.Labelled.Language
		by[lang] = append(by[lang], u)
		times[lang] = append(times[lang], ms)
		if flags.wrong && !u.Right() {
			out.Wrong = append(out.Wrong, wrongSentence{row.Text, heard, u.Label(), u.Meaning.Label(), u.Meaning.Confidence})
		}
		if time.Since(told) > 3*time.Second {
			told = time.Now()
			fmt.Fprintf(cmd.ErrOrStderr(), "voice: %d of %d sentences\n", i+1, len(rows))
		}
	}
	for lang, us := range by {
		r := languageReport{Report: understand.Evaluate(us), UnderstandMS: middleOf(times[lang]), Audio: len(said[lang])}
		if len(said[lang]) > 0 {
			w := werInterval(said[lang], func(s spoken) int { return s.errors })
			r.WER, r.RecogniseMS = &w, middleOf(column(said[lang], func(s spoken) float64 { return s.ms }))
			r.Reference = referenceOf(said[lang], other != nil)
		}
		out.Languages[lang] = r
	}
	return printEvaluated(cmd, out)
}

// referee starts faster-whisper where it is asked for; nil where not.
func (m *meaning) referee(cmd *cobra.Command, python string) (*referee, error) {
	if python == "" {
		return nil, nil
	}
	folder, err := os.MkdirTemp("", "cheval-reference-")
	if err != nil {
		return nil, fmt.Errorf("voice: %w", err)
	}
	r, err := startReferee(context.WithoutCancel(cmd.Context()), python, m.store, folder)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	r.folder = folder
	return r, nil
}

// listenTo recognises one recording, by the reference too if there is one.
func (m *meaning) listenTo(ctx context.Context, row understand.Labelled, path string, other *referee) (s spoken, heard string, err error) {
	start := time.Now()
	h, err := m.hear(ctx, path, string(row.Language))
	if err != nil && !errors.Is(err, errNobody) {
		return s, "", err
	}
	s.ms = msSince(start)
	s.errors, s.words = recognise.WordErrors(row.Text, h.text)
	if other == nil {
		return s, h.text, nil
	}
	text, ms, err := other.hear(recording{Audio: path, Lang: string(row.Language)})
	s.otherErrors, _ = recognise.WordErrors(row.Text, text)
	s.otherMS = ms
	return s, h.text, err
}

func referenceOf(said []spoken, compared bool) *referenceReport {
	if !compared {
		return nil
	}
	return &referenceReport{
		WER:         werInterval(said, func(s spoken) int { return s.otherErrors }),
		Difference:  werInterval(said, func(s spoken) int { return s.errors - s.otherErrors }),
		RecogniseMS: middleOf(column(said, func(s spoken) float64 { return s.otherMS })),
		Ratio:       middleOf(column(said, func(s spoken) float64 { return s.ms / s.otherMS })),
	}
}

func column(said []spoken, of func(spoken) float64) (out []float64) {
	for _, s := range said {
		out = append(out, of(s))
	}
	return out
}

// beside is a file named in another one, from that one's folder.
func beside(path, name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(filepath.Dir(path), name)
}

func (m *meaning) understand(row understand.Labelled, heard string) (understand.Understood, float64) {
	if row.Language == "" {
		row.Language = understand.LanguageOf(heard)
	}
	start := time.Now()
	got := m.assistant.Understand(heard, row.Language)
	return understand.Understood{Labelled: row, Meaning: got}, msSince(start)
}

func middleOf(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	s := slices.Clone(v)
	sort.Float64s(s)
	return s[len(s)/2]
}

// werInterval is the rate of some errors to words, with its bootstrap interval.
func werInterval(s []spoken, errs func(spoken) int) understand.Interval {
	rate := func(at func(int) spoken) float64 {
		e, n := 0, 0
		for i := range s {
			e, n = e+errs(at(i)), n+at(i).words
		}
		return float64(e) / float64(max(n, 1))
	}
	r := rand.New(rand.NewPCG(5, 6))
	again := make([]float64, 1000)
	for k := range again {
		again[k] = rate(func(int) spoken { return s[r.IntN(len(s))] })
	}
	sort.Float64s(again)
	return understand.Interval{Value: rate(func(i int) spoken { return s[i] }), Low: again[25], High: again[974]}
}

func printEvaluated(cmd *cobra.Command, e evaluated) error {
	if asJSON(cmd) {
		return printJSON(cmd, e)
	}
	w := cmd.OutOrStdout()
	for _, lang := range []understand.Language{understand.English, understand.Chinese} {
		r, ok := e.Languages[lang]
		if !ok {
			continue
		}
		fmt.Fprintf(w, "%s: %d sentences\n  intents %s\n  slots (F1) %s\n  out of scope: recall %s, precision of the rest %s\n  understood in %.1f ms (median)\n",
			lang, r.Sentences, shareOf(r.Accuracy), shareOf(r.SlotF1), shareOf(r.OutOfScopeRecall), shareOf(r.InScopePrecision), r.UnderstandMS)
		if r.WER != nil {
			fmt.Fprintf(w, "  word errors %s in %d recordings, %.0f ms each (median)\n", shareOf(*r.WER), r.Audio, r.RecogniseMS)
		}
		if o := r.Reference; o != nil {
			fmt.Fprintf(w, "  faster-whisper: word errors %s, %.0f ms; difference %s, ratio of the times %.2f\n", shareOf(o.WER), o.RecogniseMS, shareOf(o.Difference), o.Ratio)
		}
	}
	for _, x := range e.Wrong {
		fmt.Fprintf(w, "%s | %s: should be %s, was %s (%.2f)\n", x.Text, x.Heard, x.Want, x.Got, x.Chance)
	}
	return nil
}

func shareOf(i understand.Interval) string {
	return fmt.Sprintf("%.1f %% (%.1f to %.1f)", 100*i.Value, 100*i.Low, 100*i.High)
}

func newVoiceCoverageCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "coverage",
		Short: "Say how much of the catalogue can be asked for by its name",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			stock, _, err := wornStock(cmd, "")
			if err != nil {
				return err
			}
			u, err := understand.New(stock.All(), understand.Options{})
			if err != nil {
				return err
			}
			c := u.Coverage()
			if asJSON(cmd) {
				return printJSON(cmd, c)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d of %d products by name, %d brands, %d names of colours; %d sentence forms in English, %d in Chinese\nCommon words too: %v\nCannot be said: %v\n",
				c.Names, c.Products, c.Brands, c.Colours, c.Templates["en"], c.Templates["zh"], c.Ambiguous, c.Unsaid)
			return err
		},
	}
}
