package convert_test

import (
	"encoding/binary"
	"math"

	flatbuffers "github.com/google/flatbuffers/go"

	"cheval/models/convert/tflite"
)

// source is a TFLite model made by hand.
type source struct {
	tensors         []srcTensor
	ops             []srcOp
	inputs, outputs []int32
}

type srcTensor struct {
	name   string
	shape  []int32
	kind   tflite.TensorType
	data   []byte
	sparse func(b *flatbuffers.Builder) flatbuffers.UOffsetT
}

type srcOp struct {
	code    tflite.BuiltinOperator
	name    string // of a custom operator
	in, out []int32
	kind    tflite.BuiltinOptions
	options func(b *flatbuffers.Builder) flatbuffers.UOffsetT
	custom  []byte
}

// bytes writes the model as TensorFlow Lite would.
func (s source) bytes() []byte {
	b := flatbuffers.NewBuilder(1024)
	var buffers, tensors, codes, ops []flatbuffers.UOffsetT
	tflite.BufferStart(b)
	buffers = append(buffers, tflite.BufferEnd(b)) // the empty one
	for _, t := range s.tensors {
		buffer := 0
		if t.data != nil {
			data := b.CreateByteVector(t.data)
			tflite.BufferStart(b)
			tflite.BufferAddData(b, data)
			buffer = len(buffers)
			buffers = append(buffers, tflite.BufferEnd(b))
		}
		tensors = append(tensors, t.write(b, buffer))
	}
	for i, op := range s.ops {
		codes = append(codes, op.writeCode(b))
		ops = append(ops, op.write(b, i))
	}
	tensorList, opList := offsets(b, tensors), offsets(b, ops)
	inputs, outputs := int32s(b, s.inputs), int32s(b, s.outputs)
	tflite.SubGraphStart(b)
	tflite.SubGraphAddTensors(b, tensorList)
	tflite.SubGraphAddInputs(b, inputs)
	tflite.SubGraphAddOutputs(b, outputs)
	tflite.SubGraphAddOperators(b, opList)
	sub := offsets(b, []flatbuffers.UOffsetT{tflite.SubGraphEnd(b)})
	codeList, bufferList := offsets(b, codes), offsets(b, buffers)
	tflite.ModelStart(b)
	tflite.ModelAddVersion(b, 3)
	tflite.ModelAddOperatorCodes(b, codeList)
	tflite.ModelAddSubgraphs(b, sub)
	tflite.ModelAddBuffers(b, bufferList)
	b.FinishWithFileIdentifier(tflite.ModelEnd(b), []byte("TFL3"))
	return b.FinishedBytes()
}

func (t srcTensor) write(b *flatbuffers.Builder, buffer int) flatbuffers.UOffsetT {
	name, shape := b.CreateString(t.name), int32s(b, t.shape)
	var sparse flatbuffers.UOffsetT
	if t.sparse != nil {
		sparse = t.sparse(b)
	}
	tflite.TensorStart(b)
	tflite.TensorAddName(b, name)
	tflite.TensorAddShape(b, shape)
	tflite.TensorAddType(b, t.kind)
	tflite.TensorAddBuffer(b, uint32(buffer))
	if t.sparse != nil {
		tflite.TensorAddSparsity(b, sparse)
	}
	return tflite.TensorEnd(b)
}

func (op srcOp) writeCode(b *flatbuffers.Builder) flatbuffers.UOffsetT {
	name := b.CreateString(op.name)
	tflite.OperatorCodeStart(b)
	tflite.OperatorCodeAddDeprecatedBuiltinCode(b, int8(min(op.code, 127)))
	tflite.OperatorCodeAddBuiltinCode(b, op.code)
	tflite.OperatorCodeAddCustomCode(b, name)
	return tflite.OperatorCodeEnd(b)
}

func (op srcOp) write(b *flatbuffers.Builder, code int) flatbuffers.UOffsetT {
	in, out, custom := int32s(b, op.in), int32s(b, op.out), b.CreateByteVector(op.custom)
	var options flatbuffers.UOffsetT
	if op.options != nil {
		options = op.options(b)
	}
	tflite.OperatorStart(b)
	tflite.OperatorAddOpcodeIndex(b, uint32(code))
	tflite.OperatorAddInputs(b, in)
	tflite.OperatorAddOutputs(b, out)
	if op.options != nil {
		tflite.OperatorAddBuiltinOptionsType(b, op.kind)
		tflite.OperatorAddBuiltinOptions(b, options)
	}
	if op.custom != nil {
		tflite.OperatorAddCustomOptions(b, custom)
	}
	return tflite.OperatorEnd(b)
}

