package enhance

import (
	"bytes"
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"cheval/catalog"
)

// shirt draws a T-shirt's outline, turned by degrees about its middle, with
// folds: a product whose upright is known.
func shirt(degrees float64, c color.NRGBA) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, 600, 500))
	sin, cos := math.Sincos(-degrees * math.Pi / 180)
	for y := range 500 {
		for x := range 600 {
			dx, dy := float64(x)-300, float64(y)-250
			u, v := math.Abs(dx*cos-dy*sin), dx*sin+dy*cos
			body := u < 100 && v > -150 && v < 170
			sleeve := u < 180 && v > -150+0.4*(u-60) && v < -50+0.4*(u-60)
			if (body || sleeve) && !(u < 35 && v < -130) {
				fold := 1 + 0.18*math.Sin(u/9+v/40)
				f := func(k uint8) uint8 { return uint8(min(255, float64(k)*fold)) }
				m.SetNRGBA(x, y, color.NRGBA{f(c.R), f(c.G), f(c.B), 255})
			}
		}
	}
	return m
}

// room is a photo of grey things under a light of the given gains.
func room(gain [3]float64, noise float64) *image.RGBA {
	rng := rand.New(rand.NewPCG(3, 3))
	m := image.NewRGBA(image.Rect(0, 0, 400, 300))
	for y := range 300 {
		for x := range 400 {
			v := 60 + 130*float64(x)/400
			n := noise * rng.NormFloat64()
			p := m.Pix[y*m.Stride+4*x:]
			for c := range 3 {
				p[c] = uint8(max(0, min(255, v*gain[c]+n)))
			}
			if x > 150 && x < 250 && y > 100 && y < 200 { // a red dress
				p[0], p[1], p[2] = 170, 20, 30
			}
			p[3] = 255
		}
	}
	return m
}

func TestSlidersAtNullLeaveThePictureAsItIs(t *testing.T) {
	m := shirt(0, color.NRGBA{120, 60, 200, 255})
	got, err := Apply(m, Measure(room([3]float64{1.2, 1, 0.8}, 6)), Adjust{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range m.Pix {
		if d := int(got.Pix[i]) - int(m.Pix[i]); d > 5 || d < -5 { // the shoulder bends the lights
			t.Fatalf("element %d is %d, was %d", i, got.Pix[i], m.Pix[i])
		}
	}
}

func TestWhiteBalanceTakesTheCastAway(t *testing.T) {
	e := Measure(room([3]float64{1.15, 1, 0.8}, 1))
	grey := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	for i := 0; i < len(grey.Pix); i += 4 {
		copy(grey.Pix[i:], []uint8{138, 120, 96, 255})
	}
	got, err := Apply(grey, e, Adjust{WhiteBalance: 1})
	if err != nil {
		t.Fatal(err)
	}
	if p := got.NRGBAAt(9, 9); max(p.R, p.G, p.B)-min(p.R, p.G, p.B) > 4 {
		t.Errorf("grey is %v", p)
	}
}

// A red dress that fills the photo says nothing of the light.
func TestColourOfTheProductIsNoCast(t *testing.T) {
	m := image.NewRGBA(image.Rect(0, 0, 300, 300))
	for i := 0; i < len(m.Pix); i += 4 {
		copy(m.Pix[i:], []uint8{170, 30, 40, 255})
	}
	e := Measure(m)
	if a := Auto(e); a.WhiteBalance > 0 && e.Gain != [3]float64{1, 1, 1} {
		t.Errorf("gain %v at strength %.2f", e.Gain, a.WhiteBalance)
	}
}

func TestExposureStretchesADarkPhotoAndKeepsALightOne(t *testing.T) {
	m := shirt(0, color.NRGBA{90, 80, 70, 255})
	dark, light := Estimate{Gain: [3]float64{1, 1, 1}, White: 140, Black: 4}, Estimate{Gain: [3]float64{1, 1, 1}, White: 250}
	for e, want := range map[*Estimate][2]int{&dark: {20, 90}, &light: {-2, 2}} {
		got, err := Apply(m, *e, Adjust{Exposure: 1})
		if err != nil {
			t.Fatal(err)
		}
		if d := int(got.NRGBAAt(300, 250).R) - int(m.NRGBAAt(300, 250).R); d < want[0] || d > want[1] {
			t.Errorf("white %.0f: changed by %d, want %v", e.White, d, want)
		}
	}
}

func spread(m *image.NRGBA, r image.Rectangle) float64 {
	sum, square, n := 0.0, 0.0, 0.0
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			v := float64(m.NRGBAAt(x, y).G)
			sum, square, n = sum+v, square+v*v, n+1
		}
	}
	return math.Sqrt(max(0, square/n-sum*sum/n/n))
}

