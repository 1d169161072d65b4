package refine

import "time"

const (
	// Budget is what refining a frame may take in a live mirror, so that it keeps
	// 30 frames a second.
	Budget = 12 * time.Millisecond

	paceMean  = 1. / 15 // of a new frame in the running mean
	paceAfter = 30      // frames before a step down
	// A smaller size comes soon, a larger one late and, where it proved too
	// much, later each time, so that the picture does not change to and fro.
	paceUp, mostPaceUp = 150, 150 << 4
)

// pace chooses the network's size by what refining takes. The zero pace stays
// with the largest size.
type pace struct {
	budget   time.Duration
	step     int           // of sizes
	mean     time.Duration // of a frame at this step
	frames   int           // at this step
	patience int           // frames before a step up
	raised   bool          // the last step was one up
}

// begin chooses the size by what the smallest takes.
func (p *pace) begin(smallest time.Duration) {
	p.step, p.mean = len(sizes)-1, smallest
	for p.step > 0 && p.costOf(p.step-1) < p.budget*9/10 {
		p.mean, p.step = p.costOf(p.step-1), p.step-1
	}
}

// took tells what one frame's refining took.
func (p *pace) took(d time.Duration) {
	if p.budget == 0 || d <= 0 {
		return
	}
	if p.frames == 0 {
		p.mean = d
	}
	p.mean += time.Duration(paceMean * float64(d-p.mean))
	p.frames++
	p.patience = max(p.patience, paceUp)
	switch {
	case p.mean > p.budget && p.frames >= paceAfter && p.step+1 < len(sizes):
		if p.raised && p.frames < 2*paceUp {
			p.patience = min(2*p.patience, mostPaceUp)
		}
		p.goTo(p.step+1, false)
	case p.frames >= p.patience && p.step > 0 && p.costOf(p.step-1) < p.budget*9/10:
		p.goTo(p.step-1, true)
	}
}

func (p *pace) goTo(step int, raised bool) {
	p.step, p.raised, p.frames = step, raised, 0
}

// costOf is what another size would take: in proportion to its cells.
func (p *pace) costOf(step int) time.Duration {
	a, b := sizes[p.step], sizes[step]
	return p.mean * time.Duration(b.W*b.H) / time.Duration(a.W*a.H)
}
