// Package perceive finds people in frames: faces near and far, 478 landmarks
// with irises, the metric head pose, millimetres where they can be had, and
// body landmarks. It follows each face from frame to frame, smooths it, and
// says what a person should do when it cannot see well enough.
//
// It leaves to others what is put on the face (eyewear, fit, render) and
// where frames come from (camera).
package perceive

import (
	"image"

	"github.com/go-gl/mathgl/mgl32"
)

// Landmarks is how many points a face has: MediaPipe's 468 mesh points, then 5
// of the iris at the picture's left (468 its centre) and 5 of the other (473).
const Landmarks = 478

// Face is one person's face in one frame. It is immutable once published.
type Face struct {
	// ID stays the same while the face is tracked, and is not used again.
	ID int
	// Score is how sure the mesh model is that this is a face, 0..1.
	Score float32
	// Box bounds the mesh, in pixels of the frame.
	Box image.Rectangle
	// Points are the landmarks: x and y in pixels of the unmirrored frame, y
	// down; z in the same unit, smaller is nearer, 0 about the middle of the head.
	Points [Landmarks]mgl32.Vec3
	// Metric are the same landmarks in camera space (see Camera), in
	// millimetres. Each projects exactly onto its Points.
	Metric [Landmarks]mgl32.Vec3
	// Pose places the head before the camera.
	Pose Pose
	// Camera projects camera space onto the frame.
	Camera Camera
	// Measure says what is known in millimetres, and why not where it is not.
	Measure Measure
	// Hints say what the person could do so that the mirror sees better,
	// the most useful first. Empty when all is well.
	Hints []Hint
	// Card is where a bank card was seen at this face, nil where none was. It
	// is to be hidden wherever the frame is shown or stored.
	Card *CardView

	cardView CardView // what Card points to, so that it needs no memory of its own
}

// CardView is a card in the frame: its corners in pixels, clockwise from the
// top left as they stand in the picture. Immutable.
type CardView struct {
	Quad [4]mgl32.Vec2
}

// Pose is a head's position. Angles are degrees, as the camera sees the face: 0
// when it looks into the lens, wherever in the frame it is; yaw is positive when
// the face turns towards the picture's right, pitch upwards, roll clockwise.
type Pose struct {
	Yaw, Pitch, Roll float32
	// Head maps head space to camera space. Both are right-handed and in
	// millimetres: x to the picture's right, y up, z towards the viewer. Head
	// space is MediaPipe's canonical face (origin inside the head, nose
	// towards +z) scaled to this person.
	Head mgl32.Mat4
	// Scale is this head's size against the canonical face (1 is average).
	Scale float32
}

// Camera is a pinhole camera at the origin of camera space, looking along -z.
// A point (X, Y, Z) falls on pixel (Cx + F·X/-Z, Cy - F·Y/-Z).
type Camera struct {
	F, Cx, Cy float32
}

// Project returns the pixel of a point in camera space.
func (c Camera) Project(p mgl32.Vec3) mgl32.Vec2 {
	return mgl32.Vec2{c.Cx + c.F*p[0]/-p[2], c.Cy - c.F*p[1]/-p[2]}
}

// Unproject returns the point in camera space that falls on pixel (x, y) at
// depth z (negative, as everything before the camera).
func (c Camera) Unproject(x, y, z float32) mgl32.Vec3 {
	return mgl32.Vec3{(x - c.Cx) * -z / c.F, -(y - c.Cy) * -z / c.F, z}
}

// Source of a measure.
type MeasureSource uint8

const (
	// MeasureNone: no millimetres; the head is drawn at the average size.
	MeasureNone MeasureSource = iota
	// MeasureIris: the iris is taken as 11.7 mm wide.
	MeasureIris
	// MeasureCard: a bank-sized card of 85.60 mm was held at this face.
	MeasureCard
)

// Measure is what is known of a face in millimetres. "Not for dispensing":
// it chooses a size in a shop, it does not centre a lens.
type Measure struct {
	Source MeasureSource
	// MMPerPx is millimetres a pixel at the plane of the pupils, 0 when refused.
	MMPerPx float32
	// PDmm is the distance between the pupils as they look now; PDFarmm the
	// same when looking into the distance (eyes parallel). 0 when refused.
	PDmm, PDFarmm float32
	// PDErrormm is the half-width of the 95 % interval of PDmm.
	PDErrormm float32
	// Confidence is 0..1; Why names the reason for a refusal, "" otherwise.
	Confidence float32
	Why        string
}

// Known says whether millimetres may be shown and fit judged.
func (m Measure) Known() bool { return m.Source != MeasureNone }

// Hint is one thing that a person can do. Its text is translated by the app
// under the key "hint.<value>".
type Hint string

const (
	HintCloser     Hint = "closer"      // too far for millimetres
	HintBack       Hint = "back"        // too near: the face leaves the picture
	HintLight      Hint = "light"       // too dark, or lit from behind
	HintFaceMirror Hint = "face_mirror" // turned too far to measure
	HintHoldStill  Hint = "hold_still"  // moving too fast to measure
)
