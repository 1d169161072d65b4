package publish

import (
	"fmt"
	"image"
	"math"
	"slices"

	"cheval/studio/internal/pixels"
)

// What marketplaces ask of a product's main picture.
const (
	mostMegapixels = 25   // Shopify takes no more
	leastSide      = 1000 // pixels on the longer side: below, zoom is switched off
	leastMargin    = 0.02 // of the longer side, around the product
	leastFill      = 0.5  // of the longer side that the product takes up
	whiteLevel     = 248  // of 255, from which a background is white
	leastWhite     = 0.97 // share of the border that must be
	leastContrast  = 8    // ΔL* between the product's edge and the background
)

// checkShot applies the rules for pictures.
func checkShot(s Shot, add func(Finding)) {
	w, h := s.Image.Rect.Dx(), s.Image.Rect.Dy()
	long := float64(max(w, h))
	if mp := float64(w) * float64(h) / 1e6; mp > mostMegapixels {
		add(Finding{Rule: "megapixels", Where: s.Name, Measure: mp, Limit: mostMegapixels, Blocks: true,
			Why: fmt.Sprintf("%s has %.1f megapixels, but shops take at most %d; make it smaller", s.Name, mp, mostMegapixels)})
	}
	if long < leastSide {
		add(Finding{Rule: "resolution", Where: s.Name, Measure: long, Limit: leastSide, Blocks: true,
			Why: fmt.Sprintf("%s is %.0f pixels on its longer side, but shops ask for %d; use a larger photo or super-resolution", s.Name, long, leastSide)})
	}
	if white := borderWhite(s.Image); white < leastWhite {
		add(Finding{Rule: "background", Where: s.Name, Measure: white, Limit: leastWhite, Blocks: true,
			Why: fmt.Sprintf("only %.0f %% of %s's border is white; put the cut-out on white", white*100, s.Name)})
	}
	box, contrast := productOf(s)
	if box.Empty() {
		add(Finding{Rule: "product", Where: s.Name, Blocks: true, Why: fmt.Sprintf("no product is seen in %s", s.Name)})
		return
	}
	margin := float64(min(box.Min.X, box.Min.Y, w-box.Max.X, h-box.Max.Y)) / long
	if margin < leastMargin {
		add(Finding{Rule: "margin", Where: s.Name, Measure: margin, Limit: leastMargin, Blocks: true,
			Why: fmt.Sprintf("the product comes within %.1f %% of %s's edge; leave a margin", margin*100, s.Name)})
	}
	if fill := float64(max(box.Dx(), box.Dy())) / long; fill < leastFill {
		add(Finding{Rule: "fill", Where: s.Name, Measure: fill, Limit: leastFill,
			Why: fmt.Sprintf("the product takes up only %.0f %% of %s; crop closer", fill*100, s.Name)})
	}
	if contrast < leastContrast {
		add(Finding{Rule: "contrast", Where: s.Name, Measure: contrast, Limit: leastContrast,
			Why: fmt.Sprintf("the product hardly stands out in %s; add a shadow or a slightly darker background", s.Name)})
	}
}

// borderWhite is the share of the pixels along the border that are white.
func borderWhite(m *image.RGBA) float64 {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	band := max(1, max(w, h)/100)
	white, all := 0.0, 0.0
	for y := range h {
		inner := y >= band && y < h-band
		for x := 0; x < w; x++ {
			if inner && x == band {
				x = max(w-band, x)
			}
			p := m.Pix[m.PixOffset(x, y):]
			if min(p[0], p[1], p[2]) >= whiteLevel {
				white++
			}
			all++
		}
	}
	return white / all
}

// productOf is the box of the product, and how much its edge's lightness
// differs from what lies around it.
func productOf(s Shot) (box image.Rectangle, contrast float64) {
	w, h := s.Image.Rect.Dx(), s.Image.Rect.Dy()
	is := func(x, y int) bool {
		if s.Alpha != nil {
			return s.Alpha.Pix[y*s.Alpha.Stride+x] >= 128
		}
		p := s.Image.Pix[s.Image.PixOffset(x, y):]
		return min(p[0], p[1], p[2]) < 244
	}
	var diffs []float64
	step := max(1, max(w, h)/500)
	reach := 3 * step
	for y := 0; y < h; y += step {
		for x := 0; x < w; x += step {
			if !is(x, y) {
				continue
			}
			box = box.Union(image.Rect(x, y, x+1, y+1))
			if x >= reach && !is(x-reach, y) {
				diffs = append(diffs, math.Abs(lightness(s.Image, x+min(step, w-1-x), y)-lightness(s.Image, x-reach, y)))
			}
			if x+reach < w && !is(x+reach, y) {
				diffs = append(diffs, math.Abs(lightness(s.Image, max(x-step, 0), y)-lightness(s.Image, x+reach, y)))
			}
		}
	}
	if len(diffs) == 0 {
		return box, 0
	}
	slices.Sort(diffs)
	return box, diffs[len(diffs)/2]
}

// lightness is CIE L* of a pixel.
func lightness(m *image.RGBA, x, y int) float64 {
	p := m.Pix[m.PixOffset(x, y):]
	l, _, _ := pixels.Lab(p[0], p[1], p[2])
	return float64(l)
}
