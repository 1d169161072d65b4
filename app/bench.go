package app

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"fyne.io/fyne/v2"
	"github.com/spf13/cobra"

	"cheval/app/live"
	"cheval/camera"
	"cheval/models"
)

// benchFigures are what `cheval bench mirror` measures: a contract, as the
// machine beside it is. A figure that this run could not have is null.
type benchFigures struct {
	// FPS is how many different frames the window painted a second.
	FPS float64 `json:"fps"`
	// From the capture of a frame until Fyne has painted the window that shows it.
	LensToScreenP50 float64 `json:"lens_to_screen_p50_ms"`
	LensToScreenP95 float64 `json:"lens_to_screen_p95_ms"`
	// From the start of the process to the first painted frame with a product.
	FirstFrame float64 `json:"first_frame_ms"`
	RSS        float64 `json:"rss_mb"`
	// Allocations on the Go heap that the pipeline makes for a frame; those of
	// the screens and the window toolkit stand in the details.
	AllocsPerFrame float64 `json:"allocs_per_frame"`
	// Medians; the refiner's of the frames that were refined, null where none was.
	Perceive float64  `json:"perceive_ms"`
	Render   float64  `json:"render_ms"`
	Refiner  *float64 `json:"refiner_ms"`
	// How far landmarks stray on a still with sensor noise (σ = 3/255), root
	// mean square of the distance from their means, in pixels.
	StillRMS *float64 `json:"still_px_rms"`
	// How many frames the measured yaw is behind the turning head's true one.
	Lag *float64 `json:"lag_frames"`
}

// benchDetails explain the figures.
type benchDetails struct {
	Seconds float64 `json:"seconds"`
	Source  string  `json:"source"`
	// Frames painted, and lost at the three hops, while it was measured.
	Painted      int     `json:"painted"`
	LostCamera   uint64  `json:"lost_before_engine"`
	LostEngine   uint64  `json:"lost_before_viewport"`
	LostScreen   uint64  `json:"lost_before_window"`
	CameraFPS    float64 `json:"camera_fps"`
	Paint        float64 `json:"paint_ms"`
	Window       float64 `json:"window_ms"`
	Drawn        [2]int  `json:"drawn"`
	Reduced      bool    `json:"reduced"`
	ScreenAllocs float64 `json:"screen_allocs_per_frame"`
	PeakRSS      float64 `json:"peak_rss_mb"`
	Painter      string  `json:"painter"`
	PainterWhy   string  `json:"painter_why,omitempty"`
	// The size that the refiner had at the end, the share of frames that it
	// refined, and what kept it from the others.
	RefinerSize  string  `json:"refiner_size"`
	RefinerShare float64 `json:"refiner_share"`
	RefinerWhy   string  `json:"refiner_why,omitempty"`
	Provider     string  `json:"provider"`
	ProviderWhy  string  `json:"provider_why,omitempty"`
}

type benchReport struct {
	Figures benchFigures `json:"figures"`
	Details benchDetails `json:"details"`
	Machine benchMachine `json:"machine"`
}

// benchOptions are what a person asked of the bench.
type benchOptions struct {
	seconds int
	source  string
	device  models.Device
	refine  bool
}

const (
	benchSettle     = 4 * time.Second // after the first frame: painters are chosen, buffers grown
	benchAllocs     = 3 * time.Second
	benchFirstFrame = 60 * time.Second // given up after
)

// BenchCommand is `cheval bench mirror`. newFyne makes the Fyne program that
// the real app runs in; only main can.
func BenchCommand(newFyne func() fyne.App) *cobra.Command {
	var o benchOptions
	var device string
	cmd := &cobra.Command{
		Use:   "mirror",
		Short: "Measure the mirror: frame rate, lens to screen, memory, stillness, lag",
		Long: `Opens the real app in a window of 1280×800 on the demo (or a clip), one product
worn, at a camera's pace, and prints what it measured together with the
machine. It needs a display, be it a virtual one. It judges nothing.`,
		Args: cobra.NoArgs,
		PreRunE: func(*cobra.Command, []string) (err error) { // what it refuses is wrong usage
			if o.seconds < 1 || o.seconds > 3600 {
				return fmt.Errorf("bench mirror: --seconds must be 1 to 3600, not %d", o.seconds)
			}
			o.device, err = models.ParseDevice(device)
			return err
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			report, err := benchMirror(cmd.Context(), newFyne, o)
			if err != nil {
				return fmt.Errorf("bench mirror: %w", err)
			}
			asJSON, _ := cmd.Flags().GetBool("json") // a flag of the root; absent is false
			return report.print(cmd.OutOrStdout(), asJSON)
		},
	}
	cmd.Flags().IntVar(&o.seconds, "seconds", 10, "measure for so `many` seconds")
	cmd.Flags().StringVar(&o.source, "source", "demo", "`demo`, or a video FILE")
	cmd.Flags().BoolVar(&o.refine, "refine", DefaultSettings().Refine, "refine what is worn, as the shop's settings would")
	cmd.Flags().StringVar(&device, "device", string(models.Auto), "where models run: `auto`, cpu or cuda")
	return cmd
}

// spec is the source in the camera's words.
func (o benchOptions) spec() camera.Spec {
	if o.source == "demo" {
		return camera.Spec{Kind: camera.KindDemo, Paced: true, Loop: true}
	}
	return camera.Spec{Kind: camera.KindFile, Path: o.source, Paced: true, Loop: true}
}

