package store

import (
	"context"
	"errors"
	"io"

	"cheval/catalog"
)

// Shelf lets an import of many batches write into a store as one change, which
// one undo takes back. One goroutine at a time may use it.
type Shelf struct {
	store *Store
	kind  ChangeKind
	note  string
	into  uint64
}

// NewShelf begins a change of a kind. note is for the user, such as the name of
// the file that is imported.
func (s *Store) NewShelf(kind ChangeKind, note string) *Shelf {
	return &Shelf{store: s, kind: kind, note: note}
}

// Product is the product with an ID; nil where there is none.
func (s *Shelf) Product(id string) (*catalog.Product, error) {
	p, err := s.store.Product(id)
	if errors.Is(err, ErrAbsent) {
		return nil, nil
	}
	return p, err
}

// Put writes products, all or none, and returns after they are on the disk.
func (s *Shelf) Put(ctx context.Context, products []*catalog.Product) error {
	change, err := s.store.Apply(ctx, Batch{Kind: s.kind, Note: s.note, Put: products, Into: s.into})
	if err == nil && change.ID != 0 {
		s.into = change.ID
	}
	return err
}

// PutPicture is that of the store.
func (s *Shelf) PutPicture(r io.Reader) (string, error) { return s.store.PutPicture(r) }
