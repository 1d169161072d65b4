package perceive

import (
	"fmt"
	"image"
	"math"
	"slices"

	"github.com/go-gl/mathgl/mgl32"
)

// session is what perceive needs of a model: fill Input, Run, read Output
// (models.Session).
type session interface {
	Input(name string) []float32
	Output(name string) []float32
	Run() error
	Close() error
}

// detection is a face or a body as a detector sees it, in pixels of the frame.
type detection struct {
	score          float32
	x0, y0, x1, y1 float32
	// keys of a face are the eyes (0 at the picture's left), nose tip, mouth,
	// and the points before the ears; of a body the middle of the hips, a point
	// on the circle around the whole body, and the same two of the upper body.
	keys [maxKeys]mgl32.Vec2
}

const maxKeys = 6

func (d *detection) region() region {
	return squareAround(float64(d.x0), float64(d.y0), float64(d.x1), float64(d.y1), d.keys[0], d.keys[1])
}

func (d *detection) overlap(o *detection) float32 {
	w := min(d.x1, o.x1) - max(d.x0, o.x0)
	h := min(d.y1, o.y1) - max(d.y0, o.y0)
	if w <= 0 || h <= 0 {
		return 0
	}
	return w * h / (d.area() + o.area() - w*h)
}

func (d *detection) area() float32 { return (d.x1 - d.x0) * (d.y1 - d.y0) }

// detectorSpec are the constants of a detector of the BlazeFace kind, from
// MediaPipe's face_detection and pose_detection graphs.
type detectorSpec struct {
	model              string
	size               int // of its square input
	keys               int // key points it gives
	regressors, scores string
	layers             []anchorLayer
	minScore           float32
}

// anchorLayer is a grid of cells with so many anchors each.
type anchorLayer struct{ grid, perCell int }

var (
	nearSpec = detectorSpec{
		model: "face_detection_short_range", size: 128, keys: 6, regressors: "regressors", scores: "classificators",
		layers: []anchorLayer{{16, 2}, {8, 6}}, minScore: 0.5,
	}
	farSpec = detectorSpec{
		model: "face_detection_full_range_sparse", size: 192, keys: 6, regressors: "Identity", scores: "Identity_1",
		layers: []anchorLayer{{48, 1}}, minScore: 0.6,
	}
)

// perAnchor is how many numbers an anchor has: box x, y, w, h and key points.
func (s detectorSpec) perAnchor() int { return 4 + 2*s.keys }

// maxRaw bounds what one run of a detector may find before suppression.
const maxRaw = 256

// detector finds faces or bodies in a square of a frame. One goroutine at a time.
type detector struct {
	spec    detectorSpec
	cut     *sampler
	session session
	anchors []mgl32.Vec2 // centres, 0..1
	logit   float32      // minScore before the sigmoid
	raw     []detection
	found   []detection
}

func newDetector(spec detectorSpec, s session, cut *sampler) (*detector, error) {
	d := &detector{spec: spec, cut: cut, session: s, raw: make([]detection, 0, maxRaw), found: make([]detection, 0, maxRaw)}
	for _, l := range spec.layers {
		for y := range l.grid {
			for x := range l.grid {
				for range l.perCell {
					g := float32(l.grid)
					d.anchors = append(d.anchors, mgl32.Vec2{(float32(x) + 0.5) / g, (float32(y) + 0.5) / g})
				}
			}
		}
	}
	d.logit = float32(math.Log(float64(spec.minScore) / (1 - float64(spec.minScore))))
	n := len(d.anchors)
	if a, b, in := len(s.Output(spec.regressors)), len(s.Output(spec.scores)), len(s.Input("")); a != n*spec.perAnchor() || b != n || in != 3*spec.size*spec.size {
		return nil, fmt.Errorf("perceive: %s has other shapes than a detector: install the models again", spec.model)
	}
	return d, nil
}

// find returns the faces in a square of the frame, the surest first. What it
// returns is overwritten by the next call.
func (d *detector) find(img *image.RGBA, square region) ([]detection, error) {
	a := square.toFrame(d.spec.size)
	if err := d.cut.draw(img, a, d.spec.size, 2.0/255, -1, black, d.session.Input("")); err != nil {
		return nil, err
	}
	if err := d.session.Run(); err != nil {
		return nil, err
	}
	d.decode(a)
	d.suppress()
	return d.found, nil
}

// decode reads the anchors that pass the least score into raw.
func (d *detector) decode(a affine) {
	size := float32(d.spec.size)
	per := d.spec.perAnchor()
	boxes := d.session.Output(d.spec.regressors)
	d.raw = d.raw[:0]
	for i, logit := range d.session.Output(d.spec.scores) {
		if !(logit >= d.logit) || len(d.raw) == maxRaw {
			continue
		}
		v := boxes[i*per : (i+1)*per]
		at := func(k int) mgl32.Vec2 {
			x, y := a.apply(float64(v[k]+size*d.anchors[i][0]), float64(v[k+1]+size*d.anchors[i][1]))
			return mgl32.Vec2{float32(x), float32(y)}
		}
		c, halfW, halfH := at(0), v[2]/2*float32(a.xu), v[3]/2*float32(a.yv)
		f := detection{score: sigmoid(logit), x0: c[0] - halfW, y0: c[1] - halfH, x1: c[0] + halfW, y1: c[1] + halfH}
		for k := range d.spec.keys {
			f.keys[k] = at(4 + 2*k)
		}
		if f.x1 > f.x0 && f.y1 > f.y0 {
			d.raw = append(d.raw, f)
		}
	}
}

// suppressOverlap is the overlap from which two boxes are one face.
const suppressOverlap = 0.3

// suppress makes one detection of each heap of overlapping ones: their mean,
// weighted by score (BlazeFace's non-maximum suppression).
func (d *detector) suppress() {
	byScore := func(a, b detection) int { return cmpDesc(a.score, b.score) }
	slices.SortFunc(d.raw, byScore)
	d.found = d.found[:0]
	for len(d.raw) > 0 {
		best, sum, total := d.raw[0], detection{}, float32(0)
		rest := d.raw[:0]
		for i := range d.raw {
			o := d.raw[i]
			if i > 0 && o.overlap(&best) <= suppressOverlap {
				rest = append(rest, o)
				continue
			}
			sum.addWeighted(&o, o.score)
			total += o.score
		}
		sum.scaleBy(1 / total)
		sum.score = best.score
		d.found = append(d.found, sum)
		d.raw = rest
	}
}

func (d *detection) addWeighted(o *detection, w float32) {
	d.x0, d.y0, d.x1, d.y1 = d.x0+w*o.x0, d.y0+w*o.y0, d.x1+w*o.x1, d.y1+w*o.y1
	for k := range d.keys {
		d.keys[k] = d.keys[k].Add(o.keys[k].Mul(w))
	}
}

func (d *detection) scaleBy(s float32) {
	d.x0, d.y0, d.x1, d.y1 = d.x0*s, d.y0*s, d.x1*s, d.y1*s
	for k := range d.keys {
		d.keys[k] = d.keys[k].Mul(s)
	}
}

func cmpDesc(a, b float32) int {
	switch {
	case a > b:
		return -1
	case a < b:
		return 1
	}
	return 0
}

func sigmoid(x float32) float32 { return float32(1 / (1 + math.Exp(-float64(x)))) }
