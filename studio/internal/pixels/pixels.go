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
