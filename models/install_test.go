package models

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestInstallFetchesEachPackageOnceAndSecondTimeNone(t *testing.T) {
	sh := newShelf(t)
	s := newTestStore(t, sh)
	for range 2 {
		if err := s.Install(t.Context(), InstallOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"nets", "@x/packed"}; !slices.Equal(sh.fetched, want) {
		t.Errorf("fetched %v, want %v", sh.fetched, want)
	}
	for name, want := range map[string]string{"range": "456789", "face": "a face", "one": "onnx:one "} {
		if b, err := s.Read(name); err != nil || !strings.HasPrefix(string(b), want) {
			t.Errorf("%s: %.20q, %v; want %q", name, b, err, want)
		}
	}
	if rows, err := s.Verify(); err != nil || len(rows) != 5 {
		t.Errorf("verify: %d rows, %v", len(rows), err)
	}
	if m, _ := filepath.Glob(filepath.Join(s.root, "downloads", "*")); len(m) != 0 {
		t.Errorf("archives are left: %v", m)
	}
}

func TestInstallTellsOfEveryDownloadAndConversion(t *testing.T) {
	s := newTestStore(t, newShelf(t))
	ended := map[string]int{}
	err := s.Install(t.Context(), InstallOptions{Progress: func(p Step) {
		if p.Done == p.Total {
			ended[p.What]++
		}
	}})
	if err != nil || ended["download"] != 2 || ended["convert"] != 2 || ended["unpack"] != 5 {
		t.Errorf("ended %v, %v; want 2 downloads, 2 conversions, 5 files", ended, err)
	}
}

func TestInterruptedInstallGoesOnWhereItWas(t *testing.T) {
	sh := newShelf(t)
	s := newTestStore(t, sh)
	ctx, cancel := context.WithCancel(t.Context())
	s.fetch = func(ctx context.Context, p Package, dir string, seen func(int64)) (string, error) {
		if p != packed {
			return sh.fetch(ctx, p, dir, seen)
		}
		if err := os.WriteFile(filepath.Join(dir, "half"), []byte("half"), 0o644); err != nil {
			t.Error(err)
		}
		cancel() // as Ctrl-C does, in the middle of the second download
		<-ctx.Done()
		return "", ctx.Err()
	}
	if err := s.Install(ctx, InstallOptions{}); !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v, want the interruption", err)
	}
	if l := litter(t, s); len(l) > 0 {
		t.Errorf("left behind: %v", l)
	}
	if _, err := s.Path("two"); err != nil {
		t.Errorf("what was finished is not kept: %v", err)
	}
	s.fetch = sh.fetch
	if err := s.Install(t.Context(), InstallOptions{}); err != nil {
		t.Fatal(err)
	}
	if want := []string{"nets", "@x/packed"}; !slices.Equal(sh.fetched, want) {
		t.Errorf("fetched %v, want %v", sh.fetched, want)
	}
}

