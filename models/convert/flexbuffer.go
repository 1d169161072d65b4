package convert

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// flexMap reads the scalars and lists of numbers in a FlexBuffers map, the
// form in which MediaPipe's operators keep their options
// (flatbuffers.dev/flexbuffers). All other values are passed over.
func flexMap(b []byte) (map[string][]float64, error) {
	f := flexReader(b)
	if len(b) < 3 {
		return nil, errors.New("options are cut off")
	}
	width := int(b[len(b)-1])
	if !flexWidth(width) || len(b) < 2+width {
		return nil, errors.New("options are cut off")
	}
	packed := b[len(b)-2]
	if packed>>2 != flexTypeMap {
		return nil, errors.New("options are no map")
	}
	pos, err := f.indirect(len(b)-2-width, width)
	if err != nil {
		return nil, err
	}
	return f.readMap(pos, 1<<(packed&3))
}

const (
	flexTypeInt       = 1
	flexTypeUint      = 2
	flexTypeFloat     = 3
	flexTypeMap       = 9
	flexTypeVector    = 10
	flexTypeVectorInt = 11 // then unsigned, then float
	flexTypeVectorEnd = 13
	flexTypeBool      = 26
)

type flexReader []byte

func flexWidth(w int) bool { return w == 1 || w == 2 || w == 4 || w == 8 }

func (f flexReader) span(pos, n int) error {
	if pos < 0 || n < 0 || pos > len(f) || n > len(f)-pos {
		return errors.New("options are cut off")
	}
	return nil
}

func (f flexReader) uint(pos, width int) (uint64, error) {
	if err := f.span(pos, width); err != nil {
		return 0, err
	}
	switch width {
	case 1:
		return uint64(f[pos]), nil
	case 2:
		return uint64(binary.LittleEndian.Uint16(f[pos:])), nil
	case 4:
		return uint64(binary.LittleEndian.Uint32(f[pos:])), nil
	}
	return binary.LittleEndian.Uint64(f[pos:]), nil
}

// indirect follows the offset at pos, which counts backwards.
func (f flexReader) indirect(pos, width int) (int, error) {
	off, err := f.uint(pos, width)
	if err != nil {
		return 0, err
	}
	if off == 0 || off > uint64(pos) {
		return 0, errors.New("options lead outside")
	}
	return pos - int(off), nil
}

// size reads how many items the vector at pos has.
func (f flexReader) size(pos, width int) (int, error) {
	n, err := f.uint(pos-width, width)
	if err != nil {
		return 0, err
	}
	if n > uint64(len(f)) {
		return 0, errors.New("options are cut off")
	}
	return int(n), nil
}

// readMap reads the map whose values start at pos. Before them stand the
// offset of the keys, the keys' width and the size; after them the types.
func (f flexReader) readMap(pos, width int) (map[string][]float64, error) {
	n, err := f.size(pos, width)
	if err != nil {
		return nil, err
	}
	keys, err := f.indirect(pos-3*width, width)
	if err != nil {
		return nil, err
	}
	keyWidth, err := f.uint(pos-2*width, width)
	if err != nil {
		return nil, err
	}
	if n > maxArity || !flexWidth(int(keyWidth)) {
		return nil, errors.New("options are damaged")
	}
	out := make(map[string][]float64, n)
	for i := range n {
		key, err := f.key(keys+i*int(keyWidth), int(keyWidth))
		if err != nil {
			return nil, err
		}
		kind, err := f.uint(pos+n*width+i, 1)
		if err != nil {
			return nil, err
		}
		v, err := f.value(pos+i*width, width, byte(kind))
		if err != nil {
			return nil, fmt.Errorf("option %q: %w", key, err)
		}
		out[key] = v
	}
	return out, nil
}

func (f flexReader) key(pos, width int) (string, error) {
	at, err := f.indirect(pos, width)
	if err != nil {
		return "", err
	}
	for end := at; end < len(f) && end-at <= maxName; end++ {
		if f[end] == 0 {
			return string(f[at:end]), nil
		}
	}
	return "", errors.New("options are cut off")
}

// value reads a number or a list of numbers; nil for anything else.
func (f flexReader) value(pos, width int, packed byte) ([]float64, error) {
	kind, childWidth := packed>>2, 1<<(packed&3)
	if kind == flexTypeVector || kind >= flexTypeVectorInt && kind <= flexTypeVectorEnd {
		at, err := f.indirect(pos, width)
		if err != nil {
			return nil, err
		}
		return f.list(at, childWidth, kind)
	}
	v, ok, err := f.number(pos, width, kind)
	if err != nil || !ok {
		return nil, err
	}
	return []float64{v}, nil
}

// list reads a vector of numbers, which share a type or have one each.
func (f flexReader) list(pos, width int, kind byte) ([]float64, error) {
	n, err := f.size(pos, width)
	if err != nil {
		return nil, err
	}
	if err := f.span(pos, n*width); err != nil {
		return nil, err
	}
	out := make([]float64, n)
	for i := range out {
		each := kind - flexTypeVectorInt + flexTypeInt
		if kind == flexTypeVector {
			packed, err := f.uint(pos+n*width+i, 1)
			if err != nil {
				return nil, err
			}
			each = byte(packed) >> 2
		}
		v, ok, err := f.number(pos+i*width, width, each)
		if err != nil || !ok {
			return nil, errors.New("a list holds more than numbers")
		}
		out[i] = v
	}
	return out, nil
}

// number reads a number stored in place; ok is false for other kinds.
func (f flexReader) number(pos, width int, kind byte) (v float64, ok bool, err error) {
	bits, err := f.uint(pos, width)
	if err != nil {
		return 0, false, err
	}
	switch kind {
	case flexTypeInt:
		shift := 64 - 8*width
		return float64(int64(bits<<shift) >> shift), true, nil
	case flexTypeUint, flexTypeBool:
		return float64(bits), true, nil
	case flexTypeFloat:
		switch width {
		case 2:
			return float64(half(uint16(bits))), true, nil
		case 4:
			return float64(math.Float32frombits(uint32(bits))), true, nil
		case 8:
			return math.Float64frombits(bits), true, nil
		}
	}
	return 0, false, nil
}
