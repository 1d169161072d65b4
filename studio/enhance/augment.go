package enhance

import (
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"strconv"
)

// Augment makes several pictures of one product to train on, by chance but
// always the same for a seed.
type Augment struct {
	Variants int   // pictures of each product, 1..1000; the first is unchanged
	Side     int   // of the square pictures, 16..2048 pixels
	Seed     int64 // what chance starts from
}

// How far chance goes.
const (
	augmentTurn  = 12.0 // degrees
	augmentScale = 0.15 // part by which it is nearer or farther
	augmentShift = 0.05 // part of the side
	augmentLight = 0.15 // factor on all channels
	augmentTint  = 0.06 // factor on each channel
)

// Check says what is wrong with the settings.
func (a Augment) Check() error {
	if a.Variants < 1 || a.Variants > 1000 || a.Side < 16 || a.Side > 2048 {
		return fmt.Errorf("enhance: %d variants of %d pixels: there are 1 to 1000, of 16 to 2048 pixels", a.Variants, a.Side)
	}
	return nil
}

// Chance is what was done to one variant.
type Chance struct {
	Flip   bool
	Turn   float64 // degrees, clockwise positive
	Scale  float64
	DX, DY float64 // parts of the side
	Gain   [3]float64
}

// Parameters are the chance for the record.
func (c Chance) Parameters() map[string]string {
	f := func(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }
	return map[string]string{
		"flip": strconv.FormatBool(c.Flip), "turn": f(c.Turn), "scale": f(c.Scale), "dx": f(c.DX), "dy": f(c.DY),
		"gain": f(c.Gain[0]) + " " + f(c.Gain[1]) + " " + f(c.Gain[2]),
	}
}

// Chance draws the i-th variant's, which depends on the seed, the product's
// name and i alone.
func (a Augment) Chance(product string, i int) Chance {
	if i == 0 {
		return Chance{Scale: 1, Gain: [3]float64{1, 1, 1}}
	}
	h := uint64(14695981039346656037) // FNV-1a
	for _, b := range []byte(product) {
		h = (h ^ uint64(b)) * 1099511628211
	}
	r := rand.New(rand.NewPCG(uint64(a.Seed), h+uint64(i)*0x9e3779b97f4a7c15))
	within := func(most float64) float64 { return most * (2*r.Float64() - 1) }
	c := Chance{
		Flip: r.IntN(2) == 1, Turn: within(augmentTurn), Scale: 1 + within(augmentScale),
		DX: within(augmentShift), DY: within(augmentShift),
	}
	light := 1 + within(augmentLight)
	for k := range c.Gain {
		c.Gain[k] = light * (1 + within(augmentTint))
	}
	return c
}

// Vary makes one variant of a framed, square cut-out.
func (a Augment) Vary(cut *image.NRGBA, c Chance) (*image.NRGBA, error) {
	if err := a.Check(); err != nil {
		return nil, err
	}
	// To the size by area first, so that fine texture does not alias.
	small, err := scaled(cut, a.Side, a.Side)
	if err != nil {
		return nil, err
	}
	side := float64(a.Side)
	sin, cos := math.Sincos(c.Turn * math.Pi / 180)
	sx := c.Scale
	if c.Flip {
		sx = -sx
	}
	m := [6]float64{cos * sx, -sin * c.Scale, 0, sin * sx, cos * c.Scale, 0}
	m[2] = side/2 + c.DX*side - (m[0]+m[1])*side/2
	m[5] = side/2 + c.DY*side - (m[3]+m[4])*side/2
	out, err := warp(small, a.Side, a.Side, m)
	if err != nil {
		return nil, err
	}
	var lut [3][256]uint8
	for k := range lut {
		for v := range lut[k] {
			lut[k][v] = uint8(math.Round(min(255, float64(v)*c.Gain[k])))
		}
	}
	tones(out, lut)
	return out, nil
}
