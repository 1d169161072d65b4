package convert

import (
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"cheval/models/convert/onnx"
)

// ct2File writes a CTranslate2 file of float16 zeros and ones.
func ct2File(spec string, variables map[string][]int) []byte {
	le := binary.LittleEndian
	text := func(b []byte, s string) []byte {
		return append(append(le.AppendUint16(b, uint16(len(s)+1)), s...), 0)
	}
	b := text(le.AppendUint32(nil, 6), spec)
	b = le.AppendUint32(le.AppendUint32(b, 3), uint32(len(variables)))
	for name, dims := range variables {
		b = append(text(b, name), byte(len(dims)))
		n := 1
		for _, d := range dims {
			b, n = le.AppendUint32(b, uint32(d)), n*d
		}
		b = le.AppendUint32(append(b, ct2Float16), uint32(2*n))
		for range n {
			b = le.AppendUint16(b, 0x3c00)
		}
	}
	return le.AppendUint32(b, 0)
}

func TestCT2FilesAreRead(t *testing.T) {
	m, err := readCT2(ct2File("WhisperSpec", map[string][]int{"a/weight": {2, 3}, "a/bias": {3}}), "WhisperSpec")
	if err != nil {
		t.Fatal(err)
	}
	v, err := m.floats("a/weight", 2, 3)
	if err != nil || len(v) != 6 || v[5] != 1 {
		t.Errorf("%v %v", v, err)
	}
	if _, err := m.floats("a/weight", 3, 2); err == nil {
		t.Error("another shape was believed")
	}
	if _, err := m.floats("b"); err == nil {
		t.Error("a variable that is not there was found")
	}
}

func TestWhatIsNoWhisperIsRefused(t *testing.T) {
	whole := ct2File("WhisperSpec", map[string][]int{"a": {4}})
	for what, src := range map[string][]byte{
		"nothing": nil, "another model": ct2File("TransformerSpec", nil), "no weights": ct2File("WhisperSpec", nil),
		"half a file": whole[:len(whole)-9],
	} {
		for _, convert := range []func([]byte) ([]byte, error){WhisperEncoder, WhisperDecoder} {
			if out, err := convert(src); err == nil || out != nil || !strings.HasPrefix(err.Error(), "convert Whisper: ") {
				t.Errorf("%s: %v", what, err)
			}
		}
	}
}

// Rounded to 8 bits, a weight is off by at most half a step of its row.
func TestRowsAreRoundedToEightBits(t *testing.T) {
	w := []float32{1, -0.5, 0.25, 100, 0, -3, 0, 0, 0}
	q, scales := quantiseRows(w, 3, 3)
	for i, x := range w {
		if off := math.Abs(float64(float32(q[i])*scales[i/3] - x)); off > float64(scales[i/3])/2+1e-6 {
			t.Errorf("%v became %v", x, float32(q[i])*scales[i/3])
		}
	}
	if q[3] != 127 || scales[2] != 1 {
		t.Errorf("%v %v", q, scales)
	}
}

// The linear layer must be the one pattern that ONNX Runtime fuses.
func TestLinearIsWrittenForTheFusedKernel(t *testing.T) {
	g := newGraph()
	if err := g.openInput("x", onnx.TensorProto_FLOAT, named("n"), fixed(2)); err != nil {
		t.Fatal(err)
	}
	y := g.linear("x", []float32{1, 2, 3, 4}, 2, 2, []float32{5, 6})
	g.nodeTo("Identity", []string{y}, "y")
	g.output("y", []int{1, 2})
	b, err := g.bytes("linear")
	if err != nil {
		t.Fatal(err)
	}
	var m onnx.ModelProto
	if err := proto.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	var ops []string
	for _, n := range m.Graph.Node {
		ops = append(ops, n.OpType)
	}
	if got := strings.Join(ops, " "); got != "DynamicQuantizeLinear MatMulInteger Cast Mul Mul Add Identity" {
		t.Error(got)
	}
}

func FuzzCT2(f *testing.F) {
	f.Add(ct2File("WhisperSpec", map[string][]int{"a/weight": {2, 3}}))
	f.Add(ct2File("WhisperSpec", nil)[:10])
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := readCT2(b, "WhisperSpec")
		if err != nil {
			return
		}
		for name, v := range m {
			m.floats(name, v.dims...)
		}
	})
}
