package generate

import (
	"image"
	"testing"
)

func TestSpecksApartFromTheProductGo(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 40, 40))
	fill := func(r image.Rectangle, alpha uint8) {
		for y := r.Min.Y; y < r.Max.Y; y++ {
			for x := r.Min.X; x < r.Max.X; x++ {
				m.Pix[m.PixOffset(x, y)+3] = alpha
			}
		}
	}
	fill(image.Rect(0, 0, 40, 40), 4)     // next to nothing, all over
	fill(image.Rect(4, 4, 16, 30), 255)   // a shoe
	fill(image.Rect(20, 4, 32, 28), 255)  // the other
	fill(image.Rect(38, 38, 40, 40), 200) // a speck in the corner
	tidy(m)
	for _, c := range []struct {
		x, y int
		want uint8
	}{{5, 5, 255}, {25, 10, 255}, {38, 38, 0}, {18, 18, 0}} {
		if got := m.Pix[m.PixOffset(c.x, c.y)+3]; got != c.want {
			t.Errorf("alpha at %d, %d is %d, want %d", c.x, c.y, got, c.want)
		}
	}
}
