package models

import (
	"context"
	"os/exec"
	"strings"

	ort "github.com/yalue/onnxruntime_go"
)

// RuntimeVersion is the version of ONNX Runtime that is loaded; a Runtime must
// be open.
func (r *Runtime) RuntimeVersion() string { return ort.GetVersion() }

// Free returns how many bytes may still be written on the store's disk.
func (s *Store) Free() (int64, error) { return s.free() }

// Clients names the download clients that are here ("python3 -m pip", "npm")
// and what to do about those that are not (empty where none is missing).
func Clients(ctx context.Context) (found []string, hint string) {
	var missing []string
	if pip, err := findPip(ctx); err == nil {
		found = append(found, strings.Join(pip, " "))
	} else {
		missing = append(missing, "python3-pip")
	}
	if _, err := exec.LookPath("npm"); err == nil {
		found = append(found, "npm")
	} else {
		missing = append(missing, "npm")
	}
	if len(missing) > 0 {
		hint = "install " + strings.Join(missing, " and ") + " with the system's package manager"
	}
	return found, hint
}
