package camera

import (
	"context"
	"errors"
	"image"
	"image/color"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gocv.io/x/gocv"
)

// clip writes a clip whose n frames of 160×120 grow brighter: frame i has the
// grey 20+4i.
func clip(t testing.TB, name string, n int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	w, err := gocv.VideoWriterFile(path, "mp4v", 25, 160, 120, true)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for i := range n {
		g := float64(20 + 4*i)
		m := gocv.NewMatWithSizeFromScalar(gocv.NewScalar(g, g, g, 0), 120, 160, gocv.MatTypeCV8UC3)
		if err := w.Write(m); err != nil {
			t.Fatal(err)
		}
		m.Close()
	}
	return path
}

// drain reads a source to its end and returns what each frame's middle was.
func drain(t testing.TB, src Source) (greys []int, offsets []time.Duration, end error) {
	t.Helper()
	for i := uint64(0); ; i++ {
		f, err := src.Next(context.Background())
		if err != nil {
			return greys, offsets, err
		}
		if f.Seq != i {
			t.Fatalf("frame %d has Seq %d", i, f.Seq)
		}
		c := f.Image.RGBAAt(f.Image.Rect.Dx()/2, f.Image.Rect.Dy()/2)
		if c.A != 255 {
			t.Fatalf("frame %d is not opaque: %v", i, c)
		}
		greys = append(greys, int(c.G))
		offsets = append(offsets, f.Offset)
		f.Release()
	}
}

func TestClipIsReadWithoutLoss(t *testing.T) {
	src, err := OpenFile(clip(t, "a.mp4", 40), false)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	greys, offsets, end := drain(t, src)
	if end != io.EOF || len(greys) != 40 {
		t.Fatalf("%d frames, then %v", len(greys), end)
	}
	for i, g := range greys {
		if d := g - (20 + 4*i); d < -3 || d > 3 {
			t.Errorf("frame %d has grey %d", i, g)
		}
		if want := time.Duration(i) * 40 * time.Millisecond; (offsets[i] - want).Abs() > 2*time.Millisecond {
			t.Errorf("frame %d stands at %v, not %v", i, offsets[i], want)
		}
	}
}

