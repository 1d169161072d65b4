package cutout

import (
	"image"
	"runtime"
	"sync"
	"sync/atomic"
)

// refineTile is the side of the squares in which the edge is refined: with its
// surroundings a tile's planes fit a core's cache.
const refineTile = 96

// The fit's cells are at least as fine as the network's pixels, of which it
// errs by one or two: the true edge is looked for within fitRadius cells.
const fitRadius = 4

func fitStep(r image.Rectangle) int { return max(1, (max(r.Dx(), r.Dy())+side/2)/side) }

// Coverage between these is edge; below and above it is decided.
const surely, surelyNot = 250, 5

// Refine returns the coarse mask with its edge moved onto the photo's own, at
// the photo's resolution: within a band around the edge, coverage is the local
// linear function of the colours that fits the coarse mask best (the guided
// filter of He, Sun and Tang, 2013, with a colour guide), then steepened.
// Hazy spots inside it are settled and islands far smaller than the product
// taken away. img and coarse have the
// same size; neither is changed.
func Refine(img *image.RGBA, coarse *image.Alpha) *image.Alpha {
	base := image.NewAlpha(coarse.Rect)
	copy(base.Pix, coarse.Pix)
	decide(base)
	dropIslands(base)
	out := image.NewAlpha(coarse.Rect)
	copy(out.Pix, base.Pix)
	step := fitStep(img.Rect)
	eachEdgeTile(base, refineTile, fitRadius*step, func() func(image.Rectangle) {
		g := newGuided(refineTile/step+4*fitRadius+2, fitRadius, step)
		return func(tile image.Rectangle) { g.refine(img, coarse, base, out, tile) }
	})
	return out
}

// eachEdgeTile hands the tiles of that side that an edge passes, or comes
// within reach of, to one worker a core. worker is called once for each of
// them, so that it can have memory of its own.
func eachEdgeTile(m *image.Alpha, tileSide, reach int, worker func() func(image.Rectangle)) {
	columns, rows := (m.Rect.Dx()+tileSide-1)/tileSide, (m.Rect.Dy()+tileSide-1)/tileSide
	var next atomic.Int64
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			do := worker()
			for i := int(next.Add(1)) - 1; i < columns*rows; i = int(next.Add(1)) - 1 {
				x, y := i%columns*tileSide, i/columns*tileSide
				tile := image.Rect(x, y, x+tileSide, y+tileSide).Intersect(m.Rect)
				if mixed(m, tile.Inset(-reach).Intersect(m.Rect)) {
					do(tile)
				}
			}
		})
	}
	wg.Wait()
}

// mixed says whether coverage in r is not all decided and alike.
func mixed(m *image.Alpha, r image.Rectangle) bool {
	low, high := uint8(255), uint8(0)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for _, a := range m.Pix[y*m.Stride+r.Min.X : y*m.Stride+r.Max.X] {
			low, high = min(low, a), max(high, a)
		}
		if low < surely && high > surelyNot {
			return true
		}
	}
	return false
}

// steepen pushes coverage that is nearly decided to its end: a linear fit
// leaves a veil of some hundredths on either side. It keeps a little to the
// product's side, where a lost hair's breadth is seen less than a fringe.
func steepen(a float32) float32 {
	const low, high = 0.14, 0.92
	return max(0, min(1, (a-low)/(high-low)))
}
