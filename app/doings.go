package app

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"time"

	"cheval/catalog"
	"cheval/recommender"
	"cheval/recommender/people"
	"cheval/tryon/fit"
	"cheval/voice/teach"
)

// skipped is how short a look at a product passes it over.
const skipped = 1500 * time.Millisecond

// unseen is how short nobody sees it.
const unseen = 200 * time.Millisecond

// turnOf is how far a head turns, in degrees from side to side, to see a frame
// from aside.
const turnOf = 30

// wearing is what is worn now, and what was seen of it.
type wearing struct {
	product     *catalog.Product
	sku         string
	since       time.Time
	left, right float32 // the head's extreme yaws
	turned      bool
	verdict     string // what the card says of its width; "": nothing
}

// openPeople opens the store of profiles, away from the UI goroutine: the
// mirror does not wait for it.
func (a *App) openPeople() {
	a.visit = people.NewVisit(nil)
	a.inBackground(func(context.Context) (err error) {
		home := a.opts.Home
		if a.opts.Shots != "" { // the demo's doings are nobody's
			if a.demoHome, err = os.MkdirTemp("", "cheval-demo-"); err != nil {
				return err
			}
			home = a.demoHome
		}
		a.opened, err = people.Open(home)
		return err
	}, func(err error) {
		if err != nil {
			a.notice(err)
			return
		}
		s := a.opened
		a.finishErasing(s)
		a.people = s
		a.notice(a.visit.Attach(s))
		if s.Recovered() != nil {
			a.notice(fmt.Errorf("people.db was damaged: %d records were saved, %d branches of it are lost; the damaged file is %s",
				s.Recovered().Records, s.Recovered().Lost, s.Recovered().SetAside))
		}
	})
}

// finishErasing brings to its end what an erasure left undone of what people said.
func (a *App) finishErasing(s *people.Store) {
	home := a.voiceHome()
	a.inBackground(func(ctx context.Context) error {
		return teach.Erase(ctx, home, func(owner string) bool {
			_, err := s.Profile(owner)
			return errors.Is(err, people.ErrNoProfile)
		})
	}, a.notice)
}

// do takes what the person did into the visit.
func (a *App) do(e recommender.Event) {
	if err := a.visit.Do(a.shown(e)); err != nil {
		a.notice(err)
		return
	}
	a.learn()
}

// does is an event with the product that is worn.
func (a *App) does(kind recommender.EventKind, p *catalog.Product) {
	a.do(recommender.Event{Kind: kind, Product: p.ID, Variant: p.Variants[a.shopper.variantOf(p)].SKU})
}

// The policies that choose a place of a list.
const (
	policyRanked   = "ranked"
	policyExplored = "explored"
)

// shown adds to an event with which policy, place and probability the list
// showed the product, while the list is what the person looks at.
func (a *App) shown(e recommender.Event) recommender.Event {
	if !a.shopper.forYou {
		return e
	}
	for i := range a.suggest.list {
		if s := &a.suggest.list[i]; s.Product == e.Product && s.Propensity > 0 {
			e.Policy, e.Place, e.Propensity = policyRanked, i+1, s.Propensity
			if s.New {
				e.Policy = policyExplored
			}
		}
	}
	return e
}

// followWorn notes that something else is worn now, and what became of what was
// worn before.
func (a *App) followWorn() {
	p := a.shopper.active()
	if p == nil || !a.session.began {
		a.wearing = wearing{}
		return
	}
	sku := p.Variants[a.shopper.variantOf(p)].SKU
	if p == a.wearing.product {
		a.wearing.sku = sku
		return
	}
	a.takenOff()
	a.wearing = wearing{product: p, sku: sku, since: a.now()}
}

// takenOff ends what is worn now: tried, or passed over.
func (a *App) takenOff() {
	w := a.wearing
	a.wearing = wearing{}
	if w.product == nil {
		return
	}
	e := recommender.Event{Kind: recommender.Try, Product: w.product.ID, Variant: w.sku, Verdict: w.verdict}
	worn := a.now().Sub(w.since)
	if worn < unseen {
		return
	}
	if worn < skipped {
		e.Kind, e.Verdict = recommender.Skip, ""
	}
	e.Seconds = min(max(worn.Seconds(), 0), 3600)
	a.do(e)
}

// followHead notes when the head was turned with what is worn.
func (a *App) followHead(yaw float32) {
	w := &a.wearing
	if w.product == nil || w.turned {
		return
	}
	w.left, w.right = min(w.left, yaw), max(w.right, yaw)
	if w.right-w.left > turnOf {
		w.turned = true
		a.do(recommender.Event{Kind: recommender.Turn, Product: w.product.ID, Variant: w.sku})
	}
}

// followFit keeps the last verdict on the width of what is worn.
func (a *App) followFit(p *catalog.Product, b fit.Band) {
	if p != a.wearing.product {
		return
	}
	switch b {
	case fit.Good:
		a.wearing.verdict = "good"
	case fit.Wide, fit.TooFar:
		a.wearing.verdict = "too-wide"
	case fit.Narrow, fit.TooTight:
		a.wearing.verdict = "too-narrow"
	}
}

// endVisit forgets what the person did, away from the UI goroutine: the counts
// go to the disk.
func (a *App) endVisit() {
	a.takenOff()
	v := a.visit
	a.visit = people.NewVisit(a.people)
	a.inBackground(func(context.Context) error { return v.End() }, a.notice)
}

// closePeople ends the last visit and closes the store, also one that was
// opened while the app closed.
func (a *App) closePeople() error {
	a.takenOff()
	err := a.visit.End()
	if a.opened != nil {
		err = errors.Join(err, a.opened.Close())
	}
	if a.demoHome != "" {
		err = errors.Join(err, os.RemoveAll(a.demoHome))
	}
	return err
}

// narrowFace and wideFace bound a face of medium width, in millimetres over the
// temples. They are ours, set so that frames sold as medium fall between them.
const narrowFace, wideFace = 130, 142

// widthClass is the class of a face by its width.
func widthClass(mm float32) recommender.Width {
	switch m := math.Round(float64(mm)); {
	case m < narrowFace:
		return recommender.Narrow
	case m > wideFace:
		return recommender.Wide
	}
	return recommender.Medium
}
