package perceive

import (
	"image"
	"math"

	"github.com/go-gl/mathgl/mgl32"
)

// boundsOf is the smallest rectangle of whole pixels around the mesh.
func boundsOf(points *[Landmarks]mgl32.Vec3) image.Rectangle {
	x0, y0, x1, y1 := extent(points)
	return image.Rect(int(math.Floor(x0)), int(math.Floor(y0)), int(math.Ceil(x1)), int(math.Ceil(y1)))
}

// extent is the axis-aligned box around the 468 mesh points.
func extent(points *[Landmarks]mgl32.Vec3) (x0, y0, x1, y1 float64) {
	x0, y0 = math.Inf(1), math.Inf(1)
	x1, y1 = math.Inf(-1), math.Inf(-1)
	for i := range meshPoints {
		x, y := float64(points[i][0]), float64(points[i][1])
		x0, x1 = min(x0, x), max(x1, x)
		y0, y1 = min(y0, y), max(y1, y)
	}
	return x0, y0, x1, y1
}
