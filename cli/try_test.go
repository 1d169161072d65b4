package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/color"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cheval/camera"
	"cheval/models"
	"cheval/models/modelstest"
	"cheval/tryon"
)

// cheval runs a command line as a shell would and returns its exit code and
// what it wrote.
func cheval(ctx context.Context, args ...string) (code int, stdout, stderr string) {
	var out, warn bytes.Buffer
	root := New(Program{Version: "test"})
	root.SetOut(&out)
	code = run(ctx, root, args, &warn)
	return code, out.String(), warn.String()
}

func decode(t *testing.T, line string) (r tried) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		t.Fatalf("%v in %s", err, line)
	}
	return r
}

// differing bounds the pixels that two pictures do not share.
func differing(a, b *image.RGBA, tolerance int) image.Rectangle {
	var r image.Rectangle
	for y := range a.Rect.Dy() {
		for x := range a.Rect.Dx() {
			if !near(a.RGBAAt(x, y), b.RGBAAt(x, y), tolerance) {
				r = r.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return r
}

func near(a, b color.RGBA, tolerance int) bool {
	d := func(x, y uint8) bool { return max(int(x)-int(y), int(y)-int(x)) <= tolerance }
	return d(a.R, b.R) && d(a.G, b.G) && d(a.B, b.B)
}

func picture(t *testing.T, path string) *image.RGBA {
	t.Helper()
	m, err := camera.ReadImage(path)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestTryDressesAPhoto(t *testing.T) {
	in, out := modelstest.Path(t, "demo_portrait"), filepath.Join(t.TempDir(), "out.png")
	code, stdout, stderr := cheval(t.Context(), "try", "--photo", in, "--product", "lune", "--out", out, "--device", "cpu", "--json")
	if code != 0 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	r := decode(t, stdout)
	if r.Product != "lune" || r.Frames != 1 || r.Faces != 1 || r.Dropped != 0 || !(r.Latency.P50 > 0 && r.Latency.P95 >= r.Latency.P50) ||
		r.Runs.Asked != models.CPU || r.Runs.Ran != models.CPU || r.Out != out {
		t.Errorf("reports %s", stdout)
	}
	before, after := picture(t, in), picture(t, out)
	if before.Rect != after.Rect {
		t.Fatalf("%v became %v", before.Rect, after.Rect)
	}
	// In the portrait the eyes stand at about (204,101) and (247,104).
	worn := differing(before, after, 4)
	if !image.Rect(195, 95, 255, 110).In(worn) || !worn.In(image.Rect(140, 60, 310, 190)) {
		t.Errorf("the picture changed within %v, which is not about the eyes", worn)
	}
}

func TestTryTakesAProductFileAndAVariant(t *testing.T) {
	file := filepath.Join("..", "assets", "catalogue", "01-aria.json")
	dir := t.TempDir()
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--product", file}, "aria"},
		{[]string{"--product", "aria", "--colour", "black"}, "black"},
	} {
		out := filepath.Join(dir, "out.jpg")
		args := append([]string{"try", "--photo", modelstest.Path(t, "demo_portrait"), "--out", out, "--device", "cpu"}, c.args...)
		code, stdout, stderr := cheval(t.Context(), args...)
		if code != 0 || !strings.Contains(strings.ToLower(stdout), c.want) {
			t.Errorf("%v: exit %d, %s%s", c.args, code, stdout, stderr)
		}
	}
}

// wall is a picture without anybody.
func wall() *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, 320, 240))
	for i := 0; i < len(m.Pix); i += 4 {
		copy(m.Pix[i:], []byte{byte(90 + i/4%320/8), 120, 110, 255})
	}
	return m
}

func TestTryOnAPhotoWithoutAFaceWritesNothing(t *testing.T) {
	dir := t.TempDir()
	in, out := filepath.Join(dir, "wall.png"), filepath.Join(dir, "out.png")
	if err := camera.SavePicture(in, wall()); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := cheval(t.Context(), "try", "--photo", in, "--product", "lune", "--out", out, "--device", "cpu")
	if code != 1 || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, "no face was found in wall.png") {
		t.Errorf("exit %d, %q, %q", code, stdout, stderr)
	}
	wantOnly(t, dir, "wall.png")
}

