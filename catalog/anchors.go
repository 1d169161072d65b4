package catalog

import (
	"fmt"
	"image"
	"math"
)

// Anchors say where the parts of a frame are in its front photo. Points are
// pixels of the picture from its upper left corner, y down, pixel centres at
// halves. Left and right are the picture's.
type Anchors struct {
	Picture       string // Hash of the photo
	Width, Height int    // of the photo
	// Outlines are the lens openings, left and right: points in order around.
	Outlines [2][][2]float32
	// Contour is the front's outer edge without its temples, in order around.
	Contour [][2]float32
	// Bridge is the middle of the bridge's lower edge, Hinges where the front
	// ends at its hinges.
	Bridge [2]float32
	Hinges [2][2]float32
	// Axis are two points on the line about which the front is symmetrical,
	// upper first.
	Axis [2][2]float32
	// MMPerPixel is the scale in the middle of the front, and Scale where it
	// comes from: the trade's notation, a typed total width, or nothing (0).
	MMPerPixel float32
	Scale      ScaleFrom
	// Measured are what the photo shows in millimetres at that scale; zero
	// without one.
	Measured Measured
	// Doubts are why a person must look before this is published; empty: none.
	Doubts []Doubt
	// Dragged names the anchors that a person set; all others were found.
	Dragged []AnchorName
}

// ScaleFrom is where millimetres come from.
type ScaleFrom string

const (
	NoScale      ScaleFrom = ""
	FromNotation ScaleFrom = "notation"
	FromWidth    ScaleFrom = "width"
)

// AnchorName names one anchor.
type AnchorName string

const (
	AnchorLeftLens   AnchorName = "left-lens"
	AnchorRightLens  AnchorName = "right-lens"
	AnchorContour    AnchorName = "contour"
	AnchorBridge     AnchorName = "bridge"
	AnchorLeftHinge  AnchorName = "left-hinge"
	AnchorRightHinge AnchorName = "right-hinge"
)

// Measured are a photo's measures in millimetres: of the openings as they are
// seen, which is less than the lenses by what sits in the grooves.
type Measured struct {
	Opening, Height float32 // of the boxes around the openings, mean of both
	Between         float32 // the boxes
	FrontWidth      float32
	Rim             float32 // above and beside the openings, median
}

// Doubt is something that was found less surely than a product deserves.
type Doubt struct {
	What           string // what is in doubt, as a word for programs: "left-lens", "scale", …
	Why            string // a sentence for people
	Measure, Limit float32
}

// FrontPhoto is a frame's front as photographed, laid flat: a picture in which
// the front's plane is seen straight on, what is not front transparent.
type FrontPhoto struct {
	Hash    string     // of the picture in the store; "" where only File is known
	File    string     // its name beside a product file
	PxPerMM float32    // of the picture
	Centre  [2]float32 // pixel at which the front's origin lies: between the boxes, at their middle height
	// Image is the picture once it is loaded. It is not written with a product,
	// and must not be changed once it is worn.
	Image *image.NRGBA `json:"-"`
}

// Doubtful says whether a is not to be published without a person's look.
func (a *Anchors) Doubtful() bool { return len(a.Doubts) > 0 }

// maxAnchorPoints bounds an outline of a photo.
const maxAnchorPoints = 2048

// Validate says in one sentence what of a is wrong, or returns nil.
func (a *Anchors) Validate() error {
	if a.Width < 1 || a.Height < 1 || a.Width > 1<<16 || a.Height > 1<<16 {
		return fmt.Errorf("catalog: anchors of a picture of %dx%d pixels", a.Width, a.Height)
	}
	lists := [][][2]float32{a.Outlines[0], a.Outlines[1], a.Contour, {a.Bridge}, a.Hinges[:], a.Axis[:]}
	for _, points := range lists {
		if len(points) > maxAnchorPoints {
			return fmt.Errorf("catalog: an outline of anchors has %d points, but at most %d are allowed", len(points), maxAnchorPoints)
		}
		for _, p := range points {
			for _, v := range p {
				if !(math.Abs(float64(v)) <= 1<<17) {
					return fmt.Errorf("catalog: an anchor stands at pixel %g", v)
				}
			}
		}
	}
	return nil
}

func (f *FrontPhoto) validate() error {
	if f == nil {
		return nil
	}
	if !(f.PxPerMM >= 0.5 && f.PxPerMM <= 100) {
		return fmt.Errorf("front photo has %g pixels a millimetre, but must have 0.5 to 100", f.PxPerMM)
	}
	for _, v := range f.Centre {
		if !(math.Abs(float64(v)) <= 1<<16) {
			return fmt.Errorf("front photo's centre stands at pixel %g", v)
		}
	}
	return nil
}
