package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"cheval/catalog"
	"cheval/models"
	"cheval/studio"
	"cheval/studio/enhance"
	"cheval/studio/photo"

	"github.com/spf13/cobra"
)

// newStudioCmd makes shop pictures of photos.
func newStudioCmd(version string) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "studio",
		Short: "Make shop pictures of photos: cut out, enhance, prepare, find near-duplicates, make eyewear that can be worn; design new products",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return usagef("studio: say what to do: cutout, enhance, prepare, dedupe, anchors or generate")
		},
	}
	cmd.AddCommand(newCutOutCmd(version), newEnhanceCmd(version), newPrepareCmd(version), newDedupeCmd(), newAnchorsCmd(), newGenerateCmd(version))
	return cmd
}

// madePicture is a line of the studio's commands.
type madePicture struct {
	In       string          `json:"in"`
	Out      string          `json:"out"`
	MS       float64         `json:"ms"`
	Steps    []madeStep      `json:"steps"`
	Problems []photo.Problem `json:"problems"`
	Runs     models.Provider `json:"provider"`
}

// madeStep is a catalog.Step as JSON.
type madeStep struct {
	Tool       string            `json:"tool"`
	Model      string            `json:"model,omitempty"`
	Version    string            `json:"version,omitempty"`
	Seed       int64             `json:"seed,omitempty"`
	Parameters map[string]string `json:"parameters,omitempty"`
}

func stepsJSON(steps []catalog.Step) []madeStep {
	out := []madeStep{}
	for _, s := range steps {
		out = append(out, madeStep{s.Tool, s.Model, s.Version, s.Seed, s.Parameters})
	}
	return out
}

// making is one run over a picture or a folder of them.
type making struct {
	cmd     *cobra.Command
	out     string
	studio  *studio.Studio
	runtime *models.Runtime
	made    maker
}

// maker makes pictures of a photo; name is the file's, without its ending.
type maker func(ctx context.Context, name string, p *photo.Photo) ([]*studio.Picture, error)

// single is the maker of one picture.
func single(do func(context.Context, *photo.Photo) (*studio.Picture, error)) maker {
	return func(ctx context.Context, _ string, p *photo.Photo) ([]*studio.Picture, error) {
		picture, err := do(ctx, p)
		return []*studio.Picture{picture}, err
	}
}

// makeAll opens the models and makes a picture of each input.
func makeAll(cmd *cobra.Command, version, in, out string, with func(*studio.Studio) maker) (err error) {
	if out == "" {
		return usagef("studio %s: say with --out where the picture goes", cmd.Name())
	}
	jobs, err := pairs(in, out)
	if err != nil {
		return err
	}
	_, runtime, err := openRuntime(cmd)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, runtime.Close()) }()
	s := studio.Open(runtime, version)
	defer func() { err = errors.Join(err, s.Close()) }()
	m := &making{cmd: cmd, out: out, studio: s, runtime: runtime, made: with(s)}
	return m.all(jobs)
}

// all makes every picture; of a folder, one that fails does not stop the rest.
func (m *making) all(jobs [][2]string) error {
	failed := 0
	for i, j := range jobs {
		if len(jobs) > 1 {
			fmt.Fprintf(m.cmd.ErrOrStderr(), "studio: %d of %d: %s\n", i+1, len(jobs), filepath.Base(j[0]))
		}
		err := m.one(j[0], j[1])
		switch {
		case err == nil:
			continue
		case m.cmd.Context().Err() != nil:
			return fmt.Errorf("studio: interrupted after %d of %d pictures; those are written", i, len(jobs))
		case len(jobs) == 1:
			return err
		}
		failed++
		fmt.Fprintf(m.cmd.ErrOrStderr(), "cheval: %v\n", err)
	}
	if failed > 0 {
		return fmt.Errorf("studio: %d of %d pictures could not be made; the reasons stand above", failed, len(jobs))
	}
	return nil
}

