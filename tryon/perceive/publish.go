package perceive

import (
	"image"
	"math"
	"time"
)

// lookIrisEvery is how many frames pass between looks at the irises once the
// size is known; until then every second frame has one.
const lookIrisEvery = 6

// measureTracks looks at the active face's irises where it is due, and says of
// every face what is known and what would help.
func (p *Perceiver) measureTracks(img *image.RGBA, cam Camera) {
	for _, t := range p.tracks {
		if t.frame == p.frame {
			p.takeGlance(img, t, cam, enoughGlances)
		}
		t.finish(p.solver, cam)
	}
}

// takeGlance measures the irises of a track where it is due.
func (p *Perceiver) takeGlance(img *image.RGBA, t *track, cam Camera, enough int) {
	r := &t.ruler
	if why := p.unfit(t, cam); why != "" {
		r.why = why
		return
	}
	every := 2
	if r.known {
		every = lookIrisEvery
	}
	t.looks++
	if enough > 1 && (t.looks%every != 0 || t.id != p.active && r.known) {
		return
	}
	start := time.Now()
	defer func() { p.times.Iris += time.Since(start) }()
	g, why := p.glanceAt(img, t, cam)
	if r.why = why; why == "" {
		r.add(g)
		r.settle(enough)
	}
}

// finish derives what is published of a track.
func (t *track) finish(s *Solver, cam Camera) {
	pupils := t.head.apply(vec3{0, s.model[lmIrisLeft][1], s.pupilZ})
	if t.ruler.why == "" && !t.ruler.known {
		t.ruler.why = whySoon
	}
	t.measure = t.ruler.measured(-pupils[2], cam.F)
	t.hint()
}

// hint says what the person could do, the most useful first.
func (t *track) hint() {
	t.nHints = 0
	add := func(h Hint) {
		if t.nHints < maxHints {
			t.hints[t.nHints] = h
			t.nHints++
		}
	}
	if t.light.poor() {
		add(HintLight)
	}
	if t.tooNear() {
		add(HintBack)
	}
	if t.measure.Known() {
		return
	}
	switch t.ruler.why {
	case whyFar, whySmall:
		add(HintCloser)
	case whyTurned, whyGaze:
		add(HintFaceMirror)
	case whyDark:
		if t.nHints == 0 {
			add(HintLight)
		}
	case whyMoving:
		add(HintHoldStill)
	}
}

// maxHints is how many hints a face carries at most.
const maxHints = 4

// tooNear says whether the face leaves the frame, or fills it.
func (t *track) tooNear() bool {
	out := 0
	for _, q := range [...]int{10, 152, lmEarLeft, lmEarRight} {
		x, y := t.points[q][0], t.points[q][1]
		if x < 0 || y < 0 || x >= float32(t.frameSize.X) || y >= float32(t.frameSize.Y) {
			out++
		}
	}
	big := float64(t.box.Dy()) > 0.9*float64(t.frameSize.Y)
	return big || out > 0 && float64(t.box.Dy()) > 0.5*float64(t.frameSize.Y)
}

// publish makes Faces of the tracks, which are ordered.
func (p *Perceiver) publish(cam Camera) []*Face {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := p.takeList()
	for _, t := range p.tracks {
		list = append(list, p.face(t, cam))
	}
	return list
}

// face fills a Face from a track; the caller holds the lock.
func (p *Perceiver) face(t *track, cam Camera) *Face {
	var f *Face
	if n := len(p.pool); n > 0 {
		f, p.pool = p.pool[n-1], p.pool[:n-1]
	} else {
		f = &Face{Hints: make([]Hint, 0, maxHints)}
	}
	size := t.ease()
	f.ID, f.Score, f.Box, f.Points, f.Camera, f.Measure = t.id, t.presence, t.box, t.points, cam, t.measure
	f.Pose = poseFrom(t.head, size)
	for i, m := range t.metric {
		f.Metric[i] = m.Mul(float32(size))
	}
	f.Hints = append(f.Hints[:0], t.hints[:t.nHints]...)
	f.Card = t.ruler.card.view(&f.cardView)
	return f
}

// easing is the share of a change of size that a frame takes: a new measure
// grows or shrinks what is worn over half a second instead of at once.
const easing = 0.15

// ease returns the size that the head is drawn at in this frame.
func (t *track) ease() float64 {
	size := t.ruler.headSize()
	if t.shown == 0 || math.Abs(size-t.shown) < 0.001 {
		t.shown = size
	}
	t.shown += easing * (size - t.shown)
	return t.shown
}

func (p *Perceiver) takeList() []*Face {
	if n := len(p.lists); n > 0 {
		l := p.lists[n-1]
		p.lists = p.lists[:n-1]
		return l[:0]
	}
	return make([]*Face, 0, p.opt.MaxFaces)
}

// Recycle gives faces back whose last holder is done with them, so that the
// next frames need no new memory. It is not needed; nothing may use them, or
// the slice, afterwards. Any goroutine may call it.
func (p *Perceiver) Recycle(faces []*Face) {
	if cap(faces) == 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range faces {
		if len(p.pool) < poolSize {
			p.pool = append(p.pool, f)
		}
	}
	if len(p.lists) < poolSize {
		clear(faces)
		p.lists = append(p.lists, faces[:0])
	}
}

// Still perceives a single picture: every face in it, near and far, without a
// past. It forgets what Track followed. A card held at the face is used where
// one is seen.
func (p *Perceiver) Still(img *image.RGBA, focalPx float32) ([]*Face, Times, error) {
	start := time.Now()
	if err := checkFrame(img); err != nil {
		return nil, Times{}, err
	}
	p.times = Times{}
	p.obey()
	p.forget()
	p.size = img.Rect.Size()
	p.frame++
	cam := cameraFor(p.size.X, p.size.Y, focalPx)
	if err := p.lookEverywhere(img, cam); err != nil {
		return nil, p.times, err
	}
	p.chooseActive()
	for _, t := range p.tracks {
		p.takeGlance(img, t, cam, 1)
		p.seeCardOnce(img, t, cam)
		t.finish(p.solver, cam)
	}
	faces := p.publish(cam)
	p.forget()
	p.times.Total = time.Since(start)
	return faces, p.times, nil
}

// lookEverywhere takes every look at one frame, the squares only where the
// whole frame shows nobody.
func (p *Perceiver) lookEverywhere(img *image.RGBA, cam Camera) error {
	for _, d := range [...]*detector{p.near, p.far} {
		if err := p.lookIn(img, d, letterbox(img.Rect), 0, cam); err != nil {
			return err
		}
	}
	if len(p.tracks) > 0 {
		return nil
	}
	var squares [maxTiles]region
	for _, s := range squares[:tiles(img.Rect.Size(), &squares)] {
		if err := p.lookIn(img, p.far, s, 0, cam); err != nil {
			return err
		}
	}
	return nil
}
