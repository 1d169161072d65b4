package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"cheval/camera"
	"cheval/models"

	"github.com/spf13/cobra"
)

// command runs a command line and returns its exit code, stdout and stderr.
func command(t *testing.T, p Program, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	root := New(p)
	root.SetOut(&out)
	code = run(t.Context(), root, args, &errs)
	return code, out.String(), errs.String()
}

func TestExitCodesAndOneSentenceOnStderr(t *testing.T) {
	t.Setenv("CHEVAL_HOME", t.TempDir()) // nothing is installed
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"--version"}, exitOK, ""},
		{[]string{"--help"}, exitOK, ""},
		{[]string{"models", "list"}, exitOK, ""},
		{[]string{"models", "verify"}, exitFailed, "make models"},
		{[]string{"models", "import", "/no/such/file.onnx"}, exitFailed, "no such file"},
		{[]string{"frobnicate"}, exitUsage, "unknown command"},
		{[]string{"models"}, exitUsage, "say what to do"},
		{[]string{"models", "frobnicate"}, exitUsage, "unknown command"},
		{[]string{"models", "import"}, exitUsage, "1 arg"},
		{[]string{"models", "list", "--frob"}, exitUsage, "unknown flag"},
		{[]string{"doctor", "--device", "gpu"}, exitUsage, "auto, cpu, cuda"},
		{[]string{"bench"}, exitUsage, "say what to measure"},
	} {
		code, _, stderr := command(t, Program{Version: "1"}, c.args...)
		if code != c.code || !strings.Contains(stderr, c.says) {
			t.Errorf("%v: exit %d, %q; want %d with %q", c.args, code, stderr, c.code, c.says)
		}
		if want := min(c.code, 1); strings.Count(stderr, "\n") != want {
			t.Errorf("%v: %q on stderr, want %d line", c.args, stderr, want)
		}
	}
}

func TestAloneItOpensTheAppWithItsHome(t *testing.T) {
	t.Setenv("CHEVAL_HOME", "/the/home")
	var got []string
	p := Program{Open: func(_ context.Context, home, shots string) error {
		got = []string{home, shots}
		return errors.New("app: no display")
	}}
	code, _, stderr := command(t, p, "--shots", "out")
	if code != exitFailed || got[0] != "/the/home" || got[1] != "out" || stderr != "cheval: app: no display\n" {
		t.Errorf("exit %d, opened with %q, %q", code, got, stderr)
	}
}

func TestBenchesOfTheAppStandUnderBench(t *testing.T) {
	ran := false
	bench := &cobra.Command{Use: "mirror", RunE: func(cmd *cobra.Command, _ []string) error {
		ran = asJSON(cmd)
		return nil
	}}
	if code, _, stderr := command(t, Program{Benches: []*cobra.Command{bench}}, "bench", "mirror", "--json"); code != exitOK || !ran {
		t.Errorf("exit %d, %q; ran with --json: %v", code, stderr, ran)
	}
}

func TestModelsListIsTheContractsJSON(t *testing.T) {
	t.Setenv("CHEVAL_HOME", t.TempDir())
	code, stdout, _ := command(t, Program{}, "models", "list", "--json")
	var rows []map[string]any
	if err := json.Unmarshal([]byte(stdout), &rows); err != nil || code != exitOK || len(rows) != len(models.Manifest()) {
		t.Fatalf("exit %d, %d rows, %v", code, len(rows), err)
	}
	for _, field := range []string{"name", "package", "version", "licence", "sha256", "installed", "bytes"} {
		if _, ok := rows[0][field]; !ok || len(rows[0]) != 7 {
			t.Errorf("no %q among the 7 fields of %v", field, rows[0])
		}
	}
}

func TestDoctorIsTheContractsJSON(t *testing.T) {
	code, stdout, stderr := command(t, Program{}, "doctor", "--json", "--device", "cpu")
	var d struct {
		OK       bool
		Checks   []map[string]any
		Provider map[string]any
	}
	if err := json.Unmarshal([]byte(stdout), &d); err != nil {
		t.Fatal(err)
	}
	if code != exitOK || !d.OK {
		t.Errorf("exit %d, ok %v, %q: the models may be missing; run `make models`", code, d.OK, stderr)
	}
	if d.Provider["ran"] != "cpu" || d.Provider["asked"] != "cpu" || d.Provider["why"] != "asked for" {
		t.Errorf("provider %v", d.Provider)
	}
	for _, c := range d.Checks {
		if len(c) != 4 || c["found"] == "" || c["ok"] == false && c["hint"] == "" {
			t.Errorf("check %v: a finding has name, ok, found, and a hint where it is not ok", c)
		}
	}
}

func TestDoctorOfAnEmptyMachineSaysWhatToDo(t *testing.T) {
	t.Setenv("CHEVAL_HOME", t.TempDir())
	code, stdout, stderr := command(t, Program{}, "doctor")
	if code != exitFailed || !strings.Contains(stdout, "make models") || !strings.Contains(stderr, "onnxruntime and models") {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
}

func TestCamerasAreNamed(t *testing.T) {
	c := checkCameras([]camera.Device{{Name: "Cam", Label: "Cam", Node: "video0"}, {Name: "Cam", Label: "Cam 2", Node: "video2"}}, nil)
	if !c.OK || c.Found != "Cam, Cam 2" {
		t.Errorf("%+v", c)
	}
	if c := checkCameras(nil, errors.New("camera: denied")); c.OK || c.Found != "camera: denied" || c.Hint == "" {
		t.Errorf("%+v", c)
	}
}

func TestDisplayAddressFollowsTheEnvironment(t *testing.T) {
	for _, c := range []struct {
		env                    map[string]string
		network, address, name string
	}{
		{nil, "", "", ""},
		{map[string]string{"DISPLAY": ":99.0"}, "unix", "/tmp/.X11-unix/X99", ":99.0"},
		{map[string]string{"DISPLAY": "kiosk:1"}, "tcp", "kiosk:6001", "kiosk:1"},
		{map[string]string{"WAYLAND_DISPLAY": "wayland-0", "XDG_RUNTIME_DIR": "/run/user/1", "DISPLAY": ":0"}, "unix", "/run/user/1/wayland-0", "wayland-0"},
	} {
		network, address, name := displayAddress(func(k string) string { return c.env[k] })
		if network != c.network || address != c.address || name != c.name {
			t.Errorf("%v: %s %s %s", c.env, network, address, name)
		}
	}
}
