package cutout

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"testing"

	"cheval/camera"
)

// scene is a textured disc before a textured ground, with the true coverage
// and colour: what a photo of it would hold.
func scene(w, h int, product, ground color.RGBA) (img *image.RGBA, truth, coarse *image.Alpha) {
	rng := rand.New(rand.NewPCG(7, 7))
	img, truth = image.NewRGBA(image.Rect(0, 0, w, h)), image.NewAlpha(image.Rect(0, 0, w, h))
	coarse = image.NewAlpha(truth.Rect)
	radius := 0.35 * float64(min(w, h))
	for y := range h {
		for x := range w {
			d := math.Hypot(float64(x)-float64(w)/2, float64(y)-float64(h)/2)
			a := max(0, min(1, radius-d+0.5))
			grain := rng.Float64()*16 - 8
			mix := func(p, g uint8) uint8 {
				return uint8(max(0, min(255, a*float64(p)+(1-a)*float64(g)+grain)))
			}
			img.SetRGBA(x, y, color.RGBA{mix(product.R, ground.R), mix(product.G, ground.G), mix(product.B, ground.B), 255})
			truth.Pix[y*w+x] = uint8(a*255 + 0.5)
			// The network's edge is wide and lies two pixels out, on one side.
			off := 2.0
			if x < w/2 {
				off = -1
			}
			coarse.Pix[y*w+x] = uint8(max(0, min(1, (radius+off-d)/5+0.5)) * 255)
		}
	}
	return img, truth, coarse
}

func TestRefineFindsTheTrueEdge(t *testing.T) {
	img, truth, coarse := scene(900, 700, color.RGBA{40, 60, 120, 255}, color.RGBA{190, 170, 140, 255})
	before := difference(coarse, truth)
	after := difference(Refine(img, coarse), truth)
	if after > before/3 {
		t.Errorf("mean error of coverage %.5f, was %.5f; want a third", after, before)
	}
}

func difference(a, b *image.Alpha) float64 {
	sum := 0.0
	for i := range a.Pix {
		sum += math.Abs(float64(a.Pix[i]) - float64(b.Pix[i]))
	}
	return sum / 255 / float64(len(a.Pix))
}

// On black, magenta and white no fringe of the old background may be seen:
// partly covered pixels have the product's colour.
func TestExtractTakesTheBackgroundOutOfTheEdge(t *testing.T) {
	product, ground := color.RGBA{40, 60, 120, 255}, color.RGBA{190, 170, 140, 255}
	img, truth, _ := scene(900, 700, product, ground)
	cut := Extract(img, truth)
	worst, sum, n := 0.0, 0.0, 0
	for i, a := range truth.Pix {
		if a == 0 && cut.Pix[4*i+3] != 0 {
			t.Fatal("the background is not empty")
		}
		if a < 32 || a > 224 {
			continue
		}
		d := math.Abs(float64(cut.Pix[4*i])-float64(product.R)) + math.Abs(float64(cut.Pix[4*i+1])-float64(product.G)) + math.Abs(float64(cut.Pix[4*i+2])-float64(product.B))
		worst, sum, n = max(worst, d/3), sum+d/3, n+1
	}
	if n == 0 || sum/float64(n) > 8 || worst > 40 {
		t.Errorf("%d edge pixels differ from the product's colour by %.1f of 255 in the mean, %.1f at most; the grain alone is 4", n, sum/float64(n), worst)
	}
}

// On black, a dark strap before a yellow wall had an olive rim: JPEG's colours
// have half the resolution, so that the wall's hue lay within the strap.
func TestHueThatJPEGCarriesIntoTheEdgeIsTakenOut(t *testing.T) {
	product := color.RGBA{30, 30, 40, 255}
	img, truth, _ := scene(500, 400, product, color.RGBA{240, 220, 90, 255})
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 90}); err != nil {
		t.Fatal(err)
	}
	shot, err := camera.DecodeImage(&b)
	if err != nil {
		t.Fatal(err)
	}
	hue := func(p []uint8) float64 { // blue's distance from the mean of red and green
		return math.Abs(float64(p[2]) - (float64(p[0])+float64(p[1]))/2 - 10)
	}
	cut := Extract(shot, truth)
	before, after, n := 0.0, 0.0, 0.0
	for i, a := range truth.Pix {
		if a > 128 && truth.Pix[i+3] < 10 || a > 128 && truth.Pix[i-3] < 10 {
			before, after, n = before+hue(shot.Pix[4*i:]), after+hue(cut.Pix[4*i:]), n+1
		}
	}
	if n == 0 || after/n > 8 || after > before/3 {
		t.Errorf("hue is off by %.1f of 255 in the mean over %.0f pixels, was %.1f", after/n, n, before/n)
	}
}

// A weak spot in a garment came out as a hole that showed magenta.
func TestHazeInsideTheProductIsFilled(t *testing.T) {
	img, _, coarse := scene(900, 700, color.RGBA{40, 60, 120, 255}, color.RGBA{190, 170, 140, 255})
	for y := 330; y < 370; y++ {
		for x := 400; x < 500; x++ {
			coarse.Pix[y*900+x] = 100
		}
	}
	coarse.Pix[20*900+20] = 255 // and a fluff on the rug
	got := Refine(img, coarse)
	if got.AlphaAt(450, 350).A != 255 {
		t.Errorf("coverage of the weak spot is %d", got.AlphaAt(450, 350).A)
	}
	if got.AlphaAt(20, 20).A != 0 {
		t.Errorf("coverage of the fluff is %d", got.AlphaAt(20, 20).A)
	}
}

func BenchmarkRefine(b *testing.B) {
	img, _, coarse := scene(2000, 1500, color.RGBA{40, 60, 120, 255}, color.RGBA{190, 170, 140, 255})
	for b.Loop() {
		Refine(img, coarse)
	}
}

func BenchmarkExtract(b *testing.B) {
	img, truth, _ := scene(2000, 1500, color.RGBA{40, 60, 120, 255}, color.RGBA{190, 170, 140, 255})
	for b.Loop() {
		Extract(img, truth)
	}
}
