package cutout

import (
	"image"
	"slices"

	"cheval/studio/internal/pixels"
)

// What the network is sure of, of 255, and where it changes its mind.
const (
	sureGround  = 64
	sureProduct = 217
	half        = 128
)

// decide settles what the network leaves hazy: a weak spot that no sure
// background reaches is product, a weak veil that no sure product reaches is
// background. Then coverage is steepened around one half, so that only an edge
// is partly covered.
func decide(m *image.Alpha) {
	flow{m, func(a uint8) bool { return a <= sureGround }, func(a uint8) bool { return a < half }, 255}.settle()
	flow{m, func(a uint8) bool { return a >= sureProduct }, func(a uint8) bool { return a >= half }, 0}.settle()
	var steep [256]uint8
	for i := range steep {
		steep[i] = uint8(max(0, min(255, (i-half)*10+half)))
	}
	pixels.Rows(m.Rect.Dy(), func(from, to int) {
		for i := from * m.Stride; i < to*m.Stride; i++ {
			m.Pix[i] = steep[m.Pix[i]]
		}
	})
}

// flow spreads from spring pixels through bed pixels; beds that stay dry get
// the other value.
type flow struct {
	m      *image.Alpha
	spring func(uint8) bool
	bed    func(uint8) bool
	other  uint8
}

func (f flow) settle() {
	const spring, bed = 1, 2
	var kind [256]uint8
	for a := range kind {
		switch {
		case f.spring(uint8(a)):
			kind[a] = spring
		case f.bed(uint8(a)):
			kind[a] = bed
		}
	}
	w, pix := f.m.Rect.Dx(), f.m.Pix
	wet := make([]bool, len(pix))
	var stack, near []int
	for i, a := range pix {
		if kind[a] != bed || wet[i] {
			continue
		}
		near = neighbours(near[:0], i, w, len(pix))
		if !slices.ContainsFunc(near, func(n int) bool { return kind[pix[n]] == spring }) {
			continue
		}
		wet[i] = true
		for stack = append(stack, i); len(stack) > 0; {
			at := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			near = neighbours(near[:0], at, w, len(pix))
			for _, n := range near {
				if kind[pix[n]] == bed && !wet[n] {
					wet[n] = true
					stack = append(stack, n)
				}
			}
		}
	}
	for i, a := range pix {
		if kind[a] == bed && !wet[i] {
			pix[i] = f.other
		}
	}
}

// neighbours appends the up to four pixels beside pixel i of n, w a row.
func neighbours(to []int, i, w, n int) []int {
	x := i % w
	if x > 0 {
		to = append(to, i-1)
	}
	if x < w-1 {
		to = append(to, i+1)
	}
	if i >= w {
		to = append(to, i-w)
	}
	if i+w < n {
		to = append(to, i+w)
	}
	return to
}
