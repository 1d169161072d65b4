package store

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"cheval/catalog"
)

// many are n products with sheets, as an import brings them.
func many(b *testing.B, n int) []*catalog.Product {
	b.Helper()
	sample := frame(b, "corso")
	products := make([]*catalog.Product, n)
	for i := range products {
		p := *sample
		p.ID = fmt.Sprintf("frame-%06d", i)
		p.Variants = append([]catalog.Variant(nil), p.Variants...)
		for v := range p.Variants {
			p.Variants[v].SKU = fmt.Sprint(p.ID, "-", v)
		}
		p.Sheet = &catalog.Sheet{Format: "shopify", Header: []string{"Handle", "Title", "Body (HTML)"}, Rows: [][]string{
			{p.ID, "Corso", "<p>Two fine bars, a large lens and adjustable nose pads.</p>"}, {p.ID, "", ""}}}
		products[i] = &p
	}
	return products
}

// BenchmarkStore100k writes a large shop in batches as an import does, opens it
// again, reads it, changes one product of it and verifies it.
func BenchmarkStore100k(b *testing.B) {
	products := many(b, 100_000)
	for b.Loop() {
		home := b.TempDir()
		s, err := Open(home, Options{})
		if err != nil {
			b.Fatal(err)
		}
		var table strings.Builder
		tell := func(what string, do func() error) {
			began, worked := time.Now(), cpu()
			if err := do(); err != nil {
				b.Fatal(err)
			}
			fmt.Fprintf(&table, "\n%-28s %6.2f s, %6.2f s of one core", what, time.Since(began).Seconds(), (cpu() - worked).Seconds())
		}
		var change Change
		put := func(from, to int) func() error {
			return func() error {
				for ; from < to; from += 5000 {
					if change, err = s.Apply(b.Context(), Batch{Kind: Import, Put: products[from : from+5000], Into: change.ID}); err != nil {
						return err
					}
				}
				return nil
			}
		}
		tell("write 10,000", put(0, 10_000))
		tell("write 90,000 more", put(10_000, len(products)))
		tell("close", s.Close)
		tell("open", func() error { s, err = Open(home, Options{}); return err })
		before := heap()
		var c *catalog.Catalogue
		tell("read the catalogue", func() error { c, err = s.Catalogue(); return err })
		fmt.Fprintf(&table, "\n%d MB of heap for %d products", (heap()-before)>>20, c.Len())
		edited := *c.All()[77]
		edited.Brand = "Other"
		tell("change one", func() error {
			_, err := s.Apply(b.Context(), Batch{Kind: Edit, Put: []*catalog.Product{&edited}})
			return err
		})
		tell("read the catalogue after", func() error { _, err := s.Catalogue(); return err })
		tell("undo", func() error { _, err := s.Undo(b.Context()); return err })
		tell("undo the import", func() error { _, err := s.Undo(b.Context()); return err })
		tell("redo the import", func() error { _, err := s.Redo(b.Context()); return err })
		tell("back up", func() error {
			_, err := s.WriteBackup(b.Context(), filepath.Join(b.TempDir(), "x.zip"), nil)
			return err
		})
		tell("verify", func() error {
			r, err := s.Verify(b.Context(), nil)
			if err == nil && !r.OK {
				err = fmt.Errorf("%+v", r.Problems[0])
			}
			return err
		})
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		fmt.Println(table.String()) // a log would be cut off
	}
}

// BenchmarkFirstStart makes a store with a seed and reads it.
func BenchmarkFirstStart(b *testing.B) {
	for b.Loop() {
		s, err := Open(b.TempDir(), Options{Seed: func() (*catalog.Catalogue, error) { return catalog.New(many(b, 34)...) }})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := s.Catalogue(); err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// cpu is how long this process has worked on all cores.
func cpu() time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
