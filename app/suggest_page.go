package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"cheval/recommender"
	"cheval/recommender/model"
)

// suggestPage is where staff see how suggestions are made: the weight of each
// model, variety and exploring, and the training.
type suggestPage struct {
	p       *staffPage
	look    *look
	body    *fyne.Container
	trained *model.Trained // nil: none
}

// leastLessons is how many people with events a training needs to be worth it.
const leastLessons = 20

// training is a run of the recommender's training; the UI goroutine's.
type training struct {
	cancel context.CancelFunc
	done   float64 // 0..1
	what   string
}

func newSuggestPage(p *staffPage) fyne.CanvasObject {
	s := &suggestPage{p: p, look: p.look, body: p.look.column(16)}
	p.a.inBackground(func(context.Context) (err error) {
		s.trained, err = recommender.Load(filepath.Join(p.a.opts.Home, recommender.FileName))
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}, func(err error) {
		p.a.notice(err)
		s.show()
	})
	p.onTick = s.tick
	return p.look.scrolling(s.body)
}

func (s *suggestPage) tick() {
	if s.p.a.training != nil {
		s.show()
	}
}

func (s *suggestPage) show() {
	l, t, a := s.look, s.look.tr, s.p.a
	s.body.Objects = []fyne.CanvasObject{l.body(t.t("suggest.intro"), l.pal.quiet), l.heading(t.t("suggest.rules"))}
	r := &a.settings.Recommend
	s.body.Add(s.slider(t.t("suggest.diversity"), r.Diversity, 1, func(x *RecommendSettings, v float64) { x.Diversity = v }))
	s.body.Add(s.slider(t.t("suggest.explore"), r.Explore, 0.5, func(x *RecommendSettings, v float64) { x.Explore = v }))
	s.body.Add(l.heading(t.t("suggest.models")))
	s.addModels()
	s.body.Add(l.heading(t.t("suggest.training")))
	s.addTraining()
	s.body.Refresh()
}

// addModels shows the learned weight of each model, and a slider that drags it.
func (s *suggestPage) addModels() {
	l, t, a := s.look, s.look.tr, s.p.a
	if a.suggest.ranker == nil {
		s.body.Add(l.body(t.t("suggest.no_ranker"), l.pal.text))
		return
	}
	learned := a.suggest.ranker.Models()
	for _, name := range slices.Sorted(maps.Keys(learned)) {
		now := 1.0
		if w, ok := a.settings.Recommend.Weights[name]; ok {
			now = w
		}
		label := facts(modelName(t, name), t.t("suggest.learned", args{"weight": fmt.Sprintf("%.2f", learned[name])}))
		s.body.Add(s.slider(label, now, 3, func(x *RecommendSettings, v float64) {
			x.Weights = maps.Clone(x.Weights)
			if x.Weights == nil {
				x.Weights = map[string]float64{}
			}
			x.Weights[name] = v
		}))
	}
	if len(a.settings.Recommend.Weights) > 0 {
		s.body.Add(l.chips(newPill(l, "undo", t.t("suggest.as_learned"), pillPlain, func() {
			s.change(func(x *RecommendSettings) { x.Weights = nil })
			s.show()
		}).small()))
	}
}

// modelName is what staff read for a model; what a training does beside the
// models stays as it is called.
func modelName(t *translator, name string) string {
	if !slices.Contains(modelNames[:], name) {
		return name
	}
	return t.t("model." + name)
}

// modelNames are the models of the blend.
var modelNames = [...]string{"popularity", "content", "ease", "item-item", "follows", "ials", "logistic", "two-tower", "session"}

func (s *suggestPage) slider(label string, now, most float64, set func(*RecommendSettings, float64)) fyne.CanvasObject {
	l := s.look
	text := func(v float64) string { return facts(label, fmt.Sprintf("%.2f", v)) }
	head := l.text(text(now), textBody, l.pal.text)
	w := widget.NewSlider(0, most)
	w.Step, w.Value = most/20, now
	w.OnChanged = func(v float64) {
		head.Text = text(v)
		head.Refresh()
	}
	w.OnChangeEnded = func(v float64) { s.change(func(x *RecommendSettings) { set(x, v) }) }
	return l.column(4, head, w)
}

