package camera

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"math"
	"path/filepath"
	"time"

	"gocv.io/x/gocv"
)

// Clip is what a video file says about itself.
type Clip struct {
	Size image.Point
	// FPS is the file's own rate, 30 where it names none.
	FPS float64
	// Frames is how many it announces, 0 where unknown.
	Frames int
}

// File is a video file as a source.
type File struct {
	*capture
	name   string
	clip   Clip
	atMs   float64
	period time.Duration
}

// OpenFile opens the video at path. Lossless (paced false): Next decodes the
// next frame when it is asked for. Paced: Next waits until the frame is due,
// as a camera would. A clip that ends before the frames it announces answers
// an EndsEarly, which is an io.EOF to errors.Is.
func OpenFile(path string, paced bool) (Source, error) {
	return openFile(Spec{Kind: KindFile, Path: path, Paced: paced})
}

func openFile(spec Spec) (Source, error) {
	f, err := OpenClip(spec.Path, spec.Rotation)
	if err != nil {
		return nil, err
	}
	var src Source = f
	if spec.Loop {
		src = &loop{reopen: func() (Source, error) { return OpenClip(spec.Path, spec.Rotation) }, src: f, period: f.period}
	}
	if spec.Paced {
		src = newPaced(src)
	}
	return src, nil
}

// OpenClip opens the video at path, lossless, and knows its rate and length.
func OpenClip(path string, rotation int) (*File, error) {
	name := filepath.Base(path)
	if err := checkFile(path); err != nil {
		return nil, fmt.Errorf("camera: open %s: %w", name, err)
	}
	// An absolute path cannot be taken for an address of FFmpeg's.
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("camera: open %s: %w", name, err)
	}
	video := openCapture(abs, gocv.VideoCaptureFFmpeg)
	if video == nil {
		return nil, noVideo(name)
	}
	c := newCapture(video, rotation)
	size := c.size()
	if size == (image.Point{}) { // FFmpeg takes a text called .jpg for a picture of no size
		c.Close()
		return nil, noVideo(name)
	}
	if size.X < MinSide || size.Y < MinSide || size.X*size.Y > maxVideoPixels {
		c.Close()
		return nil, fmt.Errorf("camera: open %s: frames of %d×%d pixels are outside what is read (%d to 8K)", name, size.X, size.Y, MinSide)
	}
	if rotation == 90 || rotation == 270 {
		size.X, size.Y = size.Y, size.X
	}
	period := periodOf(video.Get(gocv.VideoCaptureFPS))
	return &File{capture: c, name: name, period: period, clip: Clip{
		Size: size, FPS: float64(time.Second) / float64(period),
		Frames: frameCount(video.Get(gocv.VideoCaptureFrameCount)),
	}}, nil
}

func noVideo(name string) error {
	return fmt.Errorf("camera: open %s: it cannot be read as a video (damaged, cut off, or no video); copy it again or convert it to MP4", name)
}

func frameCount(n float64) int {
	if !(n > 0 && n < math.MaxInt32) {
		return 0
	}
	return int(n)
}

// Clip describes the file.
func (f *File) Clip() Clip { return f.clip }

// Next decodes one frame.
func (f *File) Next(ctx context.Context) (*Frame, error) {
	seq := f.seq
	frame, err := f.read(ctx)
	if errors.Is(err, errNoFrame) {
		return nil, f.end(int(seq))
	}
	if err != nil {
		return nil, err
	}
	frame.Offset = f.offset(seq)
	return frame, nil
}

// offset is the time of the frame just read: the file's own where that runs
// forward, else by the rate.
func (f *File) offset(seq uint64) time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return 0
	}
	ms := f.video.Get(gocv.VideoCapturePosMsec)
	if seq > 0 && !(ms > f.atMs && ms < math.MaxInt32) {
		ms = f.atMs + float64(f.period)/float64(time.Millisecond)
	}
	f.atMs = ms
	return time.Duration(ms * float64(time.Millisecond))
}

// end is io.EOF, or EndsEarly where clearly more was announced, in frames and
// in time: some containers know only their length, from which OpenCV guesses a
// count, which is wrong for clips of a varying rate.
func (f *File) end(read int) error {
	if read == 0 {
		return fmt.Errorf("camera: read %s: no frame of it can be decoded; copy it again or convert it to MP4", f.name)
	}
	seconds := float64(f.clip.Frames) / f.clip.FPS
	missing := seconds - f.atMs/1000
	if f.clip.Frames > read+2+read/50 && missing > max(0.5, seconds/50) {
		return &EndsEarly{Name: f.name, Read: read, Announced: f.clip.Frames}
	}
	return io.EOF
}

// EndsEarly is the end of a clip that announced more frames than it holds.
// All that could be decoded was delivered. It is an io.EOF to errors.Is.
type EndsEarly struct {
	Name            string
	Read, Announced int
}

func (e *EndsEarly) Error() string {
	return fmt.Sprintf("camera: %s ends early: %d of its %d frames could be read; copy it again if the rest matters", e.Name, e.Read, e.Announced)
}

// Is makes it the end of the clip.
func (e *EndsEarly) Is(target error) bool { return target == io.EOF }
