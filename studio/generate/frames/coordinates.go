package frames

import (
	"math"

	"cheval/catalog"
	"cheval/tryon/eyewear"
)

// The coordinates of a frame: its width and its proportions, so that whatever
// numbers they take the parts add up to the whole, then the scores of the
// lens's outline. Lengths and ratios are logarithms.
const (
	overall   = iota // the front's width, mm
	bridge           // over the lens's width
	aspect           // the lens's height over its width
	ends             // the end piece outside each rim, mm
	rim              // mm; of rimless frames, which have none, a metal frame's
	thickness        // of the front, mm
	temple           // mm
	wrap             // degrees, no logarithm
	tilt             // degrees, no logarithm
	drop             // the hinge's height over half the lens's, no logarithm
	measures         // how many there are
)

// rimlessRim stands for the rim that rimless frames lack, mm.
const rimlessRim = 1.2

// measuresOf are the first coordinates of a frame.
func measuresOf(e *catalog.Eyewear) []float64 {
	a, b, rimWidth := float64(e.LensWidth), float64(e.Bridge), float64(e.Rim)
	x := make([]float64, measures)
	x[overall] = math.Log(float64(e.Overall()))
	x[bridge] = math.Log(b / a)
	x[aspect] = math.Log(float64(e.LensHeight) / a)
	x[ends] = math.Log(max(endPiece(e), 0.5))
	if e.Material == catalog.Rimless {
		rimWidth = rimlessRim
	}
	x[rim] = math.Log(rimWidth)
	x[thickness] = math.Log(float64(e.Thickness))
	x[temple] = math.Log(float64(e.Temple))
	x[wrap], x[tilt] = float64(e.Wrap), float64(e.Tilt)
	x[drop] = float64(e.TempleDrop) / (float64(e.LensHeight) / 2)
	return x
}

// endPiece is what a frame has outside each rim, mm: what is left of its width
// beside bridge, rims and the lenses turned by the wrap.
func endPiece(e *catalog.Eyewear) float64 {
	turned := math.Cos(float64(e.Wrap) * math.Pi / 180)
	return (float64(e.Overall()) - 2*float64(e.LensWidth)*turned - float64(e.Bridge) - 2*float64(e.Rim)) / 2
}

// frameOf makes the frame of coordinates, in the steps in which the trade
// measures: millimetres, tenths of them for rim and thickness, half degrees.
func frameOf(x []float64, material catalog.Material) catalog.Eyewear {
	e := catalog.Eyewear{Material: material}
	e.Wrap, e.Tilt = steps(max(x[wrap], 0), 0.5), steps(x[tilt], 0.5)
	turned := math.Cos(float64(e.Wrap) * math.Pi / 180)
	if material != catalog.Rimless {
		e.Rim = steps(math.Exp(x[rim]), 0.1)
	}
	ratio, end := math.Exp(x[bridge]), math.Exp(x[ends])
	a := (math.Exp(x[overall]) - 2*float64(e.Rim) - 2*end) / (2*turned + ratio)
	e.LensWidth, e.Bridge = steps(a, 1), steps(a*ratio, 1)
	e.LensHeight = steps(a*math.Exp(x[aspect]), 1)
	// The front again from what was rounded, so that the end pieces stay.
	e.FrontWidth = steps(2*float64(e.LensWidth)*turned+float64(e.Bridge)+2*float64(e.Rim)+2*end, 1)
	e.Thickness = steps(math.Exp(x[thickness]), 0.1)
	e.Temple = steps(math.Exp(x[temple]), 1)
	e.TempleDrop = steps(x[drop]*float64(e.LensHeight)/2, 0.5)
	return e
}

// steps rounds to a multiple of step, which is 1, 0.5 or 0.1.
func steps(v, step float64) float32 {
	per := math.Round(1 / step)
	return float32(math.Round(v*per) / per)
}

// rays is how many points an outline is seen at, at even angles in its box.
const rays = 96

// outlineOf is the logarithm of a lens's radius at each ray, in a box of -1..1,
// over the root of their number: so that the length of a difference is the root
// mean square of it.
func outlineOf(e *catalog.Eyewear) ([]float64, error) {
	points, err := eyewear.Outline(e)
	if err != nil {
		return nil, err
	}
	out := make([]float64, rays)
	for k := range out {
		sin, cos := math.Sincos(2 * math.Pi * float64(k) / rays)
		out[k] = math.Log(max(reach(points, cos, sin), 0.05)) / math.Sqrt(rays)
	}
	return out, nil
}

// reach is how far a closed line goes from the middle in a direction.
func reach(points [][2]float64, cos, sin float64) float64 {
	far := 0.0
	for i, p := range points {
		q := points[(i+1)%len(points)]
		// Across the ray, and along it.
		pa, qa := p[1]*cos-p[0]*sin, q[1]*cos-q[0]*sin
		if pa*qa > 0 || pa == qa {
			continue
		}
		f := pa / (pa - qa)
		far = max(far, (p[0]+f*(q[0]-p[0]))*cos+(p[1]+f*(q[1]-p[1]))*sin)
	}
	return far
}

// pointsOf is the outline of radii as a frame keeps it, filling its box.
func pointsOf(radii []float64) [][2]float32 {
	at := make([][2]float64, rays)
	var lo, hi [2]float64
	for k := range at {
		sin, cos := math.Sincos(2 * math.Pi * float64(k) / rays)
		r := math.Exp(radii[k] * math.Sqrt(rays))
		at[k] = [2]float64{r * cos, r * sin}
		for c, v := range at[k] {
			lo[c], hi[c] = min(lo[c], v), max(hi[c], v)
		}
	}
	out := make([][2]float32, rays)
	for k, p := range at {
		for c, v := range p {
			out[k][c] = steps(2*(v-lo[c])/(hi[c]-lo[c])-1, 0.0001)
		}
	}
	return out
}
