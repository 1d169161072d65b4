package teach

import (
	"errors"
	"fmt"
	"path/filepath"

	"cheval/internal/boltfile"
)

// Compact rewrites the store, which must not be open, so that nothing of what
// was forgotten is left in it, and overwrites the old file.
func Compact(home string) error {
	path := filepath.Join(home, File)
	db, err := openFile(path)
	if err != nil {
		return err
	}
	old, err := boltfile.Exchange(db, path, nil)
	err = errors.Join(err, db.Close())
	if old != nil {
		err = errors.Join(err, boltfile.Overwrite(old))
	}
	if err != nil {
		return fmt.Errorf("teach: rewrite %s: %w", File, err)
	}
	return nil
}
