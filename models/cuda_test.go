package models

import (
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestChooseTakesTheFasterAndSaysWhy(t *testing.T) {
	none := errors.New("there is no NVIDIA driver")
	for _, c := range []struct {
		choice choice
		ran    Device
		why    string
	}{
		{choice{asked: CPU}, CPU, "asked for"},
		{choice{asked: CUDA}, CUDA, "asked for"},
		{choice{asked: CUDA, noCUDA: none}, CPU, "CUDA was asked for but cannot run here: there is no NVIDIA driver"},
		{choice{asked: Auto, noCUDA: none}, CPU, "the only device: there is no NVIDIA driver"},
		{choice{asked: Auto, cpuMS: 1.4, cudaMS: 0.6}, CUDA, "the faster: face mesh 1.40 ms on the CPU, 0.60 ms on CUDA"},
		{choice{asked: Auto, cpuMS: 1.4, cudaMS: 1.5}, CPU, "the faster: face mesh 1.40 ms on the CPU, 1.50 ms on CUDA"},
	} {
		if p := choose(c.choice); p.Asked != c.choice.asked || p.Ran != c.ran || p.Why != c.why {
			t.Errorf("%+v: %+v, want %s because %q", c.choice, p, c.ran, c.why)
		}
	}
}

func TestParseDeviceRefusesWhatIsNoDevice(t *testing.T) {
	for _, s := range []string{"", "gpu", "CUDA"} {
		if _, err := ParseDevice(s); err == nil || !strings.Contains(err.Error(), "auto, cpu, cuda") {
			t.Errorf("%q: error %v", s, err)
		}
	}
}

// cudaStore has CUDA's files by name and receipt, not their gigabytes.
func cudaStore(t *testing.T) *Store {
	t.Helper()
	s := newTestStore(t, newShelf(t))
	s.items = cudaItems()
	for i := range s.items {
		body := s.items[i].Name
		s.items[i].SHA256 = hashOf([]byte(body))
		if err := s.put(s.items[i], strings.NewReader(body), receipt{Source: s.items[i].SHA256}, true); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func TestFindCUDALoadsLibrariesBeforeThoseThatNeedThem(t *testing.T) {
	s := cudaStore(t)
	var opened []string
	err := findCUDA(s, true, func(path string) error {
		opened = append(opened, filepath.Base(path))
		return nil
	})
	want := []string{"libcuda.so.1", "libcudart.so.13", "libnvrtc-builtins.so.13.0", "libnvrtc.so.13",
		"libcublasLt.so.13", "libcublas.so.13", "libcurand.so.10", "libcudnn.so.9"}
	if err != nil || !slices.Equal(opened, want) {
		t.Errorf("opened %v, %v; want %v", opened, err, want)
	}
}

func TestFindCUDASaysInOneLineWhyNot(t *testing.T) {
	refuse := func(name string) func(string) error {
		return func(path string) error {
			if strings.HasSuffix(path, name) {
				return errors.New("cannot open shared object file")
			}
			return nil
		}
	}
	empty := newTestStore(t, newShelf(t))
	empty.items = cudaItems()
	for _, c := range []struct {
		store   *Store
		bridged bool
		open    func(string) error
		want    string
	}{
		{cudaStore(t), true, refuse("libcuda.so.1"), "no NVIDIA driver"},
		{empty, false, refuse("none"), "cheval models install --cuda"},
		{cudaStore(t), false, refuse("none"), "start Cheval again"},
		{cudaStore(t), true, refuse("libcublas.so.13"), "cuda_libcublas.so.13 does not load"},
	} {
		err := findCUDA(c.store, c.bridged, c.open)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v, want one line with %q", err, c.want)
		}
	}
}

// A file of CUDA's set that is gone must be said; the others are gigabytes and
// only their sizes are looked at.
func TestFindCUDANoticesAMissingFile(t *testing.T) {
	s := cudaStore(t)
	if err := os.Remove(filepath.Join(s.root, "cuda", "libcudnn_ops.so.9")); err != nil {
		t.Fatal(err)
	}
	err := findCUDA(s, true, func(string) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "cuda_libcudnn_ops.so.9 is gone") {
		t.Errorf("error %v", err)
	}
}

func TestCUDAWhereThereIsNoneRunsOnTheCPUAndSaysWhy(t *testing.T) {
	r, err := OpenRuntime(installedStore(t), CUDA)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	p := r.Provider()
	if p.Ran == CUDA {
		t.Skip("CUDA runs here, so there is nothing to fall back from")
	}
	if p.Asked != CUDA || p.Ran != CPU || !strings.HasPrefix(p.Why, "CUDA was asked for but cannot run here: ") || strings.Contains(p.Why, "\n") {
		t.Errorf("%+v", p)
	}
	if err := tiny(t, r).Run(); err != nil {
		t.Error(err)
	}
}

// A card may be there whose provider fails only when it runs.
func TestCUDAThatFailsItsTrialRunIsNoCUDA(t *testing.T) {
	r := openTest(t)
	if environment.cuda {
		t.Skip("the loaded ONNX Runtime has CUDA, so the trial would not fail")
	}
	c := choice{asked: Auto}
	if err := r.time(&c); err != nil {
		t.Fatal(err)
	}
	p := choose(c)
	if p.Ran != CPU || !strings.Contains(p.Why, "failed at a trial run") || strings.Contains(p.Why, "\n") {
		t.Errorf("%+v", p)
	}
}

// An old driver made a reason of eight lines, with source files and hosts.
func TestReasonOfCUDAIsCutToWhatAPersonCanUse(t *testing.T) {
	for said, want := range map[string]string{
		"models: CUDA provider options: /onnxruntime_src/x.cc:63 [ONNXRuntimeError] : 1 : FAIL : Parse Failed to parse provider option \"device_id\": CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version ; GPU=-1 ; hostname=vm": "CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version: CUDA 13 needs NVIDIA's driver 580 or newer",
		"CUDNN failure 4: CUDNN_STATUS_INTERNAL_ERROR ; GPU=0": "CUDNN failure 4: CUDNN_STATUS_INTERNAL_ERROR",
		"models: start x: something else\nat length":           "models: start x: something else",
	} {
		if got := cudaReason(errors.New(said)); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestCUDAGivesTheCPUsResults(t *testing.T) {
	store := installedStore(t)
	gpu, err := OpenRuntime(store, CUDA)
	if err != nil {
		t.Fatal(err)
	}
	defer gpu.Close()
	if p := gpu.Provider(); p.Ran != CUDA {
		t.Skip("needs an NVIDIA GPU: ", p.Why)
	}
	cpu := openTest(t)
	for _, it := range Manifest() {
		if it.Kind != Converted {
			continue
		}
		want, got := runOnNoise(t, cpu, it.Name), runOnNoise(t, gpu, it.Name)
		for name, w := range want {
			if it.Name == "pose_landmark_full" && name == "Identity_2" {
				sigmoid(w)
				sigmoid(got[name])
			}
			if d, limit := distance(w, got[name]); d > limit {
				t.Errorf("%s %s: %g apart, at most %g", it.Name, name, d, limit)
			}
		}
	}
}

// runOnNoise runs a model on the same noise each time and copies its outputs.
func runOnNoise(t *testing.T, r *Runtime, name string) map[string][]float32 {
	t.Helper()
	s, err := r.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	random := rand.New(rand.NewPCG(1, 2))
	in := s.Input("")
	for i := range in {
		in[i] = random.Float32()
	}
	if err := s.Run(); err != nil {
		t.Fatal(err)
	}
	out := map[string][]float32{}
	for _, n := range s.OutputNames() {
		out[n] = slices.Clone(s.Output(n))
	}
	return out
}

func sigmoid(v []float32) {
	for i, x := range v {
		v[i] = float32(1 / (1 + math.Exp(-float64(x))))
	}
}

// distance returns the largest difference and what is allowed.
func distance(want, got []float32) (d, limit float64) {
	largest := 0.0
	for i, w := range want {
		d = max(d, math.Abs(float64(w-got[i])))
		largest = max(largest, math.Abs(float64(w)))
	}
	return d, CUDATolerance * (1 + largest)
}
