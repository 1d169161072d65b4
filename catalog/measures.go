package catalog

import (
	"errors"
	"fmt"
	"math"
	"reflect"
)

// EndPiece is what a frame without a FrontWidth of its own has outside each
// rim, in millimetres.
const EndPiece = 4.5

// Overall returns the front's width in millimetres: FrontWidth, or what the
// other measures make of it.
func (e *Eyewear) Overall() float32 {
	if e.FrontWidth > 0 {
		return e.FrontWidth
	}
	return 2*e.LensWidth + e.Bridge + 2*(e.Rim+EndPiece)
}

// Notation returns the size as the trade writes it: "52□18-145".
func (e *Eyewear) Notation() string {
	return fmt.Sprintf("%g□%g-%g", e.LensWidth, e.Bridge, e.Temple)
}

// Size is how wide a frame is, as shops put it on a shelf.
type Size string

const (
	Narrow Size = "narrow" // under 132 mm at the end pieces
	Medium Size = "medium"
	Wide   Size = "wide" // from 140 mm
)

// Size is e's size, "" where its measures are not known. The bounds are those
// between which the front widths of adults' frames are commonly shelved.
func (e *Eyewear) Size() Size {
	switch w := e.Overall(); {
	case e.FrontWidth == 0 && e.LensWidth == 0:
		return ""
	case w < 132:
		return Narrow
	case w < 140:
		return Medium
	}
	return Wide
}

// bound is the range in which a measure can be built.
type bound struct {
	name   string
	value  float32
	lo, hi float32
	unit   string
}

// Validate says in one sentence what of e cannot be built, or returns nil.
func (e *Eyewear) Validate() error {
	if err := e.validateWords(); err != nil {
		return err
	}
	rim := bound{"Rim", e.Rim, 1.5, 9, "mm"}
	switch {
	case e.Material == Rimless:
		rim = bound{"Rim", e.Rim, 0, 0, "mm"}
	case e.Material == Metal && e.Shape != Browline:
		rim = bound{"Rim", e.Rim, 0.6, 3.5, "mm"}
	}
	height := bound{"TempleHeight", e.TempleHeight, 1, 28, "mm"}
	if e.TempleHeight == 0 { // the usual height
		height.lo = 0
	}
	for _, b := range []bound{
		{"LensWidth", e.LensWidth, 30, 75, "mm"},
		{"LensHeight", e.LensHeight, 18, 65, "mm"},
		{"Bridge", e.Bridge, 10, 32, "mm"},
		{"Temple", e.Temple, 100, 170, "mm"},
		rim,
		{"Thickness", e.Thickness, 1, 7, "mm"},
		{"Wrap", e.Wrap, 0, 25, "degrees"},
		{"Tilt", e.Tilt, -5, 20, "degrees"},
		{"TempleDrop", e.TempleDrop, -5, e.LensHeight/2 + 4, "mm"},
		height,
	} {
		if !(b.value >= b.lo && b.value <= b.hi) { // NaN is refused too
			return fmt.Errorf("catalog: %s is %g %s, but a %s frame needs %g to %g",
				b.name, b.value, b.unit, e.Material, b.lo, b.hi)
		}
	}
	return e.validateFront()
}

// validateFront checks that the end pieces have room outside the rims.
func (e *Eyewear) validateFront() error {
	least := 2*e.LensWidth*float32(math.Cos(float64(e.Wrap)*math.Pi/180)) + e.Bridge + 2*e.Rim + 1
	if w := e.Overall(); !(w >= least && w <= least+40 && w <= 190) {
		return fmt.Errorf("catalog: FrontWidth is %g mm, but lenses, bridge and rims of this frame need %.1f to %.1f",
			w, least, min(least+40, 190))
	}
	return errors.Join(e.validateOutline(), e.validateContour())
}

func (e *Eyewear) validateOutline() error {
	if len(e.Outline) == 0 {
		return nil
	}
	if len(e.Outline) < 8 || len(e.Outline) > 256 {
		return fmt.Errorf("catalog: Outline has %d points, but needs 8 to 256", len(e.Outline))
	}
	for i, p := range e.Outline {
		for _, v := range p {
			if !(v >= -1.2 && v <= 1.2) {
				return fmt.Errorf("catalog: point %d of Outline is %g, but stands in a box of -1 to 1", i, v)
			}
		}
	}
	return nil
}

// validateKnown checks the part of a draft's measures that is known: words
// that exist, numbers that can be measures.
func (e *Eyewear) validateKnown() error {
	known := *e
	if known.Shape == "" {
		known.Shape = Round
	}
	if known.Material == "" {
		known.Material = Acetate
	}
	if err := known.validateWords(); err != nil {
		return err
	}
	for _, v := range []float32{
		e.LensWidth, e.LensHeight, e.Bridge, e.Temple, e.FrontWidth, e.Rim,
		e.Thickness, e.Wrap, e.Tilt, e.TempleDrop, e.TempleHeight,
	} {
		if !(v >= -1000 && v <= 1000) {
			return fmt.Errorf("catalog: %g is no measure of a frame in millimetres or degrees", v)
		}
	}
	return errors.Join(e.validateOutline(), e.validateContour())
}

// MaxContour is the largest number of points of a Contour.
const MaxContour = 512

func (e *Eyewear) validateContour() error {
	if len(e.Contour) == 0 {
		return nil
	}
	if len(e.Contour) < 16 || len(e.Contour) > MaxContour {
		return fmt.Errorf("catalog: Contour has %d points, but needs 16 to %d", len(e.Contour), MaxContour)
	}
	for i, p := range e.Contour {
		if !(p[0] >= 0 && p[0] <= 110 && p[1] >= -80 && p[1] <= 80) {
			return fmt.Errorf("catalog: point %d of Contour is %g, %g mm, but stands within 110 mm to the right and 80 above or below", i, p[0], p[1])
		}
	}
	if first, last := e.Contour[0], e.Contour[len(e.Contour)-1]; first[0] != 0 || last[0] != 0 || first[1] >= last[1] {
		return errors.New("catalog: Contour must run from the bridge's lower edge on x = 0 to its upper edge on x = 0")
	}
	return nil
}

func (e *Eyewear) isZero() bool {
	rest := *e
	rest.Outline, rest.Contour = nil, nil
	return len(e.Outline)+len(e.Contour) == 0 && reflect.ValueOf(rest).IsZero()
}

func (e *Eyewear) validateWords() error {
	switch e.Shape {
	case Round, Panto, Oval, Square, Rectangle, Aviator, CatEye, Geometric, Browline, Sport:
	default:
		return fmt.Errorf("catalog: Shape %q is none of round, panto, oval, square, rectangle, aviator, cat-eye, geometric, browline, sport", e.Shape)
	}
	switch e.Material {
	case Acetate, Metal, Rimless:
	default:
		return fmt.Errorf("catalog: Material %q is none of acetate, metal, rimless", e.Material)
	}
	switch e.TempleMaterial {
	case "", Acetate, Metal:
	default:
		return fmt.Errorf("catalog: TempleMaterial %q is none of acetate, metal", e.TempleMaterial)
	}
	switch e.BridgeStyle {
	case "", Saddle, Keyhole, Arched, TwinBars:
	default:
		return fmt.Errorf("catalog: BridgeStyle %q is none of saddle, keyhole, arched, twinbars", e.BridgeStyle)
	}
	return nil
}
