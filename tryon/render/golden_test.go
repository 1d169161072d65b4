package render

import (
	"encoding/json"
	"image"
	"image/color"
	"image/draw"
	"os"
	"path/filepath"
	"testing"

	"cheval/catalog"
	"cheval/models/modelstest"
	"cheval/tryon/eyewear"
	"cheval/tryon/fit"
	"cheval/tryon/internal/golden"
	"cheval/tryon/perceive"

	"github.com/go-gl/mathgl/mgl32"
)

// Balls of every material in the shop's room, on grey.
func TestMaterialsLookAsTheyDid(t *testing.T) {
	s := func(c color.NRGBA, rough, metallic float32) catalog.Surface {
		return catalog.Surface{Base: c, Roughness: rough, Metallic: metallic}
	}
	patterned := func(p catalog.Pattern, a, b color.NRGBA) catalog.Surface {
		return catalog.Surface{Base: a, Second: b, Pattern: p, Roughness: 0.2, PatternScale: 6}
	}
	surfaces := []catalog.Surface{
		s(color.NRGBA{18, 18, 20, 255}, 0.15, 0), s(color.NRGBA{18, 18, 20, 255}, 0.6, 0),
		s(color.NRGBA{230, 228, 222, 255}, 0.3, 0), s(color.NRGBA{150, 30, 50, 255}, 0.2, 0),
		s(color.NRGBA{222, 184, 110, 255}, 0.15, 1), s(color.NRGBA{222, 184, 110, 255}, 0.45, 1),
		s(color.NRGBA{190, 192, 198, 255}, 0.25, 1), s(color.NRGBA{60, 62, 66, 255}, 0.35, 1),
		patterned(catalog.Tortoise, color.NRGBA{178, 106, 44, 255}, color.NRGBA{52, 26, 14, 255}),
		patterned(catalog.Gradient, color.NRGBA{30, 30, 34, 255}, color.NRGBA{200, 180, 160, 255}),
		patterned(catalog.Striped, color.NRGBA{40, 60, 110, 255}, color.NRGBA{220, 210, 190, 255}),
		s(color.NRGBA{225, 205, 185, 90}, 0.15, 0),
	}
	const cell, cols = 64, 4
	rows := len(surfaces) / cols
	img := flat(cols*cell, rows*cell, 140, 140, 140)
	r := New(nil)
	face := blindFace(cols*cell, rows*cell)
	for i, sf := range surfaces {
		x, y := float32(i%cols)-float32(cols-1)/2, float32(rows-1)/2-float32(i/cols)
		mesh := ball(26, eyewear.Front)
		r.Draw(img, face, Light{}, Item{mesh, &catalog.Variant{Frame: sf}, at(x*cell, y*cell, -400)})
	}
	golden.Compare(t, "materials", img, 1, 0.005)
}

// portraitFace has the demo portrait's landmarks, as the mesh model gave them.
func portraitFace(t testing.TB, w, h int) *perceive.Face {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "portrait_landmarks.json"))
	if err != nil {
		t.Fatal(err)
	}
	var raw [perceive.Landmarks][3]float32
	if err := json.Unmarshal(b, &raw); err != nil {
		t.Fatal(err)
	}
	var points [perceive.Landmarks]mgl32.Vec3
	for i, p := range raw {
		points[i] = p
	}
	return perceive.FromLandmarks(geometry(t), points, w, h)
}

// The whole chain on a real picture. It is held loosely, for shapes and places
// of frames are other packages' to improve.
func TestThePortraitWearsThem(t *testing.T) {
	base := modelstest.Portrait(t)
	face := portraitFace(t, base.Rect.Dx(), base.Rect.Dy())
	crop := image.Rect(150, 75, 300, 165)
	out := image.NewRGBA(image.Rect(0, 0, 2*crop.Dx(), 2*crop.Dy()))
	amber := catalog.Lens{Tint: color.NRGBA{150, 95, 50, 255}, Transmission: 0.15, Bottom: 0.5}
	clearAcetate := catalog.Surface{Base: color.NRGBA{205, 214, 222, 70}, Roughness: 0.15}
	for i, v := range []struct {
		spec    catalog.Eyewear
		variant catalog.Variant
	}{
		{pantoSpec, havana}, {aviatorSpec, goldGreen},
		{pantoSpec, catalog.Variant{Frame: catalog.Surface{Base: color.NRGBA{20, 20, 22, 255}, Roughness: 0.2}, Lens: amber}},
		{pantoSpec, catalog.Variant{Frame: clearAcetate, Lens: clearLens}},
	} {
		img := image.NewRGBA(base.Rect)
		copy(img.Pix, base.Pix)
		m := build(t, v.spec)
		New(geometry(t)).Draw(img, face, EstimateLight(base, face, Light{}),
			Item{m, &v.variant, fit.Place(m, &v.spec, face)})
		p := image.Pt(i%2*crop.Dx(), i/2*crop.Dy())
		draw.Draw(out, image.Rectangle{p, p.Add(crop.Size())}, img, crop.Min, draw.Src)
	}
	golden.Compare(t, "portrait", out, 4, 0.06)
}

func TestStudioPicturesLookAsTheyDid(t *testing.T) {
	out := image.NewNRGBA(image.Rect(0, 0, 320, 260))
	draw.Draw(out, out.Rect, image.NewUniform(color.NRGBA{244, 241, 236, 255}), image.Point{}, draw.Src)
	for i, v := range []struct {
		spec    catalog.Eyewear
		variant catalog.Variant
		yaw     float32
	}{{pantoSpec, havana, 0}, {pantoSpec, havana, -26}, {aviatorSpec, goldGreen, 0}, {aviatorSpec, goldGreen, -26}} {
		p := Picture(build(t, v.spec), v.spec, &v.variant, PictureOptions{W: 160, H: 130, Yaw: v.yaw, Pitch: -7})
		at := image.Pt(i%2*160, i/2*130)
		draw.Draw(out, image.Rectangle{at, at.Add(p.Rect.Size())}, p, image.Point{}, draw.Over)
	}
	golden.Compare(t, "studio", out, 4, 0.06)
}
