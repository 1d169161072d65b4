package exchange

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// File is a spreadsheet that was looked at and can be imported. It holds no
// open file and may be kept.
type File struct {
	Path      string
	Format    Format
	Encoding  Encoding // "" of XLSX
	Tab       string   // of XLSX
	Tabs      []string // of XLSX, all of them
	Header    []string
	HeaderRow int     // the number of the row that holds it
	Columns   Mapping // what each column means: a person may change it
	Sample    []Row   // the first rows, for a screen
	// DecimalComma says that "1.299" is a thousand and more: the file writes
	// its prices with a decimal comma.
	DecimalComma bool

	kind  kind
	comma byte
	skip  int // bytes of text before the first row
	bytes int64
}

// kind is how a file is read.
type kind byte

const (
	csvKind kind = iota
	xlsxKind
	xmlKind
)

const (
	sampleRows = 200
	headerRows = 20 // among which the header is looked for
)

// tableRows is what can be read row by row: io.EOF after the last, a *rowError
// for a row that is left out.
type tableRows interface {
	next() (Row, error)
	Close() error
}

// Open looks at a file: what it is, how its text is written, and what its
// columns seem to mean. tab names a sheet of an XLSX file; "" takes the first.
func Open(path, tab string) (*File, error) {
	f := &File{Path: path, Tab: tab}
	if err := f.look(); err != nil {
		return nil, fmt.Errorf("import %s: %w", filepath.Base(path), err)
	}
	return f, nil
}

func (f *File) look() error {
	if err := f.sniff(); err != nil {
		return err
	}
	if err := f.findHeader(); err != nil {
		return err
	}
	f.Format = f.formatOf()
	f.Columns = guess(f.Header, f.Format, f.Sample)
	f.DecimalComma = f.Format == Table && decimalComma(f.Columns, f.Sample)
	return nil
}

