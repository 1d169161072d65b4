package store

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"

	bolt "github.com/boltdb/bolt"

	"cheval/catalog"
)

// item is a product of the snapshot.
type item struct {
	position uint64
	product  *catalog.Product
}

// Catalogue is every product as of now, in the shop's order. It does not
// change: after a write, ask again. Its products are shared and hold no Sheet;
// one that did not change is the same pointer in the next catalogue. The first
// call reads the whole file.
func (s *Store) Catalogue() (*catalog.Catalogue, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.loaded {
		items, err := s.load()
		if err != nil {
			return nil, fmt.Errorf("store: read the catalogue: %w", err)
		}
		s.items, s.loaded, s.snapshot = items, true, nil
	}
	if s.snapshot == nil {
		products := make([]*catalog.Product, len(s.items))
		for i := range s.items {
			products[i] = s.items[i].product
		}
		c, err := catalog.Of(products)
		if err != nil {
			return nil, fmt.Errorf("store: read the catalogue: %w", err)
		}
		s.snapshot = c
	}
	return s.snapshot, nil
}

// load decodes every product, on all cores.
func (s *Store) load() (items []item, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		b := tx.Bucket(productsBucket)
		var records [][]byte
		err := b.ForEach(func(_, rec []byte) error {
			records = append(records, rec)
			return nil
		})
		if err != nil {
			return err
		}
		items = make([]item, len(records))
		return onAllCores(len(records), func(i int) error {
			h, p, err := unsealProduct(records[i])
			items[i] = item{h.position, p}
			return err
		})
	})
	slices.SortFunc(items, byPosition)
	return items, err
}

func byPosition(a, b item) int {
	switch {
	case a.position < b.position:
		return -1
	case a.position > b.position:
		return 1
	}
	return 0
}

// onAllCores calls do for 0 to n-1 and returns the first error.
func onAllCores(n int, do func(int) error) error {
	workers := min(runtime.GOMAXPROCS(0), n/256+1)
	errs := make([]error, workers)
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			for i := w * n / workers; i < (w+1)*n/workers && errs[w] == nil; i++ {
				errs[w] = do(i)
			}
		})
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// follow brings the snapshot up to what was just written.
func (s *Store) follow(touched []touch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.snapshot = nil
	if !s.loaded {
		return
	}
	last := make(map[string][]byte, len(touched))
	for _, t := range touched {
		last[t.id] = t.rec
	}
	items := slices.DeleteFunc(slices.Clone(s.items), func(it item) bool {
		_, gone := last[it.product.ID]
		return gone
	})
	for _, rec := range last {
		if rec == nil {
			continue
		}
		h, p, err := unsealProduct(rec)
		if err != nil { // cannot be: it was just sealed; read it all anew
			s.items, s.loaded = nil, false
			return
		}
		items = append(items, item{h.position, p})
	}
	slices.SortFunc(items, byPosition)
	s.items = items
}

// Product reads one product whole, its Sheet included. It is the caller's own.
// The error is ErrAbsent where there is none.
func (s *Store) Product(id string) (p *catalog.Product, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		rec := tx.Bucket(productsBucket).Get([]byte(id))
		if rec == nil {
			return ErrAbsent
		}
		if _, p, err = unsealProduct(rec); err != nil {
			return err
		}
		if rec = tx.Bucket(sheetsBucket).Get([]byte(id)); rec != nil {
			_, p.Sheet, err = unsealSheet(rec)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: read product %s: %w", id, err)
	}
	return p, nil
}

// Count is how many products there are.
func (s *Store) Count() (n int, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		n = tx.Bucket(productsBucket).Stats().KeyN
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("store: count products: %w", err)
	}
	return n, nil
}

// Each calls visit with every product whole, its Sheet included, in the shop's
// order, all as of one moment. Writes by visit are not seen. It stops at the
// first error, which it returns.
func (s *Store) Each(ctx context.Context, visit func(*catalog.Product) error) error {
	return s.db.View(func(tx *bolt.Tx) error {
		order, err := inOrder(tx)
		if err != nil {
			return fmt.Errorf("store: %w", err)
		}
		sheets := tx.Bucket(sheetsBucket)
		for _, rec := range order {
			if err := ctx.Err(); err != nil {
				return err
			}
			_, p, err := unsealProduct(rec)
			if err == nil {
				if rec := sheets.Get([]byte(p.ID)); rec != nil {
					_, p.Sheet, err = unsealSheet(rec)
				}
			}
			if err != nil {
				return fmt.Errorf("store: read a product: %w", err)
			}
			if err := visit(p); err != nil {
				return err
			}
		}
		return nil
	})
}

// inOrder is every product's record in the shop's order.
func inOrder(tx *bolt.Tx) ([][]byte, error) {
	type placed struct {
		position uint64
		rec      []byte
	}
	var all []placed
	err := tx.Bucket(productsBucket).ForEach(func(id, rec []byte) error {
		h, _, err := unseal(rec)
		all = append(all, placed{h.position, rec})
		if err != nil {
			return fmt.Errorf("product %s: %w", id, err)
		}
		return nil
	})
	slices.SortFunc(all, func(a, b placed) int { return byPosition(item{position: a.position}, item{position: b.position}) })
	records := make([][]byte, len(all))
	for i := range all {
		records[i] = all[i].rec
	}
	return records, err
}

// Watch returns a channel that gets a value soon after products changed; many
// changes may come as one. It is closed when ctx ends or the store is closed.
func (s *Store) Watch(ctx context.Context) <-chan struct{} {
	ch := make(chan struct{}, 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		close(ch)
		return ch
	}
	s.watchers[ch] = true
	context.AfterFunc(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.watchers[ch] {
			delete(s.watchers, ch)
			close(ch)
		}
	})
	return ch
}

func (s *Store) tellWatchers() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for ch := range s.watchers {
		select {
		case ch <- struct{}{}:
		default:
		}
	}
}
