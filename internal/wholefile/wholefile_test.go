package wholefile

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestAFileIsTheOldOneOrTheWholeNewOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model.bin")
	put := func(s string, then error) error {
		return Write(path, 0o640, func(f *os.File) error {
			_, err := f.WriteString(s)
			return errors.Join(err, then)
		})
	}
	if err := put("first", nil); err != nil {
		t.Fatal(err)
	}
	full := errors.New("the disk is full")
	if err := put("half of the sec", full); !errors.Is(err, full) {
		t.Errorf("the failure is told as %v", err)
	}
	if data, _ := os.ReadFile(path); string(data) != "first" {
		t.Errorf("after a failure it holds %q", data)
	}
	if err := put("second", nil); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o640 || info.Size() != 6 {
		t.Errorf("the new one is %v, %v", info, err)
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
		t.Errorf("beside it lie %v", left)
	}
}

func TestAFolderThatIsNotThereIsSaid(t *testing.T) {
	err := Write(filepath.Join(t.TempDir(), "gone", "x"), 0o600, func(*os.File) error { return nil })
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it says %v", err)
	}
}
