package convert

import (
	"fmt"

	"cheval/models/convert/onnx"
)

// WhisperVersion changes whenever Whisper would be written differently.
const WhisperVersion = "1"

// Whisper base (A. Radford et al., Robust Speech Recognition via Large-Scale
// Weak Supervision, 2022).
const (
	whisperWidth  = 512
	whisperHeads  = 8
	whisperHead   = whisperWidth / whisperHeads
	whisperInner  = 4 * whisperWidth
	whisperLayers = 6
	whisperMels   = 80
	whisperFrames = 1500 // of 20 ms
	whisperText   = 448
	whisperTokens = 51865
)

// WhisperEncoder writes the encoder of a Whisper base model in CTranslate2's
// form as ONNX, its weights in 8 bits. Input "mel" [1,80,2S], log-mel frames of
// 10 ms, S at most 1500 (the positions are those of the beginning). Outputs,
// for each decoder layer i, what it attends to: "cross_k_i" [8,64,S] and
// "cross_v_i" [8,S,64].
func WhisperEncoder(src []byte) ([]byte, error) {
	return convertWhisper(src, "whisper_encoder", (*whisper).encoder)
}

// WhisperDecoder writes the decoder likewise. Inputs: "tokens" and "positions"
// int64 [n], "mask" float32 [n,p+n] (0, or very negative where a token must not
// look), "past_k_i" [8,64,p] and "past_v_i" [8,p,64], and the encoder's
// outputs. Outputs: "logits" [51865] of the last token, "present_k_i" and
// "present_v_i", which are the past with the n tokens added.
func WhisperDecoder(src []byte) ([]byte, error) {
	return convertWhisper(src, "whisper_decoder", (*whisper).decoder)
}

func convertWhisper(src []byte, name string, write func(*whisper)) ([]byte, error) {
	m, err := readCT2(src, "WhisperSpec")
	if err != nil {
		return nil, fmt.Errorf("convert Whisper: %w", err)
	}
	w := &whisper{ct2: m, g: newGraph()}
	write(w)
	if w.err != nil {
		return nil, fmt.Errorf("convert Whisper: %w", w.err)
	}
	return w.g.bytes(name)
}

// whisper writes one graph; the first error ends it.
type whisper struct {
	ct2 ct2Model
	g   *graphBuilder
	err error
}

// get returns a variable, or zeros of its size once something went wrong.
func (w *whisper) get(name string, dims ...int) []float32 {
	v, err := w.ct2.floats(name, dims...)
	if err == nil {
		return v
	}
	if w.err == nil {
		w.err = err
	}
	n := 1
	for _, d := range dims {
		n *= d
	}
	return make([]float32, n)
}

// has says whether there is such a variable: keys of attention have no bias in
// some files.
func (w *whisper) has(name string) bool { _, ok := w.ct2[name]; return ok }

func (w *whisper) norm(x, name string) string {
	gamma := w.g.floats([]int{whisperWidth}, w.get(name+"/gamma", whisperWidth))
	beta := w.g.floats([]int{whisperWidth}, w.get(name+"/beta", whisperWidth))
	return w.g.node("LayerNormalization", []string{x, gamma, beta}, attrInt("axis", -1), attrFloat("epsilon", 1e-5))
}

// linear is a layer's matrix, of which rows [from, from+out) are used.
func (w *whisper) linear(x, name string, all, in, from, out int) string {
	m := w.get(name+"/weight", all, in)[from*in : (from+out)*in]
	var bias []float32
	if w.has(name + "/bias") {
		bias = w.get(name+"/bias", all)[from : from+out]
	}
	return w.g.linear(x, m, out, in, bias)
}

func (w *whisper) gelu(x string) string { return w.g.node("com.microsoft.Gelu", []string{x}) }

func (w *whisper) add(a, b string) string { return w.g.node("Add", []string{a, b}) }

func (w *whisper) feedForward(x, name string) string {
	h := w.norm(x, name+"/layer_norm")
	h = w.gelu(w.linear(h, name+"/linear_0", whisperInner, whisperWidth, 0, whisperInner))
	return w.add(x, w.linear(h, name+"/linear_1", whisperWidth, whisperInner, 0, whisperWidth))
}

