package cli

import (
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"cheval/catalog"
	"cheval/catalog/store"
	"cheval/internal/wholefile"
	"cheval/models"
	"cheval/recommender"
	"cheval/recommender/people"
	"cheval/studio"
	"cheval/studio/generate/frames"
	"cheval/studio/publish"
)

// framesFlags are what `cheval studio generate --category eyewear` was asked
// beside what garments are.
type framesFlags struct{ shape, material, kind, size string }

func (f *framesFlags) add(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.shape, "shape", "", "of eyewear: the lens's `SHAPE`: round, cat-eye, …")
	fl.StringVar(&f.material, "material", "", "of eyewear: the frame's `MATERIAL`: acetate, metal or rimless")
	fl.StringVar(&f.kind, "kind", "", "of eyewear: optical or sun (a `KIND`)")
	fl.StringVar(&f.size, "size", "", "of eyewear: narrow, medium or wide (a `SIZE`)")
}

// given says whether any was.
func (f *framesFlags) given() bool { return *f != framesFlags{} }

// proposedFrame is a line of its JSON.
type proposedFrame struct {
	Out      string          `json:"out"`
	Product  string          `json:"product"` // file of the draft, to be tried on
	Number   int             `json:"number"`
	Seed     int64           `json:"seed"`
	Attempt  int             `json:"attempt"`
	Category string          `json:"category"`
	Shape    string          `json:"shape"`
	Material string          `json:"material"`
	Kind     string          `json:"kind"`
	Colour   string          `json:"colour"`
	Size     string          `json:"size"`
	Measures frameMeasures   `json:"measures"`
	Quality  float64         `json:"quality"`
	Nearest  frames.Nearest  `json:"nearest"`
	Prior    string          `json:"prior"`
	Ignored  []string        `json:"ignored,omitempty"`
	Provider models.Provider `json:"provider"`
}

// frameMeasures are in millimetres, as the trade has them.
type frameMeasures struct {
	Notation   string  `json:"notation"`
	Lens       float32 `json:"lens"`
	LensHeight float32 `json:"lens_height"`
	Bridge     float32 `json:"bridge"`
	Temple     float32 `json:"temple"`
	Width      float32 `json:"width"`
	Rim        float32 `json:"rim"`
}

// framesRun is one run of the command for eyewear.
type framesRun struct {
	f       *generateFlags
	cmd     *cobra.Command
	request frames.Request
	prior   *frames.Prior
	heads   *publish.Heads
	asked   models.Device
}

// runFrames proposes eyewear: by measures, not by pictures.
func (f *generateFlags) runFrames(cmd *cobra.Command, words string) error {
	asked, err := askedDevice(cmd)
	if err != nil {
		return err
	}
	run := &framesRun{f: f, cmd: cmd, asked: asked, request: f.framesRequest(cmd, words)}
	products, err := framesToLearnFrom(cmd)
	if err != nil {
		return err
	}
	if run.prior, err = frames.Fit(products); err != nil {
		return err
	}
	if err := run.like(products); err != nil {
		return err
	}
	if err := run.prior.Check(run.request); err != nil {
		return err
	}
	if err := run.open(cmd.Context()); err != nil {
		return err
	}
	return run.prior.Propose(cmd.Context(), run.request, run.write)
}

// framesRequest is what flags say and, where they are silent, words.
func (f *generateFlags) framesRequest(cmd *cobra.Command, words string) frames.Request {
	r, ignored := frames.Words(words)
	if f.ignored = ignored; len(ignored) > 0 {
		fmt.Fprintf(cmd.ErrOrStderr(), "cheval: studio generate: %q says nothing of a frame that is known; it is ignored\n", strings.Join(ignored, ", "))
	}
	over := func(to *string, flag string) {
		if flag != "" {
			*to = flag
		}
	}
	over((*string)(&r.Shape), f.frames.shape)
	over((*string)(&r.Material), f.frames.material)
	over((*string)(&r.Kind), f.frames.kind)
	over((*string)(&r.Size), f.frames.size)
	over(&r.Colour, f.request.Colour)
	if r.Count == 0 || cmd.Flags().Changed("count") {
		r.Count = f.request.Count
	}
	r.Seed = f.request.Seed
	return r
}

// framesToLearnFrom are the starter products and, where there is a shop, its own.
func framesToLearnFrom(cmd *cobra.Command) ([]*catalog.Product, error) {
	starter, err := starterProducts()
	if err != nil {
		return nil, err
	}
	home, err := models.Home()
	if err != nil || !store.Exists(home) {
		return starter.All(), err
	}
	products := starter.All()
	err = withShop(cmd, func(s *store.Store) error {
		shop, err := s.Catalogue()
		if err == nil {
			products = append(products, shop.All()...)
		}
		return err
	})
	return products, err
}

