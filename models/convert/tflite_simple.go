package convert

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	flatbuffers "github.com/google/flatbuffers/go"

	"cheval/models/convert/tflite"
)

// options is a generated table of builtin options.
type options interface {
	Init(buf []byte, i flatbuffers.UOffsetT)
}

// read fills o with the operator's options, which must be of that kind.
func (op *operator) read(kind tflite.BuiltinOptions, o options) error {
	if op.kind != kind {
		return fmt.Errorf("its options are of kind %d, not %v", op.kind, kind)
	}
	o.Init(op.options.Bytes, op.options.Pos)
	return nil
}

func int32LE(b []byte) int32 { return int32(binary.LittleEndian.Uint32(b)) }

// activate adds a fused activation.
func (c *converter) activate(v string, a tflite.Activation) (string, error) {
	switch a {
	case tflite.ActivationNONE:
		return v, nil
	case tflite.ActivationRELU:
		return c.g.node("Relu", []string{v}), nil
	case tflite.ActivationRELU6:
		return c.clip6(v), nil
	}
	return "", fmt.Errorf("the activation %v is not known", a)
}

func (c *converter) clip6(v string) string {
	return c.g.node("Clip", []string{v, c.g.scalar(0), c.g.scalar(6)})
}

// unary converts an operator of one input whose output has the same shape.
func (c *converter) unary(op *operator, name string) (string, error) {
	v, err := c.same(op)
	if err != nil {
		return "", err
	}
	return c.g.node(name, []string{v}), nil
}

func (c *converter) relu6(op *operator) (string, error) {
	v, err := c.same(op)
	if err != nil {
		return "", err
	}
	return c.clip6(v), nil
}

// same names the first input, which must have the output's shape.
func (c *converter) same(op *operator) (string, error) {
	v, shape, err := c.computed(op, 0, len(c.outShape(op)))
	if err == nil && !slices.Equal(shape, c.outShape(op)) {
		err = fmt.Errorf("its input %v and output %v differ", shape, c.outShape(op))
	}
	return v, err
}

func (c *converter) add(op *operator) (string, error) {
	var o tflite.AddOptions
	if err := op.read(tflite.BuiltinOptionsAddOptions, &o); err != nil {
		return "", err
	}
	v, err := c.broadcast(op, "Add")
	if err != nil {
		return "", err
	}
	if shape := c.outShape(op); o.Activation() == tflite.ActivationRELU6 && len(shape) == 4 {
		// The blocked layout ends at a Clip after an Add, and goes on
		// through one that can be fused into a convolution.
		v = c.blocked(v, shape[3])
	}
	return c.activate(v, o.Activation())
}

func (c *converter) mul(op *operator) (string, error) {
	var o tflite.MulOptions
	if err := op.read(tflite.BuiltinOptionsMulOptions, &o); err != nil {
		return "", err
	}
	v, err := c.broadcast(op, "Mul")
	if err != nil {
		return "", err
	}
	return c.activate(v, o.Activation())
}

// broadcast adds a node of two inputs, each computed or constant.
func (c *converter) broadcast(op *operator, name string) (string, error) {
	out := c.outShape(op)
	var in [2]string
	var shapes [2][]int
	for k := range in {
		var err error
		if in[k], shapes[k], err = c.operand(op.in[k], len(out)); err != nil {
			return "", err
		}
	}
	if got := broadcastShape(shapes[0], shapes[1]); !slices.Equal(got, out) {
		return "", fmt.Errorf("%v and %v do not make %v", shapes[0], shapes[1], out)
	}
	return c.g.node(name, in[:]), nil
}

// operand names an input for an operator whose output has the given rank,
// and gives its TFLite shape.
func (c *converter) operand(i, rank int) (string, []int, error) {
	t, constant := c.constant(i)
	if !constant {
		v, err := c.value(i)
		if err != nil {
			return "", nil, err
		}
		shape := c.m.tensors[i].shape
		if len(shape) != rank {
			return "", nil, fmt.Errorf("an input has the shape %v, of another rank than the output", shape)
		}
		return v, shape, nil
	}
	v, err := c.floatConst(i)
	if err != nil {
		return "", nil, err
	}
	if rank != 4 {
		return c.g.floats(t.shape, v), t.shape, nil
	}
	if len(t.shape) > 4 {
		return "", nil, fmt.Errorf("a constant has the shape %v", t.shape)
	}
	full := append(slices.Repeat([]int{1}, 4-len(t.shape)), t.shape...)
	return c.g.floats(onnxShape(full), permute(v, full, 0, 3, 1, 2)), t.shape, nil
}

// broadcastShape is the shape of an elementwise result, nil where a and b do
// not go together.
func broadcastShape(a, b []int) []int {
	out := make([]int, max(len(a), len(b)))
	for k := 1; k <= len(out); k++ {
		x, y := 1, 1
		if k <= len(a) {
			x = a[len(a)-k]
		}
		if k <= len(b) {
			y = b[len(b)-k]
		}
		if x != y && x != 1 && y != 1 {
			return nil
		}
		out[len(out)-k] = max(x, y)
	}
	return out
}

// scale multiplies each of n channels by s, as a depthwise convolution.
func (c *converter) scale(v string, n int, s float32) string {
	return c.scaleBy(v, slices.Repeat([]float32{s}, n))
}

