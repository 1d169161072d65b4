package convert

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	flatbuffers "github.com/google/flatbuffers/go"

	"cheval/models/convert/tflite"
)

// foldConstants drops the operators that only change how a constant is stored
// (DEQUANTIZE, DENSIFY): their outputs become that constant.
func (m *model) foldConstants() error {
	kept := m.ops[:0]
	for i, op := range m.ops {
		if op.code != tflite.BuiltinOperatorDEQUANTIZE && op.code != tflite.BuiltinOperatorDENSIFY {
			kept = append(kept, op)
			continue
		}
		if err := m.fold(&op); err != nil {
			return fmt.Errorf("operator %d, %v: %w", i, &op, err)
		}
	}
	m.ops = kept
	return nil
}

func (m *model) fold(op *operator) error {
	if err := op.check(); err != nil {
		return err
	}
	from, to := &m.tensors[op.in[0]], &m.tensors[op.out[0]]
	if from.data == nil {
		return errors.New("only constants can be unpacked: quantised models are not known")
	}
	if to.data != nil || !slices.Equal(from.shape, to.shape) {
		return errors.New("its input and output do not go together")
	}
	to.kind, to.data, to.sparse = from.kind, from.data, from.sparse
	return nil
}

// constant gives tensor i; ok is false where it is computed from the input.
func (c *converter) constant(i int) (t *tensor, ok bool) {
	if i < 0 {
		return nil, false
	}
	t = &c.m.tensors[i]
	return t, t.data != nil
}

// floatConst returns the numbers of constant i, and counts them.
func (c *converter) floatConst(i int) ([]float32, error) {
	t, ok := c.constant(i)
	if !ok {
		return nil, errors.New("an input that must be constant is not")
	}
	if c.weights += t.size(); c.weights > maxWeights {
		return nil, fmt.Errorf("its constants hold more than %d numbers", maxWeights)
	}
	return t.floats()
}

// floats returns the numbers of a constant in the order of its shape.
func (t *tensor) floats() ([]float32, error) {
	v, err := t.stored()
	if err != nil {
		return nil, fmt.Errorf("constant %q: %w", t.name, err)
	}
	if t.sparse != nil {
		if v, err = densify(t, v); err != nil {
			return nil, fmt.Errorf("sparse constant %q: %w", t.name, err)
		}
	}
	if len(v) != t.size() {
		return nil, fmt.Errorf("constant %q holds %d numbers for the shape %v", t.name, len(v), t.shape)
	}
	return v, nil
}

// stored decodes a constant's numbers as they lie in its buffer.
func (t *tensor) stored() ([]float32, error) {
	if len(t.data) > 4*t.size() {
		return nil, fmt.Errorf("%d bytes are too many for the shape %v", len(t.data), t.shape)
	}
	switch t.kind {
	case tflite.TensorTypeFLOAT32:
		v := make([]float32, len(t.data)/4)
		for i := range v {
			v[i] = math.Float32frombits(binary.LittleEndian.Uint32(t.data[4*i:]))
		}
		return v, nil
	case tflite.TensorTypeFLOAT16:
		v := make([]float32, len(t.data)/2)
		for i := range v {
			v[i] = half(binary.LittleEndian.Uint16(t.data[2*i:]))
		}
		return v, nil
	}
	return nil, fmt.Errorf("numbers of kind %v are not known", t.kind)
}

// half widens an IEEE 754 binary16 number.
func half(h uint16) float32 {
	sign, exp, frac := uint32(h>>15)<<31, uint32(h>>10&31), uint32(h&1023)
	switch {
	case exp == 31:
		return math.Float32frombits(sign | 0xff<<23 | frac<<13)
	case exp == 0: // zero and subnormal: frac · 2^-24
		v := float32(frac) / (1 << 24)
		return math.Float32frombits(sign | math.Float32bits(v))
	}
	return math.Float32frombits(sign | (exp+127-15)<<23 | frac<<13)
}

