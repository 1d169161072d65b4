package cli

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"cheval/camera"
	"cheval/models"
	"cheval/tryon"
	"cheval/tryon/refine"
)

// tryFlags are what `cheval try` was asked.
type tryFlags struct {
	photo, video, product, variant, colour, out, refine string
	allFaces                                            bool
	refineAsked                                         bool // in so many words
}

func newTryCmd() *cobra.Command {
	var f tryFlags
	cmd := &cobra.Command{
		Use:   "try (--photo FILE | --video FILE) --product ID|FILE --out FILE",
		Short: "Put eyewear on the person in a photo or a video",
		Long: `Puts a product of the catalogue, or of a product file (.json), on the
person in a photo or a video, and writes a picture (.png, .jpg) or a clip (.mp4)
of the same size. Where several people are seen, the one in front wears it;
with --all-faces everybody does.

A photo without a face fails, and nothing is written; a video goes on. A clip
keeps its frame rate and loses its sound. What is written appears when it is
whole.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.check(); err != nil {
				return err
			}
			f.refineAsked = cmd.Flags().Changed("refine")
			return tryOn(cmd, f)
		},
	}
	cmd.Flags().StringVar(&f.photo, "photo", "", "the person, in this picture `FILE`")
	cmd.Flags().StringVar(&f.video, "video", "", "the person, in this video `FILE`")
	cmd.Flags().StringVar(&f.product, "product", "", "what to wear: a product's `ID` or file")
	cmd.Flags().StringVar(&f.variant, "variant", "", "the product's variant with this `SKU`")
	cmd.Flags().StringVar(&f.colour, "colour", "", "the product's first variant of this `COLOUR`")
	cmd.Flags().StringVar(&f.out, "out", "", "write to this `FILE`")
	cmd.Flags().BoolVar(&f.allFaces, "all-faces", false, "dress everybody")
	cmd.Flags().StringVar(&f.refine, "refine", "on", "refine what is worn with a network, so that it looks photographed: `on` (where there is one) or off")
	addDevice(cmd)
	return cmd
}

// Endings of what can be written.
var (
	pictureEndings = []string{".png", ".jpg", ".jpeg"}
	clipEndings    = []string{".mp4"}
)

func (f *tryFlags) check() error {
	switch {
	case (f.photo == "") == (f.video == ""):
		return usagef("try: give one of --photo and --video")
	case f.product == "":
		return usagef("try: say what to wear with --product")
	case f.out == "":
		return usagef("try: say where to write with --out")
	case f.variant != "" && f.colour != "":
		return usagef("try: give one of --variant and --colour")
	case f.refine != "on" && f.refine != "off":
		return usagef("try: --refine is on or off, not %q", f.refine)
	}
	in, endings := f.photo, pictureEndings
	if f.video != "" {
		in, endings = f.video, clipEndings
	}
	if !slices.Contains(endings, strings.ToLower(filepath.Ext(f.out))) {
		return usagef("try: --out must end in %s", strings.Join(endings, " or "))
	}
	if sameFile(in, f.out) {
		return usagef("try: --out would write over the input; choose another name")
	}
	return nil
}

func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// tried is the result for programs. These names are a contract.
type tried struct {
	Product string          `json:"product"`
	Variant string          `json:"variant"`
	Out     string          `json:"out"`
	Frames  int             `json:"frames"`
	Faces   int             `json:"faces"` // different people that were seen
	FPS     float64         `json:"fps"`   // frames a second that were made
	Latency triedLatency    `json:"latency_ms"`
	Dropped int             `json:"dropped"` // always 0: files are read without loss
	Refine  triedRefining   `json:"refine"`
	Runs    models.Provider `json:"provider"`
}

// triedRefining tells whether what is worn was refined, with a network of which
// size, and how long that took, the median.
type triedRefining struct {
	On   bool    `json:"on"`
	Size string  `json:"size,omitempty"` // width x height
	MS   float64 `json:"ms,omitempty"`
}

type triedLatency struct {
	P50 float64 `json:"p50"`
	P95 float64 `json:"p95"`
}

// tryOn runs the command and prints what it did.
func tryOn(cmd *cobra.Command, f tryFlags) (err error) {
	worn, err := findWorn(cmd, f)
	if err != nil {
		return err
	}
	t := &trial{looks: []tryon.Worn{worn}, warn: cmd.ErrOrStderr(), people: map[int]bool{}}
	if err := t.open(f); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.src.Close()) }()
	engine, err := startEngine(cmd, f)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, engine.Close()) }()
	if r := engine.Refining(); r.Why != "" && (f.refineAsked || !r.Absent) {
		return fmt.Errorf("try: --refine on: %s; leave --refine off", r.Why)
	}
	if err := engine.Prepare(worn); err != nil {
		return err
	}
	t.engine = engine
	if err := t.run(cmd.Context(), f); err != nil {
		return err
	}
	return t.report(cmd, f)
}

// startEngine starts the models on the device that the command was given.
func startEngine(cmd *cobra.Command, f tryFlags) (*tryon.Engine, error) {
	device, err := askedDevice(cmd)
	if err != nil {
		return nil, err
	}
	store, err := models.OpenHome()
	if err != nil {
		return nil, err
	}
	engine, err := tryon.OpenEngine(store, device, tryon.Options{AllFaces: f.allFaces, EveryFace: true, Refine: f.refine == "on"})
	if err != nil {
		return nil, err
	}
	tellFallback(cmd.ErrOrStderr(), engine.Provider())
	return engine, nil
}

// trial is one picture or clip being dressed.
type trial struct {
	engine *tryon.Engine
	looks  []tryon.Worn
	src    camera.Source
	clip   camera.Clip // of a video
	warn   io.Writer

	people map[int]bool
	times  []time.Duration
	refine []time.Duration // of the frames that were refined
	size   refine.Size
	took   time.Duration
}

// open opens the input.
func (t *trial) open(f tryFlags) (err error) {
	if f.photo != "" {
		t.src, err = camera.OpenStill(f.photo)
		return err
	}
	file, err := camera.OpenClip(f.video, 0)
	if err != nil {
		return err
	}
	t.src, t.clip = file, file.Clip()
	return nil
}

func (t *trial) run(ctx context.Context, f tryFlags) error {
	began := time.Now()
	defer func() { t.took = time.Since(began) }()
	if f.photo != "" {
		return t.photo(ctx, f)
	}
	return t.video(ctx, f)
}

func (t *trial) photo(ctx context.Context, f tryFlags) error {
	frame, err := t.src.Next(ctx)
	if err != nil {
		return err
	}
	defer frame.Release()
	result, err := t.engine.ProcessStill(frame, t.looks)
	if err != nil {
		return err
	}
	defer result.Release()
	t.count(result)
	if len(result.Faces) == 0 {
		return fmt.Errorf("try: no face was found in %s; choose a photo in which a face is seen from the front, nearer or in better light", filepath.Base(f.photo))
	}
	return camera.SavePicture(f.out, result.Looks[0])
}

// count notes one frame's result.
func (t *trial) count(r *tryon.Result) {
	t.times = append(t.times, r.Times.Total)
	if r.Refined != (refine.Size{}) {
		t.refine, t.size = append(t.refine, r.Times.Refine), r.Refined
	}
	for _, face := range r.Faces {
		t.people[face.ID] = true
	}
}

func (t *trial) video(ctx context.Context, f tryFlags) error {
	rec, err := camera.Record(f.out, t.clip.Size, t.clip.FPS)
	if err != nil {
		return err
	}
	defer rec.Abort()
	shown := time.Now()
	for {
		frame, err := t.src.Next(ctx)
		if early := (*camera.EndsEarly)(nil); errors.As(err, &early) {
			fmt.Fprintf(t.warn, "cheval: %v\n", early)
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return t.stopped(ctx, err, f.out)
		}
		if err := t.frame(frame, rec.Write); err != nil {
			return err
		}
		if time.Since(shown) > 2*time.Second {
			shown = time.Now()
			fmt.Fprintf(t.warn, "try: %d of %d frames\n", len(t.times), t.clip.Frames)
		}
	}
	if len(t.people) == 0 {
		fmt.Fprintf(t.warn, "cheval: try: no face was found in any frame of %s\n", filepath.Base(f.video))
	}
	return rec.Commit()
}

// frame dresses one frame and hands the picture to write.
func (t *trial) frame(frame *camera.Frame, write func(*image.RGBA) error) error {
	defer frame.Release()
	result, err := t.engine.Process(frame, t.looks)
	if err != nil {
		return err
	}
	defer result.Release()
	t.count(result)
	return write(result.Looks[0])
}

func (t *trial) stopped(ctx context.Context, err error, out string) error {
	if ctx.Err() != nil {
		return fmt.Errorf("try: interrupted after %d frames; %s was not written", len(t.times), filepath.Base(out))
	}
	return err
}

func (t *trial) report(cmd *cobra.Command, f tryFlags) error {
	w := t.looks[0]
	r := tried{
		Product: w.Product.ID, Variant: w.Product.Variants[w.Variant].SKU, Out: f.out,
		Frames: len(t.times), Faces: len(t.people), Runs: t.engine.Provider(),
		FPS: short(float32(float64(len(t.times))/t.took.Seconds()), 1),
	}
	if r := t.engine.Refining(); r.Why != "" && !r.Absent { // it failed on the way
		fmt.Fprintf(t.warn, "cheval: try: from some frame on it was not refined: %s\n", r.Why)
	}
	if len(t.refine) > 0 {
		slices.Sort(t.refine)
		r.Refine = triedRefining{true, fmt.Sprintf("%dx%d", t.size.W, t.size.H), milliseconds(percentile(t.refine, 50))}
	}
	slices.Sort(t.times)
	r.Latency = triedLatency{milliseconds(percentile(t.times, 50)), milliseconds(percentile(t.times, 95))}
	if asJSON(cmd) {
		return printJSON(cmd, r)
	}
	_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s (%s) on %s: %s, %.1f ms a frame, %.1f frames a second on the %s → %s\n",
		r.Product, r.Variant, counted(r.Faces, "face"), counted(r.Frames, "frame"), r.Latency.P50, r.FPS,
		strings.ToUpper(string(r.Runs.Ran)), r.Out)
	return err
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// percentile of sorted times, by the nearest rank; 0 of none.
func percentile(sorted []time.Duration, p int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	rank := (len(sorted)*p + 99) / 100
	return sorted[max(0, rank-1)]
}
