package exchange

import (
	"errors"
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"
)

// Limits of an XLSX file, which is a ZIP.
const (
	maxXLSX     = 256 << 20 // bytes as it lies there
	maxUnzipped = 1 << 30   // bytes unpacked
)

// xlsxRows reads one tab of an XLSX file.
type xlsxRows struct {
	book *excelize.File
	rows *excelize.Rows
	row  int
}

// openBook opens an XLSX file; its parts over 16 MB are unpacked to disk.
func openBook(path string) (book *excelize.File, err error) {
	err = guarded(func() (err error) {
		book, err = excelize.OpenFile(path, excelize.Options{
			RawCellValue: true, UnzipSizeLimit: maxUnzipped, UnzipXMLSizeLimit: 16 << 20,
		})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("it cannot be read as a spreadsheet: %w; save it as .csv and import that", reason(err))
	}
	return book, nil
}

// guarded turns a panic of the library over a broken file into an error.
func guarded(do func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the file is damaged (%v)", r)
		}
	}()
	return do()
}

// findTab chooses the tab to read.
func (f *File) findTab() error {
	if f.bytes > maxXLSX {
		return fmt.Errorf("it has %d MB, but at most %d of a spreadsheet are read; save it as .csv", f.bytes>>20, maxXLSX>>20)
	}
	book, err := openBook(f.Path)
	if err != nil {
		return err
	}
	defer book.Close()
	f.Tabs = book.GetSheetList()
	switch {
	case len(f.Tabs) == 0:
		return errors.New("it has no table")
	case f.Tab == "":
		f.Tab = f.Tabs[0]
	}
	for _, t := range f.Tabs {
		if t == f.Tab {
			return nil
		}
	}
	return fmt.Errorf("it has no tab %q, but %q", f.Tab, f.Tabs)
}

func openXLSX(path, tab string) (tableRows, error) {
	book, err := openBook(path)
	if err != nil {
		return nil, err
	}
	x := &xlsxRows{book: book}
	err = guarded(func() (err error) {
		x.rows, err = book.Rows(tab)
		return err
	})
	if err != nil {
		book.Close()
		return nil, fmt.Errorf("its tab %q cannot be read: %w", tab, err)
	}
	return x, nil
}

func (x *xlsxRows) next() (row Row, err error) {
	err = guarded(func() error {
		for x.rows.Next() {
			x.row++
			cells, err := x.rows.Columns(excelize.Options{RawCellValue: true})
			if err != nil {
				return fmt.Errorf("row %d: %w", x.row, err)
			}
			if len(cells) == 0 {
				continue
			}
			row = Row{x.row, cells}
			return checkSize(row)
		}
		if err := x.rows.Error(); err != nil {
			return err
		}
		return io.EOF
	})
	return row, err
}

// checkSize holds a row that was already read to the limits.
func checkSize(row Row) error {
	size := 0
	for _, c := range row.Cells {
		size += len(c)
		if len(c) > MaxCell {
			return &rowError{row.Number, "a cell is over 1 MB; the row is left out"}
		}
	}
	switch {
	case size > MaxRow:
		return &rowError{row.Number, "the row is over 3 MB and is left out"}
	case len(row.Cells) > MaxColumns:
		return &rowError{row.Number, "the row has over 2000 cells and is left out"}
	}
	return nil
}

func (x *xlsxRows) Close() error {
	return errors.Join(x.rows.Close(), x.book.Close())
}
