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

// Mirror is the live picture as the screens need it. All methods are called on
// the UI goroutine and do not block, but for those that say so.
type Mirror interface {
	// Object is what is laid into the page; it keeps itself up to date.
	Object() fyne.CanvasObject
	// SetLooks says what is worn: none, one, or two for side by side.
	SetLooks(looks []tryon.Worn)
	SetView(v viewport.View)
	// SetSource changes where the picture comes from; opening happens elsewhere,
	// and what goes wrong comes as a status.
	SetSource(s SourceSettings)
	// Choose makes the face with this ID the active one.
	Choose(id int)
	// Snapshot returns the look that is worn, as the camera saw it, in a copy of
	// its own. It blocks until the next frame is drawn.
	Snapshot(ctx context.Context) (*image.RGBA, error)
	// Calibrate starts (or stops) looking for a card at the active face.
	Calibrate(on bool)
	// Forget drops every calibration and what is known of the faces.
	Forget()
	// OnStatus is called on the UI goroutine some times a second.
	OnStatus(f func(mirrorStatus))
	// SetSecondDisplay opens or closes a mirror of its own, full screen on
	// another display.
	SetSecondDisplay(on bool) error
	// Close stops everything and waits.
	Close() error
}

// mirrorStatus is what the mirror says of itself some times a second.
type mirrorStatus struct {
	FPS     float64
	Delay   time.Duration // lens to screen, median
	Device  string        // what ran the models: CPU or CUDA
	Model   time.Duration // of perceiving one frame
	Faces   []seenFace    // the active one first
	Fit     *fit.Report
	Measure perceive.Measure
	Hints   []perceive.Hint
	Card    cardPhase
	Source  sourcePhase
	Problem string // a translation key of what is wrong with the source, or ""
	Detail  string // the sentence behind it, for staff
	Reduced bool   // fewer pixels are drawn, to keep the frame rate
}

// seenFace is a face and where it stands in the mirror, in parts of its size.
type seenFace struct {
	ID  int
	Box rect
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