func TestDenoiseSmoothsNoiseAndKeepsEdges(t *testing.T) {
	photo := room([3]float64{1, 1, 1}, 8)
	e := Measure(photo)
	if e.Noise < 5 || e.Noise > 11 {
		t.Errorf("noise of 8 is measured as %.1f", e.Noise)
	}
	m := &image.NRGBA{Pix: photo.Pix, Stride: photo.Stride, Rect: photo.Rect}
	got, err := Apply(m, e, Adjust{Denoise: 1})
	if err != nil {
		t.Fatal(err)
	}
	flat := image.Rect(10, 20, 20, 280)
	if before, after := spread(m, flat), spread(got, flat); after > 0.65*before {
		t.Errorf("noise %.1f, was %.1f", after, before)
	}
	if d := int(got.NRGBAAt(140, 150).G) - int(got.NRGBAAt(160, 150).G); d < 60 {
		t.Errorf("the edge is %d high, was some 85", d)
	}
}

func TestSharpnessAndContrastBringOutFoldsAndNoRim(t *testing.T) {
	m := shirt(0, color.NRGBA{120, 110, 100, 255})
	got, err := Apply(m, Estimate{Gain: [3]float64{1, 1, 1}, White: 246}, Adjust{LocalContrast: 1, Sharpness: 1})
	if err != nil {
		t.Fatal(err)
	}
	inside := image.Rect(230, 150, 370, 380)
	if before, after := spread(m, inside), spread(got, inside); after < 1.2*before {
		t.Errorf("folds %.1f, were %.1f", after, before)
	}
	// At the edge to nothing the change is that of the inside, not of a rim.
	for y := 200; y < 400; y++ {
		if d := math.Abs(float64(got.NRGBAAt(201, y).G) - float64(m.NRGBAAt(201, y).G)); d > 25 {
			t.Fatalf("at the edge luma changed by %.0f", d)
		}
	}
}

func TestCrookedProductsAreTurnedUprightAndOthersLeft(t *testing.T) {
	grey := color.NRGBA{120, 120, 120, 255}
	for _, degrees := range []float64{-8, -3, 2, 6} {
		if got, err := Tilt(shirt(degrees, grey)); err != nil || math.Abs(got+degrees) > 0.5 {
			t.Errorf("turned by %.1f: %.1f, %v", degrees, got, err)
		}
	}
	for _, degrees := range []float64{0, 0.3, 35, 90} {
		if got, err := Tilt(shirt(degrees, grey)); err != nil || got != 0 {
			t.Errorf("turned by %.1f, which is none or meant: %.1f, %v", degrees, got, err)
		}
	}
	// A shoe from the side: a wedge.
	shoe := image.NewNRGBA(image.Rect(0, 0, 400, 300))
	for y := range 300 {
		for x := range 400 {
			if y > 260-x/2 && y < 265-x/20 && x > 40 && x < 380 {
				shoe.SetNRGBA(x, y, grey)
			}
		}
	}
	if got, err := Tilt(shoe); err != nil || got != 0 {
		t.Errorf("a shoe is turned by %.1f, %v", got, err)
	}
	if got, err := Tilt(image.NewNRGBA(image.Rect(0, 0, 50, 50))); err != nil || got != 0 {
		t.Errorf("nothing is turned by %.1f, %v", got, err)
	}
}

