package anchor

import "math"

// field is one plane of a picture. Pixel centres lie at whole numbers.
type field struct {
	w, h int
	v    []float32
}

func newField(w, h int) field { return field{w, h, make([]float32, w*h)} }

// at samples between pixels; beyond the edge stands the edge.
func (f *field) at(x, y float64) float32 {
	x, y = min(max(x, 0), float64(f.w)-1.001), min(max(y, 0), float64(f.h)-1.001)
	i, j := int(x), int(y)
	fx, fy := float32(x-float64(i)), float32(y-float64(j))
	k := j*f.w + i
	a, b, c, d := f.v[k], f.v[k+1], f.v[k+f.w], f.v[k+f.w+1]
	a += (b - a) * fx
	c += (d - c) * fx
	return a + (c-a)*fy
}

// inside says whether (x, y) lies on the picture.
func (f *field) inside(x, y float64) bool {
	return x >= 0 && y >= 0 && x <= float64(f.w)-1 && y <= float64(f.h)-1
}

// blurred returns f under a Gaussian of sigma pixels.
func (f *field) blurred(sigma float64) field {
	r := int(math.Ceil(2.5 * sigma))
	kernel := make([]float32, r+1)
	var sum float32
	for i := range kernel {
		kernel[i] = float32(math.Exp(-float64(i*i) / (2 * sigma * sigma)))
		sum += kernel[i]
		if i > 0 {
			sum += kernel[i]
		}
	}
	for i := range kernel {
		kernel[i] /= sum
	}
	mid, out := newField(f.w, f.h), newField(f.w, f.h)
	pass(f.v, mid.v, f.h, f.w, f.w, 1, kernel)
	pass(mid.v, out.v, f.w, f.h, 1, f.w, kernel)
	return out
}

// pass blurs lines of n values that lie step apart; the lines lie line apart.
func pass(from, to []float32, lines, n, line, step int, kernel []float32) {
	for l := range lines {
		for i := range n {
			s := kernel[0] * from[l*line+i*step]
			for k := 1; k < len(kernel); k++ {
				s += kernel[k] * (from[l*line+max(i-k, 0)*step] + from[l*line+min(i+k, n-1)*step])
			}
			to[l*line+i*step] = s
		}
	}
}

// halved returns f at half its size, by area.
func (f *field) halved() field {
	out := newField(max(f.w/2, 2), max(f.h/2, 2))
	for y := range out.h {
		for x := range out.w {
			i, j := min(2*x, f.w-2), min(2*y, f.h-2)
			k := j*f.w + i
			out.v[y*out.w+x] = (f.v[k] + f.v[k+1] + f.v[k+f.w] + f.v[k+f.w+1]) / 4
		}
	}
	return out
}
