package publish

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/draw"

	"cheval/camera"
	"cheval/catalog"
	"cheval/models"
	"cheval/models/facegeometry"
	"cheval/tryon"
	"cheval/tryon/eyewear"
	"cheval/tryon/fit"
	"cheval/tryon/perceive"
	"cheval/tryon/render"

	"github.com/go-gl/mathgl/mgl32"
)

// Angles is how many views a preview has.
const Angles = 5

// tile is a view's side in pixels.
const tile = 480

// The heads are frames of the demo, whose portrait turns by known angles; at
// this rate these of its first twelve frames look ahead, 35° and 20° to either
// side.
const headRate = 0.7

var headFrames = [Angles]uint64{4, 11, 0, 10, 2}

// ahead is the view that looks ahead.
const ahead = 2

// Heads is the demo's portrait at five angles, seen once, on which products
// are drawn. One goroutine at a time may use it; it needs no closing.
type Heads struct {
	views    []view
	renderer *render.Renderer
	buffer   *image.RGBA
}

// view is one head.
type view struct {
	img   *image.RGBA
	face  *perceive.Face
	light render.Light
	crop  image.Rectangle
}

// OpenHeads looks at the demo's portrait with the models of the store, on the
// CPU, so that it is the same on every machine. It takes a second.
func OpenHeads(ctx context.Context, s *models.Store) (_ *Heads, err error) {
	g, err := tryon.ReadGeometry(s)
	if err != nil {
		return nil, err
	}
	rt, err := models.OpenRuntime(s, models.CPU)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rt.Close()) }()
	p, err := perceive.New(rt, g, perceive.Options{MaxFaces: 1})
	if err != nil {
		return nil, fmt.Errorf("publish: start the models: %w", err)
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	demo, err := openDemo(s, g, p)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, demo.Close()) }()
	h := &Heads{renderer: render.New(g), views: make([]view, Angles)}
	return h, h.look(ctx, demo, p)
}

// openDemo makes the source of the heads.
func openDemo(s *models.Store, g *facegeometry.Geometry, p *perceive.Perceiver) (*camera.Demo, error) {
	b, err := s.Read("demo_portrait")
	if err != nil {
		return nil, err
	}
	portrait, err := camera.DecodeImage(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	faces, _, err := p.Still(portrait, 0)
	if err != nil {
		return nil, err
	}
	if len(faces) == 0 {
		return nil, errors.New("publish: no face was found in the demo's portrait: run `make models` to install it again")
	}
	mesh := camera.DemoMesh{Triangles: g.Triangles, Points: make([][3]float32, perceive.Landmarks)}
	for i, q := range faces[0].Points {
		mesh.Points[i] = q
	}
	return camera.NewDemo(camera.DemoOptions{Portrait: portrait, Mesh: mesh, Width: 960, Height: 960, FPS: headRate,
		Pose: func(points [][3]float32, w, h int, focal float32) (yaw, pitch, roll float32, err error) {
			solver, err := perceive.NewSolver(g)
			if err != nil {
				return 0, 0, 0, err
			}
			var at, metric [perceive.Landmarks]mgl32.Vec3
			for i := range min(len(points), len(at)) {
				at[i] = points[i]
			}
			pose, _, err := solver.Solve(&at, w, h, focal, &metric)
			return pose.Yaw, pose.Pitch, pose.Roll, err
		}})
}

// look takes the heads from the demo's frames.
func (h *Heads) look(ctx context.Context, demo *camera.Demo, p *perceive.Perceiver) error {
	last := uint64(0)
	for _, n := range headFrames {
		last = max(last, n)
	}
	for n := uint64(0); n <= last; n++ {
		f, err := demo.Next(ctx)
		if err != nil {
			return fmt.Errorf("publish: draw the heads: %w", err)
		}
		for i, want := range headFrames {
			if n == want && err == nil {
				err = h.views[i].see(f, p)
			}
		}
		f.Release()
		if err != nil {
			return err
		}
	}
	return nil
}

func (v *view) see(f *camera.Frame, p *perceive.Perceiver) error {
	v.img = image.NewRGBA(f.Image.Rect)
	copy(v.img.Pix, f.Image.Pix)
	faces, _, err := p.Still(v.img, f.FocalPx)
	if err != nil {
		return fmt.Errorf("publish: perceive a head: %w", err)
	}
	if len(faces) == 0 {
		return errors.New("publish: no face was found in a head of the preview")
	}
	v.face = faces[0]
	v.light = render.EstimateLight(v.img, v.face, render.Light{})
	lo, hi := v.face.Points[0], v.face.Points[0]
	for _, q := range v.face.Points[:468] {
		for c := range 2 {
			lo[c], hi[c] = min(lo[c], q[c]), max(hi[c], q[c])
		}
	}
	mid := image.Pt(int(lo[0]+hi[0])/2, int(lo[1]+(hi[1]-lo[1])*0.4))
	at := image.Pt(clampTo(mid.X-tile/2, f.Image.Rect.Dx()-tile), clampTo(mid.Y-tile/2, f.Image.Rect.Dy()-tile))
	v.crop = image.Rectangle{Min: at, Max: at.Add(image.Pt(tile, tile))}
	return nil
}

func clampTo(x, most int) int { return max(0, min(x, most)) }

// Draw returns a variant worn at the five angles, side by side: the preview
// that is approved and compared. It takes a few hundredths of a second, the
// mesh's building included.
func (h *Heads) Draw(p *catalog.Product, variant int) (*image.RGBA, error) {
	if variant < 0 || variant >= len(p.Variants) {
		return nil, fmt.Errorf("publish: %s has no variant %d", p.ID, variant)
	}
	m, err := eyewear.Build(p.Eyewear)
	if err != nil {
		return nil, fmt.Errorf("publish: build %s: %w", p.ID, err)
	}
	out := image.NewRGBA(image.Rect(0, 0, Angles*tile, tile))
	for i := range h.views {
		h.wear(i, m, &p.Eyewear, &p.Variants[variant])
		draw.Draw(out, image.Rect(i*tile, 0, (i+1)*tile, tile), h.buffer, h.views[i].crop.Min, draw.Src)
	}
	return out, nil
}

// Front returns a frame that is built already, worn by the head that looks
// ahead: the middle view of Draw.
func (h *Heads) Front(m *eyewear.Mesh, e *catalog.Eyewear, v *catalog.Variant) *image.RGBA {
	h.wear(ahead, m, e, v)
	out := image.NewRGBA(image.Rect(0, 0, tile, tile))
	draw.Draw(out, out.Rect, h.buffer, h.views[ahead].crop.Min, draw.Src)
	return out
}

// wear draws a frame on a head, into the buffer.
func (h *Heads) wear(i int, m *eyewear.Mesh, e *catalog.Eyewear, variant *catalog.Variant) {
	v := &h.views[i]
	if h.buffer == nil {
		h.buffer = image.NewRGBA(v.img.Rect)
	}
	copy(h.buffer.Pix, v.img.Pix)
	h.renderer.Draw(h.buffer, v.face, v.light, render.Item{Mesh: m, Variant: variant, Placement: fit.Place(m, e, v.face)})
}
