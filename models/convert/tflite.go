package convert

import (
	"fmt"

	"cheval/models/convert/tflite"
)

// TFLite writes a TensorFlow Lite model as ONNX, with the operators, kernels
// and float32 or float16 weights that MediaPipe's models use; it refuses all
// others, and quantised models and dynamic shapes, with one sentence. It keeps
// nothing of src.
//
// Inputs keep their names and become NCHW: [1,H,W,C] is [1,C,H,W]. Outputs
// keep their names and the shape and order they have in TFLite. Within, the
// graph is laid out for ONNX Runtime's blocked CPU kernels; results differ
// from TFLite's by the order of float32 sums only.
func TFLite(src []byte) ([]byte, error) {
	out, err := convertTFLite(src)
	if err != nil {
		return nil, fmt.Errorf("convert TensorFlow Lite model: %w", err)
	}
	return out, nil
}

func convertTFLite(src []byte) ([]byte, error) {
	m, err := readModel(src)
	if err != nil {
		return nil, err
	}
	if err := m.foldConstants(); err != nil {
		return nil, err
	}
	m.mergeBranches()
	c := &converter{
		m: m, g: newGraph(),
		values: map[int]string{}, affines: map[int]affine{}, pads: map[int]padding{},
		readers: map[int][]*operator{},
	}
	for i := range m.ops {
		op := &m.ops[i]
		c.prelu = c.prelu || op.code == tflite.BuiltinOperatorPRELU
		for _, in := range op.in {
			c.readers[in] = append(c.readers[in], op)
		}
	}
	if err := c.convert(); err != nil {
		return nil, err
	}
	return c.g.bytes("tflite")
}

// converter turns one model into one graph, operator by operator.
type converter struct {
	m *model
	g *graphBuilder
	// values names the ONNX value of each computed tensor: NCHW where the
	// tensor has rank 4, as in TFLite otherwise.
	values  map[int]string
	affines map[int]affine      // tensors that are matrices [n,4,4]
	pads    map[int]padding     // tensors that are another one, padded
	readers map[int][]*operator // of each tensor
	prelu   bool                // some operator is a PRELU
	weights int                 // numbers in constants so far
}

func (c *converter) convert() error {
	for _, name := range c.outputNames() {
		if err := c.g.claim(name); err != nil {
			return err
		}
	}
	for _, i := range c.m.inputs {
		t := &c.m.tensors[i]
		if t.kind != tflite.TensorTypeFLOAT32 || t.data != nil {
			return fmt.Errorf("input %q holds no float32 numbers: quantised models are not known", t.name)
		}
		if err := c.g.input(t.name, onnxShape(t.shape)); err != nil {
			return err
		}
		c.values[i] = t.name
	}
	for i := range c.m.ops {
		op := &c.m.ops[i]
		if err := c.operator(op); err != nil {
			return fmt.Errorf("operator %d, %v: %w", op.index, op, err)
		}
	}
	return c.finish()
}

func (c *converter) outputNames() []string {
	names := make([]string, len(c.m.outputs))
	for k, i := range c.m.outputs {
		names[k] = c.m.tensors[i].name
	}
	return names
}

// finish writes the outputs under their names, in TFLite's order of axes.
func (c *converter) finish() error {
	for _, i := range c.m.outputs {
		t := &c.m.tensors[i]
		v, err := c.value(i)
		if err != nil {
			return fmt.Errorf("output %q: %w", t.name, err)
		}
		switch {
		case len(t.shape) != 4:
			c.g.nodeTo("Identity", []string{v}, t.name)
		case sameOrder(t.shape):
			c.g.nodeTo("Reshape", []string{c.g.unshaped(v), c.g.ints(t.shape...)}, t.name)
		default:
			c.g.nodeTo("Transpose", []string{v}, t.name, attrInts("perm", 0, 2, 3, 1))
		}
		c.g.output(t.name, t.shape)
	}
	return nil
}

// needs is how many inputs an operator cannot do without.
func (op *operator) needs() int {
	switch op.code {
	case tflite.BuiltinOperatorADD, tflite.BuiltinOperatorMUL, tflite.BuiltinOperatorPRELU,
		tflite.BuiltinOperatorCONV_2D, tflite.BuiltinOperatorDEPTHWISE_CONV_2D, tflite.BuiltinOperatorFULLY_CONNECTED,
		tflite.BuiltinOperatorMEAN, tflite.BuiltinOperatorPAD:
		return 2
	case tflite.BuiltinOperatorSTRIDED_SLICE:
		return 4
	}
	return 1
}

// check holds that an operator has its inputs and one output.
func (op *operator) check() error {
	need := op.needs()
	if len(op.out) != 1 || len(op.in) < need {
		return fmt.Errorf("it has %d inputs and %d outputs", len(op.in), len(op.out))
	}
	for _, i := range op.in[:need] {
		if i < 0 {
			return fmt.Errorf("a needed input is left out")
		}
	}
	return nil
}