func (m *making) one(in, out string) error {
	began := time.Now()
	p, err := photo.Read(in)
	if err != nil {
		return err
	}
	pictures, err := m.made(m.cmd.Context(), strings.TrimSuffix(pngName(in), ".png"), p)
	if err != nil {
		return fmt.Errorf("%w (%s)", err, filepath.Base(in))
	}
	for i, picture := range pictures {
		to := out
		if len(pictures) > 1 {
			to = fmt.Sprintf("%s-%02d%s", strings.TrimSuffix(out, filepath.Ext(out)), i, filepath.Ext(out))
		}
		if err := studio.Save(to, picture.Image); err != nil {
			return err
		}
		if err := m.tell(in, to, time.Since(began), picture); err != nil {
			return err
		}
		began = time.Now()
	}
	return nil
}

// tell prints one picture's line.
func (m *making) tell(in, out string, took time.Duration, picture *studio.Picture) error {
	line := madePicture{In: in, Out: out, MS: milliseconds(took), Steps: stepsJSON(picture.Steps), Problems: picture.Problems, Runs: m.runtime.Provider()}
	if line.Problems == nil {
		line.Problems = []photo.Problem{}
	}
	if asJSON(m.cmd) {
		return printJSON(m.cmd, line)
	}
	fmt.Fprintf(m.cmd.OutOrStdout(), "%s → %s (%.0f ms)\n", in, out, line.MS)
	for _, problem := range line.Problems {
		fmt.Fprintf(m.cmd.OutOrStdout(), "  %s\n", problem.Text)
	}
	return nil
}

// pairs lists what is read and what is written: a file and a file, or the
// pictures of a folder and PNGs of the same names in a folder that is made.
func pairs(in, out string) ([][2]string, error) {
	st, err := os.Stat(in)
	if err != nil {
		return nil, fmt.Errorf("studio: open %s: there is no such file or folder", in)
	}
	if !st.IsDir() {
		if o, err := os.Stat(out); err == nil && o.IsDir() {
			out = filepath.Join(out, pngName(in))
		}
		return [][2]string{{in, out}}, nil
	}
	pictures, err := studio.Pictures(in)
	if err != nil {
		return nil, err
	}
	if len(pictures) == 0 {
		return nil, fmt.Errorf("studio: %s holds no pictures", in)
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return nil, fmt.Errorf("studio: make the folder %s: %w", out, err)
	}
	taken := map[string]bool{}
	var jobs [][2]string
	for _, p := range pictures {
		name := pngName(p)
		if taken[name] { // a.jpg and a.png
			name = filepath.Base(p) + ".png"
		}
		taken[name] = true
		jobs = append(jobs, [2]string{p, filepath.Join(out, name)})
	}
	return jobs, nil
}

func pngName(path string) string {
	base := filepath.Base(path)
	return strings.TrimSuffix(base, filepath.Ext(base)) + ".png"
}

func newCutOutCmd(version string) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "cutout IN --out OUT",
		Short: "Cut the product out of a photo, or of a folder of them, as PNG with alpha",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return makeAll(cmd, version, args[0], out, func(s *studio.Studio) maker {
				return single(func(ctx context.Context, p *photo.Photo) (*studio.Picture, error) {
					cut, err := s.CutOut(ctx, p)
					if err != nil {
						return nil, err
					}
					return &cut.Picture, nil
				})
			})
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "the `PNG` (or folder) that is written")
	addDevice(cmd)
	return cmd
}

// sliders are an adjustment's flags; what is not given is automatic.
type sliders struct{ learned, white, exposure, contrast, denoise, sharpness float64 }

func (s *sliders) add(cmd *cobra.Command) {
	for name, to := range map[string]*float64{"learned": &s.learned, "white-balance": &s.white, "exposure": &s.exposure, "local-contrast": &s.contrast, "denoise": &s.denoise, "sharpness": &s.sharpness} {
		cmd.Flags().Float64Var(to, name, -1, "from 0 to 1; left out, automatic")
		cmd.Flags().Lookup(name).DefValue = "automatic"
	}
}

