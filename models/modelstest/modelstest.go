// Package modelstest gives tests the installed models: a test that needs them
// fails with what to do where they are missing.
//
// It leaves starting a network to the test of whoever runs it.
package modelstest

import (
	"bytes"
	"image"
	"image/draw"
	"image/png"
	"testing"

	"cheval/models"
)

// todo is what every failure here ends with.
const todo = "this test needs the installed models: run `make models`"

// Store is where models are installed.
func Store(t testing.TB) *models.Store {
	t.Helper()
	s, err := models.OpenHome()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Read returns an installed item.
func Read(t testing.TB, name string) []byte {
	t.Helper()
	b, err := Store(t).Read(name)
	if err != nil {
		t.Fatalf("%v (%s)", err, todo)
	}
	return b
}

// Path returns where an installed item lies.
func Path(t testing.TB, name string) string {
	t.Helper()
	path, err := Store(t).Path(name)
	if err != nil {
		t.Fatalf("%v (%s)", err, todo)
	}
	return path
}

// Runtime starts ONNX Runtime on the CPU; it ends with the test.
func Runtime(t testing.TB) *models.Runtime {
	t.Helper()
	r, err := models.OpenRuntime(Store(t), models.CPU)
	if err != nil {
		t.Fatalf("%v (%s)", err, todo)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// Portrait is the installed picture of one person who faces the camera, which
// may be shown to anybody.
func Portrait(t testing.TB) *image.RGBA {
	t.Helper()
	src, err := png.Decode(bytes.NewReader(Read(t, "demo_portrait")))
	if err != nil {
		t.Fatal(err)
	}
	img := image.NewRGBA(image.Rectangle{Max: src.Bounds().Size()})
	draw.Draw(img, img.Rect, src, src.Bounds().Min, draw.Src)
	return img
}
