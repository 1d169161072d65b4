// Package store keeps a shop's catalogue on disk: products and their
// spreadsheet rows, every change with what undoes it, the studio's queue and
// embeddings in one Bolt file, and pictures as files named by their SHA-256.
//
// What a method reports as written is on the disk; a process that dies at any
// moment leaves a store in which each write is there whole or not at all.
//
// It leaves to others what a product is (catalog), how products are found
// (catalog/search) and how they come in and go out (catalog/exchange).
package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	bolt "github.com/boltdb/bolt"

	"cheval/catalog"
	"cheval/internal/boltfile"
	"cheval/internal/wholefile"
)

// FileName is the Bolt file in CHEVAL_HOME.
const FileName = "catalogue.db"

// ErrHeld says that another process has the store open.
var ErrHeld = errors.New("Cheval is open; close it, or do this in its studio") //lint:ignore ST1005 a name begins it

// Options say how a store is opened.
type Options struct {
	// Seed gives the products of a store that is made for the first time; nil:
	// none.
	Seed func() (*catalog.Catalogue, error)
	// Wait is how long to wait for another process; 0: two seconds.
	Wait time.Duration
}

// Store is an open store. Any goroutine may use it.
type Store struct {
	home     string
	db       *bolt.DB
	pictures *pictures
	recovery *Recovery
	swept    int

	writes   sync.Mutex // one write at a time, until readers see it; taken before mu
	mu       sync.Mutex // guards what follows
	loaded   bool
	items    []item // of the snapshot, by position
	snapshot *catalog.Catalogue
	watchers map[chan struct{}]bool
	closed   bool
}

// Exists says whether home has a store.
func Exists(home string) bool {
	_, err := os.Stat(filepath.Join(home, FileName))
	return err == nil
}

// Open opens the store in home, and makes it where there is none. A damaged
// file is set aside and what can be read of it is saved into a new one:
// Recovered tells. Where another process has it open, the error is ErrHeld.
func Open(home string, o Options) (*Store, error) {
	s := &Store{home: home, watchers: map[chan struct{}]bool{}}
	if o.Wait == 0 {
		o.Wait = 2 * time.Second
	}
	if err := s.open(o); err != nil {
		s.closeFiles()
		return nil, err
	}
	return s, nil
}

func (s *Store) open(o Options) (err error) {
	if s.pictures, err = openPictures(s.home); err != nil {
		return err
	}
	path := filepath.Join(s.home, FileName)
	if err := s.makeIfMissing(path, o.Seed); err != nil {
		return err
	}
	s.db, err = openFile(path, o.Wait)
	if damaged := (*boltfile.Damage)(nil); errors.As(err, &damaged) {
		if s.recovery, err = salvage(path, s.pictures, damaged, o.Seed); err == nil {
			s.db, err = openFile(path, o.Wait)
		}
	}
	if err != nil {
		return err
	}
	// Of a restore that was killed before it replaced anything.
	_ = os.Remove(path + recoveredEnding)
	if err := s.resumeJobs(); err != nil {
		return err
	}
	s.swept, err = s.sweep()
	return err
}

// openFile opens a Bolt file that exists, brings its schema up to date and
// looks through it once. What is wrong with the file itself is a *boltfile.Damage.
func openFile(path string, wait time.Duration) (db *bolt.DB, err error) {
	for range 3 {
		before, err := os.Stat(path)
		if err != nil {
			return nil, fmt.Errorf("store: open %s: %w", filepath.Base(path), err)
		}
		if db, err = openOnce(path, wait); err != nil {
			return nil, err
		}
		if after, err := os.Stat(path); err == nil && os.SameFile(before, after) {
			return db, nil
		}
		// While it waited, a backup was restored: what it has open was set aside.
		if err := db.Close(); err != nil {
			return nil, fmt.Errorf("store: open %s: %w", filepath.Base(path), err)
		}
	}
	return nil, fmt.Errorf("store: open %s: it is being replaced over and over; try again", filepath.Base(path))
}

