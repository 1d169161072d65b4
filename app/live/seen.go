package live

import (
	"image"
	"sync"
	"sync/atomic"
	"time"

	"cheval/camera"
	"cheval/models"
	"cheval/tryon"
	"cheval/tryon/fit"
	"cheval/tryon/perceive"
)

// seen is what the stages said last, for the next status.
type seen struct {
	mu               sync.Mutex
	camera           camera.Status
	provider         models.Provider
	ran              string
	trouble          error
	faces            []seenFace
	hints            []perceive.Hint
	measure          perceive.Measure
	fit              fit.Report
	fitted           bool
	perceive, render time.Duration
	refine           time.Duration
}

type seenFace struct {
	id  int
	box image.Rectangle
	yaw float32
}

func (s *seen) setCamera(c camera.Status) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.camera = c
}

func (s *seen) setTrouble(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trouble = err
}

func (s *seen) setProvider(p models.Provider) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.provider = p
}

// setResult keeps what a status says of a result.
func (s *seen) setResult(r *tryon.Result) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ran = r.Provider
	s.faces, s.hints, s.measure = s.faces[:0], s.hints[:0], perceive.Measure{}
	for i, f := range r.Faces {
		s.faces = append(s.faces, seenFace{f.ID, f.Box, f.Pose.Yaw})
		if i == 0 {
			s.hints, s.measure = append(s.hints, f.Hints...), f.Measure
		}
	}
	if s.fitted = r.Fit != nil; s.fitted {
		s.fit = *r.Fit
	}
	if r.Provider != "" {
		smooth(&s.perceive, r.Times.Perceive)
		smooth(&s.render, r.Times.Render)
		smooth(&s.refine, r.Times.Refine)
	}
}

// fill puts what was seen into a status; place finds a box in the mirror.
func (s *seen) fill(t *Status, report *fit.Report, place func(image.Rectangle) (x0, y0, x1, y1 float32)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t.Camera, t.Ran, t.Why = s.camera, s.ran, s.provider.Why
	t.Perceive, t.Render, t.Refine, t.Measure = s.perceive, s.render, s.refine, s.measure
	t.Problem = ""
	if s.trouble != nil {
		t.Problem = s.trouble.Error()
	}
	t.Faces = t.Faces[:0]
	for _, f := range s.faces {
		x0, y0, x1, y1 := place(f.box)
		t.Faces = append(t.Faces, Face{ID: f.id, Yaw: f.yaw, X0: x0, Y0: y0, X1: x1, Y1: y1})
	}
	t.Hints = append(t.Hints[:0], s.hints...)
	t.Fit = nil
	if s.fitted {
		*report = s.fit
		t.Fit = report
	}
}

// telling hands statuses to the UI's goroutine: together with the refresh of a
// frame, so that what they change is painted with it, or by themselves where
// no frame comes.
type telling struct {
	to   func(Status)
	onUI func(func())
	do   func() // made once: handing it over allocates nothing
	due  atomic.Bool

	// Below: only the UI's goroutine.
	status Status
	report fit.Report
}

// send makes a status due. One that is still due was not taken with a frame.
func (t *telling) send() {
	if t.to != nil && t.due.Swap(true) {
		t.onUI(t.do)
	}
}

// tell makes the status of this moment and hands it over, if one is due.
func (p *Pipeline) tell() {
	t := &p.telling
	if !t.due.Swap(false) {
		return
	}
	now, s := time.Now(), &t.status
	p.seen.fill(s, &t.report, p.mirror.Place)
	s.FPS, s.Source = p.delays.rate(now), p.source.rate(now)
	s.Delay, s.DelayP95 = p.delays.quantile(now, 0.5), p.delays.quantile(now, 0.95)
	s.Window = p.glass.window
	v := p.mirror.Stats()
	s.Painter, s.PainterWhy, s.Paint = v.Painter, v.Why, v.Paint
	s.Drawn, s.Shown, s.Reduced, s.FullScreen = v.Drawn, v.Shown, v.Reduced, v.FullScreen
	s.Dropped = Drops{Camera: p.frames.Dropped(), Engine: v.Dropped, Screen: p.mirror.Pictures().Dropped()}
	if e := p.engine.Load(); e != nil {
		s.Card, s.Refining = e.Card(), e.Refining()
	}
	t.to(*s)
}
