package render

import (
	"image"
	"image/color"
	"math"
	"testing"

	"cheval/catalog"
	"cheval/tryon/eyewear"
	"cheval/tryon/fit"

	"github.com/go-gl/mathgl/mgl32"
)

// guideOf draws items with a guide of 64x32 cells.
func guideOf(items ...Item) *Guide {
	g := &Guide{W: 64, H: 32}
	New(nil).DrawAll(flat(200, 200, 90, 90, 90), Wearer{Face: blindFace(200, 200), Items: items, Guide: g})
	return g
}

// at is the cell that a pixel lies in.
func (g *Guide) at(x, y float32) int {
	return int((y-g.Y)/g.Cell)*g.W + int((x-g.X)/g.Cell)
}

func near(a, b float32) bool { return abs(a-b) < 1e-3 }

func TestAGuideTellsCoverageDepthAndNormal(t *testing.T) {
	black := &catalog.Variant{Frame: catalog.Surface{Base: color.NRGBA{10, 10, 10, 255}, Roughness: 0.8}}
	turned := fit.Placement{Frame: mgl32.Translate3D(0, 0, -400).Mul4(mgl32.HomogRotate3DY(mgl32.DegToRad(30)))}
	g := guideOf(Item{plate(20, eyewear.Front), black, turned})
	if !g.Drawn {
		t.Fatal("nothing was drawn")
	}
	k := g.at(100, 100)
	if g.Share[k] != 1 || g.Pass[k] != 0 {
		t.Errorf("the middle is covered to %g and lets %g through", g.Share[k], g.Pass[k])
	}
	// The edge that is turned to the viewer lies 20·sin 30° = 10 mm before the middle.
	if d := 100 * g.Depth[k]; abs(d-10) > 0.5 {
		t.Errorf("the middle lies %.2f mm behind the nearest point, want 10", d)
	}
	n := mgl32.Vec3{g.Normal[0][k], g.Normal[1][k], g.Normal[2][k]}
	if n.Sub(mgl32.Vec3{0.5, 0, float32(math.Sqrt(0.75))}).Len() > 1e-3 {
		t.Errorf("the normal is %v, want one turned by 30° to the picture's right", n)
	}
	if k := g.at(135, 100); g.Share[k] != 0 || g.Pass[k] != 1 || g.Depth[k] != 0 || g.Normal[2][k] != 0 {
		t.Errorf("beside the plate there is something: %g %g %g", g.Share[k], g.Pass[k], g.Depth[k])
	}
}

func TestAGuideKnowsWhatALensLetsThrough(t *testing.T) {
	v := &catalog.Variant{Frame: catalog.Surface{Base: color.NRGBA{10, 10, 10, 255}}, Lens: catalog.Lens{Tint: color.NRGBA{90, 90, 90, 255}, Transmission: 0.3}}
	lens := Item{plate(30, eyewear.LensLeft), v, at(0, 0, -400)}
	g := guideOf(lens)
	if k := g.at(100, 100); g.Share[k] != 1 || !near(g.Pass[k], 0.3) || g.Normal[2][k] != 1 {
		t.Errorf("the lens covers %g and lets %g through, want 1 and 0.3", g.Share[k], g.Pass[k])
	}
	g = guideOf(lens, Item{plate(10, eyewear.Front), v, at(0, 0, -420)})
	if k := g.at(100, 100); g.Pass[k] != 0 || !near(g.Depth[k], 0) {
		t.Errorf("before an opaque plate: %g passes, %g deep, want nothing, and the lens's depth", g.Pass[k], g.Depth[k])
	}
	g = guideOf(lens, Item{plate(10, eyewear.Front), v, at(0, 0, -380)})
	if k := g.at(100, 100); g.Pass[k] != 0 {
		t.Errorf("behind an opaque plate %g passes", g.Pass[k])
	}
	if k := g.at(75, 100); !near(g.Depth[k], 0.2) {
		t.Errorf("the lens lies %g behind the plate, want 0.2", g.Depth[k])
	}
}

