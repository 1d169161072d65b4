package store

import (
	"encoding/binary"
	"fmt"

	"cheval/internal/boltfile"

	bolt "github.com/boltdb/bolt"
)

// The buckets of the file. docs/catalogue.md describes what lies in each.
var (
	metaBucket     = []byte("meta")
	productsBucket = []byte("products") // ID → record
	sheetsBucket   = []byte("sheets")   // ID → record
	undoBucket     = []byte("undo")     // change → bucket of images
	redoBucket     = []byte("redo")     // likewise
	picturesBucket = []byte("pictures") // hash → how many refer to it
	keptBucket     = []byte("kept")     // hash → nothing: kept though nothing refers to it
	jobsBucket     = []byte("jobs")     // number → record
	vectorsBucket  = []byte("vectors")  // name → bucket of key → vector
)

var schemaKey = []byte("schema")

// migrations take a file from one schema to the next; the file's schema is how
// many it has been through. They run in one transaction. One that was released
// is never changed: another is added.
var migrations = []func(*bolt.Tx) error{
	func(tx *bolt.Tx) error {
		return makeBuckets(tx, metaBucket, productsBucket, sheetsBucket, undoBucket, redoBucket, picturesBucket, keptBucket)
	},
	func(tx *bolt.Tx) error { return makeBuckets(tx, jobsBucket, vectorsBucket) },
}

func makeBuckets(tx *bolt.Tx, names ...[]byte) error {
	for _, name := range names {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	return nil
}

// migrate brings a file to the newest schema.
func migrate(db *bolt.DB) error {
	has := 0
	err := db.View(func(tx *bolt.Tx) (err error) {
		has, err = schemaOf(tx)
		return err
	})
	if err != nil || has == len(migrations) {
		return err
	}
	return db.Update(func(tx *bolt.Tx) error {
		for _, m := range migrations[has:] {
			if err := m(tx); err != nil {
				return fmt.Errorf("bring its schema %d to %d: %w", has, len(migrations), err)
			}
		}
		return tx.Bucket(metaBucket).Put(schemaKey, binary.BigEndian.AppendUint64(nil, uint64(len(migrations))))
	})
}

// schemaOf is the file's schema; 0 of an empty one.
func schemaOf(tx *bolt.Tx) (int, error) {
	meta := tx.Bucket(metaBucket)
	if meta == nil {
		if k, _ := tx.Cursor().First(); k != nil {
			return 0, &boltfile.Damage{Why: "it is not a catalogue of Cheval"}
		}
		return 0, nil
	}
	v := meta.Get(schemaKey)
	if len(v) != 8 {
		return 0, &boltfile.Damage{Why: "its schema cannot be read"}
	}
	n := binary.BigEndian.Uint64(v)
	if n > uint64(len(migrations)) {
		return 0, fmt.Errorf("it was written by a newer Cheval (schema %d, this one knows %d); use that one", n, len(migrations))
	}
	return int(n), nil
}
