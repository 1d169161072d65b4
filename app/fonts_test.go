package app

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"fyne.io/fyne/v2/theme"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
)

// Both weights have every character that the app says, in both languages.
func TestTheFontsHaveEveryCharacter(t *testing.T) {
	f, err := loadFonts(theme.DefaultTheme())
	if err != nil {
		t.Fatalf("%v (apt-get install fonts-noto-cjk)", err)
	}
	for name, content := range map[string][]byte{"regular": f.regular.Content(), "bold": f.bold.Content()} {
		face, err := font.ParseTTF(bytes.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		if d := face.Describe(); d.Family != fontFamily || (d.Aspect.Weight > 500) != (name == "bold") {
			t.Errorf("%s is %+v", name, d)
		}
		said := "49□21-145 · ± ¥€$£…"
		for _, lang := range languages {
			for _, forms := range raw(t, lang) {
				for _, s := range forms {
					said += s
				}
			}
		}
		for _, p := range starter(t).All() {
			said += p.Name["zh"] + p.Text["zh"] + p.Name["en"] + p.Text["en"]
		}
		for _, r := range said {
			if _, ok := face.NominalGlyph(r); !ok && r != '\n' {
				t.Errorf("%s lacks %q", name, r)
			}
		}
	}
}

func TestShowFaceRefusesWhatIsNoCollection(t *testing.T) {
	for _, data := range [][]byte{nil, []byte("ttcf"), []byte("ttcf\x00\x01\x00\x00\xff\xff\xff\xff"),
		bytes.Repeat([]byte("x"), 4096), theme.DefaultTextFont().Content()} {
		if err := showFace(slices.Clone(data), "Noto Sans"); err == nil {
			t.Errorf("%d bytes were taken for a collection", len(data))
		}
	}
}

// Reading a font again after its memory was given back gives the same font.
func TestRestingFontsWakeUp(t *testing.T) {
	f, err := loadFonts(theme.DefaultTheme())
	if err != nil {
		t.Fatal(err)
	}
	before := sha256.Sum256(f.bold.Content())
	f.rest()
	if sha256.Sum256(f.bold.Content()) != before {
		t.Error("it is another font")
	}
}

// smallCollection is a collection of one font with a name and nothing else.
func smallCollection() []byte {
	one := opentype.WriteTTF([]opentype.Table{{Tag: opentype.MustNewTag("name"), Content: make([]byte, 40)}})
	head := binary.BigEndian.AppendUint32([]byte("ttcf\x00\x01\x00\x00\x00\x00\x00\x01"), 16)
	return append(head, one...)
}

func FuzzShowFace(f *testing.F) {
	f.Add([]byte("ttcf\x00\x01\x00\x00\x00\x00\x00\x01\x00\x00\x00\x10"), 0)
	f.Add(smallCollection(), 0)
	f.Add(smallCollection(), 1)
	f.Fuzz(func(t *testing.T, data []byte, i int) {
		n := len(data)
		_ = showFace(data, fontFamily)
		if i < 0 || i > 1000 {
			return
		}
		if dir, err := directoryOf(data, i); err == nil && len(dir) > n {
			t.Errorf("a directory of %d bytes in a file of %d", len(dir), n)
		}
	})
}

func TestLogosAreBounded(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	// A PNG's head that claims 60000×60000 pixels.
	bomb := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\xea\x60\x00\x00\xea\x60\x08\x06\x00\x00\x00"), 0, 0, 0, 0)
	for _, path := range []string{filepath.Join(dir, "none.png"), write("text.png", []byte("hello")), write("empty.png", nil), write("bomb.png", bomb)} {
		if _, err := readLogo(path); err == nil {
			t.Errorf("%s was taken", path)
		}
	}
}
