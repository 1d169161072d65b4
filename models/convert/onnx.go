package convert

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"google.golang.org/protobuf/proto"

	"cheval/models/convert/onnx"
)

const (
	irVersion = 8
	opset     = 17
)

// graphBuilder collects an ONNX graph. Values are known by name; each method
// that adds a node returns the name of its output.
type graphBuilder struct {
	graph  onnx.GraphProto
	names  map[string]bool
	shared map[string]string // initialisers by content
	serial int
}

func newGraph() *graphBuilder {
	return &graphBuilder{names: map[string]bool{}, shared: map[string]string{}}
}

// claim takes a name for a value of the model's own.
func (g *graphBuilder) claim(name string) error {
	if name == "" || strings.ToValidUTF8(name, "") != name {
		return fmt.Errorf("%q cannot name an input or output", name)
	}
	if g.names[name] {
		return fmt.Errorf("two values are called %q", name)
	}
	g.names[name] = true
	return nil
}

func (g *graphBuilder) fresh(prefix string) string {
	for {
		g.serial++
		name := fmt.Sprintf("%s_%d", prefix, g.serial)
		if !g.names[name] {
			g.names[name] = true
			return name
		}
	}
}

// node adds a node with one output.
func (g *graphBuilder) node(op string, inputs []string, attrs ...*onnx.AttributeProto) string {
	out := g.fresh(op)
	g.nodeTo(op, inputs, []string{out}, attrs...)
	return out
}

// nodeTo adds a node whose outputs have the given, claimed names.
func (g *graphBuilder) nodeTo(op string, inputs, outputs []string, attrs ...*onnx.AttributeProto) {
	g.graph.Node = append(g.graph.Node, &onnx.NodeProto{
		OpType: op, Name: "n_" + outputs[0], Input: inputs, Output: outputs, Attribute: attrs,
	})
}

// floats adds a float32 constant; equal ones are stored once.
func (g *graphBuilder) floats(dims []int, v []float32) string {
	raw := make([]byte, 4*len(v))
	for i, x := range v {
		binary.LittleEndian.PutUint32(raw[4*i:], math.Float32bits(x))
	}
	return g.initializer(onnx.TensorProto_FLOAT, dims, raw)
}

// scalar adds a float32 constant of rank 0.
func (g *graphBuilder) scalar(v float32) string { return g.floats(nil, []float32{v}) }

// ints adds an int64 constant of rank 1.
func (g *graphBuilder) ints(v ...int) string { return g.intTensor([]int{len(v)}, v) }

func (g *graphBuilder) intTensor(dims, v []int) string {
	raw := make([]byte, 8*len(v))
	for i, x := range v {
		binary.LittleEndian.PutUint64(raw[8*i:], uint64(x))
	}
	return g.initializer(onnx.TensorProto_INT64, dims, raw)
}

func (g *graphBuilder) initializer(kind onnx.TensorProto_DataType, dims []int, raw []byte) string {
	key := fmt.Sprint(kind, dims, ":") + string(raw)
	if name, ok := g.shared[key]; ok {
		return name
	}
	name := g.fresh("c")
	g.shared[key] = name
	g.graph.Initializer = append(g.graph.Initializer, &onnx.TensorProto{
		Name: name, DataType: int32(kind), Dims: int64s(dims), RawData: raw,
	})
	return name
}

func (g *graphBuilder) input(name string, dims []int) error {
	if err := g.claim(name); err != nil {
		return err
	}
	g.graph.Input = append(g.graph.Input, valueInfo(name, dims))
	return nil
}

// output declares a value as an output of the graph; a node must write it.
func (g *graphBuilder) output(name string, dims []int) {
	g.graph.Output = append(g.graph.Output, valueInfo(name, dims))
}

// bytes returns the model, the same bytes for the same graph.
func (g *graphBuilder) bytes(name string) ([]byte, error) {
	g.graph.Name = name
	m := &onnx.ModelProto{
		IrVersion:       irVersion,
		ProducerName:    "cheval",
		ProducerVersion: Version,
		Graph:           &g.graph,
		OpsetImport:     []*onnx.OperatorSetIdProto{{Version: opset}},
	}
	return proto.MarshalOptions{Deterministic: true}.Marshal(m)
}

func valueInfo(name string, dims []int) *onnx.ValueInfoProto {
	shape := &onnx.TensorShapeProto{}
	for _, d := range dims {
		shape.Dim = append(shape.Dim, &onnx.TensorShapeProto_Dimension{DimValue: int64(d)})
	}
	return &onnx.ValueInfoProto{Name: name, Type: &onnx.TypeProto{
		TensorType: &onnx.TypeProto_Tensor{ElemType: int32(onnx.TensorProto_FLOAT), Shape: shape},
	}}
}

func attrInt(name string, v int) *onnx.AttributeProto {
	return &onnx.AttributeProto{Name: name, I: int64(v), Type: onnx.AttributeProto_INT}
}

func attrInts(name string, v ...int) *onnx.AttributeProto {
	return &onnx.AttributeProto{Name: name, Ints: int64s(v), Type: onnx.AttributeProto_INTS}
}

func attrString(name, v string) *onnx.AttributeProto {
	return &onnx.AttributeProto{Name: name, S: []byte(v), Type: onnx.AttributeProto_STRING}
}

func int64s(v []int) []int64 {
	out := make([]int64, len(v))
	for i, x := range v {
		out[i] = int64(x)
	}
	return out
}
