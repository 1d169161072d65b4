package convert_test

import (
	"slices"
	"strings"
	"testing"

	flatbuffers "github.com/google/flatbuffers/go"

	"cheval/models/convert"
	"cheval/models/convert/tflite"
	"cheval/models/modelstest"
)

// small is a model of 3x4x2 pixels whose answers can be worked out by hand.
func small(out srcTensor, ops []srcOp, constants ...srcTensor) source {
	tensors := append([]srcTensor{computed("in", 1, 3, 4, 2), out}, constants...)
	return source{tensors: tensors, ops: ops, inputs: []int32{0}, outputs: []int32{1}}
}

// ramp is the input of the small models: channel 0 counts 0, 1, 2 … along the
// rows, channel 1 is its negative.
func ramp(h, w, c int) float32 {
	v := float32(4*h + w)
	if c == 1 {
		return -v
	}
	return v
}

// TestOperatorsByHand covers what no installed model shows: kernels read more
// than once, two-channel concatenation, real slices, multiplied depth.
func TestOperatorsByHand(t *testing.T) {
	rt := modelstest.Runtime(t)
	for _, c := range []struct {
		name string
		src  source
		want []float32 // NHWC
	}{
		{
			"PRELU has a slope a channel, below 0 and above 1 too",
			small(computed("out", 1, 3, 4, 2), []srcOp{plain(tflite.BuiltinOperatorPRELU, []int32{0, 2}, 1)}, floats([]int32{1, 1, 2}, 3, -4.5)),
			nhwc(3, 4, 2, func(h, w, c int) float32 {
				if v := ramp(h, w, c); v < 0 {
					return -4.5 * v
				}
				return ramp(h, w, c)
			}),
		},
		{
			"SAME puts the odd zero at the end",
			small(computed("out", 1, 2, 2, 1), []srcOp{conv(tflite.PaddingSAME, 2, tflite.ActivationNONE, []int32{0, 2}, 1)},
				floats([]int32{1, 2, 2, 2}, 1, 0, 1, 0, 1, 0, 1, 0)), // sums channel 0
			[]float32{0 + 1 + 4 + 5, 2 + 3 + 6 + 7, 8 + 9, 10 + 11},
		},
		{
			"a PAD that a convolution and another operator read",
			source{
				tensors: []srcTensor{computed("in", 1, 3, 4, 2), computed("out", 1, 5, 6, 2), computed("padded", 1, 5, 6, 2), computed("conv", 1, 5, 6, 2),
					ints([]int32{4, 2}, 0, 0, 1, 1, 1, 1, 0, 0), floats([]int32{2, 1, 1, 2}, 1, 0, 0, 1)},
				ops: []srcOp{plain(tflite.BuiltinOperatorPAD, []int32{0, 4}, 2), conv(tflite.PaddingVALID, 1, tflite.ActivationNONE, []int32{2, 5}, 3),
					add([]int32{2, 3}, 1)},
				inputs: []int32{0}, outputs: []int32{1},
			},
			nhwc(5, 6, 2, func(h, w, c int) float32 {
				if h == 0 || h == 4 || w == 0 || w == 5 {
					return 0
				}
				return 2 * ramp(h-1, w-1, c)
			}),
		},
		{
			"a PAD that only convolutions read",
			source{
				tensors: []srcTensor{computed("in", 1, 3, 4, 2), computed("out", 1, 2, 5, 1), computed("padded", 1, 4, 5, 2),
					ints([]int32{4, 2}, 0, 0, 1, 0, 0, 1, 0, 0), floats([]int32{1, 3, 1, 2}, 1, 0, 1, 0, 1, 0), floats([]int32{1}, 100)},
				ops:    []srcOp{plain(tflite.BuiltinOperatorPAD, []int32{0, 3}, 2), conv(tflite.PaddingVALID, 1, tflite.ActivationRELU, []int32{2, 4, 5}, 1)},
				inputs: []int32{0}, outputs: []int32{1},
			},
			[]float32{104, 106, 108, 110, 100, 112, 115, 118, 121, 100},
		},
		{
			"depth multiplied by two",
			small(computed("out", 1, 3, 4, 4), []srcOp{depthwise([]int32{0, 2}, 1)}, floats([]int32{1, 1, 1, 4}, 1, 2, 3, 4)),
			nhwc(3, 4, 4, func(h, w, c int) float32 { return ramp(h, w, c/2) * float32(c+1) }),
		},
		{
			"channels put side by side",
			small(computed("out", 1, 3, 4, 4), []srcOp{concat(-1, []int32{0, 0}, 1)}),
			nhwc(3, 4, 4, func(h, w, c int) float32 { return ramp(h, w, c%2) }),
		},
		{
			"a slice of rows, columns and channels, counted from the end too",
			small(computed("out", 1, 2, 2, 1), []srcOp{slice([]int32{0, 2, 3, 4}, 1)},
				ints([]int32{4}, 0, 1, -3, 1), ints([]int32{4}, 1, 3, -1, 2), ints([]int32{4}, 1, 1, 1, 1)),
			[]float32{-5, -6, -9, -10},
		},
		{
			"a sparse kernel",
			source{
				tensors: []srcTensor{computed("in", 1, 3, 4, 2), computed("out", 1, 3, 4, 2), sparseSwap(), computed("dense", 2, 1, 1, 2)},
				ops:     []srcOp{plain(tflite.BuiltinOperatorDENSIFY, []int32{2}, 3), conv(tflite.PaddingVALID, 1, tflite.ActivationNONE, []int32{0, 3}, 1)},
				inputs:  []int32{0}, outputs: []int32{1},
			},
			nhwc(3, 4, 2, func(h, w, c int) float32 { return float32(c+1) * ramp(h, w, 1-c) }),
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			onnx, err := convert.TFLite(c.src.bytes())
			if err != nil {
				t.Fatal(err)
			}
			s := load(t, rt, "small", onnx)
			x := s.Input("in")
			for i := range x {
				x[i] = ramp(i%12/4, i%4, i/12)
			}
			if err := s.Run(); err != nil {
				t.Fatal(err)
			}
			if got := s.Output("out"); !slices.Equal(got, c.want) {
				t.Errorf("got  %v\nwant %v", got, c.want)
			}
		})
	}
}

