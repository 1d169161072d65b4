package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"cheval/catalog"
	"cheval/models"
	"cheval/studio"
	"cheval/studio/generate"
	"cheval/studio/generate/frames"

	"github.com/spf13/cobra"
)

// generateFlags are what `cheval studio generate` was asked.
type generateFlags struct {
	request generate.Request
	like    []string
	profile string
	out     string
	version string
	ignored []string // words that could not be followed
	frames  framesFlags
}

// doubts say what is wrong with a design.
var doubts = map[generate.Doubt]string{
	generate.DoubtCopy:     "it looks too much like a picture that the designer learned from",
	generate.DoubtCategory: "the classifier takes it for something else",
	generate.DoubtColour:   "its colour came out otherwise than asked",
	generate.DoubtPoor:     "the discriminator holds it for drawn",
}

// designed is a line of its JSON.
type designed struct {
	Out      string           `json:"out"`
	Number   int              `json:"number"`
	Seed     int64            `json:"seed"`
	Category string           `json:"category"`
	Colour   string           `json:"colour"`
	Quality  float64          `json:"quality"`
	Nearest  generate.Nearest `json:"nearest"`
	Doubt    generate.Doubt   `json:"doubt,omitempty"`
	Ignored  []string         `json:"ignored,omitempty"`
	Provider models.Provider  `json:"provider"`
}

func newGenerateCmd(version string) *cobra.Command {
	f := generateFlags{version: version}
	cmd := &cobra.Command{
		Use:   "generate --category CATEGORY [--colour COLOUR] [--like ID|FILE]... --out DIR [WORDS]",
		Short: "Design new products: pictures of garments and hats that do not exist yet, and eyewear to try on",
		Long: `Designs new products with the designer, a generative adversarial network, and
writes each as a cut-out, DIR/NNN.png. With --like they take after products of
the catalogue or pictures; with --profile after what that person liked. What to
design may also be said in words, such as "20 red dresses"; words that cannot be
followed are named.

Eyewear (--category eyewear) is designed by its measures, learned from the
catalogue's frames: DIR/NNN.png shows it worn, and DIR/NNN.json is a draft that
` + "`cheval try --product`" + ` puts on.

A design that looks like a picture the designer learned from, unlike its
category or colour, or poor, is drawn again. The same request and seed give the
same designs.`,
		RunE: func(cmd *cobra.Command, words []string) error {
			said := strings.Join(words, " ")
			if f.out == "" {
				return usagef("studio generate: say with --out which folder the designs go to")
			}
			if f.request.Category == catalog.Worn || f.request.Category == "" && frames.Mentioned(said) {
				return f.runFrames(cmd, said)
			}
			f.listen(cmd, said)
			if f.frames.given() {
				return usagef("studio generate: --shape, --material, --kind and --size are of eyewear; say --category eyewear")
			}
			if f.request.Category == "" {
				return usagef("studio generate: say with --category what to design")
			}
			return f.run(cmd)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&f.request.Category, "category", "", "what to design: dress, hat, eyewear, … (a `CATEGORY`)")
	fl.StringVar(&f.request.Colour, "colour", "", "its dominant `COLOUR`")
	fl.StringArrayVar(&f.like, "like", nil, "a product's `ID`, or a picture, that designs take after; may be given several times")
	fl.StringVar(&f.profile, "profile", "", "take after what the person with this profile `ID` liked")
	fl.IntVar(&f.request.Count, "count", 1, "how many designs")
	fl.Int64Var(&f.request.Seed, "seed", 1, "what chance starts from")
	fl.StringVar(&f.out, "out", "", "write to this `DIR`")
	f.frames.add(cmd)
	addDevice(cmd)
	return cmd
}

// listen takes what words say and no flag does.
func (f *generateFlags) listen(cmd *cobra.Command, words string) {
	wish := generate.Parse(words)
	if f.request.Category == "" {
		f.request.Category = wish.Category
	}
	if f.request.Colour == "" {
		f.request.Colour = wish.Colour
	}
	if wish.Count > 0 && !cmd.Flags().Changed("count") {
		f.request.Count = wish.Count
	}
	if f.ignored = wish.Ignored; len(f.ignored) > 0 {
		fmt.Fprintf(cmd.ErrOrStderr(), "cheval: studio generate: the designer does not know what to do with %q; it is ignored\n", strings.Join(f.ignored, ", "))
	}
}

func (f *generateFlags) run(cmd *cobra.Command) (err error) {
	_, runtime, err := openRuntime(cmd)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, runtime.Close()) }()
	d, err := generate.Open(runtime)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if err := d.Check(f.request); err != nil {
		return err
	}
	s := studio.Open(runtime, f.version)
	defer func() { err = errors.Join(err, s.Close()) }()
	if f.request.Like, err = f.liked(cmd, s, d); err != nil {
		return err
	}
	if err := os.MkdirAll(f.out, 0o755); err != nil {
		return fmt.Errorf("studio generate: make the folder %s: %w", filepath.Base(f.out), err)
	}
	return d.Generate(cmd.Context(), f.request, func(m *generate.Design) error { return f.write(cmd, m, runtime.Provider()) })
}

// write saves one design and says what it is.
func (f *generateFlags) write(cmd *cobra.Command, m *generate.Design, p models.Provider) error {
	line := designed{
		Out: filepath.Join(f.out, fmt.Sprintf("%03d.png", m.Number+1)), Number: m.Number + 1, Seed: m.Seed,
		Category: m.Category, Colour: m.Colour, Quality: m.Quality, Nearest: m.Nearest, Doubt: m.Doubt, Ignored: f.ignored, Provider: p,
	}
	if err := studio.Save(line.Out, m.Image); err != nil {
		return err
	}
	if f.request.Count > 1 {
		fmt.Fprintf(cmd.ErrOrStderr(), "studio: designed %d of %d\n", line.Number, f.request.Count)
	}
	if asJSON(cmd) {
		return printJSON(cmd, line)
	}
	words := []string{line.Out, fmt.Sprintf("%s %s, quality %.2f, nearest known picture at %.3f", m.Colour, m.Category, m.Quality, m.Nearest.Distance)}
	if m.Doubt != "" {
		words = append(words, "the best of several tries: "+doubts[m.Doubt])
	}
	_, err := fmt.Fprintln(cmd.OutOrStdout(), strings.Join(words, "\t"))
	return err
}
