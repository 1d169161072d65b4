package render

import (
	"math"
	"sync"
)

// stripe is 1 on half of each period, its edges as wide as a pixel.
func stripe(x, footprint float32) float32 {
	x -= float32(floor(x))
	w := max(footprint, 0.06)
	if w >= 0.5 {
		return 0.5
	}
	d := 0.25 - abs(x-0.5) // positive within the stripe
	return smoothstep(-w/2, w/2, d)
}

// tortoise is havana's field: how dark the blotch, and the honey's tone, in
// bytes, so that it stays in the processor's cache.
type tortoise struct {
	texels             [tortoiseSize * tortoiseSize]struct{ dark, tone uint8 }
	meanDark, meanTone float32
}

// tortoiseSize texels hold tortoiseCells pattern lengths, then repeat.
const tortoiseSize, tortoiseCells = 256, 12

// leastTone and toneRange scale a tone's byte.
const leastTone, toneRange = 0.72, 0.56

var sharedTortoise = sync.OnceValue(func() *tortoise {
	t := &tortoise{}
	for y := range tortoiseSize {
		for x := range tortoiseSize {
			u := float64(x) / tortoiseSize * tortoiseCells
			v := float64(y) / tortoiseSize * tortoiseCells
			// The sheet is pressed from flakes: domains warped, then cut off.
			wu := u + 0.7*(tileNoise(u, v, tortoiseCells, 1)-0.5)
			wv := v + 0.7*(tileNoise(u, v, tortoiseCells, 2)-0.5)
			n := 0.62*tileNoise(wu, wv, tortoiseCells, 3) + 0.28*tileNoise(2*wu, 2*wv, 2*tortoiseCells, 4) +
				0.10*tileNoise(5*wu, 5*wv, 5*tortoiseCells, 5)
			dark := smoothstep(0.44, 0.60, float32(n)) * (0.82 + 0.18*float32(tileNoise(3*u, 3*v, 3*tortoiseCells, 6)))
			tone := float32(tileNoise(1.5*wu, 1.5*wv, tortoiseCells*3/2, 7))
			i := y*tortoiseSize + x
			t.texels[i].dark, t.texels[i].tone = uint8(dark*255+0.5), uint8(tone*255+0.5)
			t.meanDark += dark / (tortoiseSize * tortoiseSize)
			t.meanTone += (leastTone + toneRange*tone) / (tortoiseSize * tortoiseSize)
		}
	}
	return t
})

// at returns the field at (u, v) pattern lengths, fading to its mean where a
// pixel covers more than a blotch.
func (t *tortoise) at(u, v, footprint float32) (dark, tone float32) {
	x, y := u*(float32(tortoiseSize)/tortoiseCells), v*(float32(tortoiseSize)/tortoiseCells)
	const mask = tortoiseSize - 1
	ix, iy := floor(x), floor(y)
	fx, fy := x-float32(ix), y-float32(iy)
	ix, iy = ix&mask, iy&mask
	jx, jy := (ix+1)&mask, (iy+1)&mask
	a, b := t.texels[iy*tortoiseSize+ix], t.texels[iy*tortoiseSize+jx]
	c, d := t.texels[jy*tortoiseSize+ix], t.texels[jy*tortoiseSize+jx]
	dark = mix2(float32(a.dark), float32(b.dark), float32(c.dark), float32(d.dark), fx, fy) * (1.0 / 255)
	tone = leastTone + toneRange/255*mix2(float32(a.tone), float32(b.tone), float32(c.tone), float32(d.tone), fx, fy)
	f := ease((footprint - 0.25) * (1 / 0.75))
	return dark + (t.meanDark-dark)*f, tone + (t.meanTone-tone)*f
}

func mix2(a, b, c, d, fx, fy float32) float32 {
	a += (b - a) * fx
	c += (d - c) * fx
	return a + (c-a)*fy
}

// tileNoise is value noise in 0..1 that repeats every period cells.
func tileNoise(u, v float64, period int, seed uint32) float64 {
	fu, fv := math.Floor(u), math.Floor(v)
	x, y := u-fu, v-fv
	x, y = x*x*(3-2*x), y*y*(3-2*y)
	at := func(i, j int) float64 {
		i, j = ((i%period)+period)%period, ((j%period)+period)%period
		return hash01(uint32(i), uint32(j), seed)
	}
	i, j := int(fu), int(fv)
	a := at(i, j) + (at(i+1, j)-at(i, j))*x
	b := at(i, j+1) + (at(i+1, j+1)-at(i, j+1))*x
	return a + (b-a)*y
}

func hash01(x, y, seed uint32) float64 {
	h := x*0x9E3779B1 ^ y*0x85EBCA77 ^ seed*0xC2B2AE3D
	h ^= h >> 15
	h *= 0x2C1B3C6D
	h ^= h >> 12
	h *= 0x297A2D39
	h ^= h >> 15
	return float64(h) / (1 << 32)
}
