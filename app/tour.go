package app

import (
	"time"

	"fyne.io/fyne/v2"

	"cheval/catalog"
	"cheval/viewport"
)

// tourStep is one caption of the guided demo and what the mirror does under it.
type tourStep struct {
	key   string
	lasts time.Duration
	begin func(a *App)
	// every, where not nil, is done each pace of the step.
	pace  time.Duration
	every func(a *App, n int)
}

// tourSteps are the two minutes: each drives the real mirror on the demo
// portrait, which turns its head by itself.
func tourSteps() []tourStep {
	return []tourStep{
		{key: "welcome", lasts: 8 * time.Second, begin: func(a *App) { a.tourPlain() }},
		{key: "turn", lasts: 14 * time.Second},
		{key: "products", lasts: 16 * time.Second, pace: 3 * time.Second, every: func(a *App, _ int) { a.step(1) }},
		{key: "colour", lasts: 12 * time.Second, pace: 3 * time.Second, begin: (*App).tourColourful,
			every: func(a *App, _ int) { a.stepVariant(true) }},
		{key: "fit", lasts: 14 * time.Second},
		{key: "wipe", lasts: 14 * time.Second, begin: func(a *App) { a.toggleWipe(); a.swingWipe(13 * time.Second) }},
		{key: "sides", lasts: 14 * time.Second, pace: 5 * time.Second, begin: (*App).toggleSides,
			every: func(a *App, _ int) { a.step(1) }},
		{key: "zoom", lasts: 8 * time.Second, begin: func(a *App) { a.tourPlain(); a.zoomTo(1.8) }},
		{key: "filter", lasts: 8 * time.Second, begin: (*App).tourFilter},
		{key: "like", lasts: 6 * time.Second, begin: func(a *App) { a.tourPlain(); a.toggleLike() }},
		{key: "privacy", lasts: 6 * time.Second},
	}
}

// tour runs the steps. It is paused and stopped by the panel it shows.
type tour struct {
	steps  []tourStep
	at     int
	spent  time.Duration // in this step
	paced  int
	paused bool
	last   time.Time
	swing  *fyne.Animation
}

// startTour shows the demo on the mirror's own screen; camera and network are
// not used.
func (a *App) startTour() {
	a.endSession()
	a.tour = &tour{steps: tourSteps(), last: a.now()}
	a.showSource(SourceSettings{Kind: sourceDemo, Mirror: a.settings.Source.Mirror})
	a.stage.goTo(screenMirror)
	a.tour.begin(a)
}

// stopTour ends it, forgets what it did and gives the mirror its source back.
func (a *App) stopTour() {
	t := a.tour
	if t == nil {
		return
	}
	a.tour = nil
	t.halt()
	a.showSource(a.settings.Source)
	a.endSession()
}

func (t *tour) begin(a *App) {
	t.spent, t.paced = 0, 0
	if do := t.steps[t.at].begin; do != nil {
		do(a)
	}
	a.stage.refreshMirror()
}

func (t *tour) halt() {
	if t.swing != nil {
		t.swing.Stop()
		t.swing = nil
	}
}

// tick moves on with the time that has passed.
func (t *tour) tick(a *App, now time.Time) {
	dt := now.Sub(t.last)
	t.last = now
	a.session.touch(now)
	if t.paused {
		return
	}
	t.spent += dt
	s := &t.steps[t.at]
	for s.every != nil && t.spent < s.lasts && t.spent >= s.pace*time.Duration(t.paced+1) {
		t.paced++
		s.every(a, t.paced)
	}
	if t.spent >= s.lasts {
		t.next(a)
	}
}

// next goes to the following caption; after the last the demo ends.
func (t *tour) next(a *App) {
	t.halt()
	if t.at++; t.at >= len(t.steps) {
		a.stopTour()
		return
	}
	t.begin(a)
}

// done is how much of the whole has passed, 0 to 1.
func (t *tour) done() float32 {
	var all, past time.Duration
	for i, s := range t.steps {
		all += s.lasts
		if i < t.at {
			past += s.lasts
		}
	}
	return float32((past + t.spent).Seconds() / all.Seconds())
}

// tourPlain shows one look at its natural size.
func (a *App) tourPlain() {
	a.leaveSides()
	a.shopper.filter(filters{})
	v := a.view
	v.Mode, v.Zoom, v.Pan = viewport.Single, 1, [2]float32{}
	a.setView(v)
}

// tourColourful wears the product with the most colours.
func (a *App) tourColourful() {
	var best *catalog.Product
	for _, p := range a.shopper.all {
		if best == nil || len(p.Variants) > len(best.Variants) {
			best = p
		}
	}
	if best != nil {
		a.wear(best)
	}
}

// tourFilter narrows the rail to sunglasses.
func (a *App) tourFilter() {
	a.tourPlain()
	a.setFilters(filters{kinds: []catalog.Kind{catalog.Sun}})
	if len(a.shopper.shown) > 0 {
		a.wear(a.shopper.shown[0])
	}
}

// swingWipe moves the wipe to and fro.
func (a *App) swingWipe(d time.Duration) {
	if a.settings.ReduceMotion || a.tour == nil {
		return
	}
	an := fyne.NewAnimation(d, func(p float32) { a.wipeTo(swing(p)) })
	an.Curve = fyne.AnimationLinear
	a.tour.swing = an
	an.Start()
}

// swing goes from the middle right, left and back, twice.
func swing(p float32) float32 {
	x := p * 2
	x -= float32(int(x))
	switch {
	case x < 0.25:
		return 0.5 + 1.2*x
	case x < 0.75:
		return 0.8 - 1.2*(x-0.25)
	}
	return 0.2 + 1.2*(x-0.75)
}
