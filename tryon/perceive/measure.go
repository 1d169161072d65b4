package perceive

import (
	"image"
	"math"
	"slices"

	"github.com/go-gl/mathgl/mgl32"
)

// Millimetres from the iris. One look at a pair of irises gives one estimate
// of the head's size against the canonical face; a track keeps the last of
// them and takes their median. What the mirror cannot see well it does not
// measure, and says why.

// Limits of a look that counts.
const (
	// farthestMM: beyond it a webcam's pixels are coarser than people's irises
	// differ.
	farthestMM = 900
	leastIris  = 12.0 // pixels across
	// At 20° of turn or tilt an eye's far side hides behind lid and lashes.
	mostYaw, mostPitch = 20.0, 22.0
	// mostSpeedMM is the head's speed, millimetres a second, from which an
	// exposure of 1/30 s blurs an iris's edge by half a millimetre.
	mostSpeedMM = 60.0
	// leastOpening is the gap between the lids, as a share of the iris.
	leastOpening = 0.42
	// An edge that strays more from a circle, or is fainter, is no limbus.
	mostSpread, leastContrast = 0.06, 0.035
	// Both of a person's irises are one size.
	mostUnlike = 0.09
	// The mesh's irises are right or too large, by up to a sixth: a limbus that
	// is larger or far smaller, or beside, is the edge of something else.
	leastOfMesh, mostOfMesh, mostBeside = 0.80, 1.08, 0.30
	// mostAside is how far from the middle of its eye an iris may stand, as a
	// share of the half width: further out it has no white on both sides.
	mostAside = 0.42
	// mostCrossed is how far both irises may stand towards the nose, on average:
	// eyes that meet at 0.4 m do by 0.07, and further only when squinting.
	mostCrossed = 0.14
	// mostScatter is the spread of a track's glances, a share of their median,
	// from which they do not agree.
	mostScatter = 0.035
	// leastSize to mostSize bounds a head against the canonical one: adults'
	// pupils are 63 ± 3.6 mm apart (Dodgson 2004), a child of five's head has
	// 0.87 of that size.
	leastSize, mostSize = 0.80, 1.18
	// leastPD to mostPD bounds the distance between people's pupils, with the
	// iris's own error around it: children from 40 mm, adults 52 to 78 with few
	// over 75 (Dodgson, Variation and extrema of human interpupillary distance,
	// Proc. SPIE 5291, 2004). What lies outside is a misread iris.
	leastPD, mostPD = 40.0, 76.0
)

// What is not known of an iris's width, as half-widths of 95 % intervals.
const (
	// peopleDiffer is what 11.7 mm may be wrong by.
	peopleDiffer = 0.5 / IrisMM
	// edgeBias is what the limbus may be misjudged by in every frame alike: it
	// is a band of half a millimetre, not a line.
	edgeBias = 0.02
	// oneLook is the noise of a single look (standard deviation).
	oneLook = 0.015
)

// Where the eye turns and what it looks through, millimetres behind the
// cornea: its centre of rotation (Fry and Hill, Am. J. Optom. 1962: 13.5 to
// 14.8 mm) and its entrance pupil (Gullstrand's eye: 3.05 mm). Pupils of eyes
// that converge on a near point stand closer together by this lever.
const pupilLeverMM = 13.5 - 3.05

// Reasons for a refusal, for Measure.Why.
const (
	whyFar    = "too far from the camera: come within 0.9 m"
	whySmall  = "the irises are under 12 pixels wide: come closer"
	whyTurned = "the face is turned away: look into the mirror"
	whyDark   = "too little light on the face"
	whyMoving = "the head moves: hold still"
	whyClosed = "the eyes are not open wide enough"
	whyGaze   = "the eyes look aside: look into the mirror"
	whyEdge   = "the irises' edges are not clear"
	whyUnlike = "the irises give no likely size: measure with a card"
	whySoon   = "still measuring"
)

// glance is one look at a pair of irises.
type glance struct {
	size float64 // of the head, against the canonical face
	pd   float64 // between the pupils, millimetres on an average head
}

