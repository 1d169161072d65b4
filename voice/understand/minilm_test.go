package understand

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"cheval/models/convert"
)

// TestMiniLMAgreesWithItsAuthors compares the converted model and the word
// pieces with what tools/minilm computed from the published files.
func TestMiniLMAgreesWithItsAuthors(t *testing.T) {
	b, err := os.ReadFile("testdata/minilm.json")
	if err != nil {
		t.Fatal(err)
	}
	var want []struct {
		Text      string
		IDs       []int
		Embedding []float64
	}
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	m := openMiniLM(t)
	for _, w := range want {
		if got := m.pieces.encode(w.Text, convert.MiniLMTokens); !slices.Equal(got, w.IDs) {
			t.Errorf("%q is cut into %v, not %v", w.Text, got, w.IDs)
			continue
		}
		v, err := m.Embed(w.Text)
		if err != nil {
			t.Fatal(err)
		}
		cosine := 0.0
		for i := range v {
			cosine += float64(v[i]) * w.Embedding[i]
		}
		t.Logf("%q: cosine %.5f", w.Text, cosine)
		if cosine < 0.98 { // weights are rounded to 8 bits, words to 16
			t.Errorf("%q: the cosine to its authors' embedding is %.4f", w.Text, cosine)
		}
	}
}

// BenchmarkUnderstand times a sentence that the grammar does not make, and so
// is embedded too.
func BenchmarkUnderstand(b *testing.B) {
	u := shop(b, openMiniLM(b))
	for b.Loop() {
		u.Understand("got a wedding coming up so I'd fancy something golden for my nose", English)
	}
}
