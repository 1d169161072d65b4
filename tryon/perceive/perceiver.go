package perceive

import (
	"cmp"
	"errors"
	"image"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/go-gl/mathgl/mgl32"

	"cheval/models"
	"cheval/models/facegeometry"
)

// Options of a Perceiver. The zero value suits the mirror.
type Options struct {
	// MaxFaces is how many people are followed, 0 for 5.
	MaxFaces int
	// EveryFace looks at every face in every frame, as a file deserves.
	// Without it the active face is seen in every frame and the others in
	// turn, one a frame, so that company does not slow the mirror.
	EveryFace bool
}

// Times are wall times of one frame's steps. Total is from the frame to
// smoothed landmarks, pose and measures.
type Times struct {
	Detect, Align, Mesh, Iris, Card, Total time.Duration
}

// Perceiver follows the faces of one source. One goroutine calls Track, Still
// and Close; SetActive, Reset, CalibrateCard, Card and Recycle may come from
// any. Its models belong to the Runtime it was made with, which must outlive it.
type Perceiver struct {
	opt       Options
	solver    *Solver
	near, far *detector
	mesher    *mesher
	cut       *sampler
	iris      *irisReader
	aligner   *aligner
	cards     *cardFinder
	sessions  []session

	tracks  []*track // followed now
	missing []*track // lost a moment ago, may come back
	spare   []*track // for reuse
	size    image.Point
	frame   int
	nextID  int
	active  int // its ID, 0 for none
	search  schedule
	times   Times
	seeking bool // a card

	mu        sync.Mutex
	orders    orders
	pool      []*Face
	lists     [][]*Face
	cardState CardState
}

// orders are what other goroutines asked for since the last frame.
type orders struct {
	active     int
	reset      bool
	card       bool
	cardSwitch bool
}

// Limits of a Perceiver.
const (
	defaultFaces = 5
	// A face that is lost keeps its ID, and its measures, for this long where
	// it comes back in about the same place.
	missingFor = 1500 * time.Millisecond
	// sameFace is the overlap from which two regions hold one face.
	sameFace = 0.45
	poolSize = 32
)

// New starts the models of the mirror: face detection near and far, and the
// mesh. rt must have them installed.
func New(rt *models.Runtime, g *facegeometry.Geometry, opt Options) (*Perceiver, error) {
	s, err := NewSolver(g)
	if err != nil {
		return nil, err
	}
	if opt.MaxFaces <= 0 {
		opt.MaxFaces = defaultFaces
	}
	cut := newSampler()
	p := &Perceiver{opt: opt, solver: s, cut: cut, aligner: newAligner(s), iris: newIrisReader(cut), cards: newCardFinder(cut), nextID: 1}
	if err := p.load(func(name string) (session, error) { return rt.Load(name) }); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

func (p *Perceiver) load(start func(string) (session, error)) (err error) {
	open := func(name string) session {
		if err != nil {
			return nil
		}
		var s session
		if s, err = start(name); err != nil {
			return nil
		}
		p.sessions = append(p.sessions, s)
		return s
	}
	near, far, mesh := open(nearSpec.model), open(farSpec.model), open(meshModel)
	if err != nil {
		return err
	}
	if p.near, err = newDetector(nearSpec, near, p.cut); err != nil {
		return err
	}
	if p.far, err = newDetector(farSpec, far, p.cut); err != nil {
		return err
	}
	p.mesher, err = newMesher(mesh, p.cut)
	return err
}

// Close ends the models' sessions. It may be called twice.
func (p *Perceiver) Close() (err error) {
	for _, s := range p.sessions {
		err = errors.Join(err, s.Close())
	}
	p.sessions = nil
	return errors.Join(err, p.cut.Close())
}

// SetActive makes the face with this ID the active one from the next frame on,
// for as long as it is seen; 0 leaves the choice to the mirror.
func (p *Perceiver) SetActive(id int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.orders.active = id
	if id == 0 {
		p.orders.active = -1
	}
}

// Reset forgets every face, its measures and its card, before the next frame:
// a session has ended. IDs are not used again.
func (p *Perceiver) Reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.orders.reset = true
	p.cardState = CardState{}
}

