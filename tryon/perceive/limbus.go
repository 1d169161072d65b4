package perceive

import (
	"image"
	"math"
	"slices"
)

// The limbus, where the iris meets the white of the eye, is found in the
// picture itself: the mesh's iris points are good to a tenth of its width only
// (measured on rendered heads of known size), its edge to some hundredths.

// limbus is the edge of one iris as a circle in the frame, pixels.
type limbus struct {
	x, y, r float64
	// spread is how far the edge strays from the circle, as a share of r.
	spread float64
	// contrast is the step from iris to white, 0..1.
	contrast float64
}

const (
	patchSize   = 64
	patchIris   = 13.0 // pixels of the patch that the expected radius takes
	arcPoints   = 13   // on each side
	arcTop      = -0.6 // radians from the horizontal; y runs down, so the lid's side
	arcBottom   = 0.45 // and the lower lid's
	arcTrimmed  = 3    // of each side's weakest, where lids and lashes cut in
	radiusLeast = 0.75 // of the expected: MediaPipe's irises are right or too large
	radiusMost  = 1.2
)

// irisReader finds the limbus. It keeps its buffers; one goroutine at a time.
type irisReader struct {
	cut        *sampler
	rgb        []float32
	grey       [patchSize * patchSize]float32
	cos, sin   [2 * arcPoints]float64
	edgeX      [2 * arcPoints]float64
	edgeY      [2 * arcPoints]float64
	edgeWeight [2 * arcPoints]float64
}

func newIrisReader(cut *sampler) *irisReader {
	e := &irisReader{cut: cut, rgb: make([]float32, 3*patchSize*patchSize)}
	for i := range arcPoints {
		a := arcTop + (arcBottom-arcTop)*float64(i)/(arcPoints-1)
		e.cos[i], e.sin[i] = math.Cos(a), math.Sin(a)
		e.cos[arcPoints+i], e.sin[arcPoints+i] = -math.Cos(a), math.Sin(a)
	}
	return e
}

// read looks for the limbus about (x, y) with radius about r; turn is the
// face's roll. False where there is no clear edge on both sides.
func (e *irisReader) read(img *image.RGBA, x, y, r, turn float64) (limbus, bool) {
	side := patchSize * r / patchIris
	area := region{cx: x, cy: y, w: side, h: side, turn: turn}
	if !(r > 2) || !area.valid() {
		return limbus{}, false
	}
	a := area.toFrame(patchSize)
	if e.draw(img, a) != nil {
		return limbus{}, false
	}
	c, ok := e.search()
	if !ok {
		return limbus{}, false
	}
	for range 3 {
		if c, ok = e.sharpen(c); !ok {
			return limbus{}, false
		}
	}
	fx, fy := a.apply(c.x, c.y)
	c.x, c.y, c.r = fx, fy, c.r*r/patchIris
	return c, true
}

// draw fills the patch with brightness, a little blurred against noise.
func (e *irisReader) draw(img *image.RGBA, a affine) error {
	if err := e.cut.draw(img, a, patchSize, 1.0/255, 0, replicate, e.rgb); err != nil {
		return err
	}
	const plane = patchSize * patchSize
	raw := e.rgb[:plane]
	for i := range raw { // red counts: it is what tells brown from white
		raw[i] = 0.4*e.rgb[i] + 0.5*e.rgb[plane+i] + 0.1*e.rgb[2*plane+i]
	}
	tmp := e.rgb[plane : 2*plane]
	blur(raw, tmp, 1)
	blur(tmp, e.grey[:], patchSize)
	return nil
}

// blur weighs each value and its neighbours at ±step by 1, 2, 1.
func blur(src, dst []float32, step int) {
	n := len(src)
	for i := range src {
		dst[i] = (src[max(0, i-step)] + 2*src[i] + src[min(n-1, i+step)]) / 4
	}
}

// at is the patch's brightness between its pixels.
func (e *irisReader) at(x, y float64) float64 {
	x, y = max(0, min(x, patchSize-1.001)), max(0, min(y, patchSize-1.001))
	i, j := int(x), int(y)
	fx, fy := float32(x-float64(i)), float32(y-float64(j))
	row := e.grey[j*patchSize+i:]
	top := row[0] + (row[1]-row[0])*fx
	bottom := row[patchSize] + (row[patchSize+1]-row[patchSize])*fx
	return float64(top + (bottom-top)*fy)
}

// search is Daugman's operator ("High confidence visual recognition of
// persons", 1993) on two arcs: the circle about which brightness rises most
// outwards, on the weaker of its sides.
func (e *irisReader) search() (limbus, bool) {
	const mid = patchSize / 2
	best, score := limbus{}, 0.0
	try := func(x, y, r float64) {
		if s := e.rise(x, y, r); s > score {
			best, score = limbus{x: x, y: y, r: r}, s
		}
	}
	for dy := -2.0; dy <= 2; dy += 2 { // coarse
		for dx := -4.0; dx <= 4; dx += 2 {
			for r := radiusLeast * patchIris; r <= radiusMost*patchIris; r++ {
				try(mid+dx, mid+dy, r)
			}
		}
	}
	about := best
	for dx := -1.0; dx <= 1; dx++ { // fine
		for dr := -0.5; dr <= 0.5; dr += 0.5 {
			try(about.x+dx, about.y, about.r+dr)
		}
	}
	return best, score > 0
}

