package app

import (
	"bytes"
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
}

// loadFonts takes the family from the folders where Debian, Fedora, Arch and
// macOS keep the Noto collections. Where a weight is missing Fyne's own font
// stands in and why says so; Chinese then depends on Fyne's fallback.
func loadFonts(th fyne.Theme) (f fonts, why error) {
	f = fonts{th.Font(fyne.TextStyle{}), th.Font(fyne.TextStyle{Bold: true})}
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
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("font: read %s: %w", path, err)
		}
		face, err := faceOf(data, fontFamily)
		if err != nil {
			return nil, fmt.Errorf("font: %s: %w", path, err)
		}
		return face, nil
	}
	return nil, fmt.Errorf("font: %s is not installed; install the package fonts-noto-cjk", file)
}

// faceOf takes one family out of a font collection, as a font file of its own:
// Fyne reads single fonts only.
func faceOf(collection []byte, family string) ([]byte, error) {
	loaders, err := opentype.NewLoaders(bytes.NewReader(collection))
	if err != nil {
		return nil, fmt.Errorf("not a font collection: %w", err)
	}
	for _, ld := range loaders {
		if d, _ := font.Describe(ld, nil); d.Family != font.NormalizeFamily(family) && d.Family != family {
			continue
		}
		return singleFont(ld)
	}
	return nil, fmt.Errorf("the family %s is not in it", family)
}

func singleFont(ld *opentype.Loader) ([]byte, error) {
	var tables []opentype.Table
	for _, tag := range ld.Tables() {
		if skipTable(tag.String()) {
			continue
		}
		content, err := ld.RawTable(tag)
		if err != nil {
			return nil, fmt.Errorf("table %s: %w", tag, err)
		}
		tables = append(tables, opentype.Table{Content: content, Tag: tag})
	}
	return opentype.WriteTTF(tables), nil
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
