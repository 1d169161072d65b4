package anchor

import (
	"image"

	"cheval/catalog"
)

// Hint is what is known of a frame beside its photo.
type Hint struct {
	Notation   catalog.Notation // zero: not given
	FrontWidth float32          // typed total width, mm; 0: not given
	Material   catalog.Material // "" is found
}

// Find finds the anchors of a frame in its front photo img, whose cut-out is
// alpha, of the same size. What is doubtful is said in the anchors' Doubts; an
// error means that no frame was found at all. It takes under a second and is
// safe for concurrent use.
func Find(img *image.RGBA, alpha *image.Alpha, hint Hint) (*catalog.Anchors, error) {
	v, err := newView(img, alpha)
	if err != nil {
		return nil, err
	}
	v.findRim()
	f := v.findAxis()
	shape, score := v.findPair(&f)
	p := v.settle(f, shape, score)
	v.learn(p)
	v.resettle(p)
	v.takeBevels(p)
	h, ok := p.flatten()
	if !ok {
		return nil, errNothing
	}
	a := &catalog.Anchors{Width: img.Rect.Dx(), Height: img.Rect.Dy()}
	for side := range a.Outlines {
		for _, q := range p.outline(side) {
			a.Outlines[side] = append(a.Outlines[side], v.photo(f.place(q)))
		}
	}
	a.Doubts = append(a.Doubts, v.doubtOutlines(p, &h)...)
	e, err := v.findEdge(&h, &p.shape)
	if err != nil {
		a.Doubts = append(a.Doubts, catalog.Doubt{What: "contour", Why: "the bridge or the outer edge is not seen in the cut-out; drag the anchors there"})
		e = v.plainEdge(&p.shape)
	}
	v.keepEdge(a, &h, &e, &p.shape)
	Measure(a, hint)
	return a, nil
}

// keepEdge writes the outer edge and what follows from it as anchors.
func (v *view) keepEdge(a *catalog.Anchors, h *plane, e *edge, s *star) {
	const n = 260
	e.points = evenly(e.points, n)
	for _, p := range e.points {
		a.Contour = append(a.Contour, v.photo(h.place(p)))
	}
	for i := n - 1; i >= 0; i-- {
		if p := e.points[i]; p.x > 0 {
			a.Contour = append(a.Contour, v.photo(h.place(point{-p.x, p.y})))
		}
	}
	a.Bridge = v.photo(h.place(e.points[0]))
	_, end := e.halfWidth()
	a.Hinges = [2][2]float32{v.photo(h.place(point{-end.x, end.y})), v.photo(h.place(end))}
	lo, hi := s.box()
	a.Axis = [2][2]float32{v.photo(h.place(point{0, lo.y})), v.photo(h.place(point{0, hi.y}))}
}

// plainEdge stands for an edge that was not found: a rim of usual width and a
// straight bridge, to be dragged.
func (v *view) plainEdge(s *star) edge {
	lo, hi := s.box()
	rim := make([]point, len(s.r))
	for k := range rim {
		rim[k] = s.along(k, s.r[k]*1.14)
	}
	y := lo.y + 0.3*(hi.y-lo.y)
	bar := []point{{0, y}, {s.mid.x, y}, {s.mid.x, y + 0.1*s.mid.x}, {0, y + 0.1*s.mid.x}}
	points, err := unite([][]point{rim, bar})
	if err != nil {
		points = []point{{0, y + 5}, {s.mid.x, hi.y}, {hi.x, y}, {s.mid.x, lo.y}, {0, y}}
	}
	return edge{points: points}
}
