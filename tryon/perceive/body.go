package perceive

import (
	"errors"
	"image"
	"math"
	"slices"
	"time"

	"github.com/go-gl/mathgl/mgl32"

	"cheval/models"
)

// BodyLandmarks is how many points a body has, in MediaPipe's order: 0 nose,
// 11 and 12 shoulders, 23 and 24 hips, and so on.
const BodyLandmarks = 33

// Body is one person's body in a picture.
type Body struct {
	// Score is how sure the model is that this is a body, 0..1.
	Score float32
	// Box bounds the landmarks, in pixels of the frame.
	Box image.Rectangle
	// Points are the landmarks: x and y in pixels of the frame, z in the same
	// unit from the hips, smaller is nearer; how likely each is seen, 0..1.
	Points [BodyLandmarks]BodyPoint
	// World are the same in metres about the middle of the hips: x to the
	// picture's right, y down, z away from the camera.
	World [BodyLandmarks]mgl32.Vec3
}

// BodyPoint is one landmark of a body.
type BodyPoint struct {
	X, Y, Z, Visibility float32
}

var bodySpec = detectorSpec{
	model: "pose_detection", size: 224, keys: 4, regressors: "Identity", scores: "Identity_1",
	layers: []anchorLayer{{28, 2}, {14, 2}, {7, 6}}, minScore: 0.5,
}

// The pose model's shapes and thresholds (MediaPipe's pose_landmark graphs).
const (
	bodyModel     = "pose_landmark_full"
	bodySize      = 256
	bodyPoints    = 39 // 33, and helpers
	bodyMargin    = 1.25
	bodyLeast     = 0.5
	heatSize      = 64
	heatKernel    = 7
	heatLeast     = 0.5 // a heat map's peak below this refines nothing
	maxBodies     = 5
	numbersAPoint = 5 // x, y, z, visibility, presence
)

// BodyFinder finds bodies in single pictures. It is too slow for the mirror
// (15 to 30 ms a picture). One goroutine uses it; Close ends its models.
type BodyFinder struct {
	cut            *sampler
	detector       *detector
	detect, refine session
}

// NewBodyFinder starts the body models, which rt must have installed.
func NewBodyFinder(rt *models.Runtime) (*BodyFinder, error) {
	find, err := rt.Load(bodySpec.model)
	if err != nil {
		return nil, err
	}
	refine, err := rt.Load(bodyModel)
	if err != nil {
		return nil, errors.Join(err, find.Close())
	}
	b := &BodyFinder{cut: newSampler(), detect: find, refine: refine}
	if b.detector, err = newDetector(bodySpec, find, b.cut); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	if len(refine.Output("Identity")) != bodyPoints*numbersAPoint || len(refine.Output("Identity_4")) != bodyPoints*3 ||
		len(refine.Output("Identity_3")) != heatSize*heatSize*bodyPoints || len(refine.Input("")) != 3*bodySize*bodySize {
		return nil, errors.Join(errors.New("perceive: "+bodyModel+" has other shapes than a body model: install the models again"), b.Close())
	}
	return b, nil
}

// Close ends the models. It may be called twice.
func (b *BodyFinder) Close() error {
	return errors.Join(b.detect.Close(), b.refine.Close(), b.cut.Close())
}

// Find returns the bodies in a picture, the surest first, and the time taken.
func (b *BodyFinder) Find(img *image.RGBA) ([]Body, time.Duration, error) {
	start := time.Now()
	if err := checkFrame(img); err != nil {
		return nil, 0, err
	}
	found, err := b.detector.find(img, letterbox(img.Rect))
	if err != nil {
		return nil, time.Since(start), err
	}
	var bodies []Body
	for i := range found[:min(len(found), maxBodies)] {
		body, ok, err := b.read(img, bodyRegion(&found[i]))
		if err != nil {
			return nil, time.Since(start), err
		}
		if ok && !slices.ContainsFunc(bodies, func(o Body) bool { return sameBody(&o, &body) }) {
			bodies = append(bodies, body)
		}
	}
	return bodies, time.Since(start), nil
}

