package teach

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"cheval/internal/boltfile"

	bolt "github.com/boltdb/bolt"
)

// The mark, in a bucket of its own, of a file in which forgotten sentences are
// still to be read.
var erasing, toCompact = []byte("erasing"), []byte("compact")

// Erase drops for good what the people said of whom gone is true, by profile:
// their sentences, the classifiers that learned of them (trained again without,
// from the built-in ones), and what deleted records leave in the file, which it
// rewrites; the store must not be open. What one that was cut short left undone,
// the next does, so it belongs at the start of the app as well.
func Erase(ctx context.Context, home string, gone func(owner string) bool) error {
	if _, err := os.Stat(filepath.Join(home, File)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	l, err := Open(home)
	if err != nil {
		return err
	}
	left, err := l.erase(ctx, home, gone)
	if err = errors.Join(err, l.Close()); err != nil || !left {
		return err
	}
	return compact(home)
}

// erase does what can be done while the store is open, which keeps trainings
// from writing meanwhile, and says whether the file is still to be rewritten.
func (l *Loop) erase(ctx context.Context, home string, gone func(owner string) bool) (left bool, err error) {
	if err := boltfile.ShredAll(home, File+".next*", ".voice.*.tmp"); err != nil {
		return false, fmt.Errorf("teach: overwrite what was erased: %w", err)
	}
	owners, err := l.owners()
	if err != nil {
		return false, err
	}
	for owner := range owners {
		if gone(owner) {
			if err := l.ForgetAndRetrain(ctx, home, owner); err != nil {
				return false, err
			}
		}
	}
	err = l.db.View(func(tx *bolt.Tx) error {
		left = tx.Bucket(erasing) != nil && tx.Bucket(erasing).Get(toCompact) != nil
		return nil
	})
	return left, err
}

// owners are the profiles of which something is kept, and whether examples are.
func (l *Loop) owners() (map[string]bool, error) {
	owners := map[string]bool{}
	err := each(l.db, missed, func(m Missed) {
		for _, o := range m.Owners {
			owners[o] = false
		}
	})
	if err != nil {
		return nil, err
	}
	err = each(l.db, examples, func(e Example) {
		if e.Owner != "" {
			owners[e.Owner] = true
		}
	})
	return owners, err
}

// ForgetAndRetrain drops what the person of a profile said. Classifiers that may
// have learned of it go first, so that nothing brings it back where this is cut
// short, and are trained again without it, from the built-in ones.
func (l *Loop) ForgetAndRetrain(ctx context.Context, home, owner string) error {
	owners, err := l.owners()
	if err != nil {
		return err
	}
	path := filepath.Join(home, trainedFile)
	_, err = os.Stat(path)
	trained := owners[owner] && err == nil
	if trained {
		if err := boltfile.Shred(path); err != nil {
			return fmt.Errorf("teach: %w", err)
		}
	}
	if _, err := l.Forget(owner); err != nil || !trained {
		return err
	}
	t, _, err := l.Retrain(ctx, nil, nil)
	if err != nil {
		return err
	}
	return Save(home, t)
}

// markErasing notes in a deed that forgets that the file is to be rewritten.
func markErasing(tx *bolt.Tx) error {
	b, err := tx.CreateBucketIfNotExists(erasing)
	if err != nil {
		return err
	}
	return b.Put(toCompact, []byte{1})
}

// compact rewrites the store, which must not be open, so that nothing of what
// was forgotten is left in it, and overwrites the old file.
func compact(home string) error {
	path := filepath.Join(home, File)
	db, err := openFile(path)
	if err != nil {
		return err
	}
	old, err := boltfile.Exchange(db, path, func(tx *bolt.Tx) error { return tx.DeleteBucket(erasing) })
	err = errors.Join(err, db.Close())
	if old != nil {
		err = errors.Join(err, boltfile.Overwrite(old))
	}
	if err != nil {
		return fmt.Errorf("teach: rewrite %s: %w", File, err)
	}
	return nil
}
