package camera

import (
	"context"
	"errors"
	"image"
	"os"
	"sync"
	"time"

	"gocv.io/x/gocv"
)

// capture reads frames through GoCV and hands them out as upright RGBA. Its
// Mats are reused; only the pool's frames leave it.
type capture struct {
	rotation int
	pool     framePool
	seq      uint64

	// mu is held while OpenCV reads, so that Close waits for it.
	mu                sync.Mutex
	video             *gocv.VideoCapture
	raw, turned, rgba gocv.Mat
	closed            bool
}

// maxVideoPixels bounds one frame of a clip or a stream: 8K UHD, with room.
const maxVideoPixels = 40_000_000

func newCapture(video *gocv.VideoCapture, rotation int) *capture {
	return &capture{
		rotation: rotation, video: video,
		raw: gocv.NewMat(), turned: gocv.NewMat(), rgba: gocv.NewMat(),
	}
}

var errNoFrame = errors.New("camera: no frame came")

// read takes one frame; errNoFrame where the backend had none. The frame's
// Offset is the backend's position before it was read.
func (c *capture) read(ctx context.Context) (*Frame, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, errClosed
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !c.video.Read(&c.raw) || c.raw.Empty() {
		return nil, errNoFrame
	}
	captured := time.Now()
	f, err := c.toFrame()
	if err != nil {
		return nil, err
	}
	f.Seq, f.Captured, f.Offset, f.Truth, f.FocalPx = c.seq, captured, 0, nil, 0
	c.seq++
	return f, nil
}

// toFrame turns what was read upright and copies it into a frame of the pool.
func (c *capture) toFrame() (*Frame, error) {
	src := c.raw
	if code, turn := rotateCode(c.rotation); turn {
		gocv.Rotate(c.raw, &c.turned, code)
		src = c.turned
	}
	switch src.Channels() {
	case 3:
		gocv.CvtColor(src, &c.rgba, gocv.ColorBGRToRGBA)
	case 1:
		gocv.CvtColor(src, &c.rgba, gocv.ColorGrayToBGRA)
	default:
		gocv.CvtColor(src, &c.rgba, gocv.ColorBGRAToRGBA)
	}
	pix, err := c.rgba.DataPtrUint8()
	if err != nil {
		return nil, err
	}
	f := c.pool.get(c.rgba.Cols(), c.rgba.Rows())
	copy(f.Image.Pix, pix)
	return f, nil
}

func rotateCode(degrees int) (gocv.RotateFlag, bool) {
	switch degrees {
	case 90:
		return gocv.Rotate90Clockwise, true
	case 180:
		return gocv.Rotate180Clockwise, true
	case 270:
		return gocv.Rotate90CounterClockwise, true
	}
	return 0, false
}

// Close waits for a read in progress and frees the device.
func (c *capture) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil
	}
	c.closed = true
	err := errors.Join(c.video.Close(), c.raw.Close(), c.turned.Close(), c.rgba.Close())
	return err
}

// size of the frames that the backend announces, before rotation.
func (c *capture) size() image.Point {
	return image.Pt(int(c.video.Get(gocv.VideoCaptureFrameWidth)), int(c.video.Get(gocv.VideoCaptureFrameHeight)))
}

// QuietDecoders keeps FFmpeg's and OpenCV's own remarks off stderr: what is
// wrong with a clip is said by this package, in one sentence. The program calls
// it once at its start, before the first source and before other threads run;
// variables that a person has set are left as they are.
func QuietDecoders() {
	for name, value := range map[string]string{
		"OPENCV_FFMPEG_LOGLEVEL": "-8", // AV_LOG_QUIET
		"OPENCV_LOG_LEVEL":       "ERROR",
	} {
		if _, set := os.LookupEnv(name); !set {
			os.Setenv(name, value)
		}
	}
}

// openCapture opens target with one backend; nil where it could not.
func openCapture(target string, api gocv.VideoCaptureAPI) *gocv.VideoCapture {
	video, err := gocv.OpenVideoCaptureWithAPI(target, api)
	if err != nil {
		if video != nil {
			video.Close()
		}
		return nil
	}
	if !video.IsOpened() {
		video.Close()
		return nil
	}
	return video
}