// over puts the given sliders over the automatic ones. Without the learned
// correction, those are the usual ones.
func (s *sliders) over(e enhance.Estimate) (enhance.Adjust, error) {
	if s.learned == 0 {
		e.Correction = nil
	}
	a := enhance.Auto(e)
	for _, pair := range []struct {
		given float64
		to    *float64
	}{{s.learned, &a.Learned}, {s.white, &a.WhiteBalance}, {s.exposure, &a.Exposure}, {s.contrast, &a.LocalContrast}, {s.denoise, &a.Denoise}, {s.sharpness, &a.Sharpness}} {
		switch {
		case pair.given == -1:
		case pair.given >= 0 && pair.given <= 1:
			*pair.to = pair.given
		default:
			return a, usagef("studio: a slider of %g: they go from 0 to 1", pair.given)
		}
	}
	return a, nil
}

func newEnhanceCmd(version string) *cobra.Command {
	var out string
	var given sliders
	var factor int
	cmd := &cobra.Command{
		Use:   "enhance IN --out OUT",
		Short: "Enhance a photo or a cut-out: light, colour cast, contrast, noise, sharpness, size",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if factor != 1 && factor != 2 && factor != 4 {
				return usagef("studio enhance: enlarge by 1, 2 or 4, not %d", factor)
			}
			if _, err := given.over(enhance.Estimate{}); err != nil {
				return err
			}
			return makeAll(cmd, version, args[0], out, func(s *studio.Studio) maker {
				return single(func(ctx context.Context, p *photo.Photo) (*studio.Picture, error) {
					e, problems := s.Measure(p)
					a, err := given.over(e)
					if err != nil {
						return nil, err
					}
					picture, err := s.Enhance(ctx, p, e, a, factor)
					if err == nil {
						picture.Problems = append(picture.Problems, problems...)
					}
					return picture, err
				})
			})
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "the `PICTURE` (or folder) that is written")
	cmd.Flags().IntVar(&factor, "enlarge", 1, "1, 2 or 4 times, by the super-resolution model")
	given.add(cmd)
	addDevice(cmd)
	return cmd
}

func newDedupeCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "dedupe DIR",
		Short: "Find the photos of a folder that are nearly the same",
		Args:  cobra.ExactArgs(1),
		RunE:  func(cmd *cobra.Command, args []string) error { return dedupe(cmd, args[0]) },
	}
}

// deduped is what `studio dedupe` prints.
type deduped struct {
	Pictures int             `json:"pictures"`
	Groups   []dedupedGroup  `json:"groups"`
	Problems []dedupeProblem `json:"problems"`
}

// dedupedGroup is one set of near-duplicates, with each one's distance from
// the first in bits of the perceptual hash.
type dedupedGroup struct {
	Files []string `json:"files"`
	Bits  []int    `json:"bits"`
}

type dedupeProblem struct {
	File string `json:"file"`
	Why  string `json:"why"`
}

func dedupe(cmd *cobra.Command, dir string) error {
	files, err := studio.Pictures(dir)
	if err != nil {
		return err
	}
	result := deduped{Groups: []dedupedGroup{}, Problems: []dedupeProblem{}}
	var prints []photo.Print
	var names []string
	for _, f := range files {
		if cmd.Context().Err() != nil {
			return fmt.Errorf("studio: interrupted after %d of %d pictures", len(prints), len(files))
		}
		p, err := photo.Read(f)
		if err != nil {
			result.Problems = append(result.Problems, dedupeProblem{filepath.Base(f), err.Error()})
			continue
		}
		print, err := photo.PrintOf(p.Image)
		if err != nil {
			return err
		}
		prints, names = append(prints, print), append(names, filepath.Base(f))
	}
	result.Pictures = len(prints)
	for _, g := range photo.Groups(prints) {
		group := dedupedGroup{Bits: g.Bits}
		for _, i := range g.Photos {
			group.Files = append(group.Files, names[i])
		}
		result.Groups = append(result.Groups, group)
	}
	if asJSON(cmd) {
		return printJSON(cmd, result)
	}
	w := cmd.OutOrStdout()
	fmt.Fprintf(w, "%d pictures, %d groups of near-duplicates\n", result.Pictures, len(result.Groups))
	for _, g := range result.Groups {
		fmt.Fprintf(w, "  %s\n", strings.Join(g.Files, "  "))
	}
	for _, p := range result.Problems {
		fmt.Fprintf(cmd.ErrOrStderr(), "cheval: %s\n", p.Why)
	}
	return nil
}