func TestInstallClearsWhatAKilledOneLeft(t *testing.T) {
	s := newTestStore(t, newShelf(t))
	for _, name := range []string{"one.onnx" + partial, "downloads/nets-1.whl" + partial + "/pip-unpack/x", "cuda/lib.so" + partial} {
		path := filepath.Join(s.root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("half"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	// Killed between the file and its receipt: the file does not count.
	if err := os.WriteFile(filepath.Join(s.root, "face.png"), []byte("a face"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Path("face"); err == nil {
		t.Error("a file without a receipt counts as installed")
	}
	if err := s.Install(t.Context(), InstallOptions{}); err != nil {
		t.Fatal(err)
	}
	if l := litter(t, s); len(l) > 0 {
		t.Errorf("left behind: %v", l)
	}
}

func TestChangedConverterConvertsAnewWithoutTheNetwork(t *testing.T) {
	sh := newShelf(t)
	s := newTestStore(t, sh)
	if err := s.Install(t.Context(), InstallOptions{}); err != nil {
		t.Fatal(err)
	}
	it, _ := s.find("one")
	b, err := os.ReadFile(s.receiptPath(it))
	if err != nil {
		t.Fatal(err)
	}
	old := strings.Replace(string(b), `"converter":"`, `"converter":"0.`, 1)
	if err := os.WriteFile(s.receiptPath(it), []byte(old), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Path("one"); err == nil || !strings.Contains(err.Error(), "make models") {
		t.Errorf("an older conversion: %v, want an error that names make models", err)
	}
	s.convert = func(b []byte) ([]byte, error) { return []byte("new form"), nil }
	s.fetch = nil
	if err := s.Install(t.Context(), InstallOptions{}); err != nil {
		t.Fatal(err)
	}
	if b, err := s.Read("one"); err != nil || string(b) != "new form" {
		t.Errorf("after conversion: %q, %v", b, err)
	}
}

func TestDamagedFileIsNoticedAndInstalledAgain(t *testing.T) {
	sh := newShelf(t)
	s := newTestStore(t, sh)
	if err := s.Install(t.Context(), InstallOptions{}); err != nil {
		t.Fatal(err)
	}
	it, _ := s.find("face")
	if err := os.WriteFile(s.path(it), []byte("A FACE"), 0o644); err != nil { // of the same size
		t.Fatal(err)
	}
	for what, err := range map[string]error{"Path": second(s.Path("face")), "Read": second(s.Read("face")), "Verify": second(s.Verify())} {
		if err == nil || !strings.Contains(err.Error(), "face is damaged") || !strings.Contains(err.Error(), "make models") {
			t.Errorf("%s: %v; want a sentence that says it is damaged and what to do", what, err)
		}
	}
	if err := s.Install(t.Context(), InstallOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Verify(); err != nil {
		t.Error(err)
	}
}

func second[T any](_ T, err error) error { return err }

func TestWrongHashInstallsNothingOfThatItem(t *testing.T) {
	sh := newShelf(t)
	files := shelfFiles()
	files["m/two.tflite"][7] ^= 1 // one bit, in the second model
	sh.archives["nets"] = zipOf(t, files)
	s := newTestStore(t, sh)
	err := s.Install(t.Context(), InstallOptions{})
	if err == nil || !strings.Contains(err.Error(), "two") || !strings.Contains(err.Error(), "SHA-256") || strings.Contains(err.Error(), "\n") {
		t.Fatalf("error %v, want one sentence about two's SHA-256", err)
	}
	if _, err := s.Path("two"); err == nil {
		t.Error("two counts as installed")
	}
	it, _ := s.find("two")
	for _, path := range []string{s.path(it), s.sourcePath(it)} {
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%s was written", path)
		}
	}
	if m, _ := filepath.Glob(filepath.Join(s.root, "downloads", "*")); len(m) != 0 {
		t.Errorf("the bad archive is kept: %v", m)
	}
}

// full is a file on a disk that has room for some bytes only.
type full struct {
	file
	room *int
}

func (f full) Write(b []byte) (int, error) {
	if len(b) > *f.room {
		n, _ := f.file.Write(b[:*f.room])
		*f.room = 0
		return n, &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}
	}
	*f.room -= len(b)
	return f.file.Write(b)
}

func TestFullDiskGivesOneSentenceAndLeavesNothingHalfWritten(t *testing.T) {
	for _, room := range []int{0, 10, 20_000, 30_000, 45_000, 90_000} {
		sh := newShelf(t)
		s := newTestStore(t, sh)
		left := room
		s.create = func(path string) (file, error) {
			f, err := createFile(path)
			return full{f, &left}, err
		}
		err := s.Install(t.Context(), InstallOptions{})
		if room < 80_000 {
			if err == nil || !strings.Contains(err.Error(), "disk is full") || strings.Contains(err.Error(), "\n") {
				t.Fatalf("room %d: error %v, want one sentence that the disk is full", room, err)
			}
		}
		if l := litter(t, s); len(l) > 0 {
			t.Errorf("room %d: left half-written: %v", room, l)
		}
		for _, it := range s.items { // what stands under its own name is whole
			if b, err := os.ReadFile(s.path(it)); err == nil && it.Kind == Plain && hashOf(b) != it.SHA256 {
				t.Errorf("room %d: %s is half-written", room, it.Name)
			}
		}
		s.create = createFile // space was made
		if err := s.Install(t.Context(), InstallOptions{}); err != nil {
			t.Errorf("room %d: after making space: %v", room, err)
		}
		if n := len(sh.fetched); n > 2 {
			t.Errorf("room %d: %d downloads, want the first archive kept", room, n)
		}
	}
}

func TestFullDiskOfTheSystemIsRecognised(t *testing.T) {
	f, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err) // every Linux has it
	}
	s := newTestStore(t, newShelf(t))
	s.create = func(string) (file, error) { return f, nil }
	if err := s.Install(t.Context(), InstallOptions{}); err == nil || !strings.Contains(err.Error(), "disk is full") {
		t.Errorf("error %v, want that the disk is full", err)
	}
}

func TestInstallSaysBeforehandThatTheDiskIsTooSmall(t *testing.T) {
	sh := newShelf(t)
	s := newTestStore(t, sh)
	s.free = func() (int64, error) { return 1 << 20, nil }
	err := s.Install(t.Context(), InstallOptions{})
	if err == nil || !strings.Contains(err.Error(), "1 MB free") || len(sh.fetched) != 0 {
		t.Errorf("error %v after %d downloads, want a sentence before the first", err, len(sh.fetched))
	}
}

func TestInstallWaitsForAnotherOne(t *testing.T) {
	s := newTestStore(t, newShelf(t))
	unlock, err := s.lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := s.Install(ctx, InstallOptions{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want to have waited", err)
	}
	unlock()
	if err := s.Install(t.Context(), InstallOptions{}); err != nil {
		t.Error(err)
	}
}

func TestHomeIsCHEVAL_HOMEThenTheXDGFolder(t *testing.T) {
	t.Setenv("CHEVAL_HOME", "/a/b")
	if h, err := Home(); h != "/a/b" || err != nil {
		t.Errorf("%q, %v", h, err)
	}
	t.Setenv("CHEVAL_HOME", "")
	t.Setenv("XDG_DATA_HOME", "/x")
	if h, err := Home(); h != "/x/cheval" || err != nil {
		t.Errorf("%q, %v", h, err)
	}
	t.Setenv("XDG_DATA_HOME", "")
	t.Setenv("HOME", "/h")
	if h, err := Home(); h != "/h/.local/share/cheval" || err != nil {
		t.Errorf("%q, %v", h, err)
	}
}

func TestStoreRefusesAFileForAFolder(t *testing.T) {
	if _, err := OpenStore(writeTemp(t, "home", []byte("x"))); err == nil || !strings.Contains(err.Error(), "not a folder") {
		t.Errorf("error %v", err)
	}
}

func TestNothingInstalledSaysWhatToDo(t *testing.T) {
	s := newTestStore(t, newShelf(t))
	for what, err := range map[string]error{"Path": second(s.Path("one")), "Read": second(s.Read("one")), "OpenRuntime": second(OpenRuntime(s, CPU))} {
		if err == nil {
			t.Errorf("%s: no error", what)
		}
	}
	if _, err := s.Path("one"); !strings.Contains(err.Error(), "make models") {
		t.Errorf("%v does not name make models", err)
	}
	if _, err := s.Path("../../etc/passwd"); err == nil || !strings.Contains(err.Error(), "no model") {
		t.Errorf("a path for a name: %v", err)
	}
}
