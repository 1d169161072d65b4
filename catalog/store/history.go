package store

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	bolt "github.com/boltdb/bolt"
)

// How much of the past is kept; the newest change always is.
const (
	keptChanges = 100
	keptBytes   = 128 << 20
)

// ChangeKind is what was done, for the user to recognise.
type ChangeKind string

const (
	Import   ChangeKind = "import"
	Edit     ChangeKind = "edit"
	Publish  ChangeKind = "publish"
	Withdraw ChangeKind = "withdraw"
	Remove   ChangeKind = "remove"
	Photos   ChangeKind = "photos"
	Generate ChangeKind = "generate"
)

// Change is one thing that was done and can be undone.
type Change struct {
	ID       uint64     `json:"id"`
	Kind     ChangeKind `json:"kind"`
	Note     string     `json:"note,omitempty"`
	Products int        `json:"products"` // that it touched
	At       time.Time  `json:"at"`
	Bytes    int64      `json:"-"` // that are kept to undo it
}

// changeKey is the change itself in its bucket of images; those have keys that
// begin with p or s.
var changeKey = []byte("change")

// storedChange is a change in the file.
type storedChange struct {
	Change
	Bytes int64 `json:"bytes"`
}

// ErrNothing says that there is nothing to undo or redo.
var ErrNothing = errors.New("there is nothing left to undo or redo")

// Changes are those that can be undone, newest first.
func (s *Store) Changes() ([]Change, error) { return s.changes(undoBucket) }

// Undone are those that can be redone, the one undone last first.
func (s *Store) Undone() ([]Change, error) { return s.changes(redoBucket) }

func (s *Store) changes(bucket []byte) (out []Change, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		b := tx.Bucket(bucket)
		c := b.Cursor()
		for k, _ := c.Last(); k != nil; k, _ = c.Prev() {
			change, err := readChange(b.Bucket(k))
			if err != nil {
				return err
			}
			out = append(out, change)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("store: read the changes: %w", err)
	}
	if string(bucket) == string(redoBucket) { // the oldest of them was undone last
		for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
			out[i], out[j] = out[j], out[i]
		}
	}
	return out, nil
}

// Undo takes the newest change back and returns it; ErrNothing if there is
// none.
func (s *Store) Undo(ctx context.Context) (Change, error) {
	return s.swap(ctx, undoBucket, redoBucket)
}

// Redo does again what was undone last; ErrNothing if there is nothing, or
// something else was changed since.
func (s *Store) Redo(ctx context.Context) (Change, error) {
	return s.swap(ctx, redoBucket, undoBucket)
}

// swap exchanges what is stored with the images of a change of one bucket, and
// keeps in the other what was stored.
func (s *Store) swap(ctx context.Context, from, to []byte) (change Change, err error) {
	err = s.write(ctx, func(w *writing) error {
		source := w.tx.Bucket(from)
		key, _ := source.Cursor().Last()
		if string(from) == string(redoBucket) {
			key, _ = source.Cursor().First()
		}
		if key == nil {
			return ErrNothing
		}
		key = append([]byte{}, key...)
		images := source.Bucket(key)
		if change, err = readChange(images); err != nil {
			return err
		}
		kept, err := w.tx.Bucket(to).CreateBucket(key)
		if err != nil {
			return err
		}
		if err := w.exchange(images, kept, &change); err != nil {
			return fmt.Errorf("undo: %w", err)
		}
		return source.DeleteBucket(key)
	})
	return change, err
}

// exchange puts every image where it was taken from, and into kept what stands
// there now. References to pictures stay as many as they were.
func (w *writing) exchange(images, kept *bolt.Bucket, change *Change) error {
	change.Bytes = 0
	err := images.ForEach(func(k, image []byte) error {
		bucket := w.products
		switch {
		case string(k) == string(changeKey):
			return nil
		case k[0] == 's':
			bucket = w.sheets
		}
		id := append([]byte{}, k[1:]...)
		now := append([]byte{}, bucket.Get(id)...)
		change.Bytes += int64(len(now))
		if err := kept.Put(append([]byte{}, k...), now); err != nil {
			return err
		}
		return w.restore(bucket, id, image)
	})
	if err != nil {
		return err
	}
	return writeChange(kept, *change)
}

// restore writes an image back; an empty one removes.
func (w *writing) restore(bucket *bolt.Bucket, id, image []byte) (err error) {
	var rec []byte
	if len(image) > 0 {
		if rec, err = restamped(image, w.stamp); err != nil {
			return err
		}
	}
	if bucket == w.products {
		w.touched = append(w.touched, touch{string(id), rec})
	}
	if rec != nil {
		return bucket.Put(id, rec)
	}
	if bucket == w.products {
		if err := dropVectors(w.tx, string(id)); err != nil {
			return err
		}
	}
	return bucket.Delete(id)
}

// forget drops the oldest changes of a bucket until at most n with together
// at most size bytes are left.
func (w *writing) forget(bucket []byte, n int, size int64) error {
	b := w.tx.Bucket(bucket)
	var keys [][]byte // newest first
	var drop [][]byte
	var sum int64
	c := b.Cursor()
	for k, _ := c.Last(); k != nil; k, _ = c.Prev() {
		change, err := readChange(b.Bucket(k))
		if err != nil {
			return err
		}
		sum += change.Bytes
		if keys = append(keys, k); len(keys) > n || sum > size && len(keys) > 1 {
			drop = append(drop, append([]byte{}, k...))
		}
	}
	for _, k := range drop {
		err := b.Bucket(k).ForEach(func(k, image []byte) error {
			if string(k) == string(changeKey) || len(image) == 0 {
				return nil
			}
			return w.refer(image, -1)
		})
		if err != nil {
			return err
		}
		if err := b.DeleteBucket(k); err != nil {
			return err
		}
	}
	return nil
}

// newestChange is the change that would be undone next, and its images.
func newestChange(b *bolt.Bucket) (Change, *bolt.Bucket, error) {
	k, _ := b.Cursor().Last()
	if k == nil {
		return Change{}, nil, nil
	}
	images := b.Bucket(k)
	change, err := readChange(images)
	return change, images, err
}

func readChange(images *bolt.Bucket) (Change, error) {
	if images == nil {
		return Change{}, errors.New("a change has no images")
	}
	var c storedChange
	if err := json.Unmarshal(images.Get(changeKey), &c); err != nil {
		return Change{}, fmt.Errorf("read a change: %w", err)
	}
	c.Change.Bytes = c.Bytes
	return c.Change, nil
}

func writeChange(images *bolt.Bucket, c Change) error {
	data, err := json.Marshal(storedChange{c, c.Bytes})
	if err != nil {
		return err
	}
	return images.Put(changeKey, data)
}

// numberKey is a number as a key that sorts.
func numberKey(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }
