package convert

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"cheval/models/convert/onnx"
)

// MiniLMVersion is the version of MiniLM's conversion: what another one wrote
// is written again.
const MiniLMVersion = "minilm-2"

// MiniLMTokens is how many tokens a sentence has at most, [CLS] and [SEP]
// included; the rest of a longer one is not read.
const MiniLMTokens = 32

// The shape of all-MiniLM-L6-v2 (its config.json).
const (
	lmLayers, lmWidth, lmHeads = 6, 384, 12
	lmInner, lmWords           = 1536, 30522
	lmEpsilon                  = 1e-12
)

// MiniLM writes all-MiniLM-L6-v2, a BERT in the safetensors format, as ONNX:
// "ids" and "mask" [1,32] (WordPiece numbers and 1 for each of them, float32,
// 0 beyond the sentence) to "embedding" [1,384], the mean over the sentence at
// unit length, as the model's authors pool it.
func MiniLM(src []byte) ([]byte, error) {
	st, err := readSafetensors(src)
	if err != nil {
		return nil, fmt.Errorf("convert MiniLM: %w", err)
	}
	m := miniLM{g: newGraph(), st: st}
	m.graph()
	if m.err != nil {
		return nil, fmt.Errorf("convert MiniLM: %w", m.err)
	}
	return m.g.bytes("minilm")
}

// miniLM builds the graph; the first error stays and ends it.
type miniLM struct {
	g   *graphBuilder
	st  *safetensors
	err error
}

func (m *miniLM) graph() {
	g := m.g
	for _, name := range []string{"ids", "mask"} {
		if err := g.input(name, []int{1, MiniLMTokens}); err != nil {
			m.err = err
			return
		}
	}
	x := m.embed()
	// 0 where there is a word, -10000 where there is none.
	mask := g.node("Mul", []string{g.node("Sub", []string{"mask", g.scalar(1)}), g.scalar(1e4)})
	mask = g.reshape(mask, 1, 1, 1, MiniLMTokens)
	for i := range lmLayers {
		x = m.layer(x, mask, fmt.Sprintf("encoder.layer.%d.", i))
	}
	if err := g.claim("embedding"); err != nil {
		m.err = err
		return
	}
	weights := g.reshape("mask", 1, MiniLMTokens, 1)
	sum := g.node("ReduceSum", []string{g.node("Mul", []string{x, weights}), g.ints(1)}, attrInt("keepdims", 0))
	g.nodeTo("Div", []string{sum, g.node("ReduceL2", []string{sum}, attrInts("axes", 1), attrInt("keepdims", 1))}, "embedding")
	g.output("embedding", []int{1, lmWidth})
}

// embed sums the embeddings of words, places and the only sentence.
func (m *miniLM) embed() string {
	g := m.g
	words := m.tensor("embeddings.word_embeddings.weight", lmWords, lmWidth)
	half := make([]byte, 2*len(words)) // halves the file; 1e-3 of the embedding is lost
	for i, v := range words {
		binary.LittleEndian.PutUint16(half[2*i:], toHalf(v))
	}
	table := g.initializer(onnx.TensorProto_FLOAT16, []int{lmWords, lmWidth}, half)
	ids := g.node("Cast", []string{"ids"}, attrInt("to", int(onnx.TensorProto_INT64)))
	x := g.node("Cast", []string{g.node("Gather", []string{table, ids})}, attrInt("to", int(onnx.TensorProto_FLOAT)))
	place := m.tensor("embeddings.position_embeddings.weight", 512, lmWidth)
	kind := m.tensor("embeddings.token_type_embeddings.weight", 2, lmWidth)
	if m.err != nil {
		return x
	}
	add := make([]float32, MiniLMTokens*lmWidth)
	for i := range add {
		add[i] = place[i] + kind[i%lmWidth]
	}
	x = g.node("Add", []string{x, g.floats([]int{1, MiniLMTokens, lmWidth}, add)})
	return m.norm(x, "embeddings.LayerNorm")
}

func (m *miniLM) layer(x, mask, at string) string {
	g := m.g
	heads := func(name string, perm ...int) string {
		y := m.dense(x, at+"attention.self."+name, lmWidth, lmWidth)
		y = g.reshape(y, 1, MiniLMTokens, lmHeads, lmWidth/lmHeads)
		return g.node("Transpose", []string{y}, attrInts("perm", perm...))
	}
	q, k, v := heads("query", 0, 2, 1, 3), heads("key", 0, 2, 3, 1), heads("value", 0, 2, 1, 3)
	scale := g.scalar(float32(1 / math.Sqrt(lmWidth/lmHeads)))
	scores := g.node("Add", []string{g.node("Mul", []string{g.node("MatMul", []string{q, k}), scale}), mask})
	y := g.node("MatMul", []string{g.node("Softmax", []string{scores}, attrInt("axis", -1)), v})
	y = g.node("Transpose", []string{y}, attrInts("perm", 0, 2, 1, 3))
	y = m.dense(g.reshape(y, 1, MiniLMTokens, lmWidth), at+"attention.output.dense", lmWidth, lmWidth)
	x = m.norm(g.node("Add", []string{y, x}), at+"attention.output.LayerNorm")
	y = m.gelu(m.dense(x, at+"intermediate.dense", lmInner, lmWidth))
	y = m.dense(y, at+"output.dense", lmWidth, lmInner)
	return m.norm(g.node("Add", []string{y, x}), at+"output.LayerNorm")
}

