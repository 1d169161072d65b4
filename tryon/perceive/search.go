package perceive

import (
	"image"
	"math"
	"time"

	"github.com/go-gl/mathgl/mgl32"
)

// Where faces are looked for: the whole frame with the near and with the far
// detector, then squares of it, in which a distant face is large enough to be
// seen. A detector's input has 128 or 192 pixels a side whatever it looks at:
// in a whole frame of 1280 x 720 a face 2.5 m away has 10 of them, in a square
// of 480 it has 28.

// schedule spreads the search over frames.
type schedule struct {
	step int  // which look comes next
	wait int  // frames until then
	lost bool // a face was lost in this frame
}

const (
	// searchEvery is the number of frames between looks for newcomers while
	// someone is followed: a look costs as much as a face.
	searchEvery = 10
	// tileShare is a square's side as a share of the frame's shorter side.
	tileShare = 0.6
	// tileOverlap is how much of a square its neighbour sees too: more than a
	// distant face.
	tileOverlap = 0.3
	maxTiles    = 24
)

// candidate is a detected face that no track holds.
type candidate struct {
	detection
	distant bool // found by the far detector
}

// lookAround looks for faces that are not followed: with all it has, one look
// a frame, while nobody is; now and then otherwise.
func (p *Perceiver) lookAround(img *image.RGBA, at time.Duration, cam Camera) error {
	defer func() { p.search.lost = false }()
	if len(p.tracks) >= p.opt.MaxFaces {
		return nil
	}
	if len(p.tracks) == 0 || p.search.lost {
		// The near look is cheap, and what a shopper who comes back needs.
		if err := p.lookIn(img, p.near, letterbox(img.Rect), at, cam); err != nil || len(p.tracks) > 0 {
			return err
		}
	} else if p.search.wait > 0 {
		p.search.wait--
		return nil
	}
	p.search.wait = searchEvery
	return p.nextLook(img, at, cam)
}

// nextLook takes the next look of the round: near, far, then each square.
func (p *Perceiver) nextLook(img *image.RGBA, at time.Duration, cam Camera) error {
	var squares [maxTiles]region
	n := tiles(img.Rect.Size(), &squares)
	if len(p.tracks) > 0 {
		// Squares are for an empty mirror: who joins someone comes near.
		n = 0
	}
	step := p.search.step % (2 + n)
	p.search.step = step + 1
	switch step {
	case 0:
		return p.lookIn(img, p.far, letterbox(img.Rect), at, cam)
	case 1:
		if len(p.tracks) > 0 { // else it has just been taken
			return p.lookIn(img, p.near, letterbox(img.Rect), at, cam)
		}
		p.search.step = 2
		step = 2
		if n == 0 {
			return nil
		}
	}
	return p.lookIn(img, p.far, squares[step-2], at, cam)
}

// tiles covers a frame with overlapping squares and returns their number.
func tiles(size image.Point, out *[maxTiles]region) int {
	side := max(128, tileShare*float64(min(size.X, size.Y)))
	nx, ny := tileCount(float64(size.X), side), tileCount(float64(size.Y), side)
	n := 0
	for y := range ny {
		for x := range nx {
			if n == maxTiles {
				return n
			}
			out[n] = region{cx: tileCentre(x, nx, float64(size.X), side), cy: tileCentre(y, ny, float64(size.Y), side), w: side, h: side}
			n++
		}
	}
	return n
}

func tileCount(length, side float64) int {
	if length <= side {
		return 1
	}
	return 1 + int(math.Ceil((length-side)/(side*(1-tileOverlap))))
}

func tileCentre(i, n int, length, side float64) float64 {
	if n == 1 {
		return length / 2
	}
	return side/2 + float64(i)*(length-side)/float64(n-1)
}

// lookIn runs a detector on a square, and starts a track for each face that
// the mesh confirms.
func (p *Perceiver) lookIn(img *image.RGBA, d *detector, square region, at time.Duration, cam Camera) error {
	start := time.Now()
	found, err := d.find(img, square)
	p.times.Detect += time.Since(start)
	if err != nil {
		return err
	}
	for i := range found {
		if len(p.tracks) >= p.opt.MaxFaces {
			return nil
		}
		c := candidate{detection: found[i], distant: d == p.far}
		if p.held(&c) {
			continue
		}
		if err := p.confirm(img, &c, at, cam); err != nil {
			return err
		}
	}
	return nil
}

// held says whether a track follows this face already.
func (p *Perceiver) held(c *candidate) bool {
	mid := mgl32.Vec2{(c.x0 + c.x1) / 2, (c.y0 + c.y1) / 2}
	r := c.region()
	for _, t := range p.tracks {
		if t.region.overlap(r) > sameFace/2 || image.Pt(int(mid[0]), int(mid[1])).In(t.box) {
			return true
		}
	}
	return false
}

