package models

import (
	"errors"
	"fmt"
	"slices"

	"cheval/models/convert/onnx"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// maxTensor bounds one tensor (64 Mi elements, 256 MB): a foreign model's
// shape is not to be trusted.
const maxTensor = 64 << 20

// description is what an ONNX file says of its own inputs and outputs.
type description struct{ inputs, outputs []Tensor }

// describe reads an ONNX model's tensors, whose shapes must be fixed and whose
// elements float32, and refuses what is no ONNX model. It saves ONNX Runtime
// from starting every model a second time only to be asked.
func describe(b []byte) (d description, err error) {
	var m onnx.ModelProto
	if err := proto.Unmarshal(b, &m); err != nil {
		return d, errors.New("it is not an ONNX model")
	}
	g := m.GetGraph()
	if m.GetIrVersion() < 1 || len(m.GetOpsetImport()) == 0 || len(g.GetNode()) == 0 {
		return d, errors.New("it is not an ONNX model: it has no graph of operators")
	}
	weights := map[string]bool{}
	for _, t := range g.GetInitializer() {
		if external(t) {
			return d, fmt.Errorf("its weights %q lie in another file: save the model as one file", t.GetName())
		}
		weights[t.GetName()] = true
	}
	// Old models list their weights among the inputs.
	given := slices.DeleteFunc(g.GetInput(), func(v *onnx.ValueInfoProto) bool { return weights[v.GetName()] })
	if d.inputs, err = tensors("input", given); err != nil {
		return d, err
	}
	d.outputs, err = tensors("output", g.GetOutput())
	return d, err
}

// external says whether a tensor keeps its values elsewhere (the fields
// external_data and data_location of the format).
func external(t *onnx.TensorProto) bool {
	const externalData, dataLocation = 13, 14
	for b := t.ProtoReflect().GetUnknown(); len(b) > 0; {
		num, _, n := protowire.ConsumeField(b)
		if n < 0 || num == externalData {
			return true
		}
		if num == dataLocation && slices.ContainsFunc(b[:n][1:], func(c byte) bool { return c != 0 }) {
			return true
		}
		b = b[n:]
	}
	return false
}

func tensors(what string, infos []*onnx.ValueInfoProto) (out []Tensor, err error) {
	for _, v := range infos {
		t := Tensor{Name: v.GetName()}
		of := v.GetType().GetTensorType()
		if of.GetElemType() != int32(onnx.TensorProto_FLOAT) {
			return nil, fmt.Errorf("its %s %q is not a float32 tensor", what, t.Name)
		}
		for _, d := range of.GetShape().GetDim() {
			t.Shape = append(t.Shape, d.GetDimValue()) // 0 where it is not fixed
		}
		if _, ok := elements(t.Shape); !ok {
			return nil, fmt.Errorf("its %s %q has shape %v (0: open): only fixed shapes of at most %d elements run here", what, t.Name, t.Shape, maxTensor)
		}
		out = append(out, t)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("it has no %s", what)
	}
	return out, nil
}

// elements multiplies a shape; not ok where it is not fixed or too large.
func elements(shape []int64) (n int64, ok bool) {
	n = 1
	for _, d := range shape {
		if d <= 0 || d > maxTensor || n > maxTensor/d {
			return 0, false
		}
		n *= d
	}
	return n, len(shape) > 0
}

// keepOutputs is the model with the named outputs only. ONNX Runtime drops the
// operators that none of them needs.
func keepOutputs(b []byte, names []string) ([]byte, error) {
	var m onnx.ModelProto
	if err := proto.Unmarshal(b, &m); err != nil {
		return nil, errors.New("it is not an ONNX model")
	}
	g := m.GetGraph()
	g.Output = slices.DeleteFunc(g.GetOutput(), func(v *onnx.ValueInfoProto) bool { return !slices.Contains(names, v.GetName()) })
	if len(g.Output) != len(names) {
		return nil, fmt.Errorf("it does not have the outputs %q", names)
	}
	return proto.Marshal(&m)
}