func nhwc(h, w, c int, f func(h, w, c int) float32) (out []float32) {
	for i := range h * w * c {
		out = append(out, f(i/(w*c), i/c%w, i%c))
	}
	return out
}

// sparseSwap is the 1x1 kernel that swaps two channels, the second doubled:
// [[0,1],[2,0]] in compressed sparse rows of float16.
func sparseSwap() srcTensor {
	return srcTensor{name: "sparse", shape: []int32{2, 1, 1, 2}, kind: tflite.TensorTypeFLOAT16,
		data: []byte{0x00, 0x3c, 0x00, 0x40}, sparse: csr([]byte{0, 1, 2}, []byte{1, 0})}
}

// csr writes the sparsity of a kernel [2,1,1,2].
func csr(segments, indices []byte) func(b *flatbuffers.Builder) flatbuffers.UOffsetT {
	return func(b *flatbuffers.Builder) flatbuffers.UOffsetT {
		list := func(v []byte) flatbuffers.UOffsetT {
			values := b.CreateByteVector(v)
			tflite.Uint8VectorStart(b)
			tflite.Uint8VectorAddValues(b, values)
			return tflite.Uint8VectorEnd(b)
		}
		var dims []flatbuffers.UOffsetT
		for _, n := range []int32{2, 1, 1} {
			tflite.DimensionMetadataStart(b)
			tflite.DimensionMetadataAddDenseSize(b, n)
			dims = append(dims, tflite.DimensionMetadataEnd(b))
		}
		seg, idx := list(segments), list(indices)
		tflite.DimensionMetadataStart(b)
		tflite.DimensionMetadataAddFormat(b, tflite.DimensionTypeSPARSE_CSR)
		tflite.DimensionMetadataAddArraySegmentsType(b, tflite.SparseIndexVectorUint8Vector)
		tflite.DimensionMetadataAddArraySegments(b, seg)
		tflite.DimensionMetadataAddArrayIndicesType(b, tflite.SparseIndexVectorUint8Vector)
		tflite.DimensionMetadataAddArrayIndices(b, idx)
		dims = append(dims, tflite.DimensionMetadataEnd(b))
		order, list4 := int32s(b, []int32{0, 1, 2, 3}), offsets(b, dims)
		tflite.SparsityParametersStart(b)
		tflite.SparsityParametersAddTraversalOrder(b, order)
		tflite.SparsityParametersAddDimMetadata(b, list4)
		return tflite.SparsityParametersEnd(b)
	}
}

