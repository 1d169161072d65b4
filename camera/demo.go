package camera

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"sync"
	"time"

	"github.com/go-gl/mathgl/mgl32"
	"gocv.io/x/gocv"
)

// DemoOptions describe the demo: a portrait whose head turns by known angles.
type DemoOptions struct {
	// Portrait is a picture of one person who faces the camera, shoulders below.
	Portrait *image.RGBA
	// Mesh is the person's face in Portrait.
	Mesh DemoMesh
	// Width and Height of the frames, 0 for 1280×720; FPS, 0 for 30.
	Width, Height int
	FPS           float64
	// Noise is a sensor's standard deviation, in levels of 0..255.
	Noise float32
	// Pose tells how the portrait's head itself stands: it is given the
	// landmarks as they stand in the frame at rest (x and y in pixels; z in the
	// same unit, smaller is nearer) and the demo's focal length in pixels. Where
	// it is nil, the head is taken to face the camera, and Truth's angles are
	// those of the turn alone.
	Pose func(points [][3]float32, width, height int, focalPx float32) (yaw, pitch, roll float32, err error)
	// Frames ends the demo after so many frames; 0: never.
	Frames uint64
}

// demoFocal is the demo's focal length in widths of the frame: a webcam of 64
// degrees.
const demoFocal = 0.8

// Demo is a source that needs no camera: a portrait placed in a frame, whose
// head is a relief that turns before its background in perspective. Frame n is
// the same in every run, and carries its Truth.
type Demo struct {
	opt    DemoOptions
	period time.Duration
	focal  float32
	middle mgl32.Vec2
	plate  []byte // RGBA
	head   *head
	// Nodes and landmarks at rest, in camera space: pixels of the plane through
	// the face, x right, y up, z towards the viewer.
	nodes, marks []mgl32.Vec3
	pivot        mgl32.Vec3
	own          angles
	noise        *noise
	pool         framePool

	mu     sync.Mutex
	seq    uint64
	closed bool
	canvas canvas
	drawn  []vertex
}

// NewDemo prepares the demo: it cuts the head out of the portrait, gives it
// depth and fills what it hid. That takes some tenths of a second.
func NewDemo(opt DemoOptions) (*Demo, error) {
	if opt.Portrait == nil {
		return nil, errors.New("camera: the demo needs a portrait")
	}
	if opt.Width <= 0 || opt.Height <= 0 {
		opt.Width, opt.Height = 1280, 720
	}
	size := image.Pt(opt.Width, opt.Height)
	if size.X < 320 || size.Y < 240 || size.X*size.Y > maxVideoPixels {
		return nil, fmt.Errorf("camera: the demo cannot be %d×%d pixels; 320×240 to 8K", size.X, size.Y)
	}
	d := &Demo{opt: opt, period: periodOf(opt.FPS), focal: demoFocal * float32(size.X),
		middle: mgl32.Vec2{float32(size.X) / 2, float32(size.Y) / 2}, noise: newNoise(opt.Noise)}
	if err := d.build(size); err != nil {
		return nil, err
	}
	return d, d.askPose()
}

// build makes what every frame is drawn from.
func (d *Demo) build(size image.Point) error {
	l, err := lay(d.opt.Portrait, d.opt.Mesh, size)
	if err != nil {
		return err
	}
	defer l.Close()
	matte := l.matte()
	defer matte.Close()
	plate, err := l.plate(matte)
	if err != nil {
		return err
	}
	defer plate.Close()
	rgba := gocv.NewMat()
	defer rgba.Close()
	gocv.CvtColor(plate, &rgba, gocv.ColorBGRToRGBA)
	d.plate = rgba.ToBytes()
	if d.head, err = l.head(matte); err != nil {
		return err
	}
	for _, p := range d.head.nodes {
		d.nodes = append(d.nodes, d.lift(p))
	}
	for _, p := range l.points {
		d.marks = append(d.marks, d.lift(p))
	}
	d.pivot = d.lift(d.head.pivot)
	d.drawn = make([]vertex, len(d.nodes))
	d.canvas.depth = make([]float32, size.X*size.Y)
	return nil
}

// lift takes a point of the layout (frame pixels, y down, z towards the
// viewer) to camera space, so that at rest it falls on its own pixel.
func (d *Demo) lift(p mgl32.Vec3) mgl32.Vec3 {
	k := (d.focal - p[2]) / d.focal
	return mgl32.Vec3{(p[0] - d.middle[0]) * k, (d.middle[1] - p[1]) * k, p[2]}
}

// project is the inverse of lift.
func (d *Demo) project(p mgl32.Vec3) mgl32.Vec2 {
	k := d.focal / (d.focal - p[2])
	return mgl32.Vec2{d.middle[0] + p[0]*k, d.middle[1] - p[1]*k}
}

