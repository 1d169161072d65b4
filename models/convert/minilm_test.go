package convert

import (
	"encoding/binary"
	"strings"
	"testing"
)

// TestMiniLMRefusesWhatIsNoModel: each in one sentence, and no panic.
func TestMiniLMRefusesWhatIsNoModel(t *testing.T) {
	header := func(s string) []byte {
		return append(binary.LittleEndian.AppendUint64(nil, uint64(len(s))), s...)
	}
	for name, src := range map[string][]byte{
		"shorter":      []byte("abc"),
		"does not fit": binary.LittleEndian.AppendUint64(nil, 1<<40),
		"no JSON":      header("nonsense"),
		"outside":      header(`{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`),
		"no tensor":    header(`{"__metadata__":{"format":"pt"}}`),
		"is needed":    append(header(`{"embeddings.word_embeddings.weight":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`), 0, 0, 0, 0),
	} {
		if _, err := MiniLM(src); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestHalfFloats(t *testing.T) {
	for v, want := range map[float32]uint16{0: 0, 1: 0x3c00, -2: 0xc000, 0.1: 0x2e66, 65504: 0x7bff, 1e-7: 2, 1e-9: 0} {
		if got := toHalf(v); got != want {
			t.Errorf("%g is %#x, not %#x", v, got, want)
		}
		if back := half(toHalf(v)); v != 0 && v > 1e-4 && (float32(back) < v*0.999 || float32(back) > v*1.001) {
			t.Errorf("%g comes back as %g", v, back)
		}
	}
}

func FuzzMiniLM(f *testing.F) {
	f.Add([]byte("abc"))
	f.Add(append(binary.LittleEndian.AppendUint64(nil, 2), "{}"...))
	f.Fuzz(func(t *testing.T, src []byte) {
		if _, err := MiniLM(src); err == nil {
			t.Error("something small is a model")
		}
	})
}
