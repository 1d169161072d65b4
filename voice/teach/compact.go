package teach

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"cheval/internal/boltfile"
	"cheval/internal/wholefile"
)

// Compact rewrites the store, which must not be open, so that nothing of what
// was forgotten is left in it, and overwrites the old file.
func Compact(home string) error {
	path := filepath.Join(home, File)
	db, err := boltfile.Open(path, 2*time.Second)
	if err != nil {
		return fmt.Errorf("teach: %w", err)
	}
	next, remains := path+".next", path+".remains"
	err = errors.Join(boltfile.CopyTo(db, next), db.Close())
	if err != nil {
		return fmt.Errorf("teach: rewrite %s: %w", File, err)
	}
	if err := errors.Join(boltfile.Shred(remains), os.Link(path, remains), os.Rename(next, path), wholefile.SyncFolder(home), boltfile.Shred(remains)); err != nil {
		return fmt.Errorf("teach: rewrite %s: %w", File, err)
	}
	return nil
}
