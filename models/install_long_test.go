//go:build long

package models

import (
	"context"
	"errors"
	"testing"
)

// The real registries, from nothing, interrupted once in the middle. 85 MB.
func TestInstallFromTheRegistriesGoesOnAfterAnInterruption(t *testing.T) {
	s, err := OpenStore(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = s.Install(ctx, InstallOptions{Progress: func(p Step) {
		t.Logf("%+v", p)
		if p.What == "download" && p.Name == "scikit-image 0.26.0" && p.Done == 0 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v, want the interruption", err)
	}
	downloads := 0
	err = s.Install(t.Context(), InstallOptions{Progress: func(p Step) {
		if p.What == "download" && p.Done == p.Total {
			downloads++
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if downloads != 2 { // the picture's and ONNX Runtime's
		t.Errorf("%d downloads after the interruption, want 2", downloads)
	}
	if _, err := s.Verify(); err != nil {
		t.Error(err)
	}
	r, err := OpenRuntime(s, Auto)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	session, err := r.Load(probeModel)
	if err != nil {
		t.Fatal(err)
	}
	if err := session.Run(); err != nil {
		t.Error(err)
	}
}