// Track takes the next frame of a live picture or a clip. at is its time on
// the source's clock, focalPx the focal length in pixels where known, else 0.
// It returns the faces, the active one first: immutable, the caller's to keep
// or to hand back by Recycle. The frame is not kept.
func (p *Perceiver) Track(img *image.RGBA, at time.Duration, focalPx float32) ([]*Face, Times, error) {
	start := time.Now()
	if err := checkFrame(img); err != nil {
		return nil, Times{}, err
	}
	p.times = Times{}
	p.obey()
	if size := img.Rect.Size(); size != p.size {
		p.forget()
		p.size = size
	}
	p.frame++
	cam := cameraFor(p.size.X, p.size.Y, focalPx)
	if err := p.followAll(img, at, cam); err != nil {
		return nil, p.times, err
	}
	if err := p.lookAround(img, at, cam); err != nil {
		return nil, p.times, err
	}
	p.dropMissing(at)
	p.chooseActive()
	p.seeCard(img, at, cam)
	p.measureTracks(img, cam)
	faces := p.publish(cam)
	p.times.Total = time.Since(start)
	return faces, p.times, nil
}

// obey carries out what other goroutines asked for.
func (p *Perceiver) obey() {
	p.mu.Lock()
	o := p.orders
	p.orders = orders{}
	p.mu.Unlock()
	if o.reset {
		p.forget()
	}
	if o.cardSwitch {
		p.seekCard(o.card)
	}
	switch {
	case o.active > 0:
		p.active = o.active
	case o.active < 0:
		p.active = 0
	}
}

// forget drops every track.
func (p *Perceiver) forget() {
	p.spare = append(append(p.spare, p.tracks...), p.missing...)
	p.tracks, p.missing, p.active = p.tracks[:0], p.missing[:0], 0
	p.seekCard(false)
	p.search = schedule{}
}

// followAll looks for each face where it was.
func (p *Perceiver) followAll(img *image.RGBA, at time.Duration, cam Camera) error {
	turn := p.turnOf()
	kept := p.tracks[:0]
	for _, t := range p.tracks {
		if !p.opt.EveryFace && t.id != p.active && t != turn {
			kept = append(kept, t)
			continue
		}
		ok, err := p.follow(t, img, at, cam)
		if err != nil {
			return err
		}
		if ok && !p.doubled(t, kept) {
			kept = append(kept, t)
			continue
		}
		p.search.lost = true
		p.missing = append(p.missing, t)
	}
	p.tracks = kept
	return nil
}

// turnOf is the track, beside the active one, that was seen longest ago.
func (p *Perceiver) turnOf() (t *track) {
	for _, o := range p.tracks {
		if o.id != p.active && (t == nil || o.frame < t.frame) {
			t = o
		}
	}
	return t
}

// doubled says whether t has come to lie on the face of another track.
func (p *Perceiver) doubled(t *track, others []*track) bool {
	for _, o := range others {
		if o != t && o.region.overlap(t.region) > sameFace {
			return true
		}
	}
	return false
}

// dropMissing gives up faces that have been gone for too long.
func (p *Perceiver) dropMissing(at time.Duration) {
	kept := p.missing[:0]
	for _, t := range p.missing {
		if at-t.seen > missingFor || at < t.seen {
			p.spare = append(p.spare, t)
			continue
		}
		kept = append(kept, t)
	}
	p.missing = kept
}

// chooseActive keeps the active face while it is there or may come back, and
// else takes the largest, those in the middle preferred.
func (p *Perceiver) chooseActive() {
	if p.active != 0 && (byID(p.tracks, p.active) != nil || byID(p.missing, p.active) != nil) {
		p.order()
		return
	}
	p.active = 0
	best := 0.0
	for _, t := range p.tracks {
		mid := float64(t.box.Min.X+t.box.Max.X) / 2
		aside := math.Abs(mid/float64(max(1, p.size.X))-0.5) * 2
		if s := float64(t.box.Dy()) * (1 - 0.5*aside); s > best {
			best, p.active = s, t.id
		}
	}
	p.order()
}

// order puts the active face first, then the larger.
func (p *Perceiver) order() {
	slices.SortFunc(p.tracks, func(a, b *track) int {
		if (a.id == p.active) != (b.id == p.active) {
			if a.id == p.active {
				return -1
			}
			return 1
		}
		return cmp.Compare(b.box.Dy(), a.box.Dy())
	})
}

func byID(tracks []*track, id int) *track {
	for _, t := range tracks {
		if t.id == id {
			return t
		}
	}
	return nil
}

// look runs the mesh in a region and keeps its time.
func (p *Perceiver) look(img *image.RGBA, r region, points *[Landmarks]mgl32.Vec3) (float32, error) {
	if !r.valid() {
		return 0, nil
	}
	start := time.Now()
	defer func() { p.times.Mesh += time.Since(start) }()
	return p.mesher.run(img, r, points)
}
