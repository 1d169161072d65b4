package app

import (
	"bytes"
	"os"
	"path/filepath"
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

func TestFaceOfRefusesWhatIsNoCollection(t *testing.T) {
	for _, data := range [][]byte{nil, []byte("ttcf"), []byte("ttcf\x00\x01\x00\x00\xff\xff\xff\xff"), bytes.Repeat([]byte("x"), 4096)} {
		if _, err := faceOf(data, fontFamily); err == nil {
			t.Errorf("%d bytes were taken for a font", len(data))
		}
	}
	one := theme.DefaultTextFont().Content()
	if _, err := faceOf(one, "Nobody Sans"); err == nil {
		t.Error("a family was found that is not there")
	}
	if data, err := faceOf(one, "Noto Sans"); err != nil || len(data) == 0 {
		t.Errorf("a single font: %v", err)
	}
}

func FuzzFaceOf(f *testing.F) {
	f.Add([]byte("ttcf\x00\x01\x00\x00\x00\x00\x00\x01\x00\x00\x00\x10"))
	f.Add([]byte("OTTO\x00\x01\x00\x10\x00\x00\x00\x00"))
	small := opentype.WriteTTF([]opentype.Table{{Tag: opentype.MustNewTag("name"), Content: make([]byte, 40)}})
	f.Add(small)
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := faceOf(data, fontFamily); err == nil && len(data) < 100 {
			t.Errorf("%d bytes hold no %s", len(data), fontFamily)
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
