package tflite

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Limits of what Verify accepts; MediaPipe's largest model has 6.4 MB and
// some 600 tensors.
const (
	MaxBytes  = 64 << 20
	maxTables = 1 << 16
)

// kind is what a field holds.
type kind uint8

const (
	scalar kind = iota // size bytes in the table itself
	vector             // of scalars of size bytes; a string is one of bytes
	table
	tables // vector of tables
	union  // its type stands in the field before
)

type fieldSpec struct {
	id      int
	kind    kind
	size    int
	of      *tableSpec          // table and tables
	members map[byte]*tableSpec // union, by type
}

type tableSpec []fieldSpec

// Verify checks that every offset, vector and scalar that the accessors of
// this package can reach from the root lies inside b. After it no accessor
// panics, and each vector's length fits b.
func Verify(b []byte) error {
	if len(b) < 8 {
		return fmt.Errorf("%d bytes are too few for a model", len(b))
	}
	if len(b) > MaxBytes {
		return fmt.Errorf("%d bytes are more than the %d a model may have", len(b), MaxBytes)
	}
	if string(b[4:8]) != "TFL3" {
		return errors.New("it is no TensorFlow Lite model (the mark TFL3 is missing)")
	}
	v := verifier{b: b, seen: map[visit]bool{}}
	if err := v.offsetTo(0, modelSpec()); err != nil {
		return fmt.Errorf("it is damaged: %w", err)
	}
	return nil
}

// visit remembers that a table was checked against a spec, so that tables
// which share a place cost nothing more.
type visit struct {
	pos  int
	spec *tableSpec
}

type verifier struct {
	b     []byte
	seen  map[visit]bool
	steps int // tables followed, again included
}

// span reports whether n bytes from pos lie inside.
func (v *verifier) span(pos, n int) bool {
	return pos >= 0 && n >= 0 && pos <= len(v.b) && n <= len(v.b)-pos
}

// follow resolves the unsigned offset stored at pos.
func (v *verifier) follow(pos int) (int, error) {
	if !v.span(pos, 4) {
		return 0, fmt.Errorf("an offset at byte %d lies beyond the end", pos)
	}
	to := pos + int(binary.LittleEndian.Uint32(v.b[pos:]))
	if to == pos || !v.span(to, 4) {
		return 0, fmt.Errorf("the offset at byte %d leads to %d, outside", pos, to)
	}
	return to, nil
}

func (v *verifier) offsetTo(pos int, spec *tableSpec) error {
	to, err := v.follow(pos)
	if err != nil {
		return err
	}
	return v.table(to, spec)
}

// table checks the table at pos and all that its spec names.
func (v *verifier) table(pos int, spec *tableSpec) error {
	if v.steps++; v.steps > maxTables {
		return fmt.Errorf("it has more than %d tables", maxTables)
	}
	if v.seen[visit{pos, spec}] {
		return nil
	}
	v.seen[visit{pos, spec}] = true
	vt, err := v.vtable(pos)
	if err != nil {
		return err
	}
	for _, f := range *spec {
		at, err := vt.field(v, f.id)
		if err != nil {
			return err
		}
		if at == 0 { // absent: the accessor returns the default
			continue
		}
		if err := v.field(at, f, vt); err != nil {
			return err
		}
	}
	return nil
}

// vtab is a table's map of field ids to places.
type vtab struct {
	table, pos int
	size       int // bytes of the vtable
	inline     int // bytes of the table
}

func (v *verifier) vtable(pos int) (vtab, error) {
	if !v.span(pos, 4) {
		return vtab{}, fmt.Errorf("a table at byte %d lies beyond the end", pos)
	}
	at := pos - int(int32(binary.LittleEndian.Uint32(v.b[pos:])))
	if !v.span(at, 4) {
		return vtab{}, fmt.Errorf("the table at byte %d has its field map outside, at %d", pos, at)
	}
	vt := vtab{
		table: pos, pos: at,
		size:   int(binary.LittleEndian.Uint16(v.b[at:])),
		inline: int(binary.LittleEndian.Uint16(v.b[at+2:])),
	}
	if vt.size < 4 || vt.size%2 != 0 || !v.span(at, vt.size) || vt.inline < 4 || !v.span(pos, vt.inline) {
		return vtab{}, fmt.Errorf("the field map of the table at byte %d does not fit", pos)
	}
	return vt, nil
}

// field returns where field id lies, 0 where it is absent.
func (vt vtab) field(v *verifier, id int) (int, error) {
	slot := 4 + 2*id
	if slot+2 > vt.size {
		return 0, nil
	}
	off := int(binary.LittleEndian.Uint16(v.b[vt.pos+slot:]))
	if off == 0 {
		return 0, nil
	}
	if off < 4 || off >= vt.inline {
		return 0, fmt.Errorf("field %d of the table at byte %d lies outside it", id, vt.table)
	}
	return vt.table + off, nil
}

func (v *verifier) field(at int, f fieldSpec, vt vtab) error {
	switch f.kind {
	case scalar:
		if at+f.size > vt.table+vt.inline {
			return fmt.Errorf("field %d of the table at byte %d is cut off", f.id, vt.table)
		}
		return nil
	case vector:
		_, _, err := v.vector(at, f.size)
		return err
	case table:
		return v.offsetTo(at, f.of)
	case tables:
		first, n, err := v.vector(at, 4)
		if err != nil {
			return err
		}
		for i := range n {
			if err := v.offsetTo(first+4*i, f.of); err != nil {
				return err
			}
		}
		return nil
	}
	return v.union(at, f, vt)
}

// vector returns where the elements of the vector start and how many it has.
func (v *verifier) vector(at, size int) (first, n int, err error) {
	to, err := v.follow(at)
	if err != nil {
		return 0, 0, err
	}
	n = int(binary.LittleEndian.Uint32(v.b[to:]))
	if n > len(v.b) || !v.span(to+4, n*size) {
		return 0, 0, fmt.Errorf("the list at byte %d claims %d items, more than there are bytes", to, n)
	}
	return to + 4, n, nil
}

// union checks the member that the type in the field before names; members
// that this package does not know are never read.
func (v *verifier) union(at int, f fieldSpec, vt vtab) error {
	tag, err := vt.field(v, f.id-1)
	if err != nil || tag == 0 {
		return err
	}
	spec, known := f.members[v.b[tag]]
	if !known {
		return nil
	}
	return v.offsetTo(at, spec)
}
