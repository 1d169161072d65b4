package models

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"cheval/models/convert/onnx"

	"google.golang.org/protobuf/proto"
)

// Fixed returns an ONNX model with the open dimensions of its inputs and
// outputs fixed, so that a Session of each size opens from one file. want gives
// the shape of every tensor by name; a model that has others, or other
// dimensions where they are not open, is refused with what was expected and
// what was found. So is one whose weights are not all finite numbers.
func Fixed(b []byte, want map[string][]int64) ([]byte, error) {
	var m onnx.ModelProto
	if err := proto.Unmarshal(b, &m); err != nil || len(m.GetGraph().GetNode()) == 0 {
		return nil, errors.New("it is not an ONNX model")
	}
	weights := map[string]bool{}
	for _, t := range m.Graph.Initializer {
		weights[t.GetName()] = true
		if err := checkFinite(t); err != nil {
			return nil, err
		}
	}
	found := map[string]bool{}
	for _, v := range append(append([]*onnx.ValueInfoProto{}, m.Graph.Input...), m.Graph.Output...) {
		if weights[v.GetName()] {
			continue // old models list their weights among the inputs
		}
		found[v.GetName()] = true
		if err := fix(v, want); err != nil {
			return nil, err
		}
	}
	for name, shape := range want {
		if !found[name] {
			return nil, fmt.Errorf("it has no tensor %q; expected one of shape %v, found only %s", name, shape, quoted(found))
		}
	}
	return proto.Marshal(&m)
}

// fix fixes the shape of one tensor.
func fix(v *onnx.ValueInfoProto, want map[string][]int64) error {
	shape, ok := want[v.GetName()]
	if !ok {
		return fmt.Errorf("it has a tensor %q; expected only %s", v.GetName(), quoted(want))
	}
	dims := v.GetType().GetTensorType().GetShape().GetDim()
	fits := len(dims) == len(shape)
	for i := 0; fits && i < len(dims); i++ {
		fits = dims[i].DimValue == shape[i] || dims[i].DimValue == 0
	}
	if !fits {
		return fmt.Errorf("its %q has the shape %s; expected %v", v.GetName(), shapeText(dims), shape)
	}
	for i := range dims {
		dims[i].DimValue, dims[i].DimParam = shape[i], ""
	}
	return nil
}

// shapeText is a shape for a person; ? where it is open.
func shapeText(dims []*onnx.TensorShapeProto_Dimension) string {
	var s []string
	for _, d := range dims {
		if d.DimValue == 0 {
			s = append(s, "?")
			continue
		}
		s = append(s, fmt.Sprint(d.DimValue))
	}
	return "[" + strings.Join(s, " ") + "]"
}

func quoted[T any](names map[string]T) string {
	var s []string
	for _, n := range slices.Sorted(maps.Keys(names)) {
		s = append(s, fmt.Sprintf("%q", n))
	}
	if len(s) == 0 {
		return "none"
	}
	return strings.Join(s, ", ")
}

// checkFinite says so where a weight is NaN or infinite.
func checkFinite(t *onnx.TensorProto) error {
	if t.GetDataType() != int32(onnx.TensorProto_FLOAT) {
		return nil
	}
	for b := t.GetRawData(); len(b) >= 4; b = b[4:] {
		if v := float64(math.Float32frombits(binary.LittleEndian.Uint32(b))); math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("its weights %q hold %v: the file is damaged, or its training went wrong", t.GetName(), v)
		}
	}
	return nil
}
