package people

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	bolt "github.com/boltdb/bolt"

	"cheval/recommender"
)

// Events of a profile are kept one by one. An event without a profile only
// adds to the counts of its product.

const (
	// batchDelay is how long a posted event waits for others at most.
	batchDelay = 100 * time.Millisecond
	// maxWaiting is how many posted events may wait: a person makes a few a second.
	maxWaiting = 4096
	// maxTransaction is how many events go into one transaction.
	maxTransaction = 10_000
	// sameWithin is how many of a profile's last events are looked through for
	// one that was told twice.
	sameWithin = 16
)

// Add writes events and returns when they are on the disk: all of a call or,
// where the error is not nil, those before the transaction that failed. An
// event told twice is kept once.
func (s *Store) Add(events ...recommender.Event) error {
	for i := range events {
		if err := events[i].Validate(); err != nil {
			return err
		}
	}
	for part := range slices.Chunk(events, maxTransaction) {
		if err := s.update(func(tx *bolt.Tx) error { return addAll(tx, part) }); err != nil {
			return fmt.Errorf("people: write events: %w", err)
		}
	}
	return nil
}

func addAll(tx *bolt.Tx, events []recommender.Event) error {
	for i := range events {
		e := events[i]
		if e.Profile != "" {
			switch fresh, err := addEvent(tx, &e); {
			case errors.Is(err, ErrNoProfile):
				e.Profile = "" // erased meanwhile: nobody's any more
			case err != nil:
				return err
			case !fresh:
				continue
			}
		}
		if err := countEvent(tx, &e); err != nil {
			return err
		}
	}
	return nil
}

// addEvent keeps an event of a profile and says whether it is new.
func addEvent(tx *bolt.Tx, e *recommender.Event) (bool, error) {
	if err := e.Validate(); err != nil {
		return false, err
	}
	if tx.Bucket(profilesBucket).Get([]byte(e.Profile)) == nil {
		return false, ErrNoProfile
	}
	root := tx.Bucket(eventsBucket)
	b, err := root.CreateBucketIfNotExists([]byte(e.Profile))
	if err != nil {
		return false, err
	}
	if told(b, e) {
		return false, nil
	}
	if e.ID, err = root.NextSequence(); err != nil {
		return false, err
	}
	b.FillPercent = 0.9 // numbers only grow
	return true, putJSON(b, number(e.ID), e)
}

// told says whether one of the last events is the same but for its number,
// which stands first in a record.
func told(b *bolt.Bucket, e *recommender.Event) bool {
	fresh := *e
	fresh.ID = 0
	record, err := json.Marshal(&fresh)
	if err != nil {
		return false // the write will say so
	}
	c, n := b.Cursor(), 0
	for k, v := c.Last(); k != nil && n < sameWithin; k, v = c.Prev() {
		if _, old, ok := bytes.Cut(v, []byte(",")); ok && bytes.Equal(old, record[1:]) {
			return true
		}
		n++
	}
	return false
}

// Events returns a profile's events in the order in which they were told,
// whatever its clock said.
func (s *Store) Events(profile string) (all []recommender.Event, err error) {
	err = s.view(func(tx *bolt.Tx) error {
		b := tx.Bucket(eventsBucket).Bucket([]byte(profile))
		if b == nil {
			return nil
		}
		return eachEvent(b, func(e *recommender.Event) error {
			all = append(all, *e)
			return nil
		})
	})
	return all, err
}

// EachEvent calls visit with every event, a profile after the other, each in
// its order, until visit fails. Nothing can be erased meanwhile.
func (s *Store) EachEvent(visit func(*recommender.Event) error) error {
	return s.view(func(tx *bolt.Tx) error {
		root := tx.Bucket(eventsBucket)
		return root.ForEachBucket(func(profile []byte) error {
			return eachEvent(root.Bucket(profile), visit)
		})
	})
}

func eachEvent(b *bolt.Bucket, visit func(*recommender.Event) error) error {
	return b.ForEach(func(_, v []byte) error {
		var e recommender.Event
		if err := json.Unmarshal(v, &e); err != nil {
			return fmt.Errorf("people: an event cannot be read: %w", err)
		}
		return visit(&e)
	})
}

// writer commits posted events in batches, from a goroutine of its own.
type writer struct {
	store   *Store
	posts   chan recommender.Event
	flushes chan chan error
	done    chan struct{}
	stopped sync.WaitGroup
	once    sync.Once
	failed  error // of the last batches; read after stopped
}

func newWriter(s *Store) *writer {
	w := &writer{store: s, posts: make(chan recommender.Event, maxWaiting), flushes: make(chan chan error), done: make(chan struct{})}
	w.stopped.Go(w.run)
	return w
}

// Post takes an event to be written within a tenth of a second. It waits only
// where thousands are waiting already. Flush tells what became of it.
func (s *Store) Post(e recommender.Event) error {
	if err := e.Validate(); err != nil {
		return err
	}
	select {
	case <-s.writer.done:
		return errClosed
	default:
	}
	select {
	case s.writer.posts <- e:
		return nil
	case <-s.writer.done:
		return errClosed
	}
}

// Flush returns when every event posted before is on the disk, or the error of
// those that could not be written since the last Flush.
func (s *Store) Flush() error {
	answer := make(chan error, 1)
	select {
	case s.writer.flushes <- answer:
		return <-answer
	case <-s.writer.done:
		return errClosed
	}
}

func (w *writer) close() error {
	w.once.Do(func() { close(w.done) })
	w.stopped.Wait()
	return w.failed
}

func (w *writer) run() {
	var batch []recommender.Event
	var due <-chan time.Time
	write := func() {
		for len(w.posts) > 0 {
			batch = append(batch, <-w.posts)
		}
		if len(batch) > 0 {
			w.failed = errors.Join(w.failed, w.store.Add(batch...))
		}
		batch, due = batch[:0], nil
	}
	for {
		select {
		case e := <-w.posts:
			batch = append(batch, e)
			if due == nil {
				due = time.After(batchDelay)
			}
		case <-due:
			write()
		case answer := <-w.flushes:
			write()
			answer <- w.failed
			w.failed = nil
		case <-w.done:
			write()
			return
		}
	}
}
