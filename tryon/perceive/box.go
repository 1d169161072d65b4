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

// rollOf is the slope of the line between the eyes, clockwise, radians.
func rollOf(points *[Landmarks]mgl32.Vec3) float64 {
	d := points[lmEyeOuterRight].Sub(points[lmEyeOuterLeft])
	return math.Atan2(float64(d[1]), float64(d[0]))
}

// irisWidth is the width of the iris whose centre is landmark c, by the mesh.
func irisWidth(points *[Landmarks]mgl32.Vec3, c int) float64 { return apart(points, c+1, c+3) }

// opening is the gap between an upper and a lower lid.
func opening(points *[Landmarks]mgl32.Vec3, upper, lower int) float64 {
	return apart(points, upper, lower)
}

// apart is the distance between two landmarks in the picture.
func apart(points *[Landmarks]mgl32.Vec3, a, b int) float64 {
	return math.Hypot(float64(points[a][0]-points[b][0]), float64(points[a][1]-points[b][1]))
}