// blocked multiplies n channels by 1: the convolution brings x into ONNX
// Runtime's blocked layout once, for a later Add too, which would leave it.
func (c *converter) blocked(x string, n int) string { return c.scale(x, n, 1) }

// scaleBy multiplies channel k by s[k], as a depthwise convolution, which
// stays in ONNX Runtime's blocked layout.
func (c *converter) scaleBy(v string, s []float32) string {
	w := c.g.floats([]int{len(s), 1, 1, 1}, s)
	return c.g.node("Conv", []string{v, w}, attrInts("kernel_shape", 1, 1), attrInt("group", len(s)))
}

// parametricRelu writes max(x, 0) + s·min(x, 0) as x + (1-s)·relu(-x): two
// depthwise convolutions that ONNX Runtime fuses with the Relu and the Add,
// three times as fast as its own PRelu. Slopes lie outside 0..1 too.
func (c *converter) parametricRelu(op *operator) (string, error) {
	x, err := c.same(op)
	if err != nil {
		return "", err
	}
	slopes, err := c.floatConst(op.in[1])
	if err != nil {
		return "", err
	}
	shape := c.outShape(op)
	if len(shape) != 4 || len(slopes) != shape[3] {
		return "", fmt.Errorf("it has %d slopes for the shape %v", len(slopes), shape)
	}
	for i, s := range slopes {
		slopes[i] = 1 - s
	}
	below := c.g.node("Relu", []string{c.scale(x, len(slopes), -1)})
	return c.g.node("Add", []string{c.scaleBy(below, slopes), x}), nil
}

func (c *converter) pool(op *operator, name string) (string, error) {
	var o tflite.Pool2DOptions
	if err := op.read(tflite.BuiltinOptionsPool2DOptions, &o); err != nil {
		return "", err
	}
	w := &window{
		padding: o.Padding(), activation: o.Activation(),
		strideH: int(o.StrideH()), strideW: int(o.StrideW()), dilateH: 1, dilateW: 1,
		kernelH: int(o.FilterH()), kernelW: int(o.FilterW()),
	}
	if w.kernelH < 1 || w.kernelW < 1 || w.kernelH > maxStride || w.kernelW > maxStride {
		return "", fmt.Errorf("a window of %dx%d", w.kernelH, w.kernelW)
	}
	x, shape, err := c.computed(op, 0, 4)
	if err != nil {
		return "", err
	}
	w.outChannels = shape[3]
	if err := c.place(op, w); err != nil {
		return "", err
	}
	if name == "AveragePool" && w.kernelH == shape[1] && w.kernelW == shape[2] && w.padding == tflite.PaddingVALID {
		x = c.g.node("GlobalAveragePool", []string{x})
	} else {
		x = c.g.node(name, []string{x}, w.attrs()...)
	}
	return c.activate(x, w.activation)
}

// mean is known over height and width.
func (c *converter) mean(op *operator) (string, error) {
	x, in, err := c.computed(op, 0, 4)
	if err != nil {
		return "", err
	}
	axes, err := c.intConst(op.in[1])
	if err != nil {
		return "", err
	}
	out := c.outShape(op)
	if !slices.Equal(axes, []int{1, 2}) || product(out) != in[0]*in[3] {
		return "", fmt.Errorf("a mean of %v over the axes %v is not known", in, axes)
	}
	x = c.g.node("GlobalAveragePool", []string{x})
	if len(out) == 4 {
		return x, nil
	}
	return c.g.reshape(x, out...), nil
}

// resize is known as TFLite's half-pixel bilinear enlargement.
func (c *converter) resize(op *operator) (string, error) {
	var o tflite.ResizeBilinearOptions
	if err := op.read(tflite.BuiltinOptionsResizeBilinearOptions, &o); err != nil {
		return "", err
	}
	x, in, err := c.computed(op, 0, 4)
	if err != nil {
		return "", err
	}
	out := c.outShape(op)
	if o.AlignCorners() || !o.HalfPixelCenters() {
		return "", errors.New("only pixels about their centres are known")
	}
	if len(out) != 4 || out[0] != in[0] || out[3] != in[3] || out[1]%in[1] != 0 || out[2]%in[2] != 0 {
		return "", fmt.Errorf("a resize of %v to %v is not known", in, out)
	}
	scales := c.g.floats([]int{4}, []float32{1, 1, float32(out[1] / in[1]), float32(out[2] / in[2])})
	return c.g.node("Resize", []string{x, "", scales},
		attrString("mode", "linear"), attrString("coordinate_transformation_mode", "half_pixel")), nil
}

func (c *converter) depthToSpace(op *operator) (string, error) {
	var o tflite.DepthToSpaceOptions
	if err := op.read(tflite.BuiltinOptionsDepthToSpaceOptions, &o); err != nil {
		return "", err
	}
	x, in, err := c.computed(op, 0, 4)
	if err != nil {
		return "", err
	}
	n := int(o.BlockSize())
	if n < 1 || n > maxStride || in[3]%(n*n) != 0 || !slices.Equal(c.outShape(op), []int{in[0], in[1] * n, in[2] * n, in[3] / (n * n)}) {
		return "", fmt.Errorf("blocks of %d do not make %v of %v", n, c.outShape(op), in)
	}
	return c.g.node("DepthToSpace", []string{x}, attrInt("blocksize", n), attrString("mode", "DCR")), nil
}
