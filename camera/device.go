package camera

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"gocv.io/x/gocv"
)

// device is a camera as a source.
type device struct {
	*capture
	host   Host
	what   Device
	opened time.Time
}

func openDevice(host Host, spec Spec) (Source, error) {
	what, err := host.Find(spec.Name)
	if err != nil {
		return nil, err
	}
	node := filepath.Join(host.Dev, what.Node)
	video := openCapture(node, gocv.VideoCaptureV4L2)
	if video == nil {
		return nil, host.diagnose(what)
	}
	configure(video, spec)
	return &device{capture: newCapture(video, spec.Rotation), host: host, what: what, opened: time.Now()}, nil
}

// configure asks for Motion JPEG first: over USB 2, raw video of 1280×720 comes
// at 10 frames a second. What the device refuses stays as it was.
func configure(video *gocv.VideoCapture, spec Spec) {
	w, h, fps := spec.Width, spec.Height, spec.FPS
	if w <= 0 || h <= 0 {
		w, h = 1280, 720
	}
	if fps <= 0 {
		fps = 30
	}
	video.Set(gocv.VideoCaptureFOURCC, video.ToCodec("MJPG"))
	video.Set(gocv.VideoCaptureFrameWidth, float64(w))
	video.Set(gocv.VideoCaptureFrameHeight, float64(h))
	video.Set(gocv.VideoCaptureFPS, fps)
	video.Set(gocv.VideoCaptureBufferSize, 2)
}

// maxMisses is how many frames in a row a driver may fail to deliver before
// the device is opened anew.
const maxMisses = 5

// Next waits for the driver's next frame.
func (d *device) Next(ctx context.Context) (*Frame, error) {
	for range maxMisses {
		f, err := d.read(ctx)
		if errors.Is(err, errNoFrame) {
			if !d.host.present(d.what) {
				break
			}
			continue
		}
		if err != nil {
			return nil, err
		}
		f.Offset = f.Captured.Sub(d.opened)
		return f, nil
	}
	if !d.host.present(d.what) {
		return nil, &Problem{Unplugged, fmt.Sprintf("%s was unplugged; plug it in again", d.what.Label)}
	}
	return nil, &Problem{Silent, fmt.Sprintf("%s sends no picture; check its shutter, or unplug it and plug it in again", d.what.Label)}
}
