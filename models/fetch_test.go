package models

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// fakeClients puts shell scripts on an otherwise empty PATH.
func fakeClients(t *testing.T, scripts map[string]string) {
	t.Helper()
	dir := t.TempDir()
	for name, body := range scripts {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+body+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
}

func TestPipIsAskedForThePinnedWheelOnly(t *testing.T) {
	fakeClients(t, map[string]string{"python3": `echo "$@" >> "$LOG"
while [ $# -gt 0 ]; do [ "$1" = --dest ] && echo wheel > "$2/x.whl"; shift; done`})
	log := filepath.Join(t.TempDir(), "log")
	t.Setenv("LOG", log)
	dir := t.TempDir()
	got, err := fetchPackage(t.Context(), nets, dir, func(int64) {})
	if err != nil || got != filepath.Join(dir, "x.whl") {
		t.Fatalf("%s, %v", got, err)
	}
	said, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"download nets==1", "--no-deps", "--only-binary :all:", "--python-version 311", "manylinux_2_17_x86_64"} {
		if !strings.Contains(string(said), want) {
			t.Errorf("pip was not given %q: %s", want, said)
		}
	}
}

func TestNpmIsAskedForThePinnedTarballAndRunsNoScripts(t *testing.T) {
	fakeClients(t, map[string]string{"npm": `echo "$@" > "$LOG"; echo tarball > x-packed-2.tgz`})
	log := filepath.Join(t.TempDir(), "log")
	t.Setenv("LOG", log)
	if _, err := fetchPackage(t.Context(), packed, t.TempDir(), func(int64) {}); err != nil {
		t.Fatal(err)
	}
	said, err := os.ReadFile(log)
	if err != nil || !strings.Contains(string(said), "pack @x/packed@2") || !strings.Contains(string(said), "--ignore-scripts") {
		t.Errorf("npm was given %s, %v", said, err)
	}
}

func TestMissingClientsAreNamedWithWhatToInstall(t *testing.T) {
	fakeClients(t, nil)
	for p, want := range map[Package]string{nets: "python3-pip", packed: "apt-get install npm"} {
		_, err := fetchPackage(t.Context(), p, t.TempDir(), func(int64) {})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q in it", p, err, want)
		}
	}
	if _, hint := Clients(t.Context()); !strings.Contains(hint, "python3-pip and npm") {
		t.Errorf("hint %q", hint)
	}
}

func TestFailureOfAClientBecomesOneSentence(t *testing.T) {
	for said, want := range map[string]string{
		"WARNING: Retrying (Retry(total=2)) after connection broken":   "check the network",
		"ERROR: No matching distribution found for nets==1":            "No matching distribution found for nets==1: check the network",
		"ERROR: Could not install: [Errno 28] No space left on device": "the disk is full",
	} {
		fakeClients(t, map[string]string{"python3": `case "$*" in *--version*) exit 0;; esac; echo "` + said + `" >&2; exit 1`})
		_, err := fetchPackage(t.Context(), nets, t.TempDir(), func(int64) {})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "nets 1 from PyPI") {
			t.Errorf("%q became %v, want %q in one sentence", said, err, want)
		}
	}
}

// The client's children hold its pipes; a cancelled download must not wait for
// them.
func TestCancelledDownloadEndsTheClientAndItsChildren(t *testing.T) {
	fakeClients(t, map[string]string{"npm": `/bin/sleep 60 & echo $! > child; : > started; wait`})
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		_, err := fetchPackage(ctx, packed, dir, func(int64) {})
		done <- err
	}()
	for deadline := time.Now().Add(10 * time.Second); !exists(filepath.Join(dir, "started")); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the client did not start")
		}
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want the cancellation", err)
	}
	pid, err := os.ReadFile(filepath.Join(dir, "child"))
	if err != nil {
		t.Fatal(err)
	}
	state := func() string { // gone, or a zombie that nobody has waited for yet
		b, err := os.ReadFile("/proc/" + strings.TrimSpace(string(pid)) + "/stat")
		if err != nil {
			return "gone"
		}
		_, after, _ := strings.Cut(string(b), ") ")
		return after[:1]
	}
	for deadline := time.Now().Add(10 * time.Second); state() != "gone" && state() != "Z"; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the client's child lives on")
		}
	}
}

// Found as "pip is not here": the look for pip was what the interrupt ended.
func TestInterruptWhileLookingForPipIsAnInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := fetchPackage(ctx, nets, t.TempDir(), func(int64) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want the interruption", err)
	}
}

func exists(path string) bool { _, err := os.Stat(path); return err == nil }
