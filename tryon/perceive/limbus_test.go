package perceive

import (
	"image"
	"image/color"
	"math"
	"testing"
)

// paint fills a part of a frame, four by four samples a pixel.
func paint(img *image.RGBA, part image.Rectangle, at func(x, y float64) (r, g, b float64, ok bool)) {
	part = part.Intersect(img.Rect)
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			var sum [3]float64
			n := 0.0
			for k := range 16 {
				// A pixel's middle is its whole number, as in landmarks.
				px, py := float64(x)+(float64(k%4)-1.5)/4, float64(y)+(float64(k/4)-1.5)/4
				if r, g, b, ok := at(px, py); ok {
					sum[0], sum[1], sum[2], n = sum[0]+r, sum[1]+g, sum[2]+b, n+1
				}
			}
			old := img.RGBAAt(x, y)
			mix := func(c float64, o uint8) uint8 { return uint8(c*255/16 + float64(o)*(16-n)/16) }
			img.SetRGBA(x, y, color.RGBA{mix(sum[0], old.R), mix(sum[1], old.G), mix(sum[2], old.B), 255})
		}
	}
}

// eye draws an iris of radius r at (cx, cy) between lids that cover its top and
// bottom.
func eye(cx, cy, r, iris float64) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, 120, 80))
	paint(img, img.Rect, func(x, y float64) (float64, float64, float64, bool) {
		d := math.Hypot(x-cx, y-cy)
		lid := math.Abs(y-cy-0.1*r) > 0.75*r*math.Sqrt(max(0, 1-(x-cx)*(x-cx)/(6.5*r*r)))
		switch {
		case lid:
			return 0.62, 0.45, 0.38, true
		case d < 0.35*r:
			return 0.03, 0.03, 0.03, true
		case d < r:
			return iris, iris * 0.8, iris * 0.6, true
		}
		return 0.75, 0.72, 0.70, true
	})
	return img
}

func TestLimbusIsFoundToAFractionOfAPixel(t *testing.T) {
	cut := newSampler()
	defer cut.Close()
	e := newIrisReader(cut)
	for _, r := range []float64{6, 8.3, 11, 14.7} {
		for _, iris := range []float64{0.15, 0.4} {
			img := eye(60.3, 40.6, r, iris)
			// The mesh's own irises are too large by up to a sixth, and beside.
			got, ok := e.read(img, 60.3+0.15*r, 40.6-0.05*r, 1.12*r, 0)
			if !ok {
				t.Errorf("radius %v, iris %v: not found", r, iris)
				continue
			}
			if math.Abs(got.r-r) > 0.025*r || math.Abs(got.x-60.3) > 0.15 || math.Abs(got.y-40.6) > 0.4 {
				t.Errorf("radius %v, iris %v: got radius %.2f at (%.2f, %.2f), want (60.3, 40.6)", r, iris, got.r, got.x, got.y)
			}
			if got.spread > mostSpread || got.contrast < leastContrast {
				t.Errorf("radius %v, iris %v: spread %.3f contrast %.3f would be refused", r, iris, got.spread, got.contrast)
			}
		}
	}
}

func TestClosedEyesHaveNoLimbus(t *testing.T) {
	cut := newSampler()
	defer cut.Close()
	e := newIrisReader(cut)
	img := image.NewRGBA(image.Rect(0, 0, 120, 80))
	paint(img, img.Rect, func(x, y float64) (float64, float64, float64, bool) {
		if math.Abs(y-40) < 1.5 { // lashes
			return 0.2, 0.15, 0.1, true
		}
		return 0.6, 0.45, 0.4, true
	})
	if got, ok := e.read(img, 60, 40, 10, 0); ok && got.spread <= mostSpread && got.contrast >= leastContrast {
		t.Errorf("found %+v in skin", got)
	}
}

func TestRulerKnowsWhatItDoesNotKnow(t *testing.T) {
	var r ruler
	r.add(glance{size: 1.02, pd: 63})
	r.settle(enoughGlances)
	if m := r.measured(600, 1024); m.Known() {
		t.Errorf("known after one glance: %+v", m)
	}
	for i := range 30 {
		r.add(glance{size: 1.02 + 0.01*float64(i%3-1), pd: 62.5})
	}
	r.add(glance{size: 1.25, pd: 80}) // an outlier
	r.settle(enoughGlances)
	m := r.measured(600, 1024)
	if !m.Known() || math.Abs(float64(m.PDmm)-1.02*62.5) > 0.3 {
		t.Fatalf("measured %+v", m)
	}
	// People's irises alone make ±0.5 mm of 11.7.
	if least := m.PDmm * 0.5 / 11.7; m.PDErrormm < least || m.PDErrormm > 1.6*least {
		t.Errorf("stated ±%.2f mm, of which ±%.2f mm are people", m.PDErrormm, least)
	}
	// Eyes that look 600 mm away converge by 2 x 0.5 mm.
	if d := m.PDFarmm - m.PDmm; d < 0.8 || d > 1.5 {
		t.Errorf("in the distance the pupils stand %.2f mm further apart", d)
	}
}

// A compressed clip's irises once made a man of 78 mm between the pupils, and a
// frame 15 % too small on him.
func TestRulerRefusesASizeThatNobodyHas(t *testing.T) {
	var r ruler
	for range 30 {
		r.add(glance{size: 1.2, pd: 65})
	}
	r.settle(enoughGlances)
	if m := r.measured(600, 1024); m.Known() || m.Why != whyUnlike {
		t.Errorf("78 mm between the pupils were measured as %+v", m)
	}
	if got := r.headSize(); got != 1 {
		t.Errorf("the head is drawn at %.2f of the average, want 1", got)
	}
}

func TestEyesThatLookAsideOrSquintAreNotMeasured(t *testing.T) {
	s, cam := solver(t), cameraFor(1280, 720, 0)
	p := &Perceiver{solver: s}
	head := placed(0, 0, 0, vec3{0, 0, -500})
	for _, c := range []struct {
		left, right float32 // the irises' shift in the picture, pixels
		want        string
	}{{0, 0, ""}, {1, -1, ""}, {6, 6, ""}, {-12, -12, whyGaze}, {5, -5, whyGaze}} {
		tr := &track{points: *pictureOf(s, head, cam), head: head, light: light{face: 0.5}}
		for k := range 5 {
			tr.points[lmIrisLeft+k][0] += c.left
			tr.points[lmIrisRight+k][0] += c.right
		}
		if why := p.unfit(tr, cam); why != c.want {
			t.Errorf("irises moved by %v and %v: %q, want %q", c.left, c.right, why, c.want)
		}
	}
}
