package models

import (
	"os"
	"strings"
	"testing"
)

// The voice's graph has open shapes and integers: what a Session refuses.
func TestAnOpenSessionTakesAnyShape(t *testing.T) {
	r := openTest(t)
	s, err := r.LoadOpen("whisper_encoder", OpenOptions{Inputs: []string{"mel"}, Outputs: []string{"cross_k_0", "cross_v_5"}})
	if err != nil {
		t.Fatalf("%v (the tests run the installed models: `make models`)", err)
	}
	for _, seconds := range []int{1, 2} {
		mel, err := NewValue(make([]float32, 80*100*seconds), 1, 80, int64(100*seconds))
		if err != nil {
			t.Fatal(err)
		}
		out, err := s.Run(mel)
		if err != nil {
			t.Fatal(err)
		}
		if k, v := out[0].Shape(), out[1].Shape(); k[2] != int64(50*seconds) || v[1] != int64(50*seconds) || len(out[0].Floats()) != 512*50*seconds {
			t.Errorf("%d s: %v %v", seconds, k, v)
		}
		for _, o := range append(out, mel) {
			o.Close()
			o.Close()
		}
	}
	if _, err := s.Run(); err == nil {
		t.Error("it ran without its input")
	}
	s.Close()
	s.Close()
	if _, err := s.Run(nil); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Error(err)
	}
}

func TestAValueMustFitItsShape(t *testing.T) {
	openTest(t)
	if _, err := NewValue([]float32{1, 2, 3}, 2, 2); err == nil {
		t.Error("three numbers made four")
	}
	if _, err := NewValue([]int64{}, 0); err == nil {
		t.Error("nothing made a tensor")
	}
	v, err := NewValue([]int64{7}, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	if v.Floats() != nil {
		t.Error("integers were given as float32")
	}
}

// What is made of other items is made when they are all there, whichever came
// last, and refused where they are not what is pinned.
func TestDerivedItemsAreMadeOfTheirParts(t *testing.T) {
	s := newTestStore(t, newShelf(t))
	s.items = append(s.items, Item{Name: "made", Kind: Derived, From: []string{"face", "chunks"}, Converter: "whisper encoder",
		Package: nets, SHA256: hashOf([]byte("a facejoined well")), Bytes: 17, File: "made.onnx"})
	err := s.Install(t.Context(), InstallOptions{})
	if err == nil || !strings.Contains(err.Error(), "convert made") {
		t.Fatalf("a converter must have seen the joined bytes and refused them: %v", err)
	}
	if _, err := os.Stat(s.path(s.items[len(s.items)-1])); err == nil {
		t.Error("something was written")
	}
	s.items[len(s.items)-1].SHA256 = hashOf([]byte("other"))
	if err := s.Install(t.Context(), InstallOptions{}); err == nil || !strings.Contains(err.Error(), "is pinned") {
		t.Error(err)
	}
}
