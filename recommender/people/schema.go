package people

import (
	"encoding/binary"
	"fmt"

	bolt "github.com/boltdb/bolt"

	"cheval/internal/boltfile"
)

// The buckets of the file.
var (
	metaBucket     = []byte("meta")
	profilesBucket = []byte("profiles") // ID → profile
	eventsBucket   = []byte("events")   // profile's ID → bucket of number → event
	countsBucket   = []byte("counts")   // product → bucket of day + what → sum
	ticketsBucket  = []byte("tickets")  // number → ticket
	erasingBucket  = []byte("erasing")  // ID of a profile whose erasing is not done
)

var (
	schemaKey  = []byte("schema")
	compactKey = []byte("compact") // there: the file holds remains of something erased
	saltKey    = []byte("salt")    // of the noise in groups' figures
)

// migrations take a file from one schema to the next; the file's schema is how
// many it has been through. One that was released is never changed.
var migrations = []func(*bolt.Tx) error{
	func(tx *bolt.Tx) error {
		for _, name := range [][]byte{metaBucket, profilesBucket, eventsBucket, countsBucket, ticketsBucket, erasingBucket} {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		return nil
	},
}

func migrate(db *bolt.DB) error {
	return db.Update(func(tx *bolt.Tx) error {
		has, err := schemaOf(tx)
		if err != nil {
			return err
		}
		for _, m := range migrations[has:] {
			if err := m(tx); err != nil {
				return fmt.Errorf("bring its schema %d to %d: %w", has, len(migrations), err)
			}
		}
		return setSchema(len(migrations))(tx)
	})
}

func setSchema(n int) func(*bolt.Tx) error {
	return func(tx *bolt.Tx) error { return tx.Bucket(metaBucket).Put(schemaKey, number(uint64(n))) }
}

// schemaOf is the file's schema; 0 of an empty one, and of one whose meta did
// not survive: every migration may run again on what is there.
func schemaOf(tx *bolt.Tx) (int, error) {
	meta := tx.Bucket(metaBucket)
	if meta == nil {
		return 0, nil
	}
	v := meta.Get(schemaKey)
	if v == nil {
		return 0, nil
	}
	if len(v) != 8 {
		return 0, &boltfile.Damage{Why: "the file is damaged (its schema cannot be read)"}
	}
	n := binary.BigEndian.Uint64(v)
	if n > uint64(len(migrations)) {
		return 0, fmt.Errorf("%s was written by a newer Cheval (schema %d, this one knows %d); use that one", FileName, n, len(migrations))
	}
	return int(n), nil
}
