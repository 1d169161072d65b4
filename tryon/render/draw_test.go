package render

import (
	"image"
	"image/color"
	"testing"

	"cheval/catalog"
	"cheval/tryon/eyewear"
	"cheval/tryon/fit"
	"cheval/tryon/perceive"

	"github.com/go-gl/mathgl/mgl32"
)

// plate is a square of half mm, facing the camera, at the given depth; as a
// lens its UV run -1..1.
func plate(half float32, kind eyewear.PartKind) *eyewear.Mesh {
	m := &eyewear.Mesh{Triangles: [][3]uint32{{0, 1, 2}, {0, 2, 3}}}
	for _, c := range [4]mgl32.Vec2{{-1, -1}, {1, -1}, {1, 1}, {-1, 1}} {
		m.Positions = append(m.Positions, mgl32.Vec3{c[0] * half, c[1] * half, 0})
		m.Normals = append(m.Normals, mgl32.Vec3{0, 0, 1})
		m.UV = append(m.UV, c)
	}
	m.Parts = []eyewear.Part{{Kind: kind, Count: 2, VertexCount: 4}}
	return m
}

// at places a mesh in camera space.
func at(x, y, z float32) fit.Placement { return fit.Placement{Frame: mgl32.Translate3D(x, y, z)} }

// blindFace is a face that is not looked at: for renderers without a head.
func blindFace(w, h int) *perceive.Face {
	f := &perceive.Face{Camera: perceive.Camera{F: 400, Cx: float32(w) / 2, Cy: float32(h) / 2}}
	f.Pose.Head = mgl32.Translate3D(0, 0, -400)
	return f
}

var dark = Light{Ambient: [3]float32{1e-6, 1e-6, 1e-6}, Direction: mgl32.Vec3{0, 0, 1}, Behind: [3]float32{1e-6, 1e-6, 1e-6}}

func TestALensLetsThroughExactlyWhatItSays(t *testing.T) {
	grey := color.NRGBA{128, 128, 128, 255}
	for _, lens := range []catalog.Lens{
		{Tint: grey, Transmission: 0.15}, {Tint: grey, Transmission: 0.5}, {Tint: grey, Transmission: 0.92},
		{Tint: color.NRGBA{84, 96, 70, 255}, Transmission: 0.15}, {Tint: color.NRGBA{200, 90, 40, 255}, Transmission: 0.4},
		{Tint: color.NRGBA{120, 80, 60, 255}, Transmission: 0.12, Bottom: 0.6},
	} {
		img := flat(200, 200, 230, 230, 230)
		r := New(nil)
		r.Draw(img, blindFace(200, 200), dark, Item{plate(60, eyewear.LensLeft), &catalog.Variant{Lens: lens}, at(0, 0, -400)})
		c := sharedCurves()
		back := c.linear[230]
		// Near the upper and the lower edge; the middle of a plain lens.
		for y, want := range map[int]float32{44: lens.Transmission, 156: max(lens.Bottom, lens.Transmission*b2f(lens.Bottom == 0))} {
			p := img.RGBAAt(100, y)
			got := rgb{c.linear[p.R], c.linear[p.G], c.linear[p.B]}.luminance() / back
			if d := got - want; d < -0.012 || d > 0.012 {
				t.Errorf("%+v at row %d: %.3f passes, want %.3f", lens, y, got, want)
			}
		}
	}
}

func b2f(b bool) float32 {
	if b {
		return 1
	}
	return 0
}

func TestTheNearerOfTwoIsSeen(t *testing.T) {
	red := &catalog.Variant{Frame: catalog.Surface{Base: color.NRGBA{220, 30, 30, 255}, Roughness: 0.8}}
	blue := &catalog.Variant{Frame: catalog.Surface{Base: color.NRGBA{30, 30, 220, 255}, Roughness: 0.8}}
	near, far := Item{plate(10, eyewear.Front), red, at(0, 0, -380)}, Item{plate(30, eyewear.Front), blue, at(0, 0, -420)}
	for _, items := range [][]Item{{near, far}, {far, near}} {
		img := flat(200, 200, 90, 90, 90)
		New(nil).Draw(img, blindFace(200, 200), Light{}, items...)
		if p := img.RGBAAt(100, 100); p.R < 2*p.B {
			t.Errorf("the middle shows %v, want the red plate that is nearer", p)
		}
		if p := img.RGBAAt(80, 100); p.B < 2*p.R {
			t.Errorf("beside it %v shows, want the blue plate behind", p)
		}
	}
}

