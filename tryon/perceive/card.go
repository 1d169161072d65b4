package perceive

import (
	"image"
	"math"
	"time"

	"github.com/go-gl/mathgl/mgl32"
)

// A bank-sized card that touches the face gives its true size: the card's
// width is known to 0.1 mm, and how far its plane lies before the pupils is
// known better than people's irises are alike.

// CardState tells how a calibration with a card goes.
type CardState struct {
	// On says that a card is looked for.
	On bool
	// Progress is 0..1; Done says that the active face is measured by a card.
	Progress float64
	Done     bool
	// Why names what keeps it from being measured, "" where nothing does.
	Why CardWhy
}

// CardWhy is a reason why a card is not measured yet. Its text is translated
// by the app under the key "card.<value>".
type CardWhy string

const (
	CardNoFace   CardWhy = "no_face"  // nobody to hold it
	CardNotSeen  CardWhy = "not_seen" // hold it flat to the forehead, or below the nose
	CardFar      CardWhy = "closer"   // the card has too few pixels
	CardTurned   CardWhy = "turned"   // face and card must face the mirror
	CardMoving   CardWhy = "hold_still"
	CardEyes     CardWhy = "eyes" // the eyes must be open and free
	CardUnsteady CardWhy = "unsteady"
)

const (
	keptCards   = 24 // looks whose median counts
	enoughCards = 12
	// steadyCards is the spread of the looks from which they agree.
	steadyCards = 0.008
	// leastCardPx is a card's width below which a pixel is over half a percent.
	leastCardPx = 75
	// mostStray is how far, as a share of its width, the corners may miss a
	// card's outline in perspective.
	mostStray = 0.008
	// mostLean is the angle between card and face.
	mostLean = 30 * math.Pi / 180
	// A card that has done its work and is gone for so long was put away.
	cardPutAway = time.Second
)

// browBeforeModel corrects how far a card's contact lies before the pupils:
// 2.5 mm less than on the canonical face, whose brow stands 18 mm before them;
// on MakeHuman's heads it is 13 to 17 mm (tools/truth). plane95MM is the
// half-width of the interval in which most people's lie about that.
const browBeforeModel, plane95MM = 2.5, 4.0

// cardEdge95 is what edges and pupils may be misjudged by, as a share.
const cardEdge95 = 0.007

// cardSize is what a card said about a track.
type cardSize struct {
	looks    [keptCards]glance
	n        int
	done     bool
	size, pd float64 // of the head; between the pupils, millimetres
	errorMM  float64
	// The card's place on the head, for following it.
	seen    bool
	last    time.Duration
	onHead  rigid // in head space of average size
	outline [4]vec2
}

// CalibrateCard switches the search for a card at the active face. Switching
// it on drops an earlier card's measure. What was measured stays with the face
// until the face is lost, or Reset.
func (p *Perceiver) CalibrateCard(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.orders.cardSwitch, p.orders.card = true, on
	p.cardState = CardState{On: on}
}

// Card tells how the calibration goes. Any goroutine may ask.
func (p *Perceiver) Card() CardState {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cardState
}

// seekCard obeys CalibrateCard.
func (p *Perceiver) seekCard(on bool) {
	p.seeking = on
	for _, t := range p.tracks {
		t.ruler.card.seen = false
		if on {
			t.ruler.card = cardSize{}
		}
	}
}

// seeCard looks for the card at the active face, while that is asked for.
func (p *Perceiver) seeCard(img *image.RGBA, at time.Duration, cam Camera) {
	if !p.seeking {
		return
	}
	start := time.Now()
	t := byID(p.tracks, p.active)
	state := CardState{On: true, Why: CardNoFace}
	if t != nil && t.frame == p.frame {
		state.Why = p.lookAtCard(img, t, at, cam, enoughCards)
		c := &t.ruler.card
		state.Progress, state.Done = min(1, float64(c.n)/enoughCards), c.done
		if c.done {
			state.Progress, state.Why = 1, ""
			if !c.seen && at-c.last > cardPutAway {
				p.seeking, state.On = false, false
			}
		}
	}
	p.times.Card += time.Since(start)
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.orders.cardSwitch && !p.orders.reset {
		p.cardState = state
	}
}

