package recommender

import (
	"math/rand/v2"
	"slices"

	"cheval/recommender/model"
)

// Observe learns from one event at once: what is popular, and, in small steps,
// where the product stands among the others. The person's side needs no step:
// it is computed from Events whenever a list is asked for. before are the
// person's earlier events.
//
// Each step is followed by one on an event of the past, drawn at random, and
// products are held near where training put them, so that learning one taste
// does not unlearn the others.
func (r *Ranker) Observe(before []Event, e Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i, ok := r.index[e.Product]
	w := float32(e.Strength())
	if !ok || w != w {
		return
	}
	r.seen[i]++
	history := r.recall(before)
	for _, m := range r.blend.Members {
		switch known := m.Model.(type) {
		case *model.Popularity:
			if !slices.ContainsFunc(history, func(s model.Seen) bool { return s.Item == i }) {
				known.Add(i, w, e.At.Unix())
			}
		case *model.Logistic:
			q := model.Query{History: history}
			known.Learn(&q, i, w, r.replay.rng)
			if old, ok := r.replay.draw(); ok {
				known.Learn(&model.Query{History: old.history}, old.item, old.weight, r.replay.rng)
			}
		}
	}
	r.replay.keep(lesson{history, i, w})
}

// recallMost is how many of the latest events tell who the person is in an
// online step.
const recallMost = 20

// recall is the latest of a person's history.
func (r *Ranker) recall(before []Event) []model.Seen {
	var seen []model.Seen
	for _, e := range before[max(len(before)-3*recallMost, 0):] {
		if i, ok := r.index[e.Product]; ok {
			seen = append(seen, model.Seen{Item: i, Weight: float32(finite(e.Strength())), At: e.At.Unix()})
		}
	}
	seen = model.Merge(seen)
	return seen[max(len(seen)-recallMost, 0):]
}

// lesson is an event that can be learned from again.
type lesson struct {
	history []model.Seen
	item    int32
	weight  float32
}

// replay is a fair sample of all events since the start (reservoir sampling),
// in memory only.
type replay struct {
	kept []lesson
	all  int
	rng  *rand.Rand
}

// replaySize is how many events a ranker can learn from again.
const replaySize = 2000

func newReplay() *replay { return &replay{rng: rand.New(rand.NewPCG(1, 9))} }

func (p *replay) keep(l lesson) {
	p.all++
	if len(p.kept) < replaySize {
		p.kept = append(p.kept, l)
	} else if at := p.rng.IntN(p.all); at < replaySize {
		p.kept[at] = l
	}
}

func (p *replay) draw() (lesson, bool) {
	if len(p.kept) == 0 {
		return lesson{}, false
	}
	return p.kept[p.rng.IntN(len(p.kept))], true
}
