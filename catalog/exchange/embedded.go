package exchange

import (
	"fmt"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"cheval/catalog"
)

// embedded are the pictures that lie in the cells of an XLSX file, as
// wholesalers' price lists have them.
type embedded struct {
	book  *excelize.File
	tab   string
	cells map[int][]string // by row: "C4"
}

// embedded finds the pictures in the file's tab; nil where there are none. The
// caller closes it.
func (f *File) embedded() (*embedded, error) {
	if f.kind != xlsxKind {
		return nil, nil
	}
	book, err := openBook(f.Path)
	if err != nil {
		return nil, err
	}
	e := &embedded{book, f.Tab, map[int][]string{}}
	err = guarded(func() error {
		if !hasMedia(book) {
			return nil
		}
		cells, err := book.GetPictureCells(f.Tab)
		for _, c := range cells {
			if _, row, err := excelize.CellNameToCoordinates(c); err == nil && !slices.Contains(e.cells[row], c) {
				e.cells[row] = append(e.cells[row], c)
			}
		}
		return err
	})
	if err != nil || len(e.cells) == 0 {
		book.Close()
		return nil, err
	}
	return e, nil
}

// hasMedia says whether an XLSX file has any pictures: to look for their cells
// is dear.
func hasMedia(book *excelize.File) (has bool) {
	book.Pkg.Range(func(name, _ any) bool {
		s, ok := name.(string)
		has = ok && strings.HasPrefix(s, "xl/media/")
		return !has
	})
	return has
}

func (e *embedded) close() { e.book.Close() }

// pasted gives a product the pictures in the cells of its rows, each for the
// variant in whose row it lies.
func (im *importer) pasted(out *reading, rows []Row) {
	if im.embedded == nil {
		return
	}
	p := out.product
	for i, row := range rows {
		for _, c := range im.embedded.cells[row.Number] {
			var pics []excelize.Picture
			err := guarded(func() (err error) {
				pics, err = im.embedded.book.GetPictures(im.embedded.tab, c)
				return err
			})
			if err != nil {
				im.found.add(row.Number, c, "the picture in the cell cannot be read: %v", err)
			}
			for n, pasted := range pics {
				pic := catalog.Picture{Role: catalog.Original, Name: fmt.Sprintf("%s-%d%s", c, n+1, pasted.Extension)}
				if len(pasted.File) > maxImageBytes {
					im.found.add(row.Number, c, "the picture in the cell is over %d MB", maxImageBytes>>20)
				} else if err := im.keep(&pic, pasted.File); err != nil {
					im.found.add(row.Number, c, "the picture in the cell %v", err)
				} else {
					if v := slices.Index(out.variantRow, i); v >= 0 && len(p.Variants) > 1 {
						pic.SKU = p.Variants[v].SKU
					}
					im.add(p, pic)
				}
			}
		}
	}
}
