package models

import (
	"fmt"
	"sync"

	ort "github.com/yalue/onnxruntime_go"
)

// environment counts who uses ONNX Runtime, of which a process has exactly
// one: the library, once loaded, serves every Runtime, and the last to close
// unloads it. It is the one mutable state of this package, because
// onnxruntime_go keeps it so.
var environment struct {
	sync.Mutex
	users   int
	library string
	cuda    bool
}

// acquireEnvironment loads the library, or joins the one that is loaded: then
// library and cuda are ignored. It reports whether the loaded library has the
// CUDA bridge.
func acquireEnvironment(library string, cuda bool) (bool, error) {
	environment.Lock()
	defer environment.Unlock()
	if environment.users == 0 {
		ort.SetSharedLibraryPath(library)
		if err := ort.InitializeEnvironment(ort.WithLogLevelError()); err != nil {
			return false, fmt.Errorf("models: load ONNX Runtime from %s: %w; run `make models` to install it again", library, err)
		}
		environment.library, environment.cuda = library, cuda
	}
	environment.users++
	return environment.cuda, nil
}

// releaseEnvironment undoes one acquireEnvironment.
func releaseEnvironment() error {
	environment.Lock()
	defer environment.Unlock()
	environment.users--
	if environment.users > 0 {
		return nil
	}
	if err := ort.DestroyEnvironment(); err != nil {
		return fmt.Errorf("models: unload ONNX Runtime: %w", err)
	}
	return nil
}
