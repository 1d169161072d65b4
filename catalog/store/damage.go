package store

import (
	"encoding/binary"
	"fmt"
	"os"

	"cheval/internal/boltfile"

	bolt "github.com/boltdb/bolt"
)

// lookThrough reads all that cannot be made again and checks it.
func lookThrough(db *bolt.DB, path string) error {
	return db.View(func(tx *bolt.Tx) error {
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		if info.Size() < tx.Size() {
			return &boltfile.Damage{Why: fmt.Sprintf("the file is damaged (cut off after %d of %d bytes)", info.Size(), tx.Size())}
		}
		for _, name := range [][]byte{metaBucket, productsBucket, sheetsBucket, undoBucket, redoBucket, picturesBucket, keptBucket, jobsBucket, vectorsBucket} {
			b := tx.Bucket(name)
			if b == nil {
				return &boltfile.Damage{Why: fmt.Sprintf("the file is damaged (its part %s is missing)", name)}
			}
			if err := lookThroughBucket(b, string(name)); err != nil {
				return err
			}
		}
		return nil
	})
}

// mendHeads writes both heads of the file anew where one is damaged: Bolt reads
// the other, but its own check does not bear it.
func mendHeads(db *bolt.DB, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	head, whole := make([]byte, pageHeader), true
	for number := range int64(2) {
		if _, err := f.ReadAt(head, number*int64(db.Info().PageSize)); err != nil {
			return err
		}
		whole = whole && binary.LittleEndian.Uint64(head) == uint64(number) && binary.LittleEndian.Uint16(head[8:]) == metaPage
	}
	for range 2 {
		if whole {
			break
		}
		if err := db.Update(func(*bolt.Tx) error { return nil }); err != nil {
			return err
		}
	}
	return nil
}

func lookThroughBucket(b *bolt.Bucket, name string) error {
	return b.ForEach(func(k, v []byte) (err error) {
		switch name {
		case string(productsBucket), string(sheetsBucket), string(jobsBucket):
			_, _, err = unseal(v)
		case string(undoBucket), string(redoBucket):
			_, err = readChange(b.Bucket(k))
		}
		if err != nil {
			return &boltfile.Damage{Why: fmt.Sprintf("the file is damaged (%s %.100q: %v)", name, k, err)}
		}
		return nil
	})
}
