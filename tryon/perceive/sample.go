package perceive

import (
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"runtime"

	"gocv.io/x/gocv"
)

// border says what lies outside the frame.
type border uint8

const (
	replicate border = iota // the frame's edge, as the mesh models want
	black                   // as the detectors want
)

// sampler cuts squares out of frames for the models: OpenCV's bilinear warp,
// which is what MediaPipe's own pictures come from. It keeps its buffers; one
// goroutine at a time. Close frees them.
type sampler struct {
	cut    gocv.Mat // n x n, R G B A
	matrix gocv.Mat
	pin    runtime.Pinner
}

func newSampler() *sampler {
	return &sampler{cut: gocv.NewMat(), matrix: gocv.NewMatWithSize(2, 3, gocv.MatTypeCV64F)}
}

// Close frees the buffers. It may be called twice.
func (s *sampler) Close() error {
	if s.matrix.Ptr() == nil {
		return nil
	}
	err := errors.Join(s.cut.Close(), s.matrix.Close())
	return err
}

// maxSide is the largest side of a frame that OpenCV's warp takes.
const maxSide = 32766

// checkFrame says what is wrong with a frame that cannot be sampled.
func checkFrame(img *image.RGBA) error {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	switch {
	case w < 1 || h < 1 || w > maxSide || h > maxSide:
		return fmt.Errorf("perceive: a picture of %d x %d pixels is outside what is looked at (1 to %d a side)", w, h, maxSide)
	case img.Rect.Min != (image.Point{}) || img.Stride != 4*w || len(img.Pix) < 4*w*h:
		return errors.New("perceive: a frame must begin at (0,0) and have no gaps between its rows")
	}
	return nil
}

// inverseMap is OpenCV's WARP_INVERSE_MAP: the matrix maps the cut onto the
// frame, not the frame onto the cut.
const inverseMap = 16

// draw samples the n x n pixels that a maps into img, and writes them as
// planes of red, green and blue into dst, 3·n·n numbers: value·gain + bias,
// value in 0..255. It allocates nothing.
func (s *sampler) draw(img *image.RGBA, a affine, n int, gain, bias float32, edge border, dst []float32) error {
	pix, err := s.pixels(img, a, n, edge)
	if err != nil {
		return err
	}
	planes(pix, n*n, gain, bias, dst)
	return nil
}

// pixels samples the n x n pixels that a maps into img, R G B A. They are
// overwritten by the next call.
func (s *sampler) pixels(img *image.RGBA, a affine, n int, edge border) ([]byte, error) {
	for i, v := range [6]float64{a.xu, a.xv, a.x0, a.yu, a.yv, a.y0} {
		s.matrix.SetDoubleAt(i/3, i%3, v)
	}
	// The Mat borrows the frame's pixels for the length of this call.
	s.pin.Pin(&img.Pix[0])
	defer s.pin.Unpin()
	src, err := gocv.NewMatFromBytes(img.Rect.Dy(), img.Rect.Dx(), gocv.MatTypeCV8UC4, img.Pix)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	mode := gocv.BorderReplicate
	if edge == black {
		mode = gocv.BorderConstant
	}
	gocv.WarpAffineWithParams(src, &s.cut, s.matrix, image.Pt(n, n), gocv.InterpolationLinear|inverseMap, mode, color.RGBA{})
	return s.cut.DataPtrUint8()
}

// planes writes n pixels as three planes of numbers.
func planes(pix []byte, n int, gain, bias float32, dst []float32) {
	var number [256]float32
	for i := range number {
		number[i] = float32(i)*gain + bias
	}
	r, g, b := dst[:n], dst[n:2*n], dst[2*n:3*n]
	pix = pix[:4*n]
	for i := range r {
		p := binary.LittleEndian.Uint32(pix[4*i:])
		r[i], g[i], b[i] = number[p&0xff], number[p>>8&0xff], number[p>>16&0xff]
	}
}

// halfGrey writes the brightness of n x n pixels at half their size, 0..1.
func halfGrey(pix []byte, n int, dst []float32) {
	const even = 0x00ff00ff00ff00ff
	for y := range n / 2 {
		up, low := pix[8*y*n:8*y*n+4*n], pix[8*y*n+4*n:8*y*n+8*n]
		row := dst[y*n/2 : (y+1)*n/2]
		for x := range row {
			// Two pixels of two rows; lanes of 16 bits add them up.
			a, b := binary.LittleEndian.Uint64(up[8*x:]), binary.LittleEndian.Uint64(low[8*x:])
			rb := a&even + b&even
			ga := a>>8&even + b>>8&even
			rb += rb >> 32
			ga += ga >> 32
			row[x] = float32(rb&0xffff+rb>>16&0xffff+2*(ga&0xffff)) * (1.0 / (16 * 255))
		}
	}
}
