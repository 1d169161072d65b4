package camera

import (
	"context"
	"fmt"
	"image"
	"io"
	"sync"
	"time"
)

// OpenStill reads the picture at path as a source of one frame: the second
// Next answers io.EOF. Transparency is put on white.
func OpenStill(path string) (Source, error) {
	return openStill(Spec{Kind: KindStill, Path: path})
}

func openStill(spec Spec) (Source, error) {
	img, err := ReadImage(spec.Path)
	if err != nil {
		return nil, err
	}
	flatten(img)
	img = turn(img, quarterTurns(spec.Rotation))
	s := &still{img: img, noise: newNoise(spec.Noise)}
	if !spec.Paced {
		return s, nil
	}
	s.repeat = true
	s.period = periodOf(spec.FPS)
	return newPaced(s), nil
}

// still answers the same picture: once, or again and again as a camera would.
type still struct {
	img    *image.RGBA
	noise  *noise
	repeat bool
	period time.Duration

	mu     sync.Mutex
	seq    uint64
	closed bool
	pool   framePool
}

func (s *still) Next(ctx context.Context) (*Frame, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if s.closed || (!s.repeat && s.seq > 0) {
		return nil, io.EOF
	}
	f := s.pool.get(s.img.Rect.Dx(), s.img.Rect.Dy())
	copy(f.Image.Pix, s.img.Pix)
	s.noise.add(f.Image, s.seq)
	f.Seq, f.Offset, f.Captured = s.seq, time.Duration(s.seq)*s.period, time.Now()
	s.seq++
	return f, nil
}

func (s *still) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return nil
}

// quarterTurns is the Exif orientation that turns clockwise by degrees.
func quarterTurns(degrees int) int {
	switch degrees {
	case 90:
		return 6
	case 180:
		return 3
	case 270:
		return 8
	}
	return 1
}

func checkRotation(degrees int) error {
	switch degrees {
	case 0, 90, 180, 270:
		return nil
	}
	return fmt.Errorf("camera: a picture turns by 0, 90, 180 or 270 degrees, not by %d", degrees)
}
