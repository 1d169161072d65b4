package models

import (
	"os"
	"strings"
	"testing"

	"cheval/models/convert/onnx"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

func readTiny(t testing.TB) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/tiny.onnx")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDescribeReadsTheTensors(t *testing.T) {
	d, err := describe(readTiny(t))
	if err != nil || len(d.inputs) != 1 || len(d.outputs) != 2 || d.outputs[0].Name != "y" || d.outputs[0].Shape[1] != 2 {
		t.Errorf("%+v, %v", d, err)
	}
}

func TestDescribeSaysWhyAModelCannotRun(t *testing.T) {
	change := func(f func(*onnx.ModelProto)) []byte {
		var m onnx.ModelProto
		if err := proto.Unmarshal(readTiny(t), &m); err != nil {
			t.Fatal(err)
		}
		f(&m)
		b, err := proto.Marshal(&m)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for want, b := range map[string][]byte{
		"not an ONNX model": []byte("it says .onnx on it"),
		"no graph":          nil,
		"open":              change(func(m *onnx.ModelProto) { m.Graph.Input[0].Type.TensorType.Shape.Dim[0].DimValue = 0 }),
		"at most":           change(func(m *onnx.ModelProto) { m.Graph.Input[0].Type.TensorType.Shape.Dim[0].DimValue = 1 << 62 }),
		"not a float32":     change(func(m *onnx.ModelProto) { m.Graph.Output[0].Type.TensorType.ElemType = 7 }),
		"no input":          change(func(m *onnx.ModelProto) { m.Graph.Input = nil }),
		"another file": change(func(m *onnx.ModelProto) {
			location := protowire.AppendVarint(protowire.AppendTag(nil, 14, protowire.VarintType), 1)
			m.Graph.Initializer[0].ProtoReflect().SetUnknown(location)
		}),
	} {
		if _, err := describe(b); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q in it", err, want)
		}
	}
}

func FuzzDescribe(f *testing.F) {
	f.Add(readTiny(f))
	f.Add(readTiny(f)[:100])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := describe(b)
		if err != nil {
			return
		}
		for _, x := range append(d.inputs, d.outputs...) {
			if n, ok := elements(x.Shape); !ok || n > maxTensor {
				t.Errorf("accepted %v", x)
			}
		}
	})
}
