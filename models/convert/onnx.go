package convert

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
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
	shared map[string]string // initialisers and nodes by content
	source map[string]string // what each reshaped value was before
	serial int
}

func newGraph() *graphBuilder {
	return &graphBuilder{names: map[string]bool{}, shared: map[string]string{}, source: map[string]string{}}
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

// node adds a node with one output; of equal nodes there is one.
func (g *graphBuilder) node(op string, inputs []string, attrs ...*onnx.AttributeProto) string {
	key := fmt.Sprintf("%s%q", op, inputs)
	for _, a := range attrs {
		key += fmt.Sprintf("|%s %v %v %v %s", a.Name, a.I, a.F, a.Ints, a.S)
	}
	if out, ok := g.shared[key]; ok {
		return out
	}
	out := g.fresh(op)
	g.shared[key] = out
	g.nodeTo(op, inputs, out, attrs...)
	return out
}

// reshape gives x the shape dims, in one step if x was reshaped before.
func (g *graphBuilder) reshape(x string, dims ...int) string {
	from := g.unshaped(x)
	out := g.node("Reshape", []string{from, g.ints(dims...)})
	g.source[out] = from
	return out
}

// unshaped is x before it was reshaped.
func (g *graphBuilder) unshaped(x string) string {
	if from, ok := g.source[x]; ok {
		return from
	}
	return x
}

// nodeTo adds a node whose output has the given, claimed name.
func (g *graphBuilder) nodeTo(op string, inputs []string, output string, attrs ...*onnx.AttributeProto) {
	domain, name := "", op
	if i := strings.LastIndexByte(op, '.'); i >= 0 { // com.microsoft.Gelu
		domain, name = op[:i], op[i+1:]
	}
	g.graph.Node = append(g.graph.Node, &onnx.NodeProto{
		OpType: name, Domain: domain, Name: "n_" + output, Input: inputs, Output: []string{output}, Attribute: attrs,
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
	key := fmt.Sprintf("%v %v %x", kind, dims, sha256.Sum256(raw))
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
	g.prune()
	m := &onnx.ModelProto{
		IrVersion:       irVersion,
		ProducerName:    "cheval",
		ProducerVersion: Version,
		Graph:           &g.graph,
		OpsetImport:     []*onnx.OperatorSetIdProto{{Version: opset}},
	}
	if slices.ContainsFunc(g.graph.Node, func(n *onnx.NodeProto) bool { return n.Domain != "" }) {
		m.OpsetImport = append(m.OpsetImport, &onnx.OperatorSetIdProto{Domain: "com.microsoft", Version: 1})
	}
	return proto.MarshalOptions{Deterministic: true}.Marshal(m)
}

// prune drops nodes and constants that no output needs.
func (g *graphBuilder) prune() {
	needed := map[string]bool{}
	for _, o := range g.graph.Output {
		needed[o.Name] = true
	}
	nodes := g.graph.Node
	for i := len(nodes) - 1; i >= 0; i-- { // nodes stand after what they read
		if needed[nodes[i].Output[0]] {
			for _, in := range nodes[i].Input {
				needed[in] = true
			}
		}
	}
	g.graph.Node = slices.DeleteFunc(nodes, func(n *onnx.NodeProto) bool { return !needed[n.Output[0]] })
	g.graph.Initializer = slices.DeleteFunc(g.graph.Initializer, func(t *onnx.TensorProto) bool { return !needed[t.Name] })
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