// benchMirror measures the window first, as the process has just started, then
// without a window what needs none.
func benchMirror(ctx context.Context, newFyne func() fyne.App, o benchOptions) (*benchReport, error) {
	if os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
		return nil, errors.New("there is no display to open the app's window on; run it under xvfb-run, or `make bench`")
	}
	store, err := models.OpenHome()
	if err != nil {
		return nil, err
	}
	r := &benchReport{Machine: thisMachine()}
	r.Details.Source = o.source
	if err := r.window(ctx, newFyne, store, o); err != nil {
		return nil, err
	}
	return r, r.offline(ctx, store, o)
}

// window runs the real app and measures it.
func (r *benchReport) window(ctx context.Context, newFyne func() fyne.App, store *models.Store, o benchOptions) error {
	home, err := os.MkdirTemp("", "cheval-bench-") // settings of its own, not the shop's
	if err != nil {
		return err
	}
	defer os.RemoveAll(home)
	parts, err := realParts(Options{Home: home})
	if err != nil {
		return err
	}
	w := newBenchWatch()
	parts.mirror = func(Settings) (Mirror, error) {
		return newLiveMirror(live.Options{Store: store, Device: o.device, Source: o.spec(), Refine: o.refine, OnPainted: w.painted, OnResult: w.result}, w.status), nil
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	a := newApp(newFyne(), Options{Home: home}, parts)
	done := make(chan error, 1)
	go func() {
		defer stop() // which closes the window
		done <- r.watch(ctx, w, time.Duration(o.seconds)*time.Second)
	}()
	err = a.Run(ctx)
	stop()
	return errors.Join(err, <-done)
}

// watch measures the running app.
func (r *benchReport) watch(ctx context.Context, w *benchWatch, length time.Duration) error {
	first, err := w.firstFrame(ctx, benchFirstFrame)
	if err != nil {
		return err
	}
	r.Figures.FirstFrame = ms(first.Sub(processStart()))
	if err := wait(ctx, benchSettle); err != nil {
		return err
	}
	before := w.begin()
	if err := wait(ctx, length); err != nil {
		return err
	}
	r.take(w.end(), before, length)
	if r.Figures.RSS, r.Details.PeakRSS, err = residentMemory(); err != nil {
		return err
	}
	r.Figures.AllocsPerFrame, r.Details.ScreenAllocs, err = countAllocs(ctx, w, benchAllocs)
	return err
}

// take fills in what a span of watching saw.
func (r *benchReport) take(s benchSpan, before live.Status, length time.Duration) {
	f, d, after := &r.Figures, &r.Details, s.status
	d.Seconds, d.Painted = length.Seconds(), len(s.delays)
	f.FPS = float64(len(s.delays)) / length.Seconds()
	f.LensToScreenP50, f.LensToScreenP95 = ms(quantile(s.delays, 0.5)), ms(quantile(s.delays, 0.95))
	f.Perceive, f.Render = ms(quantile(s.perceive, 0.5)), ms(quantile(s.render, 0.5))
	if len(s.refine) > 0 {
		t := ms(quantile(s.refine, 0.5))
		f.Refiner = &t
		d.RefinerShare = float64(len(s.refine)) / float64(max(len(s.perceive), 1))
	}
	d.RefinerSize, d.RefinerWhy = after.Refining.Size.String(), after.Refining.Why
	d.LostCamera = after.Dropped.Camera - before.Dropped.Camera
	d.LostEngine = after.Dropped.Engine - before.Dropped.Engine
	d.LostScreen = after.Dropped.Screen - before.Dropped.Screen
	d.CameraFPS, d.Paint, d.Window = after.Source, ms(after.Paint), ms(after.Window)
	d.Drawn, d.Reduced = [2]int{after.Drawn.X, after.Drawn.Y}, after.Reduced
	d.Painter, d.PainterWhy, d.Provider, d.ProviderWhy = after.Painter, after.PainterWhy, after.Ran, after.Why
}

// print writes the report: a line of JSON, or a table.
func (r *benchReport) print(out io.Writer, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(out).Encode(r)
	}
	f, d := &r.Figures, &r.Details
	_, err := fmt.Fprintf(out, `frames a second       %8.1f   (the camera gives %.1f; lost %d + %d + %d)
lens to screen, p50   %8.1f ms
lens to screen, p95   %8.1f ms
first worn frame      %8.0f ms after the start of the process
memory                %8.0f MB (at most %.0f)
allocations a frame   %8.2f   (screens and window toolkit: %.1f)
perceive              %8.1f ms
render                %8.1f ms
refine                %8s ms at %s
present, window       %8.1f ms, %.1f ms
drawn                 %5d×%d by %s; models on %s
stillness             %8s px RMS on a still with noise
lag                   %8s frames
machine               %s
`, f.FPS, d.CameraFPS, d.LostCamera, d.LostEngine, d.LostScreen, f.LensToScreenP50, f.LensToScreenP95, f.FirstFrame,
		f.RSS, d.PeakRSS, f.AllocsPerFrame, d.ScreenAllocs, f.Perceive, f.Render, orDash(f.Refiner), cmp.Or(d.RefinerWhy, d.RefinerSize), d.Paint, d.Window,
		d.Drawn[0], d.Drawn[1], d.Painter, d.Provider, orDash(f.StillRMS), orDash(f.Lag), r.Machine)
	return err
}

func orDash(v *float64) string {
	if v == nil {
		return "—"
	}
	return fmt.Sprintf("%.2f", *v)
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// wait sleeps, unless ctx ends before: then the window was closed.
func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return errors.New("the window was closed before the measurement was over")
	}
}

// newLiveMirror is the app's mirror with a listener beside it.
func newLiveMirror(o live.Options, status func(live.Status)) *liveMirror {
	m := &liveMirror{Pipeline: live.New(o)}
	m.Pipeline.OnStatus(func(s live.Status) {
		m.translate(s)
		status(s)
	})
	return m
}
