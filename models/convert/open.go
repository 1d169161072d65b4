package convert

import "cheval/models/convert/onnx"

// dimension is a fixed size, or a name where a graph takes any.
type dimension struct {
	size int
	name string
}

func fixed(n int) dimension       { return dimension{size: n} }
func named(name string) dimension { return dimension{name: name} }

// openInput declares an input whose shape may be open.
func (g *graphBuilder) openInput(name string, kind onnx.TensorProto_DataType, dims ...dimension) error {
	if err := g.claim(name); err != nil {
		return err
	}
	g.graph.Input = append(g.graph.Input, openInfo(name, kind, dims))
	return nil
}

func openInfo(name string, kind onnx.TensorProto_DataType, dims []dimension) *onnx.ValueInfoProto {
	shape := &onnx.TensorShapeProto{}
	for _, d := range dims {
		shape.Dim = append(shape.Dim, &onnx.TensorShapeProto_Dimension{DimValue: int64(d.size), DimParam: d.name})
	}
	return &onnx.ValueInfoProto{Name: name, Type: &onnx.TypeProto{
		TensorType: &onnx.TypeProto_Tensor{ElemType: int32(kind), Shape: shape},
	}}
}

// nodes adds a node with several outputs; of equal nodes there is one.
func (g *graphBuilder) nodes(op string, inputs []string, n int) []string {
	first := g.node(op, inputs)
	last := g.graph.Node[len(g.graph.Node)-1]
	for _, node := range g.graph.Node {
		if node.Output[0] == first {
			last = node
		}
	}
	for len(last.Output) < n {
		last.Output = append(last.Output, g.fresh(op))
	}
	return last.Output
}

func attrFloat(name string, v float32) *onnx.AttributeProto {
	return &onnx.AttributeProto{Name: name, F: v, Type: onnx.AttributeProto_FLOAT}
}
