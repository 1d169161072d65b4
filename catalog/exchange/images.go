package exchange

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// Limits of the pictures beside a spreadsheet.
const (
	maxImages     = 50_000   // files
	maxImageBytes = 64 << 20 // of one picture
	maxImageTotal = 64 << 30 // of all pictures
)

// images are the picture files of a folder or a ZIP. None is unpacked to disk.
type images struct {
	files []imageFile
	close func() error
}

// imageFile is one picture.
type imageFile struct {
	name string // as a path with slashes
	open func() (io.ReadCloser, error)
}

// openImages lists the pictures in a folder or a ZIP. Links, names that lead
// out of it and files that are too large are left out and reported. The caller
// closes them.
func openImages(from string, found *problems) (*images, error) {
	im, err := listImages(from, found)
	if err != nil {
		return nil, fmt.Errorf("images %s: %w", filepath.Base(from), err)
	}
	slices.SortFunc(im.files, func(a, b imageFile) int { return strings.Compare(a.name, b.name) })
	return im, nil
}

func listImages(from string, found *problems) (*images, error) {
	st, err := os.Stat(from)
	if err != nil {
		return nil, reason(err)
	}
	if st.IsDir() {
		return folderImages(from, found)
	}
	z, err := zip.OpenReader(from)
	if err != nil {
		return nil, fmt.Errorf("it is neither a folder nor a ZIP that can be read: %w", reason(err))
	}
	im := &images{close: z.Close}
	if err := im.addZip(&z.Reader, found); err != nil {
		z.Close()
		return nil, err
	}
	return im, nil
}

// taking decides about files one by one.
type taking struct {
	found  *problems
	total  int64
	others int // files that are no pictures
}

var errTooMany = fmt.Errorf("it holds over %d pictures or %d GB; split it", maxImages, maxImageTotal>>30)

// takes says whether a file is a picture to take.
func (t *taking) takes(name string, mode fs.FileMode, size int64, so int) (bool, error) {
	switch {
	case mode.IsDir(), hidden(name):
		return false, nil
	case mode&fs.ModeSymlink != 0:
		t.found.add(0, "images", "%.120s is a link and is left out; put the picture itself there", name)
	case !mode.IsRegular():
		t.found.add(0, "images", "%.120s is no file and is left out", name)
	case !isPicture(name):
		t.others++
	case size > maxImageBytes || size < 0:
		t.found.add(0, "images", "%.120s has %d MB and is left out; a picture may have %d", name, size>>20, maxImageBytes>>20)
	case so >= maxImages || t.total+size > maxImageTotal:
		return false, errTooMany
	default:
		t.total += size
		return true, nil
	}
	return false, nil
}

// hidden says whether a file is a system's own and not the merchant's.
func hidden(name string) bool {
	return strings.HasPrefix(name, "__MACOSX/") || strings.HasPrefix(path.Base(name), ".") || path.Base(name) == "Thumbs.db"
}

func (t *taking) end() {
	if t.others > 0 {
		t.found.add(0, "images", "%d files are no pictures by their ending and are left out", t.others)
	}
}

func folderImages(dir string, found *problems) (*images, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, reason(err)
	}
	im, t := &images{close: root.Close}, taking{found: found}
	err = fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			found.add(0, "images", "%.120s cannot be read: %v", name, reason(err))
			return nil
		}
		size := int64(0)
		if info, err := d.Info(); err == nil {
			size = info.Size()
		}
		ok, err := t.takes(name, d.Type(), size, len(im.files))
		if ok {
			im.files = append(im.files, imageFile{name, func() (io.ReadCloser, error) { return root.Open(name) }})
		}
		return err
	})
	if err != nil {
		root.Close()
		return nil, err
	}
	t.end()
	return im, nil
}

func (im *images) addZip(z *zip.Reader, found *problems) error {
	t := taking{found: found}
	for _, f := range z.File {
		name := zipName(f)
		if !fs.ValidPath(strings.TrimSuffix(name, "/")) || strings.Contains(name, `\`) || strings.Contains(name, ":") {
			found.add(0, "images", "%.120q leads out of the ZIP or is no name; it is left out", name)
			continue
		}
		size := int64(f.UncompressedSize64)
		ok, err := t.takes(name, f.Mode(), size, len(im.files))
		if err != nil {
			return err
		}
		if ok {
			im.files = append(im.files, imageFile{name, f.Open})
		}
	}
	t.end()
	return nil
}

// zipName is an entry's name. Chinese Windows writes it in its own encoding.
func zipName(f *zip.File) string {
	if utf8.ValidString(f.Name) {
		return f.Name
	}
	if s, err := simplifiedchinese.GB18030.NewDecoder().String(f.Name); err == nil {
		return s
	}
	return strings.ToValidUTF8(f.Name, "_")
}

var errImageSize = errors.New("it is larger unpacked than it says, and than a picture may be")

// read returns a whole picture file, at most maxImageBytes.
func (f imageFile) read() ([]byte, error) {
	r, err := f.open()
	if err != nil {
		return nil, reason(err)
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, maxImageBytes+1))
	switch {
	case err != nil:
		return nil, reason(err)
	case len(data) > maxImageBytes:
		return nil, errImageSize
	}
	return data, nil
}
