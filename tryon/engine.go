package tryon

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"cheval/camera"
	"cheval/models"
	"cheval/models/facegeometry"
	"cheval/tryon/eyewear"
	"cheval/tryon/fit"
	"cheval/tryon/perceive"
	"cheval/tryon/refine"
	"cheval/tryon/render"
)

// Options of an Engine.
type Options struct {
	// MaxFaces is how many people are followed at most, 0 for 5.
	MaxFaces int
	// AllFaces dresses everybody, not only the active face.
	AllFaces bool
	// EveryFace sees every face in every frame, as a file deserves; without it
	// the others are seen in turn, so that company does not slow the mirror.
	EveryFace bool
	// Refine has what was drawn refined (see SetRefine).
	Refine bool
	// RefineBudget is what refining a frame may take: its size follows. 0: the
	// largest size, whatever it takes, as a file deserves.
	RefineBudget time.Duration
	// RefineSize stays with one of the refiner's sizes where it is not zero.
	RefineSize refine.Size
	// Refiner is the refining network's ONNX file; nil: the imported one, or else
	// the one that ships.
	Refiner []byte
}

// ReadGeometry reads the canonical face from the store of installed models.
func ReadGeometry(s *models.Store) (*facegeometry.Geometry, error) {
	b, err := s.Read("face_geometry")
	if err != nil {
		return nil, err
	}
	return facegeometry.Parse(b)
}

// Engine puts products on the people in the frames of one source. One
// goroutine calls Process, ProcessStill and Close; the other methods may come
// from any. In steady state it allocates nothing.
type Engine struct {
	opt       Options
	runtime   *models.Runtime
	provider  models.Provider
	ran       string
	triangles [][3]uint16 // of the face, for the debug overlay
	perceiver *perceive.Perceiver
	renderer  *render.Renderer
	meshes    meshes
	lights    lights
	refining  refining
	cards     cardVeil
	pool      pool
	wearers   []render.Wearer
	items     []render.Item // one for each wearer
}

// OpenEngine starts the models that the engine needs from a store, on device d
// if it can be (see Provider). They are its own and end with it.
func OpenEngine(s *models.Store, d models.Device, o Options) (_ *Engine, err error) {
	rt, err := models.OpenRuntime(s, d)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, rt.Close())
		}
	}()
	g, err := ReadGeometry(s)
	if err != nil {
		return nil, err
	}
	p, err := perceive.New(rt, g, perceive.Options{MaxFaces: o.MaxFaces, EveryFace: o.EveryFace})
	if err != nil {
		return nil, fmt.Errorf("tryon: start the models: %w", err)
	}
	e := &Engine{opt: o, runtime: rt, provider: rt.Provider(), perceiver: p, renderer: render.New(g), triangles: g.Triangles}
	e.ran = strings.ToUpper(string(e.provider.Ran))
	e.pool.faces, e.cards.pool = p, &e.pool
	e.refining.open(s, rt, o)
	return e, nil
}

// Close ends the models. Results that are still held stay valid. It may be
// called twice.
func (e *Engine) Close() error {
	return errors.Join(e.refining.close(), e.perceiver.Close(), e.runtime.Close())
}

// Provider says what runs the models, and why.
func (e *Engine) Provider() models.Provider { return e.provider }

// SetActive makes the face with this ID the active one for as long as it is
// seen; 0 leaves the choice to the engine.
func (e *Engine) SetActive(id int) { e.perceiver.SetActive(id) }

// Reset forgets every face, its measures and its card: a visit has ended.
func (e *Engine) Reset() { e.perceiver.Reset() }

// CalibrateCard switches the search for a bank-sized card at the active face.
func (e *Engine) CalibrateCard(on bool) { e.perceiver.CalibrateCard(on) }

// Card tells how a calibration goes.
func (e *Engine) Card() perceive.CardState { return e.perceiver.Card() }

// Prepare builds what Process needs of a look, so that it does not hold up a
// frame, and says what is wrong with the look if something is.
func (e *Engine) Prepare(w Worn) error {
	_, err := e.meshes.of(w)
	return err
}

// Process takes the next frame of a live picture or a clip and returns it with
// each of looks drawn. The frame stays the caller's; the result holds it too
// and is held once, for the caller.
func (e *Engine) Process(f *camera.Frame, looks []Worn) (*Result, error) {
	start := time.Now()
	faces, times, err := e.perceiver.Track(f.Image, f.Offset, f.FocalPx)
	if err != nil {
		return nil, fmt.Errorf("tryon: perceive frame %d: %w", f.Seq, err)
	}
	return e.finish(start, f, faces, times, looks)
}

// ProcessStill takes a photo: a picture without a past. It forgets the faces
// that Process followed.
func (e *Engine) ProcessStill(f *camera.Frame, looks []Worn) (*Result, error) {
	start := time.Now()
	faces, times, err := e.perceiver.Still(f.Image, f.FocalPx)
	if err != nil {
		return nil, fmt.Errorf("tryon: perceive the picture: %w", err)
	}
	e.lights.forget()
	return e.finish(start, f, faces, times, looks)
}

// finish makes the result of a frame that was perceived.
func (e *Engine) finish(start time.Time, f *camera.Frame, faces []*perceive.Face, times perceive.Times, looks []Worn) (*Result, error) {
	seen := time.Now()
	r := e.pool.result(e.cards.cover(f, faces))
	r.Faces, r.Provider, r.Triangles = faces, e.ran, e.triangles
	if err := e.dress(r, looks); err != nil {
		r.Release()
		return nil, err
	}
	now := time.Now()
	took := r.Times.Refine
	r.Times = Times{Detect: times.Detect, Mesh: times.Mesh, Iris: times.Iris, Perceive: times.Total,
		Render: now.Sub(seen) - took, Refine: took, Total: now.Sub(start)}
	return r, nil
}

// dress draws every look and judges the first.
func (e *Engine) dress(r *Result, looks []Worn) error {
	dressed := r.Faces
	if !e.opt.AllFaces && len(dressed) > 1 {
		dressed = dressed[:1]
	}
	r.Times.Refine = 0
	refined := e.refining.begin(len(dressed))
	if len(looks) > 0 {
		e.lights.estimate(r.Frame.Image, dressed)
	}
	for i, w := range looks {
		m, err := e.meshes.of(w)
		if err != nil {
			return err
		}
		img := e.pool.image(r.Frame.Image.Rect.Size())
		copy(img.Pix, r.Frame.Image.Pix)
		r.Looks, r.Worn = append(r.Looks, img), append(r.Worn, w)
		e.wear(dressed, m, w)
		if refined {
			e.refining.guide(e.wearers)
		}
		r.Drawn = append(r.Drawn, e.renderer.DrawAll(img, e.wearers...))
		if refined {
			e.refine(r, i)
		}
		if i == 0 && len(dressed) > 0 {
			r.report.Set(m, &w.Product.Eyewear, dressed[0])
			r.Fit = &r.report
		}
	}
	e.refining.finish(r.Times.Refine)
	return nil
}

// wear makes e.wearers the faces with a look on each.
func (e *Engine) wear(faces []*perceive.Face, m *eyewear.Mesh, w Worn) {
	e.wearers, e.items = e.wearers[:0], e.items[:0]
	for _, f := range faces {
		e.items = append(e.items, render.Item{Mesh: m, Variant: &w.Product.Variants[w.Variant],
			Placement: fit.Place(m, &w.Product.Eyewear, f)})
	}
	for i, f := range faces {
		e.wearers = append(e.wearers, render.Wearer{Face: f, Light: e.lights.of(f.ID), Items: e.items[i : i+1]})
	}
}
