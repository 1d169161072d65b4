package app

import (
	"testing"
	"time"

	"cheval/catalog"
	"cheval/recommender"
	"cheval/viewport"
)

func TestAVisitEndsAMinuteAfterTheLastFace(t *testing.T) {
	start := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	at := func(s float64) time.Time { return start.Add(time.Duration(s * float64(time.Second))) }
	var c sessionClock
	if p, _ := c.tick(at(0)); p != sessionIdle {
		t.Fatalf("before anything was touched: %v", p)
	}
	c.touch(at(1))
	c.face(at(30))
	for _, step := range []struct {
		s    float64
		want sessionPhase
		left time.Duration
	}{
		{31, sessionActive, 59 * time.Second},
		{79.9, sessionActive, 10100 * time.Millisecond},
		{80, sessionLeaving, 10 * time.Second},
		{89, sessionLeaving, time.Second},
		{90, sessionEnded, 0},
		{91, sessionIdle, 0},
	} {
		p, left := c.tick(at(step.s))
		if p != step.want || step.want != sessionIdle && left != step.left {
			t.Errorf("at %v s: %v with %v left, want %v with %v", step.s, p, left, step.want, step.left)
		}
	}
}

func TestComingBackStopsTheCountdown(t *testing.T) {
	start := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	var c sessionClock
	c.touch(start)
	if p, _ := c.tick(start.Add(55 * time.Second)); p != sessionLeaving {
		t.Fatalf("no countdown: %v", p)
	}
	c.face(start.Add(56 * time.Second))
	if p, _ := c.tick(start.Add(57 * time.Second)); p != sessionActive {
		t.Errorf("still leaving after a face was back: %v", p)
	}
}

func TestPassersByAreNoVisit(t *testing.T) {
	start := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	var c sessionClock
	c.face(start)
	if p, _ := c.tick(start.Add(70 * time.Second)); p != sessionIdle {
		t.Errorf("a face alone began a visit: %v", p)
	}
}

// What a visit leaves behind is nothing but counts.
func TestTheEndOfAVisitForgetsEverything(t *testing.T) {
	for name, end := range map[string]func(b *bench){
		"done": func(b *bench) { b.endSession() },
		"nobody there": func(b *bench) {
			for range 4 * 61 {
				b.clock.advance(250 * time.Millisecond)
				b.tick()
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, "en", 1280, 800)
			b.settle() // the store is open
			b.wear(b.shopper.all[3])
			b.clock.advance(3 * time.Second)
			b.toggleLike()
			b.chooseVariant(1)
			b.setFilters(filters{kinds: []catalog.Kind{catalog.Sun}})
			b.toggleLanguage()
			b.toggleSides()
			b.zoomTo(2)
			b.shopper.photo = toRGBA(flatPicture(rgb(0x808080)))
			before := b.still.forgotten
			end(b)
			s := b.shopper
			if s.photo != nil || len(s.liked) != 0 || s.filters.active() != 0 || len(s.variant) != 0 || s.second != nil || s.worn != s.all[0] || len(s.shown) != len(s.all) {
				t.Errorf("left behind: %+v", s)
			}
			if b.still.forgotten != before+1 {
				t.Error("the mirror was not told to forget the calibration")
			}
			if b.view.Mode != viewport.Single || b.view.Zoom != 1 || b.lang != "en" || b.look.tr.lang != "en" {
				t.Errorf("view %+v, language %s", b.view, b.lang)
			}
			b.settle()
			counts, err := b.people.Counts(time.Time{})
			if n := counts[s.all[3].ID]; err != nil || n[recommender.Try] != 1 || n[recommender.Like] != 1 {
				t.Errorf("counts %+v, %v; want one try and one like", n, err)
			}
		})
	}
}

func TestTheCountdownIsShownAndTouchingStopsIt(t *testing.T) {
	b := newBench(t, "en", 1080, 1920)
	b.touched()
	b.clock.advance(53 * time.Second)
	b.tick()
	p := b.stage.mirror.leaving
	if !p.Visible() || p.title.text != "Still there? 7 seconds left" {
		t.Fatalf("visible %v, says %q", p.Visible(), p.title.text)
	}
	b.touched()
	b.tick()
	if p.Visible() {
		t.Error("still counting after a touch")
	}
}
