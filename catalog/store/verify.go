package store

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"sync"

	bolt "github.com/boltdb/bolt"

	"cheval/catalog"
	"cheval/internal/boltfile"
)

// Problem is one thing that verification found wrong.
type Problem struct {
	What string `json:"what"` // "file", "product", "sheet", "picture", "job", "change", "vector"
	ID   string `json:"id"`
	Why  string `json:"why"`
}

// Report is what verification read, and what it found wrong.
type Report struct {
	OK       bool      `json:"ok"`
	Schema   int       `json:"schema"`
	Products int       `json:"products"`
	Drafts   int       `json:"drafts"`
	Sheets   int       `json:"sheets"`
	Pictures int       `json:"pictures"`
	Jobs     int       `json:"jobs"`
	Changes  int       `json:"changes"` // that can be undone
	Vectors  int       `json:"vectors"`
	Kept     int       `json:"kept"`  // pictures kept from a damaged store, to which nothing refers
	Swept    int       `json:"swept"` // files removed at opening, to which nothing referred
	Problems []Problem `json:"problems"`
}

// Verify reads every key of the file and every picture, and checks that each
// is whole, that each picture that is referred to is there and that nothing is
// there to which nothing refers. progress is called, where not nil, with how
// many of the pictures were read. The error says that it could not be done.
func (s *Store) Verify(ctx context.Context, progress func(done, of int)) (*Report, error) {
	v := &verifier{report: &Report{Swept: s.swept, Problems: []Problem{}}, counts: map[string]int{}, products: map[string]bool{}}
	err := s.db.View(func(tx *bolt.Tx) error {
		if err := boltfile.Guard(func() error { return v.records(tx) }); err != nil {
			v.problem("file", FileName, err)
			return nil
		}
		for err := range tx.Check() {
			v.problem("file", FileName, err)
		}
		return v.pictures(ctx, s.pictures, tx, progress)
	})
	if err != nil {
		return nil, fmt.Errorf("store: verify: %w", err)
	}
	v.report.OK = len(v.report.Problems) == 0
	return v.report, nil
}

type verifier struct {
	mu       sync.Mutex
	report   *Report
	counts   map[string]int // references to pictures
	products map[string]bool
}

func (v *verifier) problem(what, id string, why error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.report.Problems = append(v.report.Problems, Problem{what, id, why.Error()})
}

// records checks every key but what belongs to pictures.
func (v *verifier) records(tx *bolt.Tx) (err error) {
	if v.report.Schema, err = schemaOf(tx); err != nil {
		return err
	}
	v.each(tx, productsBucket, func(id string, rec []byte) error {
		v.report.Products++
		v.products[id] = true
		_, p, err := unsealProduct(rec)
		if err == nil && p.State == catalog.Draft {
			v.report.Drafts++
		}
		if err == nil && p.ID != id {
			err = fmt.Errorf("it stands under the ID of another, %s", p.ID)
		}
		return err
	})
	v.each(tx, sheetsBucket, func(id string, rec []byte) error {
		v.report.Sheets++
		of, _, err := unsealSheet(rec)
		if err == nil && (of != id || !v.products[id]) {
			err = fmt.Errorf("it belongs to no product")
		}
		return err
	})
	v.each(tx, jobsBucket, func(_ string, rec []byte) error {
		v.report.Jobs++
		_, err := unsealJob(rec)
		return err
	})
	v.changes(tx.Bucket(undoBucket), &v.report.Changes)
	v.changes(tx.Bucket(redoBucket), new(int))
	return v.vectors(tx)
}

// each checks every record of a bucket and counts its pictures.
func (v *verifier) each(tx *bolt.Tx, bucket []byte, check func(id string, rec []byte) error) {
	what := string(bytes.TrimSuffix(bucket, []byte{'s'}))
	_ = tx.Bucket(bucket).ForEach(func(k, rec []byte) error {
		id := string(k)
		if what == "job" {
			id = fmt.Sprintf("%x", k)
		}
		if err := check(id, rec); err != nil {
			v.problem(what, id, err)
		}
		v.count(rec)
		return nil
	})
}

func (v *verifier) count(rec []byte) {
	hashes, err := referred(rec)
	if err != nil {
		return // is a problem of the record already
	}
	for _, h := range hashes {
		v.counts[h]++
	}
}

// changes checks what is kept to undo or redo.
func (v *verifier) changes(b *bolt.Bucket, n *int) {
	_ = b.ForEachBucket(func(k []byte) error {
		*n++
		id := fmt.Sprintf("%x", k)
		if _, err := readChange(b.Bucket(k)); err != nil {
			v.problem("change", id, err)
		}
		return b.Bucket(k).ForEach(func(key, image []byte) error {
			if bytes.Equal(key, changeKey) || len(image) == 0 {
				return nil
			}
			if _, _, err := unseal(image); err != nil {
				v.problem("change", id+" "+string(key), err)
			}
			v.count(image)
			return nil
		})
	})
}

func (v *verifier) vectors(tx *bolt.Tx) error {
	all := tx.Bucket(vectorsBucket)
	return all.ForEachBucket(func(name []byte) error {
		return all.Bucket(name).ForEach(func(k, data []byte) error {
			v.report.Vectors++
			if _, err := unsealVector(data); err != nil {
				v.problem("vector", string(name)+" "+string(k), err)
			}
			return nil
		})
	})
}

// pictures checks the counted references, and reads every file.
func (v *verifier) pictures(ctx context.Context, files *pictures, tx *bolt.Tx, progress func(done, of int)) error {
	counts, kept := tx.Bucket(picturesBucket), tx.Bucket(keptBucket)
	var hashes []string
	err := counts.ForEach(func(k, n []byte) error {
		hash := string(k)
		if v.counts[hash] != countOf(n) {
			v.problem("picture", hash, fmt.Errorf("%d refer to it, but %d are counted", v.counts[hash], countOf(n)))
		}
		hashes = append(hashes, hash)
		return nil
	})
	if err != nil {
		return err
	}
	for hash, n := range v.counts {
		if counts.Get([]byte(hash)) == nil {
			v.problem("picture", hash, fmt.Errorf("%d refer to it, but none are counted", n))
		}
	}
	if err := v.read(ctx, files, hashes, progress); err != nil {
		return err
	}
	v.report.Pictures = len(hashes)
	return files.each(func(name, hash string) error {
		switch {
		case hash != "" && (counts.Get([]byte(hash)) != nil || files.isFresh(hash)), path.Dir(name) == tmpFolder && files.isFresh(""):
		case hash != "" && kept.Get([]byte(hash)) != nil:
			v.report.Kept++
		default:
			v.problem("picture", name, fmt.Errorf("nothing refers to it; it is removed when the store is opened the next time"))
		}
		return nil
	})
}

// read reads pictures on all cores.
func (v *verifier) read(ctx context.Context, files *pictures, hashes []string, progress func(done, of int)) error {
	done := 0
	return onAllCores(len(hashes), func(i int) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if _, err := files.read(hashes[i]); err != nil {
			v.problem("picture", hashes[i], err)
		}
		v.mu.Lock()
		defer v.mu.Unlock()
		if done++; progress != nil {
			progress(done, len(hashes))
		}
		return nil
	})
}
