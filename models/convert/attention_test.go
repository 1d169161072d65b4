package convert_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	flatbuffers "github.com/google/flatbuffers/go"
	"google.golang.org/protobuf/proto"

	"cheval/models/convert"
	"cheval/models/convert/onnx"
	"cheval/models/convert/tflite"
	"cheval/models/modelstest"
)

// attention is the least model with the operators of the face mesh with
// attention.
func attention() source {
	custom := func(name string, in []int32, out int32, options []byte) srcOp {
		return srcOp{code: tflite.BuiltinOperatorCUSTOM, name: name, in: in, out: []int32{out}, custom: options}
	}
	return source{
		tensors: []srcTensor{computed("in", 1, 2, 2, 3), computed("mesh", 1, 4, 3), computed("matrix", 1, 4, 4), computed("sampled", 1, 2, 2, 3),
			computed("found", 1, 6, 2), computed("out", 1, 6, 2)},
		ops: []srcOp{
			plain(tflite.BuiltinOperatorRESHAPE, []int32{0}, 1),
			custom("Landmarks2TransformMatrix", []int32{1}, 2, landmarkOptions(1, 2)),
			custom("TransformTensorBilinear", []int32{0, 2}, 3, []byte{}),
			plain(tflite.BuiltinOperatorRESHAPE, []int32{3}, 4),
			custom("TransformLandmarks", []int32{4, 2}, 5, nil),
		},
		inputs: []int32{0}, outputs: []int32{5},
	}
}

// landmarkOptions is a FlexBuffers map as MediaPipe writes it, with values of
// one byte and scales of four: the keys, in order, then the values.
func landmarkOptions(left, right byte) []byte {
	keys := []string{"left_rotation_idx", "output_height", "output_width", "right_rotation_idx", "scale_x", "scale_y", "subset_idxs", "target_rotation_radians"}
	var b []byte
	at := make([]int, len(keys))
	for i, k := range keys {
		at[i] = len(b)
		b = append(append(b, k...), 0)
	}
	b = append(b, 3) // length of the list
	list := len(b)
	b = append(b, 0, 1, 2)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	u32 := func(v uint32) { b = binary.LittleEndian.AppendUint32(b, v) }
	u32(uint32(len(keys)))
	keyVector := len(b)
	for i := range keys {
		u32(uint32(len(b) - at[i]))
	}
	u32(uint32(len(b) - keyVector))
	u32(4)
	u32(uint32(len(keys)))
	values := len(b)
	for _, v := range []uint32{uint32(left), 2, 2, uint32(right), math.Float32bits(1.5), math.Float32bits(1.5), 0, 0} {
		if len(b) == values+6*4 {
			v = uint32(len(b) - list)
		}
		u32(v)
	}
	const integer, float, listOfInts = 1 << 2, 3<<2 | 2, 11 << 2
	b = append(b, integer, integer, integer, integer, float, float, listOfInts, float)
	return append(b, byte(len(b)-values), 9<<2|2, 1) // the root: a map of 4 bytes
}

func TestAttentionOperators(t *testing.T) {
	if _, err := convert.TFLite(attention().bytes()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, say string
		edit      func(s *source)
	}{
		{"options are no map", "no map", func(s *source) { s.ops[1].custom = []byte{1, 0, 1} }},
		{"options cut off", "options", func(s *source) { s.ops[1].custom = s.ops[1].custom[40:] }},
		{"no options", "options", func(s *source) { s.ops[1].custom = nil }},
		{"landmark that is not there", "left_rotation_idx", func(s *source) { s.ops[1].custom = landmarkOptions(9, 1) }},
		{"matrix of another shape", "matrix", func(s *source) { s.ops[2].in[1] = 1 }},
		{"channels that differ", "sampled", func(s *source) { s.tensors[3].shape = []int32{1, 2, 2, 1} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := attention()
			c.edit(&s)
			if _, err := convert.TFLite(s.bytes()); err == nil || !strings.Contains(err.Error(), c.say) {
				t.Errorf("got %v, which lacks %q", err, c.say)
			}
		})
	}
}

