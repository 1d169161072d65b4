// Package fit places a frame on a face and judges how it fits: front width
// against the width at the temples, bridge against the nose, the pupil's place
// in the lens. Bands and their sources stand in docs/fit.md.
//
// It leaves to others what the face is (perceive) and what the frame looks
// like (eyewear, render).
package fit

import "github.com/go-gl/mathgl/mgl32"

// Report is the judgement of one frame on one face.
type Report struct {
	// Known is false where the face has no millimetres; then only Why and
	// Placement hold.
	Known bool
	Why   string
	// FaceWidthmm is the head's width at the temples, just before the ears, as
	// one sees it from the front; FrontWidthmm the frame's.
	FaceWidthmm, FrontWidthmm float32
	// Widthmm is FrontWidthmm - FaceWidthmm: positive, the frame is wider.
	Widthmm float32
	Width   Band
	// NoseWidthmm is the distance between lenses (DBL) whose bridge would rest
	// snugly on this nose with the lenses where they belong; Bridgemm the frame's.
	NoseWidthmm, Bridgemm float32
	Bridge                Band
	// PupilAcross and PupilUp say where the pupils stand in the lens: 0 its
	// middle, ±1 its edge; across is positive towards the nose.
	PupilAcross, PupilUp float32
	Pupil                Band
	// ErrorMM is the half-width of the 95 % interval of FaceWidthmm.
	ErrorMM float32
	// Overall is the worst of the bands.
	Overall Band
}

// Band is a verdict, translated by the app under "fit.<part>.<band>".
type Band string

const (
	Good     Band = "good"
	Narrow   Band = "narrow" // frame narrower than the face, bridge than the nose; pupil outside
	Wide     Band = "wide"   // the reverse
	TooFar   Band = "too_wide"
	TooTight Band = "too_narrow"
)

// Placement is where a frame sits: Frame maps eyewear space to camera space,
// SplayLeft and SplayRight open each temple about its hinge so that it runs to
// the ear (radians, positive outwards).
type Placement struct {
	Frame                 mgl32.Mat4
	SplayLeft, SplayRight float32
}
