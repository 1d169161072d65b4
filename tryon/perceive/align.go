package perceive

import (
	"image"
	"math"
)

// Between two looks of the mesh a head is followed by its picture: the skin's
// pattern on the canonical face, as the last frame showed it, is laid on the
// new frame, and the head is moved until they agree (direct alignment in six
// degrees of freedom, by Gauss–Newton; Lucas and Kanade 1981, Baker and
// Matthews 2004). That takes a tenth of a millisecond, is good to a tenth of a
// pixel, and knows nothing of expressions, so the mesh need not run on every
// frame, and jitter of its answers can be told from motion.

const (
	cutSize   = 192 // pixels of a frame's region that are drawn
	fineSize  = cutSize / 2
	roughSize = fineSize / 2
)

// pattern is what a track's head looked like, and where. The mesh and the
// alignment share its region, so that one cut of a frame serves both.
type pattern struct {
	known  bool
	region region
	fine   [fineSize * fineSize]float32
	rough  [roughSize * roughSize]float32
}

// aligner moves heads. It keeps its buffers; one goroutine at a time.
type aligner struct {
	surface []patch
	spare   *pattern // for the frame that comes next
	dots    []dot
}

// patch is a place on the canonical face whose skin is followed.
type patch struct{ at, normal vec3 }

// dot is a patch in the pattern: where it was, what it looked like, and how
// its brightness changes as the head moves (turn, then shift).
type dot struct {
	arm   vec3 // from the head's origin, in camera axes
	value float64
	slope [6]float64
	seen  bool    // in the new picture
	left  float64 // what the new picture differs by
}

// What of the face is followed.
const (
	// Below the nose the face speaks.
	lowestMM = -22.0
	// An ellipse about each iris blinks and looks about.
	eyeWideMM, eyeHighMM = 13.0, 9.0
	// Skin that faces away by more than acos(0.35) = 70° is unsafe.
	leastFacing = 0.35
	leastDots   = 120
)

// newAligner gathers the patches: the middles of the mesh's triangles.
func newAligner(s *Solver) *aligner {
	a := &aligner{spare: &pattern{}}
	add := func(at, normal vec3) {
		if at[1] < lowestMM {
			return
		}
		for _, iris := range [2]int{lmIrisLeft, lmIrisRight} {
			d := at.sub(s.model[iris])
			if d[0]*d[0]/(eyeWideMM*eyeWideMM)+d[1]*d[1]/(eyeHighMM*eyeHighMM) < 1 {
				return
			}
		}
		a.surface = append(a.surface, patch{at, normal})
	}
	for _, t := range s.triangles {
		mid, normal := vec3{}, vec3{}
		for _, i := range t {
			mid, normal = mid.add(s.model[i].mul(1.0/3)), normal.add(s.normals[i])
		}
		add(mid, normal.unit())
	}
	a.dots = make([]dot, 0, len(a.surface))
	return a
}

// see draws the region of a frame into out; the cut's pixels (cutSize, R G B
// A) are returned too, for the mesh.
func (a *aligner) see(cut *sampler, img *image.RGBA, r region, out *pattern) ([]byte, error) {
	pix, err := cut.pixels(img, r.toFrame(cutSize), cutSize, replicate)
	if err != nil {
		return nil, err
	}
	out.region, out.known = r, true
	halfGrey(pix, cutSize, out.fine[:])
	for y := range roughSize {
		up, low := out.fine[2*y*fineSize:][:fineSize], out.fine[(2*y+1)*fineSize:][:fineSize]
		for x := range roughSize {
			out.rough[y*roughSize+x] = (up[2*x] + up[2*x+1] + low[2*x] + low[2*x+1]) / 4
		}
	}
	return pix, nil
}

// Bounds of an alignment that is believed.
const (
	roughSteps, fineSteps = 6, 4
	// roughDots is the share of the dots, one in so many, that the small
	// picture is aligned by.
	roughDots = 2
	// A step shorter than this, radians and millimetres, is the last.
	lastTurn, lastShift = 2e-4, 0.04
	// mostUnlikeness is the mean difference of brightness that is left, as a
	// share of the pattern's own contrast.
	mostUnlikeness = 0.4
	// mostTurn and mostShift are of one frame, radians and millimetres.
	mostTurn, mostShift = 0.35, 90
)

