package store

import (
	"encoding/binary"
	"io"
	"os"
)

// The form of Bolt's pages (bbolt 1.3, page.go): a header of 16 bytes (number
// 8, flags 2, count 2, overflow 4), and in a leaf an element of 16 bytes for
// each key (flags, position from the element, bytes of key, bytes of value).
const (
	pageSize    = 4096
	pageHeader  = 16
	leafPage    = 0x02
	metaPage    = 0x04 // the two heads
	leafElement = 16
	// maxLeaf is the longest leaf that is read: a record of the largest size in
	// a leaf of its own, and room.
	maxLeaf = maxRecord + 16*pageSize
)

// scanPages hands every value of every leaf in a Bolt file to take, reachable
// or not, old states among them. The file is foreign bytes.
func scanPages(f *os.File, take func(value []byte) bool) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	head := make([]byte, pageHeader)
	for number := int64(0); number*pageSize < info.Size(); number++ {
		if _, err := f.ReadAt(head, number*pageSize); err != nil {
			if err == io.EOF {
				return nil
			}
			continue // a sector that cannot be read: others can
		}
		if binary.LittleEndian.Uint64(head) != uint64(number) || binary.LittleEndian.Uint16(head[8:]) != leafPage {
			continue
		}
		size := (int64(binary.LittleEndian.Uint32(head[12:])) + 1) * pageSize
		size = min(size, maxLeaf, info.Size()-number*pageSize)
		page := make([]byte, size)
		if n, err := f.ReadAt(page, number*pageSize); err != nil && err != io.EOF {
			page = page[:n]
		}
		eachValue(page, take)
	}
	return nil
}

// eachValue hands on the values of one leaf that lie within it.
func eachValue(page []byte, take func([]byte) bool) {
	count := int(binary.LittleEndian.Uint16(page[10:]))
	for i := range count {
		at := pageHeader + i*leafElement
		if at+leafElement > len(page) {
			return
		}
		from := uint64(at) + uint64(binary.LittleEndian.Uint32(page[at+4:])) + uint64(binary.LittleEndian.Uint32(page[at+8:]))
		to := from + uint64(binary.LittleEndian.Uint32(page[at+12:]))
		if to <= uint64(len(page)) && from < to {
			take(page[from:to])
		}
	}
}
