package refine

import (
	"encoding/json"
	"image"
	"os"
	"path/filepath"
	"testing"

	"cheval/assets"
	"cheval/catalog"
	"cheval/models/facegeometry"
	"cheval/models/modelstest"
	"cheval/tryon/eyewear"
	"cheval/tryon/fit"
	"cheval/tryon/perceive"
	"cheval/tryon/render"

	"github.com/go-gl/mathgl/mgl32"
)

// drawn is a product on the portrait, with its guide.
type drawn struct {
	frame, composite *image.RGBA
	face             *perceive.Face
	guide            render.Guide
}

// wear puts the product with this ID of the starter catalogue on the portrait.
func wear(t testing.TB, id string, variant, w, h int) *drawn {
	t.Helper()
	shop, err := catalog.Load(assets.Catalogue())
	if err != nil {
		t.Fatal(err)
	}
	p := shop.Product(id)
	if p == nil {
		t.Fatalf("the starter catalogue has no %s", id)
	}
	mesh, err := eyewear.Build(p.Eyewear)
	if err != nil {
		t.Fatal(err)
	}
	geometry, err := facegeometry.Parse(modelstest.Read(t, "face_geometry"))
	if err != nil {
		t.Fatal(err)
	}
	d := &drawn{frame: modelstest.Portrait(t), guide: render.Guide{W: w, H: h}}
	d.face = portraitFace(t, geometry, d.frame.Rect.Size())
	d.composite = image.NewRGBA(d.frame.Rect)
	copy(d.composite.Pix, d.frame.Pix)
	render.New(geometry).DrawAll(d.composite, render.Wearer{
		Face: d.face, Light: render.EstimateLight(d.frame, d.face, render.Light{}), Guide: &d.guide,
		Items: []render.Item{{Mesh: mesh, Variant: &p.Variants[variant], Placement: fit.Place(mesh, &p.Eyewear, d.face)}},
	})
	if !d.guide.Drawn {
		t.Fatal("nothing was drawn")
	}
	return d
}

// portraitFace has the portrait's landmarks, as the mesh model gave them.
func portraitFace(t testing.TB, g *facegeometry.Geometry, size image.Point) *perceive.Face {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "render", "testdata", "portrait_landmarks.json"))
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
	return perceive.FromLandmarks(g, points, size.X, size.Y)
}

// insideEye says whether a pixel's middle lies inside an eye's outline.
func insideEye(d *drawn, marks [16]int, x, y int) bool {
	var outline [16]mgl32.Vec2
	for i, m := range marks {
		outline[i] = d.face.Points[m].Vec2()
	}
	return outlineDistance(&outline, mgl32.Vec2{float32(x) + 0.5, float32(y) + 0.5}) == 0
}