func (w *whisper) encoder() {
	g := w.g
	w.input("mel", onnx.TensorProto_FLOAT, fixed(1), fixed(whisperMels), named("frames"))
	x := w.convolution("mel", "encoder/conv1", whisperMels, 1)
	x = w.convolution(x, "encoder/conv2", whisperWidth, 2)
	x = g.node("Transpose", []string{x}, attrInts("perm", 0, 2, 1)) // [1,S,512]
	positions := g.floats([]int{whisperFrames, whisperWidth}, w.get("encoder/position_encodings/encodings", whisperFrames, whisperWidth))
	length := g.node("Slice", []string{g.node("Shape", []string{x}), g.ints(1), g.ints(2)})
	x = w.add(x, g.node("Slice", []string{positions, g.ints(0), length, g.ints(0)}))
	for i := range whisperLayers {
		x = w.encoderLayer(x, fmt.Sprintf("encoder/layer_%d", i))
	}
	x = w.norm(x, "encoder/layer_norm")
	for i := range whisperLayers {
		w.crossed(x, i)
	}
}

func (w *whisper) convolution(x, name string, in, stride int) string {
	g := w.g
	kernel := g.floats([]int{whisperWidth, in, 3}, w.get(name+"/weight", whisperWidth, in, 3))
	bias := g.floats([]int{whisperWidth}, w.get(name+"/bias", whisperWidth))
	return w.gelu(g.node("Conv", []string{x, kernel, bias},
		attrInts("kernel_shape", 3), attrInts("strides", stride), attrInts("pads", 1, 1)))
}

// encoderLayer attends with ONNX Runtime's fused kernel (com.microsoft
// MultiHeadAttention), which never holds all S×S weights.
func (w *whisper) encoderLayer(x, name string) string {
	h := w.norm(x, name+"/self_attention/layer_norm")
	var qkv [3]string
	for i := range qkv {
		qkv[i] = w.linear(h, name+"/self_attention/linear_0", 3*whisperWidth, whisperWidth, i*whisperWidth, whisperWidth)
	}
	a := w.g.node("com.microsoft.MultiHeadAttention", qkv[:], attrInt("num_heads", whisperHeads))
	x = w.add(x, w.linear(a, name+"/self_attention/linear_1", whisperWidth, whisperWidth, 0, whisperWidth))
	return w.feedForward(x, name+"/ffn")
}

// crossed computes once what decoder layer i attends to.
func (w *whisper) crossed(x string, i int) {
	name := fmt.Sprintf("decoder/layer_%d/attention/linear_1", i)
	for j, kv := range []struct {
		name string
		perm []int
		dims []dimension
	}{
		{fmt.Sprintf("cross_k_%d", i), []int{1, 2, 0}, []dimension{fixed(whisperHeads), fixed(whisperHead), named("seen")}},
		{fmt.Sprintf("cross_v_%d", i), []int{1, 0, 2}, []dimension{fixed(whisperHeads), named("seen"), fixed(whisperHead)}},
	} {
		y := w.linear(x, name, 2*whisperWidth, whisperWidth, j*whisperWidth, whisperWidth)
		y = w.g.node("Reshape", []string{y, w.g.ints(-1, whisperHeads, whisperHead)})
		w.g.nodeTo("Transpose", []string{y}, kv.name, attrInts("perm", kv.perm...))
		w.output(kv.name, kv.dims...)
	}
}

func (w *whisper) decoder() {
	w.input("tokens", onnx.TensorProto_INT64, named("n"))
	w.input("positions", onnx.TensorProto_INT64, named("n"))
	w.input("mask", onnx.TensorProto_FLOAT, named("n"), named("total"))
	w.output("logits", fixed(whisperTokens))
	table := w.get("decoder/embeddings/weight", whisperTokens, whisperWidth)
	x := w.embed(table)
	places := w.g.floats([]int{whisperText, whisperWidth}, w.get("decoder/position_encodings/encodings", whisperText, whisperWidth))
	x = w.add(x, w.g.node("Gather", []string{places, "positions"}, attrInt("axis", 0)))
	for i := range whisperLayers {
		x = w.decoderLayer(x, i)
	}
	x = w.g.node("Slice", []string{x, w.g.ints(-1), w.g.ints(1 << 30), w.g.ints(0)}) // the last token's
	x = w.norm(x, "decoder/layer_norm")
	y := w.g.linear(x, table, whisperTokens, whisperWidth, nil)
	w.g.nodeTo("Reshape", []string{y, w.g.ints(-1)}, "logits")
}

