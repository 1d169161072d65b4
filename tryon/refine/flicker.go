package refine

import (
	"image"
	"math"
)

// Flicker compares how much pictures change from frame to frame before and
// after they were refined, where refining changed them: on a clip in which
// nothing moves that is how much they flicker. It is for one goroutine.
type Flicker struct {
	last         [2]*image.RGBA // as drawn, refined
	pixels, wide [2]float64     // sums of squares
}

// flickerBlock is the side of the blocks whose means are compared: a camera's
// noise averages out in them, and what an eye sees flicker is left.
const flickerBlock = 8

// Add takes the next frame as it was drawn and as it was refined, both of the
// same size as those before. It copies what it keeps.
func (f *Flicker) Add(drawn, refined *image.RGBA) {
	now := [2]*image.RGBA{drawn, refined}
	if f.last[0] != nil {
		b := drawn.Rect
		for y := b.Min.Y; y+flickerBlock <= b.Max.Y; y += flickerBlock {
			for x := b.Min.X; x+flickerBlock <= b.Max.X; x += flickerBlock {
				f.block(now, x, y)
			}
		}
	}
	for i, m := range now {
		if f.last[i] == nil {
			f.last[i] = image.NewRGBA(m.Rect)
		}
		copy(f.last[i].Pix, m.Pix)
	}
}

// block adds what the block at (x, y) has changed by, if it was refined.
func (f *Flicker) block(now [2]*image.RGBA, x, y int) {
	var sum [2][3]float64
	var squares [2]float64
	changed := false
	for j := y; j < y+flickerBlock; j++ {
		at := now[0].PixOffset(x, j)
		for i := at; i < at+4*flickerBlock; i++ {
			c := (i - at) % 4
			if c == 3 {
				continue
			}
			for k := range now {
				d := float64(now[k].Pix[i]) - float64(f.last[k].Pix[i])
				sum[k][c] += d
				squares[k] += d * d
			}
			changed = changed || now[0].Pix[i] != now[1].Pix[i]
		}
	}
	if !changed {
		return
	}
	for k := range now {
		f.pixels[k] += squares[k]
		for _, s := range sum[k] {
			f.wide[k] += s * s
		}
	}
}

// Ratios are the root mean square change of refined pictures over that of the
// drawn ones: pixel by pixel, and of means of 8x8. Both are NaN where nothing
// was refined or nothing changed.
func (f *Flicker) Ratios() (pixels, blocks float64) {
	return math.Sqrt(f.pixels[1] / f.pixels[0]), math.Sqrt(f.wide[1] / f.wide[0])
}
