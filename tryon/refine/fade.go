package refine

import (
	"math"

	"github.com/go-gl/mathgl/mgl32"

	"cheval/tryon/perceive"
	"cheval/tryon/render"
)

const (
	// The answer counts in full as far as fullTo from the product and not at all
	// from fadeTo on, in parts of its width: 140 mm throw their shadow 8 to 16 mm.
	fullTo, fadeTo = 0.06, 0.12
	// borderCells is over how many cells the fade falls to the crop's border.
	borderCells = 3
	// eyeCells around an eye are spared whole: a pixel takes its change from the
	// four cells whose middles lie around it. Over eyeSoft more the change returns.
	eyeCells, eyeSoft = 1.5, 2
	// Through a lens that passes less than eyeDark an eye is not seen, and is
	// refined with it; from eyeClear on it is spared whole.
	eyeDark, eyeClear = 0.35, 0.70
)

// fade sets where the answer counts, the eyes not yet spared.
func (p *Input) fade(g *render.Guide) {
	p.measure(g.Share)
	full, none := fullTo*g.Width, fadeTo*g.Width
	for y := range p.H {
		for x := range p.W {
			i := y*p.W + x
			if d := p.distance[i]; d >= none {
				p.Fade[i] = 0
			} else {
				border := float32(min(x, y, p.W-1-x, p.H-1-y)) * (1. / borderCells)
				p.Fade[i] = min(1-smoothstep(full, none, d), border, 1)
			}
		}
	}
}

// measure finds each cell's distance from the product, in cells, from the two
// passes of a chamfer over eight neighbours (G. Borgefors, 1986). A cell that is
// covered in part is a part of a cell away.
func (p *Input) measure(share []float32) {
	const far = 1e6
	d, w := p.distance, p.W
	for i, s := range share {
		d[i] = far
		if s > 0 {
			d[i] = 1 - min(s, 1)
		}
	}
	for y := 0; y < p.H; y++ {
		row := d[y*w : (y+1)*w]
		if y > 0 {
			nearer(row, d[(y-1)*w:y*w])
		}
		for x := 1; x < w; x++ {
			row[x] = min(row[x], row[x-1]+sideStep)
		}
	}
	for y := p.H - 1; y >= 0; y-- {
		row := d[y*w : (y+1)*w]
		if y+1 < p.H {
			nearer(row, d[(y+1)*w:(y+2)*w])
		}
		for x := w - 2; x >= 0; x-- {
			row[x] = min(row[x], row[x+1]+sideStep)
		}
	}
}

// The lengths of a step to a cell beside and to one at the corner, by which a
// chamfer errs the least.
const sideStep, cornerStep = 0.955, 1.369

// nearer takes into a row the distances of the row beside it.
func nearer(row, beside []float32) {
	last := len(row) - 1
	for x := range row {
		least := beside[x] + sideStep
		if x > 0 {
			least = min(least, beside[x-1]+cornerStep)
		}
		if x < last {
			least = min(least, beside[x+1]+cornerStep)
		}
		row[x] = min(row[x], least)
	}
}

// eyes are the outlines of the eyes' openings among a face's landmarks.
var eyes = [2][16]int{
	{33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246},
	{263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466},
}

// spareEyes takes the eyes out of the fade, as far as they are seen.
func (p *Input) spareEyes(g *render.Guide, face *perceive.Face) {
	var outline [16]mgl32.Vec2
	for _, marks := range eyes {
		lo, hi := mgl32.Vec2{math.MaxFloat32, math.MaxFloat32}, mgl32.Vec2{-math.MaxFloat32, -math.MaxFloat32}
		for i, m := range marks { // in cells, their middles whole
			q := mgl32.Vec2{(face.Points[m][0]-g.X)/g.Cell - 0.5, (face.Points[m][1]-g.Y)/g.Cell - 0.5}
			outline[i] = q
			lo = mgl32.Vec2{min(lo[0], q[0]), min(lo[1], q[1])}
			hi = mgl32.Vec2{max(hi[0], q[0]), max(hi[1], q[1])}
		}
		const reach = eyeCells + eyeSoft
		x0, x1 := within(lo[0]-reach, p.W), within(hi[0]+reach+1, p.W)
		y0, y1 := within(lo[1]-reach, p.H), within(hi[1]+reach+1, p.H)
		for y := y0; y < y1; y++ {
			for x := x0; x < x1; x++ {
				d := outlineDistance(&outline, mgl32.Vec2{float32(x), float32(y)})
				spared := 1 - smoothstep(eyeCells, reach, d)
				p.Fade[y*p.W+x] *= 1 - spared*smoothstep(eyeDark, eyeClear, p.clearest(g, x, y))
			}
		}
	}
}

// within turns a place into a count of cells, 0..n.
func within(x float32, n int) int { return int(clamp(x, 0, float32(n))) }

// clearest is the most that passes a cell or one beside it.
func (p *Input) clearest(g *render.Guide, x, y int) (most float32) {
	for j := max(y-1, 0); j <= min(y+1, p.H-1); j++ {
		for i := max(x-1, 0); i <= min(x+1, p.W-1); i++ {
			most = max(most, g.Pass[j*p.W+i])
		}
	}
	return most
}

// outlineDistance is how far p lies outside of a closed outline, 0 inside.
func outlineDistance(outline *[16]mgl32.Vec2, p mgl32.Vec2) float32 {
	inside, least := false, float32(math.MaxFloat32)
	a := outline[len(outline)-1]
	for _, b := range outline {
		if (a[1] > p[1]) != (b[1] > p[1]) && p[0] < a[0]+(b[0]-a[0])*(p[1]-a[1])/(b[1]-a[1]) {
			inside = !inside
		}
		ab, ap := b.Sub(a), p.Sub(a)
		t := clamp(ap.Dot(ab)/max(ab.Dot(ab), 1e-12), 0, 1)
		least = min(least, ap.Sub(ab.Mul(t)).LenSqr())
		a = b
	}
	if inside {
		return 0
	}
	return float32(math.Sqrt(float64(least)))
}

func smoothstep(a, b, x float32) float32 {
	t := clamp((x-a)/(b-a), 0, 1)
	return t * t * (3 - 2*t)
}
