package enhance

import (
	"math"

	"cheval/internal/cielab"
)

// labTables convert between sRGB and CIE Lab (see internal/cielab)
// by tables, fast enough for every pixel.
type labTables struct {
	cube  [4097]float64 // f(t) of Lab, t = i/4096
	gamma [4097]uint8   // linear, i/4096 → stored; square-rooted first
}

func newLabTables() *labTables {
	t := &labTables{}
	for i := range t.cube {
		t.cube[i] = cielab.Curve(float64(i) / 4096)
	}
	for i := range t.gamma {
		v := float64(i) / 4096
		t.gamma[i] = cielab.Byte(v * v)
	}
	return t
}

// lab is L 0..100, a, b.
func (t *labTables) lab(r, g, b uint8) [3]float64 {
	x, y, z := cielab.XYZ(r, g, b)
	fx, fy, fz := t.root(x), t.root(y), t.root(z)
	return [3]float64{116*fy - 16, 500 * (fx - fy), 200 * (fy - fz)}
}

func (t *labTables) root(v float64) float64 {
	at := min(4095.999, max(0, v*4096))
	i := int(at)
	return t.cube[i] + (at-float64(i))*(t.cube[i+1]-t.cube[i])
}

// rgb is the nearest sRGB colour, each channel clipped.
func (t *labTables) rgb(lab [3]float64) (r, g, b uint8) {
	fy := (lab[0] + 16) / 116
	x, y, z := cielab.WhiteX*cielab.Uncurve(fy+lab[1]/500), cielab.Uncurve(fy), cielab.WhiteZ*cielab.Uncurve(fy-lab[2]/200)
	return t.store(3.2404542*x - 1.5371385*y - 0.4985314*z),
		t.store(-0.9692660*x + 1.8760108*y + 0.0415560*z),
		t.store(0.0556434*x - 0.2040259*y + 1.0572252*z)
}

func (t *labTables) store(v float64) uint8 {
	return t.gamma[int(math.Sqrt(max(0, min(1, v)))*4096+0.5)]
}
