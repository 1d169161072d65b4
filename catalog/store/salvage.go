package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	bolt "github.com/boltdb/bolt"

	"cheval/catalog"
	"cheval/internal/boltfile"
)

// Recovery tells what was saved of a damaged file.
type Recovery struct {
	File     string   // the base name under which the damaged file was set aside
	Why      string   // it was damaged
	Products int      // that are in the store again
	Older    []string // IDs of those that are there as they were at some earlier time
	Lost     []string // IDs of those that could not be read
	Seeded   bool     // nothing could be read: the store begins anew
}

// String says it in one sentence.
func (r *Recovery) String() string {
	if r.Seeded {
		return fmt.Sprintf("the catalogue could not be read: %s; it was set aside as %s, and a new one begun", r.Why, r.File)
	}
	return fmt.Sprintf("the catalogue was damaged: %s; it was set aside as %s, and %d products were saved of it (%d of them as they were earlier, %d lost); look through them",
		r.Why, r.File, r.Products, len(r.Older), len(r.Lost))
}

// recoveredEnding marks a new file that is whole and waits for its name. It is
// taken when there is no file of that name: the process died in between.
const recoveredEnding = ".recovered"

func takeRecovered(path string) error {
	err := os.Rename(path+recoveredEnding, path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("store: take up what was recovered: %w", err)
	}
	return syncFolder(filepath.Dir(path))
}

// salvage reads what it can of a damaged file, writes it into a new one, sets
// the damaged one aside, and gives the new one its name.
func salvage(path string, files *pictures, cause *boltfile.Damage, seed func() (*catalog.Catalogue, error)) (*Recovery, error) {
	found, err := rescue(path)
	if err != nil {
		return nil, fmt.Errorf("store: %s: %w; reading what is left failed: %w", filepath.Base(path), cause, err)
	}
	r := &Recovery{Why: cause.Why, Products: len(found.products), Older: found.older, Lost: found.lost}
	r.Seeded = len(found.products) == 0 && seed != nil
	fresh := path + recoveredEnding
	tmp := fresh + ".tmp"
	if err := os.RemoveAll(tmp); err != nil {
		return nil, fmt.Errorf("store: recover: %w", err)
	}
	defer os.Remove(tmp)
	if !r.Seeded {
		seed = nil
	}
	if err := makeFile(tmp, seed); err != nil {
		return nil, fmt.Errorf("store: recover: %w", err)
	}
	if err := fill(tmp, func(tx *bolt.Tx) error {
		if err := found.plant(tx); err != nil {
			return err
		}
		return keepPictures(tx, files)
	}); err != nil {
		return nil, fmt.Errorf("store: recover: %w", err)
	}
	if err := os.Rename(tmp, fresh); err != nil {
		return nil, fmt.Errorf("store: recover: %w", err)
	}
	r.File, err = setAside(path, "damaged")
	if err != nil {
		return nil, err
	}
	return r, takeRecovered(path)
}

// fill runs one transaction on a file of our own.
func fill(path string, do func(*bolt.Tx) error) error {
	db, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: time.Second, FreelistType: bolt.FreelistMapType})
	if err != nil {
		return err
	}
	return errors.Join(db.Update(do), db.Close())
}

// setAside renames a file after why and the time, and returns its new name.
func setAside(path, why string) (string, error) {
	ext := filepath.Ext(path)
	stem := path[:len(path)-len(ext)] + "-" + why + "-" + time.Now().Format("20060102-150405")
	to := stem + ext
	for n := 2; ; n++ {
		if _, err := os.Lstat(to); errors.Is(err, os.ErrNotExist) {
			break
		}
		to = fmt.Sprintf("%s-%d%s", stem, n, ext)
	}
	if err := os.Rename(path, to); err != nil {
		return "", fmt.Errorf("store: set %s aside: %w", filepath.Base(path), err)
	}
	return filepath.Base(to), nil
}

// keepPictures marks every picture that nothing refers to as one to be kept:
// what was lost may have.
func keepPictures(tx *bolt.Tx, files *pictures) error {
	counts, kept := tx.Bucket(picturesBucket), tx.Bucket(keptBucket)
	return files.each(func(_, hash string) error {
		if hash == "" || counts.Get([]byte(hash)) != nil {
			return nil
		}
		return kept.Put([]byte(hash), []byte{})
	})
}

// rescued is what could be read.
type rescued struct {
	products, sheets map[string][]byte // records by ID
	jobs             map[uint64][]byte
	older, lost      []string
}

