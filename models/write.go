package models

import (
	"bytes"
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

// write puts b at path: under a temporary name, synced, then renamed, so that
// path is the old file or the whole new one, never half of it.
func (s *Store) write(path string, b []byte) error {
	return s.writeFrom(path, bytes.NewReader(b))
}

func (s *Store) writeFrom(path string, r io.Reader) (err error) {
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
	_, err = io.Copy(f, r)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return writeError(path, err)
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

// put installs an item's bytes with their receipt. The receipt is written
// last: without it, or with another's, the item counts as not installed.
func (s *Store) put(it Item, b []byte, converter string) error {
	if err := os.Remove(s.receiptPath(it)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return writeError(s.receiptPath(it), err)
	}
	if err := s.write(s.path(it), b); err != nil {
		return err
	}
	r, err := json.Marshal(receipt{Source: it.SHA256, Converter: converter, SHA256: hashOf(b), Bytes: int64(len(b))})
	if err != nil {
		return fmt.Errorf("models: receipt of %s: %w", it.Name, err)
	}
	return s.write(s.receiptPath(it), r)
}

// writeError turns what the system says into a sentence for a person.
func writeError(path string, err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("models: write %s: the disk is full: free some space and run `make models` again; what was finished is kept: %w", path, err)
	case errors.Is(err, os.ErrPermission), errors.Is(err, syscall.EROFS):
		return fmt.Errorf("models: write %s: %w: choose a folder that you may write to with CHEVAL_HOME", path, err)
	}
	return fmt.Errorf("models: write %s: %w", path, err)
}
