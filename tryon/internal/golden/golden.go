// Package golden holds what tests draw against pictures that a person looked at.
package golden

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the goldens anew: look at them before they are committed")

// Update says that goldens are to be written anew (go test -update).
func Update() bool { return *update }

// Compare holds an image against testdata/name.png of the package under test:
// on average within mean levels, and no more than share of the values off by
// more than 24. Values are red, green, blue and alpha.
func Compare(t *testing.T, name string, got image.Image, mean, share float64) {
	t.Helper()
	path := filepath.Join("testdata", name+".png")
	if Update() {
		var b bytes.Buffer
		if err := png.Encode(&b, got); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatalf("%v: run its test with -update, look at the picture, and commit it", err)
	}
	defer f.Close()
	want, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	if want.Bounds() != got.Bounds() {
		t.Fatalf("%s is %v, want %v", name, got.Bounds(), want.Bounds())
	}
	var sum, far, n float64
	b := got.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			p, q := color.NRGBAModel.Convert(got.At(x, y)).(color.NRGBA), color.NRGBAModel.Convert(want.At(x, y)).(color.NRGBA)
			for _, d := range [4]int{int(p.R) - int(q.R), int(p.G) - int(q.G), int(p.B) - int(q.B), int(p.A) - int(q.A)} {
				d = max(d, -d)
				sum += float64(d)
				n++
				if d > 24 {
					far++
				}
			}
		}
	}
	if sum/n > mean || far/n > share {
		t.Errorf("%s differs: %.2f levels on average (at most %.2f), %.2f %% of values by more than 24 (at most %.2f %%)",
			name, sum/n, mean, 100*far/n, 100*share)
	}
}
