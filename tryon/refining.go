package tryon

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"cheval/models"
	"cheval/models/weights"
	"cheval/tryon/refine"
	"cheval/tryon/render"
)

// Refining tells how the engine's last stage stands.
type Refining struct {
	// On says that what is drawn is refined.
	On bool
	// Size is that of the network, as the budget allows; zero while it is not On.
	Size refine.Size
	// Why is a sentence about what keeps it from being refined although that was
	// asked for; "" where nothing does.
	Why string
	// Absent says that Why is only that there is no refiner: ErrNoRefiner.
	Absent bool
}

// refining is the stage that refines what was drawn. What is wrong with it
// switches it off, and the mirror goes on without.
type refining struct {
	wanted atomic.Bool
	keep   atomic.Bool
	mu     sync.Mutex
	state  Refining

	// Below: only the engine's goroutine.
	start  func() (*refine.Refiner, error) // nil: it was called
	net    *refine.Refiner                 // nil: none
	guides []render.Guide                  // one a wearer
}

// refinerFile is the refining network's file in the folder of those that ship.
const refinerFile = models.Refiner + ".onnx"

// ErrNoRefiner says that no refiner ships with this program and none was imported.
var ErrNoRefiner = errors.New("no refiner ships with this program, and none was imported: what is worn is shown as it was drawn")

// open starts the network if it is wanted already; else the first frame that
// is to be refined does.
func (s *refining) open(store *models.Store, rt *models.Runtime, o Options) {
	s.start = func() (*refine.Refiner, error) { return startRefiner(store, rt, o) }
	if s.wanted.Store(o.Refine); o.Refine {
		s.ready()
	}
}

// ready says whether there is a network, which it starts the first time.
func (s *refining) ready() bool {
	if s.start != nil {
		var err error
		if s.net, err = s.start(); err != nil {
			s.fail(err)
		}
		s.start = nil
	}
	return s.net != nil
}

// startRefiner starts the network, if there is one.
func startRefiner(store *models.Store, rt *models.Runtime, o Options) (*refine.Refiner, error) {
	onnx, err := refinerOf(store, o)
	if err != nil {
		return nil, err
	}
	r, err := refine.Open(rt, onnx)
	if err != nil {
		return nil, err
	}
	if o.RefineSize != (refine.Size{}) {
		r.SetSize(o.RefineSize)
		return r, nil
	}
	if err := r.SetBudget(o.RefineBudget); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// refinerOf finds the network: what was given, what a person imported, what ships.
func refinerOf(store *models.Store, o Options) ([]byte, error) {
	if o.Refiner != nil {
		return o.Refiner, nil
	}
	if store.Imported(models.Refiner) {
		return store.Read(models.Refiner)
	}
	b, err := weights.Read(refinerFile)
	if errors.Is(err, weights.ErrAbsent) {
		err = ErrNoRefiner
	}
	return b, err
}

func (s *refining) close() error {
	if s.net == nil {
		return nil
	}
	return s.net.Close()
}

// fail switches the stage off for good and says why.
func (s *refining) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.Why, s.state.Absent = err.Error(), errors.Is(err, ErrNoRefiner)
}

// SetRefine switches refining on or off, from the next frame on.
func (e *Engine) SetRefine(on bool) { e.refining.wanted.Store(on) }

// KeepPlain has results keep the looks as they were drawn, beside the refined
// ones, from the next frame on.
func (e *Engine) KeepPlain(on bool) { e.refining.keep.Store(on) }

// Refining tells how the last stage stands.
func (e *Engine) Refining() Refining {
	s := &e.refining
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.wanted.Load() {
		return Refining{}
	}
	return s.state
}

// begin says whether the frame in hand is refined, and makes a guide for each
// of its wearers.
func (s *refining) begin(wearers int) bool {
	on := s.wanted.Load() && s.ready()
	s.mu.Lock()
	on = on && s.state.Why == ""
	if s.state.On, s.state.Size = on, (refine.Size{}); on {
		s.state.Size = s.net.Size()
	}
	s.mu.Unlock()
	for len(s.guides) < wearers && on {
		s.guides = append(s.guides, render.Guide{})
	}
	return on
}

// guide has the drawing of wearers fill a guide each.
func (s *refining) guide(wearers []render.Wearer) {
	size := s.net.Size()
	for i := range wearers {
		s.guides[i].W, s.guides[i].H = size.W, size.H
		wearers[i].Guide = &s.guides[i]
	}
}

// refine refines look i of a result, which was just drawn on e.wearers.
func (e *Engine) refine(r *Result, i int) {
	s, img := &e.refining, r.Looks[i]
	if s.keep.Load() {
		plain := e.pool.image(img.Rect.Size())
		copy(plain.Pix, img.Pix)
		r.Plain = append(r.Plain, plain)
	}
	start := time.Now()
	for k := range e.wearers {
		changed, err := s.net.Refine(img, r.Frame.Image, &s.guides[k], e.wearers[k].Face)
		if err != nil {
			s.fail(err)
			return
		}
		r.Drawn[i] = r.Drawn[i].Union(changed)
		r.Refined = s.net.Size()
	}
	for k := range e.wearers {
		r.Times.Refine += s.guides[k].Took
	}
	r.Times.Refine += time.Since(start)
}

// finish tells the budget what the frame took.
func (s *refining) finish(took time.Duration) {
	if s.net != nil && took > 0 {
		s.net.Took(took)
	}
}
