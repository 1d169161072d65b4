package convert

import (
	"errors"
	"fmt"
	"slices"

	"cheval/models/convert/onnx"
	"cheval/models/convert/tflite"
)

const maxStride = 1 << 12

// padding is a tensor's source and the zeros around it: top, left, bottom,
// right.
type padding struct {
	from int
	pads [4]int
}

// window is how a kernel moves over an image.
type window struct {
	padding           tflite.Padding
	strideH, strideW  int
	dilateH, dilateW  int
	kernelH, kernelW  int
	activation        tflite.Activation
	group             int
	inValue           string
	inShape, outShape []int  // NHWC
	explicit          [4]int // zeros around the input, from a deferred padding
	outChannels       int
}

func (c *converter) conv(op *operator) (string, error) {
	var o tflite.Conv2DOptions
	if err := op.read(tflite.BuiltinOptionsConv2DOptions, &o); err != nil {
		return "", err
	}
	w := &window{
		padding: o.Padding(), activation: o.Activation(), group: max(1, op.group),
		strideH: int(o.StrideH()), strideW: int(o.StrideW()),
		dilateH: int(o.DilationH()), dilateW: int(o.DilationW()),
	}
	kernel, shape, err := c.kernel(op.in[1])
	if err != nil {
		return "", err
	}
	w.outChannels, w.kernelH, w.kernelW = shape[0], shape[1], shape[2]
	if err := c.place(op, w); err != nil {
		return "", err
	}
	if w.inShape[3] != shape[3]*w.group || shape[0]%w.group != 0 {
		return "", fmt.Errorf("its kernel %v does not fit the input %v", shape, w.inShape)
	}
	weights := permute(kernel, shape, 0, 3, 1, 2)
	return c.convNode(op, w, c.g.floats([]int{shape[0], shape[3], shape[1], shape[2]}, weights))
}

func (c *converter) depthwise(op *operator) (string, error) {
	var o tflite.DepthwiseConv2DOptions
	if err := op.read(tflite.BuiltinOptionsDepthwiseConv2DOptions, &o); err != nil {
		return "", err
	}
	w := &window{
		padding: o.Padding(), activation: o.Activation(),
		strideH: int(o.StrideH()), strideW: int(o.StrideW()),
		dilateH: int(o.DilationH()), dilateW: int(o.DilationW()),
	}
	kernel, shape, err := c.kernel(op.in[1])
	if err != nil {
		return "", err
	}
	w.outChannels, w.kernelH, w.kernelW = shape[3], shape[1], shape[2]
	if err := c.place(op, w); err != nil {
		return "", err
	}
	w.group = w.inShape[3]
	if shape[0] != 1 || shape[3]%w.group != 0 {
		return "", fmt.Errorf("its kernel %v does not fit the input %v", shape, w.inShape)
	}
	weights := permute(kernel, shape, 3, 0, 1, 2)
	return c.convNode(op, w, c.g.floats([]int{shape[3], 1, shape[1], shape[2]}, weights))
}

// kernel reads a constant of rank 4.
func (c *converter) kernel(i int) ([]float32, []int, error) {
	v, err := c.floatConst(i)
	if err != nil {
		return nil, nil, err
	}
	t, _ := c.constant(i)
	if len(t.shape) != 4 {
		return nil, nil, fmt.Errorf("its kernel has the shape %v", t.shape)
	}
	return v, t.shape, nil
}

// bias reads an operator's optional third input, of n numbers.
func (c *converter) bias(op *operator, n int) ([]float32, error) {
	if len(op.in) < 3 || op.in[2] < 0 {
		return make([]float32, n), nil
	}
	v, err := c.floatConst(op.in[2])
	if err != nil {
		return nil, err
	}
	if len(v) != n {
		return nil, fmt.Errorf("its bias has %d numbers for %d channels", len(v), n)
	}
	return v, nil
}

// place finds the input of a window, looking through a deferred padding, and
// checks that the output has the size that follows.
func (c *converter) place(op *operator, w *window) error {
	in := op.in[0]
	if p, ok := c.pads[in]; ok {
		in, w.explicit = p.from, p.pads
	}
	v, err := c.value(in)
	if err != nil {
		return err
	}
	w.inValue, w.inShape, w.outShape = v, c.m.tensors[in].shape, c.outShape(op)
	if len(w.inShape) != 4 || len(w.outShape) != 4 {
		return fmt.Errorf("its input %v and output %v are not images", w.inShape, w.outShape)
	}
	for _, x := range []int{w.strideH, w.strideW, w.dilateH, w.dilateW} {
		if x < 1 || x > maxStride {
			return fmt.Errorf("a stride or dilation of %d", x)
		}
	}
	pads := w.pads()
	h := outSize(w.inShape[1]+pads[0]+pads[2], w.kernelH, w.strideH, w.dilateH)
	wd := outSize(w.inShape[2]+pads[1]+pads[3], w.kernelW, w.strideW, w.dilateW)
	if want := []int{w.inShape[0], h, wd, w.outChannels}; !slices.Equal(w.outShape, want) {
		return fmt.Errorf("its output is %v where %v follows from its input", w.outShape, want)
	}
	return nil
}

