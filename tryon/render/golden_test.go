package render

import (
	"bytes"
	"encoding/json"
	"flag"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"cheval/catalog"
	"cheval/tryon/eyewear"
	"cheval/tryon/fit"
	"cheval/tryon/perceive"

	"github.com/go-gl/mathgl/mgl32"
)

var update = flag.Bool("update", false, "write the goldens anew: look at them before they are committed")

// compare holds an image against testdata/name.png: on average within mean
// levels, and no more than share of the values off by more than 24.
func compare(t *testing.T, name string, got image.Image, mean, share float64) {
	t.Helper()
	path := filepath.Join("testdata", name+".png")
	if *update {
		var b bytes.Buffer
		if err := png.Encode(&b, got); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatalf("%v: run go test ./tryon/render -update, look at the picture, and commit it", err)
	}
	defer f.Close()
	want, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	if want.Bounds() != got.Bounds() {
		t.Fatalf("%s is %v, want %v", name, got.Bounds(), want.Bounds())
	}
	var sum, far, n float64
	b := got.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			p, q := color.NRGBAModel.Convert(got.At(x, y)).(color.NRGBA), color.NRGBAModel.Convert(want.At(x, y)).(color.NRGBA)
			for _, d := range [4]int{int(p.R) - int(q.R), int(p.G) - int(q.G), int(p.B) - int(q.B), int(p.A) - int(q.A)} {
				d = max(d, -d)
				sum += float64(d)
				n++
				if d > 24 {
					far++
				}
			}
		}
	}
	if sum/n > mean || far/n > share {
		t.Errorf("%s differs: %.2f levels on average (at most %.2f), %.2f %% of values by more than 24 (at most %.2f %%)",
			name, sum/n, mean, 100*far/n, 100*share)
	}
}

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
	compare(t, "materials", img, 1, 0.005)
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

func portrait(t testing.TB) *image.RGBA {
	t.Helper()
	src, err := png.Decode(bytes.NewReader(stored(t, "demo_portrait")))
	if err != nil {
		t.Fatal(err)
	}
	img := image.NewRGBA(image.Rect(0, 0, src.Bounds().Dx(), src.Bounds().Dy()))
	draw.Draw(img, img.Rect, src, src.Bounds().Min, draw.Src)
	return img
}

// The whole chain on a real picture. It is held loosely, for shapes and places
// of frames are other packages' to improve.
func TestThePortraitWearsThem(t *testing.T) {
	base := portrait(t)
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
	compare(t, "portrait", out, 4, 0.06)
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
	compare(t, "studio", out, 4, 0.06)
}