const (
	// glances kept of a track: some seconds of every third frame.
	keptGlances = 48
	// enoughGlances make a size known on a live picture.
	enoughGlances = 5
)

// ruler gathers a track's glances, and a card's where one was held.
type ruler struct {
	glances [keptGlances]glance
	n       int // taken so far
	known   bool
	size    float64 // of the head
	pd      float64 // millimetres, as the eyes look now
	spread  float64 // of size, standard deviation as a share
	card    cardSize
	why     string
}

func (r *ruler) add(g glance) {
	r.glances[r.n%keptGlances] = g
	r.n++
}

// settle takes the medians once there are enough glances. A size that no
// person has is refused.
func (r *ruler) settle(enough int) {
	n := min(r.n, keptGlances)
	if n < enough || n == 0 {
		return
	}
	var sizes, pds [keptGlances]float64
	for i, g := range r.glances[:n] {
		sizes[i], pds[i] = g.size, g.pd
	}
	size, spread := median(sizes[:n])
	if spread > mostScatter {
		r.known, r.why = false, whyEdge
		return
	}
	pd, _ := median(pds[:n])
	pd *= size
	if r.known = pd >= leastPD && pd <= mostPD; !r.known {
		r.why = whyUnlike
		return
	}
	r.size, r.spread, r.pd = size, spread, pd
}

// median sorts v, and returns its median and the median distance from it,
// scaled to a standard deviation, as a share of the median.
func median(v []float64) (m, spread float64) {
	slices.Sort(v)
	m = v[len(v)/2]
	for i := range v {
		v[i] = math.Abs(v[i] - m)
	}
	slices.Sort(v)
	return m, 1.4826 * v[len(v)/2] / max(m, 1e-9)
}

// measured is what the ruler knows, for a head whose pupils' plane is seen
// from depth millimetres at the average size.
func (r *ruler) measured(depth float64, f float32) Measure {
	size, pd := r.size, r.pd
	m := Measure{Source: MeasureIris}
	switch {
	case r.card.done:
		size, pd = r.card.size, r.card.pd
		m.Source, m.PDErrormm = MeasureCard, float32(r.card.errorMM)
	case !r.known:
		return Measure{Why: r.why}
	default:
		m.PDErrormm = float32(pd * r.uncertainty())
	}
	m.MMPerPx = float32(size * depth / float64(f))
	m.PDmm = float32(pd)
	away := size*depth + pupilLeverMM
	m.PDFarmm = float32(pd / (1 - pupilLeverMM/away))
	m.Confidence = float32(max(0, min(1, 1.5-float64(m.PDErrormm)/6)))
	return m
}

// uncertainty is the half-width of the 95 % interval, as a share.
func (r *ruler) uncertainty() float64 {
	n := float64(min(r.n, keptGlances))
	// Frames that follow each other err alike: count a quarter of them.
	noise := 1.96 * max(r.spread, oneLook) / math.Sqrt(max(1, n/4))
	return math.Sqrt(peopleDiffer*peopleDiffer + edgeBias*edgeBias + noise*noise)
}

// headSize is what the head is drawn at.
func (r *ruler) headSize() float64 {
	switch {
	case r.card.done:
		return r.card.size
	case r.known:
		return r.size
	}
	return 1
}

// glanceAt looks at the irises of a track that is fit for it, and says why
// where they show nothing.
func (p *Perceiver) glanceAt(img *image.RGBA, t *track, cam Camera) (glance, string) {
	var eyes [2]limbus
	roll := rollOf(&t.points)
	for i, c := range [2]int{lmIrisLeft, lmIrisRight} {
		l, ok := p.limbusOf(img, t, c, roll)
		if !ok {
			return glance{}, whyEdge
		}
		eyes[i] = l
	}
	if a, b := eyes[0].r, eyes[1].r; math.Abs(a-b) > mostUnlike*max(a, b) {
		return glance{}, whyEdge
	}
	if 2*min(eyes[0].r, eyes[1].r) < leastIris {
		return glance{}, whySmall
	}
	return p.solver.compare(eyes, cam, t.head)
}

