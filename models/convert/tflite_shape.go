package convert

import (
	"fmt"
	"slices"

	"cheval/models/convert/tflite"
)

// reshape goes by the output's shape: the second input may be missing. The
// elements must be in TFLite's order before, and in ONNX's after.
func (c *converter) reshape(op *operator) (string, error) {
	in, out := c.m.tensors[op.in[0]].shape, c.outShape(op)
	x, _, err := c.computed(op, 0, len(in))
	if err != nil {
		return "", err
	}
	if product(in) != product(out) {
		return "", fmt.Errorf("%v cannot become %v", in, out)
	}
	if slices.Equal(in, out) {
		return x, nil
	}
	if len(in) == 4 && !sameOrder(in) {
		x = c.g.node("Transpose", []string{x}, attrInts("perm", 0, 2, 3, 1))
	}
	if len(out) == 4 && !sameOrder(out) {
		return c.g.node("Transpose", []string{c.g.reshape(x, out...)}, attrInts("perm", 0, 3, 1, 2)), nil
	}
	return c.g.reshape(x, onnxShape(out)...), nil
}

func (c *converter) concat(op *operator) (string, error) {
	var o tflite.ConcatenationOptions
	if err := op.read(tflite.BuiltinOptionsConcatenationOptions, &o); err != nil {
		return "", err
	}
	out := c.outShape(op)
	axis, rank := int(o.Axis()), len(out)
	if axis < 0 {
		axis += rank
	}
	if axis < 0 || axis >= rank {
		return "", fmt.Errorf("there is no axis %d in %v", o.Axis(), out)
	}
	var parts []string
	along := 0
	for k := range op.in {
		v, shape, err := c.computed(op, k, rank)
		if err != nil {
			return "", err
		}
		for a := range rank {
			if a != axis && shape[a] != out[a] {
				return "", fmt.Errorf("%v does not fit into %v", shape, out)
			}
		}
		along += shape[axis]
		parts = append(parts, v)
	}
	if along != out[axis] {
		return "", fmt.Errorf("its inputs make %d along axis %d of %v", along, axis, out)
	}
	if rank == 4 {
		axis = [4]int{0, 2, 3, 1}[axis]
	}
	return c.activate(c.g.node("Concat", parts, attrInt("axis", axis)), o.Activation())
}

// slice is known with steps of 1 and no axis made or removed.
func (c *converter) slice(op *operator) (string, error) {
	var o tflite.StridedSliceOptions
	if err := op.read(tflite.BuiltinOptionsStridedSliceOptions, &o); err != nil {
		return "", err
	}
	in, out := c.m.tensors[op.in[0]].shape, c.outShape(op)
	x, _, err := c.computed(op, 0, len(out))
	if err != nil {
		return "", err
	}
	if o.EllipsisMask() != 0 || o.NewAxisMask() != 0 || o.ShrinkAxisMask() != 0 {
		return "", fmt.Errorf("a slice that makes or removes axes is not known")
	}
	begin, end, err := c.sliceBounds(op, in, int(o.BeginMask()), int(o.EndMask()))
	if err != nil {
		return "", err
	}
	for a := range in {
		if end[a]-begin[a] != out[a] {
			return "", fmt.Errorf("%v to %v of %v do not make %v", begin, end, in, out)
		}
	}
	if slices.Equal(in, out) {
		return x, nil
	}
	return c.g.node("Slice", []string{x, c.g.ints(onnxShape(begin)...), c.g.ints(onnxShape(end)...)}), nil
}

// sliceBounds reads where a slice begins and ends on each axis.
func (c *converter) sliceBounds(op *operator, in []int, beginMask, endMask int) (begin, end []int, err error) {
	var v [3][]int
	for k := range v {
		if v[k], err = c.intConst(op.in[k+1]); err != nil {
			return nil, nil, err
		}
		if len(v[k]) != len(in) {
			return nil, nil, fmt.Errorf("its bounds %v are not those of %v", v[k], in)
		}
	}
	begin, end = v[0], v[1]
	for a, n := range in {
		if v[2][a] != 1 {
			return nil, nil, fmt.Errorf("a step of %d is not known", v[2][a])
		}
		begin[a], end[a] = bound(begin[a], n), bound(end[a], n)
		if beginMask>>a&1 == 1 {
			begin[a] = 0
		}
		if endMask>>a&1 == 1 {
			end[a] = n
		}
	}
	return begin, end, nil
}

