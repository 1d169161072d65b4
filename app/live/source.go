package live

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/go-gl/mathgl/mgl32"

	"cheval/camera"
	"cheval/models"
	"cheval/models/facegeometry"
	"cheval/tryon"
	"cheval/tryon/perceive"
)

// Open opens the source of a spec. The demo is made of the portrait among the
// installed models, whose face is found first.
func Open(ctx context.Context, s *models.Store, spec camera.Spec) (camera.Source, error) {
	if spec.Kind != camera.KindDemo || spec.Demo != nil {
		return camera.Open(ctx, spec)
	}
	demo, err := demoOptions(s)
	if err != nil {
		return nil, fmt.Errorf("camera: make the demo: %w", err)
	}
	demo.Width, demo.Height, demo.FPS = spec.Width, spec.Height, spec.FPS
	spec.Demo = demo
	return camera.Open(ctx, spec)
}

// demoOptions finds the face in the demo's portrait.
func demoOptions(s *models.Store) (*camera.DemoOptions, error) {
	b, err := s.Read("demo_portrait")
	if err != nil {
		return nil, err
	}
	portrait, err := camera.DecodeImage(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	g, err := tryon.ReadGeometry(s)
	if err != nil {
		return nil, err
	}
	o := &camera.DemoOptions{Portrait: portrait, Pose: poser(g)}
	o.Mesh.Triangles = g.Triangles
	o.Mesh.Points, err = pointsOf(s, g, o)
	return o, err
}

// pointsOf returns the landmarks of the portrait.
func pointsOf(s *models.Store, g *facegeometry.Geometry, o *camera.DemoOptions) ([][3]float32, error) {
	rt, err := models.OpenRuntime(s, models.CPU)
	if err != nil {
		return nil, err
	}
	defer rt.Close()
	p, err := perceive.New(rt, g, perceive.Options{MaxFaces: 1})
	if err != nil {
		return nil, err
	}
	defer p.Close()
	faces, _, err := p.Still(o.Portrait, 0)
	if err != nil {
		return nil, err
	}
	if len(faces) == 0 {
		return nil, errors.New("no face was found in its portrait: run `make models` to install it again")
	}
	points := make([][3]float32, perceive.Landmarks)
	for i, q := range faces[0].Points {
		points[i] = q
	}
	return points, nil
}

// poser tells how a head stands whose landmarks are given, as the engine would.
func poser(g *facegeometry.Geometry) func([][3]float32, int, int, float32) (yaw, pitch, roll float32, err error) {
	return func(points [][3]float32, w, h int, focal float32) (yaw, pitch, roll float32, err error) {
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
	}
}
