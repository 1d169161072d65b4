package people

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	bolt "github.com/boltdb/bolt"

	"cheval/internal/boltfile"
	"cheval/recommender"
)

// Backups lie in one folder, so that erasing finds them.
func (s *Store) backupFolder() string { return filepath.Join(s.home, "backups") }

// Backup writes a copy beside the others while the store is in use, and
// returns its path. The copy is whole and on the disk, or not there.
func (s *Store) Backup() (string, error) {
	if err := s.Flush(); err != nil {
		return "", err
	}
	if err := os.MkdirAll(s.backupFolder(), 0o700); err != nil {
		return "", fmt.Errorf("people: make the folder of backups: %w", err)
	}
	path := filepath.Join(s.backupFolder(), "people-"+s.now().UTC().Format("20060102T150405.000000000")+".db")
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.db == nil {
		return "", errClosed
	}
	if err := boltfile.CopyTo(s.db, path); err != nil {
		return "", fmt.Errorf("people: write a backup: %w", err)
	}
	return path, nil
}

// Backups returns the paths of the copies, oldest first.
func (s *Store) Backups() ([]string, error) {
	return filepath.Glob(filepath.Join(s.backupFolder(), "people-*.db"))
}

// exported is the form of what a person takes along.
type exported struct {
	Profile *recommender.Profile `json:"profile"`
	Events  []recommender.Event  `json:"events"`
	Tickets []Ticket             `json:"tickets"`
}

// Export writes all that is kept of a person, as JSON.
func (s *Store) Export(id string, w io.Writer) error {
	if err := s.Flush(); err != nil {
		return err
	}
	p, err := s.Profile(id)
	if err != nil {
		return err
	}
	out := exported{Profile: p, Events: []recommender.Event{}, Tickets: []Ticket{}}
	err = s.view(func(tx *bolt.Tx) error {
		err := tx.Bucket(ticketsBucket).ForEach(func(_, v []byte) error {
			var t Ticket
			if err := json.Unmarshal(v, &t); err == nil && t.Profile == id {
				out.Tickets = append(out.Tickets, t)
			}
			return nil
		})
		if b := tx.Bucket(eventsBucket).Bucket([]byte(id)); b != nil {
			err = errors.Join(err, eachEvent(b, func(e *recommender.Event) error {
				out.Events = append(out.Events, *e)
				return nil
			}))
		}
		return err
	})
	if err != nil {
		return err
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(&out)
}
