package models

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"cheval/internal/wholefile"
)

// partial marks files that are being written; what an interruption leaves of
// them is removed by the next installation.
const partial = ".partial"

func createFile(path string) (file, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o644)
}

// write puts what r holds at path: under a temporary name, synced, then
// renamed, so that path is the old file or the whole new one, never half of it.
func (s *Store) write(path string, r io.Reader) error {
	if _, _, err := s.stage(path, r); err != nil {
		return err
	}
	return commit(path)
}

// stage writes what r holds beside path, under its temporary name, and returns
// its SHA-256 and size. Where it fails it leaves nothing.
func (s *Store) stage(path string, r io.Reader) (sum string, n int64, err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", 0, writeError(path, err)
	}
	f, err := s.create(path + partial)
	if err != nil {
		return "", 0, writeError(path, err)
	}
	h := sha256.New()
	n, err = io.Copy(io.MultiWriter(f, h), r)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		os.Remove(path + partial)
		return "", 0, writeError(path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), n, nil
}

// commit gives staged files their names, and makes that last.
func commit(paths ...string) error {
	for _, path := range paths {
		if err := os.Rename(path+partial, path); err != nil {
			return writeError(path, err)
		}
	}
	return syncFolder(filepath.Dir(paths[0]))
}

// syncFolder makes a rename last through a power cut.
func syncFolder(path string) error {
	if err := wholefile.SyncFolder(path); err != nil {
		return writeError(path, err)
	}
	return nil
}

// put installs an item's file from r with its receipt; pinned says that the
// file itself must have the item's SHA-256. Both are on the disk before either
// gets its name, so a full disk leaves what was installed as it was.
func (s *Store) put(it Item, r io.Reader, rec receipt, pinned bool) (err error) {
	path, beside := s.path(it), s.receiptPath(it)
	defer func() {
		if err != nil {
			os.Remove(path + partial)
			os.Remove(beside + partial)
		}
	}()
	if rec.SHA256, rec.Bytes, err = s.stage(path, r); err != nil {
		return err
	}
	if pinned {
		if err := checkPinned(it, rec.SHA256); err != nil {
			return err
		}
	}
	b, err := json.Marshal(rec)
	if err != nil {
		return fmt.Errorf("models: receipt of %s: %w", it.Name, err)
	}
	if _, _, err := s.stage(beside, bytes.NewReader(b)); err != nil {
		return err
	}
	return commit(path, beside)
}

func checkPinned(it Item, sum string) error {
	if sum == it.SHA256 {
		return nil
	}
	return fmt.Errorf("models: %s: %s has SHA-256 %s where %s is pinned: it is damaged or not what Cheval knows, and was not installed", it.Name, it.Path, sum, it.SHA256)
}

// writeError turns what the system says into a sentence for a person.
func writeError(path string, err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("models: write %s: the disk is full (%w): free some space and run `make models` again; what was finished is kept", path, err)
	case errors.Is(err, os.ErrPermission), errors.Is(err, syscall.EROFS):
		return fmt.Errorf("models: write %s: %w: set CHEVAL_HOME to a folder that you may write to", path, err)
	}
	return fmt.Errorf("models: write %s: %w", path, err)
}
