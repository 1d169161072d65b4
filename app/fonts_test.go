package app

import (
	"bytes"
	"testing"
	"time"

	"fyne.io/fyne/v2/theme"
	"github.com/go-text/typesetting/font"
)

func TestFontsX(t *testing.T) {
	t0 := time.Now()
	f, err := loadFonts(theme.DefaultTheme())
	t.Log(err, time.Since(t0), len(f.regular.Content()), len(f.bold.Content()))
	t0 = time.Now()
	fa, err := font.ParseTTF(bytes.NewReader(f.regular.Content()))
	t.Log(err, time.Since(t0))
	g, ok := fa.NominalGlyph('潘')
	t.Log(g, ok, fa.Describe())
	g, ok = fa.NominalGlyph('□')
	t.Log(g, ok)
}