// change writes settings; the next list is made by them.
func (s *suggestPage) change(f func(*RecommendSettings)) {
	a := s.p.a
	s.p.touched()
	f(&a.settings.Recommend)
	a.applied.Recommend = a.settings.Recommend
	a.notice(a.settings.save(a.opts.Home))
	a.suggestAgain()
}

func (s *suggestPage) addTraining() {
	l, t, a := s.look, s.look.tr, s.p.a
	switch m := s.trained; {
	case m == nil:
		s.body.Add(l.body(t.t("suggest.untrained"), l.pal.text))
	default:
		s.body.Add(l.body(t.t("suggest.trained", args{"at": m.At.Format("2006-01-02 15:04"), "people": t.int(m.People), "events": t.int(m.Events)}), l.pal.text))
		if m.Tested > 0 {
			s.body.Add(l.body(t.t("suggest.tested", args{"hr": fmt.Sprintf("%.3f", m.HR), "ndcg": fmt.Sprintf("%.3f", m.NDCG), "tested": t.int(m.Tested)}), l.pal.quiet))
		}
		if m.Simulated {
			s.body.Add(l.body(t.t("suggest.simulated"), l.pal.warn))
		}
	}
	if run := a.training; run != nil {
		bar := widget.NewProgressBar()
		bar.Value = run.done
		s.body.Add(bar)
		s.body.Add(l.body(modelName(t, run.what), l.pal.quiet))
		s.body.Add(l.chips(newPill(l, "stop", t.t("suggest.cancel"), pillPlain, run.cancel).small()))
		return
	}
	if a.trainingSaid != "" {
		s.body.Add(l.body(a.trainingSaid, l.pal.text))
	}
	train := newPill(l, "play", t.t("suggest.train"), pillAccent, s.train).small()
	train.setDisabled(a.people == nil)
	s.body.Add(l.chips(train))
}

// train learns from the people who chose to be remembered, off the UI
// goroutine; the old model stays until the new one is whole.
func (s *suggestPage) train() {
	a, t := s.p.a, s.look.tr
	if a.training != nil || a.people == nil {
		return
	}
	ctx, cancel := context.WithCancel(a.ctx)
	run := &training{cancel: cancel}
	a.training, a.trainingSaid = run, ""
	products, everybody, home := a.shopper.all, a.people, a.opts.Home
	a.inBackground(func(context.Context) error {
		defer cancel()
		people, err := everybody.Everybody()
		if err != nil {
			return err
		}
		people = slices.DeleteFunc(people, func(p recommender.Person) bool { return len(p.Events) == 0 })
		if len(people) < leastLessons {
			return errTooFew
		}
		_, err = recommender.Train(ctx, recommender.Lessons{Products: products, People: people, Seed: 1}, filepath.Join(home, recommender.FileName),
			func(done float64, what string) { a.parts.onUI(func() { run.done, run.what = done, what }) })
		return err
	}, func(err error) {
		a.training = nil
		switch {
		case errors.Is(err, errTooFew):
			a.trainingSaid = t.t("suggest.too_few", args{"n": leastLessons})
		case errors.Is(err, context.Canceled):
			a.trainingSaid = t.t("suggest.cancelled")
		case err != nil:
			a.notice(err)
			a.trainingSaid = t.t("suggest.failed")
		default:
			a.trainingSaid = t.t("suggest.done", args{"at": a.now().Format(time.TimeOnly)})
			a.makeRanker()
		}
		if a.stage.staff != nil && a.section == sectionSuggest {
			a.stage.staff.open(sectionSuggest)
		}
	})
	s.show()
}

var errTooFew = errors.New("fewer people than a training needs")