// operator converts one operator. All known ones have one output.
func (c *converter) operator(op *operator) error {
	if err := op.check(); err != nil {
		return err
	}
	if s := c.outShape(op); len(s) == 4 && s[3] > maxChannels {
		return fmt.Errorf("%d channels are more than %d", s[3], maxChannels)
	}
	out := op.out[0]
	_, twice := c.values[out]
	_, padded := c.pads[out]
	_, matrix := c.affines[out]
	if twice || padded || matrix {
		return fmt.Errorf("tensor %d is written twice", out)
	}
	if op.code == tflite.BuiltinOperatorPAD && c.deferPad(op) {
		return nil
	}
	v, err := c.compute(op)
	if err == nil && v != "" { // matrices are written when they are read
		c.values[out] = v
	}
	return err
}

// compute adds the nodes of an operator and names its result.
func (c *converter) compute(op *operator) (string, error) {
	switch op.code {
	case tflite.BuiltinOperatorCONV_2D:
		return c.conv(op)
	case tflite.BuiltinOperatorDEPTHWISE_CONV_2D:
		return c.depthwise(op)
	case tflite.BuiltinOperatorFULLY_CONNECTED:
		return c.fullyConnected(op)
	case tflite.BuiltinOperatorADD:
		return c.add(op)
	case tflite.BuiltinOperatorMUL:
		return c.mul(op)
	case tflite.BuiltinOperatorPRELU:
		return c.parametricRelu(op)
	case tflite.BuiltinOperatorRELU:
		return c.unary(op, "Relu")
	case tflite.BuiltinOperatorRELU6:
		return c.relu6(op)
	case tflite.BuiltinOperatorLOGISTIC:
		return c.unary(op, "Sigmoid")
	case tflite.BuiltinOperatorHARD_SWISH:
		return c.unary(op, "HardSwish")
	case tflite.BuiltinOperatorMAX_POOL_2D:
		return c.pool(op, "MaxPool")
	case tflite.BuiltinOperatorAVERAGE_POOL_2D:
		return c.pool(op, "AveragePool")
	case tflite.BuiltinOperatorMEAN:
		return c.mean(op)
	case tflite.BuiltinOperatorPAD:
		return c.pad(op)
	case tflite.BuiltinOperatorRESIZE_BILINEAR:
		return c.resize(op)
	case tflite.BuiltinOperatorDEPTH_TO_SPACE:
		return c.depthToSpace(op)
	case tflite.BuiltinOperatorRESHAPE:
		return c.reshape(op)
	case tflite.BuiltinOperatorCONCATENATION:
		return c.concat(op)
	case tflite.BuiltinOperatorSTRIDED_SLICE:
		return c.slice(op)
	case tflite.BuiltinOperatorCUSTOM:
		return c.customOperator(op)
	}
	return c.mergedOperator(op)
}

// mergedOperator converts what mergeBranches made.
func (c *converter) mergedOperator(op *operator) (string, error) {
	switch op.code {
	case opMatrices:
		return c.landmarksToMatrix(op)
	case opSample:
		return c.transformTensor(op)
	case opRepeat:
		return c.repeatChannels(op)
	case opPoints:
		return c.transformLandmarks(op)
	case opLane:
		return c.takeLane(op)
	}
	return "", fmt.Errorf("this operator is not known")
}

func (c *converter) customOperator(op *operator) (string, error) {
	switch op.name {
	case "Convolution2DTransposeBias":
		return c.transposedConv(op)
	case "Landmarks2TransformMatrix":
		return c.landmarksToMatrix(op)
	case "TransformTensorBilinear":
		return c.transformTensor(op)
	case "TransformLandmarks":
		return c.transformLandmarks(op)
	}
	return "", fmt.Errorf("this custom operator is not known")
}

// value names the computed value of a tensor.
func (c *converter) value(i int) (string, error) {
	if v, ok := c.values[i]; ok {
		return v, nil
	}
	if a, ok := c.affines[i]; ok {
		v := c.matrix(a)
		c.values[i] = v
		return v, nil
	}
	if i < 0 {
		return "", fmt.Errorf("a needed input is left out")
	}
	return "", fmt.Errorf("tensor %d is used before it is computed", i)
}

// computed names the value of an operator's input k and gives its shape,
// which must have the given rank.
func (c *converter) computed(op *operator, k, rank int) (string, []int, error) {
	if k >= len(op.in) {
		return "", nil, fmt.Errorf("input %d is left out", k)
	}
	v, err := c.value(op.in[k])
	if err != nil {
		return "", nil, err
	}
	shape := c.m.tensors[op.in[k]].shape
	if len(shape) != rank {
		return "", nil, fmt.Errorf("input %d has the shape %v, of another rank than %d", k, shape, rank)
	}
	return v, shape, nil
}

func (c *converter) outShape(op *operator) []int { return c.m.tensors[op.out[0]].shape }

// onnxShape is the shape of a TFLite tensor within the ONNX graph.
func onnxShape(s []int) []int {
	if len(s) != 4 {
		return s
	}
	return []int{s[0], s[3], s[1], s[2]}
}

// sameOrder says whether a tensor's elements lie in the same order in NHWC
// and NCHW.
func sameOrder(nhwc []int) bool { return nhwc[3] == 1 || nhwc[1]*nhwc[2] == 1 }
