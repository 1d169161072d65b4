package pixels

import "math"

// linear is the sRGB curve's inverse by byte; it is never written.
var linear = func() (t [256]float64) {
	for i := range t {
		c := float64(i) / 255
		if c <= 0.04045 {
			t[i] = c / 12.92
		} else {
			t[i] = math.Pow((c+0.055)/1.055, 2.4)
		}
	}
	return t
}()

// Linear is the linear light of an sRGB byte, 0..1.
func Linear(b byte) float64 { return linear[b] }

// Lab converts sRGB to CIE L*a*b* (D65).
func Lab(r8, g8, b8 byte) (l, a, b float32) {
	r, g, bl := linear[r8], linear[g8], linear[b8]
	x := (0.4124564*r + 0.3575761*g + 0.1804375*bl) / 0.95047
	y := 0.2126729*r + 0.7151522*g + 0.0721750*bl
	z := (0.0193339*r + 0.1191920*g + 0.9503041*bl) / 1.08883
	fx, fy, fz := labCurve(x), labCurve(y), labCurve(z)
	return float32(116*fy - 16), float32(500 * (fx - fy)), float32(200 * (fy - fz))
}

func labCurve(t float64) float64 {
	if t > 216.0/24389 {
		return math.Cbrt(t)
	}
	return (24389.0/27*t + 16) / 116
}
