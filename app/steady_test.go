package app

import (
	"testing"
	"time"

	"cheval/tryon/fit"
)

// The verdict at a band's edge must not flicker with each millimetre.
func TestAVerdictHoldsStillWhileTheMeasureTrembles(t *testing.T) {
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	var s steadyFit
	at := func(ms int, face float32, band fit.Band) *fit.Report {
		return s.settle(&fit.Report{Known: true, FaceWidthmm: face, FrontWidthmm: 136, Width: band}, 136, 63, "aria 0 1", now.Add(time.Duration(ms)*time.Millisecond))
	}
	at(0, 142, fit.Good)
	for i, face := range []float32{142.7, 141.9, 142.4, 143.1} {
		if r := at(200*(i+1), face, fit.Narrow); r.Width != fit.Good || r.FaceWidthmm != 142 {
			t.Errorf("after %d ms: %+v", 200*(i+1), r)
		}
	}
	if r := at(1200, 145, fit.Narrow); r.FaceWidthmm != 145 {
		t.Error("a plain change is not shown")
	}
	if r := at(1200+2600, 145.5, fit.Narrow); r.FaceWidthmm != 145.5 {
		t.Error("it holds for ever")
	}
}

func TestAGlanceAsideKeepsTheVerdictForAMoment(t *testing.T) {
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	var s steadyFit
	s.settle(&fit.Report{Known: true, FaceWidthmm: 142, FrontWidthmm: 136}, 136, 63, "aria 0 1", now)
	if s.settle(&fit.Report{}, 136, 0, "aria 0 1", now.Add(time.Second)) == nil {
		t.Error("gone at once")
	}
	if s.settle(&fit.Report{}, 136, 0, "lune 0 1", now.Add(time.Second)) != nil {
		t.Error("one frame's verdict is shown for another")
	}
	if s.settle(nil, 136, 0, "aria 0 1", now.Add(3*time.Second)) != nil {
		t.Error("it stays without a measure")
	}
}

// Right after another frame was put on, its card once showed the verdict of
// the one before.
func TestAVerdictIsNeverOfAnotherFrame(t *testing.T) {
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	var s steadyFit
	aria := &fit.Report{Known: true, FaceWidthmm: 143, FrontWidthmm: 130, Widthmm: -13, Width: fit.TooTight, Bridge: fit.Narrow, Overall: fit.TooTight}
	s.settle(aria, 130, 63, "aria 0 1", now)
	r := s.settle(aria, 141, 63, "corso 0 1", now.Add(100*time.Millisecond))
	if r.Widthmm != -2 || r.Width != fit.Good || r.Bridge != "" {
		t.Errorf("by its width: %+v", r)
	}
	corso := &fit.Report{Known: true, FaceWidthmm: 143, FrontWidthmm: 141, Widthmm: -2, Width: fit.Good, Bridge: fit.Wide, Overall: fit.Wide}
	if r = s.settle(corso, 141, 63, "corso 0 1", now.Add(300*time.Millisecond)); r.Bridge != fit.Wide {
		t.Errorf("its own: %+v", r)
	}
}

// A person who stands to the left is not behind the card for long.
func TestTheCardMakesWayForTheFace(t *testing.T) {
	b := newBench(t, "en", 1280, 800)
	p := b.stage.mirror
	s := measured()
	s.Faces[0].Box = rect{0.1, 0.3, 0.2, 0.4}
	for range 8 {
		b.still.onStatus(s)
		b.clock.advance(200 * time.Millisecond)
	}
	if p.card.Visible() || !p.labels[0].Visible() {
		t.Fatalf("card visible %v, name visible %v", p.card.Visible(), p.labels[0].Visible())
	}
	if h := p.labels[0].Size().Height; h >= p.at.card.h/2 {
		t.Errorf("the name is %v high, the card %v", h, p.at.card.h)
	}
	for range 8 {
		b.still.onStatus(measured())
		b.clock.advance(200 * time.Millisecond)
	}
	if !p.card.Visible() || p.labels[0].Visible() {
		t.Error("the card does not come back")
	}
}

// The first millimetres of a face are the worst; they were once shown.
func TestAFaceIsMeasuredForAWhileBeforeItIsJudged(t *testing.T) {
	b := newBench(t, "en", 1280, 800)
	s := measured()
	s.Faces[0].ID = 99
	b.still.onStatus(s)
	if f := b.stage.mirror.card.facts; f.fitKnown || f.verdict != "Measuring your face..." {
		t.Errorf("at once: %+v", f)
	}
	b.clock.advance(fitWarm)
	b.still.onStatus(s)
	if f := b.stage.mirror.card.facts; !f.fitKnown {
		t.Errorf("after %v: %+v", fitWarm, f)
	}
}
