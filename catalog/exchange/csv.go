package exchange

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
)

// Row is one row of a table.
type Row struct {
	Number int // as a spreadsheet program counts, from 1
	Cells  []string
}

// rowError is a row that could not be read; the ones after it can.
type rowError struct {
	row int
	why string
}

func (e *rowError) Error() string { return e.why }

// csvReader reads comma-separated values as they come from the world: rows of
// any length, either kind of line end, quotes where they do not belong. Unlike
// encoding/csv it keeps every byte of a field (also "\r\n" within quotes),
// holds at most MaxRow bytes of a row, and finds its way again after a quote
// that is never closed.
type csvReader struct {
	in    *bufio.Reader
	comma byte
	row   int

	raw    []byte // the row's bytes as read, until MaxRow
	cell   []byte
	cells  []string
	big    string // why the row is too big; ""
	strays int    // quotes that were never closed
}

func newCSVReader(r io.Reader, comma byte) *csvReader {
	return &csvReader{in: bufio.NewReaderSize(r, 64<<10), comma: comma}
}

// maxStrays is after how many unclosed quotes a quote is just a character.
const maxStrays = 16

// next returns the next row, a *rowError for one that cannot be read, io.EOF
// after the last. Empty lines are counted and left out.
func (c *csvReader) next() (Row, error) {
	for {
		open, err := c.read()
		if err != nil {
			return Row{}, err
		}
		c.row++
		switch {
		case open && c.big == "":
			return Row{}, c.recover()
		case open:
			return Row{}, &rowError{c.row, "a quote opens a cell and is never closed: everything from here to the end of the file is left out; close it and import again"}
		case c.big != "":
			return Row{}, &rowError{c.row, c.big}
		case len(c.cells) == 1 && c.cells[0] == "":
			continue
		}
		return Row{c.row, c.cells}, nil
	}
}

// recover reads on behind the line on which a quote opened that nothing closed.
func (c *csvReader) recover() error {
	c.strays++
	_, rest, found := bytes.Cut(c.raw, []byte("\n"))
	if !found {
		_, rest, _ = bytes.Cut(c.raw, []byte("\r"))
	}
	c.in = bufio.NewReaderSize(io.MultiReader(bytes.NewReader(bytes.Clone(rest)), c.in), 64<<10)
	return &rowError{c.row, "a quote opens a cell and is never closed; the row is left out, reading goes on with the next line"}
}

// read takes one row into c.cells. open says that the input ended within
// quotes.
func (c *csvReader) read() (open bool, err error) {
	c.raw, c.cell, c.cells, c.big = c.raw[:0], c.cell[:0], nil, ""
	quoted, started := false, false // within quotes; the cell has begun
	for {
		b, err := c.in.ReadByte()
		if errors.Is(err, io.EOF) {
			if len(c.cells) == 0 && len(c.cell) == 0 && !started && c.big == "" {
				return false, io.EOF
			}
			if !quoted {
				c.endCell()
			}
			return quoted, nil
		}
		if err != nil {
			return false, err
		}
		c.note(b)
		switch {
		case quoted && b == '"':
			quoted = c.quoteGoesOn()
		case quoted:
			c.put(b)
		case b == '"' && !started && c.strays < maxStrays:
			quoted, started = true, true
		case b == c.comma:
			c.endCell()
			started = false
		case b == '\n' || b == '\r':
			if b == '\r' && c.peek() == '\n' {
				c.skip()
			}
			c.endCell()
			return false, nil
		default:
			started = true
			c.put(b)
		}
	}
}

// quoteGoesOn decides on a quote within quotes: doubled it stands for one, and
// where no cell can end it is one that somebody forgot to double.
func (c *csvReader) quoteGoesOn() bool {
	switch next := c.peek(); {
	case next == '"':
		c.skip()
		c.put('"')
		return true
	case next < 0, next == int(c.comma), next == '\n', next == '\r':
		return false
	}
	c.put('"')
	return true
}

func (c *csvReader) peek() int {
	b, err := c.in.Peek(1)
	if err != nil {
		return -1
	}
	return int(b[0])
}

// skip drops the byte that peek showed.
func (c *csvReader) skip() {
	if b, err := c.in.ReadByte(); err == nil {
		c.note(b)
	}
}

// note keeps a byte of the row as it was read.
func (c *csvReader) note(b byte) {
	if len(c.raw) < MaxRow {
		c.raw = append(c.raw, b)
	} else if c.big == "" {
		c.big = "the row is over 3 MB and is left out"
	}
}

func (c *csvReader) put(b byte) {
	switch {
	case c.big != "":
	case len(c.cell) >= MaxCell:
		c.big = "a cell is over 1 MB; the row is left out"
	default:
		c.cell = append(c.cell, b)
	}
}

func (c *csvReader) endCell() {
	if len(c.cells) >= MaxColumns {
		c.big = "the row has over 2000 cells and is left out"
		c.cells = c.cells[:0]
	}
	if c.big != "" {
		c.cell = c.cell[:0]
		return
	}
	c.cells = append(c.cells, string(c.cell))
	c.cell = c.cell[:0]
}

// delimiter guesses what separates the cells of text, by its first line:
// what occurs most outside of quotes. A line "sep=;" as spreadsheet programs
// write it decides; skip is its length.
func delimiter(text string) (comma byte, skip int) {
	line, _, _ := strings.Cut(text, "\n")
	if s, ok := strings.CutPrefix(strings.TrimRight(line, "\r"), "sep="); ok && len(s) == 1 {
		return s[0], len(line) + 1
	}
	counts := map[byte]int{}
	quoted := false
	for i := 0; i < len(text); i++ {
		switch b := text[i]; b {
		case '"':
			quoted = !quoted
		case ',', ';', '\t', '|':
			if !quoted {
				counts[b]++
			}
		case '\n', '\r':
			if !quoted && len(counts) > 0 {
				i = len(text)
			}
		}
	}
	comma = ','
	for _, b := range []byte(";\t|") {
		if counts[b] > counts[comma] {
			comma = b
		}
	}
	return comma, 0
}
