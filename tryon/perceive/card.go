package perceive

import "image"

// CardState tells how a calibration with a card goes.
type CardState struct {
	// On says that a card is looked for.
	On bool
	// Progress is 0..1; Done says that the active face is measured by a card.
	Progress float64
	Done     bool
	// Why names what keeps it from being seen, "" where nothing does.
	Why string
}

// cardSize is what a card said about a track.
type cardSize struct {
	done     bool
	size, pd float64
	errorMM  float64
}

type cardFinder struct {
	on bool
}

func newCardFinder() *cardFinder { return &cardFinder{} }

func (c *cardFinder) begin(on bool) { c.on = on }

// CalibrateCard switches the search for a card at the active face.
func (p *Perceiver) CalibrateCard(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.orders.cardSwitch, p.orders.card = true, on
	p.calibrating = CardState{On: on}
}

// Card tells how the calibration goes. Any goroutine may ask.
func (p *Perceiver) Card() CardState {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calibrating
}

func (p *Perceiver) seeCard(img *image.RGBA, t *track, cam Camera)     {}
func (p *Perceiver) seeCardOnce(img *image.RGBA, t *track, cam Camera) {}