// kitchen is a small model of many operators, for fuzzing.
func kitchen() source {
	return source{
		tensors: []srcTensor{
			computed("in", 1, 4, 4, 2), computed("out", 1, 32), // 0, 1
			computed("a", 1, 4, 4, 2), floats([]int32{2, 1, 1, 2}, 1, 2, 3, 4), floats([]int32{2}, 5, 6), // 2..4
			computed("b", 1, 4, 4, 2), floats([]int32{1, 1, 2}, 0.5, 2), // 5, 6
			computed("c", 1, 4, 4, 4), ints([]int32{4, 2}, 0, 0, 0, 0, 0, 0, 0, 2), // 7, 8
			computed("d", 1, 2, 2, 4), computed("e", 1, 2, 2, 8), computed("dense", 2, 1, 1, 2), sparseSwap(), // 9..12
		},
		ops: []srcOp{
			plain(tflite.BuiltinOperatorDENSIFY, []int32{12}, 11),
			conv(tflite.PaddingSAME, 1, tflite.ActivationRELU6, []int32{0, 11, 4}, 2),
			plain(tflite.BuiltinOperatorPRELU, []int32{2, 6}, 5),
			plain(tflite.BuiltinOperatorPAD, []int32{5, 8}, 7),
			{code: tflite.BuiltinOperatorMAX_POOL_2D, in: []int32{7}, out: []int32{9}, kind: tflite.BuiltinOptionsPool2DOptions,
				options: func(b *flatbuffers.Builder) flatbuffers.UOffsetT {
					tflite.Pool2DOptionsStart(b)
					tflite.Pool2DOptionsAddStrideH(b, 2)
					tflite.Pool2DOptionsAddStrideW(b, 2)
					tflite.Pool2DOptionsAddFilterH(b, 2)
					tflite.Pool2DOptionsAddFilterW(b, 2)
					return tflite.Pool2DOptionsEnd(b)
				}},
			concat(3, []int32{9, 9}, 10),
			plain(tflite.BuiltinOperatorRESHAPE, []int32{10}, 1),
		},
		inputs: []int32{0}, outputs: []int32{1},
	}
}

func TestTFLiteRefuses(t *testing.T) {
	identity := []srcOp{plain(tflite.BuiltinOperatorRELU, []int32{0}, 1)}
	sameShape := computed("out", 1, 3, 4, 2)
	kernel := floats([]int32{2, 1, 1, 2}, 1, 0, 0, 1)
	valid := func(in ...int32) []srcOp {
		return []srcOp{conv(tflite.PaddingVALID, 1, tflite.ActivationNONE, in, 1)}
	}
	edit := func(s source, f func(s *source)) []byte { f(&s); return s.bytes() }
	whole := kitchen().bytes()
	noMark := slices.Clone(whole)
	copy(noMark[4:], "ABCD")
	for _, c := range []struct {
		name string
		src  []byte
		say  string
	}{
		{"nothing", nil, "too few"},
		{"text", []byte("this is a text file called model.tflite"), "TFL3"},
		{"another flatbuffer", noMark, "TFL3"},
		{"half a model", whole[:len(whole)/2], "damaged"},
		{"enormous", make([]byte, tflite.MaxBytes+1), "more than"},
		{"no output", edit(small(sameShape, identity), func(s *source) { s.outputs = nil }), "no output"},
		{"input that is not there", edit(small(sameShape, identity), func(s *source) { s.inputs = []int32{9} }), "no tensor 9"},
		{"quantised", edit(small(sameShape, identity), func(s *source) { s.tensors[0].kind = tflite.TensorTypeUINT8 }), "quantised"},
		{"dynamic shape", edit(small(sameShape, identity), func(s *source) { s.tensors[0].shape[1] = -1 }), "sizes must be fixed"},
		{"shape beyond memory", edit(small(sameShape, identity), func(s *source) { s.tensors[0].shape = []int32{1 << 20, 1 << 20} }), "at most"},
		{"two values of one name", edit(small(sameShape, identity), func(s *source) { s.tensors[1].name = "in" }), "two values"},
		{"a name that is no text", edit(small(sameShape, identity), func(s *source) { s.tensors[1].name = "\xff" }), "cannot name"},
		{"channels without end", small(computed("out", 1, 1, 1, 1<<20), identity).bytes(), "channels"},
		{"unknown operator", small(sameShape, []srcOp{plain(99, []int32{0}, 1)}).bytes(), "operator 99"},
		{"unknown custom operator", small(sameShape, []srcOp{{code: tflite.BuiltinOperatorCUSTOM, name: "Magic", in: []int32{0}, out: []int32{1}}}).bytes(), "Magic"},
		{"use before computing", small(sameShape, []srcOp{plain(tflite.BuiltinOperatorRELU, []int32{1}, 1)}).bytes(), "before it is computed"},
		{"written twice", small(sameShape, append(slices.Clone(identity), identity...)).bytes(), "written twice"},
		{"no inputs", small(sameShape, []srcOp{plain(tflite.BuiltinOperatorRELU, nil, 1)}).bytes(), "0 inputs"},
		{"input left out", small(sameShape, []srcOp{plain(tflite.BuiltinOperatorRELU, []int32{-1}, 1)}).bytes(), "left out"},
		{"shapes that differ", small(computed("out", 1, 3, 4, 3), identity).bytes(), "differ"},
		{"options of another kind", small(sameShape, []srcOp{plain(tflite.BuiltinOperatorCONV_2D, []int32{0, 2}, 1)}, kernel).bytes(), "options"},
		{"kernel of other channels", small(sameShape, valid(0, 2), floats([]int32{2, 1, 1, 3}, make([]float32, 6)...)).bytes(), "does not fit"},
		{"kernel with too few numbers", small(sameShape, valid(0, 2), floats([]int32{2, 1, 1, 2}, 1)).bytes(), "1 numbers for the shape"},
		{"kernel larger than the image", small(sameShape, valid(0, 2), floats([]int32{2, 9, 9, 2}, make([]float32, 324)...)).bytes(), "follows from its input"},
		{"computed kernel", small(sameShape, valid(0, 0)).bytes(), "must be constant"},
		{"bias of other channels", small(sameShape, valid(0, 2, 3), kernel, floats([]int32{3}, 1, 2, 3)).bytes(), "bias"},
		{"stride of nothing", small(sameShape, []srcOp{conv(tflite.PaddingSAME, 0, tflite.ActivationNONE, []int32{0, 2}, 1)}, kernel).bytes(), "stride"},
		{"unknown activation", small(sameShape, []srcOp{conv(tflite.PaddingSAME, 1, tflite.ActivationTANH, []int32{0, 2}, 1)}, kernel).bytes(), "activation"},
		{"sparse rows out of order", edit(kitchen(), func(s *source) { s.tensors[12].sparse = csr([]byte{0, 9, 2}, []byte{1, 0}) }), "row 0"},
		{"sparse column that is not there", edit(kitchen(), func(s *source) { s.tensors[12].sparse = csr([]byte{0, 1, 2}, []byte{1, 7}) }), "column 7"},
		{"sparse rows missing", edit(kitchen(), func(s *source) { s.tensors[12].sparse = csr([]byte{0, 2}, []byte{1, 0}) }), "do not fit"},
		{"padding of other sizes", edit(kitchen(), func(s *source) { s.tensors[7].shape[3] = 5 }), "do not make"},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, err := convert.TFLite(c.src)
			if err == nil {
				t.Fatal("accepted")
			}
			if out != nil || !strings.Contains(err.Error(), c.say) || strings.Contains(err.Error(), "\n") {
				t.Errorf("said %q, which lacks %q", err, c.say)
			}
		})
	}
}