// lookAtCard follows or finds the card and takes a look; it says what kept it.
func (p *Perceiver) lookAtCard(img *image.RGBA, t *track, at time.Duration, cam Camera, enough int) CardWhy {
	c := &t.ruler.card
	count := tiltsAFrame
	if enough == 1 {
		count = tilts
	}
	card, why := p.spotCard(img, t, cam, count)
	if c.seen = why == ""; !c.seen {
		return why
	}
	c.last = at
	c.onHead = relative(t.head, card)
	g, why := p.sizeByCard(img, t, card, cam)
	if why != "" || c.done {
		return why
	}
	c.looks[c.n%keptCards] = g
	c.n++
	return c.settle(enough, -card.T[2])
}

// settle takes the medians when enough looks agree.
func (c *cardSize) settle(enough int, away float64) CardWhy {
	n := min(c.n, keptCards)
	if n < enough {
		return ""
	}
	var sizes, pds [keptCards]float64
	for i, g := range c.looks[:n] {
		sizes[i], pds[i] = g.size, g.pd
	}
	size, spread := median(sizes[:n])
	if spread > steadyCards {
		return CardUnsteady
	}
	c.pd, _ = median(pds[:n])
	c.size, c.done = size, true
	plane := plane95MM / away
	noise := 1.96 * max(spread, 0.003) / math.Sqrt(max(1, float64(n)/4))
	c.errorMM = c.pd * math.Sqrt(plane*plane+cardEdge95*cardEdge95+noise*noise)
	return ""
}

// spotCard follows the card's outline, or searches for it at so many tilts, and
// places it.
func (p *Perceiver) spotCard(img *image.RGBA, t *track, cam Camera, count int) (rigid, CardWhy) {
	c := &t.ruler.card
	if c.seen {
		if quad, ok := sharpenQuad(img, c.expected(t.head, cam), 4); ok {
			if card, why := p.fitCard(t, quad, cam); why == "" {
				return card, ""
			}
		}
	}
	quad, ok := p.cards.find(img, cam, t.head, &t.points, count)
	if !ok {
		return rigid{}, CardNotSeen
	}
	if quad, ok = bestQuad(img, quad, cam, t.head); !ok {
		return rigid{}, CardNotSeen
	}
	if sharp, ok := sharpenQuad(img, quad, fineReach); ok {
		quad = sharp
	}
	return p.fitCard(t, quad, cam)
}

// expected is where the card is seen if it moved with the head.
func (c *cardSize) expected(head rigid, cam Camera) (quad [4]vec2) {
	for i, k := range cardCorners {
		quad[i] = project(head.apply(c.onHead.apply(k)), cam)
	}
	return quad
}

// relative is card's place in the head's space. Card and head are placed at
// different scales (true and average), which cancels where it is undone.
func relative(head, card rigid) rigid {
	back := head.R.transpose()
	return rigid{R: back.mul(card.R), T: back.apply(card.T.sub(head.T))}
}

// fitCard checks that a sharp outline is a card's, at the head.
func (p *Perceiver) fitCard(t *track, quad [4]vec2, cam Camera) (rigid, CardWhy) {
	card, stray, _, ok := placeCard(quad, cam, t.head)
	width := quad[1].sub(quad[0]).norm()
	if !ok || stray > max(0.5, mostStray*width) {
		return rigid{}, CardNotSeen
	}
	// About the head's own distance: a card before the mouth of a near face is
	// a seventh nearer.
	if near := card.T[2] / t.head.T[2]; !(near > 0.8*leastSize && near < 1.05*mostSize) {
		return rigid{}, CardNotSeen
	}
	t.ruler.card.outline = quad
	switch {
	case width < leastCardPx:
		return card, CardFar
	case card.R.apply(vec3{0, 0, 1}).dot(t.head.R.apply(vec3{0, 0, 1})) < math.Cos(mostLean):
		return rigid{}, CardNotSeen
	}
	return card, ""
}