// branches is a model of two branches that are alike, the second wider, and a
// third that shares its beginning with the second. With observed, what a
// branch computes is an output too, so that nothing can be merged.
func branches(observed bool) source {
	s := source{
		tensors: []srcTensor{computed("in", 1, 6, 6, 3), computed("flat", 1, 36, 3), floats([]int32{1, 4, 4}, 1, 1, 4, 4, 1, 1, 4, 4, 0, 0, 1, 0, 0, 0, 0, 1)},
		ops:     []srcOp{plain(tflite.BuiltinOperatorRESHAPE, []int32{0}, 1)},
		inputs:  []int32{0},
	}
	tensor := func(t srcTensor) int32 {
		s.tensors = append(s.tensors, t)
		return int32(len(s.tensors) - 1)
	}
	op := func(o srcOp, shape ...int32) int32 {
		out := tensor(computed("x", shape...))
		o.out = []int32{out}
		s.ops = append(s.ops, o)
		return out
	}
	weights := func(seed int, shape ...int32) int32 {
		n := 1
		for _, d := range shape {
			n *= int(d)
		}
		v := make([]float32, n)
		for i := range v {
			v[i] = float32((i*7+seed*13)%17-8) / 8
		}
		return tensor(floats(shape, v...))
	}
	begin := func(seed int, left, right byte) (x, matrix int32) {
		matrix = op(srcOp{code: tflite.BuiltinOperatorCUSTOM, name: "Landmarks2TransformMatrix", in: []int32{1}, custom: landmarkOptions(left, right)}, 1, 4, 4)
		x = op(srcOp{code: tflite.BuiltinOperatorCUSTOM, name: "TransformTensorBilinear", in: []int32{0, matrix}}, 1, 2, 2, 3)
		y := op(conv(tflite.PaddingSAME, 1, tflite.ActivationNONE, []int32{x, weights(seed, 3, 3, 3, 3), weights(seed, 3)}, 0), 1, 2, 2, 3)
		y = op(add([]int32{x, y}, 0), 1, 2, 2, 3)
		y = op(plain(tflite.BuiltinOperatorPRELU, []int32{y, weights(seed+1, 1, 1, 3)}, 0), 1, 2, 2, 3)
		return op(plain(tflite.BuiltinOperatorPAD, []int32{y, tensor(ints([]int32{4, 2}, 0, 0, 0, 0, 0, 0, 0, 2))}, 0), 1, 2, 2, 5), matrix
	}
	end := func(seed int, x, matrix, points int32) {
		y := op(plain(tflite.BuiltinOperatorPRELU, []int32{x, weights(seed+2, 1, 1, 5)}, 0), 1, 2, 2, 5)
		y = op(add([]int32{x, y}, 0), 1, 2, 2, 5)
		z := op(conv(tflite.PaddingVALID, 1, tflite.ActivationNONE, []int32{y, weights(seed+3, 2*points, 2, 2, 5), weights(seed, 2*points)}, 0), 1, 1, 1, 2*points)
		m := op(srcOp{code: tflite.BuiltinOperatorMUL, in: []int32{matrix, 2}, kind: tflite.BuiltinOptionsMulOptions, options: func(b *flatbuffers.Builder) flatbuffers.UOffsetT {
			tflite.MulOptionsStart(b)
			return tflite.MulOptionsEnd(b)
		}}, 1, 4, 4)
		p := op(plain(tflite.BuiltinOperatorRESHAPE, []int32{z}, 0), 1, points, 2)
		p = op(srcOp{code: tflite.BuiltinOperatorCUSTOM, name: "TransformLandmarks", in: []int32{p, m}}, 1, points, 2)
		s.tensors[p].name = fmt.Sprint("out", seed)
		s.outputs = append(s.outputs, p)
		if observed {
			s.tensors[y].name = fmt.Sprint("inside", seed)
			s.outputs = append(s.outputs, y)
		}
	}
	x, matrix := begin(1, 0, 1)
	end(1, x, matrix, 3)
	x, matrix = begin(2, 2, 0)
	end(2, x, matrix, 5)
	end(3, x, matrix, 1)
	return s
}

// TestBranchesAreMerged holds that branches run as one, and answer as apart.
func TestBranchesAreMerged(t *testing.T) {
	rt := modelstest.Runtime(t)
	outputs := map[string][2][]float32{}
	for k, observed := range []bool{false, true} {
		file, err := convert.TFLite(branches(observed).bytes())
		if err != nil {
			t.Fatal(err)
		}
		var m onnx.ModelProto
		if err := proto.Unmarshal(file, &m); err != nil {
			t.Fatal(err)
		}
		samples := 0
		for _, n := range m.Graph.Node {
			if n.OpType == "GridSample" {
				samples++
			}
		}
		if samples != k+1 {
			t.Errorf("observed %v: it samples %d times", observed, samples)
		}
		s := load(t, rt, "branches", file)
		x := s.Input("in")
		for i := range x {
			x[i] = float32(i*i%23) / 5
		}
		if err := s.Run(); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"out1", "out2", "out3"} {
			v := outputs[name]
			v[k] = slices.Clone(s.Output(name))
			outputs[name] = v
		}
	}
	for name, v := range outputs {
		if len(v[0]) != len(v[1]) {
			t.Fatalf("%s has %d and %d numbers", name, len(v[0]), len(v[1]))
		}
		for i := range v[0] {
			if d := math.Abs(float64(v[0][i] - v[1][i])); !(d <= 1e-4) {
				t.Errorf("%s[%d] is %v merged and %v apart", name, i, v[0][i], v[1][i])
			}
		}
	}
}
