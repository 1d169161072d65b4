// Package wholefile writes files of which a reader, also after a power cut,
// finds the old one or the whole new one, never a half.
//
// What stands in them, and the words of their errors, are its users' affair.
package wholefile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Write has write fill a hidden file beside path, puts it on the disk with a
// mode, and gives it path's name. Where it fails, path is as it was and nothing
// is left beside it. The file may be written through its own handle or by its
// name; Write closes it.
func Write(path string, mode fs.FileMode, write func(*os.File) error) error {
	folder, base := filepath.Split(path)
	f, err := os.CreateTemp(filepath.Clean(folder), "."+base+".*.tmp")
	if err != nil {
		return err
	}
	err = write(f)
	if err == nil {
		err = errors.Join(f.Chmod(mode), f.Sync())
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		if left := os.Remove(f.Name()); left != nil {
			err = errors.Join(err, left)
		}
		return err
	}
	return SyncFolder(filepath.Dir(path))
}

// SyncFolder makes what was renamed, linked or removed in a folder last. A file
// system that cannot do that for folders is let pass.
func SyncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) {
		return err
	}
	return nil
}
