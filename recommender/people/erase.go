package people

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	bolt "github.com/boltdb/bolt"

	"cheval/internal/boltfile"
)

// Erase removes a person for good: the profile, its events, its name on
// tickets; from the file, which is rewritten, from every backup and from what
// was set aside as damaged. What cannot be rewritten is dropped. Counts of
// products stay: nobody is in them. Where it is cut short, the next Open goes
// on. Models that learned from the person are the caller's to train again.
func (s *Store) Erase(id string) error {
	if err := s.Flush(); err != nil {
		return err
	}
	if err := s.update(beginErasing(id)); err != nil {
		return err
	}
	return s.finishErasing()
}

// beginErasing removes a person from the open file and marks that its old
// bytes, and other files, still hold them.
func beginErasing(id string) func(*bolt.Tx) error {
	return func(tx *bolt.Tx) error {
		if _, err := profile(tx, id); err != nil {
			return err
		}
		return errors.Join(
			tx.Bucket(erasingBucket).Put([]byte(id), []byte{}),
			tx.Bucket(metaBucket).Put(compactKey, []byte{1}),
			remove(tx, id))
	}
}

// remove takes a person out of an open file.
func remove(tx *bolt.Tx, id string) error {
	if err := tx.Bucket(profilesBucket).Delete([]byte(id)); err != nil {
		return err
	}
	if err := tx.Bucket(eventsBucket).DeleteBucket([]byte(id)); err != nil && !errors.Is(err, bolt.ErrBucketNotFound) {
		return err
	}
	return forgetOnTickets(tx.Bucket(ticketsBucket), id)
}

func forgetOnTickets(tickets *bolt.Bucket, id string) error {
	var theirs []Ticket
	err := tickets.ForEach(func(_, v []byte) error {
		var t Ticket
		if json.Unmarshal(v, &t) == nil && t.Profile == id {
			theirs = append(theirs, t)
		}
		return nil
	})
	for _, t := range theirs {
		t.Profile, t.Session = "", ""
		err = errors.Join(err, putJSON(tickets, number(t.Number), &t))
	}
	return err
}

// finishErasing brings every erasure that was begun to its end.
func (s *Store) finishErasing() error {
	var ids []string
	var compact bool
	err := s.view(func(tx *bolt.Tx) error {
		compact = tx.Bucket(metaBucket).Get(compactKey) != nil
		return tx.Bucket(erasingBucket).ForEach(func(k, _ []byte) error {
			ids = append(ids, string(k))
			return nil
		})
	})
	if err != nil || len(ids) == 0 && !compact {
		return errors.Join(err, s.dropRemains())
	}
	if err := s.eraseElsewhere(ids); err != nil {
		return err
	}
	err = s.update(func(tx *bolt.Tx) error {
		for _, id := range ids {
			if err := tx.Bucket(erasingBucket).Delete([]byte(id)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return errors.Join(s.rewrite(), s.dropRemains())
}

// eraseElsewhere takes people out of backups and of files set aside.
func (s *Store) eraseElsewhere(ids []string) error {
	files, err := s.Backups()
	if err != nil {
		return err
	}
	aside, err := filepath.Glob(filepath.Join(s.home, "people-damaged-*.db"))
	if err != nil {
		return err
	}
	for _, path := range append(files, aside...) {
		if eraseFrom(path, ids) != nil {
			if err := boltfile.Shred(path); err != nil {
				return fmt.Errorf("people: a backup could be neither rewritten nor removed: %w; remove it by hand", err)
			}
		}
	}
	return nil
}

// eraseFrom rewrites one file that is not open.
func eraseFrom(path string, ids []string) error {
	db, err := boltfile.Open(path, bolt.Options{Timeout: lockWait})
	if err != nil {
		return err
	}
	var old *os.File
	err = boltfile.Guard(func() error {
		if err := migrate(db); err != nil {
			return err
		}
		err := db.Update(func(tx *bolt.Tx) error {
			for _, id := range ids {
				if err := remove(tx, id); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		old, err = boltfile.Exchange(db, path, settle)
		return err
	})
	err = errors.Join(err, boltfile.Guard(db.Close))
	if old != nil {
		err = errors.Join(err, boltfile.Overwrite(old))
	}
	return err
}

// rewrite puts a compacted copy in the place of the open file.
func (s *Store) rewrite() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.db == nil {
		return errClosed
	}
	old, err := boltfile.Exchange(s.db, s.path, settle)
	if err != nil {
		err = fmt.Errorf("people: rewrite %s: %w; the erasing goes on at the next start", FileName, err)
	}
	if old == nil {
		return err
	}
	err = errors.Join(err, s.db.Close(), boltfile.Overwrite(old))
	db, failed := s.openWhole()
	s.db = db
	return errors.Join(err, failed)
}

// settle takes the mark of an unfinished erasure off a compacted file.
func settle(tx *bolt.Tx) error { return tx.Bucket(metaBucket).Delete(compactKey) }

// dropRemains overwrites and removes files that a killed process left half
// written.
func (s *Store) dropRemains() error {
	for _, folder := range []string{s.home, s.backupFolder()} {
		if err := boltfile.ShredAll(folder, "people*.next*", ".people*.tmp"); err != nil {
			return fmt.Errorf("people: overwrite what was erased: %w", err)
		}
	}
	return nil
}