// bodyRegion is the square around a whole body, upright from the hips.
func bodyRegion(d *detection) region {
	hips, rim := d.keys[0], d.keys[1]
	up := rim.Sub(hips)
	side := 2 * bodyMargin * float64(up.Len())
	return region{
		cx: float64(hips[0]), cy: float64(hips[1]), w: side, h: side,
		turn: math.Pi/2 - math.Atan2(-float64(up[1]), float64(up[0])),
	}
}

// read finds the landmarks of the body in a region.
func (b *BodyFinder) read(img *image.RGBA, r region) (Body, bool, error) {
	if !r.valid() {
		return Body{}, false, nil
	}
	a := r.toFrame(bodySize)
	if err := b.cut.draw(img, a, bodySize, 1.0/255, 0, black, b.refine.Input("")); err != nil {
		return Body{}, false, err
	}
	if err := b.refine.Run(); err != nil {
		return Body{}, false, err
	}
	body := Body{Score: b.refine.Output("Identity_1")[0]}
	if !(body.Score >= bodyLeast) {
		return body, false, nil
	}
	raw, world, heat := b.refine.Output("Identity"), b.refine.Output("Identity_4"), b.refine.Output("Identity_3")
	zoom := float32(r.w / bodySize)
	s, c := math.Sincos(r.turn)
	for i := range body.Points {
		v := raw[i*numbersAPoint : (i+1)*numbersAPoint]
		u, w := refineByHeat(heat, i, v[0]/bodySize, v[1]/bodySize)
		x, y := a.apply(float64(u*bodySize), float64(w*bodySize))
		body.Points[i] = BodyPoint{X: float32(x), Y: float32(y), Z: v[2] * zoom, Visibility: sigmoid(v[3])}
		p := world[3*i : 3*i+3]
		body.World[i] = mgl32.Vec3{float32(c)*p[0] - float32(s)*p[1], float32(s)*p[0] + float32(c)*p[1], p[2]}
	}
	body.Box = bodyBounds(&body)
	return body, true, nil
}

// refineByHeat moves a landmark (0..1) to the centre of what its heat map
// shows around it, where that is sure enough.
func refineByHeat(heat []float32, k int, x, y float32) (float32, float32) {
	col, row := int(x*heatSize), int(y*heatSize)
	if !(x >= 0 && x < 1 && y >= 0 && y < 1) {
		return x, y
	}
	const half = heatKernel / 2
	var sum, sx, sy, most float32
	for j := max(0, row-half); j < min(heatSize, row+half+1); j++ {
		for i := max(0, col-half); i < min(heatSize, col+half+1); i++ {
			h := sigmoid(heat[(j*heatSize+i)*bodyPoints+k])
			sum, sx, sy, most = sum+h, sx+h*float32(i), sy+h*float32(j), max(most, h)
		}
	}
	if most < heatLeast || sum <= 0 {
		return x, y
	}
	return sx / heatSize / sum, sy / heatSize / sum
}

func bodyBounds(b *Body) image.Rectangle {
	x0, y0 := math.Inf(1), math.Inf(1)
	x1, y1 := math.Inf(-1), math.Inf(-1)
	for _, p := range b.Points {
		x0, x1 = min(x0, float64(p.X)), max(x1, float64(p.X))
		y0, y1 = min(y0, float64(p.Y)), max(y1, float64(p.Y))
	}
	return image.Rect(int(math.Floor(x0)), int(math.Floor(y0)), int(math.Ceil(x1)), int(math.Ceil(y1)))
}

// sameBody says whether two bodies are one person seen twice: head and
// shoulders in the same place.
func sameBody(a, b *Body) bool {
	var apart float64
	for _, k := range [3]int{0, 11, 12} {
		apart += math.Hypot(float64(a.Points[k].X-b.Points[k].X), float64(a.Points[k].Y-b.Points[k].Y)) / 3
	}
	wide := math.Hypot(float64(a.Points[11].X-a.Points[12].X), float64(a.Points[11].Y-a.Points[12].Y))
	return apart < 0.4*wide
}
