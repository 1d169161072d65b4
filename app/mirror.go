package app

import (
	"context"
	"image"
	"time"

	"fyne.io/fyne/v2"

	"cheval/tryon"
	"cheval/tryon/fit"
	"cheval/tryon/perceive"
	"cheval/viewport"
)

// Mirror is the live picture as the screens need it. Its methods are called on
// the UI goroutine and do not block, but for those that say so.
type Mirror interface {
	// Start begins to open the source and the models, elsewhere.
	Start()
	// Object is what is laid into the page; it keeps itself up to date.
	Object() fyne.CanvasObject
	// SetLooks says what is worn: none, one, or two for side by side.
	SetLooks(looks []tryon.Worn)
	SetView(v viewport.View)
	// SetSource changes where the picture comes from; opening happens elsewhere,
	// and what goes wrong comes as a status.
	SetSource(s SourceSettings)
	// SetDevice changes what runs the models: auto, cpu or cuda.
	SetDevice(name string)
	// SetRefine has what is worn refined, or shown as it was drawn.
	SetRefine(on bool)
	// Choose makes the face with this ID the active one.
	Choose(id int)
	// Snapshot returns what the mirror shows, as it is seen, in a copy of its
	// own. It blocks for some milliseconds; any goroutine may call it.
	Snapshot() (*image.RGBA, error)
	// Calibrate starts (or stops) looking for a card at the active face.
	Calibrate(on bool)
	// Forget drops every calibration and what is known of the faces.
	Forget()
	// OnStatus has f called on the UI goroutine some times a second. What a
	// status refers to is overwritten by the next. It is called before Start.
	OnStatus(f func(mirrorStatus))
	// SetSecondDisplay opens or closes a mirror of its own, full screen on
	// another display. It blocks; any goroutine may call it.
	SetSecondDisplay(ctx context.Context, on bool) error
	// Close stops everything and waits.
	Close() error
}

// mirrorStatus is what the mirror says of itself some times a second.
type mirrorStatus struct {
	FPS    float64
	Delay  time.Duration // lens to screen, median
	Device string        // what ran the models: CPU or CUDA
	Model  time.Duration // of perceiving one frame
	Render time.Duration // of drawing what is worn
	Refine time.Duration // of refining it
	// Refined is the size at which it is refined, "" where it is not, and
	// RefineWhy a sentence why not although it was asked for.
	Refined, RefineWhy string
	NoRefiner          bool // and that is why
	// DeviceWhy says why it was that device, PainterWhy why not the GPU's
	// Painter; both for staff.
	DeviceWhy, Painter, PainterWhy string
	Drawn                          image.Point // pixels that are drawn
	Dropped                        uint64      // frames that a newer one replaced
	Faces                          []seenFace  // the active one first
	Fit                            *fit.Report
	Measure                        perceive.Measure
	Hints                          []perceive.Hint
	Card                           cardPhase
	CardProgress                   float64          // 0..1
	CardWhy                        perceive.CardWhy // what keeps the card from being measured
	Source                         sourcePhase
	Problem                        string // a translation key of what is wrong with the source, or ""
	Detail                         string // the sentence behind it, for staff
	Reduced                        bool   // fewer pixels are drawn, to keep the frame rate
}

// seenFace is a face and where it stands in the mirror, in parts of its size.
type seenFace struct {
	ID  int
	Box rect
	Yaw float32 // degrees
}

// sourcePhase is how the source is.
type sourcePhase uint8

const (
	sourceStarting sourcePhase = iota
	sourceReady
	sourceTrouble
)

// cardPhase is how far a calibration is.
type cardPhase uint8

const (
	cardOff cardPhase = iota
	cardSearching
	cardMeasuring
	cardDone
)
