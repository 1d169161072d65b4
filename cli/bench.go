package cli

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

// machine is where figures were measured; they mean nothing without it.
type machine struct {
	CPU      string  `json:"cpu"`
	Cores    int     `json:"cores"`
	MemoryMB int     `json:"memory_mb"`
	Load     float64 `json:"load"` // the average of the last minute, when asked
	Go       string  `json:"go"`
}

// thisMachine reads what Linux tells; what it does not tell is empty.
func thisMachine() machine {
	m := machine{CPU: procField("/proc/cpuinfo", "model name"), Cores: runtime.NumCPU(), Go: runtime.Version()}
	m.MemoryMB = leadingNumber(procField("/proc/meminfo", "MemTotal")) / 1024
	if b, err := os.ReadFile("/proc/loadavg"); err == nil {
		first, _, _ := strings.Cut(string(b), " ")
		m.Load, _ = strconv.ParseFloat(first, 64)
	}
	return m
}

// procField is the value of the first "name : value" line of a file of /proc.
func procField(path, name string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(b)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func leadingNumber(s string) int {
	digits, _, _ := strings.Cut(s, " ")
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}

// peakMB is the most memory that this process has had, in MB; 0: not told.
func peakMB() float64 { return float64(leadingNumber(procField("/proc/self/status", "VmHWM"))) / 1024 }

// printBench prints figures and the machine.
func printBench(cmd *cobra.Command, figures map[string]float64) error {
	m := thisMachine()
	if asJSON(cmd) {
		return printJSON(cmd, struct {
			Figures map[string]float64 `json:"figures"`
			Machine machine            `json:"machine"`
		}{figures, m})
	}
	var names []string
	for n := range figures {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		fmt.Fprintf(cmd.OutOrStdout(), "%-32s %10.3f\n", n, figures[n])
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%-32s %s, %d cores, %d MB, load %.2f\n", "machine", m.CPU, m.Cores, m.MemoryMB, m.Load)
	return nil
}