// move returns the head's place in the new picture now, given its place in the
// old one; guess is how it moved in the frame before. False where the pictures
// do not agree.
func (a *aligner) move(old, now *pattern, cam Camera, head, guess rigid) (rigid, bool) {
	if !old.known || old.region != now.region {
		return head, false
	}
	moved := rigid{R: expSO3(vec3{})}
	rough := layer{roughSize, old.rough[:], now.rough[:]}
	if !a.collect(rough, old.region, cam, head, roughDots) {
		return head, false
	}
	if a.unlikeness(rough, old.region, cam, head, guess) < a.unlikeness(rough, old.region, cam, head, moved) {
		moved = guess
	}
	if !a.steps(roughSteps, rough, old.region, cam, head, &moved) {
		return head, false
	}
	fine := layer{fineSize, old.fine[:], now.fine[:]}
	if !a.collect(fine, old.region, cam, head, 1) || !a.steps(fineSteps, fine, old.region, cam, head, &moved) {
		return head, false
	}
	if logSO3(moved.R).norm() > mostTurn || moved.T.norm() > mostShift {
		return head, false
	}
	if a.unlikeness(fine, old.region, cam, head, moved) > mostUnlikeness*a.contrast() {
		return head, false
	}
	return moved.carry(head), true
}

// carry applies a motion, a turn about the head's own origin and a shift.
func (m rigid) carry(head rigid) rigid {
	return rigid{R: m.R.mul(head.R), T: head.T.add(m.T)}
}

// layer is the pattern, old and new, at one size.
type layer struct {
	n        int
	old, now []float32
}

// at is a picture's brightness between its pixels; false outside.
func (l layer) at(p []float32, x, y float64) (float64, bool) {
	if !(x >= 1 && y >= 1 && x < float64(l.n-2) && y < float64(l.n-2)) {
		return 0, false
	}
	i, j := int(x), int(y)
	fx, fy := float32(x-float64(i)), float32(y-float64(j))
	row := p[j*l.n+i:]
	row = row[:l.n+2]
	top := row[0] + (row[1]-row[0])*fx
	bottom := row[l.n] + (row[l.n+1]-row[l.n])*fx
	return float64(top + (bottom-top)*fy), true
}

// toLayer maps frame pixels to a layer's. A layer's pixel is the mean of k x k
// of the cut's, whose own first pixel lies on the region's edge.
func (l layer) toLayer(r region) (affine, bool) {
	inv, ok := r.toFrame(cutSize).invert()
	if !ok {
		return inv, false
	}
	k := float64(cutSize / l.n)
	off := (k - 1) / 2
	return affine{xu: inv.xu / k, xv: inv.xv / k, x0: (inv.x0 - off) / k, yu: inv.yu / k, yv: inv.yv / k, y0: (inv.y0 - off) / k}, true
}

// collect reads the dots off the old picture, one patch in every.
func (a *aligner) collect(l layer, r region, cam Camera, head rigid, every int) bool {
	m, ok := l.toLayer(r)
	if !ok {
		return false
	}
	a.dots = a.dots[:0]
	f := float64(cam.F)
	for i := 0; i < len(a.surface); i += every {
		s := &a.surface[i]
		arm := head.R.apply(s.at)
		p := arm.add(head.T)
		if p[2] > -50 || head.R.apply(s.normal).dot(p) > -leastFacing*p.norm() {
			continue
		}
		px := project(p, cam)
		x, y := m.apply(px[0], px[1])
		v, ok := l.at(l.old, x, y)
		if !ok {
			continue
		}
		right, _ := l.at(l.old, x+0.5, y)
		left, _ := l.at(l.old, x-0.5, y)
		below, _ := l.at(l.old, x, y+0.5)
		above, _ := l.at(l.old, x, y-0.5)
		gx, gy := right-left, below-above
		// By frame pixels, then by the point in space.
		gu, gv := gx*m.xu+gy*m.yu, gx*m.xv+gy*m.yv
		inv := 1 / -p[2]
		j := vec3{gu * f * inv, -gv * f * inv, (gu*p[0] - gv*p[1]) * f * inv * inv}
		t := arm.cross(j)
		a.dots = append(a.dots, dot{arm: arm, value: v, slope: [6]float64{t[0], t[1], t[2], j[0], j[1], j[2]}})
	}
	return len(a.dots)*every >= leastDots
}

// Expectations that hold still what a pattern does not show, as standard
// deviations of a frame's motion, against a noise of brightness of 0.02.
const (
	priorTurn, priorShift = 0.1, 25.0
	brightNoise           = 0.02
)

// steps moves moved until it rests, or n times.
func (a *aligner) steps(n int, l layer, r region, cam Camera, head rigid, moved *rigid) bool {
	for range n {
		x, ok := a.step(l, r, cam, head, *moved)
		if !ok {
			return false
		}
		turn, shift := vec3{x[0], x[1], x[2]}, vec3{x[3], x[4], x[5]}
		moved.R = expSO3(turn).mul(moved.R)
		moved.T = moved.T.add(shift)
		if turn.norm() < lastTurn && shift.norm() < lastShift {
			break
		}
	}
	return true
}