// sniff finds out how the file is to be read.
func (f *File) sniff() error {
	st, err := os.Stat(f.Path)
	switch {
	case err != nil:
		return reason(err)
	case st.IsDir():
		return errors.New("it is a folder; give the spreadsheet, and the folder of its pictures with --images")
	case !st.Mode().IsRegular():
		return errors.New("it is no file")
	case st.Size() > MaxFile:
		return fmt.Errorf("it has %d MB, but at most %d are read; split it", st.Size()>>20, MaxFile>>20)
	case st.Size() == 0:
		return errors.New("it is empty")
	}
	f.bytes = st.Size()
	file, err := os.Open(f.Path)
	if err != nil {
		return reason(err)
	}
	defer file.Close()
	magic := make([]byte, 8)
	n, _ := io.ReadFull(file, magic)
	magic = magic[:n]
	switch {
	case bytes.HasPrefix(magic, []byte("PK\x03\x04")):
		f.kind = xlsxKind
		return f.findTab()
	case bytes.HasPrefix(magic, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return errors.New("it is in Excel's old format or locked by a password; save it as .xlsx or .csv and import that")
	case bytes.HasPrefix(magic, []byte("%PDF")), bytes.HasPrefix(magic, []byte("\x89PNG")), bytes.HasPrefix(magic, []byte("\xff\xd8\xff")):
		return errors.New("it is no spreadsheet; give a .csv, .tsv, .xlsx or a product feed (.xml)")
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return f.sniffText(file)
}

func (f *File) sniffText(file *os.File) (err error) {
	if f.Encoding, err = detect(file); err != nil {
		return err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	head := make([]byte, 256<<10)
	n, err := io.ReadFull(f.Encoding.decoded(file), head)
	if err != nil && err != io.ErrUnexpectedEOF && err != io.EOF {
		return err
	}
	text := string(head[:n])
	if strings.ContainsRune(text, 0) {
		return errors.New("it is no text; give a .csv, .tsv, .xlsx or a product feed (.xml)")
	}
	if strings.HasPrefix(strings.TrimSpace(text), "<") {
		f.kind = xmlKind
		return nil
	}
	f.comma, f.skip = delimiter(text)
	return nil
}

// reason is an error of the file system without the path, which the caller
// names.
func reason(err error) error {
	if path := (*os.PathError)(nil); errors.As(err, &path) {
		return path.Err
	}
	return err
}

// rows opens the file for reading from its first row. The caller closes it.
func (f *File) rows() (tableRows, error) {
	if f.kind == xlsxKind {
		return openXLSX(f.Path, f.Tab)
	}
	file, err := os.Open(f.Path)
	if err != nil {
		return nil, reason(err)
	}
	text := f.Encoding.decoded(file)
	if f.kind == xmlKind {
		return &xmlFile{newFeedReader(text, f.Header), file}, nil
	}
	if f.skip > 0 {
		if _, err := io.CopyN(io.Discard, text, int64(f.skip)); err != nil {
			file.Close()
			return nil, err
		}
	}
	return &csvFile{newCSVReader(text, f.comma), file}, nil
}

type csvFile struct {
	*csvReader
	file *os.File
}

func (c *csvFile) Close() error { return c.file.Close() }

type xmlFile struct {
	*feedReader
	file *os.File
}

func (c *xmlFile) Close() error { return c.file.Close() }

// findHeader reads the first rows: the header is the first that has two words
// known over columns, else the first with two cells, else the first.
func (f *File) findHeader() error {
	if f.kind == xmlKind {
		file, err := os.Open(f.Path)
		if err != nil {
			return reason(err)
		}
		defer file.Close()
		if f.Header, err = feedHeader(f.Encoding.decoded(bufio.NewReader(file))); err != nil {
			return err
		}
		f.HeaderRow = 1
	}
	rows, err := f.rows()
	if err != nil {
		return err
	}
	defer rows.Close()
	var first []Row
	for len(first) < sampleRows {
		row, err := rows.next()
		if bad := (*rowError)(nil); errors.As(err, &bad) {
			if len(first) == 0 {
				return fmt.Errorf("its first row cannot be read: %w", err)
			}
			continue
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if !blank(row.Cells) {
			first = append(first, row)
		}
	}
	return f.takeHeader(first)
}

func (f *File) takeHeader(first []Row) error {
	if f.kind == xmlKind {
		f.Sample = first
		return nil
	}
	if len(first) == 0 {
		return errors.New("it has no rows")
	}
	at := -1
	for i, row := range first[:min(len(first), headerRows)] {
		if known(row.Cells) >= 2 {
			at = i
			break
		}
	}
	if at < 0 {
		at = 0
		for i, row := range first[:min(len(first), headerRows)] {
			if filled(row.Cells) >= 2 {
				at = i
				break
			}
		}
	}
	f.Header, f.HeaderRow, f.Sample = first[at].Cells, first[at].Number, first[at+1:]
	return nil
}

// known counts the cells that are a header of some format.
func known(cells []string) (n int) {
	for _, c := range cells {
		if len(c) < 200 && (fieldOf(c, Shopify) != None || fieldOf(c, Feed) != None || fieldOf(c, Table) != None) {
			n++
		}
	}
	return n
}

func filled(cells []string) (n int) {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			n++
		}
	}
	return n
}

func blank(cells []string) bool { return filled(cells) == 0 }

// trimEnd leaves out empty cells at a row's end.
func trimEnd(cells []string) []string {
	for len(cells) > 0 && strings.TrimSpace(cells[len(cells)-1]) == "" {
		cells = cells[:len(cells)-1]
	}
	return cells
}

// formatOf tells a format by its header.
func (f *File) formatOf() Format {
	if f.kind == xmlKind {
		return Feed
	}
	have := map[string]bool{}
	for _, h := range f.Header {
		have[plain(h)] = true
	}
	switch {
	case (have["handle"] || have["url handle"]) && (have["title"] || have["option1 value"]),
		have["title"] && (have["body (html)"] || have["option1 value"] || have["variant price"] || have["product image url"]):
		return Shopify
	case have["id"] && have["title"] && (have["image_link"] || have["image link"] || have["availability"] && have["link"]):
		return Feed
	}
	return Table
}
