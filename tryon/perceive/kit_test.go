package perceive

import (
	"context"
	"image"
	"image/color"
	"image/draw"
	_ "image/png"
	"testing"

	"github.com/go-gl/mathgl/mgl32"
	xdraw "golang.org/x/image/draw"

	"cheval/camera"
	"cheval/models/facegeometry"
	"cheval/models/modelstest"
)

func geometry(t testing.TB) *facegeometry.Geometry {
	t.Helper()
	g, err := facegeometry.Parse(modelstest.Read(t, "face_geometry"))
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// perceiver starts one on the CPU; it ends with the test.
func perceiver(t testing.TB, opt Options) *Perceiver {
	t.Helper()
	rt := modelstest.Runtime(t)
	p, err := New(rt, geometry(t), opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// enlarged draws img, so many times larger, in the middle of a grey frame.
func enlarged(img *image.RGBA, frame image.Rectangle, times float64) *image.RGBA {
	out := image.NewRGBA(frame)
	draw.Draw(out, frame, image.NewUniform(color.Gray{110}), image.Point{}, draw.Src)
	w, h := int(float64(img.Rect.Dx())*times), int(float64(img.Rect.Dy())*times)
	at := image.Rect(0, 0, w, h).Add(image.Pt((frame.Dx()-w)/2, (frame.Dy()-h)/2))
	xdraw.CatmullRom.Scale(out, at, img, img.Rect, xdraw.Src, nil)
	return out
}

// demo is the portrait whose head turns by known angles, 1280 x 720.
func demo(t testing.TB, noise float32) *camera.Demo {
	t.Helper()
	img, g := modelstest.Portrait(t), geometry(t)
	faces, _, err := perceiver(t, Options{}).Still(img, 0)
	if err != nil || len(faces) != 1 {
		t.Fatalf("%d faces in the portrait (%v)", len(faces), err)
	}
	o := camera.DemoOptions{Portrait: img, Noise: noise, Mesh: camera.DemoMesh{Triangles: g.Triangles}}
	for _, p := range faces[0].Points {
		o.Mesh.Points = append(o.Mesh.Points, p)
	}
	s := solver(t)
	o.Pose = func(points [][3]float32, w, h int, focal float32) (yaw, pitch, roll float32, err error) {
		var at, metric [Landmarks]mgl32.Vec3
		for i, p := range points {
			at[i] = p
		}
		pose, _, err := s.Solve(&at, w, h, focal, &metric)
		return pose.Yaw, pose.Pitch, pose.Roll, err
	}
	d, err := camera.NewDemo(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// next is the demo's next frame; it is given back when the test ends its step.
func next(t testing.TB, src camera.Source) *camera.Frame {
	t.Helper()
	f, err := src.Next(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// bodies starts a finder of bodies on the CPU; it ends with the test.
func bodies(t testing.TB) *BodyFinder {
	t.Helper()
	rt := modelstest.Runtime(t)
	b, err := NewBodyFinder(rt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}
