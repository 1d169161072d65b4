package render

import (
	"image"
	"testing"

	"cheval/catalog"
	"cheval/models/facegeometry"
	"cheval/models/modelstest"
	"cheval/tryon/fit"
	"cheval/tryon/perceive"

	"github.com/go-gl/mathgl/mgl32"
)

// geometry is the installed canonical face.
func geometry(t testing.TB) *facegeometry.Geometry {
	t.Helper()
	b := modelstest.Read(t, "face_geometry")
	g, err := facegeometry.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// canonicalFace is the mean face, turned, width pixels wide in the middle of a
// picture of 1280x720.
func canonicalFace(g *facegeometry.Geometry, width, yaw, pitch float32) *perceive.Face {
	f := &perceive.Face{ID: 1, Score: 1, Camera: perceive.Camera{F: 1100, Cx: 640, Cy: 360}}
	const mm = 155 // the canonical face's width
	turn := mgl32.HomogRotate3DX(mgl32.DegToRad(-pitch)).Mul4(mgl32.HomogRotate3DY(mgl32.DegToRad(yaw)))
	f.Pose = perceive.Pose{Yaw: yaw, Pitch: pitch, Scale: 1,
		Head: mgl32.Translate3D(0, 0, -f.Camera.F*mm/width).Mul4(turn)}
	for i := range f.Metric {
		v := g.Vertices[min(i, len(g.Vertices)-1)].Mul(10)
		f.Metric[i] = mgl32.TransformCoordinate(v, f.Pose.Head)
		q := f.Camera.Project(f.Metric[i])
		f.Points[i] = mgl32.Vec3{q[0], q[1], 0}
		p := image.Rect(int(q[0]), int(q[1]), int(q[0])+1, int(q[1])+1)
		f.Box = f.Box.Union(p)
	}
	return f
}

// flat is a picture of one colour.
func flat(w, h int, r, g, b uint8) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := 0; i < len(img.Pix); i += 4 {
		img.Pix[i], img.Pix[i+1], img.Pix[i+2], img.Pix[i+3] = r, g, b, 255
	}
	return img
}

// worn places a frame on a face.
func worn(t testing.TB, f *perceive.Face, spec catalog.Eyewear, v *catalog.Variant) Item {
	t.Helper()
	m := build(t, spec)
	return Item{Mesh: m, Variant: v, Placement: fit.Place(m, &spec, f)}
}

func benchmarkDraw(b *testing.B, width float32, spec catalog.Eyewear, v *catalog.Variant) {
	g := geometry(b)
	face := canonicalFace(g, width, 12, -4)
	src := flat(1280, 720, 188, 150, 130)
	dst := flat(1280, 720, 188, 150, 130)
	it := worn(b, face, spec, v)
	r := New(g)
	light := EstimateLight(src, face, Light{})
	light.Blur = 0.7
	var rect image.Rectangle
	for b.Loop() {
		// Only what was drawn is restored, as a mirror copies each frame anyway.
		for y := rect.Min.Y; y < rect.Max.Y; y++ {
			i := dst.PixOffset(rect.Min.X, y)
			copy(dst.Pix[i:i+4*rect.Dx()], src.Pix[i:])
		}
		rect = r.Draw(dst, face, light, it)
	}
}

func BenchmarkDraw300Acetate(b *testing.B) { benchmarkDraw(b, 300, pantoSpec, &havana) }
func BenchmarkDraw300Aviator(b *testing.B) { benchmarkDraw(b, 300, aviatorSpec, &goldGreen) }
func BenchmarkDraw700Acetate(b *testing.B) { benchmarkDraw(b, 700, pantoSpec, &havana) }
func BenchmarkDraw700Aviator(b *testing.B) { benchmarkDraw(b, 700, aviatorSpec, &goldGreen) }

func BenchmarkEstimateLight(b *testing.B) {
	face := canonicalFace(geometry(b), 300, 12, -4)
	img := flat(1280, 720, 188, 150, 130)
	var l Light
	for b.Loop() {
		l = EstimateLight(img, face, l)
	}
}
