package app

import (
	"context"
	"errors"
	"fmt"
	"image"

	"fyne.io/fyne/v2"

	"cheval/app/live"
	"cheval/camera"
	"cheval/models"
	"cheval/tryon"
	"cheval/viewport"
)

// liveMirror is the real Mirror: the pipeline, told in the shop's settings and
// telling in the screens' words.
type liveMirror struct {
	*live.Pipeline
	report func(mirrorStatus)
	told   mirrorStatus // its slices are used again
}

// openMirror starts the pipeline; camera and models open elsewhere.
func openMirror(home string, s Settings) (Mirror, error) {
	store, err := models.OpenStore(home)
	if err != nil {
		return nil, err
	}
	device, err := models.ParseDevice(s.Device)
	if err != nil {
		return nil, err
	}
	m := &liveMirror{}
	m.Pipeline = live.New(live.Options{Store: store, Device: device, Source: specOf(s.Source), Refine: s.Refine})
	m.Pipeline.OnStatus(m.translate)
	return m, nil
}

// specOf says in the camera's words what the settings mean.
func specOf(s SourceSettings) camera.Spec {
	spec := camera.Spec{Paced: true, Loop: true, Width: s.Width, Height: s.Height, Rotation: s.Rotation}
	switch s.Kind {
	case sourceDemo:
		spec.Kind, spec.Rotation = camera.KindDemo, 0
	case sourceVideo:
		spec.Kind, spec.Path = camera.KindFile, s.Path
	case sourcePhoto:
		spec.Kind, spec.Path = camera.KindStill, s.Path
	case sourceStream:
		spec.Kind, spec.URL = camera.KindStream, s.URL
	default:
		spec.Kind, spec.Name = camera.KindDevice, s.Camera
	}
	return spec
}

func (m *liveMirror) Object() fyne.CanvasObject      { return m.Pipeline.Object() }
func (m *liveMirror) SetSource(s SourceSettings)     { m.Pipeline.SetSource(specOf(s)) }
func (m *liveMirror) SetLooks(l []tryon.Worn)        { m.Pipeline.SetLooks(l) }
func (m *liveMirror) SetView(v viewport.View)        { m.Pipeline.SetView(v) }
func (m *liveMirror) OnStatus(f func(mirrorStatus))  { m.report = f }
func (m *liveMirror) Snapshot() (*image.RGBA, error) { return m.Pipeline.Snapshot() }

// SetDevice changes what runs the models; a word that is none changes nothing.
func (m *liveMirror) SetDevice(name string) {
	if d, err := models.ParseDevice(name); err == nil {
		m.Pipeline.SetDevice(d)
	}
}

// SetSecondDisplay shows the mirror full screen on the second display, which
// needs one. It blocks until the display is known.
func (m *liveMirror) SetSecondDisplay(ctx context.Context, on bool) error {
	if !on {
		return m.FullScreen(ctx, -1)
	}
	names, err := m.Displays(ctx)
	if err != nil {
		return fmt.Errorf("second display: %w", err)
	}
	if len(names) < 2 {
		return errors.New("second display: only one display is connected; plug another in and switch this on again")
	}
	return m.FullScreen(ctx, 1)
}

func (m *liveMirror) Close() error {
	m.Pipeline.Close()
	return nil
}

// translate turns the pipeline's status into the screens'.
func (m *liveMirror) translate(s live.Status) {
	t := &m.told
	faces := t.Faces[:0]
	for _, f := range s.Faces {
		faces = append(faces, seenFace{f.ID, rect{f.X0, f.Y0, f.X1 - f.X0, f.Y1 - f.Y0}, f.Yaw})
	}
	*t = mirrorStatus{
		FPS: s.FPS, Delay: s.Delay, Device: s.Ran, DeviceWhy: s.Why, Model: s.Perceive, Render: s.Render,
		Refine: s.Refine, RefineWhy: s.Refining.Why, NoRefiner: s.Refining.Absent,
		Faces: faces, Fit: s.Fit, Measure: s.Measure, Hints: append(t.Hints[:0], s.Hints...),
		Reduced: s.Reduced, Painter: s.Painter, PainterWhy: s.PainterWhy, Drawn: s.Drawn,
		Dropped: s.Dropped.Camera + s.Dropped.Engine + s.Dropped.Screen,
	}
	if s.Refining.On {
		t.Refined = s.Refining.Size.String()
	}
	t.Card, t.CardProgress = cardPhaseOf(s)
	t.CardWhy = s.Card.Why
	t.Source, t.Problem, t.Detail = troubleOf(s)
	if m.report != nil {
		m.report(*t)
	}
}

func cardPhaseOf(s live.Status) (cardPhase, float64) {
	switch c := s.Card; {
	case c.Done:
		return cardDone, 1
	case !c.On:
		return cardOff, 0
	case c.Progress > 0:
		return cardMeasuring, c.Progress
	}
	return cardSearching, 0
}

// troubleOf says how the source is, and under which key what is wrong is told.
func troubleOf(s live.Status) (sourcePhase, string, string) {
	switch s.Camera.State {
	case camera.Busy, camera.Unplugged, camera.Silent, camera.Failed, camera.Ended:
		return sourceTrouble, string(s.Camera.State), s.Camera.Text
	case camera.Ready:
		switch {
		case s.Ran == "" && s.Problem != "":
			return sourceTrouble, "models", s.Problem
		case s.Ran == "":
			return sourceStarting, "", ""
		}
		return sourceReady, "", s.Problem
	}
	return sourceStarting, "", s.Problem
}
