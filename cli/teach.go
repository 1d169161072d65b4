package cli

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"cheval/models"
	"cheval/voice/teach"
	"cheval/voice/understand"
)

// shopsTrained are the classifiers that this shop trained, nil for none.
func shopsTrained() (*understand.Trained, error) {
	home, err := models.Home()
	if err != nil {
		return nil, err
	}
	return teach.Load(home)
}

// newTeachCmds are the commands of the loop, under `cheval voice`.
func newTeachCmds() []*cobra.Command {
	return []*cobra.Command{newMissedCmd(), newTeachCmd(), newRetrainCmd()}
}

// withLoop opens the store of what was taught for one command.
func withLoop(do func(home string, l *teach.Loop) error) error {
	home, err := models.Home()
	if err != nil {
		return err
	}
	l, err := teach.Open(home)
	if err != nil {
		return err
	}
	return errors.Join(do(home, l), l.Close())
}

func newMissedCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "missed",
		Short: "List what was not understood, the most frequent first",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withLoop(func(_ string, l *teach.Loop) error {
				list, err := l.Missed()
				if err != nil {
					return err
				}
				if asJSON(cmd) {
					return printJSON(cmd, notNil(list))
				}
				for _, m := range list {
					fmt.Fprintf(cmd.OutOrStdout(), "%4d  %s  %s\n", m.Count, m.Language, m.Text)
				}
				return nil
			})
		},
	}
}

func newTeachCmd() *cobra.Command {
	var lang, intent string
	cmd := &cobra.Command{
		Use:   "teach SENTENCE --intent INTENT",
		Short: "Teach what a sentence means",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkLang(lang); err != nil {
				return err
			}
			if intent == "" {
				return usagef("teach: say with --intent what it means, one of %v", understand.Intents())
			}
			e := teach.Example{Origin: teach.Taught, At: time.Now()}
			e.Text, e.Language, e.Intent = args[0], understand.Language(lang), understand.Intent(intent)
			if lang == "" {
				e.Language = understand.LanguageOf(args[0])
			}
			return withLoop(func(_ string, l *teach.Loop) error {
				if err := l.Add(e); err != nil {
					return err
				}
				if asJSON(cmd) {
					return printJSON(cmd, e.Example)
				}
				_, err := fmt.Fprintln(cmd.OutOrStdout(), "kept; `cheval voice retrain` puts it into use")
				return err
			})
		},
	}
	cmd.Flags().StringVar(&lang, "lang", "", "its language, en or zh (default: found out)")
	cmd.Flags().StringVar(&intent, "intent", "", "what it means, an `INTENT`")
	return cmd
}

func newRetrainCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "retrain",
		Short: "Train with what was taught, and use it if it is no worse",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withLoop(func(home string, l *teach.Loop) error { return retrain(cmd, home, l) })
		},
	}
	addDevice(cmd)
	return cmd
}

func retrain(cmd *cobra.Command, home string, l *teach.Loop) error {
	current, err := teach.Load(home)
	if err != nil {
		return err
	}
	store, runtime, err := openRuntime(cmd)
	if err != nil {
		return err
	}
	defer runtime.Close()
	lm, err := understand.OpenMiniLM(store, runtime)
	if err != nil {
		return err
	}
	defer lm.Close()
	t, outcome, err := l.Retrain(cmd.Context(), current, lm)
	if err != nil {
		return err
	}
	if err := teach.Save(home, t); err != nil {
		return err
	}
	if asJSON(cmd) {
		return printJSON(cmd, outcome)
	}
	verdict := "the new classifiers are worse and not used; taught sentences are"
	if outcome.Swapped {
		verdict = "the new classifiers are in use"
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "learned from %d sentences; of %d kept back %d were understood before and %d after: %s\n",
		outcome.Examples, outcome.HeldOut, outcome.Before.HeldOut, outcome.After.HeldOut, verdict)
	return err
}
