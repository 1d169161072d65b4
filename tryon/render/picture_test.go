package render

import (
	"image/color"
	"testing"

	"cheval/catalog"
	"cheval/tryon/eyewear"
)

var (
	pantoSpec = catalog.Eyewear{Shape: catalog.Panto, Material: catalog.Acetate, LensWidth: 49, LensHeight: 44,
		Bridge: 21, Temple: 145, FrontWidth: 140, Rim: 4, Thickness: 4.2, Wrap: 5, Tilt: 8, TempleDrop: 12}
	aviatorSpec = catalog.Eyewear{Shape: catalog.Aviator, Material: catalog.Metal, LensWidth: 58, LensHeight: 50,
		Bridge: 14, Temple: 140, Rim: 1.2, Thickness: 1.8, Wrap: 6, Tilt: 9, TempleDrop: 16, NosePads: true}

	clearLens = catalog.Lens{Tint: color.NRGBA{255, 255, 255, 255}, Transmission: 0.92, Coating: color.NRGBA{90, 210, 140, 255}}
	havana    = catalog.Variant{Frame: catalog.Surface{Base: color.NRGBA{178, 106, 44, 255}, Second: color.NRGBA{52, 26, 14, 255},
		Pattern: catalog.Tortoise, Roughness: 0.18, PatternScale: 6}, Lens: clearLens}
	goldGreen = catalog.Variant{Frame: catalog.Surface{Base: color.NRGBA{222, 184, 110, 255}, Roughness: 0.22, Metallic: 1},
		Lens: catalog.Lens{Tint: color.NRGBA{84, 96, 70, 255}, Transmission: 0.15}}
)

func build(t testing.TB, spec catalog.Eyewear) *eyewear.Mesh {
	t.Helper()
	m, err := eyewear.Build(spec)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestAPictureIsClearAroundTheProductAndInItsMiddle(t *testing.T) {
	img := Picture(build(t, pantoSpec), pantoSpec, &havana, PictureOptions{W: 240, H: 120})
	if b := img.Bounds(); b.Dx() != 240 || b.Dy() != 120 {
		t.Fatalf("size %v", b)
	}
	if a := img.NRGBAAt(2, 2).A; a != 0 {
		t.Errorf("corner has alpha %d", a)
	}
	opaque, through := 0, 0
	for y := range 120 {
		for x := range 240 {
			switch a := img.NRGBAAt(x, y).A; {
			case a > 250:
				opaque++
			case a > 0 && a < 80:
				through++
			}
		}
	}
	if opaque < 1000 || through < 3000 {
		t.Errorf("%d opaque pixels and %d clear ones: a frame and its lenses should have more", opaque, through)
	}
}
