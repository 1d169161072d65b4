package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"cheval/camera"
	"cheval/catalog/store"
	"cheval/models"

	"github.com/spf13/cobra"
	"gocv.io/x/gocv"
)

// check is one finding of the doctor.
type check struct {
	Name  string `json:"name"`
	OK    bool   `json:"ok"`
	Found string `json:"found"`
	Hint  string `json:"hint"`

	optional bool // Cheval works without it
}

// diagnosis is what `doctor --json` prints.
type diagnosis struct {
	OK       bool            `json:"ok"`
	Checks   []check         `json:"checks"`
	Provider models.Provider `json:"provider"`
}

// newDoctorCmd is `cheval doctor`: what this machine has, and what to do about
// what it lacks.
func newDoctorCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check this machine: libraries, models, screen, cameras, disk, GPU",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			d, err := diagnose(cmd)
			if err != nil {
				return err
			}
			if err := printDiagnosis(cmd, d); err != nil {
				return err
			}
			if d.OK {
				return nil
			}
			return failed(d)
		},
	}
	addDevice(cmd)
	return cmd
}

func diagnose(cmd *cobra.Command) (d diagnosis, err error) {
	store, err := models.OpenHome()
	if err != nil {
		return d, err
	}
	runtime, gpu, provider, err := checkRuntime(cmd)
	if err != nil {
		return d, err
	}
	d.Provider = provider
	d.Checks = []check{
		{Name: "opencv", OK: true, Found: gocv.OpenCVVersion()},
		runtime,
		checkModels(store),
		checkDisk(store),
		checkCatalogue(),
		checkClients(cmd.Context()),
		checkDisplay(cmd.Context()),
		checkCameras(camera.List()),
		checkChinese(cmd.Context()),
		gpu,
	}
	d.OK = true
	for _, c := range d.Checks {
		d.OK = d.OK && (c.OK || c.optional)
	}
	return d, nil
}

// failed is the sentence for what Cheval cannot do without.
func failed(d diagnosis) error {
	var bad []string
	for _, c := range d.Checks {
		if !c.OK && !c.optional {
			bad = append(bad, c.Name)
		}
	}
	return fmt.Errorf("doctor: Cheval cannot run here yet for want of %s: follow the hints", strings.Join(bad, " and "))
}

// checkRuntime loads ONNX Runtime and lets it choose the device.
func checkRuntime(cmd *cobra.Command) (library, gpu check, p models.Provider, err error) {
	library = check{Name: "onnxruntime"}
	gpu = check{Name: "gpu", optional: true}
	_, runtime, err := openRuntime(cmd)
	if err != nil {
		if _, usage := err.(usageError); usage {
			return library, gpu, p, err
		}
		library.Found, library.Hint = "none that loads", err.Error()
		gpu.Found, gpu.Hint = "not tried", "needs ONNX Runtime first"
		return library, gpu, p, nil
	}
	p = runtime.Provider()
	library.OK, library.Found = true, runtime.RuntimeVersion()
	gpu.OK, gpu.Found = p.Ran == models.CUDA, p.Why
	if !gpu.OK {
		gpu.Hint = "none is needed; with an NVIDIA card: its driver, and `cheval models install --cuda`"
	}
	return library, gpu, p, runtime.Close()
}

func checkModels(s *models.Store) check {
	c := check{Name: "models"}
	rows, err := s.Verify()
	wanted := 0
	for _, r := range rows {
		if r.Installed || !r.Optional {
			wanted++
		}
	}
	c.OK, c.Found = err == nil, fmt.Sprintf("%d of %d verified in %s", installed(rows), wanted, s.Folder())
	if err != nil {
		c.Hint = err.Error()
	}
	return c
}

// minFree is room for the models with one package being unpacked (200 MB), a
// catalogue and snapshots.
const minFree = 500 << 20

func checkDisk(s *models.Store) check {
	c := check{Name: "disk"}
	free, err := s.Free()
	if err != nil {
		c.Found, c.Hint = err.Error(), "set CHEVAL_HOME to a folder that you may write to"
		return c
	}
	c.OK, c.Found = free >= minFree, fmt.Sprintf("%.1f GB free", float64(free)/1e9)
	if !c.OK {
		c.Hint = fmt.Sprintf("free at least %d MB, or set CHEVAL_HOME to a folder on another disk", minFree>>20)
	}
	return c
}

