package convert

import (
	"math"

	"cheval/models/convert/onnx"
)

// linear multiplies x [...,in] by the transpose of w [out,in] and adds bias,
// which may be nil. Weights are rounded to 8 bits, one scale an output;
// activations are as they come, one scale a tensor. It is written so that ONNX
// Runtime runs it as one kernel.
func (g *graphBuilder) linear(x string, w []float32, out, in int, bias []float32) string {
	q, scales := quantiseRows(w, out, in)
	b := g.initializer(onnx.TensorProto_INT8, []int{in, out}, turned(q, out, in))
	zero := g.initializer(onnx.TensorProto_INT8, []int{out}, make([]byte, out))
	a := g.nodes("DynamicQuantizeLinear", []string{x}, 3)
	sum := g.node("MatMulInteger", []string{a[0], b, a[2], zero})
	sum = g.node("Cast", []string{sum}, attrInt("to", int(onnx.TensorProto_FLOAT)))
	y := g.node("Mul", []string{sum, g.node("Mul", []string{a[1], g.floats([]int{out}, scales)})})
	if bias == nil {
		return y
	}
	return g.node("Add", []string{y, g.floats([]int{out}, bias)})
}

// turned transposes q [rows,cols].
func turned(q []int8, rows, cols int) []byte {
	t := make([]byte, len(q))
	for r := range rows {
		for c := range cols {
			t[c*rows+r] = byte(q[r*cols+c])
		}
	}
	return t
}

// quantiseRows rounds each row of w [rows,cols] to ±127 times its scale.
func quantiseRows(w []float32, rows, cols int) (q []int8, scales []float32) {
	q, scales = make([]int8, len(w)), make([]float32, rows)
	for r := range rows {
		row := w[r*cols : (r+1)*cols]
		scale := largest(row) / 127
		if scale == 0 {
			scale = 1
		}
		scales[r] = scale
		for i, x := range row {
			q[r*cols+i] = int8(math.RoundToEven(float64(x / scale)))
		}
	}
	return q, scales
}

func largest(v []float32) (m float32) {
	for _, x := range v {
		m = max(m, float32(math.Abs(float64(x))))
	}
	return m
}
