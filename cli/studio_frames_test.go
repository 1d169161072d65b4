package cli

import (
	"bytes"
	"encoding/json"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cheval/catalog"
)

func proposedLines(t *testing.T, stdout string) (lines []proposedFrame) {
	t.Helper()
	for line := range strings.Lines(stdout) {
		var m proposedFrame
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		lines = append(lines, m)
	}
	return lines
}

// Frames are asked for in words and flags; the same seed gives the same
// pictures and drafts, which can be worn.
func TestStudioGeneratesEyewear(t *testing.T) {
	var before [][]byte
	for range 2 {
		dir := filepath.Join(t.TempDir(), "new")
		code, stdout, stderr := cheval(t.Context(), "studio", "generate", "3 round glittering glasses", "--colour", "red", "--size", "medium", "--seed", "7", "--out", dir, "--json")
		if code != exitOK || !strings.Contains(stderr, "glittering") {
			t.Fatalf("exit %d, %s", code, stderr)
		}
		lines := proposedLines(t, stdout)
		if len(lines) != 3 {
			t.Fatalf("%d lines: %s", len(lines), stdout)
		}
		var now [][]byte
		for i, m := range lines {
			if m.Category != catalog.Worn || m.Shape != "round" || m.Colour != "red" || m.Size != "medium" || m.Seed != 7 || m.Number != i+1 ||
				m.Nearest.Product == "" || m.Nearest.Difference < 1 || m.Quality <= 0 || m.Quality > 1 || len(m.Ignored) != 1 || m.Provider.Ran != "cpu" {
				t.Errorf("%+v", m)
			}
			b, err := os.ReadFile(m.Out)
			if err != nil {
				t.Fatal(err)
			}
			if img, err := png.Decode(bytes.NewReader(b)); err != nil || img.Bounds().Dx() != 480 {
				t.Errorf("picture %v, %v", img, err)
			}
			p, err := readProduct(m.Product)
			if err != nil || !p.Wearable() || p.State != catalog.Draft || p.Eyewear.LensWidth != m.Measures.Lens {
				t.Errorf("draft %v, %v", p, err)
			}
			now = append(now, b)
		}
		for i := range before {
			if !bytes.Equal(before[i], now[i]) {
				t.Errorf("picture %d of the same seed differs", i+1)
			}
		}
		before = now
	}
}

func TestStudioGenerateSaysWhichEyewearItKnows(t *testing.T) {
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"--category", "eyewear", "--shape", "heart"}, exitFailed, "round, panto, oval"},
		{[]string{"--category", "eyewear", "--colour", "ultraviolet"}, exitFailed, "black, grey, white"},
		{[]string{"--category", "eyewear", "--like", "no-such"}, exitFailed, "neither a product with this ID nor such a product file"},
		{[]string{"--category", "eyewear", "--count", "0"}, exitFailed, "1 to 1000"},
		{[]string{"--category", "dress", "--shape", "round"}, exitUsage, "--category eyewear"},
	} {
		dir := filepath.Join(t.TempDir(), "new")
		code, _, stderr := cheval(t.Context(), append([]string{"studio", "generate", "--out", dir}, c.args...)...)
		if code != c.code || !strings.Contains(stderr, c.want) {
			t.Errorf("%v: exit %d, %s", c.args, code, stderr)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%v made a folder", c.args)
		}
	}
}
