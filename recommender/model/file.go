package model

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"time"
)

// Trained is a model with the names of what it was trained on: what a model
// file holds.
type Trained struct {
	Items    []string  // product IDs, by the model's numbers
	Features *Features // of those items
	Blend    *Blend
	At       time.Time
	People   int
	Events   int
	// Simulated says that the shoppers it learned from were made up.
	Simulated bool
	// Phase and Done are how far a training had got (see evaluate.Course), Data
	// what it was of: a checkpoint goes on only with the same.
	Phase, Done int
	Data        uint64
	// L2, NDCG, HR and Tested are what the weights rest on.
	L2, NDCG, HR float64
	Tested       int
}

// The file: magic, version, body, CRC-32 of the body. Numbers are
// little-endian, lists carry their length. A reader never reserves more than
// the bytes that are there can fill.
const (
	magic       = "CHEVALRM"
	fileVersion = 1
	// MaxFile is the largest model file that is read.
	MaxFile = 1 << 30
)

// ErrFile is wrapped by every error of Unmarshal: the file is no model.
var ErrFile = errors.New("this is no whole model file of this version; train again")

// Marshal writes a model file.
func Marshal(t *Trained) []byte {
	c := &coder{writing: true}
	t.code(c)
	out := make([]byte, 0, len(c.b)+len(magic)+8)
	out = append(out, magic...)
	out = binary.LittleEndian.AppendUint32(out, fileVersion)
	out = append(out, c.b...)
	return binary.LittleEndian.AppendUint32(out, crc32.ChecksumIEEE(c.b))
}

// Unmarshal reads a model file and checks that its parts fit together.
func Unmarshal(b []byte) (*Trained, error) {
	head := len(magic) + 4
	if len(b) > MaxFile || len(b) < head+4 || !bytes.HasPrefix(b, []byte(magic)) {
		return nil, fmt.Errorf("recommender: %w", ErrFile)
	}
	if v := binary.LittleEndian.Uint32(b[len(magic):]); v != fileVersion {
		return nil, fmt.Errorf("recommender: version %d: %w", v, ErrFile)
	}
	body := b[head : len(b)-4]
	if crc32.ChecksumIEEE(body) != binary.LittleEndian.Uint32(b[len(b)-4:]) {
		return nil, fmt.Errorf("recommender: the checksum does not match: %w", ErrFile)
	}
	return decode(body)
}

// decode reads a body; apart from Unmarshal so that fuzzing gets past the checksum.
func decode(body []byte) (*Trained, error) {
	c := &coder{b: body}
	t := &Trained{}
	t.code(c)
	if c.err == nil && len(c.b) > 0 {
		c.fail("%d bytes are left over", len(c.b))
	}
	if c.err == nil {
		c.err = t.check()
	}
	if c.err != nil {
		return nil, fmt.Errorf("recommender: %w: %w", c.err, ErrFile)
	}
	return t, nil
}

// coder reads or writes, by the same calls, so that both always agree.
type coder struct {
	writing bool
	b       []byte
	err     error
}

func (c *coder) fail(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf(format, args...)
	}
}

// take is the next n bytes of what is read.
func (c *coder) take(n int) []byte {
	if c.err != nil || n < 0 || n > len(c.b) {
		c.fail("the file ends early")
		return nil
	}
	out := c.b[:n]
	c.b = c.b[n:]
	return out
}

func (c *coder) u64(v *uint64) {
	if c.writing {
		c.b = binary.LittleEndian.AppendUint64(c.b, *v)
	} else if b := c.take(8); b != nil {
		*v = binary.LittleEndian.Uint64(b)
	}
}

func (c *coder) i64(v *int64) {
	u := uint64(*v)
	c.u64(&u)
	*v = int64(u)
}

// num is a number from 0 to limit.
func (c *coder) num(v *int, limit int) {
	u := uint64(*v)
	c.u64(&u)
	if u > uint64(limit) {
		c.fail("a number is %d, but at most %d", u, limit)
		u = 0
	}
	*v = int(u)
}

func (c *coder) f64(v *float64) {
	u := math.Float64bits(*v)
	c.u64(&u)
	*v = math.Float64frombits(u)
	if math.IsNaN(*v) || math.IsInf(*v, 0) {
		c.fail("a setting is not finite")
		*v = 0
	}
}

func (c *coder) flag(v *bool) {
	n := 0
	if *v {
		n = 1
	}
	c.num(&n, 1)
	*v = n == 1
}

// size is the length of a list whose entries take at least each bytes.
func (c *coder) size(n, each int) int {
	c.num(&n, MaxFile)
	if !c.writing && n > len(c.b)/each {
		c.fail("a list is longer than the file")
		return 0
	}
	return n
}

func (c *coder) text(v *string) {
	n := c.size(len(*v), 1)
	if c.writing {
		c.b = append(c.b, *v...)
	} else {
		*v = string(c.take(n))
	}
}

func (c *coder) texts(v *[]string) {
	n := c.size(len(*v), 8)
	if !c.writing {
		*v = make([]string, n)
	}
	for i := range *v {
		c.text(&(*v)[i])
	}
}

func (c *coder) f32s(v *[]float32) {
	n := c.size(len(*v), 4)
	if c.writing {
		for _, x := range *v {
			c.b = binary.LittleEndian.AppendUint32(c.b, math.Float32bits(x))
		}
		return
	}
	b := c.take(4 * n)
	*v = make([]float32, len(b)/4)
	for i := range *v {
		(*v)[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		if !finite((*v)[i]) {
			c.fail("a weight is not finite")
			return
		}
	}
}

func (c *coder) i32s(v *[]int32) {
	n := c.size(len(*v), 4)
	if c.writing {
		for _, x := range *v {
			c.b = binary.LittleEndian.AppendUint32(c.b, uint32(x))
		}
		return
	}
	b := c.take(4 * n)
	*v = make([]int32, len(b)/4)
	for i := range *v {
		(*v)[i] = int32(binary.LittleEndian.Uint32(b[4*i:]))
	}
}

func (c *coder) i64s(v *[]int64) {
	n := c.size(len(*v), 8)
	if !c.writing {
		*v = make([]int64, n)
	}
	for i := range *v {
		c.i64(&(*v)[i])
	}
}

func (c *coder) f64s(v *[]float64) {
	n := c.size(len(*v), 8)
	if !c.writing {
		*v = make([]float64, n)
	}
	for i := range *v {
		c.f64(&(*v)[i])
	}
}
