package camera

import (
	"errors"
	"fmt"
	"image"
	"math"

	"github.com/go-gl/mathgl/mgl32"
	"gocv.io/x/gocv"
)

// DemoMesh is the face of the demo's portrait, as MediaPipe's face mesh orders
// it: at least its 468 landmarks.
type DemoMesh struct {
	// Points are the landmarks in pixels of the portrait, y down; z in the same
	// unit, smaller is nearer.
	Points [][3]float32
	// Triangles are indices of Points (those of the canonical face).
	Triangles [][3]uint16
}

// Landmarks of MediaPipe's face mesh that place the head.
const (
	lmForehead  = 10
	lmChin      = 152
	lmEarLeft   = 234 // at the picture's left
	lmEarRight  = 454
	lmJawLeft   = 132 // below the ear, at the height of the mouth
	lmJawRight  = 361
	lmNeckLeft  = 172 // the jaw's corner, above the side of the neck
	lmNeckRight = 397
	meshMinimum = 468
	meshMaximum = 4096
)

// Framing of the portrait: the face, from the top of the forehead to the
// chin, takes this part of the frame's height and begins this far down.
const (
	faceHeight = 0.39
	faceTop    = 0.25
)

// layout is the portrait placed in the demo's frame.
type layout struct {
	size    image.Point
	source  gocv.Mat // the part of the portrait that fills the frame, BGR
	picture gocv.Mat // the same at the frame's size
	// points are the landmarks in frame pixels, y down, z towards the viewer.
	points    []mgl32.Vec3
	triangles [][3]uint16
	scale     float32 // frame pixels a portrait pixel
}

func (l *layout) Close() error { return errors.Join(l.source.Close(), l.picture.Close()) }

// lay scales the portrait so that the face is large, upright in the middle,
// and continues the picture's edges where the frame is wider than it.
func lay(portrait *image.RGBA, mesh DemoMesh, size image.Point) (*layout, error) {
	if err := checkMesh(mesh, portrait.Rect.Max); err != nil {
		return nil, err
	}
	top, chin := mesh.Points[lmForehead], mesh.Points[lmChin]
	height := math.Hypot(float64(top[0]-chin[0]), float64(top[1]-chin[1]))
	zoom := faceHeight * float64(size.Y) / height
	part := image.Pt(int(math.Round(float64(size.X)/zoom)), int(math.Round(float64(size.Y)/zoom)))
	middle := (mesh.Points[lmEarLeft][0] + mesh.Points[lmEarRight][0]) / 2
	min := image.Pt(int(middle)-part.X/2, int(top[1])-int(faceTop*float64(part.Y)))

	source, err := extend(portrait, image.Rectangle{Min: min, Max: min.Add(part)})
	if err != nil {
		return nil, err
	}
	l := &layout{size: size, source: source, picture: enlarge(source, size), triangles: mesh.Triangles}
	sx, sy := float32(size.X)/float32(part.X), float32(size.Y)/float32(part.Y)
	l.scale = (sx + sy) / 2
	for _, p := range mesh.Points {
		l.points = append(l.points, mgl32.Vec3{(p[0] - float32(min.X)) * sx, (p[1] - float32(min.Y)) * sy, -p[2] * l.scale})
	}
	return l, nil
}

func checkMesh(mesh DemoMesh, size image.Point) error {
	n := len(mesh.Points)
	if n < meshMinimum || n > meshMaximum || len(mesh.Triangles) == 0 {
		return fmt.Errorf("camera: the demo needs a face mesh of at least %d points with triangles, not %d points and %d triangles", meshMinimum, n, len(mesh.Triangles))
	}
	for _, t := range mesh.Triangles {
		for _, i := range t {
			if int(i) >= n {
				return fmt.Errorf("camera: the demo's mesh names point %d of %d", i, n)
			}
		}
	}
	for _, i := range [...]int{lmForehead, lmChin, lmEarLeft, lmEarRight, lmJawLeft, lmJawRight, lmNeckLeft, lmNeckRight} {
		p := mesh.Points[i]
		if !(p[0] >= 0 && p[1] >= 0 && p[0] < float32(size.X) && p[1] < float32(size.Y)) {
			return errors.New("camera: the demo's face must lie inside the portrait; choose another portrait")
		}
	}
	if mesh.Points[lmChin][1]-mesh.Points[lmForehead][1] < MinSide || mesh.Points[lmEarRight][0]-mesh.Points[lmEarLeft][0] < MinSide {
		return errors.New("camera: the demo's face is too small or not upright; choose another portrait")
	}
	return nil
}

// mirrored is how far beyond its edge the portrait is reflected, in its pixels.
// Further out its colours run on, so that no second person appears.
const mirrored = 40

// extend cuts r out of the portrait, going on beyond the edges.
func extend(portrait *image.RGBA, r image.Rectangle) (gocv.Mat, error) {
	cut := image.NewRGBA(image.Rect(0, 0, r.Dx(), r.Dy()))
	for y := range r.Dy() {
		for x := range r.Dx() {
			copy(cut.Pix[y*cut.Stride+4*x:][:4], beyond(portrait, r.Min.X+x, r.Min.Y+y))
		}
	}
	return gocv.ImageToMatRGB(cut)
}

// beyond is the portrait's colour at (x, y), which may lie outside it. The
// further out, the more it is averaged along the edge.
func beyond(portrait *image.RGBA, x, y int) []byte {
	sx, outX := fold(x, portrait.Rect.Dx())
	sy, outY := fold(y, portrait.Rect.Dy())
	if outX == 0 && outY == 0 {
		return portrait.Pix[sy*portrait.Stride+4*sx:]
	}
	var sum [4]int
	const taps = 9
	for k := range taps {
		tx, _ := fold(sx+(k-taps/2)*min(outY, mirrored)/taps, portrait.Rect.Dx())
		ty, _ := fold(sy+(k-taps/2)*min(outX, mirrored)/taps, portrait.Rect.Dy())
		for c, v := range portrait.Pix[ty*portrait.Stride+4*tx:][:4] {
			sum[c] += int(v)
		}
	}
	return []byte{byte(sum[0] / taps), byte(sum[1] / taps), byte(sum[2] / taps), byte(sum[3] / taps)}
}

// fold takes i into 0..n-1: reflected near an edge, held further out; out is
// by how much it is beyond the reflection.
func fold(i, n int) (at, out int) {
	reach := min(mirrored, n-1)
	switch {
	case i < 0:
		return min(-i, reach), max(0, -i-reach)
	case i >= n:
		d := i - (n - 1)
		return n - 1 - min(d, reach), max(0, d-reach)
	}
	return i, 0
}

// enlarge scales to the frame and gives back some of the sharpness that
// scaling takes.
func enlarge(src gocv.Mat, size image.Point) gocv.Mat {
	big, soft := gocv.NewMat(), gocv.NewMat()
	defer soft.Close()
	gocv.Resize(src, &big, size, 0, 0, gocv.InterpolationLanczos4)
	gocv.GaussianBlur(big, &soft, image.Point{}, 1.4, 1.4, gocv.BorderReflect)
	gocv.AddWeighted(big, 1.5, soft, -0.5, 0, &big)
	return big
}