// confirm puts the mesh to a candidate. What the mesh is not sure of, or reads
// otherwise than the detector did, is no face.
func (p *Perceiver) confirm(img *image.RGBA, c *candidate, at time.Duration, cam Camera) error {
	t := p.fresh()
	keep := false
	defer func() {
		if !keep {
			p.spare = append(p.spare, t)
		}
	}()
	t.region = c.region()
	presence, err := p.look(img, t.region, &t.points)
	if err != nil || presence < presenceNew {
		return err
	}
	if c.distant { // a box drawn from ten pixels: look again, closer
		t.region = regionOfMesh(&t.points)
		if presence, err = p.look(img, t.region, &t.points); err != nil || presence < presenceNew {
			return err
		}
	}
	head, err := p.solver.fit(&t.points, cam, nil)
	if err != nil || !plausible(head, &t.points) || !agree(&c.detection, &t.points) {
		return nil
	}
	if c.distant {
		if ok, err := p.secondOpinion(img, &t.points); err != nil || !ok {
			return err
		}
	}
	if p.doubled(&track{region: regionOfMesh(&t.points)}, p.tracks) {
		return nil
	}
	keep = true
	p.tracks = append(p.tracks, p.welcome(t, img, at, cam, presence, head))
	return nil
}

// secondOpinion asks the near detector, closely, about a face that only the far
// one has seen: a headlamp fools one of them, hardly both.
func (p *Perceiver) secondOpinion(img *image.RGBA, points *[Landmarks]mgl32.Vec3) (bool, error) {
	start := time.Now()
	defer func() { p.times.Detect += time.Since(start) }()
	square := regionOfMesh(points)
	square.w, square.h, square.turn = closeLook*square.w, closeLook*square.h, 0
	found, err := p.near.find(img, square)
	if err != nil {
		return false, err
	}
	for i := range found {
		if found[i].score >= secondScore && agree(&found[i], points) {
			return true, nil
		}
	}
	return false, nil
}

// secondScore is what the near detector must say: of the distant faces that it
// was shown the least certain had 0.76, a headlamp 0.63.
const secondScore = 0.7

// closeLook is the second look's square against the mesh's region: the face
// takes a third of it, as in the pictures that the near detector is made for.
const closeLook = 1.6

// mostApart is how far a detector's key points may lie from the mesh's, as a
// share of the detection's size. On people they differ by under 0.1.
const mostApart = 0.22

// agree says whether detector and mesh see eyes, nose and mouth in the same
// places. On animals and patterns that one of them takes for a face, they do not.
func agree(d *detection, points *[Landmarks]mgl32.Vec3) bool {
	mid := func(a, b int) mgl32.Vec2 { return points[a].Vec2().Add(points[b].Vec2()).Mul(0.5) }
	mesh := [4]mgl32.Vec2{
		mid(lmEyeOuterLeft, lmEyeInnerLeft), mid(lmEyeOuterRight, lmEyeInnerRight),
		points[lmNoseTip].Vec2(), mid(lmMouthUpper, lmMouthLower),
	}
	limit := mostApart * max(d.x1-d.x0, d.y1-d.y0)
	for i, m := range mesh {
		if m.Sub(d.keys[i]).Len() > limit {
			return false
		}
	}
	return true
}

// welcome makes a confirmed face a track: a missing one that has come back, or
// a new one. t holds its landmarks and region.
func (p *Perceiver) welcome(t *track, img *image.RGBA, at time.Duration, cam Camera, presence float32, head rigid) *track {
	if i := p.comeBack(t, at); i >= 0 {
		old := p.missing[i]
		p.missing = append(p.missing[:i], p.missing[i+1:]...)
		old.region, old.points = t.region, t.points
		p.spare = append(p.spare, t)
		t = old
	} else {
		t.id = p.nextID
		p.nextID++
	}
	p.adopt(t, img, at, cam, presence, head)
	return t
}

// comeBack finds the missing track that a new face is, or -1: of about its
// size, not further away than a person moves in the time.
func (p *Perceiver) comeBack(t *track, at time.Duration) int {
	r := regionOfMesh(&t.points)
	for i, m := range p.missing {
		size := r.w / m.region.w
		away := math.Hypot(r.cx-m.region.cx, r.cy-m.region.cy) / max(r.w, m.region.w)
		if size > 0.7 && size < 1.4 && away < 0.5+1.0*(at-m.seen).Seconds() {
			return i
		}
	}
	return -1
}

// fresh is an empty track.
func (p *Perceiver) fresh() *track {
	if n := len(p.spare); n > 0 {
		t := p.spare[n-1]
		p.spare = p.spare[:n-1]
		*t = track{pattern: t.pattern}
		t.pattern.known = false
		return t
	}
	return &track{pattern: &pattern{}}
}