// openBolt opens a file; one that another process holds is ErrHeld.
func openBolt(path string, o bolt.Options) (*bolt.DB, error) {
	db, err := boltfile.Open(path, o)
	if errors.Is(err, boltfile.ErrHeld) {
		err = ErrHeld
	}
	return db, err
}

func openOnce(path string, wait time.Duration) (db *bolt.DB, err error) {
	// Room to grow without waiting for a backup that reads.
	if db, err = openBolt(path, bolt.Options{Timeout: wait, InitialMmapSize: 1 << 30}); err != nil {
		return nil, fmt.Errorf("store: open %s: %w", filepath.Base(path), err)
	}
	err = boltfile.Guard(func() error {
		db.AllocSize = 4 << 20 // by which the file grows
		if err := migrate(db); err != nil {
			return err
		}
		if err := lookThrough(db, path); err != nil {
			return err
		}
		return mendHeads(db, path)
	})
	if err == nil {
		return db, nil
	}
	_ = boltfile.Guard(db.Close)
	return nil, fmt.Errorf("store: open %s: %w", filepath.Base(path), err)
}

// makeIfMissing makes the file with its seed, whole or not at all. Of two
// processes that do it at once one wins, and both use its file.
func (s *Store) makeIfMissing(path string, seed func() (*catalog.Catalogue, error)) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	if err := takeRecovered(path); err != nil || Exists(s.home) {
		return err
	}
	tmp, err := os.CreateTemp(s.home, FileName+".new-*")
	if err != nil {
		return fmt.Errorf("store: make %s: %w", FileName, err)
	}
	tmp.Close()
	defer os.Remove(tmp.Name())
	if err := makeFile(tmp.Name(), seed); err != nil {
		return fmt.Errorf("store: make %s: %w", FileName, err)
	}
	if err := os.Link(tmp.Name(), path); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("store: make %s: %w", FileName, err)
	}
	return syncFolder(s.home)
}

// makeFile fills an empty file.
func makeFile(path string, seed func() (*catalog.Catalogue, error)) error {
	var products []*catalog.Product
	if seed != nil {
		c, err := seed()
		if err != nil {
			return err
		}
		products = c.All()
	}
	db, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: time.Second, FreelistType: bolt.FreelistMapType})
	if err != nil {
		return err
	}
	err = migrate(db)
	if err == nil {
		err = db.Update(func(tx *bolt.Tx) error { return plant(tx, products) })
	}
	return errors.Join(err, db.Close())
}

// plant writes products that nothing undoes.
func plant(tx *bolt.Tx, products []*catalog.Product) error {
	w, err := newWriting(tx, nil)
	if err != nil {
		return err
	}
	for _, p := range products {
		if err := w.put(p); err != nil {
			return err
		}
	}
	return nil
}

// Home is the folder that the store lies in.
func (s *Store) Home() string { return s.home }

// Recovered tells what was saved of a damaged file when the store was opened;
// nil: it was whole.
func (s *Store) Recovered() *Recovery { return s.recovery }

// Swept is how many files were removed at opening that nothing refers to, such
// as pictures of an import that was killed.
func (s *Store) Swept() int { return s.swept }

// Close waits for what is being read and written, and closes the store.
func (s *Store) Close() error {
	s.writes.Lock()
	defer s.writes.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	for ch := range s.watchers {
		close(ch)
	}
	s.watchers = nil
	return s.closeFiles()
}

func (s *Store) closeFiles() (err error) {
	if s.db != nil {
		err = s.db.Close()
	}
	if s.pictures != nil {
		err = errors.Join(err, s.pictures.root.Close())
	}
	if err != nil {
		return fmt.Errorf("store: close: %w", err)
	}
	return nil
}

// syncFolder makes what was renamed or linked in a folder last.
func syncFolder(path string) error {
	if err := wholefile.SyncFolder(path); err != nil {
		return fmt.Errorf("store: sync %s: %w", filepath.Base(path), err)
	}
	return nil
}
