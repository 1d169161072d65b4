package models

import (
	"fmt"
	"testing"
)

// BenchmarkModels is how the number of threads was chosen.
func BenchmarkModels(b *testing.B) {
	r := openTest(b)
	for _, it := range Manifest() {
		if it.Kind != Converted {
			continue
		}
		onnx, err := r.store.Read(it.Name)
		if err != nil {
			b.Fatal(err)
		}
		for _, n := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/threads=%d", it.Name, n), func(b *testing.B) {
				s, err := r.start(sessionSpec{name: it.Name, onnx: onnx, threads: n})
				if err != nil {
					b.Fatal(err)
				}
				defer s.Close()
				for b.Loop() {
					if err := s.Run(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
