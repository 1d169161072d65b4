package cli

import (
	"fmt"
	"io"
	"os"
	"time"

	"cheval/models"
)

// progress shows an installation's steps on stderr: one line that is written
// over on a terminal, else a line every few seconds.
type progress struct {
	w        io.Writer
	terminal bool
	name     string // what the last line was about
	last     time.Time
	open     bool // the terminal's line is not ended yet
}

func newProgress(w io.Writer) *progress {
	p := &progress{w: w}
	if f, ok := w.(*os.File); ok {
		st, err := f.Stat()
		p.terminal = err == nil && st.Mode()&os.ModeCharDevice != 0
	}
	return p
}

// step shows one step; models calls it, one call at a time.
func (p *progress) step(s models.Step) {
	ended := s.Done >= s.Total
	switch {
	case s.What == "keep", s.What == "unpack":
		return // neither takes time to speak of
	case s.What == "convert" && !ended:
		return
	case !ended && s.Name == p.name && time.Since(p.last) < p.pause():
		return
	}
	p.name, p.last = s.Name, time.Now()
	line := fmt.Sprintf("models: %s %s: %.1f of %.1f MB (%d %%)", s.What, s.Name, mb(s.Done), mb(s.Total), percent(s))
	if s.What != "download" {
		line = fmt.Sprintf("models: %s %s", past(s.What), s.Name)
	}
	switch {
	case !p.terminal:
		fmt.Fprintln(p.w, line)
	case ended:
		fmt.Fprintf(p.w, "\r\x1b[K%s\n", line)
		p.open = false
	default:
		fmt.Fprintf(p.w, "\r\x1b[K%s", line)
		p.open = true
	}
}

// end leaves the terminal on a fresh line.
func (p *progress) end() {
	if p.open {
		fmt.Fprintln(p.w)
		p.open = false
	}
}

func (p *progress) pause() time.Duration {
	if p.terminal {
		return 200 * time.Millisecond
	}
	return 3 * time.Second
}

func mb(n int64) float64 { return float64(n) / 1e6 }

func percent(s models.Step) int64 {
	if s.Total == 0 {
		return 100
	}
	return 100 * s.Done / s.Total
}

func past(what string) string {
	if what == "convert" {
		return "converted"
	}
	return what + "ed"
}
