package cli

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/image/draw"

	"cheval/camera"
	"cheval/models"
	"cheval/tryon"
	"cheval/tryon/refine"
)

// ganBenchFlags are what `cheval bench gan` was asked.
type ganBenchFlags struct {
	product, video string
	frames         int
}

// newBenchGANCmd is `cheval bench gan`.
func newBenchGANCmd() *cobra.Command {
	var f ganBenchFlags
	cmd := &cobra.Command{
		Use:   "gan",
		Short: "Time the networks that the project trained, and measure how steady they are",
		Long: `Has a product worn on the demo portrait, 1280×1280 with a camera's noise, or in
a clip of somebody who sits still, and refined at each of the refiner's sizes.
It prints what refining a frame takes (the median and the least; all of it, not
only the network) and how much the refined picture changes from frame to frame
over the one that was drawn: pixel by pixel, and in means of 8×8 pixels, in
which the camera's noise averages out. Then it times the picture encoder, and
the designer on 100 pictures, ten of each category.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.frames < 2 || f.frames > 10_000 {
				return usagef("bench gan: --frames must be 2 to 10000, not %d", f.frames)
			}
			return benchGAN(cmd, f)
		},
	}
	cmd.Flags().StringVar(&f.product, "product", "lune", "what is worn: the `ID` of a starter product")
	cmd.Flags().StringVar(&f.video, "video", "", "a `CLIP` in which nothing moves, in place of the portrait")
	cmd.Flags().IntVar(&f.frames, "frames", 60, "so many `frames` at each size, after ten to settle")
	addDevice(cmd)
	return cmd
}

func benchGAN(cmd *cobra.Command, f ganBenchFlags) error {
	shop, err := starterProducts()
	if err != nil {
		return err
	}
	product := shop.Product(f.product)
	if product == nil {
		return usagef("bench gan: the starter catalogue has no product %q", f.product)
	}
	device, err := askedDevice(cmd)
	if err != nil {
		return err
	}
	store, err := models.OpenHome()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "cheval-bench-")
	if err != nil {
		return fmt.Errorf("bench gan: %w", err)
	}
	defer os.RemoveAll(dir)
	b := &ganBench{cmd: cmd, flags: f, store: store, device: device, worn: tryon.Worn{Product: product}, figures: map[string]float64{}}
	if b.source, err = b.spec(dir); err != nil {
		return err
	}
	for _, size := range refine.Sizes() {
		if err := b.refiner(cmd.Context(), size); err != nil {
			return err
		}
	}
	if err := b.designer(cmd.Context()); err != nil {
		return err
	}
	return printBench(cmd, b.figures)
}

// ganBench is one run of the bench.
type ganBench struct {
	cmd     *cobra.Command
	flags   ganBenchFlags
	store   *models.Store
	device  models.Device
	worn    tryon.Worn
	source  camera.Spec
	figures map[string]float64
}

const (
	ganSettle = 10   // frames before it counts
	ganSide   = 1280 // of the portrait, pixels
	ganNoise  = 3    // σ of the camera's noise on it, levels of 255
)

// spec is where the frames come from: the clip, or the portrait, which is
// enlarged in dir.
func (b *ganBench) spec(dir string) (camera.Spec, error) {
	if b.flags.video != "" {
		return camera.Spec{Kind: camera.KindFile, Path: b.flags.video, Loop: true}, nil
	}
	path, err := b.store.Path("demo_portrait")
	if err != nil {
		return camera.Spec{}, err
	}
	small, err := camera.ReadImage(path)
	if err != nil {
		return camera.Spec{}, err
	}
	large := image.NewRGBA(image.Rect(0, 0, ganSide, ganSide))
	draw.CatmullRom.Scale(large, large.Rect, small, small.Rect, draw.Src, nil)
	path = filepath.Join(dir, "portrait.png")
	return camera.Spec{Kind: camera.KindStill, Path: path, Noise: ganNoise, Paced: true, FPS: 1000}, camera.SavePicture(path, large)
}

// refiner measures one of its sizes; where there is no refiner, it says so.
func (b *ganBench) refiner(ctx context.Context, size refine.Size) (err error) {
	engine, err := tryon.OpenEngine(b.store, b.device, tryon.Options{Refine: true, RefineSize: size})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, engine.Close()) }()
	if why := engine.Refining().Why; why != "" {
		if size == refine.Sizes()[0] {
			fmt.Fprintf(b.cmd.ErrOrStderr(), "bench gan: nothing is measured of the refiner: %s\n", why)
		}
		return nil
	}
	if size == refine.Sizes()[0] {
		tellFallback(b.cmd.ErrOrStderr(), engine.Provider())
	}
	engine.KeepPlain(true)
	times, flicker, err := b.watch(ctx, engine)
	if err != nil {
		return err
	}
	if len(times) == 0 {
		return fmt.Errorf("bench gan: in %d frames no product was refined: no face was found, or %s", b.flags.frames, engine.Refining().Why)
	}
	slices.Sort(times)
	name := fmt.Sprintf("refiner_%dx%d_", size.W, size.H)
	b.figures[name+"ms"], b.figures[name+"least_ms"] = milliseconds(percentile(times, 50)), milliseconds(times[0])
	if pixels, blocks := flicker.Ratios(); !math.IsNaN(pixels) && !math.IsNaN(blocks) {
		b.figures[name+"flicker"], b.figures[name+"flicker_8x8"] = pixels, blocks
	}
	return nil
}

// watch has the engine refine frames and times those that count.
func (b *ganBench) watch(ctx context.Context, engine *tryon.Engine) (times []time.Duration, flicker refine.Flicker, err error) {
	src, err := camera.Open(ctx, b.source)
	if err != nil {
		return nil, flicker, err
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	for i := range ganSettle + b.flags.frames {
		frame, err := src.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, flicker, err
		}
		frame.Offset = time.Duration(i) * time.Second / 30
		r, err := engine.Process(frame, []tryon.Worn{b.worn})
		frame.Release()
		if err != nil {
			return nil, flicker, err
		}
		if i >= ganSettle && len(r.Plain) > 0 && r.Refined.W > 0 {
			times = append(times, r.Times.Refine)
			flicker.Add(r.Plain[0], r.Looks[0])
		}
		r.Release()
	}
	return times, flicker, nil
}