// What is guided is what is drawn: a cell's coverage is that of its pixels.
func TestAGuideAgreesWithThePicture(t *testing.T) {
	geo := geometry(t)
	for _, yaw := range []float32{0, 35} {
		face := canonicalFace(geo, 300, yaw, 0)
		black := catalog.Variant{Frame: catalog.Surface{Base: color.NRGBA{0, 0, 0, 255}, Roughness: 1}, Lens: catalog.Lens{Transmission: 0.02, Tint: color.NRGBA{0, 0, 0, 255}}}
		it := worn(t, face, pantoSpec, &black)
		img := flat(1280, 720, 250, 250, 250)
		g := &Guide{W: 192, H: 96}
		r := New(geo)
		r.DrawAll(img, Wearer{Face: face, Items: []Item{it}, Guide: g})
		var off, covered float32
		for y := 0; y < g.H; y++ {
			for x := 0; x < g.W; x++ {
				p := img.RGBAAt(int(g.X+(float32(x)+0.5)*g.Cell), int(g.Y+(float32(y)+0.5)*g.Cell))
				drawn := b2f(p.G < 100)
				off += abs(drawn - g.Share[y*g.W+x])
				covered += g.Share[y*g.W+x]
			}
		}
		if off > 0.08*covered {
			t.Errorf("turned %g°: %.0f of %.0f covered cells differ from the picture", yaw, off, covered)
		}
	}
}

func TestAGuideOfWhatLiesOutsideThePictureIsNotDrawn(t *testing.T) {
	v := &catalog.Variant{Frame: catalog.Surface{Base: color.NRGBA{10, 10, 10, 255}}}
	for _, items := range [][]Item{nil, {{plate(20, eyewear.Front), v, at(900, 0, -400)}}} {
		if g := guideOf(items...); g.Drawn {
			t.Errorf("%d items out of sight were drawn", len(items))
		}
	}
	g := guideOf(Item{plate(20, eyewear.Front), v, at(-100, 0, -400)}) // half of it is in sight
	if k := g.at(5, 100); !g.Drawn || g.Share[k] != 1 {
		t.Error("half a plate in sight was not drawn")
	}
	if k := g.at(-2, 100); g.Share[k] != 0 {
		t.Error("what lies beyond the picture counts as drawn")
	}
}

func TestAGuideChangesNothingOfTheDrawing(t *testing.T) {
	geo := geometry(t)
	face := canonicalFace(geo, 300, 12, -4)
	it := worn(t, face, aviatorSpec, &goldGreen)
	draw := func(g *Guide) *image.RGBA {
		img := flat(1280, 720, 188, 150, 130)
		New(geo).DrawAll(img, Wearer{Face: face, Items: []Item{it}, Guide: g})
		return img
	}
	plain, guided := draw(nil), draw(&Guide{W: 128, H: 64})
	for i := range plain.Pix {
		if plain.Pix[i] != guided.Pix[i] {
			t.Fatalf("byte %d differs", i)
		}
	}
}

func TestAGuideAllocatesNothingOnceWarm(t *testing.T) {
	geo := geometry(t)
	face := canonicalFace(geo, 300, 12, -4)
	w := []Wearer{{Face: face, Items: []Item{worn(t, face, pantoSpec, &havana)}, Guide: &Guide{W: 192, H: 96}}}
	img, r := flat(1280, 720, 188, 150, 130), New(geo)
	if n := testing.AllocsPerRun(5, func() { r.DrawAll(img, w...) }); n != 0 {
		t.Errorf("%g allocations a drawing", n)
	}
}

func BenchmarkGuide(b *testing.B) {
	geo := geometry(b)
	face := canonicalFace(geo, 300, 12, -4)
	g := &Guide{W: 192, H: 96}
	r := New(geo)
	r.DrawAll(flat(1280, 720, 188, 150, 130), Wearer{Face: face, Items: []Item{worn(b, face, pantoSpec, &havana)}, Guide: g})
	for b.Loop() {
		g.draw(&r.scene)
	}
}
