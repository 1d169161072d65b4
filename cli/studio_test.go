package cli

import (
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cheval/models/modelstest"
)

// cutPicture writes a picture that was cut out before, which needs no network.
func cutPicture(t *testing.T, path string, c color.NRGBA) {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, 1000, 900))
	for y := 40; y < 860; y++ {
		for x := 60; x < 940; x++ {
			c.R = uint8(100 + x/8%40)
			m.SetNRGBA(x, y, c)
		}
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, m); err != nil {
		t.Fatal(err)
	}
}

// madeLines reads the studio's JSON, a line a picture.
func madeLines(t *testing.T, stdout string) (lines []madePicture) {
	t.Helper()
	for line := range strings.Lines(stdout) {
		var m madePicture
		d := json.NewDecoder(strings.NewReader(line))
		d.DisallowUnknownFields()
		if err := d.Decode(&m); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		lines = append(lines, m)
	}
	return lines
}

func TestStudioCutsOutAPhoto(t *testing.T) {
	out := filepath.Join(t.TempDir(), "cut.png")
	code, stdout, stderr := cheval(t.Context(), "studio", "cutout", modelstest.Path(t, "demo_portrait"), "--out", out, "--json", "--device", "cpu")
	if code != exitOK {
		t.Fatalf("exit %d, %s", code, stderr)
	}
	m := madeLines(t, stdout)[0]
	if m.Out != out || m.MS <= 0 || len(m.Steps) != 1 || m.Steps[0].Tool != "cutout" || !strings.HasPrefix(m.Steps[0].Model, "isnet ") || m.Runs.Ran != "cpu" {
		t.Errorf("%+v", m)
	}
	f, err := os.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, _, a := img.At(2, 2).RGBA(); a != 0 {
		t.Error("the background is not taken away")
	}
	if _, _, _, a := img.At(230, 300).RGBA(); a != 0xffff {
		t.Error("the person is not whole")
	}
}

func TestStudioPreparesAFolderAndSaysWhatItCouldNot(t *testing.T) {
	in, out := t.TempDir(), filepath.Join(t.TempDir(), "new")
	cutPicture(t, filepath.Join(in, "bag.png"), color.NRGBA{100, 60, 50, 255})
	if err := os.WriteFile(filepath.Join(in, "broken.jpg"), []byte("\xff\xd8\xff and no more"), 0o644); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := cheval(t.Context(), "studio", "prepare", in, "--out", out, "--colour", "navy", "--size", "300", "--json", "--device", "cpu")
	if code != exitFailed || !strings.Contains(stderr, "broken.jpg") || !strings.Contains(stderr, "1 of 2 pictures could not be made") {
		t.Errorf("exit %d, %s", code, stderr)
	}
	lines := madeLines(t, stdout)
	if len(lines) != 1 {
		t.Fatalf("%d lines", len(lines))
	}
	var tools []string
	for _, s := range lines[0].Steps {
		tools = append(tools, s.Tool)
	}
	if !slices.Equal(tools, []string{"own-alpha", "enhance", "recolour", "frame", "shop"}) {
		t.Errorf("steps %v", tools)
	}
	left, err := os.ReadDir(out)
	if err != nil || len(left) != 1 || left[0].Name() != "bag.png" {
		t.Errorf("in the folder: %v, %v", left, err)
	}
}

func TestStudioMakesTrainingPicturesTheSameForASeed(t *testing.T) {
	in := filepath.Join(t.TempDir(), "bag.png")
	cutPicture(t, in, color.NRGBA{100, 60, 50, 255})
	read := func() (all string) {
		out := filepath.Join(t.TempDir(), "set")
		code, _, stderr := cheval(t.Context(), "studio", "prepare", in, "--out", out, "--training", "--variants", "3", "--side", "64", "--seed", "7", "--device", "cpu")
		if code != exitOK {
			t.Fatalf("exit %d, %s", code, stderr)
		}
		for _, name := range []string{"bag-00.png", "bag-01.png", "bag-02.png"} {
			b, err := os.ReadFile(filepath.Join(out, name))
			if err != nil {
				t.Fatal(err)
			}
			all += string(b)
		}
		return all
	}
	if first, second := read(), read(); first != second {
		t.Error("the same seed gives other pictures")
	}
}

func TestStudioDedupeGroupsTheSame(t *testing.T) {
	dir := t.TempDir()
	b, err := os.ReadFile(modelstest.Path(t, "demo_portrait"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a.png", "b.png"} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cutPicture(t, filepath.Join(dir, "c.png"), color.NRGBA{100, 60, 50, 255})
	if err := os.WriteFile(filepath.Join(dir, "d.heic"), []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), 0o644); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := cheval(t.Context(), "studio", "dedupe", dir, "--json")
	if code != exitOK {
		t.Fatalf("exit %d, %s", code, stderr)
	}
	var got deduped
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatal(err)
	}
	if got.Pictures != 3 || len(got.Groups) != 1 || !slices.Equal(got.Groups[0].Files, []string{"a.png", "b.png"}) || got.Groups[0].Bits[1] != 0 {
		t.Errorf("%+v", got)
	}
	if len(got.Problems) != 1 || got.Problems[0].File != "d.heic" || !strings.Contains(got.Problems[0].Why, "not supported; convert it") {
		t.Errorf("%+v", got.Problems)
	}
}

func TestStudioSaysWhatIsWrongWithItsCommandLine(t *testing.T) {
	dir := t.TempDir()
	cutPicture(t, filepath.Join(dir, "a.png"), color.NRGBA{100, 60, 50, 255})
	photo := filepath.Join(dir, "a.png")
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"studio"}, exitUsage, "say what to do"},
		{[]string{"studio", "cutout", photo}, exitUsage, "--out"},
		{[]string{"studio", "cutout", photo + ".gone", "--out", dir}, exitFailed, "no such file"},
		{[]string{"studio", "cutout", t.TempDir(), "--out", dir}, exitFailed, "no pictures"},
		{[]string{"studio", "enhance", photo, "--out", filepath.Join(dir, "b.gif"), "--device", "cpu"}, exitFailed, ".png"},
		{[]string{"studio", "enhance", photo, "--out", "x.png", "--sharpness", "2"}, exitUsage, "0 to 1"},
		{[]string{"studio", "enhance", photo, "--out", "x.png", "--enlarge", "3"}, exitUsage, "1, 2 or 4"},
		{[]string{"studio", "prepare", photo, "--out", "x.png", "--background", "sand"}, exitUsage, "white"},
		{[]string{"studio", "prepare", photo, "--out", "x.png", "--colour", "mauvish"}, exitUsage, "navy"},
		{[]string{"studio", "prepare", photo, "--out", "x", "--training", "--variants", "0"}, exitUsage, "variants"},
		{[]string{"studio", "dedupe", filepath.Join(dir, "none")}, exitFailed, "none"},
	} {
		code, _, stderr := cheval(t.Context(), c.args...)
		if code != c.code || !strings.Contains(stderr, c.says) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%v: exit %d, %q; want %d with %q in one line", c.args, code, stderr, c.code, c.says)
		}
	}
}
