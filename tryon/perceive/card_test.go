package perceive

import (
	"image"
	"math"
	"testing"
	"time"
)

// withCard draws a bank card's back into a frame at a known place in space.
func withCard(img *image.RGBA, card rigid, cam Camera) *image.RGBA {
	out := image.NewRGBA(img.Rect)
	copy(out.Pix, img.Pix)
	on, normal := card.T, card.R.apply(vec3{0, 0, 1})
	var part image.Rectangle
	for _, k := range cardCorners {
		px := project(card.apply(k), cam)
		part = part.Union(image.Rect(int(px[0])-3, int(px[1])-3, int(px[0])+4, int(px[1])+4))
	}
	paint(out, part, func(x, y float64) (float64, float64, float64, bool) {
		p := card.inverse(meet(x, y, cam, on, normal))
		u, v := math.Abs(p[0]), math.Abs(p[1])
		const w, h, round = cardWidthMM / 2, cardHeightMM / 2, 3.18
		if u > w || v > h || u > w-round && v > h-round && math.Hypot(u-w+round, v-h+round) > round {
			return 0, 0, 0, false
		}
		switch {
		case p[1] > h-16 && p[1] < h-5: // magnetic stripe
			return 0.1, 0.1, 0.1, true
		case p[1] > -4 && p[1] < 5 && p[0] > -w+6 && p[0] < w-28: // signature
			return 0.8, 0.8, 0.77, true
		}
		return 0.2, 0.35, 0.55, true
	})
	return out
}

// held is a card before a head of the given size: over the brow, or below the
// nose, a little tilted.
func held(p *Perceiver, head rigid, size float64, below bool) rigid {
	y := 75.0
	if below {
		y = -65
	}
	card := rigid{R: head.R.mul(rotationFrom(0.03, 0.02, 0.06))}
	card.T = head.apply(vec3{3, y, 0})
	behind := p.solver.beforePupils(head, rigid{T: card.T}, 1) + cardThicknessMM/size
	card.T = head.apply(vec3{3, y, p.solver.pupilZ + behind}).mul(size)
	return card
}

// scene is a large portrait and its head.
func scene(t *testing.T, p *Perceiver) (*image.RGBA, Camera, rigid) {
	t.Helper()
	img := company(t, [3]float64{280, 10, 3})
	if err := p.lookEverywhere(img, cameraFor(1280, 720, 0)); err != nil || len(p.tracks) != 1 {
		t.Fatalf("%d faces (%v)", len(p.tracks), err)
	}
	head := p.tracks[0].head
	p.forget()
	return img, cameraFor(1280, 720, 0), head
}

func TestACardAtTheFaceTellsItsSize(t *testing.T) {
	p := perceiver(t, Options{})
	img, cam, head := scene(t, p)
	bare, _, err := p.Still(img, 0)
	if err != nil || len(bare) != 1 || bare[0].Measure.Source != MeasureIris {
		t.Fatalf("%d faces (%v)", len(bare), err)
	}
	iris := float64(bare[0].Pose.Scale) // a card that says quite otherwise is none
	for _, below := range []bool{false, true} {
		for _, size := range []float64{0.93 * iris, 1.08 * iris} {
			card := held(p, head, size, below)
			faces, _, err := p.Still(withCard(img, card, cam), 0)
			if err != nil || len(faces) != 1 {
				t.Fatalf("%d faces (%v)", len(faces), err)
			}
			f := faces[0]
			if f.Measure.Source != MeasureCard || f.Card == nil {
				t.Errorf("below %v, size %v: measured %+v, card %v", below, size, f.Measure, f.Card)
				continue
			}
			for i, k := range cardCorners {
				want := project(card.apply(k), cam)
				if d := math.Hypot(float64(f.Card.Quad[i][0])-want[0], float64(f.Card.Quad[i][1])-want[1]); d > 1.2 {
					t.Errorf("below %v, size %v: corner %d is %.2f px beside", below, size, i, d)
				}
			}
			if e := math.Abs(float64(f.Pose.Scale)/size - 1); e*63 > 1 {
				t.Errorf("below %v: size %.3f, want %.3f: %.1f mm of a distance of 63 mm", below, f.Pose.Scale, size, e*63)
			}
			if f.Measure.PDErrormm < 0.4 || f.Measure.PDErrormm > 1.5 {
				t.Errorf("stated ±%.2f mm", f.Measure.PDErrormm)
			}
		}
	}
}

func TestCalibrationStaysWithItsFaceAndDiesWithIt(t *testing.T) {
	p := perceiver(t, Options{})
	img, cam, head := scene(t, p)
	const size = 1.06
	shown := withCard(img, held(p, head, size, false), cam)
	at := time.Duration(0)
	feed(t, p, img, &at, 3)
	p.CalibrateCard(true)
	feed(t, p, img, &at, 6)
	if s := p.Card(); !s.On || s.Done || s.Why != CardNotSeen {
		t.Errorf("without a card: %+v", s)
	}
	feed(t, p, shown, &at, 40)
	if s := p.Card(); !s.Done || s.Progress != 1 || s.Why != "" {
		t.Fatalf("after 40 frames with a card: %+v", s)
	}
	for i := range 60 { // the card is put away, which ends the search
		faces := feed(t, p, img, &at, 1)
		if len(faces) != 1 || faces[0].Measure.Source != MeasureCard || math.Abs(float64(faces[0].Pose.Scale)-size) > 0.016 {
			t.Fatalf("frame %d without the card: %+v, size %.3f", i, faces[0].Measure, faces[0].Pose.Scale)
		}
		if i > 45 && faces[0].Card != nil {
			t.Fatalf("a card is seen where none is: %v", faces[0].Card.Quad)
		}
	}
	if s := p.Card(); s.On || !s.Done {
		t.Errorf("after the card was put away: %+v", s)
	}
	p.Reset()
	if faces := feed(t, p, img, &at, 2); len(faces) != 1 || faces[0].Measure.Source == MeasureCard {
		t.Errorf("the card outlived its face: %+v", faces[0].Measure)
	}
	if s := p.Card(); s.On || s.Done {
		t.Errorf("after a reset: %+v", s)
	}
}

func TestNoCardNoCard(t *testing.T) {
	p := perceiver(t, Options{})
	img, _, _ := scene(t, p)
	faces, _, err := p.Still(img, 0)
	if err != nil || len(faces) != 1 || faces[0].Card != nil || faces[0].Measure.Source == MeasureCard {
		t.Errorf("%d faces, measured %+v (%v)", len(faces), faces[0].Measure, err)
	}
}
