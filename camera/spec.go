package camera

import (
	"context"
	"errors"
	"fmt"
)

// Kind is where frames come from.
type Kind string

const (
	KindDevice Kind = "device" // a camera, by name
	KindFile   Kind = "file"   // a video file
	KindStill  Kind = "still"  // a picture
	KindStream Kind = "stream" // RTSP or HTTP
	KindDemo   Kind = "demo"   // the portrait whose head turns
)

// Spec says which source a person chose, and how it is read.
type Spec struct {
	Kind Kind
	// Name is a device's ID or Name as List gives them; "" takes the first.
	Name string
	// Path is the file of KindFile and KindStill.
	Path string
	// URL is the address of KindStream: rtsp, rtsps, http or https.
	URL string
	// Width, Height and FPS are asked of a device, which answers what it can;
	// 0 leaves the choice to it (1280×720 at 30). FPS also paces a repeated
	// still.
	Width, Height int
	FPS           float64
	// Rotation turns the picture clockwise: 0, 90, 180 or 270 degrees.
	Rotation int
	// Paced delivers a file at its own speed and a still again and again, as a
	// camera would. Without it every frame is delivered as soon as it is asked
	// for: lossless, with back-pressure.
	Paced bool
	// Loop begins a file again at its end.
	Loop bool
	// Noise is the standard deviation of a sensor's noise added to a still or
	// the demo, in levels of 0..255.
	Noise float32
	// Demo makes the demo; needed by KindDemo.
	Demo *DemoOptions
}

var errClosed = errors.New("camera: the source was closed")

// Open opens the source that spec describes. It may block for as long as a
// device or a network takes, so it is not called on the UI's goroutine (see
// Live). ctx bounds what can be interrupted: the name's look-up, the network's
// answer and the building of the demo, not a driver that hangs.
func Open(ctx context.Context, spec Spec) (Source, error) {
	if err := checkRotation(spec.Rotation); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	switch spec.Kind {
	case KindDevice:
		return openDevice(ThisHost(), spec)
	case KindFile:
		return openFile(spec)
	case KindStill:
		return openStill(spec)
	case KindStream:
		return openStream(ctx, spec)
	case KindDemo:
		return openDemo(ctx, spec)
	}
	return nil, fmt.Errorf("camera: there is no kind of source called %q; choose device, file, still, stream or demo", spec.Kind)
}
