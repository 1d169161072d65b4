package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	bolt "github.com/boltdb/bolt"

	"cheval/catalog"
)

// Batch is what one transaction changes: all of it or, on an error, nothing.
type Batch struct {
	Kind ChangeKind
	Note string // for the user, such as the name of the file that was imported
	// Put adds products, or replaces those with the same IDs. A product without
	// a Sheet keeps the one that the store has of it.
	Put    []*catalog.Product
	Delete []string // IDs
	// Looks are what products of Put look like: PictureVectors, by their IDs.
	// They are not undone.
	Looks []Vector
	// Done are the jobs that this batch finishes. They are not undone.
	Done []uint64
	// Into is the change that this batch goes on with, so that an import of
	// many batches is undone as one; 0 begins a change. It must be the newest.
	Into uint64
}

// ErrAbsent says that a product, picture or job is not in the store.
var ErrAbsent = errors.New("the store has none")

// Apply writes a batch and returns the change that undoes it; the zero Change
// where nothing differs from what is stored. Products must be valid, and their
// pictures there already. Products are copied. It returns after the disk has
// it all.
func (s *Store) Apply(ctx context.Context, b Batch) (Change, error) {
	var change Change
	err := s.write(ctx, func(w *writing) error {
		if err := w.begin(b); err != nil {
			return err
		}
		for _, p := range b.Put {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := w.put(p); err != nil {
				return err
			}
		}
		for _, id := range b.Delete {
			if err := w.delete(id); err != nil {
				return err
			}
		}
		if err := putVectors(w.tx, PictureVectors, b.Looks); err != nil {
			return err
		}
		for _, id := range b.Done {
			if err := w.removeJob(id); err != nil {
				return err
			}
		}
		var err error
		change, err = w.end()
		return err
	})
	return change, err
}

// write runs one transaction and then shows what it did to readers.
func (s *Store) write(ctx context.Context, do func(*writing) error) error {
	s.writes.Lock()
	defer s.writes.Unlock()
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	var w *writing
	err := s.db.Update(func(tx *bolt.Tx) (err error) {
		if w, err = newWriting(tx, s.pictures); err != nil {
			return err
		}
		return do(w)
	})
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	if len(w.touched) > 0 {
		s.follow(w.touched)
		s.tellWatchers()
	}
	return nil
}

// writing is a transaction that is under way.
type writing struct {
	tx       *bolt.Tx
	files    *pictures // nil: what is referred to is not looked for
	products *bolt.Bucket
	sheets   *bolt.Bucket
	stamp    uint64
	undoable bool
	change   Change
	images   *bolt.Bucket // what was there before, of the change; nil until needed
	touched  []touch
}

// touch is what became of a product: its record, or nil.
type touch struct {
	id  string
	rec []byte
}

func newWriting(tx *bolt.Tx, files *pictures) (*writing, error) {
	w := &writing{tx: tx, files: files, products: tx.Bucket(productsBucket), sheets: tx.Bucket(sheetsBucket)}
	var err error
	w.stamp, err = tx.Bucket(metaBucket).NextSequence()
	return w, err
}

// begin makes what follows a change that can be undone.
func (w *writing) begin(b Batch) error {
	w.undoable = true
	w.change = Change{ID: w.stamp, Kind: b.Kind, Note: b.Note, At: time.Now().UTC().Truncate(time.Millisecond)}
	if b.Into == 0 {
		return nil
	}
	newest, images, err := newestChange(w.tx.Bucket(undoBucket))
	if err != nil {
		return err
	}
	if newest.ID != b.Into {
		return fmt.Errorf("go on with change %d: other changes came after it", b.Into)
	}
	w.change, w.images = newest, images
	return nil
}

// put writes a product, and its sheet where it has one.
func (w *writing) put(p *catalog.Product) error {
	if err := p.Validate(); err != nil {
		return err
	}
	position, err := w.position(p.ID)
	if err != nil {
		return err
	}
	rec, err := sealProduct(p, w.stamp, position)
	if err != nil {
		return fmt.Errorf("write product %s: %w", p.ID, err)
	}
	changed, err := w.set(w.products, 'p', p.ID, rec)
	if err != nil {
		return fmt.Errorf("write product %s: %w", p.ID, err)
	}
	if p.Sheet != nil {
		if rec, err = sealSheet(p, w.stamp); err == nil {
			var sheet bool
			sheet, err = w.set(w.sheets, 's', p.ID, rec)
			changed = changed || sheet
		}
		if err != nil {
			return fmt.Errorf("write the sheet of product %s: %w", p.ID, err)
		}
	}
	if changed {
		w.change.Products++
	}
	return nil
}

// position is where a product stands in the shop's order: where it stood, or
// last.
func (w *writing) position(id string) (uint64, error) {
	if old := w.products.Get([]byte(id)); old != nil {
		h, _, err := unseal(old)
		if err == nil {
			return h.position, nil
		}
	}
	return w.products.NextSequence()
}

func (w *writing) delete(id string) error {
	if w.products.Get([]byte(id)) == nil {
		return fmt.Errorf("delete product %s: %w", id, ErrAbsent)
	}
	if _, err := w.set(w.products, 'p', id, nil); err != nil {
		return fmt.Errorf("delete product %s: %w", id, err)
	}
	if w.sheets.Get([]byte(id)) != nil {
		if _, err := w.set(w.sheets, 's', id, nil); err != nil {
			return fmt.Errorf("delete product %s: %w", id, err)
		}
	}
	w.change.Products++
	return dropVectors(w.tx, id)
}

// set writes a record, or with nil removes it, and keeps what was there for
// undo. It says whether anything differs.
func (w *writing) set(b *bolt.Bucket, letter byte, id string, rec []byte) (bool, error) {
	before := b.Get([]byte(id))
	if before != nil && rec != nil && bytes.Equal(before[headerBytes:], rec[headerBytes:]) {
		return false, nil
	}
	if err := w.refer(rec, +1); err != nil {
		return false, err
	}
	kept, err := w.keepImage(letter, id, before)
	if err != nil {
		return false, err
	}
	if !kept {
		if err := w.refer(before, -1); err != nil {
			return false, err
		}
	}
	if letter == 'p' {
		w.touched = append(w.touched, touch{id, rec})
	}
	if rec == nil {
		return true, b.Delete([]byte(id))
	}
	return true, b.Put([]byte(id), rec)
}

// keepImage keeps what was there before the change's first touch.
func (w *writing) keepImage(letter byte, id string, before []byte) (bool, error) {
	if !w.undoable {
		return false, nil
	}
	if w.images == nil {
		var err error
		if w.images, err = w.tx.Bucket(undoBucket).CreateBucket(numberKey(w.change.ID)); err != nil {
			return false, err
		}
	}
	key := append([]byte{letter}, id...)
	if w.images.Get(key) != nil {
		return false, nil
	}
	w.change.Bytes += int64(len(before))
	return true, w.images.Put(key, append([]byte{}, before...))
}

// end completes the change, forgets what was undone before it, and the oldest.
func (w *writing) end() (Change, error) {
	if w.images == nil {
		return Change{}, nil
	}
	if err := writeChange(w.images, w.change); err != nil {
		return Change{}, err
	}
	if err := w.forget(redoBucket, 0, 0); err != nil {
		return Change{}, err
	}
	return w.change, w.forget(undoBucket, keptChanges, keptBytes)
}
