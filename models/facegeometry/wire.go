package facegeometry

import (
	"errors"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// Field numbers of MediaPipe's geometry_pipeline_metadata.proto and
// mesh_3d.proto (modules/face_geometry/protos).
const (
	fieldMesh  protowire.Number = 1 // Metadata.canonical_mesh
	fieldBasis protowire.Number = 2 // Metadata.procrustes_landmark_basis

	fieldVertexType    protowire.Number = 1 // Mesh3d, 0 = position and texture
	fieldPrimitiveType protowire.Number = 2 // Mesh3d, 0 = triangles
	fieldVertices      protowire.Number = 3 // Mesh3d.vertex_buffer, float
	fieldIndices       protowire.Number = 4 // Mesh3d.index_buffer, uint32

	fieldLandmark protowire.Number = 1 // WeightedLandmarkRef.landmark_id
	fieldWeight   protowire.Number = 2 // WeightedLandmarkRef.weight
)

type metadata struct {
	mesh  mesh3D
	basis []weightedRef
}

type mesh3D struct {
	vertices []float32
	indices  []uint64
}

type weightedRef struct {
	landmark uint64
	weight   float32
}

// field is one field of a message: n holds a varint or a fixed32's bits,
// bytes a length-delimited value.
type field struct {
	num   protowire.Number
	typ   protowire.Type
	n     uint64
	bytes []byte
}

// eachField calls f for each varint, fixed32 and length-delimited field of a
// message, and passes over the others.
func eachField(b []byte, f func(field) error) error {
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return protowire.ParseError(n)
		}
		b = b[n:]
		v := field{num: num, typ: typ}
		known := true
		switch typ {
		case protowire.VarintType:
			v.n, n = protowire.ConsumeVarint(b)
		case protowire.Fixed32Type:
			var bits uint32
			bits, n = protowire.ConsumeFixed32(b)
			v.n = uint64(bits)
		case protowire.BytesType:
			v.bytes, n = protowire.ConsumeBytes(b)
		default:
			known = false
			n = protowire.ConsumeFieldValue(num, typ, b)
		}
		if n < 0 {
			return protowire.ParseError(n)
		}
		b = b[n:]
		if known {
			if err := f(v); err != nil {
				return err
			}
		}
	}
	return nil
}

func readMetadata(b []byte) (metadata, error) {
	var m metadata
	err := eachField(b, func(f field) error {
		if f.typ != protowire.BytesType {
			return nil
		}
		switch f.num {
		case fieldMesh:
			if err := m.mesh.read(f.bytes); err != nil {
				return fmt.Errorf("canonical mesh: %w", err)
			}
		case fieldBasis:
			w, err := readWeight(f.bytes)
			if err != nil {
				return fmt.Errorf("landmark basis: %w", err)
			}
			m.basis = append(m.basis, w)
		}
		return nil
	})
	return m, err
}

func (m *mesh3D) read(b []byte) error {
	return eachField(b, func(f field) error {
		switch f.num {
		case fieldVertexType, fieldPrimitiveType:
			if f.typ != protowire.VarintType || f.n != 0 {
				return errors.New("only triangles of positions with texture coordinates are known")
			}
		case fieldVertices:
			return m.addVertices(f)
		case fieldIndices:
			return m.addIndices(f)
		}
		return nil
	})
}

// addVertices takes one number, or many in the packed form, which a reader of
// protocol buffers must accept too.
func (m *mesh3D) addVertices(f field) error {
	switch f.typ {
	case protowire.Fixed32Type:
		m.vertices = append(m.vertices, math.Float32frombits(uint32(f.n)))
		return nil
	case protowire.BytesType:
		for b := f.bytes; len(b) > 0; b = b[4:] {
			bits, n := protowire.ConsumeFixed32(b)
			if n < 0 {
				return protowire.ParseError(n)
			}
			m.vertices = append(m.vertices, math.Float32frombits(bits))
		}
		return nil
	}
	return errors.New("its vertices are not 32-bit numbers")
}

func (m *mesh3D) addIndices(f field) error {
	switch f.typ {
	case protowire.VarintType:
		m.indices = append(m.indices, f.n)
		return nil
	case protowire.BytesType:
		for b := f.bytes; len(b) > 0; {
			x, n := protowire.ConsumeVarint(b)
			if n < 0 {
				return protowire.ParseError(n)
			}
			m.indices, b = append(m.indices, x), b[n:]
		}
		return nil
	}
	return errors.New("its indices are not whole numbers")
}

func readWeight(b []byte) (weightedRef, error) {
	var w weightedRef
	err := eachField(b, func(f field) error {
		switch {
		case f.num == fieldLandmark && f.typ == protowire.VarintType:
			w.landmark = f.n
		case f.num == fieldWeight && f.typ == protowire.Fixed32Type:
			w.weight = math.Float32frombits(uint32(f.n))
		}
		return nil
	})
	return w, err
}