func TestFrameCentresTheProductWithItsMargin(t *testing.T) {
	m := shirt(5, color.NRGBA{120, 60, 200, 255})
	for _, f := range []Framing{
		{Margin: 0.1, Square: true}, {Margin: 0.05}, {Turn: -5, Margin: 0.1, Square: true, Size: 800},
		{Turn: -5, Margin: 0.1, Size: 150}, {Size: 64, Square: true},
	} {
		got, err := Frame(m, f)
		if err != nil {
			t.Fatal(err)
		}
		box, w, h := Bounds(got), got.Rect.Dx(), got.Rect.Dy()
		if f.Size > 0 && max(w, h) != f.Size || f.Square && w != h {
			t.Errorf("%+v: %dx%d", f, w, h)
		}
		left, right, top, bottom := box.Min.X, w-box.Max.X, box.Min.Y, h-box.Max.Y
		if abs(left-right) > 3 || abs(top-bottom) > 3 {
			t.Errorf("%+v: margins %d %d %d %d", f, left, right, top, bottom)
		}
		if least := float64(min(left, top)) / float64(max(w, h)); math.Abs(least-f.Margin) > 0.02 {
			t.Errorf("%+v: margin %.3f", f, least)
		}
	}
	if _, err := Frame(image.NewNRGBA(image.Rect(0, 0, 50, 50)), Framing{}); err == nil || !strings.Contains(err.Error(), "no product") {
		t.Errorf("nothing is framed: %v", err)
	}
}

func abs(v int) int { return max(v, -v) }