// record writes a clip of these pictures at 10 frames a second.
func record(t *testing.T, path string, pictures ...*image.RGBA) {
	t.Helper()
	r, err := camera.Record(path, pictures[0].Rect.Size(), 10)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Abort()
	for _, m := range pictures {
		if err := r.Write(m); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Commit(); err != nil {
		t.Fatal(err)
	}
}

func TestTryDressesEveryFrameOfAVideo(t *testing.T) {
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.mp4"), filepath.Join(dir, "out.mp4")
	person := picture(t, modelstest.Path(t, "demo_portrait"))
	nobody := image.NewRGBA(person.Rect)
	record(t, in, slices.Concat(slices.Repeat([]*image.RGBA{person}, 6), slices.Repeat([]*image.RGBA{nobody}, 2))...)
	code, stdout, stderr := cheval(t.Context(), "try", "--video", in, "--product", "corso", "--out", out, "--device", "cpu", "--json")
	if code != 0 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	if r := decode(t, stdout); r.Frames != 8 || r.Faces != 1 || r.Dropped != 0 || !(r.FPS > 0) {
		t.Errorf("reports %s", stdout)
	}
	a, b := openClip(t, in), openClip(t, out)
	if a.Clip() != b.Clip() {
		t.Fatalf("%+v became %+v", a.Clip(), b.Clip())
	}
	for i := range 8 {
		x, y := next(t, a), next(t, b)
		if worn := differing(x.Image, y.Image, 40); (i < 6) != image.Rect(200, 100, 250, 106).In(worn) {
			t.Errorf("frame %d changed within %v", i, worn)
		}
		x.Release()
		y.Release()
	}
}

func openClip(t *testing.T, path string) *camera.File {
	t.Helper()
	f, err := camera.OpenClip(path, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func next(t *testing.T, src camera.Source) *camera.Frame {
	t.Helper()
	f, err := src.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestTryOnAVideoWithoutAFaceGoesOn(t *testing.T) {
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.mp4"), filepath.Join(dir, "out.mp4")
	record(t, in, slices.Repeat([]*image.RGBA{wall()}, 4)...)
	code, stdout, stderr := cheval(t.Context(), "try", "--video", in, "--product", "corso", "--out", out, "--device", "cpu", "--json")
	if r := decode(t, stdout); code != 0 || r.Frames != 4 || r.Faces != 0 || !strings.Contains(stderr, "no face was found in any frame") {
		t.Errorf("exit %d, %s%s", code, stdout, stderr)
	}
	if n := openClip(t, out).Clip().Frames; n != 4 {
		t.Errorf("%d frames were written", n)
	}
}

// The interrupt comes while the clip is being written.
func TestInterruptedTryLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	f := tryFlags{video: filepath.Join(dir, "in.mp4"), product: "corso", out: filepath.Join(dir, "out.mp4")}
	record(t, f.video, slices.Repeat([]*image.RGBA{wall()}, 10)...)
	worn, err := findWorn(newTryCmd(), f)
	if err != nil {
		t.Fatal(err)
	}
	engine, err := startEngine(newTryCmd(), tryFlags{})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	ctx, cancel := context.WithCancel(t.Context())
	trial := &trial{engine: engine, looks: []tryon.Worn{worn}, warn: io.Discard, people: map[int]bool{}}
	if err := trial.open(f); err != nil {
		t.Fatal(err)
	}
	defer trial.src.Close()
	trial.src = &interrupted{Source: trial.src, after: 3, cancel: cancel}
	if err := trial.run(ctx, f); err == nil || err.Error() != "try: interrupted after 3 frames; out.mp4 was not written" {
		t.Errorf("says %v", err)
	}
	wantOnly(t, dir, "in.mp4")
}

// interrupted is a source during which Ctrl-C is pressed.
type interrupted struct {
	camera.Source
	after  int
	cancel func()
}

func (i *interrupted) Next(ctx context.Context) (*camera.Frame, error) {
	if i.after == 0 {
		i.cancel()
	}
	i.after--
	return i.Source.Next(ctx)
}

func wantOnly(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if !slices.Equal(got, names) {
		t.Errorf("the folder holds %v, want %v", got, names)
	}
}

func TestTryRefusesInOneSentence(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "letter.json")
	if err := os.WriteFile(text, []byte("Dear customer"), 0o600); err != nil {
		t.Fatal(err)
	}
	photo := filepath.Join(dir, "wall.png")
	if err := camera.SavePicture(photo, wall()); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "out.png")
	for _, c := range []struct {
		code int
		want string
		args []string
	}{
		{2, "one of --photo and --video", []string{"--product", "lune", "--out", out}},
		{2, "one of --photo and --video", []string{"--photo", photo, "--video", photo, "--product", "lune", "--out", out}},
		{2, "--product", []string{"--photo", photo, "--out", out}},
		{2, "--out", []string{"--photo", photo, "--product", "lune"}},
		{2, "must end in .png", []string{"--photo", photo, "--product", "lune", "--out", "out.mp4"}},
		{2, "must end in .mp4", []string{"--video", photo, "--product", "lune", "--out", out}},
		{2, "write over the input", []string{"--photo", photo, "--product", "lune", "--out", photo}},
		{2, "--refine is on or off", []string{"--photo", photo, "--product", "lune", "--out", out, "--refine", "maybe"}},
		{2, "device", []string{"--photo", photo, "--product", "lune", "--out", out, "--device", "abacus"}},
		{1, "no product is called \"glass\"; choose one of aria", []string{"--photo", photo, "--product", "glass", "--out", out}},
		{1, "letter.json: catalog: this is not a product", []string{"--photo", photo, "--product", text, "--out", out}},
		{1, "none.json: there is no such product file", []string{"--photo", photo, "--product", "none.json", "--out", out}},
		{1, "has no variant pink; choose one of", []string{"--photo", photo, "--product", "lune", "--colour", "pink", "--out", out}},
		{1, "none.png: there is no such file", []string{"--photo", filepath.Join(dir, "none.png"), "--product", "lune", "--out", out}},
		{1, "cannot be read as a video", []string{"--video", text, "--product", "lune", "--out", filepath.Join(dir, "out.mp4")}},
	} {
		code, stdout, stderr := cheval(t.Context(), append([]string{"try"}, c.args...)...)
		if code != c.code || stdout != "" || !strings.Contains(stderr, c.want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%v: exit %d, %q, %q; want exit %d with %q", c.args, code, stdout, stderr, c.code, c.want)
		}
	}
	wantOnly(t, dir, "letter.json", "wall.png")
}
