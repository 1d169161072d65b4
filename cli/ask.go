package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"cheval/catalog"
	"cheval/models"
	"cheval/recommender"
	"cheval/voice/answer"
	"cheval/voice/assistant"
	"cheval/voice/dialogue"
	"cheval/voice/understand"
)

type askFlags struct {
	text, audio, lang, worn string
	shown                   []string
}

func newAskCmd() *cobra.Command {
	var f askFlags
	cmd := &cobra.Command{
		Use:   "ask (--text SENTENCE | --audio FILE)",
		Short: "Ask the mirror one thing, as a shopper would say it",
		Long: `Understands one sentence, English or Chinese, written or spoken (WAV), and
answers it from the shop's catalogue. Each call is a conversation of its own;
--worn and --shown say what the mirror shows at that moment.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if (f.text == "") == (f.audio == "") {
				return usagef("ask: give one of --text and --audio")
			}
			if err := checkLang(f.lang); err != nil {
				return err
			}
			return ask(cmd, f)
		},
	}
	cmd.Flags().StringVar(&f.text, "text", "", "the `SENTENCE`")
	cmd.Flags().StringVar(&f.audio, "audio", "", "a recording of it, a WAV `FILE`")
	cmd.Flags().StringVar(&f.lang, "lang", "", "its language, en or zh (default: found out)")
	cmd.Flags().StringVar(&f.worn, "worn", "", "the `ID` of the product that is worn")
	cmd.Flags().StringSliceVar(&f.shown, "shown", nil, "the `IDS` of the products on screen, in their order")
	addDevice(cmd)
	return cmd
}

func checkLang(lang string) error {
	if lang != "" && lang != "en" && lang != "zh" {
		return usagef("--lang is en or zh, not %q", lang)
	}
	return nil
}

// asked is the result for programs. These names are a contract.
type asked struct {
	Heard        string                   `json:"heard"`
	Language     understand.Language      `json:"language"`
	Intent       understand.Intent        `json:"intent"`
	Slots        understand.Slots         `json:"slots"`
	Sentiment    float64                  `json:"sentiment"`
	Confidence   float64                  `json:"confidence"`
	Alternatives []understand.Alternative `json:"alternatives"`
	Answer       string                   `json:"answer"`
	Facts        []answer.Fact            `json:"facts"` // where each number and name of the answer is from
	Products     []string                 `json:"products"`
	Actions      []dialogue.Action        `json:"actions"`
	MS           askedMS                  `json:"ms"`
	Runs         models.Provider          `json:"provider"`
}

// askedMS is null where a step was not taken.
type askedMS struct {
	Recognise  *float64 `json:"recognise"`
	Understand float64  `json:"understand"`
	Answer     float64  `json:"answer"`
	Speak      *float64 `json:"speak"`
}

func ask(cmd *cobra.Command, f askFlags) error {
	m, err := openMeaning(cmd)
	if err != nil {
		return err
	}
	defer m.close()
	scene, err := m.scene(f)
	if err != nil {
		return err
	}
	heard, lang := f.text, understand.Language(f.lang)
	var recognised *float64
	if f.audio != "" {
		h, err := m.hear(cmd.Context(), f.audio, f.lang)
		if err != nil {
			return err
		}
		heard, lang, recognised = h.text, understand.Language(h.lang), &h.ms
	}
	if strings.TrimSpace(understand.Clean(heard)) == "" {
		return fmt.Errorf("ask: nothing was said: give a sentence, or a recording of one")
	}
	r, err := m.assistant.Hear(cmd.Context(), heard, lang, scene)
	if err != nil {
		return err
	}
	return printAsked(cmd, r, askedMS{recognised, r.UnderstandMS, r.AnswerMS, nil}, m.runtime.Provider())
}

func printAsked(cmd *cobra.Command, r assistant.Response, ms askedMS, runs models.Provider) error {
	out := asked{
		Heard: r.Heard, Language: r.Meaning.Language, Intent: r.Meaning.Intent, Slots: r.Meaning.Slots,
		Sentiment: r.Meaning.Sentiment, Confidence: r.Meaning.Confidence, Alternatives: r.Meaning.Alternatives,
		Answer: r.Text, Facts: r.Answer.Facts, Actions: r.Actions, MS: ms, Runs: runs,
	}
	for _, i := range r.Items {
		if !slices.Contains(out.Products, i.Product) {
			out.Products = append(out.Products, i.Product)
		}
	}
	// Programs read lists: an empty one is no null.
	out.Products, out.Facts = notNil(out.Products), notNil(out.Facts)
	out.Actions, out.Alternatives = notNil(out.Actions), notNil(out.Alternatives)
	if asJSON(cmd) {
		return printJSON(cmd, out)
	}
	_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s\n%s\n", out.Heard, out.Answer)
	return err
}

func notNil[T any](v []T) []T {
	if v == nil {
		return []T{}
	}
	return v
}

// meaning is what the voice commands share.
type meaning struct {
	store     *models.Store
	runtime   *models.Runtime
	minilm    *understand.MiniLM
	stock     *catalog.Catalogue
	assistant *assistant.Assistant
	device    models.Device
	ears      *ears
}

// openMeaning opens the shop's catalogue and the models that understand.
func openMeaning(cmd *cobra.Command) (*meaning, error) {
	stock, held, err := wornStock(cmd, "")
	if err != nil {
		return nil, err
	}
	if held != nil {
		fmt.Fprintf(cmd.ErrOrStderr(), "cheval: %v; answering from the starter products\n", held)
	}
	device, err := askedDevice(cmd)
	if err != nil {
		return nil, err
	}
	m := &meaning{stock: stock, device: device}
	if m.store, m.runtime, err = openRuntime(cmd); err != nil {
		return nil, err
	}
	if m.minilm, err = understand.OpenMiniLM(m.store, m.runtime); err != nil {
		m.close()
		return nil, err
	}
	trained, err := shopsTrained()
	if err == nil {
		m.assistant, err = assistant.New(stock, assistant.Options{Adviser: adviser{stock}, Embedder: m.minilm, Trained: trained})
	}
	if err != nil {
		m.close()
		return nil, err
	}
	return m, nil
}

func (m *meaning) close() {
	if m.ears != nil {
		m.ears.close()
	}
	m.runtime.Close() // the models with it
}

// scene is what the flags say that the mirror shows.
func (m *meaning) scene(f askFlags) (s dialogue.Scene, err error) {
	for _, id := range f.shown {
		if m.stock.Product(id) == nil {
			return s, fmt.Errorf("ask: no product is called %q; `cheval catalog list` names them", id)
		}
		s.Shown = append(s.Shown, dialogue.Item{Product: id})
	}
	if f.worn != "" {
		if m.stock.Product(f.worn) == nil {
			return s, fmt.Errorf("ask: no product is called %q; `cheval catalog list` names them", f.worn)
		}
		s.Worn = &dialogue.Item{Product: f.worn}
	}
	return s, nil
}

// adviser ranks the stock for somebody of whom nothing is known.
type adviser struct{ stock *catalog.Catalogue }

func (a adviser) Suggest(ctx context.Context, count int) ([]recommender.Suggestion, error) {
	r, err := recommender.New(a.stock.All(), recommender.Options{})
	if err != nil {
		return nil, err
	}
	return r.Recommend(ctx, recommender.Person{}, recommender.Moment{}, recommender.Question{Count: count})
}
