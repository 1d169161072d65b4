package app

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// benchMachine is where figures were measured; they mean nothing without it.
type benchMachine struct {
	CPU      string  `json:"cpu"`
	Cores    int     `json:"cores"`
	MemoryMB int     `json:"memory_mb"`
	OS       string  `json:"os"`
	Kernel   string  `json:"kernel"`
	GPU      string  `json:"gpu"`
	Load     float64 `json:"load"` // the average of the last minute, before the bench
	Go       string  `json:"go"`
}

func (m benchMachine) String() string {
	return fmt.Sprintf("%s, %d cores, %d MB, %s, GPU %s, load %.2f before", m.CPU, m.Cores, m.MemoryMB, m.OS, m.GPU, m.Load)
}

// thisMachine reads what Linux tells; what it does not tell is "unknown".
func thisMachine() benchMachine {
	m := benchMachine{Cores: runtime.NumCPU(), Go: runtime.Version(), GPU: "none"}
	m.CPU = field("/proc/cpuinfo", "model name")
	m.MemoryMB = leadingNumber(field("/proc/meminfo", "MemTotal")) / 1024
	m.OS = strings.Trim(assigned("/etc/os-release", "PRETTY_NAME"), `"`)
	m.Kernel = firstLine("/proc/sys/kernel/osrelease")
	m.Load, _ = strconv.ParseFloat(strings.SplitN(firstLine("/proc/loadavg"), " ", 2)[0], 64)
	if gpu := firstLine("/proc/driver/nvidia/version"); gpu != "unknown" {
		m.GPU = gpu
	}
	return m
}

// field returns the value of the first "name : value" line of a file.
func field(path, name string) string { return value(path, name, ":") }

func assigned(path, name string) string { return value(path, name, "=") }

func value(path, name, sep string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return "unknown"
	}
	for line := range strings.Lines(string(b)) {
		if k, v, ok := strings.Cut(line, sep); ok && strings.TrimSpace(k) == name {
			return strings.TrimSpace(v)
		}
	}
	return "unknown"
}

func firstLine(path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return "unknown"
	}
	line, _, _ := strings.Cut(string(b), "\n")
	return strings.TrimSpace(line)
}

// leadingNumber reads the number before a unit, 0 where there is none.
func leadingNumber(s string) int {
	n, _ := strconv.Atoi(strings.SplitN(s, " ", 2)[0])
	return n
}

// processStart is when this process was started, to a hundredth of a second:
// Linux counts it in ticks since the machine's own start.
func processStart() time.Time {
	const ticks = 100 // a second, USER_HZ on every architecture that Go runs on
	stat := firstLine("/proc/self/stat")
	_, after, ok := strings.Cut(stat, ") ") // the name in brackets may hold spaces
	fields := strings.Fields(after)
	up, err := strconv.ParseFloat(strings.SplitN(firstLine("/proc/uptime"), " ", 2)[0], 64)
	if !ok || len(fields) < 20 || err != nil {
		return time.Now()
	}
	started, err := strconv.ParseFloat(fields[19], 64) // field 22, starttime
	if err != nil {
		return time.Now()
	}
	return time.Now().Add(-time.Duration((up - started/ticks) * float64(time.Second)))
}

// residentMemory is how much memory the process has now, and had at most.
func residentMemory() (now, peak float64, err error) {
	rss, high := field("/proc/self/status", "VmRSS"), field("/proc/self/status", "VmHWM")
	if leadingNumber(rss) == 0 {
		return 0, 0, fmt.Errorf("read the memory in use: /proc/self/status says %q", rss)
	}
	return float64(leadingNumber(rss)) / 1024, float64(leadingNumber(high)) / 1024, nil
}

// countAllocs counts the allocations a painted frame over a span: the
// pipeline's, and those of the screens around it with the window toolkit and
// its drivers. Every one is counted, which slows the program, so nothing else is measured meanwhile.
func countAllocs(ctx context.Context, w *benchWatch, length time.Duration) (pipeline, screens float64, err error) {
	defer func(rate int) { runtime.MemProfileRate = rate }(runtime.MemProfileRate)
	runtime.MemProfileRate = 1
	if err := wait(ctx, 200*time.Millisecond); err != nil { // what is in flight
		return 0, 0, err
	}
	before, frames := allocations(), w.count()
	if err := wait(ctx, length); err != nil {
		return 0, 0, err
	}
	frames = w.count() - frames
	after := allocations()
	if frames == 0 {
		return 0, 0, fmt.Errorf("no frame was painted for %v", length)
	}
	n := float64(frames)
	return float64(after.pipeline-before.pipeline) / n, float64(after.screens-before.screens) / n, nil
}

// allocCount counts allocations by who made them.
type allocCount struct{ pipeline, screens int64 }

// allocations counts all that were profiled so far.
func allocations() (c allocCount) {
	runtime.GC() // a profile is complete up to the last but one collection
	runtime.GC()
	records := make([]runtime.MemProfileRecord, 4096)
	n, ok := runtime.MemProfile(records, true)
	for !ok {
		records = make([]runtime.MemProfileRecord, n+1024)
		n, ok = runtime.MemProfile(records, true)
	}
	for i := range records[:n] {
		switch ownerOf(records[i].Stack()) {
		case ownerPipeline:
			c.pipeline += records[i].AllocObjects
		case ownerScreens:
			c.screens += records[i].AllocObjects
		}
	}
	return c
}

type allocOwner uint8

const (
	ownerUnknown  allocOwner = iota // Go's runtime
	ownerBench                      // what counts
	ownerPipeline                   // camera, engine, viewport, and the libraries they call
	ownerScreens                    // the app's screens, Fyne, Ebitengine and their libraries
)

// ownerOf finds who made an allocation: the innermost caller that is the
// pipeline's, the screens' or the toolkit's. Libraries and Go itself work for
// whoever calls them.
func ownerOf(stack []uintptr) allocOwner {
	frames := runtime.CallersFrames(stack)
	for {
		f, more := frames.Next()
		if o := ownerOfFunction(f.Function); o != ownerUnknown {
			return o
		}
		if !more {
			return ownerUnknown
		}
	}
}

func ownerOfFunction(name string) allocOwner {
	has := func(prefixes ...string) bool {
		return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(name, p) })
	}
	switch {
	case has("cheval/app.(*bench", "cheval/app.allocations", "cheval/app.countAllocs"):
		return ownerBench
	case has("cheval/app.", "fyne.io/", "github.com/hajimehoshi/"):
		return ownerScreens
	case has("cheval/app/live.", "cheval/viewport.", "cheval/tryon", "cheval/camera.", "cheval/models"):
		return ownerPipeline
	}
	return ownerUnknown
}
