package camera

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"

	"gocv.io/x/gocv"
)

// connectTimeout bounds the first answer of a stream's host. FFmpeg's own
// limit, for each read after that, is 30 seconds.
const connectTimeout = 5 * time.Second

// stream is a network camera as a source.
type stream struct {
	*capture
	host   string
	opened time.Time
}

// openStream opens an RTSP or HTTP stream (H.264, HEVC, Motion JPEG and what
// else FFmpeg reads).
func openStream(ctx context.Context, spec Spec) (Source, error) {
	u, err := parseStream(spec.URL)
	if err != nil {
		return nil, err
	}
	if err := reach(ctx, u); err != nil {
		return nil, err
	}
	video := openCapture(u.String(), gocv.VideoCaptureFFmpeg)
	if video == nil {
		return nil, &Problem{Failed, fmt.Sprintf("%s answers, but sends no video at this address; check the path, the user and the password", u.Host)}
	}
	c := newCapture(video, spec.Rotation)
	if size := c.size(); size.X*size.Y > maxVideoPixels {
		c.Close()
		return nil, &Problem{Failed, fmt.Sprintf("%s sends frames of %d×%d pixels, more than 8K; choose a smaller stream of it", u.Host, size.X, size.Y)}
	}
	s := &stream{capture: c, host: u.Host, opened: time.Now()}
	if frameCount(video.Get(gocv.VideoCaptureFrameCount)) > 0 { // a clip on a server
		return newPaced(&File{capture: c, name: u.Host, period: periodOf(video.Get(gocv.VideoCaptureFPS))}), nil
	}
	return s, nil
}

// parseStream accepts what a network camera speaks. Errors never repeat a
// password.
func parseStream(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" {
		return nil, &Problem{Failed, "the stream's address is not one; it looks like rtsp://192.168.1.20/stream"}
	}
	switch u.Scheme {
	case "rtsp", "rtsps", "http", "https":
		return u, nil
	}
	return nil, &Problem{Failed, fmt.Sprintf("streams of kind %q are not read; use rtsp, rtsps, http or https", u.Scheme)}
}

// reach connects and hangs up, to fail fast and plainly where nobody listens.
func reach(ctx context.Context, u *url.URL) error {
	port := u.Port()
	if port == "" {
		port = map[string]string{"rtsp": "554", "rtsps": "322", "http": "80", "https": "443"}[u.Scheme]
	}
	dialer := net.Dialer{Timeout: connectTimeout}
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return &Problem{Unplugged, fmt.Sprintf("%s does not answer on port %s; check that it is on and in this network", u.Hostname(), port)}
	}
	return conn.Close()
}

// Next waits for the stream's next frame.
func (s *stream) Next(ctx context.Context) (*Frame, error) {
	f, err := s.read(ctx)
	if errors.Is(err, errNoFrame) {
		return nil, &Problem{Unplugged, fmt.Sprintf("the stream from %s has stopped; check that it is on and in this network", s.host)}
	}
	if err != nil {
		return nil, err
	}
	f.Offset = f.Captured.Sub(s.opened)
	return f, nil
}
