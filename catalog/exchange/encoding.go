package exchange

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// Encoding is how a file's text is written.
type Encoding string

const (
	UTF8        Encoding = "UTF-8"
	UTF16LE     Encoding = "UTF-16LE"
	UTF16BE     Encoding = "UTF-16BE"
	GB18030     Encoding = "GB18030"
	Windows1252 Encoding = "Windows-1252" // and Latin-1, which is a part of it
)

// decoded reads r, written in e, as UTF-8 without a byte-order mark. Bytes that
// mean nothing in e become U+FFFD.
func (e Encoding) decoded(r io.Reader) io.Reader {
	var from encoding.Encoding
	switch e {
	case UTF16LE:
		from = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case UTF16BE:
		from = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	case GB18030:
		from = simplifiedchinese.GB18030
	case Windows1252:
		from = charmap.Windows1252
	default:
		from = unicode.UTF8
	}
	b := bufio.NewReaderSize(transform.NewReader(r, from.NewDecoder()), 64<<10)
	if mark, _, err := b.ReadRune(); err == nil && mark != '\ufeff' {
		_ = b.UnreadRune() // cannot fail after ReadRune
	}
	return b
}

// detect tells how the text of r is written, from all of it. A byte-order mark
// decides; else what is valid UTF-8 is UTF-8, and of the rest, text whose high
// bytes come in the pairs of Chinese characters is GB18030.
func detect(r io.Reader) (Encoding, error) {
	var c census
	b := bufio.NewReaderSize(r, 256<<10)
	mark, err := b.Peek(4)
	if err != nil && err != io.EOF {
		return "", fmt.Errorf("read: %w", err)
	}
	if e := markOf(mark); e != "" {
		return e, nil
	}
	if _, err := io.Copy(&c, b); err != nil {
		return "", fmt.Errorf("read: %w", err)
	}
	return c.verdict(), nil
}

func markOf(b []byte) Encoding {
	switch {
	case bytes.HasPrefix(b, []byte("\xef\xbb\xbf")):
		return UTF8
	case bytes.HasPrefix(b, []byte("\xff\xfe")):
		return UTF16LE
	case bytes.HasPrefix(b, []byte("\xfe\xff")):
		return UTF16BE
	}
	return ""
}

// census counts what tells encodings apart, over a stream.
type census struct {
	bytes, evenZeros, oddZeros int
	wide, broken               int // UTF-8 sequences over one byte; bytes that are none
	rest                       []byte
	high, paired               int // bytes over 0x7f; those in pairs as GB 2312 has them
	lead                       byte
}

// Write takes the next bytes.
func (c *census) Write(p []byte) (int, error) {
	c.count(p)
	c.utf8(append(c.rest, p...))
	return len(p), nil
}

// utf8 counts sequences and keeps one that b ends within.
func (c *census) utf8(b []byte) {
	for len(b) > 0 {
		if b[0] < utf8.RuneSelf {
			b = b[1:]
			continue
		}
		if !utf8.FullRune(b) {
			break
		}
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			c.broken++
		} else {
			c.wide++
		}
		b = b[n:]
	}
	c.rest = append(c.rest[:0], b...)
}

func (c *census) count(p []byte) {
	for _, b := range p {
		if b == 0 {
			if c.bytes%2 == 0 {
				c.evenZeros++
			} else {
				c.oddZeros++
			}
		}
		c.bytes++
		switch {
		case b < 0x80:
			c.lead = 0
		default:
			c.high++
			if c.lead >= 0xa1 && c.lead <= 0xf7 && b >= 0xa1 {
				c.paired += 2
				c.lead = 0
			} else {
				c.lead = b
			}
		}
	}
}

func (c *census) verdict() Encoding {
	c.broken += len(c.rest)
	switch {
	case c.evenZeros > c.bytes/8 && c.evenZeros > 8*c.oddZeros:
		return UTF16BE
	case c.oddZeros > c.bytes/8 && c.oddZeros > 8*c.evenZeros:
		return UTF16LE
	case c.broken == 0, c.wide > 20*c.broken:
		return UTF8
	case c.paired*10 >= c.high*7:
		return GB18030
	}
	return Windows1252
}
