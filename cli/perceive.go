package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/spf13/cobra"

	"cheval/camera"
	"cheval/models"
	"cheval/tryon"
	"cheval/tryon/perceive"
)

// perceiveFlags are what `cheval perceive` was asked.
type perceiveFlags struct {
	photo, video string
	body, card   bool
	maxFaces     int
}

func newPerceiveCmd() *cobra.Command {
	var f perceiveFlags
	cmd := &cobra.Command{
		Use:   "perceive (--photo FILE | --video FILE)",
		Short: "Find faces: landmarks, head pose, millimetres",
		Long: `Finds the people in a photo or in each frame of a video and prints a line of
JSON a frame: landmarks in pixels of the input (unmirrored; x, y, z), the
head's pose in degrees (yaw + to the picture's right, pitch + up, roll +
clockwise), and millimetres where they can be had. A picture without a face is
a line without faces.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if (f.photo == "") == (f.video == "") {
				return usagef("perceive: give one of --photo and --video")
			}
			if f.maxFaces < 1 || f.maxFaces > 20 {
				return usagef("perceive: --faces must be 1 to 20")
			}
			return perceiveFile(cmd, f)
		},
	}
	cmd.Flags().StringVar(&f.photo, "photo", "", "look at this picture `FILE`")
	cmd.Flags().StringVar(&f.video, "video", "", "look at each frame of this video `FILE`")
	cmd.Flags().BoolVar(&f.body, "body", false, "find bodies too")
	cmd.Flags().BoolVar(&f.card, "card", false, "in a video, measure by a bank card held to the face (in a photo it is looked for anyway)")
	cmd.Flags().IntVar(&f.maxFaces, "faces", 5, "follow at most `N` faces")
	addDevice(cmd)
	return cmd
}

// perceiveFile prints a line for each frame of the file. A clip that ends early
// is told on stderr and is no failure.
func perceiveFile(cmd *cobra.Command, f perceiveFlags) (err error) {
	if _, err := askedDevice(cmd); err != nil {
		return err
	}
	src, err := openPerceived(f)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	s, err := newSight(cmd, f)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	lines := json.NewEncoder(cmd.OutOrStdout())
	for n := 0; ; n++ {
		frame, err := src.Next(cmd.Context())
		if early := (*camera.EndsEarly)(nil); errors.As(err, &early) {
			fmt.Fprintf(cmd.ErrOrStderr(), "cheval: %v\n", early)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		line, err := s.look(frame)
		frame.Release()
		if err != nil {
			return err
		}
		line.Frame = n
		if err := lines.Encode(line); err != nil {
			return fmt.Errorf("perceive: write: %w", err)
		}
	}
}

func openPerceived(f perceiveFlags) (camera.Source, error) {
	if f.photo != "" {
		return camera.OpenStill(f.photo)
	}
	return camera.OpenFile(f.video, false)
}

// sight is what looks at frames: faces always, bodies where asked for.
type sight struct {
	runtime   *models.Runtime
	perceiver *perceive.Perceiver
	bodies    *perceive.BodyFinder // nil where not asked for
	still     bool
}

func newSight(cmd *cobra.Command, f perceiveFlags) (_ *sight, err error) {
	store, runtime, err := openRuntime(cmd)
	if err != nil {
		return nil, err
	}
	s := &sight{runtime: runtime, still: f.photo != ""}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	geometry, err := tryon.ReadGeometry(store)
	if err != nil {
		return nil, err
	}
	if s.perceiver, err = perceive.New(s.runtime, geometry, perceive.Options{MaxFaces: f.maxFaces, EveryFace: true}); err != nil {
		return nil, err
	}
	s.perceiver.CalibrateCard(f.card && !s.still)
	if f.body {
		if s.bodies, err = perceive.NewBodyFinder(s.runtime); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Close ends the models.
func (s *sight) Close() (err error) {
	if s.bodies != nil {
		err = errors.Join(err, s.bodies.Close())
	}
	if s.perceiver != nil {
		err = errors.Join(err, s.perceiver.Close())
	}
	return errors.Join(err, s.runtime.Close())
}

// look perceives one frame.
func (s *sight) look(f *camera.Frame) (perceivedLine, error) {
	see := func() ([]*perceive.Face, perceive.Times, error) {
		if s.still {
			return s.perceiver.Still(f.Image, f.FocalPx)
		}
		return s.perceiver.Track(f.Image, f.Offset, f.FocalPx)
	}
	faces, times, err := see()
	if err != nil {
		return perceivedLine{}, err
	}
	line := perceivedLine{MS: timesOf(times), Faces: make([]perceivedFace, 0, len(faces)), Provider: s.runtime.Provider()}
	for _, face := range faces {
		line.Faces = append(line.Faces, perceivedFaceOf(face))
	}
	s.perceiver.Recycle(faces)
	if s.bodies != nil {
		bodies, took, err := s.bodies.Find(f.Image)
		if err != nil {
			return line, err
		}
		line.MS["body"] = milliseconds(took)
		line.Bodies = make([]perceivedBody, 0, len(bodies))
		for i := range bodies {
			line.Bodies = append(line.Bodies, perceivedBodyOf(&bodies[i]))
		}
	}
	return line, nil
}

// The JSON of a frame. These names are a contract.
type (
	perceivedLine struct {
		Frame    int                `json:"frame"`
		MS       map[string]float64 `json:"ms"`
		Faces    []perceivedFace    `json:"faces"`
		Bodies   []perceivedBody    `json:"bodies,omitzero"`
		Provider models.Provider    `json:"provider"`
	}
	perceivedFace struct {
		ID         int             `json:"id"`
		Score      float64         `json:"score"`
		Box        [4]int          `json:"box"` // x, y, width, height
		Landmarks  [][3]float64    `json:"landmarks"`
		Pose       perceivedPose   `json:"pose"`
		MMPerPx    *float64        `json:"mm_per_px"`
		PD         *float64        `json:"pd_mm"`
		PDError    *float64        `json:"pd_error_mm"`
		PDFar      *float64        `json:"pd_far_mm"`
		Measured   *string         `json:"measured_by"` // iris or card
		Confidence *float64        `json:"confidence"`
		Why        *string         `json:"why"`
		Hints      []perceive.Hint `json:"hints"`
		Card       *[4][2]float64  `json:"card"` // corners, clockwise
	}
	perceivedPose struct {
		Yaw   float64 `json:"yaw"`
		Pitch float64 `json:"pitch"`
		Roll  float64 `json:"roll"`
	}
	perceivedBody struct {
		Score     float64      `json:"score"`
		Box       [4]int       `json:"box"`
		Landmarks [][4]float64 `json:"landmarks"` // x, y, z, visibility
		World     [][3]float64 `json:"world"`     // metres
	}
)

func timesOf(t perceive.Times) map[string]float64 {
	return map[string]float64{
		"detect": milliseconds(t.Detect), "align": milliseconds(t.Align), "mesh": milliseconds(t.Mesh), "iris": milliseconds(t.Iris),
		"card": milliseconds(t.Card), "total": milliseconds(t.Total),
	}
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func perceivedFaceOf(f *perceive.Face) perceivedFace {
	out := perceivedFace{
		ID: f.ID, Score: short(f.Score, 4),
		Box:   [4]int{f.Box.Min.X, f.Box.Min.Y, f.Box.Dx(), f.Box.Dy()},
		Pose:  perceivedPose{short(f.Pose.Yaw, 2), short(f.Pose.Pitch, 2), short(f.Pose.Roll, 2)},
		Hints: append([]perceive.Hint{}, f.Hints...),
	}
	for _, p := range f.Points {
		out.Landmarks = append(out.Landmarks, [3]float64{short(p[0], 2), short(p[1], 2), short(p[2], 2)})
	}
	if m := f.Measure; m.Known() {
		number := func(v float32, places int) *float64 { x := short(v, places); return &x }
		by := map[perceive.MeasureSource]string{perceive.MeasureIris: "iris", perceive.MeasureCard: "card"}[m.Source]
		out.MMPerPx, out.PD, out.PDError = number(m.MMPerPx, 5), number(m.PDmm, 2), number(m.PDErrormm, 2)
		out.PDFar, out.Confidence, out.Measured = number(m.PDFarmm, 2), number(m.Confidence, 3), &by
	} else {
		out.Why = &m.Why
	}
	if f.Card != nil {
		out.Card = &[4][2]float64{}
		for i, q := range f.Card.Quad {
			out.Card[i] = [2]float64{short(q[0], 2), short(q[1], 2)}
		}
	}
	return out
}

func perceivedBodyOf(b *perceive.Body) perceivedBody {
	out := perceivedBody{Score: short(b.Score, 4), Box: [4]int{b.Box.Min.X, b.Box.Min.Y, b.Box.Dx(), b.Box.Dy()}}
	for i, p := range b.Points {
		out.Landmarks = append(out.Landmarks, [4]float64{short(p.X, 2), short(p.Y, 2), short(p.Z, 2), short(p.Visibility, 3)})
		w := b.World[i]
		out.World = append(out.World, [3]float64{short(w[0], 4), short(w[1], 4), short(w[2], 4)})
	}
	return out
}

// short rounds to so many places, so that lines stay readable.
func short(v float32, places int) float64 {
	x := float64(v)
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return 0
	}
	k := math.Pow10(places)
	return math.Round(x*k) / k
}
