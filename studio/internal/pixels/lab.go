package pixels

import "cheval/internal/cielab"

// Lab converts sRGB to CIE L*a*b* (D65).
func Lab(r8, g8, b8 byte) (l, a, b float32) {
	l64, a64, b64 := cielab.Of(r8, g8, b8)
	return float32(l64), float32(a64), float32(b64)
}
