// Package facegeometry reads MediaPipe's canonical face: the metric face
// model whose 468 vertices are the first 468 landmarks of the face mesh, and
// the weights with which a face is fitted to it (Procrustes analysis).
//
// It leaves to others where the bytes come from (models) and the fitting
// itself (perceive).
package facegeometry

import (
	"errors"
	"fmt"
	"math"

	"github.com/go-gl/mathgl/mgl32"
)

// Limits of what Parse accepts. MediaPipe's file has 19 376 bytes, 468
// vertices, 898 triangles and 33 weights.
const (
	maxBytes     = 1 << 20
	maxVertices  = 4096
	maxTriangles = 16384
	maxBasis     = maxVertices
	maxExtent    = 100 // cm from the origin
)

// Geometry is a face in its own space: right-handed, in centimetres, x to the
// right of a person who looks at the face, y up, z out of the face towards
// that person, the origin inside the head.
type Geometry struct {
	// Vertices are in centimetres; vertex i is the face mesh's landmark i.
	Vertices []mgl32.Vec3
	// UV are texture coordinates 0..1 of each vertex, v growing down the face.
	UV []mgl32.Vec2
	// Triangles hold indices of Vertices, counter-clockwise seen from outside.
	Triangles [][3]uint16
	// Basis are the landmarks that place the head, in the file's order. The
	// weights need not sum to 1 (MediaPipe's sum to 1.055).
	Basis []Weight
}

// Weight says how much one landmark counts in the weighted Procrustes fit.
type Weight struct {
	Landmark int     // index of Vertices
	Value    float32 // greater than 0
}

// Parse reads a serialized mediapipe.face_geometry.GeometryPipelineMetadata.
// It keeps nothing of b. It returns an error for bytes that are not such a
// message, and for one whose indices, numbers or counts make no usable face.
func Parse(b []byte) (*Geometry, error) {
	g, err := parse(b)
	if err != nil {
		return nil, fmt.Errorf("face geometry: %w (the file is damaged or of another kind: install the models again)", err)
	}
	return g, nil
}

func parse(b []byte) (*Geometry, error) {
	if len(b) == 0 {
		return nil, errors.New("the file is empty")
	}
	if len(b) > maxBytes {
		return nil, fmt.Errorf("%d bytes are more than the %d a face geometry may have", len(b), maxBytes)
	}
	m, err := readMetadata(b)
	if err != nil {
		return nil, err
	}
	g := &Geometry{}
	if err := g.setVertices(m.mesh.vertices); err != nil {
		return nil, err
	}
	if err := g.setTriangles(m.mesh.indices); err != nil {
		return nil, err
	}
	if err := g.setBasis(m.basis); err != nil {
		return nil, err
	}
	return g, nil
}

// setVertices splits the interleaved buffer: x, y, z, u, v a vertex.
func (g *Geometry) setVertices(buf []float32) error {
	const stride = 5
	n := len(buf) / stride
	if len(buf)%stride != 0 || n < 3 || n > maxVertices {
		return fmt.Errorf("%d numbers are not 3 to %d vertices of x, y, z, u, v", len(buf), maxVertices)
	}
	g.Vertices, g.UV = make([]mgl32.Vec3, n), make([]mgl32.Vec2, n)
	for i := range n {
		v := buf[i*stride : (i+1)*stride]
		for _, x := range v[:3] {
			if !(math.Abs(float64(x)) <= maxExtent) { // also NaN
				return fmt.Errorf("vertex %d lies at %v, outside %d cm", i, v[:3], maxExtent)
			}
		}
		for _, x := range v[3:] {
			if !(x >= 0 && x <= 1) {
				return fmt.Errorf("vertex %d has texture coordinates %v outside 0..1", i, v[3:])
			}
		}
		g.Vertices[i], g.UV[i] = mgl32.Vec3(v[:3]), mgl32.Vec2(v[3:])
	}
	return nil
}

func (g *Geometry) setTriangles(indices []uint64) error {
	n := len(indices) / 3
	if len(indices)%3 != 0 || n == 0 || n > maxTriangles {
		return fmt.Errorf("%d indices are not 1 to %d triangles", len(indices), maxTriangles)
	}
	g.Triangles = make([][3]uint16, n)
	for i, x := range indices {
		if x >= uint64(len(g.Vertices)) {
			return fmt.Errorf("triangle %d names vertex %d of %d", i/3, x, len(g.Vertices))
		}
		g.Triangles[i/3][i%3] = uint16(x)
	}
	return nil
}

func (g *Geometry) setBasis(basis []weightedRef) error {
	if len(basis) < 3 || len(basis) > maxBasis {
		return fmt.Errorf("%d weighted landmarks cannot place a head (3 to %d are needed)", len(basis), maxBasis)
	}
	g.Basis = make([]Weight, len(basis))
	for i, w := range basis {
		if w.landmark >= uint64(len(g.Vertices)) {
			return fmt.Errorf("weight %d names landmark %d of %d", i, w.landmark, len(g.Vertices))
		}
		if !(w.weight > 0 && w.weight <= math.MaxFloat32) {
			return fmt.Errorf("landmark %d has the weight %v, which must be greater than 0", w.landmark, w.weight)
		}
		g.Basis[i] = Weight{Landmark: int(w.landmark), Value: w.weight}
	}
	return nil
}