func outSize(in, kernel, stride, dilation int) int {
	return (in-(kernel-1)*dilation-1)/stride + 1
}

// pads are the zeros around the input: top, left, bottom, right.
func (w *window) pads() [4]int {
	p := w.explicit
	if w.padding == tflite.PaddingSAME {
		top, bottom := samePads(w.inShape[1], w.kernelH, w.strideH, w.dilateH)
		left, right := samePads(w.inShape[2], w.kernelW, w.strideW, w.dilateW)
		return [4]int{p[0] + top, p[1] + left, p[2] + bottom, p[3] + right}
	}
	return p
}

// samePads are TFLite's: the odd zero goes to the end.
func samePads(in, kernel, stride, dilation int) (begin, end int) {
	out := (in + stride - 1) / stride
	total := max((out-1)*stride+(kernel-1)*dilation+1-in, 0)
	return total / 2, total - total/2
}

func (w *window) attrs() []*onnx.AttributeProto {
	p := w.pads()
	a := []*onnx.AttributeProto{
		attrInts("kernel_shape", w.kernelH, w.kernelW),
		attrInts("strides", w.strideH, w.strideW),
		attrInts("pads", p[:]...),
	}
	if w.dilateH != 1 || w.dilateW != 1 {
		a = append(a, attrInts("dilations", w.dilateH, w.dilateW))
	}
	return a
}

func (c *converter) convNode(op *operator, w *window, weights string) (string, error) {
	b, err := c.bias(op, w.outChannels)
	if err != nil {
		return "", err
	}
	attrs := append(w.attrs(), attrInt("group", w.group))
	v := c.g.node("Conv", []string{w.inValue, weights, c.g.floats([]int{len(b)}, b)}, attrs...)
	return c.activate(v, w.activation)
}

// transposedConv is MediaPipe's Convolution2DTransposeBias; its options are
// three int32: padding (1 SAME, 2 VALID), stride in width, stride in height.
func (c *converter) transposedConv(op *operator) (string, error) {
	x, in, err := c.computed(op, 0, 4)
	if err != nil {
		return "", err
	}
	if len(op.in) < 2 || len(op.custom) != 12 {
		return "", errors.New("its kernel or options are missing")
	}
	kernel, shape, err := c.kernel(op.in[1]) // OHWI
	if err != nil {
		return "", err
	}
	b, err := c.bias(op, shape[0])
	if err != nil {
		return "", err
	}
	strideW, strideH := int(int32LE(op.custom[4:])), int(int32LE(op.custom[8:]))
	if strideW != shape[2] || strideH != shape[1] {
		return "", fmt.Errorf("its kernel %v and stride %dx%d differ, which is not known", shape, strideH, strideW)
	}
	want := []int{in[0], in[1] * strideH, in[2] * strideW, shape[0]}
	if shape[3] != in[3] || !slices.Equal(c.outShape(op), want) {
		return "", fmt.Errorf("its kernel %v does not make %v of %v", shape, c.outShape(op), in)
	}
	weights := permute(kernel, shape, 3, 0, 1, 2)
	return c.g.node("ConvTranspose",
		[]string{x, c.g.floats([]int{shape[3], shape[0], shape[1], shape[2]}, weights), c.g.floats([]int{len(b)}, b)},
		attrInts("kernel_shape", shape[1], shape[2]), attrInts("strides", strideH, strideW)), nil
}

func (c *converter) fullyConnected(op *operator) (string, error) {
	var o tflite.FullyConnectedOptions
	if err := op.read(tflite.BuiltinOptionsFullyConnectedOptions, &o); err != nil {
		return "", err
	}
	x, in, err := c.computed(op, 0, 2)
	if err != nil {
		return "", err
	}
	v, err := c.floatConst(op.in[1])
	if err != nil {
		return "", err
	}
	t, _ := c.constant(op.in[1])
	if o.WeightsFormat() != 0 || len(t.shape) != 2 || t.shape[1] != in[1] || !slices.Equal(c.outShape(op), []int{in[0], t.shape[0]}) {
		return "", fmt.Errorf("its weights %v do not make %v of %v", t.shape, c.outShape(op), in)
	}
	b, err := c.bias(op, t.shape[0])
	if err != nil {
		return "", err
	}
	y := c.g.node("Gemm", []string{x, c.g.floats(t.shape, v), c.g.floats([]int{len(b)}, b)}, attrInt("transB", 1))
	return c.activate(y, o.Activation())
}

// permute reorders a dense tensor of rank 4; axis k of the result is axis
// perm[k] of v.
func permute(v []float32, shape []int, perm ...int) []float32 {
	stride := [4]int{shape[1] * shape[2] * shape[3], shape[2] * shape[3], shape[3], 1}
	out := make([]float32, 0, len(v))
	for a := range shape[perm[0]] {
		for b := range shape[perm[1]] {
			for d := range shape[perm[2]] {
				base := a*stride[perm[0]] + b*stride[perm[1]] + d*stride[perm[2]]
				for e := range shape[perm[3]] {
					out = append(out, v[base+e*stride[perm[3]]])
				}
			}
		}
	}
	return out
}
