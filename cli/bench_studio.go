package cli

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"time"

	"cheval/models"
	"cheval/studio"
	"cheval/studio/cutout"
	"cheval/studio/photo"

	"github.com/spf13/cobra"
	"golang.org/x/image/draw"
)

// studioBenchFlags are what `cheval bench studio` was asked.
type studioBenchFlags struct {
	photo    string
	python   string
	runs     int
	batch    int
	products int
}

// newBenchStudioCmd is `cheval bench studio`.
func newBenchStudioCmd(version string) *cobra.Command {
	var f studioBenchFlags
	cmd := &cobra.Command{
		Use:   "studio",
		Short: "Time cutting out, the rest of a photo's way, an import and searches",
		Long: `Times a photo of three megapixels on its way to a shop's picture: the cut-out's
network, and everything else together; 10,000 rows of a spreadsheet on their way
in; searches over 100,000 products; and what memory a batch of photos takes.

With --python, the same network is timed in onnxruntime's Python package in the
same run, photo by photo in turn. Quote the least of the times where other work
runs on the machine.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.runs < 1 || f.batch < 0 || f.products < 0 {
				return usagef("bench studio: --runs from 1, --batch and --products from 0")
			}
			return benchStudio(cmd, version, f)
		},
	}
	cmd.Flags().StringVar(&f.photo, "photo", "", "a `PHOTO` to time; default the demo portrait at three megapixels")
	cmd.Flags().StringVar(&f.python, "python", "", "a `PYTHON` with onnxruntime and pillow, to compare the cut-out with")
	cmd.Flags().IntVar(&f.runs, "runs", 5, "times that the photo goes the whole way")
	cmd.Flags().IntVar(&f.batch, "batch", 50, "photos of the batch whose memory is watched; 0: none")
	cmd.Flags().IntVar(&f.products, "products", 100_000, "products that are searched; 0: none")
	addDevice(cmd)
	return cmd
}

// studioBench is one run of the bench.
type studioBench struct {
	cmd     *cobra.Command
	flags   studioBenchFlags
	dir     string // for what it needs, removed at the end
	photo   string
	figures map[string]float64
	coarse  *image.Alpha // of the photo, for what needs no network
}

func benchStudio(cmd *cobra.Command, version string, f studioBenchFlags) (err error) {
	dir, err := os.MkdirTemp("", "cheval-bench-")
	if err != nil {
		return fmt.Errorf("bench studio: %w", err)
	}
	defer os.RemoveAll(dir)
	store, r, err := openRuntime(cmd)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	b := &studioBench{cmd: cmd, flags: f, dir: dir, photo: f.photo, figures: map[string]float64{}}
	if b.photo == "" {
		if b.photo, err = threeMegapixels(store, dir); err != nil {
			return err
		}
	}
	s := studio.Open(r, version)
	defer func() { err = errors.Join(err, s.Close()) }()
	for _, do := range []func() error{
		func() error { return b.photos(s, store) },
		func() error { return b.memory(s) },
		b.spreadsheet,
		b.search,
	} {
		if err := do(); err != nil {
			return err
		}
	}
	return printBench(cmd, b.figures)
}

func (b *studioBench) say(format string, args ...any) {
	fmt.Fprintf(b.cmd.ErrOrStderr(), "bench studio: "+format+"\n", args...)
}

// threeMegapixels writes the demo portrait as a phone would.
func threeMegapixels(store *models.Store, dir string) (string, error) {
	path, err := store.Path("demo_portrait")
	if err != nil {
		return "", err
	}
	p, err := photo.Read(path)
	if err != nil {
		return "", err
	}
	m := image.NewRGBA(image.Rect(0, 0, 1732, 1732))
	draw.CatmullRom.Scale(m, m.Rect, p.Image, p.Image.Rect, draw.Src, nil)
	path = filepath.Join(dir, "photo.jpg")
	f, err := os.Create(path)
	if err != nil {
		return "", fmt.Errorf("bench studio: %w", err)
	}
	if err := errors.Join(jpeg.Encode(f, m, &jpeg.Options{Quality: 90}), f.Close()); err != nil {
		return "", fmt.Errorf("bench studio: %w", err)
	}
	return path, nil
}

// photos times the whole way, the network apart, and the reference in turn.
func (b *studioBench) photos(s *studio.Studio, store *models.Store) (err error) {
	var reference *isnetReference
	if b.flags.python != "" {
		if reference, err = startISNet(b.cmd.Context(), b.flags.python, store, b.dir); err != nil {
			return err
		}
		defer reference.close()
	}
	var network, rest, python []float64
	for i := range b.flags.runs + 1 {
		b.say("photo %d of %d", i, b.flags.runs)
		began := time.Now()
		took, err := b.whole(s)
		if err != nil {
			return err
		}
		all := milliseconds(time.Since(began))
		ms := 0.0
		if reference != nil {
			if ms, err = reference.time(b.photo); err != nil {
				return err
			}
		}
		if i == 0 {
			continue // both warm up
		}
		network, rest, python = append(network, milliseconds(took)), append(rest, all-milliseconds(took)), append(python, ms)
	}
	b.put("cutout_ms", network)
	b.put("rest_ms_per_3mp_photo", rest)
	if reference != nil {
		b.put("python_reference_ms", python)
		b.figures["ratio"] = slices.Min(network) / slices.Min(python)
		b.figures["ratio_of_medians"] = middle(network) / middle(python)
	}
	return nil
}

// put notes the median of times, and the least.
func (b *studioBench) put(name string, times []float64) {
	b.figures[name] = middle(times)
	b.figures[name+"_least"] = slices.Min(times)
}

func middle(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}

// whole takes the photo from its file to the encoded picture; took is the
// network's part.
func (b *studioBench) whole(s *studio.Studio) (took time.Duration, err error) {
	p, err := photo.Read(b.photo)
	if err != nil {
		return 0, err
	}
	cut, err := s.CutOut(b.cmd.Context(), p)
	if err != nil {
		return 0, err
	}
	b.coarse = cut.Coarse
	return cut.Network, b.finish(s, cut)
}

func (b *studioBench) finish(s *studio.Studio, cut *studio.Cut) error {
	picture, err := s.Make(b.cmd.Context(), cut, studio.ShopPlan())
	if err != nil {
		return err
	}
	return studio.Encode(io.Discard, picture.Image)
}

// memory works through a batch with the mask of the first photo, so that it is
// the pictures' memory that shows and not the network's.
func (b *studioBench) memory(s *studio.Studio) error {
	n := b.flags.batch
	if n == 0 {
		return nil
	}
	b.say("a batch of %d photos", n)
	worked := processorTime()
	for i := range n {
		p, err := photo.Read(b.photo)
		if err != nil {
			return err
		}
		cut, err := s.Recut(p, cutout.Refine(p.Image, b.coarse), nil, nil)
		if err != nil {
			return err
		}
		if err := b.finish(s, cut); err != nil {
			return err
		}
		if i == n/10 {
			runtime.GC()
			b.figures["rss_after_tenth_mb"] = residentMB()
		}
	}
	b.figures["rest_processor_ms_per_3mp_photo"] = milliseconds(processorTime()-worked) / float64(n)
	runtime.GC()
	b.figures["rss_after_batch_mb"] = residentMB()
	b.figures["rss_peak_mb"] = peakMB()
	return nil
}

// processorTime is how long this process has worked, on all cores: on a machine
// that others use, it says more than the clock.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// isnetReference is the network in a Python process.
type isnetReference struct{ *pipe }

// startISNet starts it on the model of the store.
func startISNet(ctx context.Context, python string, store *models.Store, dir string) (*isnetReference, error) {
	model, err := store.Path(cutout.Model)
	if err != nil {
		return nil, err
	}
	script := filepath.Join(dir, "bench_studio.py")
	if err := os.WriteFile(script, isnetScript, 0o600); err != nil {
		return nil, fmt.Errorf("bench studio: %w", err)
	}
	p, err := startPipe(ctx, python, script, model)
	if err != nil {
		return nil, fmt.Errorf("bench studio: %s does not run the reference (%w): install it there with `%s -m pip install onnxruntime==1.31.1 pillow`", python, err, python)
	}
	return &isnetReference{p}, nil
}

// time asks for one photo's milliseconds.
func (r *isnetReference) time(path string) (ms float64, err error) {
	line, err := r.ask(path)
	if err != nil {
		return 0, fmt.Errorf("bench studio: the reference ended: %w", err)
	}
	if _, err := fmt.Sscan(line, &ms); err != nil {
		return 0, fmt.Errorf("bench studio: the reference said %.60q", line)
	}
	return ms, nil
}
