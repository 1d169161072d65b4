package recognise

import (
	"math"

	"gonum.org/v1/gonum/dsp/fourier"
)

// Log-mel as Whisper was trained with: Hann windows of 25 ms every 10 ms, 80
// Slaney filters up to 8 kHz.
const (
	melWindow = 400
	melHop    = 160
	melBins   = melWindow/2 + 1
	melBands  = 80
)

// melFilter makes log-mel frames. One goroutine at a time may use it.
type melFilter struct {
	fft    *fourier.FFT
	hann   [melWindow]float64
	bands  [melBands][melBins]float64
	from   [melBands]int // the first bin of each band, and the one after its last
	to     [melBands]int
	frame  [melWindow]float64
	coeffs []complex128
	power  [melBins]float64
}

func newMelFilter() *melFilter {
	m := &melFilter{fft: fourier.NewFFT(melWindow)}
	for i := range m.hann {
		m.hann[i] = 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/melWindow)
	}
	edges := melEdges()
	for b := range m.bands {
		lo, mid, hi := edges[b], edges[b+1], edges[b+2]
		m.from[b] = melBins
		for k := range m.bands[b] {
			f := float64(k) * 8000 / (melBins - 1)
			w := math.Max(0, math.Min((f-lo)/(mid-lo), (hi-f)/(hi-mid)))
			if w > 0 {
				m.bands[b][k] = w * 2 / (hi - lo)
				m.from[b], m.to[b] = min(m.from[b], k), k+1
			}
		}
	}
	return m
}

// melEdges are the bands' corners in Hz on Slaney's scale: linear to 1 kHz,
// logarithmic above (M. Slaney, Auditory Toolbox, 1998).
func melEdges() (edges [melBands + 2]float64) {
	const knee, step = 15.0, 200.0 / 3
	factor := math.Log(6.4) / 27
	top := knee + math.Log(8)/factor
	for i := range edges {
		mel := top * float64(i) / (melBands + 1)
		if mel < knee {
			edges[i] = mel * step
		} else {
			edges[i] = 1000 * math.Exp(factor*(mel-knee))
		}
	}
	return edges
}

// run returns the log-mel frames [80][frames] of samples followed by silence.
func (m *melFilter) run(samples []float32, frames int) []float32 {
	out := make([]float32, melBands*frames)
	highest := math.Inf(-1)
	for t := range frames {
		m.window(samples, t*melHop-melWindow/2, frames*melHop)
		for b := range melBands {
			var sum float64
			for k := m.from[b]; k < m.to[b]; k++ {
				sum += m.bands[b][k] * m.power[k]
			}
			v := math.Log10(math.Max(sum, 1e-10))
			highest = math.Max(highest, v)
			out[b*frames+t] = float32(v)
		}
	}
	floor := float32(highest - 8)
	for i, v := range out {
		out[i] = (max(v, floor) + 4) / 4
	}
	return out
}

// window computes the power spectrum from sample start on, the sound mirrored
// at its beginning and at end.
func (m *melFilter) window(samples []float32, start, end int) {
	for i := range m.frame {
		at := start + i
		if at < 0 {
			at = -at
		}
		if at >= end {
			at = 2*(end-1) - at
		}
		var v float32
		if at < len(samples) {
			v = samples[at]
		}
		m.frame[i] = float64(v) * m.hann[i]
	}
	m.coeffs = m.fft.Coefficients(m.coeffs, m.frame[:])
	for k, c := range m.coeffs {
		m.power[k] = real(c)*real(c) + imag(c)*imag(c)
	}
}
