package store

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cheval/catalog"
)

// stocked makes a closed store with n products beside the seed, a sheet and a
// picture each, and returns its folder.
func stocked(t testing.TB, n int) string {
	t.Helper()
	s := openAt(t, t.TempDir())
	var b Batch
	for i := range n {
		p := pictured(t, s, frame(t, fmt.Sprintf("frame-%03d", i)), fmt.Sprint("picture ", i))
		p.Sheet = &catalog.Sheet{Format: "table", Header: []string{"id"}, Rows: [][]string{{p.ID}}}
		b.Put = append(b.Put, p)
	}
	apply(t, s, b)
	if _, err := s.AddJobs(t.Context(), Job{Kind: "photo"}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return s.Home()
}

// spoil overwrites part of the store's file.
func spoil(t testing.TB, home string, at int64, with []byte) {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(home, FileName), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt(with, at); err != nil {
		t.Fatal(err)
	}
}

func TestADamagedFileIsSetAsideAndWhatCanBeReadIsSaved(t *testing.T) {
	const n = 40
	for name, c := range map[string]struct {
		spoil func(t *testing.T, home string, size int64) // of the pages in use
		least int                                         // products that must be saved
	}{
		"both heads": {func(t *testing.T, home string, _ int64) { spoil(t, home, 0, make([]byte, 2*pageSize)) }, n + 2},
		"not a database": {func(t *testing.T, home string, size int64) {
			spoil(t, home, 0, []byte(strings.Repeat("a letter to the editor ", int(size)/23)))
		}, 0},
		"cut off in the middle": {func(t *testing.T, home string, size int64) {
			if err := os.Truncate(filepath.Join(home, FileName), size/2); err != nil {
				t.Fatal(err)
			}
		}, 1},
		"cut off after a page": {func(t *testing.T, home string, _ int64) {
			if err := os.Truncate(filepath.Join(home, FileName), 4096); err != nil {
				t.Fatal(err)
			}
		}, 0},
		"one product": {func(t *testing.T, home string, _ int64) {
			data, err := os.ReadFile(filepath.Join(home, FileName))
			if err != nil {
				t.Fatal(err)
			}
			for i, found := 0, 0; ; {
				at := strings.Index(string(data[i:]), `"id":"frame-007"`)
				if at < 0 {
					if found == 0 {
						t.Fatal("the product does not stand in the file as it is looked for")
					}
					return
				}
				found++
				i += at + 1
				spoil(t, home, int64(i+20), []byte("\x00\x00\x00"))
			}
		}, n + 1},
	} {
		t.Run(name, func(t *testing.T) {
			home := stocked(t, n)
			data, err := os.ReadFile(filepath.Join(home, FileName))
			if err != nil {
				t.Fatal(err)
			}
			c.spoil(t, home, int64(len(bytes.TrimRight(data, "\x00"))))
			s := openAt(t, home)
			r := s.Recovered()
			if r == nil {
				t.Fatal("the damage was not noticed")
			}
			t.Log(r)
			if _, err := os.Stat(filepath.Join(home, r.File)); err != nil {
				t.Errorf("the damaged file was not set aside: %v", err)
			}
			if r.Products < c.least {
				t.Errorf("%d products were saved, want at least %d", r.Products, c.least)
			}
			if c.least == 0 && (!r.Seeded || ids(t, s) != "vela aria") {
				t.Errorf("nothing could be saved, and the store begins with %s", ids(t, s))
			}
			if s.Swept() != 0 {
				t.Errorf("%d pictures were swept that what was lost may need", s.Swept())
			}
			if c.least > 1 {
				if p, err := s.Product("frame-011"); err != nil || p.Sheet == nil || len(p.Pictures) != 1 {
					t.Errorf("a product that was saved: %+v, %v", p, err)
				}
				if jobs, _ := s.Jobs(); name == "one product" && len(jobs) != 1 {
					t.Errorf("the queue has %d jobs, want 1", len(jobs))
				}
			}
			whole(t, s)
			apply(t, s, Batch{Kind: Edit, Put: []*catalog.Product{frame(t, "new")}})
			if s = reopened(t, s); s.Recovered() != nil || !strings.HasSuffix(ids(t, s), "new") {
				t.Errorf("opened again: %v, %s", s.Recovered(), ids(t, s))
			}
		})
	}
}

// TestDamageAnywhereIsSurvived spoils a random stretch of the file: the store
// opens, is whole, and what it has is as it was written.
func TestDamageAnywhereIsSurvived(t *testing.T) {
	home := stocked(t, 30)
	good, err := os.ReadFile(filepath.Join(home, FileName))
	if err != nil {
		t.Fatal(err)
	}
	used := len(bytes.TrimRight(good, "\x00"))
	random := rand.New(rand.NewPCG(1, 2))
	saved := 0
	for range 20 {
		if err := os.WriteFile(filepath.Join(home, FileName), good, 0o600); err != nil {
			t.Fatal(err)
		}
		noise := make([]byte, 1+random.IntN(3*pageSize))
		for i := range noise {
			noise[i] = byte(random.Uint32())
		}
		at := random.IntN(used)
		spoil(t, home, int64(at), noise)
		s, err := Open(home, Options{Seed: starters(t)})
		if err != nil {
			t.Fatalf("%d bytes at %d: %v", len(noise), at, err)
		}
		if s.Recovered() != nil {
			saved++
		}
		r, err := s.Verify(t.Context(), nil)
		if err != nil || !r.OK {
			t.Errorf("%d bytes at %d: %v %+v", len(noise), at, err, r)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if saved == 0 {
		t.Error("no damage was noticed")
	}
	t.Logf("%d of 20 were noticed", saved)
}

func TestAFileOfANewerChevalIsLeftAlone(t *testing.T) {
	s := openAt(t, t.TempDir())
	known := migrations
	migrations = append(migrations[:len(migrations):len(migrations)], migrations[0])
	s = reopened(t, s)
	migrations = known
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := Open(s.Home(), Options{})
	if err == nil || !strings.Contains(err.Error(), "newer Cheval") {
		t.Errorf("opened: %v", err)
	}
	if aside, _ := filepath.Glob(filepath.Join(s.Home(), "*damaged*")); len(aside) > 0 {
		t.Errorf("it was set aside as %v", aside)
	}
}

func TestAnOldSchemaIsBroughtUpToDate(t *testing.T) {
	home := t.TempDir()
	known := migrations
	migrations = migrations[:1]
	err := makeFile(filepath.Join(home, FileName), nil)
	migrations = known
	if err != nil {
		t.Fatal(err)
	}
	s := openAt(t, home)
	if r := whole(t, s); r.Schema != len(migrations) {
		t.Errorf("schema %d, want %d", r.Schema, len(migrations))
	}
	if _, err := s.AddJobs(t.Context(), Job{Kind: "photo"}); err != nil {
		t.Errorf("the queue that schema 2 brought: %v", err)
	}
}

// FuzzRecord feeds foreign bytes to whatever reads values of the file.
func FuzzRecord(f *testing.F) {
	p := frame(f, "corso")
	p.Sheet = &catalog.Sheet{Format: "table", Header: []string{"id"}, Rows: [][]string{{"corso"}}}
	product, err := sealProduct(p, 3, 1)
	if err != nil {
		f.Fatal(err)
	}
	sheet, err := sealSheet(p, 3)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(product)
	f.Add(sheet)
	f.Add(sealVector(Vector{Of: "x", Values: []float32{1, 2}}))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, _ = unsealVector(data)
		// A fuzzer does not find checksums: let each input have its own.
		if rec, err := seal(append(newRecord(), data...), header{productRecord, 1, 1}); err == nil {
			if _, p, err := unsealProduct(rec); err == nil {
				if _, err := sealProduct(p, 1, 1); err != nil {
					t.Fatal(err)
				}
			}
		}
		if len(data) < headerBytes {
			return
		}
		for _, k := range []kind{productRecord, sheetRecord, jobRecord} {
			rec, err := seal(append([]byte{}, data...), header{k, 1, 1})
			if err != nil {
				return
			}
			(&rescued{map[string][]byte{}, map[string][]byte{}, map[uint64][]byte{}, nil, nil}).take(rec)
			_, _ = referred(rec)
		}
	})
}

// FuzzPage feeds foreign bytes as a leaf of a damaged file.
func FuzzPage(f *testing.F) {
	home := stocked(f, 3)
	data, err := os.ReadFile(filepath.Join(home, FileName))
	if err != nil {
		f.Fatal(err)
	}
	for at := 0; at+pageSize <= len(data); at += pageSize {
		if data[at+8] == leafPage {
			f.Add(data[at : at+pageSize])
		}
	}
	f.Fuzz(func(t *testing.T, page []byte) {
		if len(page) < pageHeader {
			return
		}
		eachValue(page, func(v []byte) bool { return len(v) > 0 })
	})
}
