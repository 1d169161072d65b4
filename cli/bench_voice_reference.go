package cli

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"cheval/models"
)

//go:embed bench_voice.py
var refereeScript []byte

// referee is faster-whisper in a process of its own.
type referee struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
	// folder, where not empty, is removed with it.
	folder string
}

// startReferee starts it on the weights of the store, as they were published.
func startReferee(ctx context.Context, python string, store *models.Store, folder string) (*referee, error) {
	if err := refereeFiles(store, folder); err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, python, filepath.Join(folder, "bench_voice.py"), folder)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // an interrupt is for us: we end it
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("bench voice: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("bench voice: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("bench voice: start the reference: %w", err)
	}
	r := &referee{cmd: cmd, in: in, out: bufio.NewScanner(out)}
	if !r.out.Scan() {
		r.close()
		return nil, fmt.Errorf("bench voice: %s does not run faster-whisper: install it there with `%s -m pip install faster-whisper`", python, python)
	}
	return r, nil
}

func refereeFiles(store *models.Store, folder string) error {
	var model []byte
	for _, part := range []string{"whisper_base_part1", "whisper_base_part2"} {
		b, err := store.Read(part)
		if err != nil {
			return err
		}
		model = append(model, b...)
	}
	tokens, err := store.Read("whisper_tokens")
	if err != nil {
		return err
	}
	for name, b := range map[string][]byte{"model.bin": model, "tokenizer.json": tokens, "bench_voice.py": refereeScript} {
		if err := os.WriteFile(filepath.Join(folder, name), b, 0o600); err != nil {
			return fmt.Errorf("bench voice: %w", err)
		}
	}
	return nil
}

func (r *referee) hear(rec recording) (text string, ms float64, err error) {
	var answer struct {
		Text string
		MS   float64
	}
	if err := json.NewEncoder(r.in).Encode(rec); err != nil {
		return "", 0, fmt.Errorf("bench voice: the reference ended: %w", err)
	}
	if !r.out.Scan() {
		return "", 0, errors.New("bench voice: the reference ended")
	}
	if err := json.Unmarshal(r.out.Bytes(), &answer); err != nil {
		return "", 0, fmt.Errorf("bench voice: the reference said %.60q", r.out.Text())
	}
	return strings.TrimSpace(answer.Text), answer.MS, nil
}

func (r *referee) close() {
	r.in.Close()
	r.cmd.Wait() // its end is all that matters
	if r.folder != "" {
		os.RemoveAll(r.folder)
	}
}

// residentMB is the memory of this process.
func residentMB() float64 {
	b, err := os.ReadFile("/proc/self/statm")
	fields := strings.Fields(string(b))
	if err != nil || len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseFloat(fields[1], 64)
	return pages * float64(os.Getpagesize()) / (1 << 20)
}

// machineOf says what ran the bench.
func machineOf() map[string]any {
	model := "unknown"
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(b)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	return map[string]any{"cpu": model, "cores": runtime.NumCPU(), "os": runtime.GOOS + "/" + runtime.GOARCH}
}

func printFigures(w io.Writer, figures map[string]any) error {
	names := []string{}
	for name := range figures {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if _, err := fmt.Fprintf(w, "%-28s %.4v\n", name, figures[name]); err != nil {
			return err
		}
	}
	return nil
}