// rise is how much brightness grows across the circle.
func (e *irisReader) rise(x, y, r float64) float64 {
	var sides [2]float64
	for side := range sides {
		var steps [arcPoints]float64
		for i := range steps {
			c, s := e.cos[side*arcPoints+i], e.sin[side*arcPoints+i]
			steps[i] = e.at(x+(r+1.2)*c, y+(r+1.2)*s) - e.at(x+(r-1.2)*c, y+(r-1.2)*s)
		}
		slices.Sort(steps[:])
		for _, d := range steps[arcTrimmed:] {
			sides[side] += max(0, d)
		}
	}
	return min(sides[0], sides[1]) + 0.3*max(sides[0], sides[1])
}

// sharpen finds the edge on each ray to a fraction of a pixel and fits a
// circle to them, rays that stray losing their weight.
func (e *irisReader) sharpen(c limbus) (limbus, bool) {
	for i := range e.cos {
		d, w := e.edge(c, e.cos[i], e.sin[i])
		e.edgeX[i], e.edgeY[i], e.edgeWeight[i] = c.x+d*e.cos[i], c.y+d*e.sin[i], w
	}
	next := c
	for range 4 {
		fitted, ok := e.fitCircle(next)
		if !ok {
			return c, false
		}
		next = fitted
	}
	next.contrast = e.step(next)
	moved := math.Hypot(next.x-patchSize/2, next.y-patchSize/2)
	return next, moved < patchIris/2 && next.r > 0.65*patchIris && next.r < 1.35*patchIris
}

// edge is where along a ray brightness rises most: the centroid of its squared
// slope near the circle. The weight is the slope there.
func (e *irisReader) edge(c limbus, cos, sin float64) (d, weight float64) {
	const reach, step = 2.75, 0.25
	var sum, total, most float64
	before := e.at(c.x+(c.r-reach)*cos, c.y+(c.r-reach)*sin)
	for t := -reach + step; t <= reach; t += step {
		now := e.at(c.x+(c.r+t)*cos, c.y+(c.r+t)*sin)
		slope := max(0, now-before)
		before = now
		mid := t - step/2
		w := slope * slope * math.Exp(-mid*mid/(2*1.3*1.3))
		sum, total, most = sum+w*mid, total+w, max(most, slope)
	}
	if total <= 0 {
		return c.r, 0
	}
	return c.r + sum/total, most
}

// fitCircle is one step of a reweighted least-squares circle about c (Kåsa's
// linear form).
func (e *irisReader) fitCircle(c limbus) (limbus, bool) {
	var m mat3
	var b vec3
	var sum float64
	for i, w := range e.edgeWeight {
		d := math.Hypot(e.edgeX[i]-c.x, e.edgeY[i]-c.y) - c.r
		w *= w / (1 + d*d/(0.4*0.4))
		row := vec3{2 * (e.edgeX[i] - c.x), 2 * (e.edgeY[i] - c.y), 1}
		q := row[0]*row[0]/4 + row[1]*row[1]/4
		for j := range 3 {
			for k := range 3 {
				m[j][k] += w * row[j] * row[k]
			}
			b[j] += w * row[j] * q
		}
		sum += w
	}
	x, ok := solve3(m, b)
	if !ok || !(x[2]+x[0]*x[0]+x[1]*x[1] > 0) {
		return c, false
	}
	next := limbus{x: c.x + x[0], y: c.y + x[1], r: math.Sqrt(x[2] + x[0]*x[0] + x[1]*x[1])}
	next.spread = e.stray(next)
	return next, true
}

// stray is the median distance of the edges from the circle, as a share of r.
func (e *irisReader) stray(c limbus) float64 {
	var d [2 * arcPoints]float64
	for i := range d {
		d[i] = math.Abs(math.Hypot(e.edgeX[i]-c.x, e.edgeY[i]-c.y) - c.r)
	}
	slices.Sort(d[:])
	return d[len(d)/2] / c.r
}

// step is the mean rise of brightness from 0.8 to 1.2 radii on the weaker side.
func (e *irisReader) step(c limbus) float64 {
	var sides [2]float64
	for i := range e.cos {
		sides[i/arcPoints] += e.at(c.x+1.2*c.r*e.cos[i], c.y+1.2*c.r*e.sin[i]) - e.at(c.x+0.8*c.r*e.cos[i], c.y+0.8*c.r*e.sin[i])
	}
	return min(sides[0], sides[1]) / arcPoints
}

// solve3 solves m·x = b by Cramer's rule.
func solve3(m mat3, b vec3) (vec3, bool) {
	r0, r1, r2 := vec3(m[0]), vec3(m[1]), vec3(m[2])
	det := r0.dot(r1.cross(r2))
	if math.Abs(det) < 1e-9 || math.IsNaN(det) {
		return vec3{}, false
	}
	// Columns of the inverse are cross products of rows.
	x := r1.cross(r2).mul(b[0]).add(r2.cross(r0).mul(b[1])).add(r0.cross(r1).mul(b[2]))
	return x.mul(1 / det), true
}