// dense is x·Wᵀ + b for W [out,in], with 8-bit weights.
func (m *miniLM) dense(x, name string, out, in int) string {
	w, b := m.tensor(name+".weight", out, in), m.tensor(name+".bias", out)
	if m.err != nil {
		return x
	}
	return m.g.linear(x, w, out, in, b)
}

// gelu is x·Φ(x), in the form that ONNX Runtime runs as one kernel.
func (m *miniLM) gelu(x string) string {
	g := m.g
	e := g.node("Erf", []string{g.node("Div", []string{x, g.scalar(math.Sqrt2)})})
	return g.node("Mul", []string{g.node("Mul", []string{x, g.node("Add", []string{e, g.scalar(1)})}), g.scalar(0.5)})
}

// norm is the layer norm over the last axis, likewise.
func (m *miniLM) norm(x, name string) string {
	g := m.g
	mean := func(v string) string {
		return g.node("ReduceMean", []string{v}, attrInts("axes", -1), attrInt("keepdims", 1))
	}
	d := g.node("Sub", []string{x, mean(x)})
	v := g.node("Add", []string{mean(g.node("Pow", []string{d, g.scalar(2)})), g.scalar(lmEpsilon)})
	y := g.node("Div", []string{d, g.node("Sqrt", []string{v})})
	y = g.node("Mul", []string{y, g.floats([]int{lmWidth}, m.tensor(name+".weight", lmWidth))})
	return g.node("Add", []string{y, g.floats([]int{lmWidth}, m.tensor(name+".bias", lmWidth))})
}

// tensor reads a tensor of a known shape.
func (m *miniLM) tensor(name string, dims ...int) []float32 {
	if m.err != nil {
		return nil
	}
	v, err := m.st.floats(name, dims)
	if err != nil {
		m.err = err
	}
	return v
}

// safetensors is an open file of that format: a JSON of names, types, shapes
// and places, then the numbers.
type safetensors struct {
	tensors map[string]safetensor
	data    []byte
}

type safetensor struct {
	Type    string `json:"dtype"`
	Shape   []int  `json:"shape"`
	Offsets [2]int `json:"data_offsets"`
}

// maxSafetensorsHeader bounds the JSON; 105 tensors need 12 KB.
const maxSafetensorsHeader = 1 << 20

func readSafetensors(src []byte) (*safetensors, error) {
	if len(src) < 8 {
		return nil, errors.New("this is no safetensors file: it is shorter than its header")
	}
	n := binary.LittleEndian.Uint64(src)
	if n > maxSafetensorsHeader || n > uint64(len(src)-8) {
		return nil, fmt.Errorf("this is no safetensors file: its header of %d bytes does not fit", n)
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(src[8:8+n], &raw); err != nil {
		return nil, fmt.Errorf("its header is no JSON: %w", err)
	}
	st := &safetensors{tensors: map[string]safetensor{}, data: src[8+n:]}
	for name, b := range raw {
		var t safetensor
		if name == "__metadata__" {
			continue
		}
		if err := json.Unmarshal(b, &t); err != nil {
			return nil, fmt.Errorf("tensor %.80q is not described: %w", name, err)
		}
		if t.Offsets[0] < 0 || t.Offsets[1] < t.Offsets[0] || t.Offsets[1] > len(st.data) {
			return nil, fmt.Errorf("tensor %.80q lies outside the file", name)
		}
		st.tensors[name] = t
	}
	return st, nil
}

// floats reads a float32 tensor that must have the shape dims.
func (st *safetensors) floats(name string, dims []int) ([]float32, error) {
	t, ok := st.tensors[name]
	if !ok {
		return nil, fmt.Errorf("it has no tensor %s", name)
	}
	n := 1
	for _, d := range dims {
		n *= d
	}
	if t.Type != "F32" || fmt.Sprint(t.Shape) != fmt.Sprint(dims) || t.Offsets[1]-t.Offsets[0] != 4*n {
		return nil, fmt.Errorf("tensor %s is %s %v, but float32 %v is needed", name, t.Type, t.Shape, dims)
	}
	b := st.data[t.Offsets[0]:t.Offsets[1]]
	out := make([]float32, n)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return out, nil
}

// toHalf rounds to float16; embeddings are far within its range.
func toHalf(v float32) uint16 {
	b := math.Float32bits(v)
	sign := uint16(b>>16) & 0x8000
	e := int(b>>23&0xff) - 112
	m := b & 0x7fffff
	switch {
	case e >= 31:
		return sign | 0x7c00
	case e <= 0:
		if e < -10 {
			return sign
		}
		m |= 0x800000
		s := uint(14 - e)
		return sign | uint16((m+1<<(s-1))>>s)
	}
	return sign | uint16((uint32(e)<<10|m>>13)+(m>>12&1))
}