// bound brings an index that may count from the end into 0..n.
func bound(i, n int) int {
	if i < 0 {
		i += n
	}
	return min(max(i, 0), n)
}

// padAmounts reads how many zeros stand before and after each axis.
func (c *converter) padAmounts(op *operator) (before, after [4]int, err error) {
	in, out := c.m.tensors[op.in[0]].shape, c.outShape(op)
	v, err := c.intConst(op.in[1])
	if err != nil {
		return before, after, err
	}
	if len(in) != 4 || len(out) != 4 || len(v) != 8 {
		return before, after, fmt.Errorf("a padding of %v to %v is not known", in, out)
	}
	for a := range 4 {
		before[a], after[a] = v[2*a], v[2*a+1]
		if before[a] < 0 || after[a] < 0 || before[a]+in[a]+after[a] != out[a] {
			return before, after, fmt.Errorf("%v around %v do not make %v", v, in, out)
		}
	}
	return before, after, nil
}

// deferPad leaves a padding of height and width to the convolutions that read
// it, where all do and none pads by itself.
func (c *converter) deferPad(op *operator) bool {
	before, after, err := c.padAmounts(op)
	if err != nil || before[0]+after[0]+before[3]+after[3] != 0 || slices.Contains(c.m.outputs, op.out[0]) {
		return false
	}
	for _, r := range c.readers[op.out[0]] {
		if r.in[0] != op.out[0] || !r.convolvesValid() {
			return false
		}
	}
	c.pads[op.out[0]] = padding{from: op.in[0], pads: [4]int{before[1], before[2], after[1], after[2]}}
	return true
}

func (op *operator) convolvesValid() bool {
	var conv tflite.Conv2DOptions
	var depthwise tflite.DepthwiseConv2DOptions
	switch op.code {
	case tflite.BuiltinOperatorCONV_2D:
		return op.read(tflite.BuiltinOptionsConv2DOptions, &conv) == nil && conv.Padding() == tflite.PaddingVALID
	case tflite.BuiltinOperatorDEPTHWISE_CONV_2D:
		return op.read(tflite.BuiltinOptionsDepthwiseConv2DOptions, &depthwise) == nil && depthwise.Padding() == tflite.PaddingVALID
	}
	return false
}

// pad writes zeros around a tensor. Channels of zeros at the end are a 1x1
// convolution in PRELU models, where ONNX Runtime's blocked layout would end
// at a Pad; elsewhere the Pad is the cheaper.
func (c *converter) pad(op *operator) (string, error) {
	before, after, err := c.padAmounts(op)
	if err != nil {
		return "", err
	}
	x, in, err := c.computed(op, 0, 4)
	if err != nil {
		return "", err
	}
	onlyChannels := before == [4]int{} && after[0]+after[1]+after[2] == 0
	if c.prelu && onlyChannels {
		return c.widen(x, in[3], c.outShape(op)[3], max(1, op.group))
	}
	pads := c.g.ints(append(onnxShape(before[:]), onnxShape(after[:])...)...)
	return c.g.node("Pad", []string{x, pads}), nil
}

// widen adds channels of zeros at the end of each of group equal parts. As many
// zeros as channels are the channels times 0, which costs less.
func (c *converter) widen(x string, from, to, group int) (string, error) {
	if group == 1 && to == 2*from {
		return c.g.node("Concat", []string{x, c.scale(x, from, 0)}, attrInt("axis", 1)), nil
	}
	from /= group
	if c.weights += from * to; from > maxWeights/to || c.weights > maxWeights {
		return "", fmt.Errorf("its constants hold more than %d numbers", maxWeights)
	}
	w := make([]float32, to*from)
	for k := range from * group {
		w[(k/from*(to/group)+k%from)*from+k%from] = 1
	}
	return c.g.node("Conv", []string{x, c.g.floats([]int{to, from, 1, 1}, w)},
		attrInts("kernel_shape", 1, 1), attrInt("group", group)), nil
}
