package app

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"

	"fyne.io/fyne/v2"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
)

// fontFamily is the family that has every glyph of both languages, with the
// Chinese mainland's forms; its Latin letters are drawn to go with them.
const fontFamily = "Noto Sans CJK SC"

// maxFontFile bounds a font collection before it is read; Debian's are 20 MB.
const maxFontFile = 64 << 20

// fonts are the two weights the app writes in.
type fonts struct {
	regular, bold fyne.Resource
	mapped        bool // they are files mapped into memory
}

// loadFonts takes the family from the folders where Debian, Fedora, Arch and
// macOS keep the Noto collections. Where a weight is missing Fyne's own font
// stands in and why says so; Chinese then depends on Fyne's fallback.
func loadFonts(th fyne.Theme) (f fonts, why error) {
	f = fonts{regular: th.Font(fyne.TextStyle{}), bold: th.Font(fyne.TextStyle{Bold: true})}
	regular, err := findFace("NotoSansCJK-Regular.ttc")
	if err != nil {
		return f, err
	}
	bold, err := findFace("NotoSansCJK-Bold.ttc")
	if err != nil {
		return f, err
	}
	return fonts{
		fyne.NewStaticResource("regular.otf", regular),
		fyne.NewStaticResource("bold.otf", bold),
		true,
	}, nil
}

func fontFolders() []string {
	return []string{
		"/usr/share/fonts/opentype/noto", "/usr/share/fonts/google-noto-cjk",
		"/usr/share/fonts/noto-cjk", "/usr/local/share/fonts", "/Library/Fonts",
	}
}

func findFace(file string) ([]byte, error) {
	for _, dir := range fontFolders() {
		path := dir + "/" + file
		info, err := os.Stat(path)
		if err != nil {
			continue
		}
		if info.Size() > maxFontFile {
			return nil, fmt.Errorf("font: %s has %d bytes, more than any font should", path, info.Size())
		}
		data, err := mapFile(path)
		if err != nil {
			return nil, fmt.Errorf("font: read %s: %w", path, err)
		}
		if err := showFace(data, fontFamily); err != nil {
			return nil, fmt.Errorf("font: %s: %w", path, err)
		}
		return data, nil
	}
	return nil, fmt.Errorf("font: %s is not installed; install the package fonts-noto-cjk", file)
}

// showFace makes a font collection look like the single font that Fyne can
// read: one family's table directory is written over the collection's head,
// and points to the tables where they are. Nothing else is moved, so of a
// mapped file only what is read comes into memory.
func showFace(data []byte, family string) error {
	loaders, err := opentype.NewLoaders(bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("not a font collection: %w", err)
	}
	for i, ld := range loaders {
		if d, _ := font.Describe(ld, nil); d.Family != font.NormalizeFamily(family) && d.Family != family {
			continue
		}
		dir, err := directoryOf(data, i)
		if err != nil {
			return err
		}
		copy(data, dir)
		return nil
	}
	return fmt.Errorf("the family %s is not in it", family)
}

// errNoDirectory is a collection whose head cannot be right.
var errNoDirectory = errors.New("its table directory is damaged")

// directoryOf returns the table directory of font i of a collection (OpenType
// 1.9, "Organization of an OpenType Font"), without the tables that are not used.
func directoryOf(data []byte, i int) ([]byte, error) {
	be := binary.BigEndian
	if len(data) < 12+4*(i+1) || string(data[:4]) != "ttcf" {
		return nil, errNoDirectory
	}
	at := uint64(be.Uint32(data[12+4*i:]))
	if at+12 > uint64(len(data)) {
		return nil, errNoDirectory
	}
	count := uint64(be.Uint16(data[at+4:]))
	if at+12+16*count > uint64(len(data)) {
		return nil, errNoDirectory
	}
	out := append([]byte(nil), data[at:at+12]...)
	first := uint64(len(data))
	for k := range count {
		entry := data[at+12+16*k:][:16]
		offset, length := uint64(be.Uint32(entry[8:])), uint64(be.Uint32(entry[12:]))
		if offset+length > uint64(len(data)) {
			return nil, errNoDirectory
		}
		if !skipTable(string(entry[:4])) {
			out = append(out, entry...)
			first = min(first, offset)
		}
	}
	be.PutUint16(out[4:], uint16((len(out)-12)/16))
	if uint64(len(out)) > first { // it would lie over a table
		return nil, errNoDirectory
	}
	return out, nil
}

// skipTable leaves out what upright horizontal text does not use. Without the
// glyph substitutions (other regions' forms, ligatures) a line is measured
// four times as fast: Fyne prepares all of them anew for every line.
func skipTable(tag string) bool {
	switch tag {
	case "VORG", "vhea", "vmtx", "BASE", "DSIG", "GSUB":
		return true
	}
	return false
}
