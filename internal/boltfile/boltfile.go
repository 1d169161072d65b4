// Package boltfile does with a Bolt file what each of Cheval's stores needs:
// it opens one that may be held or damaged, saves what can be read of a
// damaged one, and rewrites one so that nothing deleted is left in it.
//
// What lies in the buckets is its users' affair.
package boltfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	bolt "github.com/boltdb/bolt"

	"cheval/internal/wholefile"
)

// ErrHeld says that another process has the file open.
var ErrHeld = errors.New("Cheval is open; close it, or do this there") //lint:ignore ST1005 a name begins it

// Damage is what is wrong with the file itself, so that it must be set aside:
// a sentence.
type Damage struct{ Why string }

func (d *Damage) Error() string { return d.Why }

// Open opens or makes a Bolt file; o's Timeout is how long it waits for another
// process. The error is ErrHeld where that did not let go, and a *Damage where
// the file itself is broken; it does not name the file.
func Open(path string, o bolt.Options) (db *bolt.DB, err error) {
	o.FreelistType = bolt.FreelistMapType
	err = Guard(func() (err error) {
		db, err = bolt.Open(path, 0o600, &o)
		return classify(err)
	})
	if err != nil {
		if db != nil {
			_ = Guard(db.Close)
		}
		return nil, err
	}
	return db, nil
}

// classify tells what Bolt finds wrong with a file from what hinders opening.
func classify(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, bolt.ErrTimeout):
		return ErrHeld
	case errors.Is(err, bolt.ErrInvalid), errors.Is(err, bolt.ErrVersionMismatch), errors.Is(err, bolt.ErrChecksum),
		err.Error() == "file size too small":
		return &Damage{fmt.Sprintf("the file is damaged (%v)", err)}
	}
	return err
}

// Guard runs f and returns a panic or a fault on mapped memory, which is how
// Bolt meets a broken page, as a *Damage. It holds for f's own goroutine.
func Guard(f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = &Damage{fmt.Sprintf("the file is damaged (%v)", p)}
		}
	}()
	return f()
}

// compactBatch is how much is copied in one transaction, in bytes.
const compactBatch = 4 << 20

// CopyTo writes what db holds now into a new file at path, with none of what
// was deleted. The file is there whole and on the disk, or not at all.
func CopyTo(db *bolt.DB, path string) error {
	return Replace(path, func(tmp string) error {
		to, err := bolt.Open(tmp, 0o600, &bolt.Options{NoSync: true, FreelistType: bolt.FreelistMapType})
		if err != nil {
			return err
		}
		err = bolt.Compact(to, db, compactBatch)
		if err == nil {
			err = to.Sync()
		}
		return errors.Join(err, to.Close())
	})
}

// Salvage copies every pair that can be read out of the buckets of a damaged
// file at from into a new file at path, and says how many were read and how
// many buckets broke off.
func Salvage(from, path string) (pairs, broken int, err error) {
	err = Replace(path, func(tmp string) error {
		to, err := bolt.Open(tmp, 0o600, &bolt.Options{NoSync: true, FreelistType: bolt.FreelistMapType})
		if err != nil {
			return err
		}
		var src *bolt.DB
		if failed := Guard(func() (err error) {
			src, err = bolt.Open(from, 0o400, &bolt.Options{Timeout: time.Second, ReadOnly: true})
			return err
		}); failed != nil {
			broken++
		} else {
			pairs, broken, err = copyReadable(to, src)
			_ = Guard(src.Close)
		}
		return errors.Join(err, to.Sync(), to.Close())
	})
	return pairs, broken, err
}

func copyReadable(to, from *bolt.DB) (pairs, broken int, err error) {
	err = to.Update(func(dst *bolt.Tx) error {
		failed := Guard(func() error {
			return from.View(func(src *bolt.Tx) error {
				return src.ForEach(func(name []byte, b *bolt.Bucket) error {
					into, err := dst.CreateBucketIfNotExists(name)
					if err != nil {
						return err
					}
					n, bad := copyBucket(into, b)
					pairs, broken = pairs+n, broken+bad
					return nil
				})
			})
		})
		if failed != nil {
			broken++
		}
		return nil
	})
	return pairs, broken, err
}

func copyBucket(to, from *bolt.Bucket) (pairs, broken int) {
	failed := Guard(func() error {
		if err := to.SetSequence(from.Sequence()); err != nil {
			return err
		}
		return from.ForEach(func(k, v []byte) error {
			if v != nil {
				pairs++
				return to.Put(k, bytes.Clone(v)) // a fault shows here, not at the commit
			}
			into, err := to.CreateBucketIfNotExists(k)
			if err != nil {
				return err
			}
			n, bad := copyBucket(into, from.Bucket(k))
			pairs, broken = pairs+n, broken+bad
			return nil
		})
	})
	if failed != nil {
		broken++
	}
	return pairs, broken
}

// Replace has write make a file under a temporary name beside path and puts it
// in path's place when it is whole and on the disk.
func Replace(path string, write func(tmp string) error) error {
	return wholefile.Write(path, 0o600, func(f *os.File) error { return write(f.Name()) })
}

// Exchange puts a copy of db without deleted data in path's place. settle, where
// not nil, may change the copy before. Where old is not nil, also beside an
// error, the copy stands there, and what stood there has no name any more: close
// db, which still has it open, and Overwrite it.
func Exchange(db *bolt.DB, path string, settle func(*bolt.Tx) error) (old *os.File, err error) {
	next := path + ".next"
	if err := CopyTo(db, next); err != nil {
		return nil, err
	}
	if settle != nil {
		if err := change(next, settle); err != nil {
			return nil, err
		}
	}
	if old, err = os.OpenFile(path, os.O_WRONLY, 0); err != nil {
		return nil, err
	}
	if err := os.Rename(next, path); err != nil {
		return nil, errors.Join(err, old.Close())
	}
	return old, wholefile.SyncFolder(filepath.Dir(path))
}

// change runs f on a file that nobody else knows.
func change(path string, f func(*bolt.Tx) error) error {
	db, err := Open(path, bolt.Options{})
	if err != nil {
		return err
	}
	return errors.Join(db.Update(f), db.Close())
}

// ShredAll shreds what a killed process left half written in a folder: the
// files of these patterns.
func ShredAll(folder string, patterns ...string) error {
	for _, pattern := range patterns {
		files, err := filepath.Glob(filepath.Join(folder, pattern))
		if err != nil {
			return err
		}
		for _, path := range files {
			if err := Shred(path); err != nil {
				return err
			}
		}
	}
	return nil
}

// Shred overwrites a file with noughts and removes it; one that is not there is
// none.
func Shred(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(Overwrite(f), os.Remove(path))
}

// Overwrite fills a file with noughts and closes it. On a disk that writes
// elsewhere each time this is all that a program can do.
func Overwrite(f *os.File) error {
	info, err := f.Stat()
	if err == nil {
		_, err = io.CopyN(f, noughts{}, info.Size())
	}
	return errors.Join(err, f.Sync(), f.Close())
}

type noughts struct{}

func (noughts) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
