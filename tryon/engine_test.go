package tryon

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-gl/mathgl/mgl32"

	"cheval/assets"
	"cheval/camera"
	"cheval/catalog"
	"cheval/models"
	"cheval/models/modelstest"
	"cheval/tryon/perceive"
)

// engine returns an engine on the CPU, closed with the test.
func engine(t testing.TB, o Options) *Engine {
	t.Helper()
	e, err := OpenEngine(modelstest.Store(t), models.CPU, o)
	if err != nil {
		t.Fatalf("%v: run `make models` first", err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

// shop is the starter catalogue.
func shop(t testing.TB) []*catalog.Product {
	t.Helper()
	c, err := catalog.Load(assets.Catalogue())
	if err != nil {
		t.Fatal(err)
	}
	return c.All()
}

// keepPicture leaves a picture where -artifacts asks for it, to be looked at.
func keepPicture(t testing.TB, name string, img image.Image) {
	t.Helper()
	f, err := os.Create(filepath.Join(t.ArtifactDir(), name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, img); err != nil {
		t.Fatal(err)
	}
}

func TestProcessDrawsEachLookWhereItSaysItDid(t *testing.T) {
	e, products := engine(t, Options{}), shop(t)
	f := camera.NewFrame(modelstest.Portrait(t), nil)
	defer f.Release()
	looks := []Worn{{products[0], 0}, {products[1], 0}}
	r, err := e.Process(f, looks)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Release()
	if len(r.Faces) != 1 || len(r.Looks) != 2 || len(r.Drawn) != 2 || r.Worn[1] != looks[1] || r.Fit == nil {
		t.Fatalf("%d faces, %d looks, %d areas, fit %v", len(r.Faces), len(r.Looks), len(r.Drawn), r.Fit)
	}
	for i, look := range r.Looks {
		keepPicture(t, products[i].ID+".png", look)
		eyes := image.Rect(200, 90, 250, 130)
		if !r.Drawn[i].Overlaps(eyes) {
			t.Errorf("look %d was drawn at %v, not at the eyes", i, r.Drawn[i])
		}
		changed := 0
		for y := range look.Rect.Dy() {
			for x := range look.Rect.Dx() {
				if look.RGBAAt(x, y) == f.Image.RGBAAt(x, y) {
					continue
				}
				if changed++; !image.Pt(x, y).In(r.Drawn[i]) {
					t.Fatalf("look %d differs at (%d, %d), outside of %v", i, x, y, r.Drawn[i])
				}
			}
		}
		if changed < 500 {
			t.Errorf("look %d changed %d pixels only", i, changed)
		}
	}
}

func TestProcessWithoutAFaceShowsTheFrame(t *testing.T) {
	e := engine(t, Options{})
	img := image.NewRGBA(image.Rect(0, 0, 320, 240))
	draw.Draw(img, img.Rect, image.NewUniform(color.RGBA{90, 120, 60, 255}), image.Point{}, draw.Src)
	f := camera.NewFrame(img, nil)
	defer f.Release()
	r, err := e.Process(f, []Worn{{shop(t)[0], 0}})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Release()
	if len(r.Faces) != 0 || r.Fit != nil || !r.Drawn[0].Empty() || !bytes.Equal(r.Looks[0].Pix, img.Pix) {
		t.Errorf("an empty room has %d faces and a look drawn at %v", len(r.Faces), r.Drawn[0])
	}
}

func TestProcessStillForgetsWhatWentBefore(t *testing.T) {
	e := engine(t, Options{})
	f := camera.NewFrame(modelstest.Portrait(t), nil)
	defer f.Release()
	for range 2 {
		r, err := e.ProcessStill(f, []Worn{{shop(t)[0], 0}})
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Faces) != 1 {
			t.Fatalf("%d faces", len(r.Faces))
		}
		r.Release()
	}
}

func TestLooksThatCannotBeWornAreNamed(t *testing.T) {
	e := engine(t, Options{})
	odd := *shop(t)[0]
	odd.ID, odd.Eyewear.LensWidth = "odd", -3
	for want, w := range map[string]Worn{
		"without a product": {},
		"has no variant 99": {shop(t)[0], 99},
		"build odd":         {&odd, 0},
	} {
		if err := e.Prepare(w); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want a sentence with %q", err, want)
		}
	}
}

func TestAnEditedProductIsBuiltAnew(t *testing.T) {
	p := *shop(t)[0]
	var c meshes
	first, err := c.of(Worn{&p, 0})
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := c.of(Worn{&p, 0}); again != first {
		t.Error("the same product was built twice")
	}
	p.Eyewear.Bridge++
	if edited, _ := c.of(Worn{&p, 0}); edited == first {
		t.Error("a product with another bridge has the old mesh")
	}
}

func TestProcessAllocatesNothing(t *testing.T) {
	e := engine(t, Options{})
	f := camera.NewFrame(modelstest.Portrait(t), nil)
	defer f.Release()
	looks := []Worn{{shop(t)[0], 0}, {shop(t)[1], 0}}
	step := func() {
		f.Offset += time.Second / 30
		r, err := e.Process(f, looks)
		if err != nil {
			t.Fatal(err)
		}
		r.Release()
	}
	for range 40 { // until every buffer has its size
		step()
	}
	if n := testing.AllocsPerRun(40, step); n >= 1 {
		t.Errorf("%v allocations a frame", n)
	}
}

func TestResultsKeepTheFrameAndGiveItBack(t *testing.T) {
	e := engine(t, Options{})
	given := 0
	f := camera.NewFrame(modelstest.Portrait(t), func(*camera.Frame) { given++ })
	r, err := e.Process(f, nil)
	if err != nil {
		t.Fatal(err)
	}
	f.Release()
	r.Retain()
	r.Release()
	if given != 0 {
		t.Error("the frame went back while a result holds it")
	}
	r.Release()
	if given != 1 {
		t.Errorf("the frame went back %d times", given)
	}
}

func TestACardIsCoveredOnEveryPicture(t *testing.T) {
	img := modelstest.Portrait(t)
	quad := [4]mgl32.Vec2{{180, 60}, {265, 66}, {262, 120}, {177, 114}}
	for y := 70; y < 105; y++ { // digits
		for x := 190; x < 250; x++ {
			img.SetRGBA(x, y, color.RGBA{uint8(255 * (x / 3 % 2)), 0, uint8(255 * (y / 4 % 2)), 255})
		}
	}
	f := camera.NewFrame(img, nil)
	defer f.Release()
	face := &perceive.Face{ID: 3, Box: image.Rect(170, 60, 270, 200), Card: &perceive.CardView{Quad: quad}}
	v := cardVeil{pool: new(pool)}
	covered := v.cover(f, []*perceive.Face{face})
	keepPicture(t, "covered.png", covered.Image)
	if rough(f.Image) < 60 || rough(covered.Image) > 4 {
		t.Errorf("the card's pixels differ from their neighbours by %.1f before and %.1f after", rough(f.Image), rough(covered.Image))
	}
	covered.Release()

	f.Offset, face.Card = veilFor/2, nil // not seen in this frame
	covered = v.cover(f, []*perceive.Face{face})
	if rough(covered.Image) > 4 {
		t.Error("a card that is missed for a moment is shown")
	}
	covered.Release()
	f.Offset = 2 * veilFor
	if covered = v.cover(f, nil); covered != f {
		t.Error("a card that is gone is still covered")
	}
	covered.Release()
}

// rough is the mean difference of neighbours where the card's digits are.
func rough(m *image.RGBA) float64 {
	sum, n := 0, 0
	for y := 72; y < 103; y++ {
		for x := 192; x < 248; x++ {
			d := int(m.RGBAAt(x, y).R) - int(m.RGBAAt(x+3, y).R)
			sum, n = sum+max(d, -d), n+1
		}
	}
	return float64(sum) / float64(n)
}
