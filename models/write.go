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
)

// partial marks files that are being written; what an interruption leaves of
// them is removed by the next installation.
const partial = ".partial"

func createFile(path string) (file, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o644)
}

// write puts what r holds at path: under a temporary name, synced, then
// renamed, so that path is the old file or the whole new one, never half of
// it. accept, which may be nil, sees the SHA-256 and the size before the
// rename and may refuse.
func (s *Store) write(path string, r io.Reader, accept func(sum string, n int64) error) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return writeError(path, err)
	}
	tmp := path + partial
	f, err := s.create(tmp)
	if err != nil {
		return writeError(path, err)
	}
	defer func() {
		if err != nil {
			os.Remove(tmp)
		}
	}()
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(f, h), r)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return writeError(path, err)
	}
	if accept != nil {
		if err = accept(hex.EncodeToString(h.Sum(nil)), n); err != nil {
			return err
		}
	}
	if err = os.Rename(tmp, path); err != nil {
		return writeError(path, err)
	}
	return syncFolder(filepath.Dir(path))
}

// syncFolder makes a rename last through a power cut.
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return writeError(path, err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) {
		return writeError(path, err)
	}
	return nil
}

// put installs an item's file from r with its receipt. The receipt is written
// last: without it, or with another's, the item counts as not installed.
// source is the SHA-256 that the item was made of; pinned says that the file
// itself must have it.
func (s *Store) put(it Item, r io.Reader, rec receipt, pinned bool) error {
	if err := os.Remove(s.receiptPath(it)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return writeError(s.receiptPath(it), err)
	}
	err := s.write(s.path(it), r, func(sum string, n int64) error {
		rec.SHA256, rec.Bytes = sum, n
		if pinned {
			return checkPinned(it, sum)
		}
		return nil
	})
	if err != nil {
		return err
	}
	b, err := json.Marshal(rec)
	if err != nil {
		return fmt.Errorf("models: receipt of %s: %w", it.Name, err)
	}
	return s.write(s.receiptPath(it), bytes.NewReader(b), nil)
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
