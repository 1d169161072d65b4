package models

import (
	"math"
	"strings"
	"sync"
	"testing"
)

// openTest opens the installed store and a runtime on the CPU.
func openTest(t testing.TB) *Runtime {
	t.Helper()
	r, err := OpenRuntime(installedStore(t), CPU)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func installedStore(t testing.TB) *Store {
	t.Helper()
	home, err := Home()
	if err != nil {
		t.Fatal(err)
	}
	s, err := OpenStore(home)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// tiny is y = relu(conv3x3(x; 2 filters of 0/18, 1/18, … 17/18)), z = x + x
// for x of [1,1,4,4].
func tiny(t testing.TB, r *Runtime) *Session {
	t.Helper()
	s, err := r.LoadONNX("tiny", readTiny(t))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSessionComputesFromInputsToOutputs(t *testing.T) {
	s := tiny(t, openTest(t))
	if got := s.InputShape(""); len(got) != 4 || got[2] != 4 {
		t.Fatalf("shape %v, want [1 1 4 4]", got)
	}
	x, y, z := s.Input("x"), s.Output("y"), s.Output("z")
	for run := range 3 { // the same slices serve every run
		for i := range x {
			x[i] = float32(run + 1)
		}
		if err := s.Run(); err != nil {
			t.Fatal(err)
		}
		want := float64(run+1) * 36 / 18 // 0+1+…+8 at the picture's middle
		if got := float64(y[5]); math.Abs(got-want) > 1e-5 {
			t.Errorf("run %d: y = %v, want %v", run, got, want)
		}
		if z[0] != 2*x[0] {
			t.Errorf("run %d: z = %v, want %v", run, z[0], 2*x[0])
		}
	}
}

func TestRunAllocatesNothing(t *testing.T) {
	s := tiny(t, openTest(t))
	if n := testing.AllocsPerRun(100, func() {
		if err := s.Run(); err != nil {
			t.Fatal(err)
		}
		s.Input("x")[0], s.Input("x")[1] = s.Output("y")[0], s.Output("z")[0]
	}); n != 0 {
		t.Errorf("%v allocations a run, want none", n)
	}
}

func TestRuntimesShareOneEnvironmentAndComeBackAfterTheLast(t *testing.T) {
	store := installedStore(t)
	for range 3 {
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				r, err := OpenRuntime(store, CPU)
				if err != nil {
					t.Error(err)
					return
				}
				s := tiny(t, r)
				if err := s.Run(); err != nil {
					t.Error(err)
				}
				if err := r.Close(); err != nil {
					t.Error(err)
				}
				if err := r.Close(); err != nil {
					t.Errorf("second Close: %v", err)
				}
				if err := s.Run(); err == nil {
					t.Error("a session ran after its runtime was closed")
				}
			})
		}
		wg.Wait()
	}
}

func TestLoadONNXRefusesWhatIsNoModel(t *testing.T) {
	r := openTest(t)
	for name, b := range map[string][]byte{"empty": {}, "text": []byte("this is not a model"), "zeros": make([]byte, 4096)} {
		_, err := r.LoadONNX(name, b)
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: error %v, want one that names it", name, err)
		}
	}
}
