// Package teach keeps what people correct and teach, and trains the
// classifiers with it: the loop that makes the dialogue better.
//
// Only text is kept, in voice.db in the home folder, and of a shopper only
// with their yes: then under their profile, so that erasing them takes it
// along. What staff teach belongs to the shop. It leaves to others asking for
// that yes (the app) and the classifiers themselves (voice/understand).
package teach

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"time"

	"cheval/internal/boltfile"
	"cheval/voice/understand"

	bolt "github.com/boltdb/bolt"
)

// File is the store's name in the home folder.
const File = "voice.db"

// ErrHeld is of a store that another process has open.
var ErrHeld = errors.New("the app holds it; close Cheval, or do this in its settings")

var (
	examples = []byte("examples") // by language and text
	missed   = []byte("missed")   // likewise
)

// How much is kept: the oldest goes first.
const (
	maxExamples = 5000
	maxMissed   = 1000
)

// Loop is the open store. Any goroutine may use it. Close it.
type Loop struct{ db *bolt.DB }

// Open opens the store in a home folder, and makes it where there is none.
func Open(home string) (*Loop, error) {
	if err := os.MkdirAll(home, 0o700); err != nil {
		return nil, fmt.Errorf("teach: %w", err)
	}
	path := filepath.Join(home, File)
	db, err := openFile(path)
	if err != nil {
		return nil, err
	}
	err = db.Update(func(tx *bolt.Tx) error {
		for _, name := range [][]byte{examples, missed} {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("teach: prepare %s: %w", path, err), db.Close())
	}
	return &Loop{db}, nil
}

func openFile(path string) (*bolt.DB, error) {
	db, err := boltfile.Open(path, bolt.Options{Timeout: 2 * time.Second})
	switch {
	case errors.Is(err, boltfile.ErrHeld):
		return nil, fmt.Errorf("teach: %s is in use: %w", path, ErrHeld)
	case err != nil:
		return nil, fmt.Errorf("teach: open %s: %w; move it away to begin anew", path, err)
	}
	return db, nil
}

// Close closes the store.
func (l *Loop) Close() error { return l.db.Close() }

// Origin is how an example came about.
type Origin string

// Origins.
const (
	Taught    Origin = "taught"    // by staff
	Corrected Origin = "corrected" // "not what I meant", then a choice
	Confirmed Origin = "confirmed" // the person went on with the answer
)

// Example is a sentence with what it means.
type Example struct {
	understand.Example
	Origin Origin    `json:"origin"`
	Owner  string    `json:"owner,omitempty"` // the profile that said it; "" the shop
	At     time.Time `json:"at"`
}

// Missed is a sentence that was not understood.
type Missed struct {
	Language understand.Language `json:"lang"`
	Text     string              `json:"text"`
	Count    int                 `json:"count"`
	Owners   []string            `json:"owners,omitempty"`
	Last     time.Time           `json:"last"`
}

func key(lang understand.Language, text string) []byte { return []byte(string(lang) + "\x00" + text) }

// Add keeps an example. A sentence that is there already means from now on
// what was said last, but a confirmation changes nothing that was taught or
// corrected. It counts no longer as missed.
func (l *Loop) Add(e Example) error {
	e.Text = understand.Clean(e.Text)
	switch {
	case e.Text == "":
		return errors.New("teach: there is no sentence to teach")
	case !slices.Contains(understand.Intents(), e.Intent):
		return fmt.Errorf("teach: %.40q is none of the intents %v", e.Intent, understand.Intents())
	case e.Language != understand.English && e.Language != understand.Chinese:
		return fmt.Errorf("teach: the language is en or zh, not %.10q", e.Language)
	case e.Origin == Confirmed && e.Owner == "" || e.Origin == Corrected && e.Owner == "":
		return errors.New("teach: what a shopper said is kept only with their yes, under their profile")
	}
	return l.update(func(tx *bolt.Tx) error {
		b, k := tx.Bucket(examples), key(e.Language, e.Text)
		var have Example
		if old := b.Get(k); old != nil && json.Unmarshal(old, &have) == nil && e.Origin == Confirmed && have.Origin != Confirmed {
			return nil
		}
		if err := put(b, k, e); err != nil {
			return err
		}
		if err := tx.Bucket(missed).Delete(k); err != nil {
			return err
		}
		return trim(b, maxExamples, func(v []byte) time.Time {
			var x Example
			json.Unmarshal(v, &x) // an unreadable one is the oldest
			return x.At
		})
	})
}

// Miss counts a sentence that was not understood, said by the person of a
// profile who agreed to its being kept.
func (l *Loop) Miss(lang understand.Language, text, owner string, at time.Time) error {
	text = understand.Clean(text)
	if text == "" {
		return nil
	}
	if owner == "" {
		return errors.New("teach: what a shopper said is kept only with their yes, under their profile")
	}
	return l.update(func(tx *bolt.Tx) error {
		b, k := tx.Bucket(missed), key(lang, text)
		m := Missed{Language: lang, Text: text}
		if old := b.Get(k); old != nil {
			if err := json.Unmarshal(old, &m); err != nil {
				m = Missed{Language: lang, Text: text}
			}
		}
		m.Count, m.Last = m.Count+1, at
		if !slices.Contains(m.Owners, owner) {
			m.Owners = append(m.Owners, owner)
		}
		if err := put(b, k, m); err != nil {
			return err
		}
		return trim(b, maxMissed, func(v []byte) time.Time {
			var x Missed
			json.Unmarshal(v, &x)
			return x.Last
		})
	})
}

func put(b *bolt.Bucket, k []byte, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return b.Put(k, data)
}

// trim drops the oldest entries over most.
func trim(b *bolt.Bucket, most int, at func([]byte) time.Time) error {
	over := b.Stats().KeyN - most
	if over <= 0 {
		return nil
	}
	type aged struct {
		key []byte
		at  time.Time
	}
	var all []aged
	err := b.ForEach(func(k, v []byte) error {
		all = append(all, aged{slices.Clone(k), at(v)})
		return nil
	})
	if err != nil {
		return err
	}
	sort.Slice(all, func(i, j int) bool { return all[i].at.Before(all[j].at) })
	for _, x := range all[:over] {
		if err := b.Delete(x.key); err != nil {
			return err
		}
	}
	return nil
}

func (l *Loop) update(do func(*bolt.Tx) error) error {
	if err := l.db.Update(do); err != nil {
		return fmt.Errorf("teach: write %s: %w", l.db.Path(), err)
	}
	return nil
}

// Examples lists what was taught, corrected and confirmed.
func (l *Loop) Examples() (out []Example, err error) {
	err = each(l.db, examples, func(e Example) { out = append(out, e) })
	return out, err
}

// Missed lists what was not understood, the most frequent first.
func (l *Loop) Missed() (out []Missed, err error) {
	err = each(l.db, missed, func(m Missed) { out = append(out, m) })
	sort.SliceStable(out, func(i, j int) bool { return out[i].Count > out[j].Count })
	return out, err
}

func each[T any](db *bolt.DB, bucket []byte, visit func(T)) error {
	err := db.View(func(tx *bolt.Tx) error {
		return tx.Bucket(bucket).ForEach(func(_, v []byte) error {
			var x T
			if err := json.Unmarshal(v, &x); err != nil {
				return nil // damaged by hand: it teaches nothing
			}
			visit(x)
			return nil
		})
	})
	if err != nil {
		return fmt.Errorf("teach: read %s: %w", db.Path(), err)
	}
	return nil
}

// Unteach drops an example.
func (l *Loop) Unteach(lang understand.Language, text string) error {
	return l.update(func(tx *bolt.Tx) error { return tx.Bucket(examples).Delete(key(lang, understand.Clean(text))) })
}

// Forget drops everything that the person of a profile said, and says how many
// examples went. Retrain afterwards, so that the classifiers forget too.
func (l *Loop) Forget(owner string) (gone int, err error) {
	if owner == "" {
		return 0, errors.New("teach: nobody was named to forget")
	}
	err = l.update(func(tx *bolt.Tx) error {
		b := tx.Bucket(examples)
		var keys [][]byte
		err := b.ForEach(func(k, v []byte) error {
			var e Example
			if json.Unmarshal(v, &e) == nil && e.Owner == owner {
				keys = append(keys, slices.Clone(k))
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, k := range keys {
			if err := b.Delete(k); err != nil {
				return err
			}
		}
		gone = len(keys)
		return errors.Join(forgetMissed(tx.Bucket(missed), owner), markErasing(tx))
	})
	return gone, err
}

// forgetMissed drops what only the owner said.
func forgetMissed(b *bolt.Bucket, owner string) error {
	changed := map[string]Missed{}
	err := b.ForEach(func(k, v []byte) error {
		var m Missed
		if json.Unmarshal(v, &m) == nil && slices.Contains(m.Owners, owner) {
			m.Owners = slices.DeleteFunc(m.Owners, func(o string) bool { return o == owner })
			changed[string(k)] = m
		}
		return nil
	})
	if err != nil {
		return err
	}
	for k, m := range changed {
		if len(m.Owners) == 0 {
			err = b.Delete([]byte(k))
		} else {
			m.Count = max(m.Count-1, len(m.Owners))
			err = put(b, []byte(k), m)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// heldOut says whether an example is kept back to judge by: one in five, by
// its text, so that it stays so.
func heldOut(e Example) bool {
	h := fnv.New32a()
	h.Write([]byte(e.Text))
	return h.Sum32()%5 == 0
}

// Outcome says what a training came to.
type Outcome struct {
	Examples int `json:"examples"` // learned from
	HeldOut  int `json:"held_out"` // judged by
	Guard    int `json:"guard"`    // sentences of the grammar, judged by too
	// Right of those, before and after.
	Before  Score `json:"before"`
	After   Score `json:"after"`
	Swapped bool  `json:"swapped"` // the new ones are no worse, and in use
}

// Score is how many were understood.
type Score struct {
	HeldOut int `json:"held_out"`
	Guard   int `json:"guard"`
}

const (
	// guardEach is how many sentences a language the grammar gives to judge by.
	guardEach = 400
	// guardSlack: one in so many of them may be lost, which training anew with
	// other random numbers changes as well.
	guardSlack = 200
)

// Retrain trains the classifiers with the examples, for some seconds, judges
// them by those kept back and by sentences of the grammar, and returns them if
// they are no worse than current (nil: those that come with Cheval); else
// current. What was taught or corrected is meant exactly from then on. e may
// be nil. It writes nothing; see Save.
func (l *Loop) Retrain(ctx context.Context, current *understand.Trained, e understand.Embedder) (*understand.Trained, Outcome, error) {
	var o Outcome
	all, err := l.Examples()
	if err != nil {
		return nil, o, err
	}
	if current == nil {
		if current, err = understand.Built(); err != nil {
			return nil, o, err
		}
	}
	var learn, judge []understand.Example
	exact := exactly(all)
	for _, x := range all {
		if heldOut(x) {
			judge = append(judge, x.Example)
		} else {
			learn = append(learn, x.Example)
		}
	}
	next, err := current.Learn(ctx, learn, e)
	if err != nil {
		return nil, o, fmt.Errorf("teach: train: %w", err)
	}
	guard, err := understand.Sentences(guardEach)
	if err != nil {
		return nil, o, err
	}
	o.Examples, o.HeldOut, o.Guard = len(learn), len(judge), len(guard)
	if o.Before, err = score(ctx, current.WithPhrases(nil), e, judge, guard); err != nil {
		return nil, o, err
	}
	if o.After, err = score(ctx, next, e, judge, guard); err != nil {
		return nil, o, err
	}
	if o.After.HeldOut < o.Before.HeldOut || o.After.Guard < o.Before.Guard-len(guard)/guardSlack {
		return current.WithPhrases(exact), o, nil
	}
	o.Swapped = true
	return next.WithPhrases(exact), o, nil
}

func score(ctx context.Context, t *understand.Trained, e understand.Embedder, judge, guard []understand.Example) (s Score, err error) {
	u, err := understand.New(nil, understand.Options{Trained: t, Embedder: e})
	if err != nil {
		return s, err
	}
	count := func(list []understand.Example) (n int, err error) {
		for _, x := range list {
			if err := ctx.Err(); err != nil {
				return n, fmt.Errorf("teach: %w", err)
			}
			if u.Understand(x.Text, x.Language).Intent == x.Intent {
				n++
			}
		}
		return n, nil
	}
	if s.HeldOut, err = count(judge); err != nil {
		return s, err
	}
	s.Guard, err = count(guard)
	return s, err
}