func (d *Demo) askPose() error {
	if d.opt.Pose == nil {
		return nil
	}
	points := make([][3]float32, len(d.marks))
	for i, p := range d.marks {
		q := d.project(p)
		points[i] = [3]float32{q[0], q[1], -p[2]}
	}
	yaw, pitch, roll, err := d.opt.Pose(points, d.opt.Width, d.opt.Height, d.focal)
	if err != nil {
		return fmt.Errorf("camera: pose the demo's portrait: %w", err)
	}
	d.own = angles{yaw, pitch, roll}
	return nil
}

// Next draws the next frame; it does not wait until it is due.
func (d *Demo) Next(ctx context.Context) (*Frame, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if d.closed {
		return nil, errClosed
	}
	if d.opt.Frames > 0 && d.seq >= d.opt.Frames {
		return nil, io.EOF
	}
	f := d.pool.get(d.opt.Width, d.opt.Height)
	f.Seq, f.Offset, f.FocalPx = d.seq, time.Duration(d.seq)*d.period, d.focal
	d.seq++
	d.draw(f)
	d.noise.add(f.Image, f.Seq)
	f.Captured = time.Now()
	return f, nil
}

// Close ends the demo. It may be called twice.
func (d *Demo) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	return nil
}

// draw puts the plate and the turned head into f, and the truth beside it.
func (d *Demo) draw(f *Frame) {
	pose := d.own.plus(turnAt(f.Offset))
	turn := pose.rotation().Mul3(d.own.rotation().Transpose())
	copy(f.Image.Pix, d.plate)
	d.canvas.img = f.Image
	where := d.turnNodes(turn)
	d.canvas.wipe(where)
	d.rasterise()
	d.canvas.soften(where)
	d.tell(f, pose, turn)
}

// turnNodes places the nodes of this frame and returns where they fall.
func (d *Demo) turnNodes(turn mgl32.Mat3) image.Rectangle {
	lo, hi := [2]int32{1 << 30, 1 << 30}, [2]int32{}
	for i, p := range d.nodes {
		q := turn.Mul3x1(p.Sub(d.pivot)).Add(d.pivot)
		at := d.project(q)
		rest, n := d.head.nodes[i], d.head.normals[i]
		v := vertex{x: int32(at[0]*subpixel + 0.5), y: int32(at[1]*subpixel + 0.5), z: q[2],
			u: rest[0] - float32(d.head.box.Min.X), v: rest[1] - float32(d.head.box.Min.Y)}
		up := mgl32.Vec3{n[0], -n[1], n[2]}
		v.gain = min(1, brightness(turn.Mul3x1(up))/brightness(up))
		d.drawn[i] = v
		lo = [2]int32{min(lo[0], v.x), min(lo[1], v.y)}
		hi = [2]int32{max(hi[0], v.x), max(hi[1], v.y)}
	}
	return image.Rect(int(lo[0]/subpixel), int(lo[1]/subpixel), int(hi[0]/subpixel)+2, int(hi[1]/subpixel)+2).Intersect(d.canvas.img.Rect)
}

// brightness of a surface under a studio's soft key light from the upper left.
func brightness(n mgl32.Vec3) float32 {
	const ambient = 0.55
	return ambient + (1-ambient)*max(0, -0.25*n[0]+0.35*n[1]+0.9*n[2])
}

func (d *Demo) rasterise() {
	h := d.head
	for j := range h.rows - 1 {
		for i := range h.cols - 1 {
			quad := j*(h.cols-1) + i
			if h.empty[quad] {
				continue
			}
			k := j*h.cols + i
			a, b, c, e := &d.drawn[k], &d.drawn[k+1], &d.drawn[k+h.cols], &d.drawn[k+h.cols+1]
			d.canvas.triangle(h.texture, a, b, e, h.solid[quad])
			d.canvas.triangle(h.texture, a, e, c, h.solid[quad])
		}
	}
}

// tell writes down what is true of the frame.
func (d *Demo) tell(f *Frame, pose angles, turn mgl32.Mat3) {
	if f.Truth == nil {
		f.Truth = &Truth{Landmarks: make([][2]float32, len(d.marks))}
	}
	f.Truth.Yaw, f.Truth.Pitch, f.Truth.Roll = pose.yaw, pose.pitch, pose.roll
	for i, p := range d.marks {
		f.Truth.Landmarks[i] = d.project(turn.Mul3x1(p.Sub(d.pivot)).Add(d.pivot))
	}
}

func openDemo(ctx context.Context, spec Spec) (Source, error) {
	if spec.Demo == nil {
		return nil, errors.New("camera: the demo needs its portrait and face mesh")
	}
	opt := *spec.Demo
	if spec.Noise > 0 {
		opt.Noise = spec.Noise
	}
	d, err := NewDemo(opt)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if spec.Paced {
		return newPaced(d), nil
	}
	return d, nil
}