// rescue reads a damaged file in two ways: along its tree, as far as that goes,
// and page by page for what the tree no longer leads to.
func rescue(path string) (*rescued, error) {
	copied, err := copyOf(path)
	if err != nil {
		return nil, err
	}
	defer os.Remove(copied)
	r := &rescued{map[string][]byte{}, map[string][]byte{}, map[uint64][]byte{}, nil, nil}
	bad, whole := r.walk(copied)
	if whole && len(bad) == 0 {
		return r, nil
	}
	f, err := os.Open(copied)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	scanned := &rescued{map[string][]byte{}, map[string][]byte{}, map[uint64][]byte{}, nil, nil}
	if err := scanPages(f, scanned.take); err != nil {
		return nil, err
	}
	r.merge(scanned, bad, whole)
	return r, nil
}

// copyOf copies a file beside itself, so that what Bolt may leave locked or
// mapped when it fails is not the shop's file.
func copyOf(path string) (string, error) {
	in, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer in.Close()
	out, err := os.CreateTemp(filepath.Dir(path), FileName+".new-*")
	if err != nil {
		return "", err
	}
	_, err = io.Copy(out, in)
	if err = errors.Join(err, out.Close()); err != nil {
		os.Remove(out.Name())
		return "", err
	}
	return out.Name(), nil
}

// walk takes what the tree leads to. bad are the products whose records are
// there but damaged; whole says that the tree could be walked to its end.
func (r *rescued) walk(path string) (bad []string, whole bool) {
	err := boltfile.Guard(func() error {
		db, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true, Timeout: time.Second})
		if err != nil {
			return err
		}
		defer db.Close()
		return db.View(func(tx *bolt.Tx) error {
			for _, name := range [][]byte{productsBucket, sheetsBucket, jobsBucket} {
				b := tx.Bucket(name)
				if b == nil {
					return errors.New("a part is missing")
				}
				err := b.ForEach(func(k, rec []byte) error {
					if !r.take(rec) && string(name) == string(productsBucket) {
						bad = append(bad, string(k))
					}
					return nil
				})
				if err != nil {
					return err
				}
			}
			return nil
		})
	})
	return bad, err == nil
}

// take keeps a copy of a record that is whole, if it is newer than what is
// kept of its thing.
func (r *rescued) take(rec []byte) bool {
	h, _, err := unseal(rec)
	if err != nil {
		return false
	}
	newer := func(old []byte) bool {
		was, _, err := unseal(old)
		return err != nil || h.stamp >= was.stamp
	}
	switch h.kind {
	case productRecord:
		_, p, err := unsealProduct(rec)
		if err != nil {
			return false
		}
		if newer(r.products[p.ID]) {
			r.products[p.ID] = slices.Clone(rec)
		}
	case sheetRecord:
		id, _, err := unsealSheet(rec)
		if err != nil {
			return false
		}
		if newer(r.sheets[id]) {
			r.sheets[id] = slices.Clone(rec)
		}
	case jobRecord:
		j, err := unsealJob(rec)
		if err != nil {
			return false
		}
		if newer(r.jobs[j.ID]) {
			r.jobs[j.ID] = slices.Clone(rec)
		}
	default:
		return false
	}
	return true
}

// merge adds what was found page by page: where the tree was whole only what
// is bad in it, else everything.
func (r *rescued) merge(scanned *rescued, bad []string, whole bool) {
	if !whole {
		for _, rec := range scanned.sheets {
			r.take(rec)
		}
		for _, rec := range scanned.products {
			r.take(rec)
		}
		return // a job that was done may lie there still: the queue is left as the tree has it
	}
	for _, id := range bad {
		if rec := scanned.products[id]; rec != nil {
			r.products[id] = rec
			r.older = append(r.older, id)
			continue
		}
		r.lost = append(r.lost, id)
	}
}

// plant writes what was rescued into an empty file.
func (r *rescued) plant(tx *bolt.Tx) error {
	w, err := newWriting(tx, nil)
	if err != nil {
		return err
	}
	stamp, position, job := w.stamp, w.products.Sequence(), uint64(0)
	note := func(rec []byte) {
		h, _, _ := unseal(rec) // was checked
		stamp, position = max(stamp, h.stamp), max(position, h.position)
	}
	for id, rec := range r.products {
		note(rec)
		if _, err := w.set(w.products, 'p', id, rec); err != nil {
			return err
		}
	}
	for id, rec := range r.sheets {
		note(rec)
		if r.products[id] == nil {
			continue
		}
		if _, err := w.set(w.sheets, 's', id, rec); err != nil {
			return err
		}
	}
	for id, rec := range r.jobs {
		note(rec)
		job = max(job, id)
		if err := errors.Join(w.refer(rec, +1), tx.Bucket(jobsBucket).Put(numberKey(id), rec)); err != nil {
			return err
		}
	}
	return errors.Join(tx.Bucket(metaBucket).SetSequence(stamp), w.products.SetSequence(position), tx.Bucket(jobsBucket).SetSequence(job))
}