func offsets(b *flatbuffers.Builder, v []flatbuffers.UOffsetT) flatbuffers.UOffsetT {
	b.StartVector(4, len(v), 4)
	for i := len(v) - 1; i >= 0; i-- {
		b.PrependUOffsetT(v[i])
	}
	return b.EndVector(len(v))
}

func int32s(b *flatbuffers.Builder, v []int32) flatbuffers.UOffsetT {
	b.StartVector(4, len(v), 4)
	for i := len(v) - 1; i >= 0; i-- {
		b.PrependInt32(v[i])
	}
	return b.EndVector(len(v))
}

// computed is a computed tensor.
func computed(name string, shape ...int32) srcTensor { return srcTensor{name: name, shape: shape} }

func floats(shape []int32, v ...float32) srcTensor {
	var data []byte
	for _, x := range v {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(x))
	}
	return srcTensor{name: "constant", shape: shape, data: data}
}

func ints(shape []int32, v ...int32) srcTensor {
	var data []byte
	for _, x := range v {
		data = binary.LittleEndian.AppendUint32(data, uint32(x))
	}
	return srcTensor{name: "numbers", shape: shape, data: data, kind: tflite.TensorTypeINT32}
}

func conv(padding tflite.Padding, stride int32, activation tflite.Activation, in []int32, out int32) srcOp {
	return srcOp{code: tflite.BuiltinOperatorCONV_2D, in: in, out: []int32{out}, kind: tflite.BuiltinOptionsConv2DOptions,
		options: func(b *flatbuffers.Builder) flatbuffers.UOffsetT {
			tflite.Conv2DOptionsStart(b)
			tflite.Conv2DOptionsAddPadding(b, padding)
			tflite.Conv2DOptionsAddStrideW(b, stride)
			tflite.Conv2DOptionsAddStrideH(b, stride)
			tflite.Conv2DOptionsAddActivation(b, activation)
			return tflite.Conv2DOptionsEnd(b)
		}}
}

func depthwise(in []int32, out int32) srcOp {
	return srcOp{code: tflite.BuiltinOperatorDEPTHWISE_CONV_2D, in: in, out: []int32{out}, kind: tflite.BuiltinOptionsDepthwiseConv2DOptions,
		options: func(b *flatbuffers.Builder) flatbuffers.UOffsetT {
			tflite.DepthwiseConv2DOptionsStart(b)
			tflite.DepthwiseConv2DOptionsAddPadding(b, tflite.PaddingVALID)
			tflite.DepthwiseConv2DOptionsAddStrideW(b, 1)
			tflite.DepthwiseConv2DOptionsAddStrideH(b, 1)
			tflite.DepthwiseConv2DOptionsAddDepthMultiplier(b, 2)
			return tflite.DepthwiseConv2DOptionsEnd(b)
		}}
}

func add(in []int32, out int32) srcOp {
	return srcOp{code: tflite.BuiltinOperatorADD, in: in, out: []int32{out}, kind: tflite.BuiltinOptionsAddOptions,
		options: func(b *flatbuffers.Builder) flatbuffers.UOffsetT {
			tflite.AddOptionsStart(b)
			return tflite.AddOptionsEnd(b)
		}}
}

func concat(axis int32, in []int32, out int32) srcOp {
	return srcOp{code: tflite.BuiltinOperatorCONCATENATION, in: in, out: []int32{out}, kind: tflite.BuiltinOptionsConcatenationOptions,
		options: func(b *flatbuffers.Builder) flatbuffers.UOffsetT {
			tflite.ConcatenationOptionsStart(b)
			tflite.ConcatenationOptionsAddAxis(b, axis)
			return tflite.ConcatenationOptionsEnd(b)
		}}
}

func slice(in []int32, out int32) srcOp {
	return srcOp{code: tflite.BuiltinOperatorSTRIDED_SLICE, in: in, out: []int32{out}, kind: tflite.BuiltinOptionsStridedSliceOptions,
		options: func(b *flatbuffers.Builder) flatbuffers.UOffsetT {
			tflite.StridedSliceOptionsStart(b)
			return tflite.StridedSliceOptionsEnd(b)
		}}
}

func plain(code tflite.BuiltinOperator, in []int32, out int32) srcOp {
	return srcOp{code: code, in: in, out: []int32{out}}
}
