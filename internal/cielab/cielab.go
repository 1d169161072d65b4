// Package cielab converts between sRGB, linear light and CIE 1976 L*a*b* under D65
// (IEC 61966-2-1 and CIE 15:2004).
//
// How colours are compared, named or changed is its users' affair.
package cielab

import "math"

// WhiteX and WhiteZ are the X and Z of D65, where Y is 1.
const WhiteX, WhiteZ = 0.95047, 1.08883

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

// XYZ is a colour's tristimulus values by those of the white, each 0..1.
func XYZ(r, g, b byte) (x, y, z float64) {
	lr, lg, lb := linear[r], linear[g], linear[b]
	return (0.4124564*lr + 0.3575761*lg + 0.1804375*lb) / WhiteX,
		0.2126729*lr + 0.7151522*lg + 0.0721750*lb,
		(0.0193339*lr + 0.1191920*lg + 0.9503041*lb) / WhiteZ
}

// Curve is f(t) of L*a*b*.
func Curve(t float64) float64 {
	if t > 216.0/24389 {
		return math.Cbrt(t)
	}
	return (24389.0/27*t + 16) / 116
}

// Of is a colour's L* (0..100), a* and b* (about -128..127).
func Of(r, g, b byte) (l, a, bb float64) {
	x, y, z := XYZ(r, g, b)
	fx, fy, fz := Curve(x), Curve(y), Curve(z)
	return 116*fy - 16, 500 * (fx - fy), 200 * (fy - fz)
}

// Uncurve is Curve's inverse.
func Uncurve(f float64) float64 {
	if f > 6.0/29 {
		return f * f * f
	}
	return (116*f - 16) * 27 / 24389
}

// Gamma is the sRGB curve: linear light, 0..1, as it is stored, 0..1.
func Gamma(v float64) float64 {
	if v <= 0.0031308 {
		return v * 12.92
	}
	return 1.055*math.Pow(v, 1/2.4) - 0.055
}

// Byte is the sRGB byte of linear light, what is outside 0..1 brought to the border.
func Byte(v float64) uint8 { return uint8(Gamma(min(max(v, 0), 1))*255 + 0.5) }