// step is one step of Gauss–Newton from moved, robust against what covers the
// face, and blind to a change of the light as a whole.
func (a *aligner) step(l layer, r region, cam Camera, head, moved rigid) (x [6]float64, ok bool) {
	spread, ok := a.residuals(l, r, cam, head, moved)
	if !ok {
		return x, false
	}
	limit := 2 * max(spread, 0.008)
	var h [6][6]float64
	var b [6]float64
	for i := range a.dots {
		d := &a.dots[i]
		if !d.seen {
			continue
		}
		w := 1.0
		if x := math.Abs(d.left); x > limit {
			w = limit / x
		}
		for j := range 6 {
			wj := w * d.slope[j]
			for k := 0; k <= j; k++ {
				h[j][k] += wj * d.slope[k]
			}
			b[j] += wj * d.left
		}
	}
	for j := range 6 {
		s := priorTurn
		if j >= 3 {
			s = priorShift
		}
		h[j][j] += brightNoise * brightNoise / (s * s)
	}
	return cholesky6(&h, &b)
}

// residuals compares the old picture's dots with the new one under a motion,
// less their mean, and returns their mean size. False where too few are seen.
func (a *aligner) residuals(l layer, r region, cam Camera, head, moved rigid) (spread float64, ok bool) {
	m, ok := l.toLayer(r)
	if !ok {
		return 0, false
	}
	var sum float64
	seen := 0
	at := head.T.add(moved.T)
	for i := range a.dots {
		d := &a.dots[i]
		px := project(moved.R.apply(d.arm).add(at), cam)
		x, y := m.apply(px[0], px[1])
		v, inside := l.at(l.now, x, y)
		if d.seen = inside; inside {
			d.left = d.value - v
			sum += d.left
			seen++
		}
	}
	if 2*seen < len(a.dots) || seen < leastDots/roughDots {
		return 0, false
	}
	mean := sum / float64(seen)
	for i := range a.dots {
		if d := &a.dots[i]; d.seen {
			d.left -= mean
			spread += math.Abs(d.left)
		}
	}
	return spread / float64(seen), true
}

// unlikeness is residuals' size, without end where there are none.
func (a *aligner) unlikeness(l layer, r region, cam Camera, head, moved rigid) float64 {
	s, ok := a.residuals(l, r, cam, head, moved)
	if !ok {
		return math.Inf(1)
	}
	return s
}

// contrast is the mean distance of the dots' brightness from its mean.
func (a *aligner) contrast() (c float64) {
	var mean float64
	for i := range a.dots {
		mean += a.dots[i].value / float64(len(a.dots))
	}
	for i := range a.dots {
		c += math.Abs(a.dots[i].value-mean) / float64(len(a.dots))
	}
	return c
}

// features are what moves upon a head: lips and eyes, each a box between
// landmarks.
var features = [...][4]int{{61, 291, 0, 17}, {33, 133, 159, 145}, {362, 263, 386, 374}}

// stirred is how much lips and eyes changed from the old picture to the new:
// the largest mean difference of brightness in one of their boxes, 0..1.
func (t *track) stirred(old, now *pattern) (most float32) {
	l := layer{n: fineSize}
	m, ok := l.toLayer(old.region)
	if !ok {
		return 1
	}
	for _, f := range features {
		x0, y0 := float64(fineSize), float64(fineSize)
		x1, y1 := 0.0, 0.0
		for _, k := range f {
			x, y := m.apply(float64(t.points[k][0]), float64(t.points[k][1]))
			x0, x1, y0, y1 = min(x0, x), max(x1, x), min(y0, y), max(y1, y)
		}
		most = max(most, differ(old, now, int(x0)-1, int(y0)-2, int(x1)+2, int(y1)+3))
	}
	return most
}

// differ is the mean difference of two patterns within a box, less the mean
// change of light.
func differ(old, now *pattern, x0, y0, x1, y1 int) float32 {
	x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, fineSize), min(y1, fineSize)
	if x1 <= x0 || y1 <= y0 {
		return 0
	}
	var sum, shift float32
	n := float32((x1 - x0) * (y1 - y0))
	for y := y0; y < y1; y++ {
		for x := x0; x < x1; x++ {
			shift += now.fine[y*fineSize+x] - old.fine[y*fineSize+x]
		}
	}
	shift /= n
	for y := y0; y < y1; y++ {
		for x := x0; x < x1; x++ {
			sum += abs(now.fine[y*fineSize+x] - old.fine[y*fineSize+x] - shift)
		}
	}
	return sum / n
}
