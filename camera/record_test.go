package camera

import (
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRecordedClipIsReadBack(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out.mp4")
	r, err := Record(path, image.Pt(160, 120), 25)
	if err != nil {
		t.Fatal(err)
	}
	m := scene(160, 120)
	for range 12 {
		if err := r.Write(m); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("the clip has its name before it is whole")
	}
	if err := r.Commit(); err != nil {
		t.Fatal(err)
	}
	r.Abort()
	f, err := OpenClip(path, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if c := f.Clip(); c.Frames != 12 || c.FPS != 25 || c.Size != image.Pt(160, 120) {
		t.Errorf("%+v", c)
	}
	frame, err := f.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer frame.Release()
	checkScene(t, frame.Image, 12)
	wantFiles(t, dir, "out.mp4")
}

func TestAbortedClipLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	r, err := Record(filepath.Join(dir, "out.mp4"), image.Pt(160, 120), 25)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Write(scene(160, 120)); err != nil {
		t.Fatal(err)
	}
	if err := r.Write(scene(64, 48)); err == nil {
		t.Error("a frame of another size was taken")
	}
	r.Abort()
	r.Abort()
	wantFiles(t, dir)
}

// What an encoder loses when a disk is full: the file is shorter than it was.
func TestClipThatIsNotWholeIsNotKept(t *testing.T) {
	dir := t.TempDir()
	r, err := Record(filepath.Join(dir, "out.mp4"), image.Pt(160, 120), 25)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		if err := r.Write(scene(160, 120)); err != nil {
			t.Fatal(err)
		}
	}
	r.frames++
	if err := r.Commit(); err == nil || !strings.Contains(err.Error(), "only 5 of 6 frames") {
		t.Errorf("says %v", err)
	}
	wantFiles(t, dir)
}

func TestPicturesAreWrittenWholeOrNotAtAll(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.png", "a.JPG", "a.jpeg"} {
		path := filepath.Join(dir, name)
		if err := SavePicture(path, scene(64, 48)); err != nil {
			t.Fatal(err)
		}
		m, err := ReadImage(path)
		if err != nil {
			t.Fatal(err)
		}
		checkScene(t, m, 16)
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "a.gif"):       "written as .png",
		filepath.Join(dir, "no", "a.png"): "no such folder",
	} {
		if err := SavePicture(path, scene(64, 48)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("says %v, want %q", err, want)
		}
	}
	wantFiles(t, dir, "a.JPG", "a.jpeg", "a.png")
}

func wantFiles(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if strings.Join(got, " ") != strings.Join(names, " ") {
		t.Errorf("the folder holds %v, want %v", got, names)
	}
}