// TestDamagedBytesNeverPanic changes every byte of a model in turn.
func TestDamagedBytesNeverPanic(t *testing.T) {
	whole := kitchen().bytes()
	if _, err := convert.TFLite(whole); err != nil {
		t.Fatal(err)
	}
	for i := range whole {
		for _, v := range []byte{0, 1, 0x7f, 0x80, 0xff} {
			b := slices.Clone(whole)
			b[i] = v
			_, _ = convert.TFLite(b)
		}
		_, _ = convert.TFLite(whole[:i])
	}
}

// TestSharedConstantsAreCounted: a few bytes that a thousand operators read as
// a large constant must not become gigabytes.
func TestSharedConstantsAreCounted(t *testing.T) {
	const n = 1 << 10
	s := source{
		tensors: []srcTensor{computed("in", 1, 1, 1, n), floats([]int32{n, 1, 1, n}, make([]float32, n*n)...)},
		inputs:  []int32{0},
	}
	for i := int32(0); i < 200; i++ {
		last := i + 1
		if i == 0 {
			last = 0
		}
		s.tensors = append(s.tensors, computed("x", 1, 1, 1, n))
		s.ops = append(s.ops, conv(tflite.PaddingVALID, 1, tflite.ActivationNONE, []int32{last, 1}, i+2))
	}
	s.outputs = []int32{int32(len(s.tensors) - 1)}
	if _, err := convert.TFLite(s.bytes()); err == nil || !strings.Contains(err.Error(), "constants hold more") {
		t.Errorf("got %v", err)
	}
}

func FuzzTFLite(f *testing.F) {
	whole := kitchen().bytes()
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add(small(computed("out", 1, 3, 4, 2), []srcOp{plain(tflite.BuiltinOperatorRELU, []int32{0}, 1)}).bytes())
	f.Add(attention().bytes())
	f.Add(branches(false).bytes())
	for _, name := range []string{"face_detection_short_range", "face_landmark_with_attention"} {
		real := installed(f, name)
		f.Add(real[:1<<12])
		f.Add(append(slices.Clone(real[:64]), real[len(real)-1<<14:]...))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		out, err := convert.TFLite(b)
		if (err == nil) != (len(out) > 0) {
			t.Errorf("%d bytes and the error %v", len(out), err)
		}
	})
}