func TestALensTintsWhatStandsBehindItAndNotBefore(t *testing.T) {
	white := &catalog.Variant{Frame: catalog.Surface{Base: color.NRGBA{240, 240, 240, 255}, Roughness: 0.9},
		Lens: catalog.Lens{Tint: color.NRGBA{90, 90, 90, 255}, Transmission: 0.1}}
	show := func(z float32) uint8 {
		img := flat(200, 200, 90, 90, 90)
		New(nil).Draw(img, blindFace(200, 200), Light{},
			Item{plate(30, eyewear.LensLeft), white, at(0, 0, -400)}, Item{plate(30, eyewear.Front), white, at(0, 0, z)})
		return img.RGBAAt(100, 100).G
	}
	behind, before := show(-420), show(-390)
	if behind > 120 || before < 200 {
		t.Errorf("a white plate shows %d behind a dark lens and %d before it", behind, before)
	}
}

// A plate's coverage, summed over all pixels, is its area: edges share their
// pixels in proportion, whatever the angle.
func TestCoverageSumsToTheArea(t *testing.T) {
	v := &catalog.Variant{Frame: catalog.Surface{Base: color.NRGBA{0, 0, 0, 255}, Roughness: 1}}
	for _, turn := range []float32{0, 7, 20, 33, 45} {
		frame := mgl32.Translate3D(0.3, 0.2, -400).Mul4(mgl32.HomogRotate3DZ(mgl32.DegToRad(turn)))
		s := drawAlone(furnace(), Light{}, 120, 120, perceive.Camera{F: 400, Cx: 60, Cy: 60},
			Item{plate(20, eyewear.Front), v, fit.Placement{Frame: frame}})
		var sum float32
		for i := 0; i < len(s.out.px); i += 6 {
			sum += 1 - s.out.px[i+4]
		}
		if sum < 1600*0.995 || sum > 1600*1.005 {
			t.Errorf("turned %g°: %.1f pixels are covered, want 1600", turn, sum)
		}
	}
}

func TestPixelsOutsideWhatDrawReturnsAreUntouched(t *testing.T) {
	g := geometry(t)
	for _, yaw := range []float32{-60, -30, 0, 45} {
		face := canonicalFace(g, 260, yaw, -5)
		img, before := patterned(1280, 720), patterned(1280, 720)
		rect := New(g).Draw(img, face, EstimateLight(img, face, Light{}), worn(t, face, aviatorSpec, &goldGreen))
		if rect.Empty() || !rect.In(img.Rect) {
			t.Fatalf("yaw %g: drawn in %v", yaw, rect)
		}
		for y := range 720 {
			for x := range 1280 {
				if !(image.Point{X: x, Y: y}).In(rect) && img.RGBAAt(x, y) != before.RGBAAt(x, y) {
					t.Fatalf("yaw %g: pixel (%d,%d) outside %v has changed", yaw, x, y, rect)
				}
			}
		}
		for i := 3; i < len(img.Pix); i += 4 {
			if img.Pix[i] != 255 {
				t.Fatalf("yaw %g: the picture is no longer opaque", yaw)
			}
		}
	}
}

// patterned is a picture in which no two neighbours are alike.
func patterned(w, h int) *image.RGBA {
	img := flat(w, h, 0, 0, 0)
	for i := 0; i < len(img.Pix); i += 4 {
		n := uint32(i) * 2654435761
		img.Pix[i], img.Pix[i+1], img.Pix[i+2] = uint8(150+n>>28), uint8(120+n>>27), uint8(100+n>>29)
	}
	return img
}

func TestDrawAllocatesNothingOnceWarm(t *testing.T) {
	g := geometry(t)
	img := flat(1280, 720, 188, 150, 130)
	face := canonicalFace(g, 300, 10, 0)
	items := []Item{worn(t, face, aviatorSpec, &goldGreen)}
	r := New(g)
	var light Light
	if n := testing.AllocsPerRun(20, func() {
		light = EstimateLight(img, face, light)
		r.Draw(img, face, light, items...)
	}); n != 0 {
		t.Errorf("%g allocations a frame", n)
	}
}

func TestNothingIsDrawnOfAFaceOutsideThePicture(t *testing.T) {
	g := geometry(t)
	face := canonicalFace(g, 300, 0, 0)
	item := worn(t, face, pantoSpec, &havana)
	away := mgl32.Translate3D(3000, 0, 0)
	item.Placement.Frame = away.Mul4(item.Placement.Frame)
	face.Pose.Head = away.Mul4(face.Pose.Head)
	img := flat(1280, 720, 90, 90, 90)
	if rect := New(g).Draw(img, face, Light{}, item); !rect.Empty() {
		t.Errorf("%v is drawn", rect)
	}
	behind := canonicalFace(g, 300, 0, 0)
	item.Placement.Frame = mgl32.Translate3D(0, 0, 500)
	New(g).Draw(img, behind, Light{}, item) // must not fail
}
