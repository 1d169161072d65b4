package models

import (
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"cheval/models/convert/onnx"

	"google.golang.org/protobuf/proto"
)

func TestFixedSaysWhatItExpectedAndFound(t *testing.T) {
	var m onnx.ModelProto
	if err := proto.Unmarshal(readTiny(t), &m); err != nil {
		t.Fatal(err)
	}
	in := m.Graph.Input[0].GetName()
	shapes := map[string][]int64{}
	for _, v := range append(m.Graph.Input, m.Graph.Output...) {
		for _, d := range v.Type.TensorType.Shape.Dim {
			shapes[v.Name] = append(shapes[v.Name], d.DimValue)
		}
	}
	change := func(f func(m *onnx.ModelProto)) []byte {
		c := proto.Clone(&m).(*onnx.ModelProto)
		f(c)
		b, err := proto.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	open := change(func(m *onnx.ModelProto) {
		for _, d := range m.Graph.Input[0].Type.TensorType.Shape.Dim {
			d.DimValue, d.DimParam = 0, "size"
		}
	})
	fixed, err := Fixed(open, shapes)
	if err != nil {
		t.Fatal(err)
	}
	d, err := describe(fixed)
	if err != nil || len(d.inputs) != 1 || d.inputs[0].Shape[0] != shapes[in][0] {
		t.Errorf("fixed to %+v, %v", d.inputs, err)
	}
	for want, b := range map[string][]byte{
		"not an ONNX model":      []byte("no model"),
		"expected [":             change(func(m *onnx.ModelProto) { m.Graph.Input[0].Type.TensorType.Shape.Dim[0].DimValue = 77 }),
		"has the shape [77":      change(func(m *onnx.ModelProto) { m.Graph.Input[0].Type.TensorType.Shape.Dim[0].DimValue = 77 }),
		`no tensor "` + in + `"`: change(func(m *onnx.ModelProto) { m.Graph.Input = nil }),
		`a tensor "odd"`:         change(func(m *onnx.ModelProto) { m.Graph.Input[0].Name = "odd" }),
		"hold NaN": change(func(m *onnx.ModelProto) {
			w := m.Graph.Initializer[0]
			w.DataType = int32(onnx.TensorProto_FLOAT)
			w.RawData = binary.LittleEndian.AppendUint32(nil, math.Float32bits(float32(math.NaN())))
		}),
	} {
		if _, err := Fixed(b, shapes); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q in it", err, want)
		}
	}
}
