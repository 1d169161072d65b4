package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cheval/models"
	"cheval/models/modelstest"
)

// homeWith is a home with the installed models and this refiner, imported.
func homeWith(t *testing.T, refiner string) {
	t.Helper()
	store, err := models.OpenHome()
	if err != nil {
		t.Fatal(err)
	}
	from := store.Folder()
	entries, err := os.ReadDir(from)
	if err != nil {
		t.Fatalf("%v: run `make models` first", err)
	}
	t.Setenv("CHEVAL_HOME", t.TempDir())
	if store, err = models.OpenHome(); err != nil {
		t.Fatal(err)
	}
	to := store.Folder()
	if err := os.MkdirAll(to, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() == "own" {
			continue
		}
		if err := os.Symlink(filepath.Join(from, e.Name()), filepath.Join(to, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(filepath.Join("..", "tryon", "refine", "testdata", refiner))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "refiner.onnx")
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := cheval(t.Context(), "models", "import", path); code != 0 {
		t.Fatal(stderr)
	}
}

// refinedTry runs `cheval try` on the portrait.
func refinedTry(t *testing.T, photo, out, refine string) (int, string, string) {
	t.Helper()
	return cheval(t.Context(), "try", "--photo", photo, "--product", "lune", "--out", out, "--refine", refine, "--device", "cpu", "--json")
}

func TestTryRefineShowsTheDifference(t *testing.T) {
	photo := modelstest.Path(t, "demo_portrait")
	homeWith(t, "warmer.onnx")
	dir := t.TempDir()
	on, off := filepath.Join(dir, "on.png"), filepath.Join(dir, "off.png")
	for path, how := range map[string]string{on: "on", off: "off"} {
		code, stdout, stderr := refinedTry(t, photo, path, how)
		if code != 0 {
			t.Fatal(stderr)
		}
		r := decode(t, stdout).Refine
		if r.On != (how == "on") || r.On && (r.Size != "256x128" || r.MS <= 0) {
			t.Errorf("--refine %s says %+v", how, r)
		}
	}
	a, b, source := picture(t, on), picture(t, off), picture(t, photo)
	if differing(a, b, 0).Empty() {
		t.Error("refined or not, it is the same picture")
	}
	// The hair and the suit are beyond what the product touches.
	area := differing(a, source, 0)
	if area.Dx() > 200 || area.Dy() > 120 {
		t.Errorf("the picture was changed at %v", area)
	}
}

func TestTryRefineOnThatCannotRefineSaysWhyAndWritesNothing(t *testing.T) {
	photo := modelstest.Path(t, "demo_portrait")
	dir := t.TempDir()
	out := filepath.Join(dir, "out.png")
	homeWith(t, "warmer.onnx")
	store, err := models.OpenHome()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(store.Folder(), "own", "refiner.onnx"), []byte("damaged"), 0o644); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := refinedTry(t, photo, out, "on")
	if code != 1 || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, "leave --refine off") {
		t.Errorf("exit %d, %q, %q", code, stdout, stderr)
	}
	wantOnly(t, dir)
}

func TestTryGoesOnWhereARefinerFailsOnTheWay(t *testing.T) {
	photo := modelstest.Path(t, "demo_portrait")
	homeWith(t, "broken.onnx")
	out := filepath.Join(t.TempDir(), "out.png")
	code, stdout, stderr := refinedTry(t, photo, out, "on")
	if code != 0 || !strings.Contains(stderr, "not finite") || decode(t, stdout).Refine.On {
		t.Errorf("exit %d, %q, %q", code, stdout, stderr)
	}
	picture(t, out)
}
