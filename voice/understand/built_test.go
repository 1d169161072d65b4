package understand

import (
	"context"
	"encoding/gob"
	"flag"
	"math/rand/v2"
	"os"
	"testing"

	"cheval/models/modelstest"
)

var update = flag.Bool("update", false, "train the built-in classifiers again and write weights/built.bin (with the models installed, some minutes)")

// TestBuiltClassifiersFitTheGrammar fails when the grammar changed and the
// weights did not: run `go test ./voice/understand -run Built -update`.
func TestBuiltClassifiersFitTheGrammar(t *testing.T) {
	if *update {
		writeBuilt(t)
		return // the weights are embedded when the test is built
	}
	if _, err := Built(); err != nil {
		t.Fatalf("%v; run `go test ./voice/understand -run Built -update`", err)
	}
}

func writeBuilt(t *testing.T) {
	ctx := context.Background()
	trained, err := Train(ctx, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	lm := openMiniLM(t)
	if trained.head, err = TrainHead(ctx, embedded(t, lm), 40); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create("weights/built.bin")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := trained.Write(f); err != nil {
		t.Fatal(err)
	}
}

// embedded are sentences of the English grammar as vectors. They may be kept
// in the file that CHEVAL_VECTORS names, since embedding takes minutes.
func embedded(t *testing.T, lm *MiniLM) (vs []Vector) {
	path := os.Getenv("CHEVAL_VECTORS")
	known := map[string][]float32{}
	if f, err := os.Open(path); err == nil {
		gob.NewDecoder(f).Decode(&known)
		f.Close()
	}
	tongue, err := newTongue(English, nil, &Coverage{})
	if err != nil {
		t.Fatal(err)
	}
	tongue.sampleBrand()
	samples := tongue.grammar.samples(tongue.lexicon, rand.New(rand.NewPCG(9, 9)), 2, 14)
	counts := map[Intent]int{}
	for _, s := range samples {
		counts[s.Intent]++
	}
	for _, s := range samples {
		v, ok := known[s.Text]
		if !ok {
			if v, err = lm.Embed(s.Text); err != nil {
				t.Fatal(err)
			}
			known[s.Text] = v
		}
		vs = append(vs, Vector{v, s.Intent, min(1, 100/float32(counts[s.Intent]))})
	}
	if path != "" {
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		gob.NewEncoder(f).Encode(known)
	}
	return vs
}

func openMiniLM(t testing.TB) *MiniLM {
	t.Helper()
	store := modelstest.Store(t)
	runtime := modelstest.Runtime(t)
	lm, err := OpenMiniLM(store, runtime)
	if err != nil {
		t.Fatalf("%v (run `make models`)", err)
	}
	return lm
}
