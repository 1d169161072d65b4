package convert

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Bounds of a CTranslate2 file, far above Whisper base's (212 variables,
// 145 MB).
const (
	maxVariables = 4096
	ct2Rank      = 4
)

// ct2Variable is one tensor of a CTranslate2 file: float16, little-endian.
type ct2Variable struct {
	dims []int
	raw  []byte
}

// ct2Model is the tensors of a CTranslate2 file by name. It keeps the source.
type ct2Model map[string]ct2Variable

// readCT2 reads a CTranslate2 file (version 6: its name and revision, then
// name, rank, dimensions, type, size and bytes of each variable) of the given
// specification. Every length is checked before use.
func readCT2(src []byte, spec string) (ct2Model, error) {
	r := ct2Reader{b: src}
	if v := r.u32(); r.err != nil || v != 6 {
		return nil, errors.New("it is not a CTranslate2 model of version 6")
	}
	if got := r.name(); r.err != nil || got != spec {
		return nil, fmt.Errorf("it is not a CTranslate2 model of %s", spec)
	}
	r.u32() // the revision of the specification
	n := r.u32()
	if r.err == nil && n > maxVariables {
		return nil, fmt.Errorf("it claims %d variables", n)
	}
	m := ct2Model{}
	for range n {
		name, v := r.variable()
		if r.err != nil {
			return nil, fmt.Errorf("variable %q: %w", name, r.err)
		}
		m[name] = v
	}
	return m, r.err
}

// ct2Reader takes values from the front of b until the first error.
type ct2Reader struct {
	b   []byte
	err error
}

func (r *ct2Reader) take(n uint64) []byte {
	if r.err == nil && n > uint64(len(r.b)) {
		r.err = errors.New("the file ends within it")
	}
	if r.err != nil {
		return make([]byte, min(n, 4))
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

func (r *ct2Reader) u32() uint32 { return binary.LittleEndian.Uint32(r.take(4)) }

// name reads a string, whose length counts its closing NUL.
func (r *ct2Reader) name() string {
	n := binary.LittleEndian.Uint16(r.take(2))
	s := r.take(uint64(n))
	if len(s) == 0 {
		return ""
	}
	return string(s[:len(s)-1])
}

const ct2Float16 = 4

func (r *ct2Reader) variable() (name string, v ct2Variable) {
	name = r.name()
	rank := r.take(1)[0]
	if rank > ct2Rank {
		r.err = fmt.Errorf("it has rank %d", rank)
		return name, v
	}
	size := uint64(2)
	for range rank {
		d := r.u32()
		if d == 0 || d > 1<<24 || size > 1<<30 {
			r.err = fmt.Errorf("it has a dimension of %d", d)
			return name, v
		}
		size *= uint64(d)
		v.dims = append(v.dims, int(d))
	}
	kind := r.take(1)[0]
	bytes := uint64(r.u32())
	v.raw = r.take(bytes)
	if r.err == nil && (kind == ct2Float16 && bytes != size) {
		r.err = fmt.Errorf("it has shape %v but %d bytes", v.dims, bytes)
	}
	if kind != ct2Float16 {
		v.dims = nil // not a weight: nobody asks for it
	}
	return name, v
}

// floats returns a float16 variable as float32, checking its shape.
func (m ct2Model) floats(name string, dims ...int) ([]float32, error) {
	v, ok := m[name]
	if !ok {
		return nil, fmt.Errorf("it has no variable %q", name)
	}
	n := 1
	for _, d := range dims {
		n *= d
	}
	if fmt.Sprint(v.dims) != fmt.Sprint(dims) || len(v.raw) != 2*n {
		return nil, fmt.Errorf("variable %q has shape %v, not %v", name, v.dims, dims)
	}
	out := make([]float32, n)
	for i := range out {
		out[i] = half(binary.LittleEndian.Uint16(v.raw[2*i:]))
	}
	return out, nil
}