func TestShopPicturesHaveTheirBackdropAndAShadowThatFades(t *testing.T) {
	m, err := Frame(shirt(0, color.NRGBA{120, 60, 200, 255}), Framing{Margin: 0.12, Square: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, shadow := range []Shadow{NoShadow, Soft, Contact} {
		got, err := Shop(m, White, shadow)
		if err != nil {
			t.Fatal(err)
		}
		if !got.Opaque() || got.NRGBAAt(0, 0) != (color.NRGBA{255, 255, 255, 255}) {
			t.Errorf("%s: the corner is %v", shadow, got.NRGBAAt(0, 0))
		}
		box := Bounds(m)
		under := got.NRGBAAt((box.Min.X+box.Max.X)/2, box.Max.Y+2)
		if dark := under.R < 250; dark != (shadow != NoShadow) {
			t.Errorf("%s: under the product is %v", shadow, under)
		}
	}
	clear, err := Shop(m, Transparent, Soft)
	if err != nil {
		t.Fatal(err)
	}
	if clear.NRGBAAt(0, 0).A != 0 || clear.NRGBAAt(m.Rect.Dx()/2, m.Rect.Dy()/2).A != 255 {
		t.Error("transparent is not")
	}
	if _, err := Shop(m, "beach", Soft); err == nil {
		t.Error("a beach is known")
	}
}

func TestRecolourKeepsFoldsAndPrints(t *testing.T) {
	m := shirt(0, color.NRGBA{150, 40, 50, 255})
	for y := 220; y < 260; y++ {
		for x := 280; x < 320; x++ {
			m.SetNRGBA(x, y, color.NRGBA{40, 160, 60, 255}) // a print
		}
	}
	target, err := ParseColour("navy")
	if err != nil {
		t.Fatal(err)
	}
	got := Recolour(m, target)
	if p := got.NRGBAAt(300, 240); p != (color.NRGBA{40, 160, 60, 255}) {
		t.Errorf("the print is %v", p)
	}
	conv, sum, n := newLabTables(), [3]float64{}, 0.0
	cloth := image.Rect(220, 280, 380, 400)
	for y := cloth.Min.Y; y < cloth.Max.Y; y++ {
		for x := cloth.Min.X; x < cloth.Max.X; x++ {
			p := got.NRGBAAt(x, y)
			lab := conv.lab(p.R, p.G, p.B)
			for c := range sum {
				sum[c] += lab[c]
			}
			n++
		}
	}
	want := conv.lab(target.R, target.G, target.B)
	for c := range sum {
		if d := math.Abs(sum[c]/n - want[c]); d > 4 {
			t.Errorf("Lab channel %d is %.1f in the mean, want %.1f", c, sum[c]/n, want[c])
		}
	}
	if relative := spread(got, cloth) / 40 / (spread(m, cloth) / 40); relative < 0.4 {
		t.Errorf("folds are %.2f of what they were", relative)
	}
	again := Recolour(m, target)
	if !bytes.Equal(again.Pix, got.Pix) {
		t.Error("the same recolouring gives another picture")
	}
}

func TestLabGoesThereAndBack(t *testing.T) {
	conv := newLabTables()
	for r := 0; r < 256; r += 15 {
		for g := 0; g < 256; g += 15 {
			for b := 0; b < 256; b += 15 {
				x, y, z := conv.rgb(conv.lab(uint8(r), uint8(g), uint8(b)))
				if abs(int(x)-r) > 1 || abs(int(y)-g) > 1 || abs(int(z)-b) > 1 {
					t.Fatalf("%d %d %d comes back as %d %d %d", r, g, b, x, y, z)
				}
			}
		}
	}
	if lab := conv.lab(255, 0, 0); math.Abs(lab[0]-53.24) > 0.05 || math.Abs(lab[1]-80.09) > 0.1 || math.Abs(lab[2]-67.20) > 0.1 {
		t.Errorf("red is %v, want 53.24 80.09 67.20", lab)
	}
}

func TestUnknownColoursAreNamed(t *testing.T) {
	for _, s := range []string{"", "mauvish", "#12", "#12345g"} {
		if _, err := ParseColour(s); err == nil || !strings.Contains(err.Error(), "navy") {
			t.Errorf("%q: %v", s, err)
		}
	}
	if c, err := ParseColour(" #0A141e"); err != nil || c != (color.NRGBA{10, 20, 30, 255}) {
		t.Errorf("%v, %v", c, err)
	}
}

// What a variant may be filed under can be recoloured to, but for patterns.
func TestColoursOfTheCatalogueAreKnown(t *testing.T) {
	for _, name := range catalog.Colours() {
		_, err := ParseColour(name)
		if pattern := name == "crystal" || name == "tortoise" || name == "multi"; (err != nil) != pattern {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAugmentationIsTheSameForASeedAndAnotherForAnother(t *testing.T) {
	m, err := Frame(shirt(0, color.NRGBA{120, 60, 200, 255}), Framing{Margin: 0.1, Square: true})
	if err != nil {
		t.Fatal(err)
	}
	a := Augment{Variants: 4, Side: 96, Seed: 11}
	other := a
	other.Seed = 12
	make := func(a Augment, i int) []byte {
		got, err := a.Vary(m, a.Chance("shirt", i))
		if err != nil {
			t.Fatal(err)
		}
		if got.Rect != image.Rect(0, 0, 96, 96) || Bounds(got).Empty() {
			t.Fatalf("variant %d: %v", i, got.Rect)
		}
		return got.Pix
	}
	for i := range a.Variants {
		if !bytes.Equal(make(a, i), make(a, i)) {
			t.Errorf("variant %d is not the same", i)
		}
		if same := bytes.Equal(make(a, i), make(other, i)); same != (i == 0) {
			t.Errorf("variant %d: same with another seed: %v", i, same)
		}
	}
	if (Augment{Variants: 0, Side: 9}).Check() == nil {
		t.Error("nonsense is accepted")
	}
}
