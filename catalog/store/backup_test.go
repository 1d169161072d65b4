package store

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cheval/catalog"
)

func TestABackupHoldsAllAsOfOneMomentWhileTheStoreIsWritten(t *testing.T) {
	s := openAt(t, t.TempDir())
	var b Batch
	for i := range 30 {
		b.Put = append(b.Put, pictured(t, s, frame(t, fmt.Sprintf("frame-%02d", i)), fmt.Sprint("picture ", i)))
	}
	apply(t, s, b)
	file := filepath.Join(t.TempDir(), "shop.zip")
	wrote := false
	got, err := s.WriteBackup(t.Context(), file, func(done, of int) {
		if of != 30 {
			t.Errorf("of %d pictures, want 30", of)
		}
		if !wrote { // in the middle of the backup
			wrote = true
			apply(t, s, Batch{Kind: Remove, Delete: []string{"frame-00", "vela"}})
		}
	})
	if err != nil || got.Products != 32 || got.Pictures != 30 {
		t.Fatalf("backup %+v, %v", got, err)
	}
	home := t.TempDir()
	if _, aside, err := Restore(t.Context(), home, file, nil); err != nil || aside != "" {
		t.Fatalf("restored: %v, aside %q", err, aside)
	}
	r := openAt(t, home)
	if c, _ := r.Catalogue(); c.Len() != 32 || c.Product("vela") == nil {
		t.Errorf("%d products were restored, want the 32 of the moment", c.Len())
	}
	p, err := r.Product("frame-07")
	if err != nil {
		t.Fatal(err)
	}
	if data, err := r.Picture(p.Pictures[0].Hash); err != nil || string(data) != "picture 7" {
		t.Errorf("its picture: %q, %v", data, err)
	}
	whole(t, r)
}

func TestRestoringSetsAsideWhatIsThere(t *testing.T) {
	s := openAt(t, t.TempDir())
	file := filepath.Join(t.TempDir(), "shop.zip")
	if _, err := s.WriteBackup(t.Context(), file, nil); err != nil {
		t.Fatal(err)
	}
	later := pictured(t, s, frame(t, "later"), "later")
	apply(t, s, Batch{Kind: Import, Put: []*catalog.Product{later}})
	if _, _, err := Restore(t.Context(), s.Home(), file, nil); !errors.Is(err, ErrHeld) {
		t.Errorf("restored under an open store: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, aside, err := Restore(t.Context(), s.Home(), file, nil)
	if err != nil || aside == "" {
		t.Fatalf("restored: %q, %v", aside, err)
	}
	s = openAt(t, s.Home())
	if ids(t, s) != "vela aria" || s.Swept() != 0 {
		t.Errorf("after restoring: %s, swept %d", ids(t, s), s.Swept())
	}
	if r := whole(t, s); r.Kept != 1 {
		t.Errorf("%d pictures are kept of what was set aside, want 1", r.Kept)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(s.Home(), aside), filepath.Join(s.Home(), FileName)); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, s.Home())
	if _, err := s.Picture(later.Pictures[0].Hash); err != nil || ids(t, s) != "vela aria later" {
		t.Errorf("what was set aside, put back: %s, %v", ids(t, s), err)
	}
}

func TestABackupWithoutADamagedPictureIsBetterThanNone(t *testing.T) {
	s := openAt(t, t.TempDir())
	p := pictured(t, s, frame(t, "corso"), "x")
	apply(t, s, Batch{Put: []*catalog.Product{p}})
	path, _ := s.PicturePath(p.Pictures[0].Hash)
	if err := os.WriteFile(path, []byte("y"), 0o644); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "shop.zip")
	b, err := s.WriteBackup(t.Context(), file, nil)
	if err != nil || len(b.Missing) != 1 {
		t.Fatalf("backup %+v, %v", b, err)
	}
	home := t.TempDir()
	if _, _, err := Restore(t.Context(), home, file, nil); err != nil {
		t.Fatal(err)
	}
	r, err := openAt(t, home).Verify(t.Context(), nil)
	if err != nil || r.OK || r.Problems[0].ID != p.Pictures[0].Hash {
		t.Errorf("verify %+v, %v: want the missing picture named", r, err)
	}
}

func TestACancelledBackupLeavesNothing(t *testing.T) {
	s := openAt(t, t.TempDir())
	apply(t, s, Batch{Put: []*catalog.Product{pictured(t, s, frame(t, "corso"), "x")}})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	folder := t.TempDir()
	if _, err := s.WriteBackup(ctx, filepath.Join(folder, "shop.zip"), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if left, _ := os.ReadDir(folder); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

// TestOpeningWaitsForARestoreAndThenHasWhatItBrought opens while a restore
// holds the file that it is about to set aside.
func TestOpeningWaitsForARestoreAndThenHasWhatItBrought(t *testing.T) {
	s := openAt(t, t.TempDir())
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	opened, late := make(chan error, 1), frame(t, "late")
	release, err := hold(filepath.Join(s.Home(), FileName))
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		s, err := Open(s.Home(), Options{Wait: 20 * time.Second})
		if err == nil {
			_, err = s.Apply(context.Background(), Batch{Put: []*catalog.Product{late}})
			err = errors.Join(err, s.Close())
		}
		opened <- err
	}()
	time.Sleep(100 * time.Millisecond) // it waits for the lock by now
	path := filepath.Join(s.Home(), FileName)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path+".copy", data, 0o600); err != nil {
		t.Fatal(err)
	}
	aside, err := setAside(path, "before-restore")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".copy", path); err != nil {
		t.Fatal(err)
	}
	release()
	if err := <-opened; err != nil {
		t.Fatal(err)
	}
	if s = openAt(t, s.Home()); ids(t, s) != "vela aria late" {
		t.Errorf("what was written went into %s; here is %s", aside, ids(t, s))
	}
}

// zipOf makes a ZIP of names and contents.
func zipOf(t testing.TB, entries ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "x.zip")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z := zip.NewWriter(f)
	for i := 0; i < len(entries); i += 2 {
		w, err := z.Create(entries[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(entries[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestForeignFilesAreNoBackups(t *testing.T) {
	s := openAt(t, t.TempDir())
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	text := filepath.Join(t.TempDir(), "a.txt")
	if err := os.WriteFile(text, []byte("hello"), 0o644); err != nil {
		t.Fatal(err)
	}
	note := `{"format":1}`
	for name, file := range map[string]string{
		"a text":      text,
		"none":        filepath.Join(t.TempDir(), "none.zip"),
		"outside":     zipOf(t, "../evil", "x"),
		"incomplete":  zipOf(t, backupNote, note),
		"no database": zipOf(t, backupNote, note, FileName, "hello"),
		"other hash":  zipOf(t, "pictures/"+strings.Repeat("0", 64), "x", backupNote, note, FileName, "x"),
		"too new":     zipOf(t, backupNote, `{"format":9}`, FileName, "x"),
	} {
		if _, _, err := Restore(t.Context(), s.Home(), file, nil); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: restored with %v, want one sentence", name, err)
		}
	}
	s = openAt(t, s.Home())
	if ids(t, s) != "vela aria" || s.Recovered() != nil {
		t.Errorf("the store after refused backups: %s", ids(t, s))
	}
	whole(t, s)
}
