package catalog

import (
	"bytes"
	"os"
	"reflect"
	"strings"
	"testing"
)

// photographed is a starter product with what a front photo adds to it.
func photographed(t *testing.T) *Product {
	t.Helper()
	f, err := os.Open("../assets/catalogue/01-aria.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	p, err := Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 24 {
		p.Eyewear.Contour = append(p.Eyewear.Contour, [2]float32{float32(i*(23-i)) / 2, float32(i)})
	}
	p.Variants[0].Front = &FrontPhoto{File: "aria-front.png", PxPerMM: 8, Centre: [2]float32{600, 240}}
	p.Anchors = []Anchors{{
		Width: 1200, Height: 900, Outlines: [2][][2]float32{{{1, 2}, {3, 4}}, {{5, 6}}},
		Contour: [][2]float32{{7, 8}}, Bridge: [2]float32{600, 400}, Hinges: [2][2]float32{{100, 380}, {1100, 381}},
		Axis: [2][2]float32{{600, 0}, {601, 900}}, MMPerPixel: 0.14, Scale: FromNotation,
		Measured: Measured{51, 40, 19, 136, 4.5},
		Doubts:   []Doubt{{"left-lens", "its outline is faint", 0.4, 0.6}}, Dragged: []AnchorName{AnchorBridge},
	}}
	return p
}

func TestAnchorsAndFrontPhotoSurviveAProductFile(t *testing.T) {
	p := photographed(t)
	var file bytes.Buffer
	if err := Encode(&file, p); err != nil {
		t.Fatal(err)
	}
	again, err := Decode(&file)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(p, again) {
		t.Errorf("written %+v\nread %+v", p, again)
	}
}

func TestAContourThatBuildsNoFrontIsRefused(t *testing.T) {
	for name, damage := range map[string]func(*Product){
		"it begins beside the middle": func(p *Product) { p.Eyewear.Contour[0][0] = 3 },
		"it is short":                 func(p *Product) { p.Eyewear.Contour = p.Eyewear.Contour[:5] },
		"it lies on the left":         func(p *Product) { p.Eyewear.Contour[4][0] = -3 },
		"it is upside down": func(p *Product) {
			c := p.Eyewear.Contour
			c[0][1], c[len(c)-1][1] = 9, -9
		},
	} {
		p := photographed(t)
		damage(p)
		if err := p.Validate(); err == nil || !strings.Contains(err.Error(), "Contour") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
