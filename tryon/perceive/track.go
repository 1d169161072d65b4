package perceive

import (
	"image"
	"time"

	"github.com/go-gl/mathgl/mgl32"
)

// track is one person's face over time.
type track struct {
	id        int
	region    region // where the mesh is looked for next
	frame     int    // when it was last looked at, in the perceiver's count
	seen      time.Duration
	presence  float32
	raw       rigid // the head as last fitted, before smoothing
	head      rigid // and after
	points    [Landmarks]mgl32.Vec3
	metric    [Landmarks]mgl32.Vec3 // at the average head's size
	box       image.Rectangle
	smooth    smoother
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

// follow looks for the face where it was, and says whether it is there still.
func (p *Perceiver) follow(t *track, img *image.RGBA, at time.Duration, cam Camera) (bool, error) {
	presence, err := p.look(img, t.region, &t.points)
	if err != nil {
		return false, err
	}
	if presence < presenceHold {
		return false, nil
	}
	head, err := p.solver.fit(&t.points, cam, &t.raw)
	if err != nil || !plausible(head, &t.points) {
		return false, nil
	}
	p.adopt(t, img, at, cam, presence, head)
	return true, nil
}

// adopt makes the landmarks just found the track's, smoothed and measured.
func (p *Perceiver) adopt(t *track, img *image.RGBA, at time.Duration, cam Camera, presence float32, head rigid) {
	t.presence, t.raw, t.seen, t.frame = presence, head, at, p.frame
	t.light.look(p.mesher.input, &t.points, t.region)
	t.region = regionOfMesh(&t.points)
	p.solver.metric(&t.points, cam, head, 1, &t.metric)
	t.head = t.smooth.step(at, head, cam, &p.solver.model, &t.points, &t.metric)
	t.box = boundsOf(&t.points)
	t.frameSize = img.Rect.Size()
}

// plausible says whether a fitted head is one that a camera can see: facing
// it, and the size of its picture agreeing with the mesh.
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
