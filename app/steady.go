package app

import (
	"math"
	"time"

	"cheval/tryon/fit"
)

// A measure moves by a millimetre from one moment to the next, and a verdict
// at its band's edge would flicker. What the card says changes when it is
// plainly different, or after fitHold.
const (
	fitHold = 2500 * time.Millisecond
	fitStep = 2 // mm that are plainly different
	// fitWarm is how long a face is measured before its first figure is shown:
	// the first ones are the worst.
	fitWarm = 1500 * time.Millisecond
)

// steadyFit holds what the card says of the fit.
type steadyFit struct {
	shown   fit.Report
	pd      float32
	of      string // product, variant and face that it is of
	since   time.Time
	present bool
	face    int // that is measured, and since when
	begun   time.Time
}

// warm says whether the face has been measured for long enough.
func (s *steadyFit) warm(face int, now time.Time) bool {
	if face != s.face || s.begun.IsZero() {
		s.face, s.begun = face, now
	}
	return now.Sub(s.begun) >= fitWarm
}

// settle takes the present fit and returns the one to show; nil where none is
// known. front is the width of the frame that it should be of: right after
// another was put on, the report is still of the one before, and only its face
// is taken. The report that is returned is the holder's own.
func (s *steadyFit) settle(r *fit.Report, front, pd float32, of string, now time.Time) *fit.Report {
	if r == nil || !r.Known {
		if s.present && of == s.of && now.Sub(s.since) < fitHold {
			return &s.shown // a glance aside does not take the verdict away
		}
		s.present = false
		return nil
	}
	if r.FrontWidthmm != front {
		r, of = byWidth(r, front), of+" by its width"
	}
	far := func(a, b float32) bool { return math.Abs(float64(a-b)) >= fitStep }
	if !s.present || of != s.of || far(r.FaceWidthmm, s.shown.FaceWidthmm) || far(pd, s.pd) || now.Sub(s.since) >= fitHold {
		s.shown, s.pd, s.of, s.since, s.present = *r, pd, of, now, true
	}
	return &s.shown
}

// byWidth judges a frame by its width alone on the face of another's report.
func byWidth(r *fit.Report, front float32) *fit.Report {
	d := front - r.FaceWidthmm
	band := fit.WidthBand(d)
	return &fit.Report{Known: true, FaceWidthmm: r.FaceWidthmm, ErrorMM: r.ErrorMM, FrontWidthmm: front,
		Widthmm: d, Width: band, Overall: band}
}

// faceGuard decides whether the card shrinks because the face stands behind it.
type faceGuard struct {
	covered bool
	differs time.Time // since when it is otherwise than it is taken for
}

// guardHold is how long a face must stand behind the card, or be away from it
// again, before the card moves.
const guardHold = 800 * time.Millisecond

// settle takes whether the card's place covers the face now.
func (g *faceGuard) settle(over bool, now time.Time) bool {
	switch {
	case over == g.covered:
		g.differs = time.Time{}
	case g.differs.IsZero():
		g.differs = now
	case now.Sub(g.differs) >= guardHold:
		g.covered, g.differs = over, time.Time{}
	}
	return g.covered
}
