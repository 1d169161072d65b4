package convert

import (
	"errors"
	"fmt"

	flatbuffers "github.com/google/flatbuffers/go"

	"cheval/models/convert/tflite"
)

// Limits of what is converted. MediaPipe's models reach rank 4, some 1100
// tensors, 3 M numbers in all weights and 2 M in one value.
const (
	maxRank     = 6
	maxElements = 1 << 26 // of one tensor
	maxChannels = 1 << 16 // of an image
	maxWeights  = 1 << 24 // of all constants as written
	maxArity    = 64      // inputs or outputs of an operator or of the model
	maxName     = 4096
)

// model is a TFLite model with every index checked.
type model struct {
	tensors         []tensor
	ops             []operator
	inputs, outputs []int
}

type tensor struct {
	name   string
	shape  []int
	kind   tflite.TensorType
	data   []byte                     // of a constant, else nil
	sparse *tflite.SparsityParameters // of a constant that is stored sparsely
}

// size is the number of elements, at most maxElements.
func (t *tensor) size() int { return product(t.shape) }

type operator struct {
	code    tflite.BuiltinOperator
	name    string // of a custom operator
	in, out []int  // indices of tensors; in is -1 where an input is left out
	kind    tflite.BuiltinOptions
	options flatbuffers.Table // the builtin options, of that kind
	custom  []byte            // the custom options
	index   int               // in the file
	group   int               // branches that were merged into it, 0 as read
	merged  *merged           // how, for operators that only merging makes
}

// String names the operator for messages.
func (o *operator) String() string {
	if o.code == tflite.BuiltinOperatorCUSTOM || o.code < 0 {
		return o.name
	}
	if s, ok := tflite.EnumNamesBuiltinOperator[o.code]; ok {
		return s
	}
	return fmt.Sprintf("operator %d", o.code)
}

// readModel verifies the bytes and takes them apart. It keeps parts of src.
func readModel(src []byte) (*model, error) {
	if err := tflite.Verify(src); err != nil {
		return nil, err
	}
	root := tflite.GetRootAsModel(src, 0)
	if v := root.Version(); v != 3 {
		return nil, fmt.Errorf("it has version %d of the format, not 3", v)
	}
	if n := root.SubgraphsLength(); n != 1 {
		return nil, fmt.Errorf("it has %d graphs, not 1", n)
	}
	var sub tflite.SubGraph
	root.Subgraphs(&sub, 0)
	m := &model{}
	if err := m.readTensors(root, &sub); err != nil {
		return nil, err
	}
	if err := m.readOperators(root, &sub); err != nil {
		return nil, err
	}
	var err error
	if m.inputs, err = m.indices(sub.InputsLength(), sub.Inputs, false); err != nil {
		return nil, fmt.Errorf("inputs: %w", err)
	}
	if m.outputs, err = m.indices(sub.OutputsLength(), sub.Outputs, false); err != nil {
		return nil, fmt.Errorf("outputs: %w", err)
	}
	if len(m.inputs) == 0 || len(m.outputs) == 0 {
		return nil, errors.New("it has no input or no output")
	}
	return m, nil
}

func (m *model) readTensors(root *tflite.Model, sub *tflite.SubGraph) error {
	m.tensors = make([]tensor, sub.TensorsLength())
	for i := range m.tensors {
		var ft tflite.Tensor
		sub.Tensors(&ft, i)
		t, err := readTensor(root, &ft)
		if err != nil {
			return fmt.Errorf("tensor %d: %w", i, err)
		}
		m.tensors[i] = t
	}
	return nil
}

func readTensor(root *tflite.Model, ft *tflite.Tensor) (tensor, error) {
	t := tensor{kind: ft.Type(), sparse: ft.Sparsity(nil)}
	if len(ft.Name()) > maxName {
		return t, errors.New("its name is too long")
	}
	t.name = string(ft.Name())
	if ft.ShapeLength() > maxRank {
		return t, fmt.Errorf("it has %d dimensions, more than %d", ft.ShapeLength(), maxRank)
	}
	n := 1
	for i := range ft.ShapeLength() {
		d := int(ft.Shape(i))
		if d <= 0 || d > maxElements || n > maxElements/d {
			return t, fmt.Errorf("dimension %d is %d: sizes must be fixed and at most %d in all", i, d, maxElements)
		}
		n *= d
		t.shape = append(t.shape, d)
	}
	if int64(ft.Buffer()) >= int64(root.BuffersLength()) {
		return t, fmt.Errorf("it lies in buffer %d of %d", ft.Buffer(), root.BuffersLength())
	}
	var buf tflite.Buffer
	root.Buffers(&buf, int(ft.Buffer()))
	if buf.DataLength() > 0 {
		t.data = buf.DataBytes()
	}
	return t, nil
}

func (m *model) readOperators(root *tflite.Model, sub *tflite.SubGraph) error {
	m.ops = make([]operator, sub.OperatorsLength())
	for i := range m.ops {
		var fo tflite.Operator
		sub.Operators(&fo, i)
		m.ops[i].index = i
		if err := m.readOperator(root, &fo, &m.ops[i]); err != nil {
			return fmt.Errorf("operator %d: %w", i, err)
		}
	}
	return nil
}

func (m *model) readOperator(root *tflite.Model, fo *tflite.Operator, op *operator) error {
	if int64(fo.OpcodeIndex()) >= int64(root.OperatorCodesLength()) {
		return fmt.Errorf("it has code %d of %d", fo.OpcodeIndex(), root.OperatorCodesLength())
	}
	var code tflite.OperatorCode
	root.OperatorCodes(&code, int(fo.OpcodeIndex()))
	// Codes up to 127 stand in the old field, later ones in the new.
	op.code = max(code.BuiltinCode(), tflite.BuiltinOperator(code.DeprecatedBuiltinCode()))
	if op.code < 0 {
		return fmt.Errorf("it has the code %d", op.code)
	}
	if len(code.CustomCode()) <= maxName {
		op.name = string(code.CustomCode())
	}
	var err error
	if op.in, err = m.indices(fo.InputsLength(), fo.Inputs, true); err != nil {
		return fmt.Errorf("%v: inputs: %w", op, err)
	}
	if op.out, err = m.indices(fo.OutputsLength(), fo.Outputs, false); err != nil {
		return fmt.Errorf("%v: outputs: %w", op, err)
	}
	op.kind = fo.BuiltinOptionsType()
	if !fo.BuiltinOptions(&op.options) {
		op.kind = tflite.BuiltinOptionsNONE
	}
	op.custom = fo.CustomOptionsBytes()
	return nil
}

// indices reads a list of tensors; optional ones may be -1.
func (m *model) indices(n int, at func(int) int32, optional bool) ([]int, error) {
	if n > maxArity {
		return nil, fmt.Errorf("%d are more than %d", n, maxArity)
	}
	out := make([]int, n)
	for i := range out {
		out[i] = int(at(i))
		if out[i] >= len(m.tensors) || out[i] < -1 || out[i] == -1 && !optional {
			return nil, fmt.Errorf("there is no tensor %d", out[i])
		}
	}
	return out, nil
}

func product(v []int) int {
	n := 1
	for _, x := range v {
		n *= x
	}
	return n
}
