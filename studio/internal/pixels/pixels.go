// Package pixels lends the memory of Go's pictures to OpenCV, and holds the
// few loops over rows that every stage of the studio needs.
//
// It leaves to others what is computed.
package pixels

import (
	"fmt"
	"image"
	"runtime"
	"sync"

	"gocv.io/x/gocv"
)

// RGBA lends m's pixels as a four-channel matrix. m must begin at (0,0) and
// have a stride of 4*width, and must outlive the matrix, which the caller
// closes. What OpenCV writes into the matrix stands in m, as long as size and
// type are the same.
func RGBA(m *image.RGBA) (gocv.Mat, error) {
	return lend(m.Rect, m.Stride, 4, m.Pix, gocv.MatTypeCV8UC4)
}

// Alpha lends m's coverage as a one-channel matrix, on RGBA's terms.
func Alpha(m *image.Alpha) (gocv.Mat, error) {
	return lend(m.Rect, m.Stride, 1, m.Pix, gocv.MatTypeCV8UC1)
}

func lend(r image.Rectangle, stride, channels int, pix []byte, kind gocv.MatType) (gocv.Mat, error) {
	if r.Min != (image.Point{}) || r.Empty() || stride != channels*r.Dx() {
		return gocv.Mat{}, fmt.Errorf("studio: a picture with bounds %v and stride %d is not laid out in whole rows from (0,0)", r, stride)
	}
	mat, err := gocv.NewMatFromBytes(r.Dy(), r.Dx(), kind, pix)
	if err != nil {
		return gocv.Mat{}, fmt.Errorf("studio: lend a picture to OpenCV: %w", err)
	}
	return mat, nil
}

// Rows calls do with bands of rows that together are 0..n, on as many
// goroutines as there are processors, and returns when all are done.
func Rows(n int, do func(from, to int)) {
	workers := min(runtime.GOMAXPROCS(0), max(n, 1))
	var wg sync.WaitGroup
	for w := 1; w < workers; w++ {
		wg.Go(func() { do(w*n/workers, (w+1)*n/workers) })
	}
	do(0, n/workers)
	wg.Wait()
}

// NRGBA lends m on RGBA's terms; OpenCV knows nothing of alpha.
func NRGBA(m *image.NRGBA) (gocv.Mat, error) {
	return lend(m.Rect, m.Stride, 4, m.Pix, gocv.MatTypeCV8UC4)
}

// Gray lends m on RGBA's terms.
func Gray(m *image.Gray) (gocv.Mat, error) {
	return lend(m.Rect, m.Stride, 1, m.Pix, gocv.MatTypeCV8UC1)
}

// Mat lends a picture of one of the kinds above.
func Mat(m image.Image) (gocv.Mat, error) {
	switch m := m.(type) {
	case *image.RGBA:
		return RGBA(m)
	case *image.NRGBA:
		return NRGBA(m)
	case *image.Alpha:
		return Alpha(m)
	case *image.Gray:
		return Gray(m)
	}
	return gocv.Mat{}, fmt.Errorf("studio: a picture of type %T is not lent to OpenCV", m)
}

// Resize scales src into dst, both of the same kind.
func Resize(src, dst image.Image, how gocv.InterpolationFlags) error {
	from, err := Mat(src)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := Mat(dst)
	if err != nil {
		return err
	}
	defer to.Close()
	gocv.Resize(from, &to, dst.Bounds().Size(), 0, 0, how)
	return nil
}

// Scale is Resize by area where it shrinks, so that fine texture does not
// alias, else linear.
func Scale(src, dst image.Image) error {
	how := gocv.InterpolationLinear
	if s, d := src.Bounds(), dst.Bounds(); s.Dx() > d.Dx() && s.Dy() > d.Dy() {
		how = gocv.InterpolationArea
	}
	return Resize(src, dst, how)
}

// BoxSum replaces every element of a plane by the sum over the window of that
// radius, cut at the edges.
func BoxSum(p []float32, w, h, radius int) {
	line := make([]float32, max(w, h))
	for y := range h {
		sumLine(p[y*w:], line[:w], 1, radius)
	}
	for x := range w {
		sumLine(p[x:], line[:h], w, radius)
	}
}

func sumLine(p, line []float32, step, r int) {
	n := len(line)
	for i := range n {
		line[i] = p[i*step]
	}
	sum := float32(0)
	for i := 0; i < min(r, n); i++ {
		sum += line[i]
	}
	for i := range n {
		if i+r < n {
			sum += line[i+r]
		}
		if i-r-1 >= 0 {
			sum -= line[i-r-1]
		}
		p[i*step] = sum
	}
}
