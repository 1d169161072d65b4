package refine

import (
	"image"
	"math"
	"testing"
)

func TestFlickerComparesWhatChangesBetweenFrames(t *testing.T) {
	flat := func(v uint8) *image.RGBA {
		m := image.NewRGBA(image.Rect(0, 0, 32, 32))
		for i := range m.Pix {
			m.Pix[i] = v
		}
		return m
	}
	var same, double, none Flicker
	for i := range 10 {
		v := uint8(100 + i%2*4)
		same.Add(flat(v), flat(v+50))
		double.Add(flat(v), flat(100+2*(v-100)+9))
		none.Add(flat(v), flat(v))
	}
	if p, b := same.Ratios(); p != 1 || b != 1 {
		t.Errorf("what is only lighter flickers %g and %g times as much", p, b)
	}
	if p, b := double.Ratios(); p != 2 || b != 2 {
		t.Errorf("what changes twice as much flickers %g and %g times as much", p, b)
	}
	if p, b := none.Ratios(); !math.IsNaN(p) || !math.IsNaN(b) {
		t.Errorf("what was not refined flickers %g and %g times as much", p, b)
	}
}
