package embed

import (
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"math"

	"cheval/models"
	"cheval/models/weights"
)

// Width is how many numbers an embedding has.
const Width = 128

// Embedding is a picture's place among all: a unit vector, so that the product
// of two is their cosine.
type Embedding []float32

// Seen is what the encoder says of a picture.
type Seen struct {
	Embedding Embedding
	Class     string             // the likeliest of Classes
	Classes   map[string]float32 // how likely each is, 0 to 1, together 1
}

// Encoder runs the picture encoder. One goroutine at a time may use it.
type Encoder struct {
	session *models.Session
	classes []string
	mark    string // of its weights
}

// Model is the encoder's name for records.
const Model = "encoder"

// Open starts the encoder on r. Close it before r.
func Open(r *models.Runtime) (*Encoder, error) {
	onnx, err := weights.Read("encoder.onnx")
	if err != nil {
		return nil, err
	}
	classes, err := Classes()
	if err != nil {
		return nil, err
	}
	s, err := r.LoadONNX(Model, onnx)
	if err != nil {
		return nil, err
	}
	if in, out := len(s.Input("picture")), len(s.Output("embedding")); in != 3*Edge*Edge || out != Width || len(s.Output("classes")) != len(classes) {
		return nil, errors.Join(fmt.Errorf("embed: the encoder takes %d numbers and gives %d; %d and %d were expected", in, out, 3*Edge*Edge, Width), s.Close())
	}
	mark, err := weights.Mark("encoder.onnx")
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return &Encoder{session: s, classes: classes, mark: mark}, nil
}

// Classes are the kinds of product that the encoder tells apart.
func Classes() ([]string, error) {
	b, err := weights.Read("encoder.labels.json")
	if err != nil {
		return nil, err
	}
	var labels struct {
		Classes []string `json:"classes"`
	}
	if err := json.Unmarshal(b, &labels); err != nil {
		return nil, fmt.Errorf("embed: read the encoder's labels: %w", err)
	}
	return labels.Classes, nil
}

// Close ends the session. It may be called twice.
func (e *Encoder) Close() error { return e.session.Close() }

// See looks at a picture: a cut-out (best), or a photo as it is. The same
// picture gives the same numbers on the same device and version.
func (e *Encoder) See(m *image.NRGBA) (*Seen, error) {
	if m.Rect.Empty() {
		return nil, errors.New("embed: the picture is empty")
	}
	return e.SeeAsIs(Normalise(m))
}

// SeeAsIs looks at a picture that is normalised already, Edge x Edge.
func (e *Encoder) SeeAsIs(m *image.NRGBA) (*Seen, error) {
	if m.Rect.Size() != image.Pt(Edge, Edge) {
		return nil, fmt.Errorf("embed: the picture is %d×%d pixels, not %d×%d", m.Rect.Dx(), m.Rect.Dy(), Edge, Edge)
	}
	fill(e.session.Input("picture"), m)
	if err := e.session.Run(); err != nil {
		return nil, err
	}
	return e.read()
}

// read takes the encoder's outputs.
func (e *Encoder) read() (*Seen, error) {
	seen := &Seen{Embedding: append(Embedding(nil), e.session.Output("embedding")...), Classes: map[string]float32{}}
	var length float64
	for _, v := range seen.Embedding {
		length += float64(v) * float64(v)
	}
	if !(math.Abs(length-1) < 1e-3) {
		return nil, errors.New("embed: the encoder gave no unit vector: its weights may be damaged, or the device may be at fault; try the CPU")
	}
	for i, p := range e.session.Output("classes") {
		seen.Classes[e.classes[i]] = p
		if p > seen.Classes[seen.Class] {
			seen.Class = e.classes[i]
		}
	}
	return seen, nil
}

// fill writes a picture composed on white as planes of red, green and blue, 0
// to 1.
func fill(dst []float32, m *image.NRGBA) {
	n := Edge * Edge
	for y := range Edge {
		for x := range Edge {
			p := m.Pix[m.PixOffset(m.Rect.Min.X+x, m.Rect.Min.Y+y):]
			a := float32(p[3]) / 255
			for c := range 3 {
				v := math.Floor(float64(float32(p[c])*a + 255*(1-a) + 0.5))
				dst[c*n+y*Edge+x] = float32(v) / 255
			}
		}
	}
}

// Distance is 1 less the cosine of two embeddings: 0 for the same, about 1 for
// pictures with nothing in common, at most 2.
func Distance(a, b Embedding) float64 {
	var dot float64
	for i := range a {
		dot += float64(a[i]) * float64(b[i])
	}
	return 1 - dot
}