// densify spreads a compressed-sparse-row constant: dense dimensions in order
// and the last one sparse, which is how MediaPipe stores 1x1 kernels.
func densify(t *tensor, values []float32) ([]float32, error) {
	rank := len(t.shape)
	if err := checkSparsity(t); err != nil {
		return nil, err
	}
	var last tflite.DimensionMetadata
	t.sparse.DimMetadata(&last, rank-1)
	segments, err := indexVector(last.ArraySegmentsType(), last.ArraySegments)
	if err != nil {
		return nil, err
	}
	indices, err := indexVector(last.ArrayIndicesType(), last.ArrayIndices)
	if err != nil {
		return nil, err
	}
	cols := t.shape[rank-1]
	rows := t.size() / cols
	if len(segments) != rows+1 || len(indices) != len(values) || segments[0] != 0 || segments[rows] != len(values) {
		return nil, fmt.Errorf("%d segments and %d indices do not fit %d rows of %d values", len(segments), len(indices), rows, len(values))
	}
	out := make([]float32, rows*cols)
	for r := range rows {
		lo, hi := segments[r], segments[r+1]
		if lo < 0 || hi < lo || hi > len(values) {
			return nil, fmt.Errorf("row %d runs from %d to %d of %d values", r, lo, hi, len(values))
		}
		for k := lo; k < hi; k++ {
			if indices[k] < 0 || indices[k] >= cols {
				return nil, fmt.Errorf("row %d has column %d of %d", r, indices[k], cols)
			}
			out[r*cols+indices[k]] = values[k]
		}
	}
	return out, nil
}

func checkSparsity(t *tensor) error {
	rank, s := len(t.shape), t.sparse
	if rank == 0 || s.DimMetadataLength() != rank || s.TraversalOrderLength() != rank || s.BlockMapLength() != 0 {
		return errors.New("only rows without blocks are known")
	}
	for i := range rank {
		var d tflite.DimensionMetadata
		s.DimMetadata(&d, i)
		want := tflite.DimensionTypeDENSE
		if i == rank-1 {
			want = tflite.DimensionTypeSPARSE_CSR
		}
		if d.Format() != want || int(s.TraversalOrder(i)) != i {
			return errors.New("only dense dimensions before one sparse, in order, are known")
		}
		if want == tflite.DimensionTypeDENSE && int(d.DenseSize()) != t.shape[i] {
			return fmt.Errorf("dimension %d is %d and %d", i, d.DenseSize(), t.shape[i])
		}
	}
	return nil
}

// indexVector reads a list of whole numbers, stored as 32, 16 or 8 bits.
func indexVector(kind tflite.SparseIndexVector, get func(*flatbuffers.Table) bool) ([]int, error) {
	var tab flatbuffers.Table
	if !get(&tab) {
		return nil, errors.New("a list of indices is missing")
	}
	switch kind {
	case tflite.SparseIndexVectorInt32Vector:
		var v tflite.Int32Vector
		v.Init(tab.Bytes, tab.Pos)
		return collect(v.ValuesLength(), v.Values), nil
	case tflite.SparseIndexVectorUint16Vector:
		var v tflite.Uint16Vector
		v.Init(tab.Bytes, tab.Pos)
		return collect(v.ValuesLength(), v.Values), nil
	case tflite.SparseIndexVectorUint8Vector:
		var v tflite.Uint8Vector
		v.Init(tab.Bytes, tab.Pos)
		return collect(v.ValuesLength(), v.Values), nil
	}
	return nil, fmt.Errorf("a list of indices of kind %d is not known", kind)
}

func collect[T int32 | uint16 | byte](n int, at func(int) T) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = int(at(i))
	}
	return out
}

// intConst returns the numbers of an int32 constant; at most maxArity.
func (c *converter) intConst(i int) ([]int, error) {
	t, ok := c.constant(i)
	if !ok || t.kind != tflite.TensorTypeINT32 || t.sparse != nil {
		return nil, errors.New("an input that must be constant whole numbers is not")
	}
	n := t.size()
	if n > maxArity || len(t.data) != 4*n {
		return nil, fmt.Errorf("constant %q holds %d bytes for the shape %v", t.name, len(t.data), t.shape)
	}
	out := make([]int, n)
	for k := range out {
		out[k] = int(int32(binary.LittleEndian.Uint32(t.data[4*k:])))
	}
	return out, nil
}
