package eyewear

import (
	"math"
	"testing"

	"cheval/catalog"

	"pgregory.net/rapid"
)

// anyFrame draws measures from the whole range that a merchant may enter.
func anyFrame(t *rapid.T) catalog.Eyewear {
	mm := func(lo, hi float32, name string) float32 { return rapid.Float32Range(lo, hi).Draw(t, name) }
	e := catalog.Eyewear{
		Shape:          rapid.SampledFrom(catalog.Shapes()).Draw(t, "shape"),
		Material:       rapid.SampledFrom([]catalog.Material{catalog.Acetate, catalog.Metal, catalog.Rimless}).Draw(t, "material"),
		LensWidth:      mm(30, 75, "lens width"),
		LensHeight:     mm(18, 65, "lens height"),
		Bridge:         mm(10, 32, "bridge"),
		Temple:         mm(100, 170, "temple"),
		Thickness:      mm(1, 7, "thickness"),
		Wrap:           mm(0, 25, "wrap"),
		Tilt:           mm(-5, 20, "tilt"),
		NosePads:       rapid.Bool().Draw(t, "pads"),
		HalfRim:        rapid.Bool().Draw(t, "half rim"),
		BridgeStyle:    rapid.SampledFrom([]catalog.BridgeStyle{"", catalog.Saddle, catalog.Keyhole, catalog.TwinBars}).Draw(t, "bridge style"),
		TempleMaterial: rapid.SampledFrom([]catalog.Material{"", catalog.Acetate, catalog.Metal}).Draw(t, "temples"),
		TempleHeight:   mm(0, 28, "temple height"),
	}
	e.TempleDrop = mm(-5, e.LensHeight/2+4, "temple drop")
	switch e.Material {
	case catalog.Acetate:
		e.Rim = mm(1.5, 9, "rim")
	case catalog.Metal:
		e.Rim = mm(1.5, 3.5, "rim")
	}
	if rapid.Bool().Draw(t, "own front width") {
		e.FrontWidth = mm(90, 190, "front width")
	}
	return e
}

// TestAnyFrameIsBuiltSoundOrRefused: no measures break the builder.
func TestAnyFrameIsBuiltSoundOrRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := anyFrame(t)
		m, err := Build(e)
		if err != nil {
			return
		}
		for _, p := range m.Positions {
			for _, v := range p {
				if math.IsNaN(float64(v)) || math.Abs(float64(v)) > 400 {
					t.Fatalf("a vertex stands at %v", p)
				}
			}
		}
		for _, p := range m.Parts {
			if p.Kind != LensLeft && p.Kind != LensRight && openEdges(m, p) > 0 {
				t.Fatalf("part of kind %d is open", p.Kind)
			}
		}
		if w := frontWidth(m); math.Abs(w-float64(e.Overall())) > 0.1 {
			t.Fatalf("the front measures %.2f mm, want %.2f", w, e.Overall())
		}
	})
}

// A temple of no measurable height used to be built of points that are no numbers.
func TestTempleOfNoHeightIsRefused(t *testing.T) {
	spec := catalog.Eyewear{
		Shape: catalog.Round, Material: catalog.Acetate, LensWidth: 46, LensHeight: 40,
		Bridge: 20, Temple: 140, Rim: 4, Thickness: 4, TempleHeight: 2e-23,
	}
	if _, err := Build(spec); err == nil {
		t.Error("a temple 2e-23 mm high was built")
	}
	spec.TempleHeight = 0
	if _, err := Build(spec); err != nil {
		t.Errorf("a temple of the usual height was refused: %v", err)
	}
}