// checkCatalogue opens the shop's catalogue, where there is one. It is made at
// the app's first start.
func checkCatalogue() check {
	c := check{Name: "catalogue", OK: true}
	home, err := models.Home()
	if err != nil || !store.Exists(home) {
		c.Found = "none yet: the starter products are shown"
		return c
	}
	s, err := store.Open(home, store.Options{Wait: 200 * time.Millisecond})
	switch {
	case errors.Is(err, store.ErrHeld):
		c.Found = "in use by Cheval"
		return c
	case err != nil:
		c.OK, c.Found, c.Hint = false, err.Error(), "make the folder writable, or set CHEVAL_HOME to another"
		return c
	}
	defer s.Close()
	if r := s.Recovered(); r != nil {
		c.OK, c.Found, c.Hint = false, r.String(), "restore a backup with `cheval catalog restore FILE` if too much is missing"
		return c
	}
	n, err := s.Count()
	if c.Found = counted(n, "product"); err != nil {
		c.OK, c.Found = false, err.Error()
	}
	return c
}

func checkClients(ctx context.Context) check {
	found, hint := models.Clients(ctx)
	return check{Name: "download", OK: hint == "", Found: strings.Join(found, ", "), Hint: hint, optional: true}
}

// checkDisplay connects to the X or Wayland display that the environment names.
func checkDisplay(ctx context.Context) check {
	c := check{Name: "display", optional: true}
	network, address, name := displayAddress(os.Getenv)
	if name == "" {
		c.Found, c.Hint = "none", "the app needs a screen; commands do not, and `make run` uses a virtual one"
		return c
	}
	dialer := net.Dialer{Timeout: 2 * time.Second}
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		c.Found, c.Hint = fmt.Sprintf("%s does not answer (%v)", name, err), "start the display, or correct DISPLAY or WAYLAND_DISPLAY"
		return c
	}
	conn.Close()
	c.OK, c.Found = true, name
	return c
}

// displayAddress says where the display of an environment listens.
func displayAddress(env func(string) string) (network, address, name string) {
	if w := env("WAYLAND_DISPLAY"); w != "" {
		if !filepath.IsAbs(w) {
			return "unix", filepath.Join(env("XDG_RUNTIME_DIR"), w), w
		}
		return "unix", w, w
	}
	name = env("DISPLAY")
	host, number, ok := strings.Cut(name, ":")
	if !ok {
		return "", "", ""
	}
	number, _, _ = strings.Cut(number, ".")
	if host == "" || host == "unix" {
		return "unix", "/tmp/.X11-unix/X" + number, name
	}
	port := 6000
	if _, err := fmt.Sscan(number, &port); err == nil {
		port += 6000
	}
	return "tcp", net.JoinHostPort(host, fmt.Sprint(port)), name
}

// checkCameras names the cameras as the settings do.
func checkCameras(found []camera.Device, err error) check {
	c := check{Name: "cameras", optional: true}
	switch {
	case err != nil:
		c.Found, c.Hint = err.Error(), "check that this user may read /dev/video*"
	case len(found) == 0:
		c.Found, c.Hint = "none", "plug one in; until then a clip, a still, a stream or the demo stands in for it (settings)"
	default:
		labels := make([]string, len(found))
		for i, d := range found {
			labels[i] = d.Label
		}
		c.OK, c.Found = true, strings.Join(labels, ", ")
	}
	return c
}

// checkChinese looks for a font that has Chinese characters.
func checkChinese(ctx context.Context) check {
	c := check{Name: "chinese font", optional: true}
	if out, err := exec.CommandContext(ctx, "fc-list", ":lang=zh-cn", "family").Output(); err == nil {
		c.Found, _, _ = strings.Cut(strings.TrimSpace(string(out)), "\n")
	} else {
		c.Found = findFontFile("/usr/share/fonts")
	}
	if c.OK = c.Found != ""; !c.OK {
		c.Found, c.Hint = "none", "install one (Debian: apt-get install fonts-noto-cjk)"
	}
	return c
}

// findFontFile serves where fontconfig's tools are not installed.
func findFontFile(root string) (found string) {
	err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err == nil && strings.Contains(filepath.Base(path), "CJK") {
			found = path
			return fs.SkipAll
		}
		return nil
	})
	if err != nil {
		return ""
	}
	return found
}

func printDiagnosis(cmd *cobra.Command, d diagnosis) error {
	if asJSON(cmd) {
		return printJSON(cmd, d)
	}
	w := cmd.OutOrStdout()
	for _, c := range d.Checks {
		mark := "✓"
		switch {
		case !c.OK && c.optional:
			mark = "–"
		case !c.OK:
			mark = "✗"
		}
		fmt.Fprintf(w, "%s %-13s %s\n", mark, c.Name, c.Found)
		if c.Hint != "" {
			fmt.Fprintf(w, "  %-13s → %s\n", "", c.Hint)
		}
	}
	return nil
}
