package models

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"testing"
)

func walkNames(t *testing.T, b []byte) (names []string, err error) {
	t.Helper()
	err = walk(bytes.NewReader(b), int64(len(b)), func(e entry) error {
		names = append(names, e.name)
		return nil
	})
	return names, err
}

func TestWalkVisitsZipAndTarballAlike(t *testing.T) {
	files := map[string][]byte{"a/x": []byte("x"), "b": []byte("bee")}
	for kind, b := range map[string][]byte{"zip": zipOf(t, files), "tarball": tarballOf(t, files)} {
		if got, err := walkNames(t, b); err != nil || fmt.Sprint(got) != "[a/x b]" {
			t.Errorf("%s: %v, %v", kind, got, err)
		}
	}
}

func TestArchiveWithTooManyFilesIsRefused(t *testing.T) {
	files := map[string][]byte{}
	for i := range maxEntries + 1 {
		files[fmt.Sprintf("%d", i)] = nil
	}
	for kind, b := range map[string][]byte{"zip": zipOf(t, files), "tarball": tarballOf(t, files)} {
		visited, err := walkNames(t, b)
		if err == nil || !strings.Contains(err.Error(), "more than") {
			t.Errorf("%s: %d visited, error %v", kind, len(visited), err)
		}
	}
}

// A zip's end record counts modulo 65536 and Go's reader goes by the entries
// that follow: the bound must hold for what is there, not for what is said.
func TestZipThatLiesAboutItsCountIsRefused(t *testing.T) {
	files := map[string][]byte{}
	for i := range maxEntries + 1 {
		files[fmt.Sprintf("%d", i)] = nil
	}
	b := zipOf(t, files)
	binary.LittleEndian.PutUint16(b[len(b)-22+8:], 1)
	binary.LittleEndian.PutUint16(b[len(b)-22+10:], 1)
	if _, err := walkNames(t, b); err == nil {
		t.Error("read without complaint")
	}
}

func TestBombIsNotUnpacked(t *testing.T) {
	// A tarball of one file that says to hold 3 GB of zeros.
	var b bytes.Buffer
	gz, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	w := tar.NewWriter(gz)
	const size = 3 << 30
	if err := w.WriteHeader(&tar.Header{Name: packedPath, Typeflag: tar.TypeReg, Size: size}); err != nil {
		t.Fatal(err)
	}
	// It is refused by what it says, so only its beginning has to be there.
	if _, err := io.CopyN(w, zeros{}, 1<<20); err != nil {
		t.Fatal(err)
	}
	if err := gz.Close(); err != nil {
		t.Fatal(err)
	}
	path := writeTemp(t, "bomb.tgz", b.Bytes())
	items := shelfItems()
	err = eachWanted(path, items, func(Item, io.Reader) error { t.Error("taken"); return nil })
	if err == nil || !strings.Contains(err.Error(), "not the package") {
		t.Errorf("error %v, want a refusal by size", err)
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// An entry that claims a small size and holds more is cut at its claim.
func TestEntryIsReadNoFurtherThanItsPinnedSize(t *testing.T) {
	it := shelfItems()[3]
	r, err := window(it, zeros{}, it.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(r); err != nil || int64(len(b)) != it.Bytes {
		t.Errorf("%d bytes, %v; want %d", len(b), err, it.Bytes)
	}
}

func TestCutOffArchivesAreSaidPlainly(t *testing.T) {
	files := shelfFiles()
	for kind, b := range map[string][]byte{"wheel": zipOf(t, files), "tarball": tarballOf(t, files)} {
		for _, n := range []int{0, 3, 30, len(b) / 2, len(b) - 1} {
			path := writeTemp(t, kind, b[:n])
			err := eachWanted(path, shelfItems(), func(it Item, r io.Reader) error {
				_, err := io.Copy(io.Discard, r)
				return err
			})
			if kind == "tarball" && n == len(b)-1 {
				continue // only gzip's checksum is cut: every file was whole
			}
			if err == nil || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s of %d bytes of %d: error %v", kind, n, len(b), err)
			}
		}
	}
}

func FuzzWalk(f *testing.F) {
	files := map[string][]byte{packedPath: []byte("0123456789abcdef"), "m/face.png": []byte("a face")}
	z, t := zipOf(f, files), tarballOf(f, files)
	f.Add(z)
	f.Add(t)
	f.Add(z[:len(z)/2])
	f.Add(t[:len(t)/2])
	f.Add([]byte("PK\x03\x04"))
	items := shelfItems()
	f.Fuzz(func(t *testing.T, b []byte) {
		visited := 0
		err := walk(bytes.NewReader(b), int64(len(b)), func(e entry) error {
			visited++
			for _, it := range items {
				if it.Path != e.name {
					continue
				}
				err := takeEntry(e, it, func(it Item, r io.Reader) error {
					n, err := io.Copy(io.Discard, r)
					if n > it.Bytes {
						t.Errorf("%s: %d bytes, pinned %d", it.Name, n, it.Bytes)
					}
					return err
				})
				if err != nil {
					return err
				}
			}
			return nil
		})
		if visited > maxEntries {
			t.Errorf("%d entries, %v", visited, err)
		}
	})
}

// The studio's cut-out model is published in pieces, in no order.
func TestPartsAreJoinedInTheManifestsOrder(t *testing.T) {
	for kind, b := range map[string][]byte{"wheel": zipOf(t, shelfFiles()), "tarball": tarballOf(t, shelfFiles())} {
		got := ""
		err := eachWanted(writeTemp(t, kind, b), shelfItems()[4:], func(it Item, r io.Reader) error {
			all, err := io.ReadAll(r)
			got += string(all)
			return err
		})
		if err != nil || got != "joined well" {
			t.Errorf("%s: %q, %v", kind, got, err)
		}
	}
}

func TestPartsWithMoreThanThePinnedBytesAreRefused(t *testing.T) {
	files := shelfFiles()
	files["m/chunk.a"] = make([]byte, 1000)
	err := eachWanted(writeTemp(t, "wheel", zipOf(t, files)), shelfItems()[4:], func(Item, io.Reader) error {
		t.Error("taken")
		return nil
	})
	if err == nil || !strings.Contains(err.Error(), "not the package") {
		t.Errorf("error %v", err)
	}
}
