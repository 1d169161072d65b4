package sound

import "math"

// half is how many zero crossings of the filter lie on either side.
const half = 16

// steps is how finely the filter is tabulated between samples.
const steps = 256

// Resampler changes the sampling rate of a stream by a windowed sinc (Hann,
// cut at 0.95 of the lower Nyquist frequency). One goroutine at a time may use
// it.
type Resampler struct {
	from, to int
	reach    int       // samples of the source on either side
	table    []float64 // the filter on one side, steps a source sample
	gain     float64
	held     []float32 // of the source
	start    int64     // index of held[0] in the source, from −reach
	next     int64     // index of the next sample to give
	out      []float32
}

// NewResampler makes a resampler between two rates in Hz.
func NewResampler(from, to int) *Resampler {
	r := &Resampler{from: from, to: to}
	cut := 0.95 * math.Min(1, float64(to)/float64(from))
	r.reach = int(math.Ceil(half / cut))
	r.gain = cut
	r.table = make([]float64, r.reach*steps+2)
	for i := range r.table {
		x := float64(i) / steps
		if x < float64(r.reach) {
			r.table[i] = sinc(x*cut) * (0.5 + 0.5*math.Cos(math.Pi*x/float64(r.reach)))
		}
	}
	r.held = make([]float32, r.reach)
	r.start = -int64(r.reach)
	return r
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

// Write takes samples of the source and returns those that are ready, valid
// until the next call.
func (r *Resampler) Write(samples []float32) []float32 {
	if r.from == r.to {
		return samples
	}
	r.held = append(r.held, samples...)
	r.out = r.out[:0]
	end := r.start + int64(len(r.held))
	for {
		at := float64(r.next) * float64(r.from) / float64(r.to)
		centre := int64(at)
		if centre+int64(r.reach) >= end {
			break
		}
		r.out = append(r.out, r.at(at-float64(centre), int(centre-r.start)))
		r.next++
	}
	r.drop()
	return r.out
}

// at weighs the source around held[centre]+fraction.
func (r *Resampler) at(fraction float64, centre int) float32 {
	var sum float64
	for i := 1 - r.reach; i <= r.reach; i++ {
		j := centre + i
		if j < 0 || j >= len(r.held) {
			continue
		}
		x := math.Abs(float64(i)-fraction) * steps
		k := int(x)
		if k+1 >= len(r.table) {
			continue
		}
		w := r.table[k] + (x-float64(k))*(r.table[k+1]-r.table[k])
		sum += w * float64(r.held[j])
	}
	return float32(sum * r.gain)
}

// drop forgets what no later sample needs.
func (r *Resampler) drop() {
	need := int64(float64(r.next)*float64(r.from)/float64(r.to)) - int64(r.reach)
	if n := int(need - r.start); n > 0 && n <= len(r.held) {
		r.held = append(r.held[:0], r.held[n:]...)
		r.start += int64(n)
	}
}

// Flush returns the last samples: the source is silent after its end.
func (r *Resampler) Flush() []float32 {
	if r.from == r.to {
		return nil
	}
	return r.Write(make([]float32, r.reach))
}

// Resample changes the rate of a whole sound.
func Resample(samples []float32, from, to int) []float32 {
	if from == to {
		return samples
	}
	r := NewResampler(from, to)
	out := append([]float32(nil), r.Write(samples)...)
	return append(out, r.Flush()...)
}