// embed looks tokens [n] up in the table that also makes the logits, which is
// therefore kept once: [n,512].
func (w *whisper) embed(table []float32) string {
	g := w.g
	q, scales := quantiseRows(table, whisperTokens, whisperWidth)
	m := g.initializer(onnx.TensorProto_INT8, []int{whisperWidth, whisperTokens}, turned(q, whisperTokens, whisperWidth))
	x := g.node("Transpose", []string{g.node("Gather", []string{m, "tokens"}, attrInt("axis", 1))}, attrInts("perm", 1, 0))
	x = g.node("Cast", []string{x}, attrInt("to", int(onnx.TensorProto_FLOAT)))
	s := g.node("Gather", []string{g.floats([]int{whisperTokens}, scales), "tokens"}, attrInt("axis", 0))
	return g.node("Mul", []string{x, g.node("Unsqueeze", []string{s, g.ints(1)})})
}

func (w *whisper) decoderLayer(x string, i int) string {
	name := fmt.Sprintf("decoder/layer_%d", i)
	h := w.norm(x, name+"/self_attention/layer_norm")
	self := name + "/self_attention/linear_0"
	k := w.split(w.linear(h, self, 3*whisperWidth, whisperWidth, whisperWidth, whisperWidth), 1, 2, 0)
	v := w.split(w.linear(h, self, 3*whisperWidth, whisperWidth, 2*whisperWidth, whisperWidth), 1, 0, 2)
	k = w.grow("k", i, k, 2, fixed(whisperHeads), fixed(whisperHead), named("past"))
	v = w.grow("v", i, v, 1, fixed(whisperHeads), named("past"), fixed(whisperHead))
	q := w.linear(h, self, 3*whisperWidth, whisperWidth, 0, whisperWidth)
	a := w.attend(q, k, v, "mask")
	x = w.add(x, w.linear(a, name+"/self_attention/linear_1", whisperWidth, whisperWidth, 0, whisperWidth))

	ck, cv := fmt.Sprintf("cross_k_%d", i), fmt.Sprintf("cross_v_%d", i)
	w.input(ck, onnx.TensorProto_FLOAT, fixed(whisperHeads), fixed(whisperHead), named("seen"))
	w.input(cv, onnx.TensorProto_FLOAT, fixed(whisperHeads), named("seen"), fixed(whisperHead))
	h = w.norm(x, name+"/attention/layer_norm")
	q = w.linear(h, name+"/attention/linear_0", whisperWidth, whisperWidth, 0, whisperWidth)
	a = w.attend(q, ck, cv, "")
	x = w.add(x, w.linear(a, name+"/attention/linear_2", whisperWidth, whisperWidth, 0, whisperWidth))
	return w.feedForward(x, name+"/ffn")
}

// split gives y [n,512] its heads: [n,8,64], turned by perm.
func (w *whisper) split(y string, perm ...int) string {
	y = w.g.node("Reshape", []string{y, w.g.ints(-1, whisperHeads, whisperHead)})
	return w.g.node("Transpose", []string{y}, attrInts("perm", perm...))
}

// grow adds new keys or values to those of the tokens before.
func (w *whisper) grow(what string, i int, fresh string, axis int, dims ...dimension) string {
	past, present := fmt.Sprintf("past_%s_%d", what, i), fmt.Sprintf("present_%s_%d", what, i)
	w.input(past, onnx.TensorProto_FLOAT, dims...)
	w.g.nodeTo("Concat", []string{past, fresh}, present, attrInt("axis", axis))
	dims[axis] = named("total")
	w.output(present, dims...)
	return present
}

// attend weighs v [8,S,64] by how q [n,512] matches k [8,64,S].
func (w *whisper) attend(q, k, v, mask string) string {
	g := w.g
	q = g.node("Mul", []string{w.split(q, 1, 0, 2), g.scalar(0.125)}) // 1/√64
	s := g.node("MatMul", []string{q, k})
	if mask != "" {
		s = g.node("Add", []string{s, mask})
	}
	a := g.node("MatMul", []string{g.node("Softmax", []string{s}, attrInt("axis", -1)), v})
	a = g.node("Transpose", []string{a}, attrInts("perm", 1, 0, 2))
	return g.node("Reshape", []string{a, g.ints(-1, whisperWidth)})
}

func (w *whisper) input(name string, kind onnx.TensorProto_DataType, dims ...dimension) {
	if err := w.g.openInput(name, kind, dims...); err != nil && w.err == nil {
		w.err = err
	}
}

func (w *whisper) output(name string, dims ...dimension) {
	w.g.graph.Output = append(w.g.graph.Output, openInfo(name, onnx.TensorProto_FLOAT, dims))
}