// sizeByCard measures the head by the pupils' place behind the card's plane.
func (p *Perceiver) sizeByCard(img *image.RGBA, t *track, card rigid, cam Camera) (glance, CardWhy) {
	switch p.unfit(t, cam) {
	case whyTurned, whyGaze:
		return glance{}, CardTurned
	case whyMoving:
		return glance{}, CardMoving
	case whyClosed:
		return glance{}, CardEyes
	}
	pupils := p.pupils(img, t)
	normal := card.R.apply(vec3{0, 0, 1})
	average := p.solver.onPupilPlane(pupils[0][0], pupils[0][1], cam, t.head).
		sub(p.solver.onPupilPlane(pupils[1][0], pupils[1][1], cam, t.head)).norm()
	g := glance{size: card.T[2] / t.head.T[2]}
	for range 3 { // the size sets how deep the pupils lie, which sets the size
		behind := g.size*p.solver.beforePupils(t.head, card, g.size) + cardThicknessMM
		on := card.T.sub(normal.mul(behind))
		pd := meet(pupils[0][0], pupils[0][1], cam, on, normal).sub(meet(pupils[1][0], pupils[1][1], cam, on, normal)).norm()
		g.size, g.pd = pd/average, pd
	}
	if !(g.size > leastSize && g.size < mostSize) {
		return g, CardNotSeen
	}
	return g, ""
}

// pupils are the irises' middles: by their edges where those are clear.
func (p *Perceiver) pupils(img *image.RGBA, t *track) (at [2]vec2) {
	for i, k := range [2]int{lmIrisLeft, lmIrisRight} {
		x, y := float64(t.points[k][0]), float64(t.points[k][1])
		at[i] = vec2{x, y}
		if l, ok := p.limbusOf(img, t, k, rollOf(&t.points)); ok {
			at[i] = vec2{l.x, l.y}
		}
	}
	return at
}

// beforePupils is how far the plane that touches the face under the card lies
// before the plane of the pupils, millimetres on an average head. Above the
// eyes a card rests on the brow, below on lips and chin. Where exactly it is
// held makes no difference: the card is taken to stand upright before the face.
func (s *Solver) beforePupils(head, card rigid, size float64) float64 {
	mid := rigid{R: head.R, T: head.T.mul(size)}.inverse(card.T).mul(1 / size)
	low, high := s.model[lmBrowMiddle][1]-5, math.Inf(1)
	if mid[1] < s.model[lmIrisLeft][1] {
		low, high = math.Inf(-1), s.model[lmUnderNose][1]
	}
	front := s.pupilZ
	for _, v := range s.model[:meshPoints] {
		if math.Abs(v[0]) < cardWidthMM/2 && v[1] > low && v[1] < high {
			front = max(front, v[2])
		}
	}
	return front - s.pupilZ - browBeforeModel
}

// seeCardOnce uses a card where a single picture shows one.
func (p *Perceiver) seeCardOnce(img *image.RGBA, t *track, cam Camera) {
	if expected := cardWidthMM * float64(cam.F) / -t.head.T[2]; expected < leastCardPx*0.8 {
		return // too far for a card to tell anything
	}
	start := time.Now()
	c := &t.ruler.card
	if p.lookAtCard(img, t, 0, cam, 1) != "" {
		c.done = false
	}
	// A single look must agree with the irises, where those were seen.
	if c.done && t.ruler.known && math.Abs(c.size/t.ruler.size-1) > 0.12 {
		c.done, c.seen = false, false
	}
	p.times.Card += time.Since(start)
}

// view is the card's outline, to be hidden.
func (c *cardSize) view(out *CardView) *CardView {
	if !c.seen {
		return nil
	}
	for i, q := range c.outline {
		out.Quad[i] = mgl32.Vec2{float32(q[0]), float32(q[1])}
	}
	return out
}
