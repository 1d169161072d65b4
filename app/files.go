package app

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"cheval/internal/wholefile"
)

// maxJSON bounds the small files that the app keeps.
const maxJSON = 1 << 20

// saveJSON writes v, whole or not at all.
func saveJSON(path string, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("save %s: %w", path, err)
	}
	return saveFile(path, append(data, '\n'), 0o600)
}

func saveFile(path string, data []byte, mode fs.FileMode) error {
	err := os.MkdirAll(filepath.Dir(path), 0o700)
	if err == nil {
		err = wholefile.Write(path, mode, func(f *os.File) error {
			_, err := f.Write(data)
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("save %s: %w", path, err)
	}
	return nil
}

// loadJSON reads path into v. Where there is no such file it answers
// fs.ErrNotExist; a damaged file is set aside under a name with the time, and
// the error says where.
func loadJSON(path string, v any, now time.Time) error {
	data, err := readBounded(path, maxJSON)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, v); err != nil {
		return setAside(path, err, now)
	}
	return nil
}

func setAside(path string, why error, now time.Time) error {
	aside := path + ".damaged-" + now.Format("20060102-150405")
	if err := os.Rename(path, aside); err != nil {
		return fmt.Errorf("%s is damaged (%w) and could not be set aside: %w", path, why, err)
	}
	return &damagedError{Path: path, Aside: aside, Why: why}
}

// damagedError says that a file could not be read and where it is now.
type damagedError struct {
	Path, Aside string
	Why         error
}

func (e *damagedError) Error() string {
	return fmt.Sprintf("%s is damaged (%v); it was set aside as %s and defaults are used", e.Path, e.Why, e.Aside)
}

func (e *damagedError) Unwrap() error { return e.Why }

func readBounded(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("read %s: larger than %d bytes", path, limit)
	}
	return data, nil
}
