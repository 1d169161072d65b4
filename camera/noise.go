package camera

import (
	"image"
	"math/rand/v2"
)

// noise is a sensor's: Gaussian, independent in every channel of every pixel,
// new in each frame, the same in each run.
type noise struct {
	table []int16
}

// noiseSpan is how many samples are drawn once; rows begin at random places
// in them. A prime, so that rows do not fall into step.
const noiseSpan = 262_139

// newNoise returns noise of standard deviation sigma, in levels of 0..255; nil
// (which adds nothing) for none.
func newNoise(sigma float32) *noise {
	if sigma <= 0 {
		return nil
	}
	rng := rand.New(rand.NewPCG(0x5eed, 0xcafe))
	n := &noise{table: make([]int16, noiseSpan)}
	for i := range n.table {
		v := rng.NormFloat64() * float64(sigma)
		n.table[i] = int16(max(-255, min(255, roundHalfAway(v))))
	}
	return n
}

func roundHalfAway(v float64) float64 {
	if v < 0 {
		return float64(int(v - 0.5))
	}
	return float64(int(v + 0.5))
}

// add disturbs an opaque picture. seq chooses the frame's noise.
func (n *noise) add(m *image.RGBA, seq uint64) {
	if n == nil {
		return
	}
	rng := rand.NewPCG(seq, 0x0115e)
	for y := range m.Rect.Dy() {
		row := m.Pix[y*m.Stride:][: 4*m.Rect.Dx() : 4*m.Rect.Dx()]
		n.addRow(row, int(rng.Uint64()%noiseSpan))
	}
}

func (n *noise) addRow(row []byte, at int) {
	for i := 0; i+3 < len(row); i += 4 {
		if at+3 > len(n.table) {
			at = 0
		}
		t := n.table[at : at+3 : at+3]
		row[i] = clampByte(int16(row[i]) + t[0])
		row[i+1] = clampByte(int16(row[i+1]) + t[1])
		row[i+2] = clampByte(int16(row[i+2]) + t[2])
		at += 3
	}
}

func clampByte(v int16) byte {
	return byte(max(0, min(255, v)))
}
