// Package people keeps what Cheval may remember of the people before the
// mirror: profiles of those who chose to have one with their events, counts
// per product in which nobody can be found, and the tickets of the till.
//
// A visit without a profile lives in memory (Visit) and goes with the person.
// What is erased is gone from the file, from its backups and from what was set
// aside. It leaves to others what an event means (recommender) and what is
// learned of them (recommender/model).
package people

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	bolt "github.com/boltdb/bolt"

	"cheval/internal/boltfile"
)

// FileName is the Bolt file in CHEVAL_HOME.
const FileName = "people.db"

// ErrNoProfile says that there is no profile with the ID that was asked for.
var ErrNoProfile = errors.New("there is no such profile")

var errClosed = errors.New("people: the store is closed")

// lockWait is how long another process may still hold the file.
const lockWait = 2 * time.Second

// Store is the open file. Any goroutine may use it.
type Store struct {
	home, path string
	now        func() time.Time
	recovered  *Recovered

	mu sync.RWMutex // held for writing while the file is exchanged
	db *bolt.DB     // nil: closed

	writer *writer
}

// Recovered tells what was read of a damaged file when the store was opened.
type Recovered struct {
	SetAside string // the damaged file's new name, in CHEVAL_HOME
	Records  int
	Lost     int // branches of the file that broke off
}

// Open opens the store in home, and makes it where there is none. A damaged
// file is set aside, and what can be read of it goes into a new one. An
// erasure that was cut short is brought to its end first.
func Open(home string) (*Store, error) { return open(home, time.Now) }

func open(home string, now func() time.Time) (*Store, error) {
	if err := os.MkdirAll(home, 0o700); err != nil {
		return nil, fmt.Errorf("people: make %s: %w", filepath.Base(home), err)
	}
	s := &Store{home: home, path: filepath.Join(home, FileName), now: now}
	if err := s.openOrRecover(); err != nil {
		return nil, fmt.Errorf("people: %w", err)
	}
	if err := s.finishErasing(); err != nil {
		s.db.Close()
		return nil, err
	}
	s.writer = newWriter(s)
	return s, nil
}

func (s *Store) openOrRecover() error {
	db, err := s.openWhole()
	if damage := (*boltfile.Damage)(nil); errors.As(err, &damage) {
		if err := s.recover(); err != nil {
			return fmt.Errorf("save what can be read of %s: %w", FileName, err)
		}
		db, err = s.openWhole()
	}
	s.db = db
	return err
}

// openWhole opens the file, brings it to the newest schema and looks at every
// page once.
func (s *Store) openWhole() (*bolt.DB, error) {
	db, err := boltfile.Open(s.path, bolt.Options{Timeout: lockWait})
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", FileName, err)
	}
	err = boltfile.Guard(func() error {
		if err := migrate(db); err != nil {
			return err
		}
		return lookThrough(db)
	})
	if err != nil {
		return nil, errors.Join(err, boltfile.Guard(db.Close))
	}
	return db, nil
}

// lookThrough reads every key and value, so that a broken page shows now.
func lookThrough(db *bolt.DB) error {
	return db.View(func(tx *bolt.Tx) error {
		return tx.ForEach(func(_ []byte, b *bolt.Bucket) error { return readAll(b) })
	})
}

// pageTouched reads a byte of each page that a value lies on.
func pageTouched(v []byte) (sum byte) {
	for i := 0; i < len(v); i += 4096 {
		sum += v[i]
	}
	return sum
}

func readAll(b *bolt.Bucket) error {
	return b.ForEach(func(k, v []byte) error {
		if v != nil {
			pageTouched(v)
			return nil
		}
		sub := b.Bucket(k)
		if sub == nil {
			return &boltfile.Damage{Why: "the file is damaged (a bucket cannot be read)"}
		}
		return readAll(sub)
	})
}

// recover sets the damaged file aside and makes a new one of what it holds.
func (s *Store) recover() error {
	aside := fmt.Sprintf("people-damaged-%s.db", s.now().UTC().Format("20060102T150405.000000000"))
	r := &Recovered{SetAside: aside}
	if err := os.Rename(s.path, filepath.Join(s.home, aside)); err != nil {
		return err
	}
	var err error
	if r.Records, r.Lost, err = boltfile.Salvage(filepath.Join(s.home, aside), s.path); err != nil {
		return err
	}
	s.recovered = r
	return nil
}

// Recovered tells what was saved of a damaged file; nil: it was whole.
func (s *Store) Recovered() *Recovered { return s.recovered }

// Close writes what was posted and closes the file.
func (s *Store) Close() error {
	err := s.writer.close()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.db == nil {
		return err
	}
	err = errors.Join(err, s.db.Close())
	s.db = nil
	return err
}

// view and update run f in a transaction.
func (s *Store) view(f func(*bolt.Tx) error) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.db == nil {
		return errClosed
	}
	return s.db.View(f)
}

func (s *Store) update(f func(*bolt.Tx) error) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.db == nil {
		return errClosed
	}
	return s.db.Update(f)
}

func getJSON(b *bolt.Bucket, key []byte, into any) (bool, error) {
	v := b.Get(key)
	if v == nil {
		return false, nil
	}
	if err := json.Unmarshal(v, into); err != nil {
		return false, fmt.Errorf("people: a record cannot be read: %w", err)
	}
	return true, nil
}

func putJSON(b *bolt.Bucket, key []byte, from any) error {
	v, err := json.Marshal(from)
	if err != nil {
		return fmt.Errorf("people: write a record: %w", err)
	}
	return b.Put(key, v)
}

func number(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }
