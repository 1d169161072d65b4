package live

import "time"

// steps are the shares of the resolution that may be drawn along each side: all
// of it, or every two pixels by two as one, which costs less than any share
// between.
var steps = [...]float32{1, 0.5}

// Rules of the adaptation. A step down comes quickly, one up late and, where
// it proved too much, later each time, so that the picture does not pump.
const (
	wantedFPS   = 30
	behindShare = 0.92            // of what the camera gives: below, frames are lost
	keepsShare  = 0.97            // above, all is well
	downAfter   = 2 * time.Second // behind for so long
	upAfter     = 15 * time.Second
	mostUpAfter = 4 * time.Minute
)

// adapter lowers the drawn resolution where the machine cannot hold the
// camera's frame rate, and raises it again.
type adapter struct {
	step        int
	since       time.Time // of the present verdict
	behind      bool
	raised      time.Time     // of the last step up
	patience    time.Duration // before the next step up
	initialised bool
}

// part returns the share to draw at now, when so many of the camera's frames
// are painted a second.
func (a *adapter) part(now time.Time, painted, source float64) float32 {
	if !a.initialised {
		a.since, a.patience, a.initialised = now, upAfter, true
	}
	want := min(source, wantedFPS)
	if want <= 0 || painted <= 0 {
		a.since = now
		return steps[a.step]
	}
	behind := painted < behindShare*want
	if behind != a.behind || !behind && painted < keepsShare*want {
		a.behind, a.since = behind, now
	}
	held := now.Sub(a.since)
	switch {
	case a.behind && held >= downAfter && a.step < len(steps)-1:
		if now.Sub(a.raised) < 2*upAfter { // the step up was too much
			a.patience = min(2*a.patience, mostUpAfter)
		}
		a.step++
		a.since = now
	case !a.behind && held >= a.patience && a.step > 0:
		a.step--
		a.since, a.raised = now, now
	}
	return steps[a.step]
}
