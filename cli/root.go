// Package cli holds every command but the app: it parses, calls and prints,
// one file a command group.
//
// It leaves to others all that the commands do, the app itself (which main
// hands over as a function), and benches that need a window.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"cheval/camera"
	_ "cheval/internal/locale" // before Fyne, which main links, looks
	"cheval/models"

	"github.com/spf13/cobra"
)

// Exit codes of the contract.
const (
	exitOK     = 0
	exitFailed = 1 // one clear sentence stands on stderr
	exitUsage  = 2
)

// Program is what main adds to the commands.
type Program struct {
	Version string
	// Open opens the app on the main goroutine. home is the folder of Cheval's
	// data; shots one where the app is to leave pictures of its demo, or empty.
	Open func(ctx context.Context, home, shots string) error
	// Benches stand under `cheval bench`: those that run the real app.
	Benches []*cobra.Command
	// BenchTalk asks the real app questions by voice, some rounds of them, on
	// the main goroutine, and returns what it measured; it needs a display.
	BenchTalk func(ctx context.Context, device models.Device, rounds int) (map[string]any, error)
}

// Main runs the command line, without the program's name, and returns the
// exit code. An interrupt ends the command's context; a second one the process.
func Main(p Program, args []string) int {
	camera.QuietDecoders()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return run(ctx, New(p), args, os.Stderr)
}

// run executes root and tells usage errors from failures.
func run(ctx context.Context, root *cobra.Command, args []string, stderr io.Writer) int {
	started := false
	eachCommand(root, func(c *cobra.Command) {
		if do := c.RunE; do != nil {
			c.RunE = func(c *cobra.Command, args []string) error {
				started = true
				return do(c, args)
			}
		}
	})
	root.SetArgs(args)
	root.SetErr(stderr)
	cmd, err := root.ExecuteContextC(ctx)
	var usage usageError
	switch {
	case err == nil:
		return exitOK
	case !started || errors.As(err, &usage):
		fmt.Fprintf(stderr, "cheval: %v; `%s --help` shows the usage\n", err, cmd.CommandPath())
		return exitUsage
	}
	fmt.Fprintf(stderr, "cheval: %v\n", err)
	return exitFailed
}

func eachCommand(c *cobra.Command, visit func(*cobra.Command)) {
	visit(c)
	for _, sub := range c.Commands() {
		eachCommand(sub, visit)
	}
}

// usageError is a failure that the command line itself caused.
type usageError struct{ error }

// usagef reports a command line that makes no sense.
func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// New assembles the commands. Each group is one function in its own file.
func New(p Program) *cobra.Command {
	var shots string
	root := &cobra.Command{
		Use:   "cheval",
		Short: "A fitting mirror for a shop: try eyewear on, live and offline",
		Long: `Cheval turns a screen and a camera into a shop's fitting mirror.

Alone, it opens the app. Its commands need no display. Data and models lie in
CHEVAL_HOME (default: cheval in the XDG data folder).`,
		Version:       p.Version,
		Args:          cobra.NoArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			home, err := models.Home()
			if err != nil {
				return err
			}
			return p.Open(cmd.Context(), home, shots)
		},
	}
	root.PersistentFlags().Bool("json", false, "print JSON for programs on stdout")
	root.Flags().StringVar(&shots, "shots", "", "run the app's demo by itself, leave pictures of it in `FOLDER`, and end")
	root.SetVersionTemplate("cheval {{.Version}}\n")
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(
		newModelsCmd(),
		newDoctorCmd(),
		newBenchCmd(append(slices.Clone(p.Benches), newBenchRecommenderCmd(), newBenchStudioCmd(p.Version), newBenchGANCmd(), newBenchVoiceCmd(p.BenchTalk))),
		newPerceiveCmd(),
		newTryCmd(),
		newAskCmd(),
		newVoiceCmd(),
		newSayCmd(),
		newStudioCmd(p.Version),
		newCatalogCmd(),
		newRecommendCmd(),
		newRecommenderCmd(),
	)
	return root
}

// newBenchCmd gathers the benches: they print figures and the machine, and
// judge nothing.
func newBenchCmd(benches []*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure Cheval on this machine",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return usagef("bench: say what to measure")
		},
	}
	cmd.AddCommand(benches...)
	return cmd
}
