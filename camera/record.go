package camera

import (
	"errors"
	"fmt"
	"image"
	"os"
	"path/filepath"

	"gocv.io/x/gocv"
)

// Recorder writes frames as an MP4 clip (H.264 where OpenCV's FFmpeg encodes
// it, else MPEG-4), without sound. The clip appears under its name when it is
// whole: until Commit it is a hidden file beside it.
type Recorder struct {
	path, temp string
	size       image.Point
	frames     int
	writer     *gocv.VideoWriter
	rgba, bgr  gocv.Mat
}

// Record begins a clip of frames of one size at fps. The codecs want even
// sides: a last odd column or row is left out of the clip.
func Record(path string, size image.Point, fps float64) (*Recorder, error) {
	temp, err := tempBeside(path)
	if err != nil {
		return nil, fmt.Errorf("camera: write %s: %w", filepath.Base(path), err)
	}
	writer := openWriter(temp, size, fps)
	if writer == nil {
		os.Remove(temp)
		return nil, fmt.Errorf("camera: write %s: no encoder for MP4 video works on this machine; install Debian's libopencv-dev and libavcodec-extra", filepath.Base(path))
	}
	return &Recorder{path: path, temp: temp, size: size, writer: writer,
		rgba: gocv.NewMatWithSize(size.Y, size.X, gocv.MatTypeCV8UC4), bgr: gocv.NewMat()}, nil
}

func openWriter(path string, size image.Point, fps float64) *gocv.VideoWriter {
	for _, codec := range [...]string{"avc1", "mp4v"} {
		w, err := gocv.VideoWriterFile(path, codec, fps, size.X, size.Y, true)
		if err == nil && w.IsOpened() {
			return w
		}
		if w != nil {
			w.Close()
		}
	}
	return nil
}

// tempBeside makes an empty hidden file in path's folder, from where a rename
// is atomic.
func tempBeside(path string) (string, error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".cheval-*"+filepath.Ext(path))
	if err != nil {
		return "", plainWriteError(err)
	}
	return f.Name(), f.Close()
}

func plainWriteError(err error) error {
	switch {
	case errors.Is(err, os.ErrNotExist):
		return errors.New("there is no such folder; make it first")
	case errors.Is(err, os.ErrPermission):
		return errors.New("this user may not write there; choose another folder")
	}
	return err
}

// Write adds a picture, which must have the clip's size.
func (r *Recorder) Write(img *image.RGBA) error {
	if img.Rect.Size() != r.size {
		return fmt.Errorf("camera: write %s: a frame is %v, the clip %v pixels", filepath.Base(r.path), img.Rect.Size(), r.size)
	}
	pix, err := r.rgba.DataPtrUint8()
	if err != nil {
		return err
	}
	copy(pix, img.Pix)
	gocv.CvtColor(r.rgba, &r.bgr, gocv.ColorRGBAToBGR)
	r.frames++
	return r.writer.Write(r.bgr)
}

// Commit ends the clip, makes sure that it can be read in full and gives it
// its name. The encoder does not tell of a full disk: reading does.
func (r *Recorder) Commit() error {
	if err := r.close(); err != nil {
		return err
	}
	err := r.verify()
	if err == nil {
		err = os.Chmod(r.temp, 0o644)
	}
	if err == nil {
		err = os.Rename(r.temp, r.path)
	}
	if err != nil {
		os.Remove(r.temp)
		return fmt.Errorf("camera: write %s: %w", filepath.Base(r.path), err)
	}
	return nil
}

func (r *Recorder) verify() error {
	clip, err := OpenClip(r.temp, 0)
	if err != nil {
		return errors.New("the clip could not be written in full; is the disk full?")
	}
	defer clip.Close()
	if n := clip.Clip().Frames; n != r.frames {
		return fmt.Errorf("only %d of %d frames could be written; is the disk full?", n, r.frames)
	}
	return nil
}

// Abort gives the clip up and leaves nothing. After Commit it does nothing.
func (r *Recorder) Abort() {
	if r.writer != nil {
		r.close()
		os.Remove(r.temp)
	}
}

func (r *Recorder) close() error {
	if r.writer == nil {
		return errClosed
	}
	err := errors.Join(r.writer.Close(), r.rgba.Close(), r.bgr.Close())
	r.writer = nil
	return err
}

// SavePicture writes img as a PNG or, with quality 95, a JPEG, by path's
// ending. The file appears when it is whole.
func SavePicture(path string, img image.Image) error {
	if err := savePicture(path, img); err != nil {
		return fmt.Errorf("camera: write %s: %w", filepath.Base(path), err)
	}
	return nil
}

func savePicture(path string, img image.Image) (err error) {
	encode, err := pictureEncoder(path)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".cheval-*"+filepath.Ext(path))
	if err != nil {
		return plainWriteError(err)
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	if err := errors.Join(encode(f, img), f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
