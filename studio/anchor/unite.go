package anchor

import (
	"errors"
	"image"
	"image/color"

	"gocv.io/x/gocv"
)

// fineness is how many pixels a flat pixel has where polygons are united.
const fineness = 3

var errEdge = errors.New("anchor: the front's outer edge does not close; drag the anchors, or correct the mask")

// unite returns the outline of all polygons together in the half u >= 0, from
// its lowest point on u = 0 around to its highest there.
func unite(parts [][]point) ([]point, error) {
	lo, hi := parts[0][0], parts[0][0]
	for _, part := range parts {
		for _, p := range part {
			lo = point{min(lo.x, p.x), min(lo.y, p.y)}
			hi = point{max(hi.x, p.x), max(hi.y, p.y)}
		}
	}
	const margin = 4
	w, h := int((hi.x+2*margin)*fineness), int((hi.y-lo.y+2*margin)*fineness)
	if w < 10 || h < 10 || w > 8000 || h > 8000 {
		return nil, errEdge
	}
	// Column 0 is u = 0: what lies left of it is clipped.
	mask := gocv.NewMatWithSize(h, w, gocv.MatTypeCV8UC1)
	defer mask.Close()
	mask.SetTo(gocv.NewScalar(0, 0, 0, 0))
	for _, part := range parts {
		poly := make([]image.Point, len(part))
		for i, p := range part {
			poly[i] = image.Pt(round(p.x*fineness), round((p.y-lo.y+margin)*fineness))
		}
		fill := gocv.NewPointsVectorFromPoints([][]image.Point{poly})
		gocv.FillPoly(&mask, fill, color.RGBA{255, 255, 255, 255})
		fill.Close()
	}
	kernel := gocv.GetStructuringElement(gocv.MorphEllipse, image.Pt(2*fineness+1, 2*fineness+1))
	defer kernel.Close()
	gocv.MorphologyEx(mask, &mask, gocv.MorphClose, kernel)
	found := gocv.FindContours(mask, gocv.RetrievalExternal, gocv.ChainApproxNone)
	defer found.Close()
	var best []image.Point
	for i := range found.Size() {
		if c := found.At(i).ToPoints(); len(c) > len(best) {
			best = c
		}
	}
	return half(best, lo.y-margin)
}

// half turns a contour of the mask into the edge of the half u >= 0.
func half(c []image.Point, top float64) ([]point, error) {
	// Start behind a point on column 0 whose follower is off it.
	start := -1
	for i, p := range c {
		if p.X == 0 && c[(i+1)%len(c)].X > 0 {
			start = i
		}
	}
	if start < 0 || len(c) < 60 {
		return nil, errEdge
	}
	var out []point
	for i := range len(c) {
		p := c[(start+i)%len(c)]
		out = append(out, point{float64(p.X) / fineness, float64(p.Y)/fineness + top})
		if i > 30 && p.X == 0 {
			break
		}
	}
	if out[0].y < out[len(out)-1].y { // from above: turn it round
		for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
			out[i], out[j] = out[j], out[i]
		}
	}
	out[len(out)-1].x = 0
	return thinned(out, 0.8), nil
}

// thinned drops points that lie nearer than gap to the one before, the ends
// excepted.
func thinned(c []point, gap float64) []point {
	out := []point{c[0]}
	for _, p := range c[1 : len(c)-1] {
		if p.sub(out[len(out)-1]).len() >= gap {
			out = append(out, p)
		}
	}
	return append(out, c[len(c)-1])
}

func round(x float64) int {
	if x < 0 {
		return int(x - 0.5)
	}
	return int(x + 0.5)
}
