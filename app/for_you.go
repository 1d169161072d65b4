package app

import (
	"context"
	"errors"
	"io/fs"
	"math"
	"path/filepath"
	"slices"

	"fyne.io/fyne/v2"

	"cheval/catalog"
	"cheval/catalog/store"
	"cheval/recommender"
	"cheval/recommender/rules"
	"cheval/studio/embed"
)

// suggestions is how many products are suggested at once.
const suggestions = 40

// What a shop that has chosen nothing gets: a varied list, a tenth of it to
// learn about.
const (
	usualDiversity = 0.3
	usualExplore   = 0.1
	mostOfBrand    = 8
)

// suggester keeps what is suggested to the person before the mirror. Its
// ranker learns in the background; the list is the UI goroutine's.
type suggester struct {
	ranker  *recommender.Ranker // nil until it is made
	list    []recommender.Suggestion
	whatIfs []recommender.WhatIf // of the one whose reasons are shown
	of      string               // the product that whatIfs are of
	changes []taken              // that the person asked for
	events  []lesson             // that the ranker is still to learn from
	busy    bool
	again   bool
}

// lesson is an event with those before it.
type lesson struct {
	before []recommender.Event
	event  recommender.Event
}

// taken is a change that was made to the question, by its one tap.
type taken struct {
	recommender.Change
	price int64 // that "cheaper" is below
}

// forget forgets what the person asked for.
func (s *suggester) forget() {
	s.list, s.whatIfs, s.of, s.changes, s.events = nil, nil, "", nil, nil
}

// makeRanker makes a ranker of what is sold now, away from the UI goroutine,
// with the model that was trained last, if there is one.
func (a *App) makeRanker() {
	products, kept := a.shopper.all, a.store
	var r *recommender.Ranker
	a.inBackground(func(context.Context) (err error) {
		o := recommender.Options{}
		o.Trained, err = recommender.Load(filepath.Join(a.opts.Home, recommender.FileName))
		if err != nil {
			o.Trained = nil
		}
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		var unseen error
		if kept != nil {
			o.Embeddings = map[string][]float32{}
			unseen = kept.Vectors(store.PictureVectors, func(v store.Vector) { o.Embeddings[v.Key] = embed.Whole(v) })
		}
		made, failed := recommender.New(products, o)
		r = made
		return errors.Join(err, unseen, failed)
	}, func(err error) {
		a.notice(err)
		if r != nil {
			a.suggest.ranker = r
			a.suggestAgain()
		}
		a.stage.refreshMirror()
	})
}

// learn has the ranker learn from the event that was done last, and suggests
// again.
func (a *App) learn() {
	if a.suggest.ranker == nil {
		return
	}
	all := a.visit.Person().Events
	last := len(all) - 1
	a.suggest.events = append(a.suggest.events, lesson{all[:last], all[last]})
	a.suggestAgain()
}

// question is what the list is asked for with now.
func (a *App) question() recommender.Question {
	q := recommender.Question{Count: suggestions, Weights: a.settings.Recommend.Weights, Pins: a.settings.Recommend.Pins, Boosts: a.settings.Recommend.Boosts,
		Rules: rules.Options{Diversity: a.settings.Recommend.Diversity, MaxBrand: mostOfBrand, Explore: a.settings.Recommend.Explore, Seed: uint64(len(a.visit.Events()))}}
	for _, c := range a.suggest.changes {
		q = c.Apply(q, c.price)
	}
	return q
}

// moment is what else matters now.
func (a *App) moment() recommender.Moment {
	m := recommender.Moment{At: a.now()}
	if p := a.shopper.active(); p != nil && a.session.began {
		m.Worn = p.ID
	}
	return m
}

// suggestAgain makes the list anew in the background; asked for meanwhile, once
// more after that.
func (a *App) suggestAgain() {
	s := &a.suggest
	if s.ranker == nil {
		return
	}
	if s.busy {
		s.again = true
		return
	}
	s.busy = true
	ranker, events, person, moment, ask := s.ranker, s.events, a.visit.Person(), a.moment(), a.question()
	visit := a.visit
	s.events = nil
	var list []recommender.Suggestion
	a.inBackground(func(ctx context.Context) (err error) {
		for _, l := range events {
			ranker.Observe(l.before, l.event)
		}
		list, err = ranker.Recommend(ctx, person, moment, ask)
		return err
	}, func(err error) {
		s.busy = false
		a.notice(err)
		if err == nil && visit == a.visit {
			a.showSuggestions(list)
		}
		if s.again {
			s.again = false
			a.suggestAgain()
		}
	})
}

// showSuggestions takes a new list; the rail follows it where the person asked.
func (a *App) showSuggestions(list []recommender.Suggestion) {
	sh := a.shopper
	a.suggest.list = list
	sh.best = sh.best[:0]
	for _, s := range list {
		if p := sh.stock.Product(s.Product); p != nil {
			sh.best = append(sh.best, p)
		}
	}
	if sh.forYou {
		sh.filter(sh.filters)
		a.stage.refreshMirror()
	}
}

// suggestion is what the list says of a product, nil if it is not in it.
func (a *App) suggestion(p *catalog.Product) *recommender.Suggestion {
	i := slices.IndexFunc(a.suggest.list, func(s recommender.Suggestion) bool { return s.Product == p.ID })
	if i < 0 {
		return nil
	}
	return &a.suggest.list[i]
}