func TestClipSaysWhatItIs(t *testing.T) {
	f, err := OpenClip(clip(t, "a.mp4", 10), 90)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if c := f.Clip(); c.Size.X != 120 || c.Size.Y != 160 || c.FPS != 25 || c.Frames != 10 {
		t.Errorf("%+v", c)
	}
	frame, err := f.Next(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer frame.Release()
	if frame.Image.Rect.Dx() != 120 || frame.Image.Rect.Dy() != 160 {
		t.Errorf("turned frame is %v", frame.Image.Rect)
	}
}

func TestLoopRunsOn(t *testing.T) {
	src, err := Open(context.Background(), Spec{Kind: KindFile, Path: clip(t, "a.mp4", 5), Loop: true})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	for i := range 12 {
		f, err := src.Next(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if want := time.Duration(i) * 40 * time.Millisecond; f.Seq != uint64(i) || (f.Offset-want).Abs() > 2*time.Millisecond {
			t.Errorf("frame %d: Seq %d at %v", i, f.Seq, f.Offset)
		}
		if g, want := int(f.Image.RGBAAt(80, 60).G), 20+4*(i%5); g < want-3 || g > want+3 {
			t.Errorf("frame %d has grey %d, want %d", i, g, want)
		}
		f.Release()
	}
}

// A copy that broke off: the index stands first, the pictures stop in the
// middle of one.
func TestClipCutOffInAFrameDeliversWhatItHas(t *testing.T) {
	whole := filepath.Join(t.TempDir(), "whole.mp4")
	out, err := exec.Command("ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25:duration=4",
		"-c:v", "libx264", "-preset", "ultrafast", "-movflags", "+faststart", whole).CombinedOutput()
	if err != nil {
		t.Fatalf("ffmpeg (Debian package ffmpeg): %v: %s", err, out)
	}
	data, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(t.TempDir(), "cut.mp4")
	if err := os.WriteFile(cut, data[:len(data)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	src, err := OpenFile(cut, false)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	greys, _, end := drain(t, src)
	var early *EndsEarly
	if !errors.Is(end, io.EOF) || !errors.As(end, &early) {
		t.Fatalf("ends with %v", end)
	}
	if early.Announced != 100 || early.Read != len(greys) || len(greys) < 20 || len(greys) > 80 {
		t.Errorf("%d frames came: %v", len(greys), end)
	}
}

// Matroska knows no count of frames, and a phone's rate varies: the clip is
// whole all the same.
func TestClipOfAVaryingRateIsWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vary.mkv")
	out, err := exec.Command("ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=30:duration=2",
		"-vf", "select=not(mod(n\\,3))", "-vsync", "vfr", "-c:v", "libx264", "-preset", "ultrafast", path).CombinedOutput()
	if err != nil {
		t.Fatalf("ffmpeg (Debian package ffmpeg): %v: %s", err, out)
	}
	src, err := OpenFile(path, false)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	greys, offsets, end := drain(t, src)
	if len(greys) != 20 || end != io.EOF {
		t.Fatalf("%d frames, then %v", len(greys), end)
	}
	if last := offsets[19]; (last - 1900*time.Millisecond).Abs() > 5*time.Millisecond {
		t.Errorf("the last frame stands at %v", last)
	}
}

// A phone held upright stores a turned picture and says so.
func TestTurnedClipStandsUpright(t *testing.T) {
	dir := t.TempDir()
	flat, turned := filepath.Join(dir, "flat.mp4"), filepath.Join(dir, "turned.mp4")
	for _, args := range [][]string{
		{"-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25:duration=0.2", "-c:v", "libx264", flat},
		{"-i", flat, "-c", "copy", "-metadata:s:v:0", "rotate=90", turned},
	} {
		if out, err := exec.Command("ffmpeg", append([]string{"-loglevel", "error"}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("ffmpeg (Debian package ffmpeg): %v: %s", err, out)
		}
	}
	f, err := OpenClip(turned, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	frame, err := f.Next(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer frame.Release()
	if f.Clip().Size != image.Pt(240, 320) || frame.Image.Rect.Max != f.Clip().Size {
		t.Errorf("the clip is %v, its frame %v", f.Clip().Size, frame.Image.Rect.Max)
	}
}

func TestBadClipsGetOneSentence(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	noIndex, err := os.ReadFile(clip(t, "a.mp4", 20))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		write("empty.mp4", nil):                                         "empty.mp4: the file is empty",
		write("text.jpg", []byte("Dear customer")):                      "text.jpg: it cannot be read as a video",
		write("text.mp4", []byte("Dear customer")):                      "text.mp4: it cannot be read as a video",
		write("list.mp4", []byte("ffconcat version 1.0\nfile a.mp4\n")): "list.mp4: ",
		write("noindex.mp4", noIndex[:len(noIndex)/2]):                  "noindex.mp4: it cannot be read as a video",
		filepath.Join(dir, "none.mp4"):                                  "none.mp4: there is no such file",
		dir:                                                             "it is a folder",
	} {
		src, err := OpenFile(path, false)
		if err == nil {
			src.Close()
			t.Errorf("%s opened", path)
			continue
		}
		if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("says %q, want %q", err, want)
		}
	}
}

// The number of a device is no file name, and a file may be called "0".
func TestFileCalledLikeADeviceIsAFile(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("0", []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenFile("0", false); err == nil || !strings.Contains(err.Error(), "cannot be read as a video") {
		t.Errorf("says %v", err)
	}
}

func TestClosedSourcesAnswer(t *testing.T) {
	path := clip(t, "a.mp4", 5)
	for name, spec := range map[string]Spec{
		"lossless": {Kind: KindFile, Path: path},
		"paced":    {Kind: KindFile, Path: path, Paced: true},
		"loop":     {Kind: KindFile, Path: path, Loop: true},
	} {
		src, err := Open(context.Background(), spec)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(src.Close(), src.Close()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := src.Next(context.Background()); !errors.Is(err, errClosed) {
			t.Errorf("%s after Close: %v", name, err)
		}
	}
}

func TestCloseEndsAPacedWait(t *testing.T) {
	src, err := Open(context.Background(), Spec{Kind: KindStill, Path: "testdata/scene.webp", Paced: true, FPS: 0.2})
	if err != nil {
		t.Fatal(err)
	}
	first, err := src.Next(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	first.Release()
	ended := make(chan error)
	go func() { _, err := src.Next(context.Background()); ended <- err }()
	src.Close()
	if err := <-ended; err == nil {
		t.Error("a frame came after Close")
	}
}

func TestStillIsOneFrameOrACamera(t *testing.T) {
	src, err := OpenStill("testdata/scene.webp")
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	greys, _, end := drain(t, src)
	if len(greys) != 1 || end != io.EOF {
		t.Errorf("%d frames, then %v", len(greys), end)
	}
}

func TestTransparencyIsPutOnWhite(t *testing.T) {
	m := scene(64, 48)
	for i := range m.Pix {
		m.Pix[i] = 0
	}
	path := filepath.Join(t.TempDir(), "clear.png")
	if err := os.WriteFile(path, pngBytes(t, m), 0o600); err != nil {
		t.Fatal(err)
	}
	src, err := OpenStill(path)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	f, err := src.Next(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer f.Release()
	if c := f.Image.RGBAAt(5, 5); c != (color.RGBA{255, 255, 255, 255}) {
		t.Errorf("%v", c)
	}
}

func TestRotationTurnsClockwise(t *testing.T) {
	for degrees, want := range map[int]color.RGBA{0: quarter(true, true), 90: quarter(true, false), 180: quarter(false, false), 270: quarter(false, true)} {
		src, err := Open(context.Background(), Spec{Kind: KindStill, Path: "testdata/scene.webp", Rotation: degrees})
		if err != nil {
			t.Fatal(err)
		}
		f, err := src.Next(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Image.RGBAAt(8, 8); !near(got, want, 24) {
			t.Errorf("turned by %d, the first corner is %v, want %v", degrees, got, want)
		}
		f.Release()
		src.Close()
	}
	if _, err := Open(context.Background(), Spec{Kind: KindStill, Path: "x", Rotation: 45}); err == nil {
		t.Error("45 degrees were accepted")
	}
}

func TestNothingIsAllocatedPerFrame(t *testing.T) {
	for name, spec := range map[string]Spec{
		"clip":        {Kind: KindFile, Path: clip(t, "a.mp4", 60)},
		"turned clip": {Kind: KindFile, Path: clip(t, "b.mp4", 60), Rotation: 90},
		"noisy still": {Kind: KindStill, Path: "testdata/scene.webp", Paced: true, FPS: 1000, Noise: 3},
	} {
		src, err := Open(context.Background(), spec)
		if err != nil {
			t.Fatal(err)
		}
		allocs := testing.AllocsPerRun(40, func() {
			f, err := src.Next(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			f.Release()
		})
		src.Close()
		if allocs != 0 {
			t.Errorf("%s: %v allocations a frame", name, allocs)
		}
	}
}

func TestNoiseIsThatOfASensor(t *testing.T) {
	read := func(seq uint64) []byte {
		m := scene(640, 480)
		for i := range m.Pix {
			if i%4 != 3 {
				m.Pix[i] = 128
			}
		}
		newNoise(3).add(m, seq)
		return m.Pix
	}
	a, again, next := read(0), read(0), read(1)
	var sum, squares, product, n float64
	for i := range a {
		if a[i] != again[i] {
			t.Fatal("the same frame differs from run to run")
		}
		if i%4 == 3 {
			continue
		}
		x, y := float64(a[i])-128, float64(next[i])-128
		sum, squares, product, n = sum+x, squares+x*x, product+x*y, n+1
	}
	if mean, variance := sum/n, squares/n; mean < -0.05 || mean > 0.05 || variance < 8.5 || variance > 9.6 {
		t.Errorf("mean %.3f, variance %.2f (9 asked)", mean, variance)
	}
	if c := product / squares; c < -0.02 || c > 0.02 {
		t.Errorf("frames correlate by %.3f", c)
	}
}
