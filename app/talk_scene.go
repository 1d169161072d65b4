package app

import (
	"context"
	"sync"

	"cheval/catalog"
	"cheval/recommender"
	"cheval/voice/dialogue"
)

// adviceFor is who asks for advice, as they were when they asked.
type adviceFor struct {
	ranker *recommender.Ranker
	person recommender.Person
	moment recommender.Moment
	ask    recommender.Question
}

// visitAdviser ranks for the person who asked last.
type visitAdviser struct {
	mu  sync.Mutex
	now adviceFor
}

func (v *visitAdviser) set(a adviceFor) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.now = a
}

// Suggest answers nothing where no ranker is there yet.
func (v *visitAdviser) Suggest(ctx context.Context, count int) ([]recommender.Suggestion, error) {
	v.mu.Lock()
	a := v.now
	v.mu.Unlock()
	if a.ranker == nil {
		return nil, nil
	}
	a.ask.Count = count
	return a.ranker.Recommend(ctx, a.person, a.moment, a.ask)
}

func (a *App) advice() adviceFor {
	return adviceFor{a.suggest.ranker, a.visit.Person(), a.moment(), a.question()}
}

// scene is what the mirror shows and knows now, for the dialogue.
func (a *App) scene() dialogue.Scene {
	sh := a.shopper
	s := dialogue.Scene{Speaking: a.settings.Voice.Speak}
	item := func(p *catalog.Product) dialogue.Item { return dialogue.Item{Product: p.ID, Variant: sh.variantOf(p)} }
	if p := sh.active(); p != nil {
		worn := item(p)
		s.Worn = &worn
	}
	for _, p := range sh.shown {
		s.Shown = append(s.Shown, item(p))
	}
	for _, id := range sh.liked {
		if p := sh.stock.Product(id); p != nil {
			s.Liked = append(s.Liked, item(p))
		}
	}
	for _, l := range a.visit.Basket.Lines() {
		if p, v := sh.stock.SKU(l.SKU); p != nil {
			s.Basket = append(s.Basket, dialogue.Line{Item: dialogue.Item{Product: p.ID, Variant: v}, Quantity: l.Quantity})
		}
	}
	s.Past = a.triedBefore()
	a.measuredScene(&s)
	return s
}

// triedBefore are the products tried on this visit, the latest last, each once.
func (a *App) triedBefore() (past []dialogue.Item) {
	at := map[string]int{}
	for _, e := range a.visit.Events() {
		p := a.shopper.stock.Product(e.Product)
		if e.Kind != recommender.Try || p == nil || p == a.shopper.active() {
			continue
		}
		if i, ok := at[p.ID]; ok {
			past[i].Product = ""
		}
		at[p.ID] = len(past)
		past = append(past, dialogue.Item{Product: p.ID, Variant: a.shopper.variantOf(p)})
	}
	kept := past[:0]
	for _, i := range past {
		if i.Product != "" {
			kept = append(kept, i)
		}
	}
	return kept
}

// measuredScene adds what was measured of the face and of the fit.
func (a *App) measuredScene(s *dialogue.Scene) {
	m, r := a.status.Measure, a.status.Fit
	s.Person = dialogue.Person{PDMM: float64(m.PDmm), PDErrorMM: float64(m.PDErrormm)}
	if r == nil || !a.fit.present {
		return
	}
	f := &a.fit.shown
	s.Person.FaceWidthMM = float64(f.FaceWidthmm)
	s.Fit = &dialogue.Fit{Known: f.Known, FaceWidthMM: float64(f.FaceWidthmm), FrontWidthMM: float64(f.FrontWidthmm),
		WidthMM: float64(f.Widthmm), Width: string(f.Width), Bridge: string(f.Bridge), Pupil: string(f.Pupil),
		NoseWidthMM: float64(f.NoseWidthmm), BridgeMM: float64(f.Bridgemm),
		PupilAcross: float64(f.PupilAcross), PupilUp: float64(f.PupilUp), ErrorMM: float64(f.ErrorMM)}
}
