package generate

import (
	"math"
	"math/rand/v2"
)

// chance is a stream of random numbers that stays the same for ever: PCG-DXSM
// (O'Neill 2014, as math/rand/v2 specifies it), normal numbers by Box and
// Muller (1958).
type chance struct {
	source rand.PCG
	spare  float64
	has    bool
}

// newChance starts the stream of one attempt at one design of a seed.
func newChance(seed int64, number, attempt int) *chance {
	c := &chance{}
	c.source.Seed(uint64(seed), uint64(number)<<16|uint64(attempt))
	return c
}

// uniform is in [0, 1), in steps of 2^-53.
func (c *chance) uniform() float64 { return float64(c.source.Uint64()>>11) / (1 << 53) }

// below is in [0, n).
func (c *chance) below(n int) int { return int(c.uniform() * float64(n)) }

func (c *chance) normal() float64 {
	if c.has {
		c.has = false
		return c.spare
	}
	radius := math.Sqrt(-2 * math.Log(1-c.uniform()))
	angle := 2 * math.Pi * c.uniform()
	c.spare, c.has = radius*math.Sin(angle), true
	return radius * math.Cos(angle)
}

// fill makes dst normal numbers of that deviation.
func (c *chance) fill(dst []float32, deviation float64) {
	for i := range dst {
		dst[i] = float32(c.normal() * deviation)
	}
}
