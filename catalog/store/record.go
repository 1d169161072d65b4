package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"cheval/catalog"
)

// A record is a product, sheet or job as a value of the file: a header that
// lets it be known and checked by itself, so that it can be saved from a file
// whose tree is broken, and its content as JSON.
//
//	byte  0      kind
//	byte  1      version of the record's form
//	bytes 2–5    CRC-32C of all that follows
//	bytes 6–13   stamp: of two records of one thing the higher is the newer
//	bytes 14–21  position in the shop's order
const (
	recordVersion = 1
	headerBytes   = 22
)

type kind byte

const (
	productRecord kind = 'P'
	sheetRecord   kind = 'S'
	jobRecord     kind = 'J'
)

// maxRecord is the largest record that is written, and read.
const maxRecord = catalog.MaxProductBytes

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

type header struct {
	kind            kind
	stamp, position uint64
}

// newRecord makes room for a header; seal fills it in.
func newRecord() []byte { return make([]byte, headerBytes, 2048) }

// seal completes a record whose content stands behind the header.
func seal(rec []byte, h header) ([]byte, error) {
	if len(rec) > maxRecord {
		return nil, fmt.Errorf("it takes %d KiB, but at most %d are kept", len(rec)>>10, maxRecord>>10)
	}
	rec[0], rec[1] = byte(h.kind), recordVersion
	binary.BigEndian.PutUint64(rec[6:], h.stamp)
	binary.BigEndian.PutUint64(rec[14:], h.position)
	binary.BigEndian.PutUint32(rec[2:], crc32.Checksum(rec[6:], castagnoli))
	return rec, nil
}

// restamped is a copy of a sealed record with another stamp.
func restamped(rec []byte, stamp uint64) ([]byte, error) {
	h, content, err := unseal(rec)
	if err != nil {
		return nil, err
	}
	h.stamp = stamp
	return seal(append(newRecord(), content...), h)
}

// unseal checks a record and returns its header and content, which is part of
// rec. It takes foreign bytes.
func unseal(rec []byte) (header, []byte, error) {
	switch {
	case len(rec) < headerBytes || len(rec) > maxRecord:
		return header{}, nil, fmt.Errorf("it has %d bytes, which no record has", len(rec))
	case rec[1] != recordVersion:
		return header{}, nil, fmt.Errorf("its form %d is not known", rec[1])
	case crc32.Checksum(rec[6:], castagnoli) != binary.BigEndian.Uint32(rec[2:]):
		return header{}, nil, errors.New("its checksum does not match")
	}
	h := header{kind(rec[0]), binary.BigEndian.Uint64(rec[6:]), binary.BigEndian.Uint64(rec[14:])}
	return h, rec[headerBytes:], nil
}

// sealProduct is p's record.
func sealProduct(p *catalog.Product, stamp, position uint64) ([]byte, error) {
	rec, err := catalog.AppendRecord(newRecord(), p)
	if err != nil {
		return nil, err
	}
	return seal(rec, header{productRecord, stamp, position})
}

// sealSheet is the record of p's sheet: its content begins with p's ID and a
// line feed.
func sealSheet(p *catalog.Product, stamp uint64) ([]byte, error) {
	rec := append(append(newRecord(), p.ID...), '\n')
	rec, err := catalog.AppendSheet(rec, p)
	if err != nil {
		return nil, err
	}
	return seal(rec, header{sheetRecord, stamp, 0})
}

// unsealProduct reads a product's record.
func unsealProduct(rec []byte) (header, *catalog.Product, error) {
	h, content, err := unseal(rec)
	if err != nil {
		return h, nil, err
	}
	if h.kind != productRecord {
		return h, nil, fmt.Errorf("a record of kind %q stands where a product should", h.kind)
	}
	p, err := catalog.ParseRecord(content)
	return h, p, err
}

// unsealSheet reads a sheet's record and the ID of its product.
func unsealSheet(rec []byte) (string, *catalog.Sheet, error) {
	h, content, err := unseal(rec)
	if err != nil {
		return "", nil, err
	}
	id, data, ok := bytes.Cut(content, []byte{'\n'})
	if h.kind != sheetRecord || !ok {
		return "", nil, fmt.Errorf("a record of kind %q stands where a sheet should", h.kind)
	}
	sheet, err := catalog.ParseSheet(data)
	return string(id), sheet, err
}
