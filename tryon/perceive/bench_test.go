package perceive

import (
	"image"
	"testing"
	"time"

	"cheval/models/modelstest"
)

// BenchmarkTrack is a tracked face of the demo's portrait, drawn into 1280 x
// 720 at a shopper's distance; ns/op is the mean over frames with and without
// a mesh.
func BenchmarkTrack(b *testing.B) {
	p := perceiver(b, Options{})
	img := enlarged(modelstest.Portrait(b), image.Rect(0, 0, 1280, 720), 2)
	at := time.Duration(0)
	best := Times{Total: time.Hour, Mesh: time.Hour, Align: time.Hour}
	for b.Loop() {
		at += 33 * time.Millisecond
		faces, times, err := p.Track(img, at, 0)
		if err != nil || len(faces) != 1 {
			b.Fatal(len(faces), err)
		}
		p.Recycle(faces)
		best.Total = min(best.Total, times.Total)
		if times.Mesh > 0 {
			best.Mesh = min(best.Mesh, times.Mesh)
		}
		if times.Align > 0 {
			best.Align = min(best.Align, times.Align)
		}
	}
	b.ReportMetric(float64(best.Total.Microseconds()), "least-us")
	b.ReportMetric(float64(best.Mesh.Microseconds()), "least-mesh-us")
	b.ReportMetric(float64(best.Align.Microseconds()), "least-align-us")
}