// like finds the frames of --like, and of what the person of --profile liked.
func (r *framesRun) like(products []*catalog.Product) error {
	byID := map[string]*catalog.Product{}
	for _, p := range products {
		byID[p.ID] = p
	}
	for _, name := range r.f.like {
		p := byID[name]
		if p == nil {
			if _, err := os.Stat(name); err != nil {
				return fmt.Errorf("studio generate: --like %s: there is neither a product with this ID nor such a product file; `cheval catalog list` shows the products", filepath.Base(name))
			}
			var err error
			if p, err = readProduct(name); err != nil {
				return fmt.Errorf("studio generate: --like: %w", err)
			}
		}
		r.request.Like = append(r.request.Like, p)
	}
	if r.f.profile == "" {
		return nil
	}
	ids, err := profileLikedIDs(r.cmd, r.f.profile)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if p := byID[id]; p != nil && p.Wearable() {
			r.request.Like = append(r.request.Like, p)
		}
	}
	if len(r.request.Like) == 0 {
		return fmt.Errorf("studio generate: the profile %s has liked no eyewear yet; name one with --like", r.f.profile)
	}
	return nil
}

// profileLikedIDs are the products that a person liked, kept or bought, newest
// first.
func profileLikedIDs(cmd *cobra.Command, profile string) (ids []string, err error) {
	if err := recommender.CheckProfileID(profile); err != nil {
		return nil, err
	}
	err = withPeople(cmd, func(kept *people.Store) error {
		if _, err := kept.Profile(profile); err != nil {
			return err
		}
		events, err := kept.Events(profile)
		ids = likedIDs(events)
		return err
	})
	return ids, err
}

// open makes the folder, and the head that wears what is proposed.
func (r *framesRun) open(ctx context.Context) error {
	s, err := models.OpenHome()
	if err != nil {
		return err
	}
	if r.heads, err = publish.OpenHeads(ctx, s); err != nil {
		return err
	}
	if err := os.MkdirAll(r.f.out, 0o755); err != nil {
		return fmt.Errorf("studio generate: make the folder %s: %w", filepath.Base(r.f.out), err)
	}
	return nil
}

// write saves one proposal, worn and as a draft, and says what it is.
func (r *framesRun) write(m *frames.Proposal) error {
	e := &m.Eyewear
	line := proposedFrame{
		Out: filepath.Join(r.f.out, fmt.Sprintf("%03d.png", m.Number+1)), Product: filepath.Join(r.f.out, fmt.Sprintf("%03d.json", m.Number+1)),
		Number: m.Number + 1, Seed: m.Seed, Attempt: m.Attempt, Category: catalog.Worn, Shape: string(e.Shape), Material: string(e.Material),
		Kind: string(m.Kind), Colour: m.Variant.Colour, Size: string(e.Size()), Quality: m.Quality, Nearest: m.Nearest, Prior: r.prior.Version(), Ignored: r.f.ignored,
		Measures: frameMeasures{e.Notation(), e.LensWidth, e.LensHeight, e.Bridge, e.Temple, e.FrontWidth, e.Rim},
		Provider: models.Provider{Asked: r.asked, Ran: models.CPU, Why: "frames are proposed and drawn on the processor, so that they come out the same on every machine"},
	}
	worn := r.heads.Front(m.Mesh, e, &m.Variant)
	if err := studio.Save(line.Out, &image.NRGBA{Pix: worn.Pix, Stride: worn.Stride, Rect: worn.Rect}); err != nil {
		return err
	}
	draft, err := r.prior.Product(r.request, m, map[string]string{"en": frameName(m)}, r.f.version, time.Now().UTC().Truncate(time.Second))
	if err != nil {
		return err
	}
	if err := wholefile.Write(line.Product, 0o644, func(f *os.File) error { return catalog.Encode(f, draft) }); err != nil {
		return errors.Join(err, os.Remove(line.Out))
	}
	return r.tell(line)
}

// frameName is what a proposal is called until somebody names it.
func frameName(m *frames.Proposal) string {
	shape := string(m.Eyewear.Shape)
	return strings.ToUpper(shape[:1]) + shape[1:] + " " + m.Eyewear.Notation()
}

func (r *framesRun) tell(line proposedFrame) error {
	if r.request.Count > 1 {
		fmt.Fprintf(r.cmd.ErrOrStderr(), "studio: proposed %d of %d\n", line.Number, r.request.Count)
	}
	if asJSON(r.cmd) {
		return printJSON(r.cmd, line)
	}
	_, err := fmt.Fprintf(r.cmd.OutOrStdout(), "%s\t%s %s %s %s, %s, %g mm wide, nearest %s at %.1f mm\n", line.Out, line.Measures.Notation,
		line.Colour, line.Material, line.Shape, line.Kind, line.Measures.Width, line.Nearest.Product, line.Nearest.Difference)
	return err
}
