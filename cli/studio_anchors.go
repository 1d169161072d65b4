package cli

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"cheval/catalog"
	"cheval/internal/wholefile"
	"cheval/models"
	"cheval/studio/anchor"
	"cheval/studio/cutout"
	"cheval/studio/photo"
)

// anchorFlags are what `cheval studio anchors` was asked.
type anchorFlags struct {
	notation, out, name, material string
	width                         float32
}

func newAnchorsCmd() *cobra.Command {
	var f anchorFlags
	cmd := &cobra.Command{
		Use:   "anchors IN... [--notation SIZE | --width MM] [--out DIR]",
		Short: "Make eyewear that can be worn of a front photo",
		Long: `Finds the lenses, the outer edge, bridge and hinges of the frame in a photo from
the front, measures it, and says what is doubtful. The scale comes from the size
as the trade writes it (--notation "52□18-145", or in the file's name), else
from the total width in millimetres. With --out it writes a draft product and
its front, which ` + "`cheval try --product`" + ` puts on. A photo with its own alpha is
taken as cut out already.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			hint, err := f.hint()
			if err != nil {
				return err
			}
			return findAnchors(cmd, args, f, hint)
		},
	}
	cmd.Flags().StringVar(&f.notation, "notation", "", "the frame's `SIZE`, such as 52□18-145 or 52-18-145")
	cmd.Flags().Float32Var(&f.width, "width", 0, "the front's total width in `MM`")
	cmd.Flags().StringVar(&f.material, "material", "", "acetate or metal, where the photo deceives")
	cmd.Flags().StringVar(&f.name, "name", "", "what the product is called; else after the file")
	cmd.Flags().StringVar(&f.out, "out", "", "write product and front into this `DIR`")
	addDevice(cmd)
	return cmd
}

func (f *anchorFlags) hint() (anchor.Hint, error) {
	h := anchor.Hint{FrontWidth: f.width, Material: catalog.Material(f.material)}
	if f.notation != "" {
		n, ok := catalog.ParseNotation(f.notation)
		if !ok {
			return h, usagef("studio anchors: %q is no frame's size; write it like 52□18-145", f.notation)
		}
		h.Notation = n
	}
	if f.width != 0 && !(f.width >= 90 && f.width <= 190) {
		return h, usagef("studio anchors: --width %g is no front's width; give 90 to 190 mm", f.width)
	}
	if f.material != "" && h.Material != catalog.Acetate && h.Material != catalog.Metal {
		return h, usagef("studio anchors: --material is acetate or metal, not %q", f.material)
	}
	return h, nil
}

// anchored is a line of the command for programs. These names are a contract.
type anchored struct {
	In       string           `json:"in"`
	Out      string           `json:"out,omitempty"`
	MS       anchoredTimes    `json:"ms"`
	Width    int              `json:"width"`
	Height   int              `json:"height"`
	Outlines [2][][2]float32  `json:"outlines"`
	Contour  [][2]float32     `json:"contour"`
	Bridge   [2]float32       `json:"bridge"`
	Hinges   [2][2]float32    `json:"hinges"`
	MMPerPx  float32          `json:"mm_per_px"`
	Scale    string           `json:"scale"`
	Measured anchoredMeasures `json:"measured"`
	Product  *anchoredProduct `json:"product"` // null: cannot be worn, see problems
	Problems []anchoredDoubt  `json:"problems"`
	Runs     *models.Provider `json:"provider,omitempty"` // of the cut-out, where one was made
}

type anchoredTimes struct {
	CutOut float64 `json:"cutout"`
	Find   float64 `json:"find"`
	Wear   float64 `json:"wear"`
}

type anchoredMeasures struct {
	Opening    float32 `json:"opening"`
	Height     float32 `json:"height"`
	Between    float32 `json:"between"`
	FrontWidth float32 `json:"front_width"`
	Rim        float32 `json:"rim"`
}

type anchoredProduct struct {
	ID           string  `json:"id"`
	Notation     string  `json:"notation"`
	Shape        string  `json:"shape"`
	Material     string  `json:"material"`
	HalfRim      bool    `json:"half_rim"`
	Colour       string  `json:"colour"`
	Kind         string  `json:"kind"`
	Transmission float32 `json:"transmission"`
}

type anchoredDoubt struct {
	What    string  `json:"what"`
	Why     string  `json:"why"`
	Measure float32 `json:"measure"`
	Limit   float32 `json:"limit"`
}

// anchoring is one run over some photos.
type anchoring struct {
	cmd     *cobra.Command
	f       anchorFlags
	runtime *models.Runtime
	cutter  *cutout.Cutter
}

func findAnchors(cmd *cobra.Command, files []string, f anchorFlags, hint anchor.Hint) (err error) {
	if _, err := askedDevice(cmd); err != nil {
		return err
	}
	run := &anchoring{cmd: cmd, f: f}
	defer func() { err = errors.Join(err, run.close()) }()
	for _, file := range files {
		if err := cmd.Context().Err(); err != nil {
			return fmt.Errorf("studio anchors: interrupted before %s", filepath.Base(file))
		}
		if err := run.one(cmd.Context(), file, hint); err != nil {
			return err
		}
	}
	return nil
}

func (r *anchoring) close() error {
	var err error
	if r.cutter != nil {
		err = r.cutter.Close()
	}
	if r.runtime != nil {
		err = errors.Join(err, r.runtime.Close())
	}
	return err
}

// one finds, measures, makes and prints one photo's frame.
func (r *anchoring) one(_ context.Context, file string, hint anchor.Hint) error {
	p, err := photo.Read(file)
	if err != nil {
		return err
	}
	line := anchored{In: file, Width: p.Image.Rect.Dx(), Height: p.Image.Rect.Dy(), Problems: []anchoredDoubt{}}
	if hint.Notation.Lens == 0 {
		hint.Notation, _ = catalog.ParseNotation(baseName(file))
	}
	alpha := p.Alpha
	if alpha == nil {
		if alpha, err = r.cut(p.Image, &line); err != nil {
			return fmt.Errorf("studio anchors: cut out %s: %w", filepath.Base(file), err)
		}
	}
	began := time.Now()
	a, err := anchor.Find(p.Image, alpha, hint)
	if err != nil {
		return fmt.Errorf("studio anchors: %s: %w", filepath.Base(file), err)
	}
	line.MS.Find = milliseconds(time.Since(began))
	line.take(a)
	if a.MMPerPixel > 0 {
		began = time.Now()
		w, err := anchor.Wear(p.Image, alpha, a, hint)
		line.MS.Wear = milliseconds(time.Since(began))
		if err != nil {
			line.Problems = append(line.Problems, anchoredDoubt{What: "product", Why: err.Error()})
		} else if err := r.make(file, w, a, &line); err != nil {
			return err
		}
	}
	return r.print(&line)
}

// cut runs ISNet, opened with the first photo that needs it.
func (r *anchoring) cut(img *image.RGBA, line *anchored) (*image.Alpha, error) {
	if r.cutter == nil {
		_, runtime, err := openRuntime(r.cmd)
		if err != nil {
			return nil, err
		}
		r.runtime = runtime
		if r.cutter, err = cutout.Open(runtime); err != nil {
			return nil, err
		}
	}
	began := time.Now()
	alpha, err := r.cutter.Cut(img)
	line.MS.CutOut = milliseconds(time.Since(began))
	provider := r.runtime.Provider()
	line.Runs = &provider
	return alpha, err
}

func (line *anchored) take(a *catalog.Anchors) {
	line.Outlines, line.Contour, line.Bridge, line.Hinges = a.Outlines, a.Contour, a.Bridge, a.Hinges
	line.MMPerPx, line.Scale, line.Measured = a.MMPerPixel, string(a.Scale), anchoredMeasures(a.Measured)
	for _, d := range a.Doubts {
		line.Problems = append(line.Problems, anchoredDoubt(d))
	}
}

// make fills in the product, and writes it where the command says so.
func (r *anchoring) make(file string, w *anchor.Wearable, a *catalog.Anchors, line *anchored) error {
	name := r.f.name
	if name == "" {
		name = baseName(file)
	}
	id := handleOf(name)
	p, err := anchor.Product(id, name, w, a)
	if err != nil {
		return err
	}
	line.Product = &anchoredProduct{
		ID: id, Notation: p.Eyewear.Notation(), Shape: string(p.Eyewear.Shape), Material: string(p.Eyewear.Material),
		HalfRim: p.Eyewear.HalfRim, Colour: p.Variants[0].Colour, Kind: string(p.Kind), Transmission: p.Variants[0].Lens.Transmission,
	}
	if r.f.out == "" {
		return nil
	}
	front := p.Variants[0].Front
	front.File = id + "-front.png"
	if err := os.MkdirAll(r.f.out, 0o755); err != nil {
		return fmt.Errorf("studio anchors: make %s: %w", r.f.out, err)
	}
	err = wholefile.Write(filepath.Join(r.f.out, front.File), 0o644, func(f *os.File) error { return png.Encode(f, front.Image) })
	if err != nil {
		return fmt.Errorf("studio anchors: write %s: %w", front.File, err)
	}
	line.Out = filepath.Join(r.f.out, id+".json")
	if err := wholefile.Write(line.Out, 0o644, func(f *os.File) error { return catalog.Encode(f, p) }); err != nil {
		return fmt.Errorf("studio anchors: write %s: %w", filepath.Base(line.Out), err)
	}
	return nil
}

func baseName(file string) string {
	return strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
}

// handleOf makes a product's handle of a name.
func handleOf(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	if id := strings.Trim(b.String()[:min(b.Len(), 80)], "-"); id != "" {
		return id
	}
	return "frame"
}

func (r *anchoring) print(line *anchored) error {
	if asJSON(r.cmd) {
		return printJSON(r.cmd, line)
	}
	out := r.cmd.OutOrStdout()
	if line.Product == nil {
		fmt.Fprintf(out, "%s: no frame to wear yet\n", filepath.Base(line.In))
	} else {
		fmt.Fprintf(out, "%s: %s %s %s %s, %.1f mm wide, found in %.0f ms", filepath.Base(line.In), line.Product.Notation,
			line.Product.Colour, line.Product.Material, line.Product.Shape, line.Measured.FrontWidth, line.MS.Find)
		if line.Out != "" {
			fmt.Fprintf(out, " → %s", line.Out)
		}
		fmt.Fprintln(out)
	}
	for _, p := range line.Problems {
		fmt.Fprintf(out, "  %s: %s\n", p.What, p.Why)
	}
	return nil
}
