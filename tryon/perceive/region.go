package perceive

import (
	"image"
	"math"

	"github.com/go-gl/mathgl/mgl32"
)

// region is a rotated rectangle of a frame, in pixels; turn is clockwise in
// the picture, radians.
type region struct {
	cx, cy, w, h, turn float64
}

// affine maps model pixels (u, v) to frame pixels: x = xu·u + xv·v + x0.
type affine struct {
	xu, xv, x0 float64
	yu, yv, y0 float64
}

// regionMargin is how much larger than the face's box the mesh's region is
// (MediaPipe's face_landmark graphs).
const regionMargin = 1.5

// letterbox is the smallest square that holds r, about the same centre.
func letterbox(r image.Rectangle) region {
	side := float64(max(r.Dx(), r.Dy()))
	return region{
		cx: float64(r.Min.X) + float64(r.Dx())/2, cy: float64(r.Min.Y) + float64(r.Dy())/2,
		w: side, h: side,
	}
}

// squareAround is the region that the mesh wants of a face in the box x0..y1
// whose eyes lie at left and right: level with the eyes, square on the long
// side, with a margin.
func squareAround(x0, y0, x1, y1 float64, left, right mgl32.Vec2) region {
	side := regionMargin * max(x1-x0, y1-y0)
	return region{
		cx: (x0 + x1) / 2, cy: (y0 + y1) / 2, w: side, h: side,
		turn: math.Atan2(float64(right[1]-left[1]), float64(right[0]-left[0])),
	}
}

// regionOfMesh is where the next frame's mesh is looked for.
func regionOfMesh(points *[Landmarks]mgl32.Vec3) region {
	x0, y0, x1, y1 := extent(points)
	return squareAround(x0, y0, x1, y1, points[lmEyeOuterLeft].Vec2(), points[lmEyeOuterRight].Vec2())
}

// toFrame maps the n x n pixels of a model's input onto the region: pixel 0 on
// its first edge, as MediaPipe's image-to-tensor does.
func (r region) toFrame(n int) affine {
	s, c := math.Sincos(r.turn)
	k := 1 / float64(n)
	a := affine{xu: c * r.w * k, xv: -s * r.h * k, yu: s * r.w * k, yv: c * r.h * k}
	half := float64(n) / 2
	a.x0 = r.cx - (a.xu+a.xv)*half
	a.y0 = r.cy - (a.yu+a.yv)*half
	return a
}

func (a affine) apply(u, v float64) (x, y float64) {
	return a.xu*u + a.xv*v + a.x0, a.yu*u + a.yv*v + a.y0
}

// valid says whether a region can be sampled: numbers, and of a sane size.
func (r region) valid() bool {
	s := r.cx + r.cy + r.w + r.h + r.turn
	return !math.IsNaN(s) && !math.IsInf(s, 0) && r.w >= 8 && r.h >= 8 && r.w <= 1<<15 && r.h <= 1<<15 &&
		math.Abs(r.cx) <= 1<<16 && math.Abs(r.cy) <= 1<<16
}

// overlap is the intersection over union of two regions' upright boxes.
func (r region) overlap(o region) float64 {
	w := min(r.cx+r.w/2, o.cx+o.w/2) - max(r.cx-r.w/2, o.cx-o.w/2)
	h := min(r.cy+r.h/2, o.cy+o.h/2) - max(r.cy-r.h/2, o.cy-o.h/2)
	if w <= 0 || h <= 0 {
		return 0
	}
	return w * h / (r.w*r.h + o.w*o.h - w*h)
}

// invert is the map from frame to model pixels; false where there is none.
func (a affine) invert() (affine, bool) {
	d := a.xu*a.yv - a.xv*a.yu
	if d == 0 || math.IsNaN(d) {
		return affine{}, false
	}
	b := affine{xu: a.yv / d, xv: -a.xv / d, yu: -a.yu / d, yv: a.xu / d}
	b.x0 = -(b.xu*a.x0 + b.xv*a.y0)
	b.y0 = -(b.yu*a.x0 + b.yv*a.y0)
	return b, true
}
