package live

import (
	"image"
	"time"

	"cheval/camera"
	"cheval/tryon"
	"cheval/tryon/fit"
	"cheval/tryon/perceive"
)

// Status is what the mirror says of itself some times a second. Its slices
// and Fit are overwritten by the next one: keep copies.
type Status struct {
	// FPS is how many frames of the camera were painted a second, over the
	// last two; Source how many the camera gave.
	FPS, Source float64
	// Delay and DelayP95 are from the lens to the painted window: the median
	// and the 95th percentile of the last two seconds. 0 until one was painted.
	Delay, DelayP95 time.Duration
	// Ran is what ran the models, "CPU" or "CUDA", or "" while they are being
	// loaded; Why a sentence about that choice.
	Ran, Why string
	// Perceive, Render, Refine, Paint and Window are how long the stages take,
	// smoothed over some frames: finding faces, drawing products, refining them,
	// presenting, and Fyne's painting of the window with all that stands in it.
	Perceive, Render, Refine, Paint, Window time.Duration
	// Refining tells how refining stands.
	Refining tryon.Refining
	// Painter is what presents: "Ebitengine" or "CPU"; PainterWhy a sentence
	// when it is not Ebitengine.
	Painter, PainterWhy string
	// Camera is how the source stands.
	Camera camera.Status
	// Problem is a sentence about what keeps products from being drawn, such
	// as models that are not installed; "" when nothing does.
	Problem string
	// Faces in the last frame, the active one first; Hints what the active one
	// could do, and Measure what is known of it in millimetres.
	Faces   []Face
	Hints   []perceive.Hint
	Measure perceive.Measure
	// Fit of the first look on the active face; nil without face or look.
	Fit *fit.Report
	// Card tells how a calibration goes.
	Card perceive.CardState
	// Dropped counts, since Start, frames that came while an older one was
	// worked on, at each hop.
	Dropped Drops
	// Drawn is how many pixels the mirror is drawn with, Shown how many it
	// fills; Reduced says that Drawn was lowered to keep the frame rate.
	Drawn, Shown image.Point
	Reduced      bool
	// FullScreen is the number of the display that shows the mirror by itself,
	// or -1.
	FullScreen int
}

// Face is a face in the mirror.
type Face struct {
	ID int
	// X0, Y0, X1 and Y1 bound it in parts of the mirror (0..1), as it is seen;
	// outside of that range the face is not, or not wholly, visible.
	X0, Y0, X1, Y1 float32
	Yaw            float32 // degrees, + to the frame's right
}

// Drops count the items that a newer one replaced.
type Drops struct {
	Camera uint64 // before the engine took them
	Engine uint64 // before the viewport drew them
	Screen uint64 // before the window painted them
}
