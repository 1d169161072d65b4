package perceive

import (
	"image"
	"math"
	"time"

	"github.com/go-gl/mathgl/mgl32"
)

// track is one person's face over time.
type track struct {
	id        int
	region    region // where the mesh is looked for next
	frame     int    // when it was last looked at, in the perceiver's count
	sinceMesh int    // frames since the mesh last ran
	seen      time.Duration
	presence  float32
	head      rigid // smoothed
	points    [Landmarks]mgl32.Vec3
	metric    [Landmarks]mgl32.Vec3 // at the average head's size
	box       image.Rectangle
	pattern   *pattern // what its head last looked like
	smooth    smoother
	shown     float64 // the size that the head was drawn at last; 0: not yet
	light     light
	ruler     ruler
	measure   Measure
	looks     int // frames since the first, for the irises' turn
	hints     [maxHints]Hint
	nHints    int
	frameSize image.Point
}

// Presence, the mesh model's own answer whether its region holds a face.
const (
	presenceNew  = 0.5  // MediaPipe's threshold, for a face that is new
	presenceHold = 0.35 // for one that was there a frame ago
)

// When the mesh runs: at least every meshEvery frames, at once when the head
// moves by coastMM in a frame (fast motion blurs the pattern), and when lips or
// eyes have stirred since it last did.
const (
	meshEvery    = 3
	coastMM      = 3.0   // millimetres at the head
	stirredLeast = 0.035 // of full brightness, mean over lips or an eye
)

// follow looks for the face where it was, and says whether it is there still.
func (p *Perceiver) follow(t *track, img *image.RGBA, at time.Duration, cam Camera) (bool, error) {
	if t.smooth.stale(at) {
		t.pattern.known = false
	}
	expected, aligned, pix, err := p.align(t, img, at, cam)
	if err != nil {
		return false, err
	}
	t.sinceMesh++
	if aligned && p.mayCoast(t, expected, cam) {
		t.smooth.coast(at, expected)
		p.settle(t, at, cam, img)
		return true, nil
	}
	return p.meshAgain(t, img, at, cam, expected, aligned, pix)
}

// mayCoast says whether the picture alone may carry the head in this frame.
func (p *Perceiver) mayCoast(t *track, expected rigid, cam Camera) bool {
	return t.sinceMesh < meshEvery && seenApart(expected, t.smooth.head, cam) < coastMM &&
		t.stirred(p.aligner.spare, t.pattern) < stirredLeast
}

// align finds how the head moved by the picture. pix is the cut of the track's
// region, nil where none was made.
func (p *Perceiver) align(t *track, img *image.RGBA, at time.Duration, cam Camera) (expected rigid, aligned bool, pix []byte, err error) {
	if !t.pattern.known || t.frame != p.frame-1 {
		return t.smooth.expected(at), false, nil, nil
	}
	start := time.Now()
	defer func() { p.times.Align += time.Since(start) }()
	now := p.aligner.spare
	if pix, err = p.aligner.see(p.cut, img, t.pattern.region, now); err != nil {
		return rigid{}, false, nil, err
	}
	expected, aligned = p.aligner.move(t.pattern, now, cam, t.smooth.head, t.smooth.motion)
	if !aligned {
		expected = t.smooth.expected(at)
	}
	t.pattern, p.aligner.spare = now, t.pattern
	return expected, aligned, pix, nil
}

// meshAgain runs the mesh where the head is expected.
func (p *Perceiver) meshAgain(t *track, img *image.RGBA, at time.Duration, cam Camera, expected rigid, aligned bool, pix []byte) (bool, error) {
	r := t.region
	if aligned {
		r = t.regionAt(expected, cam)
	}
	if pix == nil || !r.near(t.pattern.region) {
		if !r.valid() {
			return false, nil
		}
		var err error
		if pix, err = p.aligner.see(p.cut, img, r, t.pattern); err != nil {
			return false, err
		}
	}
	presence, err := p.readCut(pix, t.pattern.region, &t.points)
	if err != nil || presence < presenceHold {
		return false, err
	}
	raw, err := p.solver.fit(&t.points, cam, &expected)
	if err != nil || !plausible(raw, &t.points) {
		return false, nil
	}
	t.presence = presence
	p.solver.metric(&t.points, cam, raw, 1, &t.metric)
	t.light.look(p.mesher.input, &t.points, t.pattern.region)
	if t.smooth.stale(at) {
		t.smooth.begin(at, raw, cam, &p.solver.model, &t.points, &t.metric)
	} else {
		t.smooth.correct(at, expected, aligned, raw, cam, &p.solver.model, &t.points, &t.metric)
	}
	t.sinceMesh = 0
	p.settle(t, at, cam, img)
	return true, nil
}

// readCut runs the mesh on a cut of region r.
func (p *Perceiver) readCut(pix []byte, r region, points *[Landmarks]mgl32.Vec3) (float32, error) {
	start := time.Now()
	defer func() { p.times.Mesh += time.Since(start) }()
	planes(pix, meshSize*meshSize, 1.0/255, 0, p.mesher.input)
	return p.mesher.read(r, points)
}

// regionAt is the region that the mesh wants when the head, with the skin as
// it was, is at expected.
func (t *track) regionAt(expected rigid, cam Camera) region {
	was, is := project(t.smooth.head.apply(headMiddle), cam), project(expected.apply(headMiddle), cam)
	r := t.region
	grow := t.smooth.head.T[2] / expected.T[2]
	r.cx, r.cy = r.cx+is[0]-was[0], r.cy+is[1]-was[1]
	r.w, r.h = r.w*grow, r.h*grow
	return r
}

// near says whether the mesh sees a face as well in o as in r: a face that
// rests keeps its region, so that nothing but noise changes in what is seen.
func (r region) near(o region) bool {
	const shift, size, turn = 0.02, 0.03, 0.03
	return math.Hypot(r.cx-o.cx, r.cy-o.cy) < shift*r.w && math.Abs(r.w-o.w) < size*r.w && math.Abs(r.turn-o.turn) < turn
}

// adopt makes a new face's landmarks, found in region r of this frame, the
// track's.
func (p *Perceiver) adopt(t *track, img *image.RGBA, at time.Duration, cam Camera, presence float32, raw rigid) {
	t.presence, t.sinceMesh = presence, 0
	t.light.look(p.mesher.input, &t.points, t.region)
	p.solver.metric(&t.points, cam, raw, 1, &t.metric)
	t.smooth.begin(at, raw, cam, &p.solver.model, &t.points, &t.metric)
	t.pattern.known = false
	p.settle(t, at, cam, img)
}

// settle places what the smoothed head carries.
func (p *Perceiver) settle(t *track, at time.Duration, cam Camera, img *image.RGBA) {
	t.seen, t.frame, t.frameSize = at, p.frame, img.Rect.Size()
	t.head = t.smooth.head
	t.smooth.place(cam, &p.solver.model, &t.points, &t.metric)
	t.box, t.region = boundsOf(&t.points), regionOfMesh(&t.points)
}

// plausible says whether a fitted head is one that a camera can see: facing
// it, and of a size that the mesh can read.
func plausible(g rigid, points *[Landmarks]mgl32.Vec3) bool {
	const least = 0.17 // cosine of 80°
	if g.R.apply(vec3{0, 0, 1}).dot(g.T.mul(-1).unit()) < least {
		return false
	}
	x0, y0, x1, y1 := extent(points)
	return x1-x0 >= minFacePx && y1-y0 >= minFacePx
}

// minFacePx is the smallest face, in pixels, that the mesh can read.
const minFacePx = 20
