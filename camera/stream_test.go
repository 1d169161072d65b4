package camera

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// motionJPEG serves n frames as a network camera does, frame i with the grey
// 20+8i, then hangs up.
func motionJPEG(t *testing.T, n int) *httptest.Server {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/stream" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "multipart/x-mixed-replace; boundary=frame")
		m := scene(320, 240)
		for i := range n {
			for k := range m.Pix {
				if k%4 != 3 {
					m.Pix[k] = byte(20 + 8*i)
				}
			}
			data := jpegBytes(t, m)
			fmt.Fprintf(w, "--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%s\r\n", len(data), data)
		}
		fmt.Fprint(w, "--frame--\r\n")
	}))
	t.Cleanup(server.Close)
	return server
}

func TestHTTPStreamIsReadAndItsEndSaid(t *testing.T) {
	server := motionJPEG(t, 24)
	src, err := Open(t.Context(), Spec{Kind: KindStream, URL: server.URL + "/stream"})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	greys, _, end := drain(t, src)
	if len(greys) < 20 {
		t.Errorf("%d of 24 frames came", len(greys))
	}
	for i, g := range greys[:min(20, len(greys))] {
		if g < 17+8*i || g > 23+8*i {
			t.Errorf("frame %d has grey %d", i, g)
		}
	}
	var p *Problem
	if !errors.As(end, &p) || p.State != Unplugged || !strings.Contains(p.Text, "has stopped") {
		t.Errorf("ends with %v", end)
	}
}

func TestBadStreamsGetOneSentence(t *testing.T) {
	server := motionJPEG(t, 1)
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	silent := nobody.Addr().String()
	nobody.Close()
	for address, c := range map[string]struct {
		state State
		want  string
	}{
		"":                                    {Failed, "not one"},
		"camera":                              {Failed, "not one"},
		"rtsp://":                             {Failed, "not one"},
		"file:///etc/passwd":                  {Failed, "not one"},
		"ftp://127.0.0.1/x":                   {Failed, "\"ftp\" are not read"},
		"concat://a/b":                        {Failed, "not read"},
		"rtsp://" + silent + "/x":             {Unplugged, "does not answer"},
		server.URL + "/elsewhere":             {Failed, "sends no video"},
		"http://u:secret@" + silent + "/path": {Unplugged, "does not answer"},
	} {
		src, err := Open(t.Context(), Spec{Kind: KindStream, URL: address})
		if err == nil {
			src.Close()
			t.Errorf("%s opened", address)
			continue
		}
		var p *Problem
		if !errors.As(err, &p) || p.State != c.state || !strings.Contains(p.Text, c.want) || strings.Contains(p.Text, "secret") {
			t.Errorf("%q: says %v", address, err)
		}
	}
}

func TestConnectingEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Open(ctx, Spec{Kind: KindStream, URL: "rtsp://192.0.2.1/x"}); !errors.Is(err, context.Canceled) {
		t.Errorf("says %v", err)
	}
}
