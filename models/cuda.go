package models

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/ebitengine/purego"
	ort "github.com/yalue/onnxruntime_go"
)

// cudaRuntime is the item of ONNX Runtime with the CUDA bridge.
const cudaRuntime = "onnxruntime_cuda"

// findCUDA says in one line why CUDA cannot run here, or nil where its
// libraries are loaded. open loads one shared library for the whole process.
//
// The libraries from NVIDIA's packages lie in the store, where the system's
// loader does not look. Loaded here by full path, in the order of their
// dependence, they satisfy the provider's own needs by their names: nothing
// has to be set in the environment, and no process is started anew.
func findCUDA(s *Store, bridged bool, open func(path string) error) error {
	if err := open("libcuda.so.1"); err != nil {
		return fmt.Errorf("there is no NVIDIA driver (%w)", err)
	}
	var missing error
	for _, it := range s.items {
		if it.CUDA && missing == nil {
			missing = s.check(it, false)
		}
	}
	if missing != nil {
		return fmt.Errorf("CUDA's libraries are not all there; `cheval models install --cuda` installs them (%w)", missing)
	}
	if !bridged {
		return errors.New("this process has already loaded ONNX Runtime without CUDA; start Cheval again")
	}
	for _, it := range s.items {
		if it.CUDA && it.Preload {
			if err := open(s.path(it)); err != nil {
				return fmt.Errorf("%s does not load: %w", it.Name, err)
			}
		}
	}
	return nil
}

// openLibrary loads a shared library for the life of the process, visible to
// those loaded later.
func openLibrary(path string) error {
	_, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_GLOBAL)
	return err
}

// cudaOptions configure the provider: the first device; memory taken as
// needed and at most 2 GB, because a shop's card also draws the screen; the
// convolution's algorithm by cuDNN's heuristics, because trying all of them
// would delay the first frame by seconds; full float32 instead of TF32, so
// that landmarks agree with the CPU's (see CUDATolerance).
func cudaOptions() map[string]string {
	return map[string]string{
		"device_id":                    "0",
		"arena_extend_strategy":        "kSameAsRequested",
		"gpu_mem_limit":                "2147483648",
		"cudnn_conv_algo_search":       "HEURISTIC",
		"cudnn_conv_use_max_workspace": "1",
		"do_copy_in_default_stream":    "1",
		"use_tf32":                     "0",
	}
}

func appendCUDA(o *ort.SessionOptions) error {
	c, err := ort.NewCUDAProviderOptions()
	if err != nil {
		return fmt.Errorf("CUDA provider: %w", err)
	}
	defer c.Destroy()
	if err := c.Update(cudaOptions()); err != nil {
		return fmt.Errorf("CUDA provider options: %w", err)
	}
	if err := o.AppendExecutionProviderCUDA(c); err != nil {
		return fmt.Errorf("CUDA provider: %w", err)
	}
	return nil
}

// tryCUDA probes CUDA with ONNX Runtime's own log silent: what goes wrong is
// told in one line, and is no error of Cheval's.
func (r *Runtime) tryCUDA(onnx []byte) (ms float64, err error) {
	if err := ort.SetEnvironmentLogLevel(ort.LoggingLevelFatal); err != nil {
		return 0, err
	}
	ms, err = r.probe(onnx, true)
	return ms, errors.Join(err, ort.SetEnvironmentLogLevel(ort.LoggingLevelError))
}

var cudaFailure = regexp.MustCompile(`CU[A-Z]+ failure (\d+): [^;\n]+`)

// cudaReason cuts what a person can use out of ONNX Runtime's message, which
// goes on with source lines and expressions.
func cudaReason(err error) string {
	m := cudaFailure.FindStringSubmatch(err.Error())
	switch {
	case m == nil:
		line, _, _ := strings.Cut(err.Error(), "\n")
		return line
	case m[1] == "35": // cudaErrorInsufficientDriver
		return strings.TrimSpace(m[0]) + ": CUDA 13 needs NVIDIA's driver 580 or newer"
	}
	return strings.TrimSpace(m[0])
}
