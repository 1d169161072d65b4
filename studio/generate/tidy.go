package generate

import "image"

// The parts of a drawing that are no product: specks, apart from the rest.
const (
	speckAlpha = 13   // below it nothing is there
	speckShare = 0.02 // of the largest part's pixels
)

// tidy takes what is no product out of a drawing: specks apart from it, and what
// is next to nothing.
func tidy(m *image.NRGBA) {
	n := len(m.Pix) / 4
	part := make([]int, n) // from 1; 0 none
	sizes := []int{0}
	for i := range n {
		if part[i] == 0 && m.Pix[4*i+3] >= speckAlpha {
			sizes = append(sizes, spread(m, part, i, len(sizes)))
		}
	}
	largest := 0
	for _, s := range sizes {
		largest = max(largest, s)
	}
	for i, p := range part {
		if p == 0 || float64(sizes[p]) < speckShare*float64(largest) {
			m.Pix[4*i], m.Pix[4*i+1], m.Pix[4*i+2], m.Pix[4*i+3] = 255, 255, 255, 0
		}
	}
}

// spread gives a number to all that hangs together with a pixel, and says how
// many pixels that are.
func spread(m *image.NRGBA, part []int, from, number int) (size int) {
	w := m.Rect.Dx()
	todo := []int{from}
	part[from] = number
	for len(todo) > 0 {
		i := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		size++
		for _, next := range [...]struct {
			at int
			ok bool
		}{{i - 1, i%w > 0}, {i + 1, i%w < w-1}, {i - w, i >= w}, {i + w, i+w < len(part)}} {
			if next.ok && part[next.at] == 0 && m.Pix[4*next.at+3] >= speckAlpha {
				part[next.at] = number
				todo = append(todo, next.at)
			}
		}
	}
	return size
}