// limbusOf finds the edge of the iris whose centre is landmark c; false where
// it is not clear, or not where the mesh sees the iris.
func (p *Perceiver) limbusOf(img *image.RGBA, t *track, c int, roll float64) (limbus, bool) {
	x, y, r := float64(t.points[c][0]), float64(t.points[c][1]), irisWidth(&t.points, c)/2
	l, ok := p.iris.read(img, x, y, r, roll)
	ok = ok && l.spread < mostSpread && l.contrast > leastContrast &&
		l.r > leastOfMesh*r && l.r < mostOfMesh*r && math.Hypot(l.x-x, l.y-y) < mostBeside*r
	return l, ok
}

// inwards is how far the iris of landmark c stands from the middle between its
// eye's corners towards the nose, as a share of half their distance.
func inwards(points *[Landmarks]mgl32.Vec3, c, outer, inner int) float64 {
	mid := points[outer].Vec2().Add(points[inner].Vec2()).Mul(0.5)
	along := points[inner].Vec2().Sub(points[outer].Vec2())
	return float64(2 * points[c].Vec2().Sub(mid).Dot(along) / max(along.Dot(along), 1))
}

// compare turns the edges of both irises into a head's size.
func (s *Solver) compare(eyes [2]limbus, cam Camera, head rigid) (glance, string) {
	var at [2]vec3
	var width float64
	for i, e := range eyes {
		at[i] = s.onPupilPlane(e.x, e.y, cam, head)
		width += 2 * e.r * -at[i][2] / float64(cam.F) / 2
	}
	width /= s.foreshortening(at, head)
	g := glance{size: IrisMM / width, pd: at[0].sub(at[1]).norm()}
	if away := g.size * -(at[0][2] + at[1][2]) / 2; away > farthestMM {
		return g, whyFar
	}
	if !(g.size > leastSize && g.size < mostSize) {
		return g, whyEdge
	}
	return g, ""
}

// foreshortening is how much narrower the irises look than they are because
// the eyes look past the camera: the cosine between the gaze, read off where
// the irises stand between the corners of the eyes, and the ray to the camera.
func (s *Solver) foreshortening(at [2]vec3, head rigid) float64 {
	var across float64
	for i, iris := range [2]int{lmIrisLeft, lmIrisRight} {
		across += (head.inverse(at[i])[0] - s.model[iris][0]) / 2
	}
	// The irises stand before the eyes' centres of rotation by the lever.
	inHead := math.Asin(max(-0.6, min(0.6, across/pupilLeverMM)))
	yaw, _, _ := eulerFrom(head.R)
	mid := at[0].add(at[1]).mul(0.5)
	return max(0.9, math.Cos(yaw+inHead-math.Atan2(-mid[0], -mid[2])))
}

// unfit says why a track cannot be measured in this frame, "" where it can.
func (p *Perceiver) unfit(t *track, cam Camera) string {
	yaw, pitch, _ := t.head.seen()
	const deg = 180 / math.Pi
	left, right := irisWidth(&t.points, lmIrisLeft), irisWidth(&t.points, lmIrisRight)
	switch {
	// The mesh's irises are too large at times, so the sharp limits are put
	// to the limbus, and these are to spare the look.
	case max(left, right) < leastIris:
		return whySmall
	case float64(cam.F)*IrisMM/max(left, right) > farthestMM*1.1:
		return whyFar
	case math.Abs(yaw*deg) > mostYaw || math.Abs(pitch*deg) > mostPitch:
		return whyTurned
	case t.light.dark():
		return whyDark
	case t.smooth.speed() > mostSpeedMM:
		return whyMoving
	case opening(&t.points, lmLidUpperLeft, lmLidLowerLeft) < leastOpening*left,
		opening(&t.points, lmLidUpperRight, lmLidLowerRight) < leastOpening*right:
		return whyClosed
	}
	inL := inwards(&t.points, lmIrisLeft, lmEyeOuterLeft, lmEyeInnerLeft)
	inR := inwards(&t.points, lmIrisRight, lmEyeOuterRight, lmEyeInnerRight)
	if max(math.Abs(inL), math.Abs(inR)) > mostAside || (inL+inR)/2 > mostCrossed {
		return whyGaze
	}
	return ""
}
