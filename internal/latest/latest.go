// Package latest is the hop between two real-time stages: a box for one item,
// where the newest wins and what was dropped is counted.
package latest

import (
	"context"
	"sync"
	"sync/atomic"
)

// Box holds at most one item. Any number of goroutines may use it. The zero
// Box is not usable; see New.
type Box[T any] struct {
	mu      sync.Mutex
	item    T
	full    bool
	closed  bool
	wake    chan struct{}
	drop    func(T)
	dropped atomic.Uint64
}

// New returns an empty box. drop, which may be nil, is called for every item
// that a newer one replaces or that is left at Close, so that what it holds is
// released.
func New[T any](drop func(T)) *Box[T] {
	return &Box[T]{wake: make(chan struct{}, 1), drop: drop}
}

// Put stores v and never blocks. An item that nobody took is dropped. After
// Close, v itself is dropped, and not counted.
func (b *Box[T]) Put(v T) {
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		b.release(v)
		return
	}
	old, had := b.item, b.full
	b.item, b.full = v, true
	b.mu.Unlock()
	if had {
		b.dropped.Add(1)
		b.release(old)
	}
	b.signal()
}

// TryTake returns the item if there is one, without waiting.
func (b *Box[T]) TryTake() (v T, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.full {
		return v, false
	}
	v, b.full = b.item, false
	var zero T
	b.item = zero
	return v, true
}

// Take waits for an item. It returns false when ctx ends or the box is closed.
func (b *Box[T]) Take(ctx context.Context) (v T, ok bool) {
	for {
		if v, ok = b.TryTake(); ok {
			return v, true
		}
		if b.isClosed() {
			b.signal() // pass the news on to the next one who waits
			return v, false
		}
		select {
		case <-ctx.Done():
			return v, false
		case <-b.wake:
		}
	}
}

// Dropped says how many items were replaced before anyone took them.
func (b *Box[T]) Dropped() uint64 { return b.dropped.Load() }

// Close drops what is left and ends every Take. It may be called twice.
func (b *Box[T]) Close() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	if v, ok := b.TryTake(); ok {
		b.release(v)
	}
	b.signal()
}

func (b *Box[T]) isClosed() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.closed
}

func (b *Box[T]) release(v T) {
	if b.drop != nil {
		b.drop(v)
	}
}

func (b *Box[T]) signal() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}