func (a *App) toggleForYou() {
	a.touched()
	a.shopper.forYou = !a.shopper.forYou
	a.shopper.filter(a.shopper.filters)
	if a.shopper.forYou {
		a.suggestAgain()
	}
	a.stage.refreshMirror()
}

// reasonNote is the shortest reason for a product in the rail; "": none.
func (a *App) reasonNote(p *catalog.Product) string {
	if !a.shopper.forYou {
		return ""
	}
	s := a.suggestion(p)
	switch {
	case s == nil:
		return ""
	case s.New:
		return a.look.tr.t("why.explored")
	case len(s.Because) > 0 && s.Because[0].Weight > 0:
		return a.reasonText(s.Because[0])
	}
	return ""
}

// reasonText says a reason in the language spoken now.
func (a *App) reasonText(r recommender.Reason) string {
	t := a.look.tr
	subject := r.Subject
	switch r.Kind {
	case recommender.Liked, recommender.Disliked:
		if p := a.shopper.stock.Product(r.Subject); p != nil {
			subject = t.of(p.Name)
		}
		return t.t("why."+string(r.Kind), args{"name": subject})
	case recommender.Stating:
		return t.t("why."+string(r.Kind), args{"value": a.facetValue(r.Facet, subject)})
	}
	if r.Kind == recommender.Fits && r.Weight < 0 {
		return t.t("why.fit-not")
	}
	return t.t("why."+string(r.Kind), args{"value": subject})
}

// facetValue names a facet's value.
func (a *App) facetValue(facet, value string) string {
	switch facet {
	case "colour", "shape", "material", "kind":
		return a.look.tr.t(facet + "." + value)
	}
	return value
}

// openWhy shows the reasons for what is worn or, where that was not suggested,
// for the first suggestion, and what would change the list.
func (a *App) openWhy() {
	a.touched()
	p := a.shopper.active()
	if p == nil || a.suggestion(p) == nil {
		if len(a.shopper.best) == 0 {
			return
		}
		p = a.shopper.best[0]
	}
	a.suggest.whatIfs, a.suggest.of = nil, p.ID
	a.stage.open(func(l *look) *sheet { return a.whySheet(l, p) })
	a.findWhatIfs(p)
}

// findWhatIfs works out in the background what one tap would change.
func (a *App) findWhatIfs(p *catalog.Product) {
	s := a.suggestion(p)
	if s == nil {
		return
	}
	ranker, person, moment, ask, of := a.suggest.ranker, a.visit.Person(), a.moment(), a.question(), *s
	var found []recommender.WhatIf
	a.inBackground(func(ctx context.Context) (err error) {
		found, err = ranker.WhatIfs(ctx, person, moment, ask, of)
		return err
	}, func(err error) {
		a.notice(err)
		if a.suggest.of == p.ID && a.stage.opener != nil {
			a.suggest.whatIfs = found
			a.stage.refreshSheet()
		}
	})
}

func (a *App) whySheet(l *look, p *catalog.Product) *sheet {
	t := l.tr
	body := l.column(10)
	s := a.suggestion(p)
	if s == nil {
		body.Add(l.body(t.t("why.gone"), l.pal.quiet))
		return newSheet(l, t.of(p.Name), body, nil, a.stage.closeSheet).clear()
	}
	most := 0.0
	for _, r := range s.Because {
		most = max(most, math.Abs(r.Weight))
	}
	for _, r := range s.Because[:min(len(s.Because), mostBars)] {
		body.Add(a.reasonBar(l, r, most))
	}
	if len(s.Adjust) > 0 {
		body.Add(l.space(4))
		body.Add(l.heading(t.t("why.adjusted")))
		for _, r := range s.Adjust {
			body.Add(l.body(a.reasonText(r), l.pal.text))
		}
	}
	body.Add(l.body(t.t("why.approximate"), l.pal.quiet))
	if len(a.suggest.whatIfs) > 0 {
		body.Add(l.space(4))
		body.Add(l.heading(t.t("why.change")))
		body.Add(a.changeChips(l, p, s))
	}
	var foot fyne.CanvasObject
	if len(a.suggest.changes) > 0 {
		foot = newPill(l, "undo", t.t("why.reset"), pillPlain, func() {
			a.suggest.changes = nil
			a.stage.closeSheet()
			a.suggestAgain()
		})
	}
	return newSheet(l, t.t("why.title", args{"name": t.of(p.Name)}), body, foot, a.stage.closeSheet).clear()
}

// changeChips are the one-tap changes.
func (a *App) changeChips(l *look, p *catalog.Product, s *recommender.Suggestion) fyne.CanvasObject {
	price := int64(0)
	for _, v := range p.Variants {
		if v.SKU == s.Variant || price == 0 {
			price = v.Price.Minor
		}
	}
	var chips []fyne.CanvasObject
	for _, w := range a.suggest.whatIfs {
		chips = append(chips, newPill(l, "", a.changeText(w.Change), pillPlain, func() {
			a.suggest.changes = append(a.suggest.changes, taken{w.Change, price})
			a.stage.closeSheet()
			a.touched()
			a.suggestAgain()
		}).small())
	}
	return l.chips(chips...)
}

func (a *App) changeText(c recommender.Change) string {
	subject := a.facetValue(c.Facet, c.Subject)
	if p := a.shopper.stock.Product(c.Subject); p != nil {
		subject = a.look.tr.of(p.Name)
	}
	return a.look.tr.t("why.change."+c.Kind, args{"name": subject})
}
