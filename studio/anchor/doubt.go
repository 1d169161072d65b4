package anchor

import (
	"math"

	"cheval/catalog"
)

// Limits below which an outline is doubtful; docs/anchors.md gives what they
// were measured on.
const (
	leastSure   = 0.11  // mean score of an outline's points
	leastRimmed = 0.52  // share of an outline beyond which a rim begins
	mostResidue = 0.035 // of half the distance between the lenses
	leastWide   = 0.62  // of an opening, by its distance from the other's same edge
	mostWide    = 0.84
)

// doubtOutlines says what of the two outlines is not to be trusted.
func (v *view) doubtOutlines(p *pair, h *plane) (out []catalog.Doubt) {
	names := [2]string{string(catalog.AnchorLeftLens), string(catalog.AnchorRightLens)}
	for side := range p.own {
		mean := 0.0
		for _, s := range p.sure[side] {
			mean += s / float64(len(p.sure[side]))
		}
		if mean < leastSure {
			out = append(out, catalog.Doubt{What: names[side], Why: "the lens's outline is faint; check it, and drag it where it is wrong",
				Measure: float32(mean), Limit: leastSure})
		}
	}
	for side := range p.own {
		top, low := v.margins(p, side)
		if top < leastMargin {
			out = append(out, catalog.Doubt{What: names[side], Why: "no rim is seen above the lens's outline; check that the outline does not take the rim in",
				Measure: float32(top), Limit: leastMargin})
		}
		if lopsided(top, low) {
			out = append(out, catalog.Doubt{What: names[side], Why: "the frame goes on unusually far beyond the lens's outline on one side; check that the outline is not cut short by a temple",
				Measure: float32(max(top, low)), Limit: mostMargin})
		}
	}
	if share := v.rimmed(p); share < leastRimmed {
		out = append(out, catalog.Doubt{What: "rimless", Why: "no rim is seen around most of the lens; a rimless frame needs its anchors set by hand",
			Measure: float32(share), Limit: leastRimmed})
	}
	if r := p.residue(h) / p.shape.mid.x; r > mostResidue {
		out = append(out, catalog.Doubt{What: "symmetry", Why: "the two lenses do not have one shape; check both outlines, or take the photo from straight in front",
			Measure: float32(r), Limit: mostResidue})
	}
	lo, hi := p.shape.box()
	if wide := (hi.x - lo.x) / (hi.x + lo.x); wide < leastWide || wide > mostWide {
		limit := leastWide
		if wide > mostWide {
			limit = mostWide
		}
		out = append(out, catalog.Doubt{What: "proportion", Why: "lens and bridge are not in the proportion of a frame; check the outlines",
			Measure: float32(wide), Limit: float32(limit)})
	}
	return out
}

// How far a cut-out reaches above or below an opening, by half the distance
// between the lenses. From mostMargin on, about 5 mm, it is compared with the
// other end.
const (
	leastMargin = 0.03 // about 1 mm: what is left of a rim that an outline took in
	mostMargin  = 0.14
	bareMargin  = 0.06 // below, the end is a bare edge or a wire, and says nothing of the other
	hugeMargin  = 0.33
)

// lopsided says whether one end of an opening has a far wider rim than the
// other, or a rim as wide as no frame's.
func lopsided(top, low float64) bool {
	a, b := max(top, low), min(top, low)
	return a > mostMargin && a > 2.2*b && b > bareMargin || a > hugeMargin
}

// margins are how far the cut-out reaches above and below a side's opening, by
// half the distance between the lenses: medians over the rays there.
func (v *view) margins(p *pair, side int) (top, low float64) {
	s, to := &p.own[side], p.to(side)
	unit := (s.a + s.b) / 2
	var above, below []float64
	for k := range s.r {
		d := dir(k, len(s.r), 1)
		if math.Abs(d.y) < 0.8 {
			continue
		}
		way := 0.0
		for ; way < 0.5*p.shape.mid.x; way++ {
			q := to(s.along(k, s.r[k]+way/unit))
			if !v.alpha.inside(q.x, q.y) || v.alpha.at(q.x, q.y) < 0.5 && way > 3 {
				break
			}
		}
		if way /= p.shape.mid.x; d.y < 0 {
			above = append(above, way)
		} else {
			below = append(below, way)
		}
	}
	return median(above), median(below)
}

// rimmed is the share of the outlines' points beyond which something of the
// frame's colour and of the cut-out begins.
func (v *view) rimmed(p *pair) float64 {
	seen, all := 0.0, 0.0
	for side := range p.own {
		s, to := &p.own[side], p.to(side)
		unit := (s.a + s.b) / 2
		for k := range s.r {
			best := 0.0
			for d := 2.0; d <= 6; d++ {
				q := to(s.along(k, s.r[k]+d/unit))
				best = math.Max(best, float64(v.rim.at(q.x, q.y)*v.alpha.at(q.x, q.y)))
			}
			if best > 0.5 {
				seen++
			}
			all++
		}
	}
	return seen / all
}
