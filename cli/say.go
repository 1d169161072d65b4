package cli

import (
	"fmt"
	"time"

	"cheval/models"
	"cheval/voice/sound"
	"cheval/voice/speak"

	"github.com/spf13/cobra"
)

type sayFlags struct {
	out, lang, voice string
	speed            float64
}

// newSayCmd speaks a text into a file.
func newSayCmd() *cobra.Command {
	var f sayFlags
	cmd := &cobra.Command{
		Use:   "say TEXT --out FILE",
		Short: "Speak a text into a WAV file",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.out == "" {
				return usagef("say: --out FILE is missing")
			}
			if f.lang != "en" && f.lang != "zh" {
				return usagef("say: --lang %s is not one of en, zh", f.lang)
			}
			return say(cmd, args[0], f)
		},
	}
	cmd.Flags().StringVar(&f.out, "out", "", "the WAV `FILE` to write")
	cmd.Flags().StringVar(&f.lang, "lang", "en", "language: `en` or zh")
	cmd.Flags().StringVar(&f.voice, "voice", speak.Espeak, "`VOICE`: espeak, joe (see docs/voice-sound.md for its terms), or an imported one")
	cmd.Flags().Float64Var(&f.speed, "speed", 1, "how fast, 0.5 to 2")
	addDevice(cmd)
	return cmd
}

// said is the JSON of say.
type said struct {
	Text      string          `json:"text"`
	Out       string          `json:"out"`
	Voice     string          `json:"voice"`
	Language  string          `json:"language"`
	Sentences int             `json:"sentences"`
	Seconds   float64         `json:"seconds"`
	MS        map[string]any  `json:"ms"`
	Provider  models.Provider `json:"provider"`
}

func say(cmd *cobra.Command, text string, f sayFlags) error {
	device, err := askedDevice(cmd)
	if err != nil {
		return err
	}
	store, err := models.OpenHome()
	if err != nil {
		return err
	}
	speaker, err := speak.Open(store, speak.Settings{Voice: f.voice, Speed: f.speed})
	if err != nil {
		return err
	}
	defer speaker.Close()
	s := said{Text: text, Out: f.out, Voice: f.voice, Language: f.lang,
		Provider: models.Provider{Asked: device, Ran: models.CPU, Why: "speech is made on the CPU"}}
	tellFallback(cmd.ErrOrStderr(), s.Provider)
	start, first := time.Now(), 0.0
	var all []float32
	rate := 0
	err = speaker.Say(cmd.Context(), text, f.lang, func(one speak.Sound) error {
		if s.Sentences++; s.Sentences == 1 {
			first, rate = msSince(start), one.Rate
		}
		all = append(all, sound.Resample(one.Samples, one.Rate, rate)...)
		return nil
	})
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return fmt.Errorf("say: nothing of %q can be spoken: give it words", text)
	}
	if err := sound.WriteWAV(f.out, all, rate); err != nil {
		return err
	}
	s.Seconds = float64(len(all)) / float64(rate)
	s.MS = map[string]any{"first_sound": first, "speak": msSince(start)}
	if asJSON(cmd) {
		return printJSON(cmd, s)
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %.1f s in %d sentences\n", f.out, s.Seconds, s.Sentences)
	return err
}

func msSince(t time.Time) float64 { return float64(time.Since(t)) / float64(time.Millisecond) }
